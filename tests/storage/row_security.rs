//! PostgreSQL shows a person no more than he may see, even to a query that forgot to ask.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use uuid::Uuid;
use vikrahub_messaging::{
    config::{DatabaseConfig, DatabaseUrl},
    domain::{ConversationId, MessageId, UserId, clock},
    storage,
};

use crate::{Store, TestDatabase};

/// Every table with rows about people, filled with a row that concerns two of them.
struct Filled {
    store: Store,
    member: UserId,
    other: UserId,
    stranger: UserId,
    conversation: ConversationId,
    message: MessageId,
}

const PRIVATE: [&str; 6] =
    ["conversations", "participants", "messages", "reactions", "message_hidden", "notifications"];

impl Filled {
    async fn new() -> Option<Self> {
        let store = Store::open(TestDatabase::postgres().await?).await;
        let (member, other, pair) = store.pair().await;
        let stranger = store.user("paula").await;
        let conversation = store.messages(pair, member, 2).await;
        let id = format!("(SELECT id FROM messages WHERE seq = 1 AND sender_id = {})", member.0);
        for sql in [
            format!("INSERT INTO reactions VALUES ({id}, {}, '👍', now())", other.0),
            format!("INSERT INTO message_hidden VALUES ({id}, {})", member.0),
            format!("INSERT INTO message_edits VALUES ({id}, 9, 'before', now())"),
            format!(
                "INSERT INTO rest_echoes VALUES ({id}, {}, '{}', now())",
                member.0, conversation.0
            ),
            format!(
                "INSERT INTO notifications (user_id, verb, created_at, updated_at) \
                 VALUES ({}, 'note', now(), now())",
                member.0
            ),
        ] {
            store.database.execute(&sql).await;
        }
        let message = store.database.text("SELECT id::text FROM messages WHERE seq = 1").await;
        let message = MessageId(Uuid::parse_str(&message).unwrap());
        Some(Self { store, member, other, stranger, conversation, message })
    }

    /// A connection as the role that reads.
    async fn app(&self) -> DatabaseConnection {
        let connection = connect(&self.store.database.url).await;
        connection.execute_unprepared("SET ROLE vikrahub_app").await.unwrap();
        connection
    }
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

async fn count(connection: &DatabaseConnection, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    let statement = sea_orm::Statement::from_string(connection.get_database_backend(), sql);
    connection.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

async fn begin_as(connection: &DatabaseConnection, user: UserId) {
    let sql = format!("BEGIN; SELECT set_config('app.user_id', '{}', true)", user.0);
    connection.execute_unprepared(&sql).await.unwrap();
}

#[tokio::test]
async fn raw_queries_show_a_person_only_what_concerns_him() {
    let Some(filled) = Filled::new().await else { return };
    let app = filled.app().await;

    begin_as(&app, filled.member).await;
    for (table, seen) in PRIVATE.into_iter().zip([1, 2, 2, 1, 1, 1]) {
        assert_eq!(count(&app, table).await, seen, "{table}");
    }
    app.execute_unprepared("COMMIT").await.unwrap();

    begin_as(&app, filled.other).await;
    for (table, seen) in PRIVATE.into_iter().zip([1, 2, 2, 1, 0, 0]) {
        assert_eq!(count(&app, table).await, seen, "{table}");
    }
    app.execute_unprepared("COMMIT").await.unwrap();

    begin_as(&app, filled.stranger).await;
    for table in PRIVATE.into_iter().chain(["message_edits", "rest_echoes"]) {
        assert_eq!(count(&app, table).await, 0, "{table}");
    }
    app.execute_unprepared("COMMIT").await.unwrap();

    // Nobody in particular: before anybody said who asks, and again after the commit.
    for table in PRIVATE {
        assert_eq!(count(&app, table).await, 0, "{table}");
    }
    app.close().await.unwrap();
    filled.store.close().await;
}

#[tokio::test]
async fn whoever_has_left_sees_nothing_any_more() {
    let Some(filled) = Filled::new().await else { return };
    let left =
        format!("UPDATE participants SET left_at = now() WHERE user_id = {}", filled.other.0);
    filled.store.database.execute(&left).await;
    let app = filled.app().await;

    begin_as(&app, filled.other).await;

    for table in ["conversations", "messages", "reactions"] {
        assert_eq!(count(&app, table).await, 0, "{table}");
    }
    // His own membership, the past one, and nobody else's.
    assert_eq!(count(&app, "participants").await, 1);
    app.close().await.unwrap();
    filled.store.close().await;
}

#[tokio::test]
async fn the_reading_role_writes_nothing() {
    let Some(filled) = Filled::new().await else { return };
    let app = filled.app().await;
    let (conversation, member) = (filled.conversation.0, filled.member.0);

    for sql in [
        format!(
            "INSERT INTO messages (id, conversation_id, seq, rev, sender_id, content, created_at) \
             VALUES (gen_random_uuid(), '{conversation}', 3, 3, {member}, 'forged', now())"
        ),
        format!("UPDATE messages SET content = 'forged' WHERE sender_id = {member}"),
        "DELETE FROM messages".to_owned(),
        "UPDATE users SET is_superuser = true".to_owned(),
        "ALTER TABLE messages DISABLE ROW LEVEL SECURITY".to_owned(),
        "DROP POLICY app_reads ON messages".to_owned(),
    ] {
        begin_as(&app, filled.member).await;
        let refused = app.execute_unprepared(&sql).await.unwrap_err().to_string();
        assert!(
            refused.contains("permission denied") || refused.contains("must be owner"),
            "{sql}: {refused}"
        );
        app.execute_unprepared("ROLLBACK").await.unwrap();
    }
    app.close().await.unwrap();
    filled.store.close().await;
}

#[tokio::test]
async fn the_owner_of_the_tables_sees_nothing_either() {
    let Some(filled) = Filled::new().await else { return };
    let owner = format!("owner_{}", Uuid::new_v4().simple());
    let tables = PRIVATE.map(|table| format!("ALTER TABLE {table} OWNER TO {owner};")).concat();
    filled.store.database.execute(&format!("CREATE ROLE {owner} NOLOGIN; {tables}")).await;
    let connection = connect(&filled.store.database.url).await;
    connection.execute_unprepared(&format!("SET ROLE {owner}")).await.unwrap();

    for table in PRIVATE {
        assert_eq!(count(&connection, table).await, 0, "{table}");
    }
    connection.close().await.unwrap();
    let (server, _name) = filled.store.database.url.rsplit_once('/').unwrap();
    let server = format!("{server}/postgres");
    filled.store.close().await;
    connect(&server).await.execute_unprepared(&format!("DROP ROLE {owner}")).await.unwrap();
}

/// `find_messages` asks for ids and for nothing else: the check of membership is left to its caller,
/// here on purpose to nobody.
#[tokio::test]
async fn a_query_without_its_condition_finds_nothing_foreign() {
    let Some(filled) = Filled::new().await else { return };
    let find = async |user: UserId| {
        let reader = filled.store.reader(user).await;
        reader.find_messages([filled.message]).await.unwrap().len()
    };

    assert_eq!(find(filled.other).await, 1);
    assert_eq!(find(filled.stranger).await, 0);
    // On SQLite nothing but the condition would have kept it.
    let store = Store::open(TestDatabase::sqlite()).await;
    let (member, _other, pair) = store.pair().await;
    let conversation = store.messages(pair, member, 1).await;
    let known = store.reader(member).await.conversation_list(member, 1).await.unwrap();
    assert_eq!(known[0].conversation.id, conversation);
    let stranger = store.user("paula").await;
    let found = store.reader(stranger).await.find_messages(known[0].latest).await.unwrap();
    assert_eq!(found.len(), 1);

    store.close().await;
    filled.store.close().await;
}

/// The setting belongs to the transaction: the next user of the connection is somebody else.
#[tokio::test]
async fn connections_forget_who_asked() {
    let Some(filled) = Filled::new().await else { return };
    let url = DatabaseUrl::new(&filled.store.database.url);
    let config = DatabaseConfig { url, read_connections: 1, ..DatabaseConfig::default() };
    let one = storage::connect(&config).await.unwrap();

    for _round in 0..5 {
        let member = one.read_as(filled.member).await.unwrap();
        assert_eq!(member.find_messages([filled.message]).await.unwrap().len(), 1);
        drop(member);
        let stranger = one.read_as(filled.stranger).await.unwrap();
        assert_eq!(stranger.find_messages([filled.message]).await.unwrap().len(), 0);
        drop(stranger);
        // Dropped before it is ready: nothing of it may be left behind.
        drop(tokio::time::timeout(std::time::Duration::ZERO, one.read_as(filled.member)).await);
    }
    let service = one.read_everything().await.unwrap();
    assert_eq!(service.find_messages([filled.message]).await.unwrap().len(), 1);
    drop(service);
    let stranger = one.read_as(filled.stranger).await.unwrap();
    assert_eq!(stranger.find_messages([filled.message]).await.unwrap().len(), 0);

    drop(stranger);
    one.close().await;
    filled.store.close().await;
}

#[tokio::test]
async fn the_server_refuses_tables_without_the_lock() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let store = Store::open(database).await;
    let url = DatabaseUrl::new(&store.database.url);
    let config = DatabaseConfig { url, ..DatabaseConfig::default() };
    for sql in [
        "ALTER TABLE messages NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE messages FORCE ROW LEVEL SECURITY; CREATE TABLE forgotten (user_id bigint)",
    ] {
        store.database.execute(sql).await;

        let refused = storage::connect(&config).await.unwrap_err().to_string();

        assert!(refused.contains("no forced row-level security on: "), "{refused}");
        assert!(refused.contains("messages") || refused.contains("forgotten"), "{refused}");
    }
    store.close().await;
}

/// As an installation has it: one role owns, another serves.
#[tokio::test]
async fn the_server_logs_in_as_a_role_that_owns_nothing() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let login = format!("login_{}", Uuid::new_v4().simple());
    let owner_url = DatabaseUrl::new(&database.url);
    let (_scheme, address) = database.url.split_once('@').unwrap();
    let config = DatabaseConfig {
        url: DatabaseUrl::new(format!("postgres://{login}@{address}")),
        owner_url,
        require_application_role: true,
        ..DatabaseConfig::default()
    };
    storage::migrate_up(&config).await.unwrap();
    let grant = format!(
        "CREATE ROLE {login} LOGIN NOINHERIT; GRANT vikrahub_app, vikrahub_service TO {login}"
    );
    database.execute(&grant).await;

    let storage = storage::connect(&config).await.unwrap();
    let store = Store { storage, database };
    let (member, other, pair) = store.pair().await;
    let conversation = store.messages(pair, member, 1).await;
    let seen = store.reader(other).await.conversation(conversation, other).await.unwrap();
    assert!(seen.is_some());
    store.record_delivery(conversation, other, vikrahub_messaging::domain::Seq(1));
    store.write_deliveries(10, clock::now()).await.unwrap();

    // The same database under its owner is refused when a role of its own is demanded.
    let url = DatabaseUrl::new(&store.database.url);
    let as_owner = DatabaseConfig { url, ..config };
    let refused = storage::connect(&as_owner).await.unwrap_err().to_string();
    assert!(refused.contains("is a superuser or owns the tables"), "{refused}");

    let (server, _name) = store.database.url.rsplit_once('/').unwrap();
    let server = format!("{server}/postgres");
    store.close().await;
    connect(&server).await.execute_unprepared(&format!("DROP ROLE {login}")).await.unwrap();
}
