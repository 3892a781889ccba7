//! What is decided before anybody knows who asks, and how often anybody may ask: CORS (contract
//! §1.7), the origin of handshakes, the client's address, rates and numbers of connections.

mod addresses;
mod cors;
mod origin;
mod rates;
mod sockets;

use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_tungstenite::tungstenite::{
    self, Message,
    client::IntoClientRequest,
    http::{HeaderValue, Request},
};
use vikrahub_messaging::config::Config;

use crate::helpers::{Answer, Person, RawSocket, Site, Socket, TestApp, TestDatabase};

const CONVERSATIONS: &str = "/api/messaging/conversations/";

/// A server of one test with other settings than usual.
async fn app(change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::spawn_with(TestDatabase::sqlite(), change).await
}

/// The answer to a request with these headers.
async fn ask(site: &Site, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = site.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request).await
}

fn handshake(site: &Site, path: &str, headers: &[(&'static str, &[u8])]) -> Request<()> {
    let mut request = site.ws_url(path).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_bytes(value).unwrap());
    }
    request
}

/// The status a handshake is answered with, and the headers of a refusal.
async fn status(request: impl IntoClientRequest + Unpin) -> (u16, HeaderMap) {
    match Socket::open(request).await {
        Ok(_socket) => (101, HeaderMap::new()),
        Err(tungstenite::Error::Http(response)) => {
            (response.status().as_u16(), response.headers().clone())
        }
        Err(error) => panic!("{error}"),
    }
}

fn seconds(headers: &HeaderMap) -> u64 {
    headers["retry-after"].to_str().unwrap().parse().unwrap()
}

fn is_throttled(answer: &Answer) {
    assert_eq!(answer.status, 429, "{answer:?}");
    assert_eq!(answer.body["code"], "rate_limited");
    assert_eq!(answer.body["retry_after"], seconds(&answer.headers));
    assert!(answer.body["detail"].as_str().unwrap().starts_with("Request was throttled."));
}
