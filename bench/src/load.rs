//! Runs many pairs at once and checks afterwards what the server has stored.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::api::{Api, User};
use crate::cli::Shape;
use crate::outcome::Outcome;
use crate::pair::{Finished, Pair, Schedule};
use crate::process::Usage;

/// Lets caches fill and connections settle before counting.
const WARM_UP: Duration = Duration::from_secs(1);
/// How long answers are awaited after the last message was sent.
const PATIENCE: Duration = Duration::from_secs(20);
const CONNECTS_AT_ONCE: usize = 8;

/// Puts load on the server; the process id, if known, is for its memory and processor time.
pub async fn measure(
    api: &Api,
    users: Vec<User>,
    shape: Shape,
    pid: Option<u32>,
) -> Result<Outcome> {
    let pairs = connect(api, users, shape).await?;
    let count_from = Instant::now() + WARM_UP;
    let stop = count_from + Duration::from_secs(shape.seconds.into());
    let schedule = Schedule { count_from, stop, give_up: stop + PATIENCE };

    let (finished, usage) = tokio::try_join!(run(pairs, schedule), observe(pid, schedule))?;
    check_history(api, &finished).await?;

    let ledgers: Vec<_> = finished.iter().map(|pair| &pair.ledger).collect();
    Ok(Outcome::new(&ledgers, schedule, usage))
}

async fn connect(api: &Api, users: Vec<User>, shape: Shape) -> Result<Vec<Pair>> {
    let window = shape.window as usize;
    let mut users = users.into_iter();
    let couples = std::iter::from_fn(|| Some((users.next()?, users.next()?)));
    stream::iter(couples)
        .map(|(sender, receiver)| Pair::connect(api, sender, receiver, window))
        .buffered(CONNECTS_AT_ONCE)
        .try_collect()
        .await
}

async fn run(pairs: Vec<Pair>, schedule: Schedule) -> Result<Vec<Finished>> {
    let mut running: JoinSet<_> = pairs.into_iter().map(|pair| pair.run(schedule)).collect();
    let mut finished = Vec::new();
    while let Some(pair) = running.join_next().await {
        finished.push(pair?.context("a pair failed")?);
    }
    Ok(finished)
}

/// What the server had used when counting began and when it ended.
async fn observe(pid: Option<u32>, schedule: Schedule) -> Result<Option<(Usage, Usage)>> {
    let Some(pid) = pid else { return Ok(None) };
    sleep_until(schedule.count_from).await;
    let before = Usage::of(pid)?;
    sleep_until(schedule.stop).await;
    Ok(Some((before, Usage::of(pid)?)))
}

/// Reads every conversation's end back from the database.
async fn check_history(api: &Api, finished: &[Finished]) -> Result<()> {
    for Finished { sender, receiver, ledger } in finished {
        // What is wrong with the others is counted, which says more.
        let Some(last) = ledger.last_seq().filter(|_| ledger.is_flawless()) else { continue };
        let stored = api.newest_seq(sender, receiver.id).await?;
        ensure!(
            stored == Some(last),
            "{last} messages acknowledged, but the newest page ends with {}",
            stored.map_or_else(|| "nothing".to_owned(), |seq| seq.to_string())
        );
    }
    Ok(())
}
