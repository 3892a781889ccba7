//! Hashing passwords is slow and takes 19 MiB on purpose: on a few threads of its own, so that their
//! memory is used again and again, and with a bound on how many requests may wait.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use actix_web::http::StatusCode;
use tokio::sync::oneshot;

use super::error::ApiError;

/// Requests that may wait for their turn.
const WAITING: usize = 32;

type Work = Box<dyn FnOnce() + Send>;

static LANE: LazyLock<SyncSender<Work>> = LazyLock::new(|| {
    let (lane, work) = sync_channel(WAITING);
    let work = Arc::new(Mutex::new(work));
    for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
        let work = work.clone();
        thread::spawn(move || {
            while let Some(next) = next(&work) {
                // A panic must not cost the lane a thread.
                if catch_unwind(AssertUnwindSafe(next)).is_err() {
                    tracing::error!("hashing a password panicked");
                }
            }
        });
    }
    lane
});

fn next(work: &Mutex<Receiver<Work>>) -> Option<Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Runs `work` when it is its turn; 503 when too many wait.
pub(super) async fn hashing<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let (answer, answered) = oneshot::channel();
    let work = Box::new(move || {
        // Nobody waits any more when the client has gone.
        drop(answer.send(work()));
    });
    let busy = || {
        ApiError::detail(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many logins at once, try again later.",
        )
    };
    LANE.try_send(work).map_err(|_full| busy())?;
    answered.await.map_err(|_died| busy())
}
