//! Rates that all servers of a database count together, as far as they hear of each other. Each has
//! its own count besides: without the others it is the only one.

use std::{
    collections::HashMap,
    fmt::Write as _,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use aws_lc_rs::digest::{SHA256, digest};
use futures_util::future::join_all;

use super::{
    ClientAddress, Throttled,
    rate::{Rate, whole_seconds},
};
use crate::{
    cluster::{Bus, Charge},
    domain::UserId,
};

/// How often what was sent here is counted with what was sent elsewhere.
const SETTLE: Duration = Duration::from_millis(100);

/// People whose messages wait to be counted. Beyond, only this server counts.
const PENDING_MAX: usize = 10_000;

/// Messages of a person. A message does not wait for the others: it is counted with theirs a moment
/// later, and whoever has sent too much by then has to wait until he has made up for it.
#[derive(Debug)]
pub struct Sends {
    own: Rate<UserId>,
    shared: Option<Arc<SharedSends>>,
}

#[derive(Debug)]
struct SharedSends {
    bus: Arc<dyn Bus>,
    interval: Duration,
    burst: u32,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    pending: HashMap<UserId, u32>,
    blocked: HashMap<UserId, Instant>,
}

impl Sends {
    /// `burst` at once, then so many per second; 0 = no limit.
    pub fn new(rate: u32, burst: u32, bus: &Arc<dyn Bus>) -> Self {
        let is_shared = bus.reaches_others() && rate > 0 && burst > 0;
        let shared = is_shared.then(|| {
            let shared = Arc::new(SharedSends {
                bus: bus.clone(),
                interval: Duration::from_secs(1) / rate,
                burst,
                counts: Mutex::default(),
            });
            tokio::spawn(settle(Arc::downgrade(&shared)));
            shared
        });
        Self { own: Rate::per_second(rate, burst), shared }
    }

    /// Counts one more, if that is not too often.
    pub fn check(&self, user: &UserId) -> Result<(), Throttled> {
        if let Some(shared) = &self.shared {
            shared.check(*user)?;
        }
        self.own.check(user)?;
        if let Some(shared) = &self.shared {
            shared.count(*user);
        }
        Ok(())
    }
}

impl SharedSends {
    fn check(&self, user: UserId) -> Result<(), Throttled> {
        let until = self.counts().blocked.get(&user).copied();
        match until.and_then(|until| until.checked_duration_since(Instant::now())) {
            Some(wait) if !wait.is_zero() => Err(Throttled { retry_after: whole_seconds(wait) }),
            Some(_) | None => Ok(()),
        }
    }

    fn count(&self, user: UserId) {
        let mut counts = self.counts();
        if counts.pending.len() < PENDING_MAX {
            *counts.pending.entry(user).or_default() += 1;
        }
    }

    /// Counts what has gathered with what the others have counted.
    async fn settle(&self) {
        let pending = mem::take(&mut self.counts().pending);
        let charges = pending.into_iter().map(|(user, amount)| async move {
            let charge = Charge {
                key: format!("sends:{user}"),
                amount,
                interval: self.interval,
                burst: self.burst,
                is_done: true,
            };
            Some((user, self.bus.charge(charge).await??))
        });
        let waits = join_all(charges).await;
        let now = Instant::now();
        let mut counts = self.counts();
        counts.blocked.retain(|_user, until| *until > now);
        counts.blocked.extend(waits.into_iter().flatten().map(|(user, wait)| (user, now + wait)));
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn settle(shared: Weak<SharedSends>) {
    let mut ticks = tokio::time::interval(SETTLE);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(shared) = shared.upgrade() else { return };
        shared.settle().await;
    }
}

/// Passwords tried by a client address. They are slow anyway: each asks the others first.
#[derive(Debug)]
pub struct Logins {
    own: Rate<ClientAddress>,
    per_minute: u32,
    bus: Arc<dyn Bus>,
}

impl Logins {
    /// So many per minute; 0 = no limit.
    pub fn new(per_minute: u32, bus: &Arc<dyn Bus>) -> Self {
        Self { own: Rate::per_minute(per_minute), per_minute, bus: bus.clone() }
    }

    /// Counts one more, if that is not too often.
    pub async fn check(&self, address: &ClientAddress) -> Result<(), Throttled> {
        self.own.check(address)?;
        if self.per_minute == 0 || !self.bus.reaches_others() {
            return Ok(());
        }
        let charge = Charge {
            key: format!("logins:{}", name_of(address)),
            amount: 1,
            interval: Duration::from_mins(1) / self.per_minute,
            burst: self.per_minute,
            is_done: false,
        };
        match self.bus.charge(charge).await {
            Some(Some(wait)) => Err(Throttled { retry_after: whole_seconds(wait) }),
            Some(None) | None => Ok(()),
        }
    }
}

/// Addresses of people are not written down, not even in Redis.
fn name_of(address: &ClientAddress) -> String {
    let hash = digest(&SHA256, address.bytes().as_slice());
    hash.as_ref().iter().take(16).fold(String::new(), |mut name, byte| {
        write!(name, "{byte:02x}").expect("memory");
        name
    })
}
