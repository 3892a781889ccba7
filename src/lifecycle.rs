//! Signals and the drain.

use std::time::Duration;

use actix::Addr;
use actix_web::dev::ServerHandle;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, timeout_at},
};

use crate::actors::{BeginDrain, CloseAll, DbExecutor, Flush, Services};

/// Resolves with the first SIGTERM or SIGINT; the second one ends the process at once.
pub async fn stop_signal() {
    let (mut terminate, mut interrupt) =
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(terminate), Ok(interrupt)) => (terminate, interrupt),
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(%error, "cannot listen for signals");
                return std::future::pending().await;
            }
        };
    either(&mut terminate, &mut interrupt).await;
    tracing::info!("stopping; a second signal ends the process at once");
    actix::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        std::process::exit(130);
    });
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}

/// Stops without losing anything acknowledged. The order matters: whoever flushed before refusing
/// would commit messages nobody is told about.
pub async fn drain(
    services: &Services,
    db_executor: &Addr<DbExecutor>,
    server: &ServerHandle,
    within: Duration,
) {
    let deadline = Instant::now() + within;
    let chat_server = services.chat_server();
    // Refuse new work: everything after this is answered `restarting`.
    services.begin_drain();
    step(deadline, "refuse", chat_server.send(BeginDrain)).await;
    // Store and answer what was accepted before.
    step(deadline, "flush", db_executor.send(Flush)).await;
    // Every connection gets its reconnect hint and Close 1012.
    step(deadline, "close", chat_server.send(CloseAll)).await;
    if timeout_at(deadline, server.stop(true)).await.is_err() {
        tracing::warn!("connections were still open at the end of server.shutdown_seconds");
    }
    services.bus().close().await;
    services.storage().close().await;
}

async fn step(
    deadline: Instant,
    name: &'static str,
    work: impl Future<Output = Result<(), actix::MailboxError>>,
) {
    match timeout_at(deadline, work).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(step = name, %error, "draining failed"),
        Err(_elapsed) => tracing::warn!(step = name, "draining took too long"),
    }
}
