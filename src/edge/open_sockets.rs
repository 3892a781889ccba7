//! How many sockets a client address has open, and everybody together.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::ClientAddress;

/// Counts open sockets. Cheap to clone.
#[derive(Clone, Debug)]
pub struct OpenSockets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Of one address; 0 = no limit, then nothing is counted.
    limit: usize,
    open: Mutex<HashMap<ClientAddress, usize>>,
    /// Of all addresses.
    limit_of_all: usize,
    open_of_all: AtomicUsize,
}

/// One open socket: it counts until this is dropped.
#[derive(Debug)]
pub struct OpenSocket {
    sockets: OpenSockets,
    /// Where addresses are counted.
    address: Option<ClientAddress>,
}

/// Who has too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooManySockets {
    OfAddress,
    OfServer,
}

impl OpenSockets {
    pub fn new(limit: usize, limit_of_all: usize) -> Self {
        let (open, open_of_all) = (Mutex::default(), AtomicUsize::default());
        Self(Arc::new(Inner { limit, open, limit_of_all, open_of_all }))
    }

    /// One more socket, if there is room for it.
    pub fn open(&self, address: ClientAddress) -> Result<OpenSocket, TooManySockets> {
        let inner = &self.0;
        if inner.open_of_all.fetch_add(1, Ordering::Relaxed) >= inner.limit_of_all {
            inner.open_of_all.fetch_sub(1, Ordering::Relaxed);
            return Err(TooManySockets::OfServer);
        }
        // From here on whatever is dropped gives its place back.
        let mut socket = OpenSocket { sockets: self.clone(), address: None };
        if inner.limit > 0 {
            let mut counts = self.counts();
            let count = counts.entry(address).or_insert(0);
            if *count >= inner.limit {
                return Err(TooManySockets::OfAddress);
            }
            *count += 1;
            drop(counts);
            socket.address = Some(address);
        }
        Ok(socket)
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<ClientAddress, usize>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.sockets.0.open_of_all.fetch_sub(1, Ordering::Relaxed);
        let Some(address) = &self.address else { return };
        let mut counts = self.sockets.counts();
        if let Some(count) = counts.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(last: u8) -> ClientAddress {
        ClientAddress::from(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let sockets = OpenSockets::new(2, usize::MAX);

        let first = sockets.open(address(1)).expect("room");
        let _second = sockets.open(address(1)).expect("room");
        assert_eq!(sockets.open(address(1)).unwrap_err(), TooManySockets::OfAddress);
        let other = sockets.open(address(2)).expect("room of its own");
        drop(first);
        let _third = sockets.open(address(1)).expect("room again");
        assert_eq!(sockets.open(address(1)).unwrap_err(), TooManySockets::OfAddress);

        drop(other);
        assert_eq!(sockets.counts().len(), 1);
    }

    #[test]
    fn zero_is_no_limit_of_an_address() {
        let sockets = OpenSockets::new(0, 1000);

        let open: Vec<_> = (0..1000).map(|_| sockets.open(address(1))).collect();

        assert!(open.iter().all(Result::is_ok));
        assert!(sockets.counts().is_empty());
    }

    #[test]
    fn all_addresses_together_have_so_many_places_and_get_them_back() {
        let sockets = OpenSockets::new(1, 2);

        let first = sockets.open(address(1)).expect("room");
        // What is refused for another reason takes no place.
        assert_eq!(sockets.open(address(1)).unwrap_err(), TooManySockets::OfAddress);
        let _second = sockets.open(address(2)).expect("room");
        assert_eq!(sockets.open(address(3)).unwrap_err(), TooManySockets::OfServer);
        drop(first);

        sockets.open(address(3)).expect("room again");
    }
}
