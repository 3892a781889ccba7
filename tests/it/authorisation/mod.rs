//! Who may do what, as tables: of REST, and of the frames of each WebSocket endpoint. A new route or
//! type of frame without a row fails here.

mod frames;
mod rest;

use serde_json::{Value, json};

use crate::helpers::{Person, Site, TestApp};

/// An id nothing has.
const MISSING: &str = "00000000-0000-7000-8000-000000000000";

/// A number nothing has.
const MISSING_NUMBER: i64 = 404_404;

/// Everybody a conversation of nadia and omar can be asked by.
struct Cast {
    nadia: Person,
    omar: Person,
    /// Shares nothing with them.
    stranger: Person,
    /// A member of the staff who belongs to no conversation of theirs.
    administrator: Person,
    /// Was let in and is no longer.
    deactivated: Person,
    /// Has left the conversation with nadia.
    former: Person,
    conversation: String,
    /// The one `former` has left, with a message of each of the two.
    left: String,
    hers_in_left: String,
    his_in_left: String,
    /// The identity of the database.
    epoch: String,
    site: Site,
}

impl Cast {
    async fn gather(app: &TestApp) -> Self {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (stranger, former) = (app.person("zoe").await, app.person("faye").await);
        let administrator = app.person("root").await;
        let deactivated = app.person("gone").await;
        let conversation = nadia.conversation_with(&omar).await;
        let left = nadia.conversation_with(&former).await;
        let hers_in_left = id(&nadia.write(&left, "a secret of hers").await);
        let his_in_left = id(&former.write(&left, "a secret of his").await);
        for sql in [
            "UPDATE users SET is_staff = true WHERE username = 'root'".to_owned(),
            "UPDATE users SET is_active = false WHERE username = 'gone'".to_owned(),
            format!(
                "UPDATE participants SET left_at = '2026-01-01 00:00:00+00:00' WHERE user_id = {} \
                 AND conversation_id IN (SELECT id FROM conversations WHERE direct_key = '{}:{}')",
                former.id,
                nadia.id.min(former.id),
                nadia.id.max(former.id),
            ),
        ] {
            app.database.execute(&sql).await;
        }
        // People are believed for two seconds.
        while deactivated.get("/api/users/me/").await.status != 401 {}
        while administrator.get("/api/users/").await.status != 200 {}
        let sync = nadia.get("/api/messaging/sync/").await.ok();
        let epoch = sync["epoch"].as_str().unwrap().to_owned();
        Self {
            epoch,
            nadia,
            omar,
            stranger,
            administrator,
            deactivated,
            former,
            conversation,
            left,
            hers_in_left,
            his_in_left,
            site: (**app).clone(),
        }
    }

    /// A fresh message of nadia to omar.
    async fn message(&self) -> String {
        id(&self.nadia.write(&self.conversation, "a secret").await)
    }
}

fn id(thing: &Value) -> String {
    thing["id"].as_str().map_or_else(|| thing["id"].to_string(), ToOwned::to_owned)
}

/// An answer with the ids of the question made the same, to compare answers about several.
fn without_ids(answer: &Value, ids: &[&str]) -> Value {
    let mut text = answer.to_string();
    for id in ids {
        text = text.replace(id, "{id}");
    }
    serde_json::from_str(&text).unwrap_or_else(|_error| json!(text))
}
