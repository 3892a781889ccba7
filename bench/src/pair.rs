//! Two users: one keeps a number of messages in flight to the other.

use anyhow::{Context, Result, bail};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::api::{Api, User};
use crate::frame::{Frame, Kind};
use crate::ledger::Ledger;
use crate::socket::{self, Socket};

/// Forty characters, as much as people tend to write at once.
const TEXT: &str = "Shall we meet at seven, by the old mill?";
const BUFFER: usize = 8 * 1024;

/// When a run begins to count, ends, and stops waiting for answers.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    pub count_from: Instant,
    pub stop: Instant,
    pub give_up: Instant,
}

pub struct Pair {
    pub sender: User,
    pub receiver: User,
    outgoing: Socket,
    incoming: Socket,
    window: usize,
    client_id_start: String,
    frame_start: String,
    ledger: Ledger,
}

impl Pair {
    pub async fn connect(api: &Api, sender: User, receiver: User, window: usize) -> Result<Self> {
        let incoming = socket::connect(api.base(), &receiver, BUFFER).await?;
        let outgoing = socket::connect(api.base(), &sender, BUFFER).await?;
        let client_id_start = format!("bench-{}-{}-", sender.id, receiver.id);
        let frame_start = format!(
            r#"{{"type":"message","recipient_id":{},"text":"{TEXT}","client_id":"{client_id_start}"#,
            receiver.id
        );
        Ok(Self {
            sender,
            receiver,
            outgoing,
            incoming,
            window,
            client_id_start,
            frame_start,
            ledger: Ledger::default(),
        })
    }

    /// Sends until it is time to stop, then waits until everything has arrived.
    pub async fn run(mut self, schedule: Schedule) -> Result<Finished> {
        let alarm = sleep_until(schedule.stop);
        tokio::pin!(alarm);
        let mut sending = true;
        self.fill_window().await?;
        loop {
            tokio::select! {
                frame = self.outgoing.next() => self.on_outgoing(socket::text(frame)?)?,
                frame = self.incoming.next() => self.on_incoming(socket::text(frame)?)?,
                () = &mut alarm => {
                    if !sending {
                        break;
                    }
                    sending = false;
                    alarm.as_mut().reset(schedule.give_up);
                }
            }
            self.take_what_has_arrived()?;
            if sending {
                self.fill_window().await?;
            } else if self.ledger.is_settled() {
                break;
            }
        }
        self.outgoing.close(None).await?;
        self.incoming.close(None).await?;
        Ok(Finished { sender: self.sender, receiver: self.receiver, ledger: self.ledger })
    }

    /// Answers that came together are answered together, in one write.
    fn take_what_has_arrived(&mut self) -> Result<()> {
        while let Some(frame) = self.outgoing.next().now_or_never() {
            self.on_outgoing(socket::text(frame)?)?;
        }
        while let Some(frame) = self.incoming.next().now_or_never() {
            self.on_incoming(socket::text(frame)?)?;
        }
        Ok(())
    }

    async fn fill_window(&mut self) -> Result<()> {
        if self.ledger.unacknowledged() == self.window {
            return Ok(());
        }
        while self.ledger.unacknowledged() < self.window {
            let number = self.ledger.send(Instant::now());
            let frame = format!(r#"{}{number}"}}"#, self.frame_start);
            self.outgoing.feed(Message::Text(frame.into())).await?;
        }
        Ok(self.outgoing.flush().await?)
    }

    fn on_outgoing(&mut self, text: Option<Utf8Bytes>) -> Result<()> {
        let Some(text) = text else { return Ok(()) };
        let frame = Frame::parse(&text)?;
        match frame.kind {
            Kind::MessageSent => {
                let (number, seq) = self.identify(&frame, &text)?;
                self.ledger.acknowledge(number, seq, Instant::now())
            }
            Kind::Error | Kind::NewMessage => bail!("the sender got {text}"),
            Kind::ConnectionEstablished | Kind::Other => Ok(()),
        }
    }

    fn on_incoming(&mut self, text: Option<Utf8Bytes>) -> Result<()> {
        let Some(text) = text else { return Ok(()) };
        let frame = Frame::parse(&text)?;
        match frame.kind {
            Kind::NewMessage => {
                let (number, seq) = self.identify(&frame, &text)?;
                self.ledger.deliver(number, seq, Instant::now())
            }
            Kind::Error | Kind::MessageSent => bail!("the receiver got {text}"),
            Kind::ConnectionEstablished | Kind::Other => Ok(()),
        }
    }

    /// Which of this pair's messages a frame is about, and its sequence number.
    fn identify(&self, frame: &Frame<'_>, text: &str) -> Result<(usize, u64)> {
        frame
            .stored()
            .and_then(|(seq, client_id)| {
                let number = client_id.strip_prefix(&self.client_id_start)?;
                Some((number.parse().ok()?, seq))
            })
            .with_context(|| format!("not a message of this pair: {text}"))
    }
}

/// A pair that has hung up, and what became of its messages.
#[derive(Debug)]
pub struct Finished {
    pub sender: User,
    pub receiver: User,
    pub ledger: Ledger,
}
