//! What some cost the others: those who do not read, and one who floods. Polite pairs, who write now and
//! then and wait for each message to arrive, feel it or not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{FutureExt, SinkExt, StreamExt, stream};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::api::{Api, User};
use crate::frame::{Frame, Kind};
use crate::idle;
use crate::outcome::Latency;
use crate::process::{Usage, peak_memory, require_files};
use crate::socket::{self, Socket};

/// Users whose connections do not read; the others' connections are spread over the rest.
pub const STALLED_USERS: u32 = 20;
/// Polite pairs, beside a writer and a flooder.
pub const PAIRS: u32 = 8;
/// All users a measurement needs.
pub const USERS: u32 = STALLED_USERS + 2 * PAIRS + 2 + 60;

/// Between two messages of a polite pair.
const EVERY: Duration = Duration::from_millis(100);
/// Before somebody who floods tries again to connect.
const AGAIN: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(30);
const BUFFER: usize = 8 * 1024;
/// Enough for each that does not read to be given up: more than the kernel buffers for it.
const MESSAGES_TO_A_STALLED: usize = 600;
const LONG_TEXT: usize = 7000;
const WINDOW: usize = 16;
const OTHER_FILES: u64 = 400;

/// What connections that do not read cost.
#[derive(Debug)]
pub struct Stalled {
    pub connections: u32,
    pub not_reading: u32,
    /// How many of them were closed with 4008.
    pub sent_away: u32,
    /// With all connections open, before anything is written.
    pub resident_before: u64,
    /// The most there was meanwhile.
    pub resident_peak: u64,
    pub written_bytes: u64,
    pub alone: Latency,
    pub meanwhile: Latency,
}

/// What one who floods costs.
#[derive(Debug)]
pub struct Flood {
    pub alone: Latency,
    pub meanwhile: Latency,
    pub frames: u64,
    pub refusals: u64,
}

pub async fn stalled(
    api: &Api,
    users: &[User],
    connections: u32,
    stalled: u32,
    pid: u32,
    alone: Duration,
) -> Result<Stalled> {
    require_files(u64::from(connections) + OTHER_FILES)?;
    let (frozen_users, rest) = users.split_at(STALLED_USERS as usize);
    let (pairs, rest) = rest.split_at(2 * PAIRS as usize);
    let [writer, _flooder, rest @ ..] = rest else { bail!("too few users") };
    let idle = idle::open(api, rest, connections.saturating_sub(stalled)).await?;
    let alone = polite(api, pairs, after(alone)).await?;
    let mut frozen = Vec::new();
    for number in 0..stalled as usize {
        let user = &frozen_users[number % frozen_users.len()];
        frozen.push(socket::connect(api.base(), user, BUFFER).await?);
    }
    let resident_before = Usage::of(pid)?.resident_bytes;

    let over = Arc::new(AtomicBool::new(false));
    let writing = async {
        let written = write_to_all(api, writer, frozen_users).await;
        over.store(true, Ordering::Relaxed);
        written
    };
    let watching = peak_memory(pid, &over);
    let (written_bytes, resident_peak, meanwhile) =
        tokio::try_join!(writing, watching, polite(api, pairs, over.clone()))?;

    let closed = stream::iter(frozen).map(is_sent_away).buffer_unordered(16);
    let sent_away = closed.filter(|sent_away| std::future::ready(*sent_away)).count().await;
    drop(idle);
    Ok(Stalled {
        connections,
        not_reading: stalled,
        sent_away: u32::try_from(sent_away)?,
        resident_before,
        resident_peak,
        written_bytes,
        alone,
        meanwhile,
    })
}

/// The server has to have limits on sends.
pub async fn flood(api: &Api, users: &[User], length: Duration) -> Result<Flood> {
    let (pairs, rest) = users.split_at(2 * PAIRS as usize);
    let [flooder, victim, ..] = rest else { bail!("too few users") };
    let alone = polite(api, pairs, after(length)).await?;
    let over = after(length);
    let ((frames, refusals), meanwhile) = tokio::try_join!(
        send_without_end(api, flooder, victim, &over),
        polite(api, pairs, over.clone())
    )?;
    ensure!(refusals > 0, "nobody stopped the flood of {frames} frames");
    Ok(Flood { alone, meanwhile, frames, refusals })
}

/// Becomes true after so long.
fn after(length: Duration) -> Arc<AtomicBool> {
    let over = Arc::new(AtomicBool::new(false));
    let sets = over.clone();
    tokio::spawn(async move {
        sleep(length).await;
        sets.store(true, Ordering::Relaxed);
    });
    over
}

/// Delivery times of all polite pairs until it is over.
async fn polite(api: &Api, users: &[User], over: Arc<AtomicBool>) -> Result<Latency> {
    let mut pairs = JoinSet::new();
    for pair in users.chunks_exact(2) {
        let [sender, receiver] = pair else { continue };
        pairs.spawn(chat(api.clone(), sender.clone(), receiver.clone(), over.clone()));
    }
    let mut all = Vec::new();
    while let Some(latencies) = pairs.join_next().await {
        all.extend(latencies?.context("a polite pair failed")?);
    }
    Ok(Latency::new(all.into_iter()))
}

async fn chat(
    api: Api,
    sender: User,
    receiver: User,
    over: Arc<AtomicBool>,
) -> Result<Vec<Duration>> {
    let mut incoming = socket::connect(api.base(), &receiver, BUFFER).await?;
    let mut outgoing = socket::connect(api.base(), &sender, BUFFER).await?;
    let (mut latencies, mut ticks) = (Vec::new(), interval(EVERY));
    while !over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let sent_at = Instant::now();
        outgoing.send(message(&receiver, "Shall we meet at seven?")).await?;
        until(&mut incoming, Kind::NewMessage).await?;
        latencies.push(sent_at.elapsed());
        until(&mut outgoing, Kind::MessageSent).await?;
    }
    outgoing.close(None).await?;
    incoming.close(None).await?;
    Ok(latencies)
}

/// Writes more to everybody than the kernel and the server keep for them; returns how much.
async fn write_to_all(api: &Api, writer: &User, readers: &[User]) -> Result<u64> {
    let text = "x".repeat(LONG_TEXT);
    let mut socket = socket::connect(api.base(), writer, BUFFER).await?;
    let mut written = 0;
    for reader in readers {
        let mut unacknowledged = 0;
        for _ in 0..MESSAGES_TO_A_STALLED {
            socket.send(message(reader, &text)).await?;
            written += LONG_TEXT as u64;
            unacknowledged += 1;
            while unacknowledged >= WINDOW {
                until(&mut socket, Kind::MessageSent).await?;
                unacknowledged -= 1;
            }
        }
        for _ in 0..unacknowledged {
            until(&mut socket, Kind::MessageSent).await?;
        }
    }
    Ok(written)
}

/// Sends as fast as it can, and comes back whenever it is sent away; frames and refusals.
async fn send_without_end(
    api: &Api,
    flooder: &User,
    victim: &User,
    over: &AtomicBool,
) -> Result<(u64, u64)> {
    let (mut frames, mut refusals) = (0, 0);
    while !over.load(Ordering::Relaxed) {
        let Ok(mut socket) = socket::connect(api.base(), flooder, BUFFER).await else {
            // Too many handshakes.
            refusals += 1;
            sleep(AGAIN).await;
            continue;
        };
        let mut is_open = true;
        while is_open && !over.load(Ordering::Relaxed) {
            is_open = socket.send(message(victim, "!!!")).await.is_ok();
            frames += 1;
            while is_open && let Some(frame) = socket.next().now_or_never() {
                match frame {
                    Some(Ok(Message::Text(text))) => {
                        refusals += u64::from(Frame::parse(&text)?.kind == Kind::Error);
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => is_open = false,
                }
            }
            tokio::task::yield_now().await;
        }
    }
    Ok((frames, refusals))
}

/// Waits for an event of this kind.
async fn until(socket: &mut Socket, kind: Kind) -> Result<()> {
    let waiting = async {
        loop {
            let Some(text) = socket::text(socket.next().await)? else { continue };
            let found = Frame::parse(&text)?.kind;
            ensure!(found != Kind::Error, "refused: {text}");
            if found == kind {
                return Ok(());
            }
        }
    };
    timeout(PATIENCE, waiting).await.with_context(|| format!("no {kind:?} in time"))?
}

/// Reads what is left to read: whether it ends as it should.
async fn is_sent_away(mut socket: Socket) -> bool {
    let reading = async {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Close(Some(close)) = message {
                return u16::from(close.code) == 4008;
            }
        }
        false
    };
    timeout(PATIENCE, reading).await.unwrap_or(false)
}

fn message(recipient: &User, text: &str) -> Message {
    Message::text(format!(
        r#"{{"type":"message","recipient_id":{},"text":"{text}"}}"#,
        recipient.id
    ))
}
