//! `user create|list` and `token`.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use crate::{
    helpers::{Answer, Program, TestDatabase},
    with_both_databases,
};

with_both_databases! {
    async fn accounts_made_on_the_command_line_can_log_in(database) {
        let program = Program::new(database);
        let create = |name: &str, more: &[&str]| {
            [&["user", "create", name][..], more].concat().iter().map(ToString::to_string).collect()
        };
        let first: Vec<String> =
            create("nadia.k@x.org", &["--password-stdin", "--first-name", "Nadia", "--staff"]);
        let first: Vec<_> = first.iter().map(String::as_str).collect();

        let made = program.run_with_input(&first, "correct horse\nsecond line\n").await;
        assert!(made.status.success(), "{made:?}");
        let id: i64 = String::from_utf8(made.stdout).unwrap().trim().parse().unwrap();
        let without_password = program.prints(&["user", "create", "omar"]).await;
        let listed = program.prints(&["user", "list"]).await;

        let other: i64 = without_password.trim().parse().unwrap();
        let wanted = format!("{id}\tnadia.k@x.org\tactive\tstaff\n{other}\tomar\tactive\tuser\n");
        assert_eq!(listed, wanted);
        let server = program.serve().await;
        server.log_in("nadia.k@x.org", "correct horse").await.ok();
        assert_eq!(server.log_in("nadia.k@x.org", "correct horse\n").await.status, 401);
        assert_eq!(server.log_in("omar", "x").await.status, 401);
        server.stop().await;
    }

    async fn accounts_that_cannot_be_are_refused(database) {
        let program = Program::new(database);
        program.prints(&["user", "create", "nadia"]).await;

        let taken = program.complains(&["user", "create", "nadia"]).await;
        let bad_name = program.complains(&["user", "create", "two words"]).await;
        let nobody = program.complains(&["token", "--user-id", "404404"]).await;

        assert!(taken.contains("A user with that username already exists."), "{taken}");
        assert!(bad_name.contains("user name"), "{bad_name}");
        assert!(nobody.contains("404404"), "{nobody}");
        assert_eq!(program.prints(&["user", "list"]).await.lines().count(), 1);
    }

    async fn a_printed_token_works_against_the_server_while_it_runs(database) {
        let program = Program::new(database);
        let server = program.serve().await;
        let id = program.prints(&["user", "create", "nadia"]).await.trim().to_owned();

        let token = program.prints(&["token", "--user-id", &id]).await;
        let brief = program.prints(&["token", "--user-id", &id, "--ttl", "0"]).await;

        let me = async |token: &str| {
            let request = server.request(reqwest::Method::GET, "/api/users/me/");
            Answer::of(request.bearer_auth(token.trim())).await
        };
        assert_eq!(me(&token).await.ok()["username"], "nadia");
        assert_eq!(me(&brief).await.status, 401);
        server.stop().await;
    }

    async fn deactivation_ends_an_account_until_it_is_taken_back(database) {
        let program = Program::new(database);
        let server = program.serve().await;
        let nadia = server.person("nadia").await;
        let mut socket = nadia.connect().await;

        program.prints(&["user", "deactivate", "nadia"]).await;

        assert_eq!(socket.close_code().await, 4003);
        assert_eq!(server.log_in("nadia", "pw-nadia").await.status, 401);
        // People are believed for two seconds.
        let refused = async {
            loop {
                let answer = nadia.get("/api/users/me/").await;
                if answer.status != 200 {
                    return answer;
                }
            }
        };
        let refused = timeout(Duration::from_secs(5), refused).await.unwrap();
        refused.is(401, &json!({"detail": "User is inactive", "code": "user_inactive"}));
        program.complains(&["token", "--user-id", &nadia.id.to_string()]).await;

        program.prints(&["user", "activate", "nadia"]).await;
        server.log_in("nadia", "pw-nadia").await.ok();
        let complaint = program.complains(&["user", "deactivate", "nobody"]).await;
        assert!(complaint.contains("nobody"), "{complaint}");
        server.stop().await;
    }
}

#[tokio::test]
async fn arguments_that_make_no_sense_are_explained() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database);
    for arguments in
        [&["sevre"][..], &["user"], &["token"], &["token", "--user-id", "x"], &["--port", "1"]]
    {
        let complaint = program.complains(arguments).await;
        assert!(complaint.contains("Usage") || complaint.contains("error:"), "{complaint}");
    }
    let version = program.prints(&["--version"]).await;
    assert_eq!(version.trim(), concat!("vikrahub-messaging ", env!("CARGO_PKG_VERSION")));
    assert!(program.prints(&["--help"]).await.contains("migrate"));
}
