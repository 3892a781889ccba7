//! The few REST calls a measurement needs.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use chrono::Utc;
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::{RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

const PASSWORD: &str = "a password of the load generator";
const TIMEOUT: Duration = Duration::from_secs(30);
const REGISTRATIONS_AT_ONCE: usize = 4;

/// Someone who can connect.
#[derive(Debug, Clone)]
pub struct User {
    pub id: i64,
    pub token: String,
}

/// The server's REST interface.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
    base: Url,
}

#[derive(Deserialize)]
struct Registered {
    id: i64,
}

#[derive(Deserialize)]
struct Tokens {
    access: String,
}

#[derive(Deserialize)]
struct Conversation {
    id: String,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Stored>,
}

#[derive(Deserialize)]
struct Stored {
    seq: u64,
}

impl Api {
    pub fn new(base: Url) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()?;
        Ok(Self { http, base })
    }

    pub fn base(&self) -> &Url {
        &self.base
    }

    pub async fn is_ready(&self) -> bool {
        let Ok(url) = self.base.join("/health/ready") else { return false };
        let answer = self.http.get(url).send().await;
        answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
    }

    /// Registers and logs in users whose names nobody has had before.
    pub async fn create_users(&self, count: u32) -> Result<Vec<User>> {
        let run = Utc::now().timestamp_micros();
        stream::iter(0..count)
            .map(|number| self.create_user(format!("bench-{run:x}-{number}")))
            .buffered(REGISTRATIONS_AT_ONCE)
            .try_collect()
            .await
    }

    async fn create_user(&self, username: String) -> Result<User> {
        let account = json!({ "username": username, "password": PASSWORD });
        let users = self.http.post(self.base.join("/api/users/")?);
        let registered: Registered =
            answer(users.json(&account)).await.context("registering a user failed")?;
        let tokens = self.http.post(self.base.join("/api/auth/token/")?);
        let tokens: Tokens = answer(tokens.json(&account)).await.context("logging in failed")?;
        Ok(User { id: registered.id, token: tokens.access })
    }

    /// The highest sequence number a user reads on the newest page of a conversation.
    pub async fn newest_seq(&self, reader: &User, peer: i64) -> Result<Option<u64>> {
        let url = self.base.join(&format!("/api/messaging/messages/?user_id={peer}"))?;
        let page: Page = answer(self.http.get(url).bearer_auth(&reader.token))
            .await
            .context("reading the newest page failed")?;
        Ok(page.messages.iter().map(|message| message.seq).max())
    }
}

impl Api {
    /// The conversation of two users.
    pub async fn conversation(&self, user: &User, peer: i64) -> Result<String> {
        let url = self.base.join("/api/messaging/conversations/")?;
        let start = self.http.post(url).json(&json!({ "participant_id": peer }));
        let found: Conversation = answer(start.bearer_auth(&user.token))
            .await
            .context("looking a conversation up failed")?;
        Ok(found.id)
    }

    pub async fn mark_read(&self, reader: &User, conversation: &str) -> Result<()> {
        let path = format!("/api/messaging/conversations/{conversation}/mark-read/");
        let mark = self.http.post(self.base.join(&path)?).bearer_auth(&reader.token);
        let _answer: serde_json::Value = answer(mark).await.context("marking as read failed")?;
        Ok(())
    }

    /// Bytes of the answer.
    pub async fn read(&self, reader: &User, path: &str) -> Result<usize> {
        let response =
            self.http.get(self.base.join(path)?).bearer_auth(&reader.token).send().await?;
        ensure!(response.status().is_success(), "{}: {path}", response.status());
        Ok(response.bytes().await?.len())
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    let response = request.send().await?;
    let status = response.status();
    if !status.is_success() {
        bail!("{status}: {}", response.text().await?);
    }
    Ok(response.json().await?)
}
