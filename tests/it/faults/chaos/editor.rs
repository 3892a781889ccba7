//! Somebody's second thoughts: he edits and deletes what he has sent, over REST, now and then.

use std::{
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use fastrand::Rng;
use reqwest::Method;
use serde_json::json;
use tokio::{sync::watch, time::timeout};

use super::{
    fleet::{Fleet, Owner, Phase},
    journal::{Entry, Journal},
};
use crate::helpers::Site;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(6);

/// Pause between two things, unless nothing else happens.
const PAUSE: Duration = Duration::from_millis(150);

/// Edits and deletes until the storm is over, and then finishes what is under way.
pub async fn reconsider(
    owner: Owner,
    name: String,
    sites: Vec<Site>,
    folder: &Path,
    mut dice: Rng,
    fleet: Arc<Fleet>,
    end: watch::Receiver<bool>,
) {
    let mut journal = Journal::create(folder, &name);
    let mut edits = 0;
    while *fleet.phase.borrow() == Phase::Storm && !*end.borrow() {
        let mut phase = fleet.phase.subscribe();
        drop(timeout(PAUSE, phase.wait_for(|phase| *phase != Phase::Storm)).await);
        let chosen = {
            let mut own = owner.own.lock().unwrap();
            if own.is_empty() {
                continue;
            }
            let at = dice.usize(..own.len());
            // What is deleted is not touched again.
            if dice.usize(..4) == 0 { Err(own.swap_remove(at)) } else { Ok(own[at].clone()) }
        };
        fleet.open.fetch_add(1, Ordering::SeqCst);
        if *fleet.phase.borrow() != Phase::Storm {
            fleet.open.fetch_sub(1, Ordering::SeqCst);
            break;
        }
        edits += 1;
        let (begun, done, method, id, body) = match chosen {
            Err((id, _)) => (
                Entry::Delete { id: id.clone() },
                Entry::Deleted { id: id.clone() },
                Method::DELETE,
                id,
                None,
            ),
            Ok((id, sent)) => {
                let text = format!("{sent} edited {edits}");
                (
                    Entry::Edit { id: id.clone(), text: text.clone() },
                    Entry::Edited { id: id.clone(), text: text.clone() },
                    Method::PUT,
                    id,
                    Some(json!({"content": text})),
                )
            }
        };
        journal.write(&begun);
        // Until it is known what became of it.
        while !*end.borrow() {
            let site = dice.choice(&sites).unwrap().clone();
            let url = site.url(&format!("/api/messaging/messages/{id}/"));
            let request = site.http.request(method.clone(), url).bearer_auth(&owner.person.access);
            let request = match &body {
                Some(body) => request.json(body),
                None => request,
            };
            let answer = timeout(PATIENCE, request.send()).await;
            let status = answer.ok().and_then(Result::ok).map(|answer| answer.status().as_u16());
            let is_done = match status {
                // Of a deletion whose answer was lost.
                Some(404) => body.is_none(),
                Some(status) => (200..300).contains(&status),
                None => false,
            };
            if is_done {
                journal.write(&done);
                break;
            }
            let mut progress = fleet.progress.subscribe();
            drop(timeout(PAUSE, progress.changed()).await);
        }
        fleet.open.fetch_sub(1, Ordering::SeqCst);
        fleet.moved();
    }
}
