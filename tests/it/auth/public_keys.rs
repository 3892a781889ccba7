//! Tokens signed with private keys of somebody else.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use vikrahub_messaging::config::{AuthConfig, Config};

use crate::helpers::{
    Answer, KeyPair, Program, Site, TestApp, TestDatabase,
    token::{claims, claims_with, signed, token},
};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// A server with these settings for tokens.
async fn app(change: impl FnOnce(&mut AuthConfig, &str)) -> TestApp {
    let database = TestDatabase::sqlite();
    let folder = database.folder().display().to_string();
    let change = move |config: &mut Config| change(&mut config.auth, &folder);
    TestApp::spawn_with(database, change).await
}

fn write(folder: &str, name: &str, text: &str) -> String {
    let path = format!("{folder}/{name}");
    fs::write(&path, text).unwrap();
    path
}

async fn me(site: &Site, token: &str) -> Answer {
    let request = site.request(reqwest::Method::GET, "/api/users/me/").bearer_auth(token);
    Answer::of(request).await
}

#[tokio::test]
async fn each_kind_of_key_verifies_its_own_algorithm_and_no_other() {
    let pairs = ALGORITHMS.map(KeyPair::generate);
    let pems = pairs.clone().map(|pair| pair.public_pem());
    let app = app(move |auth, folder| {
        for (number, pem) in pems.iter().enumerate() {
            auth.public_key_files.push(write(folder, &format!("{number}.pem"), pem));
        }
    })
    .await;
    let nadia = app.person("nadia").await;
    let claims = claims(nadia.id);

    for pair in &pairs {
        let algorithm = pair.algorithm;
        let good = pair.sign(&claims, None);
        assert_eq!(me(&app, &good).await.ok()["username"], "nadia", "{algorithm:?}");
        // A name in the token chooses among keys with names; these have none.
        assert_eq!(me(&app, &pair.sign(&claims, Some("x"))).await.status, 200);
        let mut socket =
            crate::helpers::Socket::open(app.ws_url(&format!("/ws/chat/?token={good}")))
                .await
                .unwrap();
        socket.expect("connection_established").await;

        // Another key of the same kind.
        let other = KeyPair::generate(algorithm).sign(&claims, None);
        assert_eq!(me(&app, &other).await.status, 401);
        // The public key taken for a shared secret, by all its spellings.
        for secret in [pair.public_pem(), pair.public_pem().trim().to_owned()] {
            let confused = signed(&Header::new(Algorithm::HS256), &claims, &secret);
            assert_eq!(me(&app, &confused).await.status, 401, "{algorithm:?}");
        }
        // A good signature under the name of another algorithm.
        let (_head, rest) = good.split_once('.').unwrap();
        for name in ["HS256", "RS384", "PS256", "ES384", "none"] {
            use base64::Engine as _;
            let head = json!({"alg": name, "typ": "JWT"}).to_string();
            let head = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(head);
            assert_eq!(me(&app, &format!("{head}.{rest}")).await.status, 401, "{name}");
        }
    }
    // Shared secrets go on.
    assert_eq!(me(&app, &nadia.access).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn the_tokens_of_others_are_checked_like_our_own_and_buy_none_of_ours() {
    let pair = KeyPair::generate(Algorithm::EdDSA);
    let pem = pair.public_pem();
    let app = app(move |auth, folder| {
        auth.public_key_files = vec![write(folder, "host.pem", &pem)];
    })
    .await;
    let nadia = app.person("nadia").await;

    for (claims, message) in [
        (claims_with(nadia.id, "exp", json!(1)), "Token is invalid or expired"),
        (claims_with(nadia.id, "exp", Value::Null), "Token has no 'exp' claim"),
        (claims_with(nadia.id, "jti", Value::Null), "Token has no id"),
        (claims_with(nadia.id, "token_type", Value::Null), "Token has no type"),
        (claims_with(nadia.id, "token_type", json!("refresh")), "Token has wrong type"),
    ] {
        let answer = me(&app, &pair.sign(&claims, None)).await;
        assert_eq!(answer.body["messages"][0]["message"], message, "{claims}");
    }
    let refresh = pair.sign(&claims_with(nadia.id, "token_type", json!("refresh")), None);
    let answer = app.post("/api/auth/token/refresh/", json!({"refresh": refresh})).await;
    assert_eq!(answer.status, 401);
    app.stop().await;
}

#[tokio::test]
async fn a_key_of_a_set_is_for_tokens_that_name_it() {
    let [rsa, ec, ed] = ALGORITHMS.map(KeyPair::generate);
    let mut encryption = ec.jwk("encryption");
    encryption["use"] = json!("enc");
    let mut mislabelled = rsa.jwk("mislabelled");
    mislabelled["alg"] = json!("RS512");
    // Somebody might try to slip in a secret.
    let octets =
        json!({"kty": "oct", "kid": "octets", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"});
    let set = json!({"keys": [
        rsa.jwk("rsa"), ec.jwk("ec"), ed.jwk("ed"), encryption, mislabelled, octets,
        {"kty": "future", "kid": "later"},
    ]});
    let app = app(move |auth, folder| {
        auth.jwks_files = vec![write(folder, "jwks.json", &set.to_string())];
    })
    .await;
    let nadia = app.person("nadia").await;
    let claims = claims(nadia.id);

    for (pair, id) in [(&rsa, "rsa"), (&ec, "ec"), (&ed, "ed")] {
        assert_eq!(me(&app, &pair.sign(&claims, Some(id))).await.status, 200, "{id}");
        for wrong in
            [None, Some("unknown"), Some("octets"), Some("encryption"), Some("mislabelled")]
        {
            let token = pair.sign(&claims, wrong);
            assert_eq!(me(&app, &token).await.status, 401, "{id} as {wrong:?}");
        }
    }
    // The name of a key of another kind.
    assert_eq!(me(&app, &rsa.sign(&claims, Some("ec"))).await.status, 401);
    let header = Header { kid: Some("octets".into()), ..Header::default() };
    let octets = signed(&header, &claims, "secret-secret-secret-secret");
    assert_eq!(me(&app, &octets).await.status, 401);
    app.stop().await;
}

#[tokio::test]
async fn issuer_audience_and_names_of_claims_are_as_configured() {
    let pair = KeyPair::generate(Algorithm::ES256);
    let pem = pair.public_pem();
    let app = app(move |auth, folder| {
        auth.public_key_files = vec![write(folder, "host.pem", &pem)];
        auth.issuer = "https://id.example.org".into();
        auth.audience = "chat".into();
        auth.user_claim = "sub".into();
        auth.type_claim = String::new();
        auth.id_claim = String::new();
    })
    .await;
    let nadia = app.person("nadia").await;
    let exp = crate::helpers::token::now() + 60;
    let good = json!({
        "sub": nadia.id.to_string(), "exp": exp, "iss": "https://id.example.org", "aud": "chat",
    });
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        pair.sign(&claims, None)
    };

    assert_eq!(me(&app, &pair.sign(&good, None)).await.status, 200);
    assert_eq!(me(&app, &with("aud", json!(["other", "chat"]))).await.status, 200);
    for (name, value) in [
        ("iss", json!("https://id.example.org/")),
        ("iss", Value::Null),
        ("aud", json!("chatter")),
        ("aud", json!([])),
        ("aud", json!(["other"])),
        ("aud", Value::Null),
        ("sub", json!("nadia")),
    ] {
        assert_eq!(me(&app, &with(name, value.clone())).await.status, 401, "{name} {value}");
    }
    // Tokens issued here follow the same rules, and keep their type.
    assert_eq!(me(&app, &nadia.access).await.status, 200);
    assert_eq!(me(&app, &nadia.refresh).await.status, 401);
    let again = app.post("/api/auth/token/refresh/", json!({"refresh": nadia.refresh})).await.ok();
    assert_eq!(me(&app, again["access"].as_str().unwrap()).await.status, 200);
    assert_eq!(me(&app, &token(&good)).await.status, 401, "a shared secret, without a type");
    app.stop().await;
}

/// What a set's address answers; it can be changed.
#[derive(Clone)]
struct KeyServer {
    url: String,
    answer: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

impl KeyServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("http://{}/jwks.json", listener.local_addr().unwrap()),
            answer: Arc::default(),
            asked: Arc::default(),
        };
        server.answer(200, "{}");
        let (answer, asked) = (server.answer.clone(), server.asked.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                asked.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4096];
                if stream.read(&mut request).await.is_ok() {
                    let answer = answer.lock().unwrap().clone();
                    stream.write_all(answer.as_bytes()).await.ok();
                }
            }
        });
        server
    }

    fn answer(&self, status: u16, body: &str) {
        let length = body.len();
        *self.answer.lock().unwrap() = format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\
             Location: /elsewhere\r\n\r\n{body}"
        );
    }

    fn serve(&self, keys: &[Value]) {
        self.answer(200, &json!({"keys": keys}).to_string());
    }
}

#[tokio::test]
async fn a_set_is_fetched_from_its_address_and_unknown_keys_do_not_hammer_it() {
    let (first, stranger) =
        (KeyPair::generate(Algorithm::EdDSA), KeyPair::generate(Algorithm::EdDSA));
    let keys = KeyServer::start().await;
    keys.serve(&[first.jwk("first")]);
    let url = keys.url.clone();
    let app = app(move |auth, _folder| auth.jwks_url = url).await;
    let nadia = app.person("nadia").await;
    let claims = claims(nadia.id);

    // It is fetched beside the start of the server.
    while me(&app, &first.sign(&claims, Some("first"))).await.status != 200 {}
    for _ in 0..20 {
        assert_eq!(me(&app, &stranger.sign(&claims, Some("second"))).await.status, 401);
    }
    assert_eq!(keys.asked.load(Ordering::SeqCst), 1);
    assert_eq!(me(&app, &first.sign(&claims, Some("first"))).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_set_that_cannot_be_had_stops_nothing() {
    for (status, body) in [
        (200, "nonsense".to_owned()),
        (200, json!({"keys": []}).to_string()),
        (500, String::new()),
        (302, String::new()),
        (200, format!("{{\"keys\":[], \"x\":\"{}\"}}", "y".repeat(300_000))),
    ] {
        let keys = KeyServer::start().await;
        keys.answer(status, &body);
        let url = keys.url.clone();
        let app = app(move |auth, _folder| auth.jwks_url = url).await;
        let nadia = app.person("nadia").await;
        while keys.asked.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }

        assert_eq!(me(&app, &nadia.access).await.status, 200);
        // No redirect is followed.
        assert_eq!(keys.asked.load(Ordering::SeqCst), 1);
        app.stop().await;
    }
}

#[tokio::test]
async fn files_that_are_no_public_keys_stop_the_start() {
    let database = TestDatabase::sqlite();
    let folder = database.folder().display().to_string();
    let pair = KeyPair::generate(Algorithm::ES256);
    let private = write(&folder, "private.pem", &pair.private_pem);
    let nonsense = write(&folder, "nonsense.pem", "nonsense");
    let empty = write(&folder, "empty.json", "{\"keys\":[]}");
    let missing = format!("{folder}/missing.pem");
    for (key, value, complaint) in [
        ("PUBLIC_KEY_FILES", &private, "is not a public key"),
        ("PUBLIC_KEY_FILES", &nonsense, "is not a public key"),
        ("PUBLIC_KEY_FILES", &missing, "cannot read"),
        ("JWKS_FILES", &nonsense, "is not a JSON Web Key Set"),
        ("JWKS_FILES", &empty, "has no key for RS256, ES256 or EdDSA"),
    ] {
        let program = Program::new(&database).with(&format!("VIKRAHUB__AUTH__{key}"), value);

        let said = program.complains(&["serve"]).await;

        assert!(said.contains(complaint) && said.contains(value.as_str()), "{said}");
    }
    let plain = Program::new(&database)
        .with("VIKRAHUB__AUTH__JWKS_URL", "http://id.example.org/jwks.json")
        .complains(&["serve"])
        .await;
    assert!(plain.contains("auth.jwks_url"), "{plain}");
}

#[tokio::test]
async fn a_server_with_public_keys_only_issues_no_tokens() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let pair = KeyPair::generate(Algorithm::EdDSA);
    let folder = database.folder().display().to_string();
    let file = write(&folder, "host.pem", &pair.public_pem());
    let program = Program::unlimited(&database)
        .without("JWT_SECRET")
        .with("VIKRAHUB__AUTH__PUBLIC_KEY_FILES", &file);
    let server = program.serve().await;
    let account = json!({"username": "nadia", "password": "pw-nadia"});
    let user = server.post("/api/users/", account).await.ok()["id"].as_i64().unwrap();

    let login = server.log_in("nadia", "pw-nadia").await;

    login.is(403, &json!({"detail": "This server issues no tokens."}));
    let token = pair.sign(&claims(user), None);
    assert_eq!(me(&server, &token).await.status, 200);
    server.kill().await;
    database.drop_it().await;
}
