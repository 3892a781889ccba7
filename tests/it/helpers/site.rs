//! A server as its clients reach it.

use std::net::SocketAddr;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{Answer, Person};

/// An address that serves, and a client for it.
#[derive(Clone, Debug)]
pub struct Site {
    pub address: SocketAddr,
    pub http: reqwest::Client,
}

impl Site {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, http: reqwest::Client::new() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn ws_url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address)
    }

    /// Registers somebody and logs him in; his password is `pw-NAME`.
    pub async fn person(&self, username: &str) -> Person {
        Person::register(self, username).await
    }

    /// A request that is still to be completed and sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// A request of nobody in particular.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    /// The answer to a login.
    pub async fn log_in(&self, username: &str, password: &str) -> Answer {
        let credentials = serde_json::json!({"username": username, "password": password});
        self.post("/api/auth/token/", credentials).await
    }
}

/// An address of the loopback interface that nobody listens on.
pub fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
