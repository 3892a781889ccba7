//! PostgreSQL is killed, restarted, loses a connection or falls silent: sends are answered in time,
//! nothing that was acknowledged is lost, and work goes on by itself.

use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::persistent::{ANSWER_WITHIN, RECOVERY, Tally, connect, listen, talk};
use crate::helpers::{Cable, Person, PostgresServer, Program, ServerProcess, TestDatabase};

/// Acknowledgements that show that work goes on.
const SOME: usize = 40;

/// How much of a fault is seen by those who send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outage {
    /// Something must be refused, and reading too.
    Total,
    /// A moment.
    Short,
}

/// A server with a PostgreSQL of its own, behind a cable.
struct Scene {
    postgres: PostgresServer,
    cable: Cable,
    /// Reaches PostgreSQL without the cable.
    database: TestDatabase,
    server: ServerProcess,
}

impl Scene {
    async fn set() -> Option<Self> {
        let postgres = PostgresServer::start().await?;
        let cable = Cable::to(postgres.address).await;
        let seen = TestDatabase::at(PostgresServer::url_by(cable.address));
        let server = Program::unlimited(&seen).serve().await;
        let database = TestDatabase::at(postgres.url());
        Some(Self { postgres, cable, database, server })
    }
}

async fn withstands(
    outage: Outage,
    begin: impl AsyncFnOnce(&mut Scene),
    end: impl AsyncFnOnce(&mut Scene),
) {
    Box::pin(withstood(outage, begin, end)).await;
}

async fn withstood(
    outage: Outage,
    begin: impl AsyncFnOnce(&mut Scene),
    end: impl AsyncFnOnce(&mut Scene),
) {
    let Some(mut scene) = Scene::set().await else { return };
    let (nadia, omar) = (scene.server.person("nadia").await, scene.server.person("omar").await);
    let conversation = nadia.conversation_with(&omar).await;
    let tally = Tally::new();
    let (last_rev, watched) = watch::channel(None);

    let fault = async {
        tally.more_acknowledged(SOME, RECOVERY).await;
        begin(&mut scene).await;
        if outage == Outage::Total {
            tally.more_refused(4).await;
            reading_is_refused(&nadia).await;
        }
        end(&mut scene).await;
        tally.more_acknowledged(1, RECOVERY).await;
        tally.more_acknowledged(SOME, RECOVERY).await;
        reading_goes_on(&nadia).await;
        tally.end();
    };
    let talking = async {
        let ((), ledger) = tokio::join!(fault, talk(&nadia, &omar, &tally));
        let history = nadia.whole_history_with(&omar).await;
        last_rev.send_replace(history.last().map(|newest| newest["rev"].as_i64().unwrap()));
        (ledger, history, Instant::now())
    };
    let ((ledger, history, ended), client) =
        tokio::join!(talking, listen(&omar, &conversation, watched));

    assert!(ended.elapsed() < RECOVERY, "complete after {:?}", ended.elapsed());
    assert_eq!(ledger.check(&history), Ok(()));
    assert_eq!(ledger.len(), history.len(), "stored without an acknowledgement");
    assert!(tally.slowest() < ANSWER_WITHIN, "{:?}", tally.slowest());
    let codes = tally.codes();
    assert!(codes.iter().all(|code| code == "unavailable"), "{codes:?}");
    let held = &client.conversations[&conversation];
    let expected =
        history.iter().skip_while(|message| message["seq"].as_i64() < Some(held.from_seq));
    let ids: Vec<_> = expected.map(|message| message["id"].as_str().unwrap()).collect();
    assert_eq!(held.messages.len(), ids.len(), "the listener lacks something");
    assert!(ids.iter().all(|id| held.messages.contains_key(*id)));
    scene.server.stop().await;
}

async fn reading_is_refused(person: &Person) {
    // Somebody may still be known from a moment ago; then the list itself is refused.
    let asking = person.get("/api/messaging/conversations/");
    let answer = timeout(ANSWER_WITHIN, asking).await.expect("an answer in time");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.body["code"], "unavailable");
}

async fn reading_goes_on(person: &Person) {
    let deadline = Instant::now() + RECOVERY;
    while person.get("/api/messaging/conversations/").await.status != 200 {
        assert!(Instant::now() < deadline);
    }
}

#[tokio::test]
async fn postgres_that_is_killed_costs_nothing_that_was_acknowledged() {
    let kill = async |scene: &mut Scene| scene.postgres.kill().await;
    withstands(Outage::Total, kill, async |scene| scene.postgres.start_again().await).await;
}

#[tokio::test]
async fn postgres_may_be_restarted_under_load() {
    let stop = async |scene: &mut Scene| scene.postgres.stop_fast().await;
    withstands(Outage::Total, stop, async |scene| scene.postgres.start_again().await).await;
}

#[tokio::test]
async fn a_connection_that_is_terminated_is_replaced() {
    let terminate = async |scene: &mut Scene| {
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE application_name = 'vikrahub-messaging'";
        assert!(scene.database.number(sql).await > 0);
    };
    withstands(Outage::Short, terminate, async |_scene| {}).await;
}

#[tokio::test]
async fn connections_that_are_cut_are_replaced() {
    let cut = async |scene: &mut Scene| scene.cable.cut();
    withstands(Outage::Short, cut, async |_scene| {}).await;
}

#[tokio::test]
async fn a_database_that_falls_silent_is_given_up_in_time() {
    let silence = async |scene: &mut Scene| scene.cable.go_dead();
    withstands(Outage::Total, silence, async |scene| scene.cable.revive()).await;
}

#[tokio::test]
async fn connections_that_lead_nowhere_are_not_used_again() {
    let silence = async |scene: &mut Scene| scene.cable.go_dead();
    let other_cable = async |scene: &mut Scene| {
        scene.cable.cut();
        scene.cable.revive();
    };
    withstands(Outage::Total, silence, other_cable).await;
}

/// Keeps COMMIT waiting for a second.
const LINGER: &str = "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql \
     AS $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$; \
     CREATE CONSTRAINT TRIGGER lingers AFTER INSERT ON messages \
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION linger()";

async fn until(database: &TestDatabase, sql: &str) {
    let deadline = Instant::now() + RECOVERY;
    while database.number(sql).await == 0 {
        assert!(Instant::now() < deadline, "{sql}");
    }
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_found_by_its_repeat_and_by_everybody() {
    let Some(Scene { postgres: _postgres, cable, database, server }) = Scene::set().await else {
        return;
    };
    let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
    nadia.conversation_with(&omar).await;
    let mut nadias = nadia.connect_v2().await;
    let mut omars = omar.connect_v2().await;
    database.execute(LINGER).await;
    let message = json!({
        "type": "message", "recipient_id": omar.id, "text": "are you there?", "client_id": "once",
    });

    nadias.send(message.clone()).await;
    let is_committing = "SELECT count(*) FROM pg_stat_activity \
                         WHERE query = 'COMMIT' AND state = 'active'";
    until(&database, is_committing).await;
    cable.go_dead();

    let error = nadias.receive_type("error").await;
    assert_eq!((&error["code"], &error["client_id"]), (&json!("unavailable"), &json!("once")));
    assert_eq!(error["retry_after"], 1);
    until(&database, "SELECT count(*) FROM messages").await;
    database.execute("DROP TRIGGER lingers ON messages").await;
    cable.cut();
    cable.revive();
    // As soon as it is known that it is stored.
    let told = omars.receive_type("new_message").await;
    assert_eq!(
        (&told["message"]["content"], &told["message"]["seq"]),
        (&message["text"], &json!(1))
    );
    let mut nadias = connect(&nadia).await;
    nadias.send(message).await;
    let repeated = nadias.receive_type("message_sent").await;
    assert_eq!((&repeated["duplicate"], &repeated["message"]["seq"]), (&json!(true), &json!(1)));
    assert_eq!(omar.history_with(&nadia).await.len(), 1);
    server.stop().await;
}
