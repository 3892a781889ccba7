//! A client that is gone without a word: its machine has lost power, or the network in between is cut.

use serde_json::Value;
use tokio::time::Instant;

use crate::{
    helpers::{PATIENCE, Program, RawSocket, Site},
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

with_both_databases! {
    async fn whoever_does_not_answer_is_given_up_and_the_others_stay(database) {
        let program = Program::unlimited(database)
            .with("VIKRAHUB__SERVER__PRESENCE_GRACE_SECONDS", "0")
            .with("VIKRAHUB__SERVER__PING_SECONDS", "1")
            .with("VIKRAHUB__SERVER__PONG_SECONDS", "1");
        let server = program.serve().await;
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
        // Nothing of them is left: neither connections nor files.
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (connections, files) = open(&server).await;
            if connections == before.0 && files <= before.1 {
                break;
            }
            assert!(Instant::now() < deadline, "{connections} connections, {files} files");
        }
        let sent = nadias.say(omar.id, "then not").await;
        assert_eq!(sent["message"]["seq"], 2);
        server.stop().await;
    }
}
