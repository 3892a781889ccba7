//! Somebody who uses the server: over REST, or with a socket.

use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{Answer, Site, Socket};

/// A registered user with his tokens.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: i64,
    pub username: String,
    pub access: String,
    pub refresh: String,
    site: Site,
}

impl Person {
    pub async fn register(site: &Site, username: &str) -> Self {
        let password = format!("pw-{username}");
        let account = json!({"username": username, "password": password});
        let user = site.post("/api/users/", account).await.ok();
        let tokens = site.log_in(username, &password).await.ok();
        Self {
            id: user["id"].as_i64().unwrap(),
            username: username.to_owned(),
            access: tokens["access"].as_str().unwrap().to_owned(),
            refresh: tokens["refresh"].as_str().unwrap().to_owned(),
            site: site.clone(),
        }
    }

    /// The same person at another address of the same server.
    pub fn at(&self, site: &Site) -> Self {
        Self { site: site.clone(), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path, Some(body)).await
    }

    pub async fn request(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.site.request(method, path).bearer_auth(&self.access);
        Answer::of(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// A socket that has received `connection_established`; hears old and new event names.
    pub async fn connect(&self) -> Socket {
        self.connect_to(&format!("/ws/chat/?token={}", self.access)).await
    }

    /// A socket that hears each event once.
    pub async fn connect_v2(&self) -> Socket {
        self.connect_to(&format!("/ws/chat/?v=2&token={}", self.access)).await
    }

    /// A socket that hears each event once, if the server lets one in.
    pub async fn try_connect_v2(&self) -> Option<Socket> {
        let path = format!("/ws/chat/?v=2&token={}", self.access);
        let mut socket = Socket::open(self.site.ws_url(&path)).await.ok()?;
        let Message::Text(event) = socket.try_next().await? else { return None };
        event.contains("connection_established").then_some(socket)
    }

    /// A socket on `/ws/messaging/`.
    pub async fn connect_messaging(&self) -> Socket {
        self.connect_to(&format!("/ws/messaging/?token={}", self.access)).await
    }

    /// A socket on `/ws/notifications/` that has heard nothing yet.
    pub async fn connect_notifications(&self) -> Socket {
        let path = format!("/ws/notifications/?token={}", self.access);
        Socket::open(self.site.ws_url(&path)).await.unwrap()
    }

    async fn connect_to(&self, path: &str) -> Socket {
        let mut socket = Socket::open(self.site.ws_url(path)).await.unwrap();
        socket.expect("connection_established").await;
        socket
    }

    /// The conversation with `other`, made if need be.
    pub async fn conversation_with(&self, other: &Self) -> String {
        let body = json!({"target_user_id": other.id});
        let conversation = self.post("/api/messaging/conversations/", body).await.ok();
        conversation["id"].as_str().unwrap().to_owned()
    }

    /// Posts a message over REST and returns it.
    pub async fn write(&self, conversation: &str, text: &str) -> Value {
        let path = format!("/api/messaging/conversations/{conversation}/messages/");
        self.post(&path, json!({"content": text})).await.ok()
    }

    /// The newest page of messages with `other`.
    pub async fn history_with(&self, other: &Self) -> Vec<Value> {
        let path = format!("/api/messaging/messages/?user_id={}&page_size=100", other.id);
        self.get(&path).await.ok()["messages"].as_array().unwrap().clone()
    }

    /// Everything ever said with `other`, oldest first.
    pub async fn whole_history_with(&self, other: &Self) -> Vec<Value> {
        let path = format!("/api/messaging/messages/?user_id={}&page_size=100", other.id);
        let mut pages = vec![];
        let mut before = String::new();
        loop {
            let page = self.get(&format!("{path}{before}")).await.ok();
            let messages = page["messages"].as_array().unwrap().clone();
            if let Some(oldest) = messages.first() {
                before = format!("&before={}", oldest["seq"]);
            }
            pages.push(messages);
            if page["has_more"] == false {
                return pages.into_iter().rev().flatten().collect();
            }
        }
    }

    pub async fn unread(&self) -> i64 {
        let answer = self.get("/api/messaging/unread-count/").await.ok();
        answer["unread_count"].as_i64().unwrap()
    }
}
