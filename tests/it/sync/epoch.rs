//! A restored database is another one: nobody believes the numbers he has of the one before.

use serde_json::json;

use super::{Client, truth::Truth};
use crate::{helpers::Program, with_both_databases};

with_both_databases! {
    async fn after_a_restore_every_client_starts_afresh(database) {
        let program = Program::new(database);
        let server = program.serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        for text in ["one", "two", "three"] {
            nadia.write(&id, text).await;
        }
        let mut client = Client::of(&omar);
        client.come_back(&omar).await.close().await;
        let before = client.epoch.clone().unwrap();
        assert_eq!(program.prints(&["epoch", "show"]).await.trim(), before);
        server.stop().await;

        // What a backup from before "three" brings back, and another third message.
        database.execute("DELETE FROM rest_echoes").await;
        database.execute("DELETE FROM messages WHERE seq = 3").await;
        database.execute("UPDATE conversations SET last_seq = 2, rev = 2").await;
        let renewed = program.prints(&["epoch", "renew"]).await;
        let server = program.serve().await;
        let (nadia, omar) = (nadia.at(&server), omar.at(&server));
        nadia.write(&id, "another three").await;

        assert_ne!(renewed.trim(), before);
        let resets = client.resets;
        client.come_back(&omar).await.close().await;
        assert_eq!(client.epoch.as_deref(), Some(renewed.trim()));
        assert_eq!(client.resets, resets + 1);
        Truth::of(&omar).await.is_known_at_rest_to(&client, "restored");
        let mut socket = omar.connect_v2().await;
        socket.send(json!({"type": "resume", "cursors": {&id: 3}, "epoch": before})).await;
        assert_eq!(socket.expect("sync").await["reset"], true);
        server.stop().await;
    }
}
