//! What a request costs the database: as many statements for much as for little, each answered from
//! an index. The replaced service needed 323 statements for a list and 3,086 to open a conversation.

use std::collections::BTreeSet;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, Statement};
use serde_json::{Value, json};

use crate::{
    helpers::{Person, Program, ServerProcess, TestDatabase},
    with_both_databases,
};

/// Statements sent to the database so far.
async fn statements(server: &ServerProcess) -> u64 {
    let metrics = server.http.get(server.url("/metrics")).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let line =
        metrics.lines().find_map(|line| line.strip_prefix("vikrahub_database_statements_total "));
    line.unwrap().parse().unwrap()
}

/// What a request costs when the people in it are known already, as on a server in use.
async fn cost(server: &ServerProcess, viewer: &Person, path: &str) -> u64 {
    let mut costs = vec![];
    for _ in 0..3 {
        let before = statements(server).await;
        viewer.get(path).await.ok();
        costs.push(statements(server).await - before);
    }
    costs.into_iter().min().unwrap()
}

/// Accounts without a password, made behind the server's back.
async fn crowd(database: &TestDatabase, count: usize) {
    let rows: Vec<_> = (0..count).map(|place| format!("('crowd{place}')")).collect();
    database.execute(&format!("INSERT INTO users (username) VALUES {}", rows.join(", "))).await;
}

/// A message in a conversation with each of these people of the crowd.
async fn write_to_crowd(person: &Person, places: std::ops::Range<usize>) {
    for place in places {
        let start = json!({
            "participant_username": format!("crowd{place}"),
            "initial_message": "hello",
        });
        person.post("/api/messaging/conversations/", start).await.ok();
    }
}

async fn write_many(sender: &Person, recipient: &Person, count: usize) {
    let mut socket = sender.connect_v2().await;
    for number in 0..count {
        socket.send_message(recipient.id, &format!("message {number}")).await;
    }
    for _ in 0..count {
        socket.receive_type("message_sent").await;
    }
}

with_both_databases! {
    async fn a_list_costs_the_same_however_long(database) {
        let server = Program::unlimited(database).serve().await;
        let nadia = server.person("nadia").await;
        crowd(database, 200).await;
        let list = "/api/messaging/conversations/";

        write_to_crowd(&nadia, 0..20).await;
        let short = cost(&server, &nadia, list).await;
        write_to_crowd(&nadia, 20..200).await;
        let long = cost(&server, &nadia, list).await;

        assert_eq!(nadia.get(list).await.ok().as_array().unwrap().len(), 200);
        // People may have to be looked up again, twice: the members, and who wrote last.
        assert!(long <= short + 2, "{short} and {long} statements");
        assert!(long <= 8, "{long} statements");
        server.stop().await;
    }

    async fn a_page_costs_the_same_however_long(database) {
        let server = Program::unlimited(database).serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        write_many(&nadia, &omar, 120).await;
        let id = omar.conversation_with(&nadia).await;
        let page = async |size| {
            let path = format!("/api/messaging/conversations/{id}/messages/?page_size={size}");
            assert_eq!(omar.get(&path).await.ok()["results"].as_array().unwrap().len(), size);
            cost(&server, &omar, &path).await
        };

        let (few, many) = (page(5).await, page(50).await);

        assert!(many <= few + 2, "{few} and {many} statements");
        assert!(many <= 9, "{many} statements");
        let with_user = format!("/api/messaging/messages/?user_id={}", nadia.id);
        assert!(cost(&server, &omar, &with_user).await <= 10);
        server.stop().await;
    }

    async fn opening_costs_the_same_however_much_is_unread(database) {
        let server = Program::unlimited(database).serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        let mut costs = vec![];
        for unread in [2, 200] {
            write_many(&nadia, &omar, unread).await;
            let id = nadia.conversation_with(&omar).await;
            assert_eq!(omar.unread().await, i64::try_from(unread).unwrap());

            let before = statements(&server).await;
            omar.get(&format!("/api/messaging/conversations/{id}/")).await.ok();
            costs.push(statements(&server).await - before);

            assert_eq!(omar.unread().await, 0);
        }

        // Deliveries are written now and then beside it, and people may have to be looked up again.
        assert!(costs[1] <= costs[0] + 4, "{costs:?}");
        assert!(costs[1] <= 30, "{costs:?}");
        server.stop().await;
    }

    async fn catching_up_costs_the_same_however_much_was_missed(database) {
        let server = Program::unlimited(database).serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        crowd(database, 60).await;
        write_many(&nadia, &omar, 290).await;
        let id = nadia.conversation_with(&omar).await;
        let epoch = omar.get("/api/messaging/sync/").await.ok();
        let epoch = epoch["epoch"].as_str().unwrap();
        let sync = |rev| format!("/api/messaging/sync/?epoch={epoch}&cursors={id}:{rev}");

        let nothing = cost(&server, &omar, &sync(290)).await;
        let little = cost(&server, &omar, &sync(289)).await;
        let much = cost(&server, &omar, &sync(0)).await;
        let one = cost(&server, &omar, &format!(
            "/api/messaging/conversations/{id}/changes/?after_rev=0"
        )).await;
        // Many conversations, unknown ones.
        write_to_crowd(&nadia, 0..60).await;
        let many = cost(&server, &nadia, "/api/messaging/sync/").await;

        assert!(nothing <= little && much <= little + 1, "{nothing}, {little}, {much} statements");
        assert!(one <= 14 && many <= 16, "{little}, {one}, {many} statements");
        server.stop().await;
    }

    async fn counting_costs_the_same_however_much_is_unread(database) {
        let server = Program::unlimited(database).serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        let count = "/api/messaging/unread-count/";
        write_many(&nadia, &omar, 1).await;
        let few = cost(&server, &omar, count).await;
        write_many(&nadia, &omar, 150).await;

        assert_eq!(cost(&server, &omar, count).await, few);
        assert!(few <= 3, "{few} statements");
        server.stop().await;
    }

    async fn every_statement_is_answered_from_an_index(database) {
        let program = Program::unlimited(database)
            .with("VIKRAHUB__LOG__FORMAT", "json")
            .with("VIKRAHUB__LOG__LEVEL", "info,vikrahub_messaging::sql=trace");
        let server = program.serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        crowd(database, 200).await;
        write_to_crowd(&nadia, 0..200).await;
        write_many(&nadia, &omar, 600).await;
        let id = nadia.conversation_with(&omar).await;
        fill(database).await;

        let message = nadia.write(&id, "to be found").await["id"].as_str().unwrap().to_owned();
        let epoch = omar.get("/api/messaging/sync/").await.ok();
        let epoch = epoch["epoch"].as_str().unwrap();
        let last = nadia.get(&format!("/api/messaging/messages/{message}/")).await.ok();
        let last = &last["rev"];
        for path in [
            "/api/messaging/conversations/".to_owned(),
            "/api/messaging/sync/".to_owned(),
            format!("/api/messaging/sync/?epoch={epoch}&cursors={id}:500"),
            format!("/api/messaging/sync/?epoch={epoch}&cursors={id}:{last}"),
            format!("/api/messaging/conversations/{id}/changes/?after_rev=500"),
            format!("/api/messaging/conversations/{id}/"),
            format!("/api/messaging/conversations/{id}/messages/?page=2&page_size=20"),
            format!("/api/messaging/conversations/{id}/messages/?before={message}"),
            format!("/api/messaging/messages/?user_id={}", nadia.id),
            format!("/api/messaging/messages/{message}/"),
            format!("/api/messaging/messages/user/{}/unread/", nadia.id),
            "/api/messaging/unread-count/".to_owned(),
            format!("/api/messaging/users/{}/status/", nadia.id),
            "/api/notifications/".to_owned(),
            "/api/notifications/unread_count/".to_owned(),
        ] {
            omar.get(&path).await.ok();
        }
        let mut socket = omar.connect().await;
        socket.send(json!({"type": "mark_read", "message_id": message})).await;
        socket.expect("mark_read_success").await;
        server.terminate().await;
        let (_status, log) = server.ended().await;

        let asked: BTreeSet<String> = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|entry| entry["sql"].as_str().map(str::to_owned))
            .filter(|sql| sql.trim_start().starts_with("SELECT") && sql.contains("FROM"))
            .collect();
        assert!(asked.iter().any(|sql| sql.contains("messages")), "{log}");
        for sql in &asked {
            let plan = plan(database, sql).await;
            let reads_all = plan.lines().find(|step| is_scan_of_a_large_table(step));
            assert_eq!(reads_all, None, "{sql}\n{plan}");
        }
    }
}

/// Refuses to work where PostgreSQL would compile a query: what looks expensive to it, a few rows of a
/// very large table, takes half a second to compile.
#[tokio::test]
async fn no_query_is_compiled() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let server = Program::unlimited(&database).serve().await;
    let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
    let id = nadia.conversation_with(&omar).await;
    let refuse =
        "IF current_setting('jit') = 'on' THEN RAISE EXCEPTION 'this would be compiled'; END IF;";
    for sql in [
        "ALTER DATABASE CURRENT SET jit = on".replace("CURRENT", database.name().unwrap()),
        format!(
            "CREATE OR REPLACE FUNCTION app_user_id() RETURNS bigint LANGUAGE plpgsql STABLE AS $$ \
             BEGIN {refuse} RETURN nullif(current_setting('app.user_id', true), '')::bigint; END $$"
        ),
        format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN {refuse} RETURN NEW; END $$"
        ),
        "CREATE TRIGGER refuses BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse()"
            .to_owned(),
    ] {
        database.execute(&sql).await;
    }

    nadia.write(&id, "hello").await;
    let page = omar.get(&format!("/api/messaging/conversations/{id}/messages/")).await.ok();

    assert_eq!(page["results"].as_array().map_or(0, Vec::len), 1, "{page}");
    server.stop().await;
}

/// What other people have written, so much that reading all of it would cost more than an index.
async fn fill(database: &TestDatabase) {
    let uuid = if database.name().is_some() { "gen_random_uuid()" } else { "randomblob(16)" };
    let numbers = |up_to: usize| {
        format!(
            "WITH RECURSIVE numbers(n) AS \
             (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {up_to})"
        )
    };
    let someone = "(SELECT id FROM users WHERE username = 'crowd0')";
    let fillers = "FROM conversations WHERE direct_key LIKE 'filler%'";
    let now = "CURRENT_TIMESTAMP";
    for sql in [
        format!(
            "{} INSERT INTO conversations (id, kind, direct_key, created_at, updated_at) \
             SELECT {uuid}, 'direct', 'filler' || n, {now}, {now} FROM numbers",
            numbers(30_000)
        ),
        format!(
            "INSERT INTO participants (conversation_id, user_id, joined_at) \
             SELECT id, {someone}, {now} {fillers}"
        ),
        format!(
            "{}, place(id) AS (SELECT id {fillers} LIMIT 1) \
             INSERT INTO messages (id, conversation_id, seq, rev, sender_id, content, created_at) \
             SELECT {uuid}, place.id, n, n, {someone}, 'filler', {now} FROM numbers, place",
            numbers(30_000)
        ),
        format!(
            "{} INSERT INTO notifications (user_id, verb, created_at, updated_at) \
             SELECT {someone}, 'note', {now}, {now} FROM numbers",
            numbers(3_000)
        ),
        // As autovacuum does after a while; else the planner takes every table for a small one.
        "ANALYZE".to_owned(),
    ] {
        database.execute(&sql).await;
    }
}

/// The tables that grow with what people write.
const LARGE: [&str; 5] =
    ["messages", "participants", "conversations", "notifications", "message_hidden"];

/// `PostgreSQL` names the table, `SQLite` its alias, which is one letter in this project's queries.
fn is_scan_of_a_large_table(step: &str) -> bool {
    let step = step.trim().trim_start_matches("->").trim();
    if let Some(table) = step.strip_prefix("Seq Scan on ") {
        return LARGE.iter().any(|large| table.starts_with(large));
    }
    step.strip_prefix("SCAN ").is_some_and(|table| {
        let name = table.split(' ').next().unwrap_or_default();
        LARGE.contains(&name)
            || (matches!(name, "m" | "p" | "o" | "c" | "h") && !table.contains("USING"))
    })
}

/// The server says of which types its values are; here a list of them has to: ids and numbers,
/// or texts alone, which is what is assumed without a word.
fn typed(sql: &str) -> String {
    let Some((before, list)) = sql.split_once("(VALUES (") else { return sql.to_owned() };
    let (row, after) = list.split_once(')').unwrap();
    let Some((id, numbers)) = row.split_once(',') else { return sql.to_owned() };
    let numbers = numbers.replace(',', "::bigint,");
    format!("{before}(VALUES ({id}::uuid,{numbers}::bigint){after}")
}

/// How the database would answer, whatever the values are.
async fn plan(database: &TestDatabase, sql: &str) -> String {
    let mut options = ConnectOptions::new(&database.url);
    options.max_connections(1).sqlx_logging(false);
    let connection = Database::connect(options).await.unwrap();
    let backend = connection.get_database_backend();
    let explain = if database.name().is_some() {
        let values = (1..=sql.len()).take_while(|place| sql.contains(&format!("${place}"))).count();
        let nothing = vec!["NULL"; values].join(", ");
        let arguments = if values == 0 { String::new() } else { format!("({nothing})") };
        // As on the server's own connections (`storage/connect.rs`).
        let settings = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
             SET enable_hashjoin = off; SET enable_mergejoin = off";
        connection.execute_unprepared(settings).await.unwrap();
        let typed = typed(sql);
        connection.execute_unprepared(&format!("PREPARE asked AS {typed}")).await.unwrap();
        format!("EXPLAIN EXECUTE asked{arguments}")
    } else {
        format!("EXPLAIN QUERY PLAN {sql}")
    };
    let rows = connection.query_all_raw(Statement::from_string(backend, explain)).await.unwrap();
    let step = if database.name().is_some() { 0 } else { 3 };
    let steps: Vec<String> = rows.iter().map(|row| row.try_get_by_index(step).unwrap()).collect();
    connection.close().await.unwrap();
    steps.join("\n")
}
