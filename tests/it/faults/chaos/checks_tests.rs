//! Every kind of damage is found, and nothing is found where there is none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{
    checks::{Account, History, Kind, check},
    journal::{Entry, Seen},
};

fn seen(seq: i64) -> Seen {
    Seen {
        id: format!("id-{seq}"),
        conversation: "c".to_owned(),
        seq,
        sender: 1,
        text: format!("nadia-0 {seq}"),
    }
}

fn invoke(seq: i64) -> Entry {
    let (client_id, text) = (format!("nadia-0-{seq}"), format!("nadia-0 {seq}"));
    Entry::Invoke { client_id, conversation: "c".to_owned(), text, connection: 1 }
}

fn ack(seq: i64) -> Entry {
    Entry::Ack { client_id: format!("nadia-0-{seq}"), message: seen(seq) }
}

fn push(seq: i64) -> Entry {
    Entry::Push { connection: 1, message: seen(seq), is_news: true, is_sent: true }
}

type Damage = fn(&mut Case);

/// A sender of three messages and somebody who heard them.
struct Case {
    sender: Vec<Entry>,
    listener: Vec<Entry>,
    history: Vec<Seen>,
    shown: Vec<i64>,
}

impl Case {
    fn sound() -> Self {
        let entries = |of: &[fn(i64) -> Entry]| {
            (1..=3).flat_map(|seq| of.iter().map(move |entry| entry(seq))).collect()
        };
        Self {
            sender: entries(&[invoke, ack]),
            listener: entries(&[push]),
            history: (1..=3).map(seen).collect(),
            shown: vec![1, 2, 3],
        }
    }

    fn finds(self) -> BTreeSet<Kind> {
        let conversations = BTreeSet::from(["c".to_owned()]);
        let shown = self.shown.iter().map(|seq| (seen(*seq).id, (*seq, seen(*seq).text)));
        let shown = BTreeMap::from([("c".to_owned(), shown.collect())]);
        let accounts = [
            Account {
                name: "nadia-0".to_owned(),
                conversations: conversations.clone(),
                entries: self.sender,
                shown: None,
            },
            Account {
                name: "omar-0".to_owned(),
                conversations,
                entries: self.listener,
                shown: Some(shown),
            },
        ];
        let histories = ["nadia", "omar"].map(|reader| History {
            reader: reader.to_owned(),
            conversation: "c".to_owned(),
            messages: self.history.clone(),
        });
        check(&accounts, &histories).into_iter().map(|violation| violation.kind).collect()
    }
}

#[test]
fn a_sound_run_is_sound() {
    assert_eq!(Case::sound().finds(), BTreeSet::new());
}

#[test]
fn deleted_messages_may_be_missing() {
    let mut case = Case::sound();
    let id = seen(2).id;
    case.sender.extend([Entry::Delete { id: id.clone() }, Entry::Deleted { id: id.clone() }]);
    case.listener.push(Entry::Gone { connection: 1, id });
    case.history.remove(1);
    case.shown.remove(1);

    assert_eq!(case.finds(), BTreeSet::new());
}

#[test]
fn every_kind_of_damage_is_found() {
    let damage: [(Kind, Damage); 13] = [
        (Kind::Lost, |case| {
            case.history.pop();
        }),
        (Kind::Lost, |case| {
            let (id, text) = (seen(1).id, "nadia-0 1 edited 1".to_owned());
            case.sender.push(Entry::Edit { id: id.clone(), text: text.clone() });
            case.sender.push(Entry::Edited { id, text });
        }),
        (Kind::Phantom, |case| case.listener.push(push(9))),
        (Kind::Phantom, |case| case.sender.retain(|entry| *entry != invoke(3))),
        (Kind::Duplicated, |case| {
            case.history.push(Seen { seq: 4, id: "id-4".to_owned(), ..seen(3) });
        }),
        (Kind::Reordered, |case| case.listener.swap(0, 2)),
        (Kind::Reordered, |case| case.sender.swap(0, 2)),
        (Kind::Gap, |case| {
            case.shown.remove(1);
        }),
        (Kind::Gap, |case| case.history.last_mut().unwrap().seq = 4),
        (Kind::Gap, |case| {
            case.listener.push(Entry::Hole { connection: 1, event: json!({}) });
        }),
        (Kind::Leaked, |case| {
            let message = Seen { conversation: "d".to_owned(), ..seen(1) };
            case.listener.push(Entry::Page { connection: 1, message, is_news: true });
        }),
        (Kind::Resurrected, |case| {
            case.listener.push(Entry::Gone { connection: 1, id: seen(2).id });
            case.listener.push(push(2));
        }),
        (Kind::Refused, |case| {
            case.sender.push(Entry::Refused {
                client_id: "nadia-0-3".to_owned(),
                code: "internal".to_owned(),
                is_final: true,
            });
        }),
    ];
    for (place, (kind, do_damage)) in damage.into_iter().enumerate() {
        let mut case = Case::sound();
        do_damage(&mut case);

        let found = case.finds();

        assert!(found.contains(&kind), "{place}: {kind:?} is not in {found:?}");
    }
    let mut case = Case::sound();
    case.sender.push(invoke(4));
    assert_eq!(case.finds(), BTreeSet::from([Kind::Unanswered]));
}
