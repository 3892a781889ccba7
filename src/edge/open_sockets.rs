//! How many sockets a client address has open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::ClientAddress;

/// Counts open sockets by address. Cheap to clone.
#[derive(Clone, Debug)]
pub struct OpenSockets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// 0 = no limit; then nothing is counted.
    limit: usize,
    open: Mutex<HashMap<ClientAddress, usize>>,
}

/// One open socket: it counts until this is dropped.
#[derive(Debug)]
pub struct OpenSocket(Option<(OpenSockets, ClientAddress)>);

impl OpenSockets {
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Inner { limit, open: Mutex::default() }))
    }

    /// One more socket, unless the address has too many.
    pub fn open(&self, address: ClientAddress) -> Option<OpenSocket> {
        if self.0.limit == 0 {
            return Some(OpenSocket(None));
        }
        let mut counts = self.counts();
        let count = counts.entry(address).or_insert(0);
        if *count >= self.0.limit {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(OpenSocket(Some((self.clone(), address))))
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<ClientAddress, usize>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        let Some((sockets, address)) = &self.0 else { return };
        let mut counts = sockets.counts();
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
        let sockets = OpenSockets::new(2);

        let first = sockets.open(address(1)).expect("room");
        let _second = sockets.open(address(1)).expect("room");
        assert!(sockets.open(address(1)).is_none());
        let other = sockets.open(address(2)).expect("room of its own");
        drop(first);
        let _third = sockets.open(address(1)).expect("room again");
        assert!(sockets.open(address(1)).is_none());

        drop(other);
        assert_eq!(sockets.counts().len(), 1);
    }

    #[test]
    fn zero_is_no_limit() {
        let sockets = OpenSockets::new(0);

        let open: Vec<_> = (0..1000).map(|_| sockets.open(address(1))).collect();

        assert!(open.iter().all(Option::is_some));
    }
}
