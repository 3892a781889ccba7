//! Notifications (contract §4): made with their cause, listed, read, removed.

mod causes;
mod reading;

use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{Person, TestApp};

const LIST: &str = "/api/notifications/";

impl Person {
    async fn notifications(&self, query: &str) -> Vec<Value> {
        self.get(&format!("{LIST}{query}")).await.ok().as_array().unwrap().clone()
    }

    async fn unread_notifications(&self) -> i64 {
        let answer = self.get("/api/notifications/unread_count/").await.ok();
        answer["unread_count"].as_i64().unwrap()
    }
}

fn missing() -> Value {
    json!({"detail": "No Notification matches the given query."})
}

fn verbs(list: &[Value]) -> Vec<&str> {
    list.iter().map(|notification| notification["verb"].as_str().unwrap()).collect()
}

/// Two people, the second with one unread notification of each kind that messages and follows make.
async fn told(app: &TestApp) -> (Person, Person) {
    let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
    let conversation = nadia.conversation_with(&omar).await;
    nadia.write(&conversation, "lunch?").await;
    let path = format!("/api/follow/toggle/{}/", omar.id);
    nadia.request(Method::PUT, &path, None).await.ok();
    (nadia, omar)
}
