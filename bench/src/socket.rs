//! A WebSocket connection of one user, with buffers small enough to have thousands.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::StreamExt;
use reqwest::Url;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::api::User;
use crate::frame::{Frame, Kind};

pub type Socket = WebSocketStream<TcpStream>;

const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// Connects and waits for the server's greeting.
pub async fn connect(base: &Url, user: &User, buffer: usize) -> Result<Socket> {
    timeout(CONNECT_LIMIT, greeted(base, user, buffer))
        .await
        .with_context(|| format!("no greeting within {CONNECT_LIMIT:?}"))?
        .context("connecting failed")
}

async fn greeted(base: &Url, user: &User, buffer: usize) -> Result<Socket> {
    ensure!(base.scheme() == "http", "only http:// is supported, not {base}");
    let stream = TcpStream::connect(&*base.socket_addrs(|| None)?).await?;
    stream.set_nodelay(true)?;
    let url = format!("ws://{}/ws/chat/?token={}&v=2", base.authority(), user.token);
    let config = WebSocketConfig::default().read_buffer_size(buffer).write_buffer_size(buffer);
    let (mut socket, _) = client_async_with_config(url, stream, Some(config)).await?;

    let greeting = loop {
        if let Some(text) = text(socket.next().await)? {
            break text;
        }
    };
    let kind = Frame::parse(&greeting)?.kind;
    ensure!(kind == Kind::ConnectionEstablished, "greeted with {greeting}");
    Ok(socket)
}

/// The text of a frame, or nothing if the frame is only about the connection itself.
pub fn text(frame: Option<Result<Message, Error>>) -> Result<Option<Utf8Bytes>> {
    match frame.context("the server closed the connection")?? {
        Message::Text(text) => Ok(Some(text)),
        Message::Ping(_) | Message::Pong(_) => Ok(None),
        Message::Close(Some(close)) => {
            bail!("the server closed the connection: {} {}", close.code, close.reason)
        }
        Message::Close(None) => bail!("the server closed the connection without a reason"),
        Message::Binary(_) | Message::Frame(_) => bail!("the server sent a binary frame"),
    }
}
