//! Fetching a set of keys from its address, now and then, and when a token names a key nobody knows.

use std::time::Duration;

use reqwest::{Client, StatusCode, redirect::Policy};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    keys::{KEYS_BYTES, KeyError, keys_of_set},
    token::TokenKeys,
};

/// Longest time a fetch may take, from the connection to the last byte.
const PATIENCE: Duration = Duration::from_secs(5);

/// Fetches are never closer together, whatever tokens come in.
const AT_LEAST_APART: Duration = Duration::from_secs(30);

/// Why no keys came.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("no answer in {} s", PATIENCE.as_secs())]
    Late,
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    #[error("the answer is {0}")]
    Status(StatusCode),
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Keeps the keys of `url` fresh for as long as it is polled.
pub async fn keep_fresh(keys: TokenKeys, url: String, every: Duration) {
    let client = Client::builder().redirect(Policy::none()).timeout(PATIENCE).build();
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "cannot fetch keys: no HTTP client");
            return;
        }
    };
    loop {
        let fetched_at = Instant::now();
        let next =
            match timeout(PATIENCE, fetch(&client, &url)).await.unwrap_or(Err(FetchError::Late)) {
                Ok(fetched) => {
                    tracing::debug!(keys = fetched.len(), "fetched keys");
                    keys.replace_fetched(fetched);
                    fetched_at + every.max(AT_LEAST_APART)
                }
                // Those fetched before stay good.
                Err(error) => {
                    tracing::warn!(%error, "could not fetch keys, will try again");
                    fetched_at + AT_LEAST_APART
                }
            };
        tokio::select! {
            () = sleep_until(next) => {}
            () = keys.unknown_key() => sleep_until(fetched_at + AT_LEAST_APART).await,
        }
    }
}

async fn fetch(client: &Client, url: &str) -> Result<Vec<super::keys::Key>, FetchError> {
    let mut answer = client.get(url).send().await.map_err(reqwest::Error::without_url)?;
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Status(answer.status()));
    }
    let mut body = vec![];
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len() + chunk.len() > KEYS_BYTES {
            return Err(KeyError::TooLarge("the answer".to_owned()).into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(keys_of_set("the answer", &body)?)
}
