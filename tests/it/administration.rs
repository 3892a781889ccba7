//! What administrators see and do, and what is written down of it.

use serde_json::{Value, json};

use crate::{
    helpers::{Person, Socket, TestApp},
    on_both_databases,
};

const FORBIDDEN: &str = "You do not have permission to perform this action.";

async fn administrator(app: &TestApp, username: &str) -> Person {
    let person = app.person(username).await;
    let sql = format!("UPDATE users SET is_staff = true WHERE username = '{username}'");
    app.database.execute(&sql).await;
    // People are believed for two seconds.
    while person.get("/api/admin/audit/").await.status == 403 {}
    person
}

async fn history(root: &Person, conversation: &str, query: &str) -> Value {
    let path = format!("/api/admin/conversations/{conversation}/messages/{query}");
    root.get(&path).await.ok()
}

/// Action and whom or what it was about, newest first.
async fn record(root: &Person, query: &str) -> Vec<(String, Value)> {
    let lines = root.get(&format!("/api/admin/audit/{query}")).await.ok();
    let line = |line: &Value| {
        let about = ["message_id", "conversation_id", "user_id", "note"];
        let about = about.into_iter().map(|name| &line[name]).find(|value| !value.is_null());
        (line["action"].as_str().unwrap().to_owned(), about.cloned().unwrap_or_default())
    };
    lines.as_array().unwrap().iter().map(line).collect()
}

on_both_databases! {
    async fn everything_is_for_the_staff(app) {
        let nadia = app.person("nadia").await;
        let missing = "00000000-0000-7000-8000-000000000000";
        for (path, methods) in vikrahub_messaging::http::routes() {
            if !path.starts_with("/api/admin/") {
                continue;
            }
            for method in methods {
                let method: reqwest::Method = method.as_str().parse().unwrap();
                let path = path.replace("{id}", if path.contains("/users/") { "1" } else { missing });

                let answer = nadia.request(method.clone(), &path, None).await;
                let anonymous = app.request(method, &path).send().await.unwrap();

                answer.is(403, &json!({"detail": FORBIDDEN}));
                assert_eq!(anonymous.status(), 401, "{path}");
            }
        }
        assert_eq!(app.database.number("SELECT count(*) FROM admin_audit").await, 0);
    }

    async fn users_are_listed_searched_and_shown(app) {
        let root = administrator(app, "root").await;
        for name in ["nadia", "omar"] {
            app.person(name).await;
        }
        let sql = "UPDATE users SET email = 'Boss@Example.org', is_active = false \
                   WHERE username = 'omar'";
        app.database.execute(sql).await;

        let all = root.get("/api/admin/users/?page_size=2").await.ok();
        assert_eq!((all["count"].as_i64(), all["results"].as_array().unwrap().len()), (Some(3), 2));
        assert!(all["next"].is_string());

        // A wildcard is a letter like any other.
        for (search, count) in [("NADI", 1), ("boss@example", 1), ("a", 2), ("%25", 0), ("_", 0)] {
            let found = root.get(&format!("/api/admin/users/?q={search}")).await.ok();
            assert_eq!(found["count"], count, "{search}: {found}");
        }
        let omar = &root.get("/api/admin/users/?q=omar").await.ok()["results"][0];
        assert_eq!(omar["email"], "Boss@Example.org");
        assert_eq!((&omar["is_active"], &omar["is_online"]), (&json!(false), &json!(false)));

        let one = root.get(&format!("/api/admin/users/{}/", omar["id"])).await.ok();
        assert_eq!(&one, omar);
        let missing = root.get("/api/admin/users/404404/").await;
        missing.is(404, &json!({"error": "User not found"}));
        let too_long = "x".repeat(201);
        assert_eq!(root.get(&format!("/api/admin/users/?q={too_long}")).await.status, 400);
    }

    async fn any_history_is_shown_with_deleted_texts_and_in_pages(app) {
        let root = administrator(app, "root").await;
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let mut ids = vec![];
        for text in ["one", "two", "three"] {
            let message = nadia.write(&conversation, text).await;
            ids.push(message["id"].as_str().unwrap().to_owned());
        }
        let two = format!("/api/messaging/messages/{}/", ids[1]);
        nadia.request(reqwest::Method::DELETE, &two, None).await.ok();

        let list = root.get(&format!("/api/admin/users/{}/conversations/", omar.id)).await.ok();
        assert_eq!(list["count"], 1);
        let line = &list["results"][0];
        assert_eq!((&line["id"], &line["message_count"]), (&json!(conversation), &json!(3)));
        let members = line["members"].as_array().unwrap().iter();
        let members: Vec<_> = members.map(|member| &member["user"]["username"]).collect();
        assert_eq!(members, ["nadia", "omar"]);

        let newest = history(&root, &conversation, "?limit=2").await;
        let texts = |page: &Value| -> Vec<Value> {
            let results = page["results"].as_array().unwrap();
            results.iter().map(|message| message["content"].clone()).collect()
        };
        assert_eq!(texts(&newest), ["three", "two"]);
        let deleted = &newest["results"][1];
        assert_eq!((&deleted["is_deleted"], &deleted["deleted_by"]), (&json!(true), &json!(nadia.id)));
        assert_eq!((&newest["has_more"], &newest["next_before"]), (&json!(true), &json!(2)));
        let oldest = history(&root, &conversation, "?limit=2&before=2").await;
        assert_eq!(texts(&oldest), ["one"]);
        assert_eq!((&oldest["has_more"], &oldest["next_before"]), (&json!(false), &json!(null)));

        let missing = "00000000-0000-7000-8000-000000000000";
        let path = format!("/api/admin/conversations/{missing}/messages/");
        let answer = root.get(&path).await;
        answer.is(404, &json!({"detail": "No Conversation matches the given query."}));
        let path = format!("/api/admin/conversations/{conversation}/messages/?before=x");
        root.get(&path).await.is(400, &json!({"before": ["A valid integer is required."]}));
    }

    async fn what_a_message_has_said_before_is_shown(app) {
        let root = administrator(app, "root").await;
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let message = nadia.write(&conversation, "first").await;
        let id = message["id"].as_str().unwrap();
        for text in ["second", "third"] {
            let path = format!("/api/messaging/messages/{id}/");
            let body = Some(json!({"content": text}));
            nadia.request(reqwest::Method::PATCH, &path, body).await.ok();
        }

        let shown = root.get(&format!("/api/admin/messages/{id}/edits/")).await.ok();

        assert_eq!(shown["message"]["content"], "third");
        assert_eq!(shown["message"]["edit_count"], 2);
        let edits = shown["edits"].as_array().unwrap().iter();
        let texts: Vec<_> = edits.map(|edit| &edit["old_content"]).collect();
        assert_eq!(texts, ["first", "second"]);
    }

    async fn a_message_is_deleted_for_everybody_and_its_members_hear_of_it(app) {
        let root = administrator(app, "root").await;
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let message = nadia.write(&conversation, "spam").await;
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_messaging().await);
        let path = format!("/api/admin/messages/{}/", message["id"].as_str().unwrap());

        let delete = || root.request(reqwest::Method::DELETE, &path, None);
        assert_eq!(delete().await.status, 204);

        for socket in [&mut nadias, &mut omars] {
            let event = socket.receive_type("message_deleted").await;
            assert_eq!(event["message_id"], message["id"]);
            assert!(event["rev"].is_i64(), "{event}");
        }
        assert!(nadia.history_with(&omar).await.is_empty());
        assert_eq!(omar.unread().await, 0);
        let kept = &history(&root, &conversation, "").await["results"][0];
        assert_eq!((&kept["content"], &kept["deleted_by"]), (&json!("spam"), &json!(root.id)));

        // Again: nothing is left to do, and nobody hears of it.
        assert_eq!(delete().await.status, 204);
        assert_eq!(nadias.drained_types().await, Vec::<String>::new());
    }

    async fn a_deactivated_user_is_cut_off_until_he_is_let_in_again(app) {
        let root = administrator(app, "root").await;
        let omar = app.person("omar").await;
        let mut sockets: [Socket; 3] = [
            omar.connect().await,
            omar.connect_messaging().await,
            omar.connect_notifications().await,
        ];
        let path = |verb: &str| format!("/api/admin/users/{}/{verb}/", omar.id);

        let at = std::time::Instant::now();
        assert_eq!(root.post(&path("deactivate"), json!({})).await.status, 204);
        for socket in &mut sockets {
            assert_eq!(socket.close_code().await, 4003);
        }
        assert!(at.elapsed().as_secs_f32() < 2.5, "{:?}", at.elapsed());
        assert_eq!(omar.get("/api/users/me/").await.body["code"], "user_inactive");

        assert_eq!(root.post(&path("activate"), json!({})).await.status, 204);
        assert_eq!(omar.get("/api/users/me/").await.status, 200);
    }

    async fn administrators_do_not_suspend_one_another_nor_themselves(app) {
        let root = administrator(app, "root").await;
        let other = administrator(app, "other").await;
        let deactivate = |id: i64| format!("/api/admin/users/{id}/deactivate/");

        let own = root.post(&deactivate(root.id), json!({})).await;
        own.is(400, &json!({"error": "You cannot suspend yourself"}));
        let colleague = root.post(&deactivate(other.id), json!({})).await;
        colleague.is(403, &json!({"detail": FORBIDDEN}));
        let missing = root.post(&deactivate(404_404), json!({})).await;
        missing.is(404, &json!({"error": "User not found"}));

        app.database.execute("UPDATE users SET is_superuser = true WHERE username = 'root'").await;
        while root.post(&deactivate(other.id), json!({})).await.status == 403 {}
        assert_eq!(other.get("/api/admin/audit/").await.status, 401);
    }

    async fn every_access_is_written_down(app) {
        let root = administrator(app, "root").await;
        let second = administrator(app, "second").await;
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let message = nadia.write(&conversation, "hi").await["id"].as_str().unwrap().to_owned();
        let (user, delete) = (nadia.id, reqwest::Method::DELETE);

        root.get("/api/admin/users/?q=nad").await.ok();
        root.get(&format!("/api/admin/users/{user}/")).await.ok();
        root.get(&format!("/api/admin/users/{user}/conversations/")).await.ok();
        history(&root, &conversation, "").await;
        root.get(&format!("/api/admin/messages/{message}/edits/")).await.ok();
        second.request(delete, &format!("/api/admin/messages/{message}/"), None).await.ok();
        second.post(&format!("/api/admin/users/{user}/deactivate/"), json!({})).await.ok();
        second.post(&format!("/api/admin/users/{user}/activate/"), json!({})).await.ok();
        // Of what is not there as well: asking is an access.
        root.get("/api/admin/users/404404/").await;

        let line = |action: &str, about: Value| (action.to_owned(), about);
        let (message, conversation) = (json!(message), json!(conversation));
        assert_eq!(
            record(&root, "").await,
            [
                line("view_user", json!(404_404)),
                line("activate_user", json!(user)),
                line("deactivate_user", json!(user)),
                line("delete_message", message.clone()),
                line("view_edits", message.clone()),
                line("view_history", conversation),
                line("list_conversations", json!(user)),
                line("view_user", json!(user)),
                line("list_users", json!("nad")),
            ]
        );
        // The author counts as the one it was about.
        let about_nadia = record(&root, &format!("?user_id={user}&admin_id={}", second.id)).await;
        assert_eq!(
            about_nadia,
            [
                line("activate_user", json!(user)),
                line("deactivate_user", json!(user)),
                line("delete_message", message),
            ]
        );
        assert_eq!(record(&root, "?limit=1").await.len(), 1);
        let first = root.get("/api/admin/audit/?limit=200").await.ok();
        let oldest = first.as_array().unwrap().last().unwrap()["id"].as_i64().unwrap();
        assert!(record(&root, &format!("?before={oldest}")).await.is_empty());
    }
}
