//! Hashing passwords is slow on purpose: few at once, on threads of their own, and not too many
//! waiting.

use std::sync::LazyLock;

use actix_web::{http::StatusCode, web};
use tokio::sync::Semaphore;

use super::error::ApiError;

/// Requests that may wait for their turn, for each one that is hashing.
const WAITING_PER_CORE: usize = 16;

struct Lane {
    hashing: Semaphore,
    admitted: Semaphore,
}

static LANE: LazyLock<Lane> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Lane {
        hashing: Semaphore::new(cores),
        admitted: Semaphore::new(cores * (1 + WAITING_PER_CORE)),
    }
});

/// Runs `work` when it is its turn; 503 when too many wait.
pub(super) async fn hashing<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let busy = || {
        ApiError::detail(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many logins at once, try again later.",
        )
    };
    let _admitted = LANE.admitted.try_acquire().map_err(|_full| busy())?;
    let _turn = LANE.hashing.acquire().await.map_err(|_closed| busy())?;
    web::block(work).await.map_err(|_cancelled| busy())
}
