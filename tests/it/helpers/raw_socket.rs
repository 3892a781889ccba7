//! A WebSocket written byte by byte, to break the protocol with.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::{Person, Site, socket::PATIENCE};

/// The key that masks every frame.
const MASK: [u8; 4] = [1, 2, 3, 4];

/// The end of a TCP connection that has been upgraded.
#[derive(Debug)]
pub struct RawSocket(TcpStream);

impl RawSocket {
    /// An upgraded connection of `person`.
    pub async fn open(site: &Site, person: &Person) -> Self {
        let stream = TcpStream::connect(site.address).await.unwrap();
        Self::upgrade(stream, site, person).await
    }

    /// One whose kernel takes little on its behalf while it does not read.
    pub async fn open_with_small_buffer(site: &Site, person: &Person) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(site.address).await.unwrap();
        Self::upgrade(stream, site, person).await
    }

    async fn upgrade(mut stream: TcpStream, site: &Site, person: &Person) -> Self {
        let request = format!(
            "GET /ws/chat/?v=2&token={} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            person.access, site.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = vec![];
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        let mut socket = Self(stream);
        assert!(socket.text().await.contains("connection_established"));
        socket
    }

    /// Its own port.
    pub fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Sends as much as the server takes; it may close at any point.
    pub async fn send_until_refused(&mut self, bytes: &[u8], times: usize) {
        for _ in 0..times {
            if self.0.write_all(bytes).await.is_err() {
                return;
            }
        }
    }

    /// Sends a small masked frame with this first byte.
    pub async fn send_frame(&mut self, first: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).unwrap();
        assert!(length < 126);
        let mut frame = vec![first, 0x80 | length];
        frame.extend(MASK);
        frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
        self.send(&frame).await;
    }

    /// The text of the next frame, which must be a text.
    pub async fn text(&mut self) -> String {
        let (opcode, payload) = self.frame().await;
        assert_eq!(opcode, 1, "{payload:?}");
        String::from_utf8(payload).unwrap()
    }

    /// The code of the Close frame that ends the connection.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            if let (8, payload) = self.frame().await {
                return u16::from_be_bytes([payload[0], payload[1]]);
            }
        }
    }

    /// Waits until the server has closed the connection.
    pub async fn end(&mut self) {
        let mut rest = vec![];
        // A reset ends it as well.
        drop(timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("an end in time"));
    }

    /// Opcode and payload of the next frame.
    async fn frame(&mut self) -> (u8, Vec<u8>) {
        let read = async {
            let first = self.0.read_u8().await?;
            let length = match self.0.read_u8().await? {
                126 => usize::from(self.0.read_u16().await?),
                127 => usize::try_from(self.0.read_u64().await?).unwrap(),
                length => usize::from(length),
            };
            let mut payload = vec![0; length];
            self.0.read_exact(&mut payload).await?;
            Ok::<_, std::io::Error>((first & 0x0f, payload))
        };
        timeout(PATIENCE, read).await.expect("a frame in time").unwrap()
    }
}
