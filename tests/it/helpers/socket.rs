//! A client's end of a WebSocket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

/// Longest wait for an event; reaching it fails the test.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A WebSocket whose every step is bounded in time.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The subprotocol the server chose.
    pub subprotocol: Option<String>,
}

impl Socket {
    /// Opens a socket; an HTTP answer instead of an upgrade is an error.
    pub async fn open(request: impl IntoClientRequest + Unpin) -> Result<Self, tungstenite::Error> {
        let (stream, response) = timeout(PATIENCE, connect_async(request)).await.unwrap()?;
        let subprotocol = response.headers().get("sec-websocket-protocol");
        let subprotocol = subprotocol.map(|name| name.to_str().unwrap().to_owned());
        Ok(Self { stream, subprotocol })
    }

    /// The HTTP status a handshake is refused with.
    pub async fn refusal(request: impl IntoClientRequest + Unpin) -> u16 {
        match Self::open(request).await {
            Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
            other => panic!("expected an HTTP answer, got {other:?}"),
        }
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_raw(Message::text(frame.to_string())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        timeout(PATIENCE, self.stream.send(message)).await.unwrap().unwrap();
    }

    /// Sends to a server that may be gone; `false` when it is.
    pub async fn try_send(&mut self, frame: Value) -> bool {
        let message = Message::text(frame.to_string());
        timeout(PATIENCE, self.stream.send(message)).await.unwrap().is_ok()
    }

    /// Sends a message without waiting for anything.
    pub async fn send_message(&mut self, recipient: i64, text: &str) {
        self.send(json!({"type": "message", "recipient_id": recipient, "text": text})).await;
    }

    /// Sends a message and returns its `message_sent`, skipping `message_delivered`.
    pub async fn say(&mut self, recipient: i64, text: &str) -> Value {
        self.send_message(recipient, text).await;
        self.receive_type("message_sent").await
    }

    /// Sends messages, so many of them without an answer at a time; all are acknowledged when it
    /// returns.
    pub async fn send_all(
        &mut self,
        recipient: i64,
        texts: impl IntoIterator<Item = String>,
        in_flight: usize,
    ) {
        let mut waiting = 0;
        for text in texts {
            self.send_message(recipient, &text).await;
            waiting += 1;
            if waiting == in_flight {
                self.receive_type("message_sent").await;
                waiting -= 1;
            }
        }
        for _ in 0..waiting {
            self.receive_type("message_sent").await;
        }
    }

    /// The next event. Who comes and goes is told at any time and left out here.
    pub async fn receive(&mut self) -> Value {
        loop {
            let message = self.next().await;
            let Message::Text(text) = message else { panic!("no event: {message:?}") };
            let event: Value = serde_json::from_str(&text).unwrap();
            if event["type"] != "user_status" {
                return event;
            }
        }
    }

    /// The next news of somebody's presence; other events before it are dropped.
    pub async fn receive_status(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.next().await {
                let event: Value = serde_json::from_str(&text).unwrap();
                if event["type"] == "user_status" {
                    return event;
                }
            }
        }
    }

    /// The next event of this type; others before it are dropped.
    pub async fn receive_type(&mut self, name: &str) -> Value {
        loop {
            let event = self.receive().await;
            if event["type"] == name {
                return event;
            }
        }
    }

    /// The next event must be of this type.
    pub async fn expect(&mut self, name: &str) -> Value {
        let event = self.receive().await;
        assert_eq!(event["type"], name, "{event}");
        event
    }

    /// Sends a frame and returns the text of the `error` it is answered with.
    pub async fn refused(&mut self, frame: Value) -> String {
        self.send(frame).await;
        let error = self.expect("error").await;
        error["message"].as_str().unwrap().to_owned()
    }

    /// Everything the server had to say before it answered a ping that is sent now.
    pub async fn drain(&mut self) -> Vec<Value> {
        self.send(json!({"type": "ping"})).await;
        let mut events = vec![];
        loop {
            let event = self.receive().await;
            if event["type"] == "pong" {
                return events;
            }
            events.push(event);
        }
    }

    /// [`Self::drain`] with the news of who comes and goes.
    pub async fn drain_with_statuses(&mut self) -> Vec<Value> {
        self.send(json!({"type": "ping"})).await;
        let mut events = vec![];
        loop {
            if let Message::Text(text) = self.next().await {
                let event: Value = serde_json::from_str(&text).unwrap();
                if event["type"] == "pong" {
                    return events;
                }
                events.push(event);
            }
        }
    }

    /// The types of everything the server had to say so far.
    pub async fn drained_types(&mut self) -> Vec<String> {
        let events = self.drain().await;
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// The code of the Close frame that ends the connection; events before it are dropped.
    pub async fn close_code(&mut self) -> u16 {
        self.until_closed().await.1
    }

    /// Everything up to the Close frame, and its code.
    pub async fn until_closed(&mut self) -> (Vec<Value>, u16) {
        let mut events = vec![];
        loop {
            let message = self.next().await;
            if let Message::Close(frame) = message {
                return (events, frame.map_or(1005, |frame| frame.code.into()));
            }
            let Message::Text(text) = message else { panic!("no event: {message:?}") };
            events.push(serde_json::from_str(&text).unwrap());
        }
    }

    pub async fn close(mut self) {
        timeout(PATIENCE, self.stream.close(None)).await.unwrap().unwrap();
        // Until the server has answered, it may not have noticed.
        while let Some(Ok(_)) = timeout(PATIENCE, self.stream.next()).await.unwrap() {}
    }

    /// The next message that is not a ping or a pong.
    pub async fn next(&mut self) -> Message {
        self.try_next().await.expect("an open socket")
    }

    /// [`Self::next`], or `None` when the connection has broken.
    pub async fn try_next(&mut self) -> Option<Message> {
        loop {
            match timeout(PATIENCE, self.stream.next()).await.expect("an event in time") {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => return Some(message),
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// [`Self::try_next`], however long it takes.
    pub async fn quiet_next(&mut self) -> Option<Message> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(message)) => return Some(message),
            }
        }
    }
}
