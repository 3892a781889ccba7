//! People (contract §1.5, §1.6): following, lists, search, suggestions, profiles, staff.

mod finding;
mod following;
mod lists;

use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{Answer, Person, TestApp};

impl Person {
    async fn follow(&self, other: &Person) -> Value {
        self.toggle(Method::PUT, other.id).await.ok()
    }

    async fn toggle(&self, method: Method, id: i64) -> Answer {
        self.request(method, &format!("/api/follow/toggle/{id}/"), None).await
    }
}

/// Somebody with a first and a last name.
async fn named(app: &TestApp, username: &str, first: &str, last: &str) -> Person {
    let person = app.person(username).await;
    let sql = format!(
        "UPDATE users SET first_name = '{first}', last_name = '{last}', \
         email = '{username}@example.org' WHERE id = {}",
        person.id
    );
    app.database.execute(&sql).await;
    person
}

async fn staff(app: &TestApp) -> Person {
    let person = app.person("boss").await;
    let sql = format!("UPDATE users SET is_staff = TRUE WHERE id = {}", person.id);
    app.database.execute(&sql).await;
    person
}

async fn deactivate(app: &TestApp, person: &Person) {
    let sql = format!("UPDATE users SET is_active = FALSE WHERE id = {}", person.id);
    app.database.execute(&sql).await;
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

fn basic(person: &Person) -> Value {
    json!({
        "id": person.id, "username": person.username, "first_name": "", "last_name": "",
        "full_name": person.username, "profile_picture": null,
    })
}
