//! What goes wrong, decided by a seed: one thing after the other, each undone before the next.

use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;

use super::{
    fleet::Fleet,
    world::{Store, World, let_pass},
};
use crate::helpers::Meddling;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    KillNode,
    PauseNode,
    CutClients,
    BreakFrames,
    EndBackends,
    KillPostgres,
    KillRedis,
    FlushRedis,
    DropBus,
    DropSomeOfBus,
    RepeatBus,
    ReorderBus,
    ShutBus,
}

impl Blow {
    /// Everything that can happen there.
    pub fn all(store: Store) -> &'static [Self] {
        match store {
            Store::Sqlite => {
                &[Self::KillNode, Self::PauseNode, Self::CutClients, Self::BreakFrames]
            }
            Store::Postgres => &[
                Self::KillNode,
                Self::PauseNode,
                Self::CutClients,
                Self::BreakFrames,
                Self::EndBackends,
                Self::KillPostgres,
                Self::KillRedis,
                Self::FlushRedis,
                Self::DropBus,
                Self::DropSomeOfBus,
                Self::RepeatBus,
                Self::ReorderBus,
                Self::ShutBus,
            ],
        }
    }
}

/// How much the fleet does between two blows, and while one lasts.
const BETWEEN: usize = 120;

/// No blow lasts longer.
const AT_MOST: Duration = Duration::from_secs(3);

/// Strikes until `end`; what it did.
pub async fn strike(
    world: &mut World,
    fleet: &Fleet,
    blows: &[Blow],
    mut dice: Rng,
    end: Instant,
) -> Vec<Blow> {
    let mut struck = vec![];
    // Each once, in any order, before one comes again.
    let mut coming: Vec<Blow> = vec![];
    while Instant::now() < end {
        if coming.is_empty() {
            coming = blows.to_vec();
        }
        let blow = coming.swap_remove(dice.usize(..coming.len()));
        let (events, bytes) = (dice.usize(..BETWEEN) as u64, dice.usize(..2_000));
        let node = dice.usize(..world.nodes.len());
        let_pass(fleet, 20 + events, AT_MOST).await;
        deal(world, fleet, blow, node, events, bytes).await;
        struck.push(blow);
    }
    struck
}

async fn deal(
    world: &mut World,
    fleet: &Fleet,
    blow: Blow,
    node: usize,
    events: u64,
    bytes: usize,
) {
    match blow {
        Blow::KillNode => {
            world.nodes[node].kill().await;
            world.nodes[node].start_again().await;
        }
        Blow::PauseNode => {
            if let Some(server) = &world.nodes[node].server {
                server.pause().await;
                let_pass(fleet, 10 + events, AT_MOST).await;
                server.go_on().await;
            }
        }
        Blow::CutClients => world.nodes[node].cable.cut(),
        Blow::BreakFrames => {
            for _ in 0..3 {
                world.nodes[node].cable.break_after(u16::try_from(bytes).unwrap());
                let_pass(fleet, 10, AT_MOST).await;
            }
        }
        Blow::EndBackends => {
            let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                       WHERE application_name LIKE 'vikrahub-messaging%'";
            world.database.number(sql).await;
        }
        Blow::KillPostgres => {
            let postgres = world.postgres.as_mut().unwrap();
            postgres.kill().await;
            postgres.start_again().await;
        }
        Blow::KillRedis => {
            let redis = world.redis.as_mut().unwrap();
            redis.kill().await;
            let_pass(fleet, events, AT_MOST).await;
            redis.start_again().await;
        }
        Blow::FlushRedis => {
            world.redis.as_ref().unwrap().cli(&["FLUSHALL"]).await;
        }
        Blow::DropBus => meddle(world, fleet, Meddling::DropAll, events).await,
        Blow::DropSomeOfBus => meddle(world, fleet, Meddling::DropSome, events).await,
        Blow::RepeatBus => meddle(world, fleet, Meddling::Repeat, events).await,
        Blow::ReorderBus => meddle(world, fleet, Meddling::Reorder, events).await,
        Blow::ShutBus => {
            let bus = world.bus.as_ref().unwrap();
            bus.shut();
            let_pass(fleet, events, AT_MOST).await;
            bus.open();
        }
    }
}

async fn meddle(world: &World, fleet: &Fleet, meddling: Meddling, events: u64) {
    let bus = world.bus.as_ref().unwrap();
    bus.meddle(meddling);
    let_pass(fleet, 40 + events, AT_MOST).await;
    bus.meddle(Meddling::None);
}
