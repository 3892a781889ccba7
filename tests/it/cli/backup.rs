//! `backup` and `restore`: whatever was acknowledged before a backup began is there after it was
//! restored, and every client starts afresh.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};
use tokio::{process::Command, sync::watch};

use crate::{
    helpers::{Person, Program, Socket, TestDatabase},
    with_both_databases,
};

/// Messages that are acknowledged before the backup begins, and while or after it is made.
const BEFORE: usize = 300;
const AFTER: usize = 100;

/// Acknowledged messages: `seq` and id.
type Acknowledged = BTreeMap<u64, String>;

/// Sends without a pause until told to stop; says how many are acknowledged.
async fn talk(
    mut socket: Socket,
    recipient: &Person,
    stop: &AtomicBool,
    acknowledged: &watch::Sender<Acknowledged>,
) {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let sent = socket.say(recipient.id, &format!("number {number}")).await;
        let (seq, id) = (&sent["message"]["seq"], &sent["message"]["id"]);
        acknowledged.send_modify(|known| {
            known.insert(seq.as_u64().unwrap(), id.as_str().unwrap().to_owned());
        });
    }
}

/// The path of something in the folder of the database, as an argument.
fn inside(database: &TestDatabase, name: &str) -> String {
    database.folder().join(name).to_str().unwrap().to_owned()
}

/// Runs one of PostgreSQL's own programs.
async fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().await.unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes a backup with the server at work.
async fn back_up(program: &Program, database: &TestDatabase, file: &str) {
    if database.name().is_none() {
        let printed = program.prints(&["backup", file]).await;
        let bytes = fs::metadata(file).unwrap().len();
        assert_eq!(printed, format!("{file}: {bytes} bytes\n"));
    } else {
        run("pg_dump", &["--format=custom", "--file", file, &database.url]).await;
    }
}

/// Restores it; returns the new epoch.
async fn restore(program: &Program, database: &TestDatabase, file: &str) -> String {
    if database.name().is_none() {
        let printed = program.prints(&["restore", file]).await;
        return printed.lines().last().unwrap().to_owned();
    }
    // Over the tables that are there: what they hold is gone afterwards, as in an empty database.
    run("pg_restore", &["--clean", "--if-exists", "--dbname", &database.url, file]).await;
    program.prints(&["epoch", "renew"]).await.trim().to_owned()
}

with_both_databases! {
    async fn what_was_acknowledged_before_a_backup_is_in_it(database) {
        let program = Program::unlimited(database);
        let server = program.serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let old_epoch = program.prints(&["epoch", "show"]).await.trim().to_owned();
        let sockets = (nadia.connect_v2().await, omar.connect_v2().await);
        let (stop, file) = (AtomicBool::new(false), inside(database, "copy"));
        let (acknowledged, mut news) = watch::channel(Acknowledged::new());

        let backing_up = async {
            news.wait_for(|known| known.len() >= BEFORE).await.unwrap();
            let before = acknowledged.borrow().clone();
            back_up(&program, database, &file).await;
            let mark = acknowledged.borrow().len();
            news.wait_for(|known| known.len() >= mark + AFTER).await.unwrap();
            stop.store(true, Ordering::Relaxed);
            before
        };
        let (before, (), ()) = tokio::join!(
            backing_up,
            talk(sockets.0, &omar, &stop, &acknowledged),
            talk(sockets.1, &nadia, &stop, &acknowledged),
        );
        let at_the_end = acknowledged.borrow().clone();
        server.stop().await;
        let new_epoch = restore(&program, database, &file).await;

        assert_ne!(new_epoch, old_epoch);
        assert_eq!(program.prints(&["epoch", "show"]).await.trim(), new_epoch);
        let server = program.serve().await;
        let (nadia, omar) = (nadia.at(&server), omar.at(&server));
        let history = nadia.whole_history_with(&omar).await;
        let found: Acknowledged = history
            .iter()
            .map(|message| {
                let (seq, id) = (&message["seq"], &message["id"]);
                (seq.as_u64().unwrap(), id.as_str().unwrap().to_owned())
            })
            .collect();
        assert!(before.len() >= BEFORE);
        for (seq, id) in &before {
            assert_eq!(found.get(seq), Some(id), "message {seq} is not in the backup");
        }
        // A moment of the past, and not the present: otherwise nothing was restored.
        assert!(found.len() < at_the_end.len());
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), (1..=found.len() as u64).collect::<Vec<_>>());
        // Whoever knows the numbers from before is told to forget them; work goes on.
        let mut omars = omar.connect_v2().await;
        let known = json!({&conversation: at_the_end.len()});
        omars.send(json!({"type": "resume", "cursors": known, "epoch": old_epoch})).await;
        assert_eq!(omars.receive_type("sync").await["reset"], true);
        let sent = nadia.connect_v2().await.say(omar.id, "we go on").await;
        assert_eq!(sent["message"]["seq"], found.len() + 1);
        server.stop().await;
    }
}

fn mode(file: &str) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

/// Names of the files beside the database, without what belongs to it.
fn others(database: &TestDatabase) -> Vec<String> {
    let entries = fs::read_dir(database.folder()).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "test.db" && !name.ends_with(".migrate.lock"));
    names.sort();
    names
}

async fn first_message(program: &Program, nadia: &Person, omar: &Person) -> Vec<Value> {
    let server = program.serve().await;
    let history = nadia.at(&server).whole_history_with(&omar.at(&server)).await;
    server.stop().await;
    history
}

#[tokio::test]
async fn a_backup_is_private_and_takes_nobody_elses_place() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database);
    let file = inside(&database, "copy.db");
    let complaint = program.complains(&["backup", &file]).await;
    assert!(complaint.contains("there is no database at"), "{complaint}");
    assert!(!Path::new(&file).exists());

    program.prints(&["migrate", "up"]).await;
    program.prints(&["backup", &file]).await;

    assert_eq!(mode(&file), 0o600);
    let url = format!("sqlite://{file}");
    let copy = Program::new(&database).with("DATABASE_URL", &url);
    assert!(copy.prints(&["migrate", "status"]).await.contains("applied"));
    let complaint = program.complains(&["backup", &file]).await;
    assert!(complaint.contains("copy.db exists already"), "{complaint}");
    let elsewhere = inside(&database, "missing/copy.db");
    let complaint = program.complains(&["backup", &elsewhere]).await;
    assert!(complaint.contains("missing/copy.db"), "{complaint}");
    let left = others(&database);
    assert_eq!(left.iter().filter(|name| name.contains("partial")).count(), 0, "{left:?}");
}

#[tokio::test]
async fn a_restore_keeps_what_was_there_and_waits_for_the_server_to_stop() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database);
    let server = program.serve().await;
    let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
    nadia.connect_v2().await.say(omar.id, "in the backup").await;
    let file = inside(&database, "copy");
    program.prints(&["backup", &file]).await;
    // Whoever can read the copy: the database stays private.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    nadia.connect_v2().await.say(omar.id, "not in the backup").await;

    let complaint = program.complains(&["restore", &file]).await;
    assert!(complaint.contains("in use, stop the server first"), "{complaint}");
    assert_eq!(nadia.whole_history_with(&omar).await.len(), 2);
    server.stop().await;
    let printed = program.prints(&["restore", &file]).await;

    assert_eq!(first_message(&program, &nadia, &omar).await.len(), 1);
    assert_eq!(mode(&inside(&database, "test.db")), 0o600);
    let line = printed.lines().next().unwrap();
    let aside = line.strip_prefix("The database from before is at ").unwrap();
    let aside = format!("sqlite://{aside}");
    let before = Program::new(&database).with("DATABASE_URL", &aside);
    assert_eq!(first_message(&before, &nadia, &omar).await.len(), 2);
    // A database that is gone altogether.
    fs::remove_file(inside(&database, "test.db")).unwrap();
    program.prints(&["restore", &file]).await;
    assert_eq!(first_message(&program, &nadia, &omar).await.len(), 1);
}

#[tokio::test]
async fn what_is_no_backup_changes_nothing() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database);
    let epoch = program.prints(&["epoch", "show"]).await;
    let good = inside(&database, "good");
    program.prints(&["backup", &good]).await;
    let before = others(&database);
    let bytes = fs::read(&good).unwrap();
    let bad = inside(&database, "bad");
    let empty_page_of_another = [&bytes[..100], &vec![0; bytes.len() - 100][..]].concat();

    for (content, reason) in [
        (vec![], "no database of this program"),
        (b"-- a dump in SQL".to_vec(), "damaged"),
        (bytes[..bytes.len() / 2].to_vec(), "damaged"),
        (empty_page_of_another, "damaged"),
    ] {
        fs::write(&bad, &content).unwrap();
        let complaint = program.complains(&["restore", &bad]).await;
        assert!(complaint.contains(reason), "{complaint}");
        fs::remove_file(&bad).unwrap();
        assert_eq!(others(&database), before);
    }
    let complaint = program.complains(&["restore", &bad]).await;
    assert!(complaint.contains("there is no database at"), "{complaint}");
    assert_eq!(program.prints(&["epoch", "show"]).await, epoch);
}

#[tokio::test]
async fn a_database_that_is_damaged_is_set_aside_as_it_is() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database);
    program.prints(&["migrate", "up"]).await;
    let file = inside(&database, "copy");
    program.prints(&["backup", &file]).await;
    fs::write(inside(&database, "test.db"), "no longer a database").unwrap();

    let printed = program.prints(&["restore", &file]).await;

    let aside = printed.lines().next().unwrap().rsplit(' ').next().unwrap();
    assert_eq!(fs::read_to_string(aside).unwrap(), "no longer a database");
    assert!(program.prints(&["migrate", "status"]).await.contains("applied"));
}

#[tokio::test]
async fn postgresql_has_programs_of_its_own() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let program = Program::new(&database);

    let complaint = program.complains(&["backup", &inside(&database, "copy")]).await;
    assert!(complaint.contains("use pg_dump"), "{complaint}");
    let complaint = program.complains(&["restore", &inside(&database, "copy")]).await;
    assert!(complaint.contains("use pg_restore"), "{complaint}");
    database.drop_it().await;
}
