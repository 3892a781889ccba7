//! A cable between somebody and a server: it can be cut, go dead without a word, or break in the
//! middle of a frame. Both ends are on the loopback interface.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// Bytes still to be passed on to clients before a connection breaks; negative: it does not.
const NEVER: i64 = -1;

/// Listens on a port of its own and passes on what it is told, to a server that may move.
#[derive(Debug)]
pub struct Cable {
    pub address: SocketAddr,
    server: Arc<Mutex<SocketAddr>>,
    state: watch::Sender<State>,
    fuse: Arc<AtomicI64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Counts up to cut all connections.
    cuts: u64,
    /// Nothing passes, and nobody is told.
    is_dead: bool,
}

impl Cable {
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::new(Mutex::new(on_loopback(server)));
        let fuse = Arc::new(AtomicI64::new(NEVER));
        let (state, watched) = watch::channel(State::default());
        let (to, burning) = (server.clone(), fuse.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (to, line) = (*to.lock().unwrap(), Line::new(&watched, &burning));
                tokio::spawn(line.connect(client, to));
            }
        });
        Self { address, server, state, fuse }
    }

    /// The server has another address from now on.
    pub fn move_to(&self, server: SocketAddr) {
        *self.server.lock().unwrap() = on_loopback(server);
    }

    /// Ends all connections; new ones may be made.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }

    /// Passes nothing on, and does not say so.
    pub fn go_dead(&self) {
        self.state.send_modify(|state| state.is_dead = true);
    }

    /// Goes on where it stopped.
    pub fn revive(&self) {
        self.state.send_modify(|state| state.is_dead = false);
    }

    /// Breaks one connection when this many more bytes have come from the server.
    pub fn break_after(&self, bytes: u16) {
        self.fuse.store(bytes.into(), Ordering::SeqCst);
    }

    /// Breaks nothing any more.
    pub fn mend(&self) {
        self.fuse.store(NEVER, Ordering::SeqCst);
    }
}

/// The nemesis is for servers of the tests, and for nothing else.
fn on_loopback(address: SocketAddr) -> SocketAddr {
    assert!(address.ip().is_loopback(), "{address} is not on the loopback interface");
    address
}

/// One connection.
#[derive(Clone)]
struct Line {
    state: watch::Receiver<State>,
    cuts: u64,
    fuse: Arc<AtomicI64>,
}

impl Line {
    fn new(state: &watch::Receiver<State>, fuse: &Arc<AtomicI64>) -> Self {
        let cuts = state.borrow().cuts;
        Self { state: state.clone(), cuts, fuse: fuse.clone() }
    }

    async fn connect(mut self, client: TcpStream, server: SocketAddr) {
        let mut end = self.clone();
        let passing = async {
            self.while_dead().await;
            let Ok(server) = TcpStream::connect(server).await else { return };
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let back = self.clone();
            tokio::select! {
                _ = self.pass(from_client, to_server, false) => {}
                _ = back.pass(from_server, to_client, true) => {}
            }
        };
        tokio::select! {
            () = passing => {}
            () = end.until_cut() => {}
        }
    }

    async fn until_cut(&mut self) {
        let cuts = self.cuts;
        drop(self.state.wait_for(|state| state.cuts != cuts).await.map(|_| ()));
    }

    async fn while_dead(&mut self) {
        drop(self.state.wait_for(|state| !state.is_dead).await.map(|_| ()));
    }

    async fn pass(
        mut self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        burns: bool,
    ) -> std::io::Result<()> {
        let mut chunk = [0; 8192];
        loop {
            let read = from.read(&mut chunk).await?;
            self.while_dead().await;
            if read == 0 {
                return Ok(());
            }
            let left = self.fuse.load(Ordering::SeqCst);
            if burns && left != NEVER {
                let passed = usize::try_from(left).unwrap_or(0).min(read);
                to.write_all(&chunk[..passed]).await?;
                let is_burnt = passed < read;
                let left = if is_burnt { NEVER } else { left - i64::try_from(passed).unwrap() };
                self.fuse.store(left, Ordering::SeqCst);
                if is_burnt {
                    return Ok(());
                }
            } else {
                to.write_all(&chunk[..read]).await?;
            }
        }
    }
}
