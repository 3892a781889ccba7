//! A proxy before Redis that loses, repeats and reorders what subscribers are told, or cuts them off.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
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

/// What is done to the messages of subscriptions. Answers to commands always pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Meddling {
    None = 0,
    /// All are lost.
    DropAll = 1,
    /// Every second one is lost.
    DropSome = 2,
    /// Each comes three times.
    Repeat = 3,
    /// Each comes after the one that follows it.
    Reorder = 4,
}

/// Listens on the loopback interface and passes everything on to one Redis.
#[derive(Debug)]
pub struct BusProxy {
    address: SocketAddr,
    meddling: Arc<AtomicU8>,
    meddled: Arc<AtomicUsize>,
    /// Counts up to cut all connections; `true` lets new ones in.
    is_open: watch::Sender<(u32, bool)>,
}

impl BusProxy {
    pub async fn before(redis_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (is_open, watched) = watch::channel((0, true));
        let (meddling, meddled) = (Arc::new(AtomicU8::new(0)), Arc::new(AtomicUsize::new(0)));
        let (to_do, done) = (meddling.clone(), meddled.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = *watched.borrow();
                let Ok(server) = TcpStream::connect(("127.0.0.1", redis_port)).await else {
                    continue;
                };
                if state.1 {
                    let line = pass(client, server, to_do.clone(), done.clone());
                    let mut watched = watched.clone();
                    tokio::spawn(async move {
                        tokio::select! {
                            () = line => {}
                            _ = watched.wait_for(|now| *now != state) => {}
                        }
                    });
                }
            }
        });
        Self { address, meddling, meddled, is_open }
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    pub fn meddle(&self, meddling: Meddling) {
        self.meddling.store(meddling as u8, Ordering::SeqCst);
    }

    /// How many messages were lost, repeated or reordered.
    pub fn meddled(&self) -> usize {
        self.meddled.load(Ordering::SeqCst)
    }

    /// Cuts all connections and lets nobody in.
    pub fn shut(&self) {
        self.is_open.send_modify(|(cuts, is_open)| (*cuts, *is_open) = (*cuts + 1, false));
    }

    pub fn open(&self) {
        self.is_open.send_modify(|(cuts, is_open)| (*cuts, *is_open) = (*cuts + 1, true));
    }
}

async fn pass(
    client: TcpStream,
    server: TcpStream,
    meddling: Arc<AtomicU8>,
    meddled: Arc<AtomicUsize>,
) {
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    tokio::select! {
        _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
        _ = answers(from_server, to_client, &meddling, &meddled) => {}
    }
}

/// Passes on what Redis says, value by value.
async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    meddling: &AtomicU8,
    meddled: &AtomicUsize,
) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    let mut held: Option<Vec<u8>> = None;
    let mut seen = 0_usize;
    loop {
        while let Some(length) = value_length(&buffer) {
            let value: Vec<u8> = buffer.drain(..length).collect();
            if !is_message(&value) {
                to.write_all(&value).await?;
                continue;
            }
            seen += 1;
            let meddling = meddling.load(Ordering::SeqCst);
            let is_meddled = match meddling {
                2 => seen.is_multiple_of(2),
                other => other != 0,
            };
            meddled.fetch_add(usize::from(is_meddled), Ordering::SeqCst);
            match meddling {
                1 => {}
                2 if is_meddled => {}
                3 => {
                    for _ in 0..3 {
                        to.write_all(&value).await?;
                    }
                }
                4 => match held.take() {
                    Some(earlier) => {
                        to.write_all(&value).await?;
                        to.write_all(&earlier).await?;
                    }
                    None => held = Some(value),
                },
                _ => to.write_all(&value).await?,
            }
        }
        let mut chunk = [0; 4096];
        let read = from.read(&mut chunk).await?;
        if read == 0 {
            return Ok(());
        }
        buffer.extend_from_slice(&chunk[..read]);
    }
}

fn is_message(value: &[u8]) -> bool {
    value.starts_with(b">3\r\n$7\r\nmessage\r\n")
}

/// The bytes of the first whole value of the protocol, if it is there.
fn value_length(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(2).position(|two| two == b"\r\n")? + 2;
    let number = || std::str::from_utf8(&bytes[1..end - 2]).unwrap().parse::<i64>().unwrap();
    let parts = match bytes[0] {
        b'$' | b'=' | b'!' => {
            let length = usize::try_from(number()).map_or(end, |length| end + length + 2);
            return (bytes.len() >= length).then_some(length);
        }
        b'*' | b'~' | b'>' => number(),
        b'%' | b'|' => 2 * number(),
        _ => 0,
    };
    let mut at = end;
    for _ in 0..parts {
        at += value_length(bytes.get(at..).filter(|rest| !rest.is_empty())?)?;
    }
    Some(at)
}

#[test]
fn values_are_told_apart() {
    let message = b">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\na\r\nbc\r\n";
    assert_eq!(value_length(message), Some(message.len()));
    for end in 0..message.len() {
        assert_eq!(value_length(&message[..end]), None, "{end}");
    }
    for (value, length) in [
        (&b"+OK\r\n+more"[..], 5),
        (b"$-1\r\n", 5),
        (b"%1\r\n+a\r\n:1\r\n", 12),
        (b"*2\r\n:1\r\n:2\r\n:3\r\n", 12),
    ] {
        assert_eq!(value_length(value), Some(length));
    }
}
