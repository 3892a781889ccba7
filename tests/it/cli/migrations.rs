//! `migrate up|down|status`.

use futures_util::future::join_all;

use crate::{helpers::Program, with_both_databases};

/// The words at the beginning of each line of `migrate status`.
async fn states(program: &Program) -> Vec<String> {
    let printed = program.prints(&["migrate", "status"]).await;
    printed.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

with_both_databases! {
    async fn the_schema_goes_up_and_down_and_up(database) {
        let program = Program::new(database);
        let before = states(&program).await;
        assert!(!before.is_empty() && before.iter().all(|state| state == "missing"), "{before:?}");

        program.prints(&["migrate", "up"]).await;
        assert!(states(&program).await.iter().all(|state| state == "applied"));
        program.prints(&["migrate", "up"]).await;

        program.prints(&["migrate", "down"]).await;
        let after = states(&program).await;
        assert_eq!(after.last().unwrap(), "missing");
        program.prints(&["migrate", "up"]).await;
        assert!(states(&program).await.iter().all(|state| state == "applied"));
        let server = program.serve().await;
        server.person("nadia").await;
        server.stop().await;
    }

    async fn several_processes_may_migrate_at_once(database) {
        let program = Program::new(database);

        let outputs = join_all((0..4).map(|_| program.run(&["migrate", "up"]))).await;

        for output in outputs {
            assert!(output.status.success(), "{output:?}");
        }
        assert!(states(&program).await.iter().all(|state| state == "applied"));
        let count = "SELECT count(*) FROM seaql_migrations";
        let applied = database.number(count).await;
        assert_eq!(usize::try_from(applied).unwrap(), states(&program).await.len());
    }

    async fn several_servers_may_start_at_once(database) {
        let program = Program::new(database);

        let servers = join_all((0..3).map(|_| program.serve())).await;

        servers[0].person("nadia").await;
        for server in servers {
            assert_eq!(server.log_in("nadia", "pw-nadia").await.status, 200);
            server.stop().await;
        }
    }
}
