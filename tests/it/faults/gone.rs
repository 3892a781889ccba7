//! A client that is gone without a word: its machine has lost power, or the network in between is cut.

use serde_json::Value;
use tokio::time::Instant;

use crate::{
    helpers::{PATIENCE, PacketFilter, Program, RawSocket, ServerProcess, Site, TestDatabase},
    with_both_databases,
};

/// Clients that go at once.
const GONE: usize = 20;

/// Open connections to `/ws/chat/`, and open files.
async fn open(site: &Site) -> (usize, usize) {
    let metrics = site.get("/metrics").await.ok();
    let number = |name: &str| {
        let mut lines = metrics.as_str().unwrap().lines();
        let number = lines.find_map(|line| line.strip_prefix(name)).unwrap();
        number.trim().parse().unwrap()
    };
    (number("vikrahub_connections{endpoint=\"chat\"}"), number("process_open_fds "))
}

/// A server that soon notices when nobody is there any more.
async fn attentive(database: &TestDatabase) -> ServerProcess {
    Program::unlimited(database)
        .with("VIKRAHUB__SERVER__PRESENCE_GRACE_SECONDS", "0")
        .with("VIKRAHUB__SERVER__PING_SECONDS", "1")
        .with("VIKRAHUB__SERVER__PONG_SECONDS", "1")
        .with("VIKRAHUB__SERVER__STALL_SECONDS", "2")
        .serve()
        .await
}

/// Waits until nothing of the others is left: neither connections nor files.
async fn only_left(site: &Site, before: (usize, usize)) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (connections, files) = open(site).await;
        if connections == before.0 && files <= before.1 {
            return;
        }
        assert!(Instant::now() < deadline, "{connections} connections, {files} files");
    }
}

with_both_databases! {
    async fn whoever_does_not_answer_is_given_up_and_the_others_stay(database) {
        let server = attentive(database).await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        let mut nadias = nadia.connect_v2().await;
        nadias.say(omar.id, "are you there?").await;
        let before = open(&server).await;
        // These clients never answer a ping, as if there were nobody any more.
        let mut gone = vec![];
        for _ in 0..GONE {
            gone.push(RawSocket::open(&server, &omar).await);
        }
        assert_eq!(open(&server).await.0, before.0 + GONE);

        // Whoever reads answers pings meanwhile, and hears that the other is offline.
        let is_offline =
            |status: &Value| status["user_id"] == omar.id && status["is_online"] == false;
        while !is_offline(&nadias.receive_status().await) {}

        for socket in &mut gone {
            assert_eq!(socket.close_code().await, 4008);
            socket.end().await;
        }
        only_left(&server, before).await;
        let sent = nadias.say(omar.id, "then not").await;
        assert_eq!(sent["message"]["seq"], 2);
        server.stop().await;
    }

    async fn whoever_is_cut_off_by_the_network_is_given_up_and_catches_up(database) {
        let server = attentive(database).await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        let paula = server.person("paula").await;
        let mut nadias = nadia.connect_v2().await;
        nadias.say(omar.id, "are you there?").await;
        let before = open(&server).await;
        let mut cut_off = vec![];
        for _ in 0..GONE {
            cut_off.push(RawSocket::open_with_small_buffer(&server, &omar).await);
            // Nobody writes to her: these are idle.
            cut_off.push(RawSocket::open(&server, &paula).await);
        }
        let ports: Vec<_> = cut_off.iter().map(RawSocket::port).collect();
        let Some(filter) = PacketFilter::dropping(&ports) else { return };

        // There is something under way to his that never arrives: more than the kernel takes.
        let mut sent = 1;
        let is_offline =
            |status: &Value| status["user_id"] == omar.id && status["is_online"] == false;
        while open(&server).await.0 > before.0 {
            nadias.say(omar.id, &"never mind ".repeat(700)).await;
            sent += 1;
        }
        while !is_offline(&nadias.receive_status().await) {}
        only_left(&server, before).await;

        // They notice nothing until the network is there again; then they are unknown.
        drop(filter);
        for socket in &mut cut_off {
            socket.send_until_refused(&[0x89, 0x80, 1, 2, 3, 4], 10).await;
            socket.end().await;
        }
        let mut omars = omar.connect_v2().await;
        assert_eq!(omar.whole_history_with(&nadia).await.len(), sent);
        nadias.say(omar.id, "there you are").await;
        omars.expect("new_message").await;
        server.stop().await;
    }
}
