//! Whose address counts behind proxies.

use super::*;

/// How many logins of these addresses, one after the other, are not throttled.
async fn attempts(site: &Site, addresses: &[&str]) -> usize {
    let mut passed = 0;
    for address in addresses {
        let body = json!({"username": "nobody", "password": "wrong"});
        let request = site.request(Method::POST, "/api/auth/token/").json(&body);
        let answer = Answer::of(request.header("x-forwarded-for", *address)).await;
        match answer.status {
            401 => passed += 1,
            _ => is_throttled(&answer),
        }
    }
    passed
}

#[tokio::test]
async fn a_trusted_proxy_names_the_client() {
    let app = app(|config| {
        config.server.trusted_proxies = vec!["127.0.0.1".to_owned()];
        config.limits.logins_per_minute = 2;
    })
    .await;

    assert_eq!(attempts(&app, &["192.0.2.1"; 5]).await, 2);
    assert_eq!(attempts(&app, &["192.0.2.2"; 5]).await, 2);
    // What the client writes itself stands left of what the proxy adds.
    assert_eq!(attempts(&app, &["192.0.2.3, 192.0.2.1", "192.0.2.4, 192.0.2.2"]).await, 0);
    // An IPv6 client has 2^64 addresses to choose from.
    let network = ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3"];
    assert_eq!(attempts(&app, &network).await, 2);
    assert_eq!(attempts(&app, &["2001:db8:1:3::1"]).await, 1);
    app.stop().await;
}

#[tokio::test]
async fn nobody_else_does() {
    let app = app(|config| {
        config.server.trusted_proxies = vec!["10.0.0.0/8".to_owned()];
        config.limits.logins_per_minute = 2;
    })
    .await;

    assert_eq!(attempts(&app, &["192.0.2.1", "192.0.2.2", "192.0.2.3", "10.0.0.1"]).await, 2);
    app.stop().await;
}

#[tokio::test]
async fn refused_refreshes_are_counted_by_client() {
    let app = app(|config| config.server.trusted_proxies = vec!["127.0.0.1".to_owned()]).await;
    for client in ["192.0.2.1", "192.0.2.2"] {
        for expected in [401, 401, 401, 401, 401, 429] {
            let request = app.request(Method::POST, "/api/auth/token/refresh/");
            let request = request.json(&json!({"refresh": "nonsense"}));
            let answer = Answer::of(request.header("x-forwarded-for", client)).await;
            assert_eq!(answer.status, expected);
        }
    }
    app.stop().await;
}
