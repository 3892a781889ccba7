//! How many pages of history and unread counts a second, with little and with much history.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::{SinkExt, StreamExt};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use crate::api::{Api, User};
use crate::frame::{Frame, Kind};
use crate::socket;

/// Clients that ask at the same time, each for the next thing as soon as it has the last.
const CONNECTIONS: u32 = 16;
const PAGE: u32 = 50;
const MEASURED: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(1);

/// Messages kept unacknowledged while history is written.
const WINDOW: u32 = 512;
const BUFFER: usize = 64 * 1024;

/// What is unread while it is counted.
const UNREAD: u32 = 10;

/// Requests a second.
#[derive(Debug, Clone, Copy)]
pub struct Reads {
    pub messages: u32,
    pub newest_pages: f64,
    pub old_pages: f64,
    pub unread_counts: f64,
}

/// A conversation that grows.
#[derive(Debug)]
pub struct History<'a> {
    api: &'a Api,
    sender: &'a User,
    reader: &'a User,
    messages: u32,
}

impl<'a> History<'a> {
    pub fn new(api: &'a Api, users: &'a [User]) -> Result<Self> {
        let [sender, reader] = users else { anyhow::bail!("history is of two users") };
        Ok(Self { api, sender, reader, messages: 0 })
    }

    /// Reads of a conversation of so many messages.
    pub async fn measure(&mut self, messages: u32) -> Result<Reads> {
        self.grow_to(messages - UNREAD).await?;
        let conversation = self.api.conversation(self.reader, self.sender.id).await?;
        self.api.mark_read(self.reader, &conversation).await?;
        self.grow_to(messages).await?;

        let history = format!("/api/messaging/conversations/{conversation}/messages/");
        let newest = format!("{history}?page_size={PAGE}");
        let old = format!("{history}?page_size={PAGE}&before={}", messages / 2);
        Ok(Reads {
            messages,
            newest_pages: self.rate(&newest).await?,
            old_pages: self.rate(&old).await?,
            unread_counts: self.rate("/api/messaging/unread-count/").await?,
        })
    }

    async fn grow_to(&mut self, messages: u32) -> Result<()> {
        let mut socket = socket::connect(self.api.base(), self.sender, BUFFER).await?;
        let frame = format!(
            r#"{{"type":"message","recipient_id":{},"text":"Shall we meet at seven, by the mill?"}}"#,
            self.reader.id
        );
        let mut sent = self.messages;
        while self.messages < messages {
            while sent < messages && sent - self.messages < WINDOW {
                socket.feed(Message::Text(frame.clone().into())).await?;
                sent += 1;
            }
            socket.flush().await?;
            let Some(text) = socket::text(socket.next().await)? else { continue };
            match Frame::parse(&text)?.kind {
                Kind::MessageSent => self.messages += 1,
                Kind::Error => anyhow::bail!("the sender got {text}"),
                Kind::ConnectionEstablished | Kind::NewMessage | Kind::Other => {}
            }
        }
        Ok(socket.close(None).await?)
    }

    async fn rate(&self, path: &str) -> Result<f64> {
        let count_from = Instant::now() + WARM_UP;
        let stop = count_from + MEASURED;
        let mut asking = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let (api, reader, path) = (self.api.clone(), self.reader.clone(), path.to_owned());
            asking.spawn(async move {
                let mut answers = 0_u32;
                loop {
                    let length = api.read(&reader, &path).await?;
                    ensure!(length > 0, "an empty answer");
                    let now = Instant::now();
                    if now >= stop {
                        return anyhow::Ok(answers);
                    }
                    answers += u32::from(now >= count_from);
                }
            });
        }
        let mut answers = 0;
        while let Some(counted) = asking.join_next().await {
            answers += counted?.context("reading failed")?;
        }
        Ok(f64::from(answers) / MEASURED.as_secs_f64())
    }
}
