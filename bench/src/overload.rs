//! More messages than the server can store, sent without waiting for it: how many it stores all the
//! same, and how soon it says no to the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tokio_tungstenite::tungstenite::Message;

use crate::api::{Api, User};
use crate::frame::{Frame, Kind};
use crate::outcome::Latency;
use crate::process::{Usage, peak_memory};
use crate::socket::{self, Socket};

/// Who sends and who receives.
pub const USERS: u32 = 100;
/// So many times what the server stores of its own accord.
pub const TIMES: f64 = 3.0;

/// Until the queue is as long as it gets.
const WARM_UP: Duration = Duration::from_secs(4);
/// Between two bursts of a sender.
const EVERY: Duration = Duration::from_millis(20);
/// How long answers are awaited after the last message was sent.
const PATIENCE: Duration = Duration::from_secs(20);
const BUFFER: usize = 64 * 1024;

#[derive(Debug)]
pub struct Overload {
    /// Messages per second: sent, and acknowledged.
    pub offered: f64,
    pub stored: f64,
    /// How long it took to refuse one.
    pub refusal: Latency,
    pub resident_before: u64,
    pub resident_peak: u64,
    /// Acknowledged and not there afterwards, or the other way round.
    pub wrong: u64,
    /// Neither acknowledged nor refused.
    pub unanswered: usize,
}

#[derive(Debug, Default)]
struct Tally {
    sent_at: Vec<Instant>,
    /// When, and whether it was acknowledged.
    answers: Vec<Option<(Instant, bool)>>,
}

/// Sends so many messages per second in all.
pub async fn measure(
    api: &Api,
    users: &[User],
    per_second: f64,
    length: Duration,
    pid: u32,
) -> Result<Overload> {
    let resident_before = Usage::of(pid)?.resident_bytes;
    let mut sockets = Vec::new();
    for user in users {
        sockets.push(socket::connect(api.base(), user, BUFFER).await?);
    }
    let count_from = Instant::now() + WARM_UP;
    let stop = count_from + length;
    let each = per_second * 2.0 / f64::from(u32::try_from(users.len())?);

    let over = Arc::new(AtomicBool::new(false));
    let (mut senders, mut receivers) = (JoinSet::new(), JoinSet::new());
    let mut sockets = sockets.into_iter();
    for (place, pair) in users.chunks_exact(2).enumerate() {
        let (Some(outgoing), Some(incoming)) = (sockets.next(), sockets.next()) else { break };
        let receiver = pair[1].id;
        senders.spawn(async move { (place, send(outgoing, receiver, each, stop).await) });
        receivers.spawn(listen(incoming, over.clone()));
    }
    let sending = async {
        let mut tallies = Vec::new();
        while let Some(finished) = senders.join_next().await {
            let (place, tally) = finished?;
            tallies.push((place, tally.context("a sender failed")?));
        }
        over.store(true, Ordering::Relaxed);
        anyhow::Ok(tallies)
    };
    let watching = peak_memory(pid, &over);
    let (tallies, resident_peak) = tokio::try_join!(sending, watching)?;
    receivers.shutdown().await;

    let mut wrong = 0;
    for (place, tally) in &tallies {
        let [sender, receiver] = &users[2 * place..2 * place + 2] else { bail!("half a pair") };
        let stored = api.newest_seq(sender, receiver.id).await?.unwrap_or_default();
        let answered =
            |wanted| tally.answers.iter().filter(|it| it.map(|it| it.1) == wanted).count();
        let acknowledged = answered(Some(true)) as u64;
        // What was not answered may be either.
        wrong += acknowledged.saturating_sub(stored);
        wrong += stored.saturating_sub(acknowledged + answered(None) as u64);
    }
    let all =
        || tallies.iter().flat_map(|(_, tally)| tally.sent_at.iter().copied().zip(&tally.answers));
    let counted = count_from..stop;
    let rate =
        |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / length.as_secs_f64();
    let acknowledged =
        |answer: &Option<(Instant, bool)>| answer.is_some_and(|it| it.1 && counted.contains(&it.0));
    Ok(Overload {
        offered: rate(all().filter(|(at, _)| counted.contains(at)).count()),
        stored: rate(all().filter(|(_, answer)| acknowledged(answer)).count()),
        refusal: Latency::new(all().filter_map(|(at, answer)| match answer {
            Some((answered, false)) if counted.contains(&at) => Some(*answered - at),
            _ => None,
        })),
        resident_before,
        resident_peak,
        wrong,
        unanswered: all().filter(|(_, answer)| answer.is_none()).count(),
    })
}

/// Sends at this rate, whatever is answered, until it is time to stop and everything is answered.
async fn send(mut socket: Socket, to: i64, per_second: f64, stop: Instant) -> Result<Tally> {
    let (mut tally, mut open, mut due) = (Tally::default(), 0_usize, 0.0);
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let give_up = stop + PATIENCE;
    while Instant::now() < stop {
        tokio::select! {
            at = ticks.tick() => {
                due += per_second * EVERY.as_secs_f64();
                while due >= 1.0 {
                    due -= 1.0;
                    let number = tally.sent_at.len();
                    socket.feed(Message::text(format!(
                        r#"{{"type":"message","recipient_id":{to},"text":"Is anybody there at all, at this hour?","client_id":"{number}"}}"#
                    ))).await?;
                    tally.sent_at.push(at.max(Instant::now()));
                    tally.answers.push(None);
                    open += 1;
                }
                socket.flush().await?;
            }
            frame = socket.next() => open -= tally.hear(socket::text(frame)?.as_deref())?,
        }
        while let Some(frame) = socket.next().now_or_never() {
            open -= tally.hear(socket::text(frame)?.as_deref())?;
        }
    }
    while open > 0 {
        let Ok(frame) = timeout_at(give_up, socket.next()).await else { break };
        open -= tally.hear(socket::text(frame)?.as_deref())?;
    }
    Ok(tally)
}

impl Tally {
    /// How many messages this answers.
    fn hear(&mut self, text: Option<&str>) -> Result<usize> {
        let Some(text) = text else { return Ok(0) };
        let frame = Frame::parse(text)?;
        let is_acknowledged = match frame.kind {
            Kind::MessageSent => true,
            Kind::Error => false,
            Kind::ConnectionEstablished | Kind::NewMessage | Kind::Other => return Ok(0),
        };
        ensure!(is_acknowledged || text.contains(r#""overloaded""#), "refused: {text}");
        let client_id = frame.stored().map(|(_, client_id)| client_id).or(frame.client_id);
        let number: usize = client_id.with_context(|| format!("answers what? {text}"))?.parse()?;
        let answer = self.answers.get_mut(number).context("answered, but never sent")?;
        ensure!(answer.is_none(), "answered twice: {text}");
        *answer = Some((Instant::now(), is_acknowledged));
        Ok(1)
    }
}

/// Reads everything, and does nothing with it.
async fn listen(mut socket: Socket, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) && socket.next().await.is_some() {}
}
