//! Which web pages may talk to the server.
//!
//! Browsers keep pages from reading the REST answers of other sites, but let every page open a
//! WebSocket anywhere and say where the page comes from: only the server can refuse.

use crate::domain::WebOrigin;

/// The pages of other sites that are welcome.
#[derive(Clone, Debug)]
pub struct Origins(Vec<WebOrigin>);

/// What a request says of the page it comes from, and of the address it was sent to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page<'a> {
    /// `None` for programs other than browsers.
    pub origin: Option<&'a str>,
    /// How the browser reached the server.
    pub scheme: &'a str,
    pub host: Option<&'a str>,
}

impl Origins {
    pub fn new(allowed: Vec<WebOrigin>) -> Self {
        Self(allowed)
    }

    /// Whether pages of this origin may use the server from elsewhere.
    pub fn allows(&self, origin: &str) -> bool {
        WebOrigin::parse(origin).is_some_and(|origin| self.0.contains(&origin))
    }

    /// Whether a page may open a WebSocket: the server's own and those allowed.
    pub fn welcomes(&self, page: &Page<'_>) -> bool {
        let Some(origin) = page.origin else { return true };
        let Some(origin) = WebOrigin::parse(origin) else { return false };
        let own = page.host.and_then(|host| WebOrigin::of_server(page.scheme, host));
        own.as_ref() == Some(&origin) || self.0.contains(&origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_pages_and_those_allowed_are_welcome() {
        let allowed = ["https://app.example.com", "http://localhost:3000"];
        let allowed = allowed.map(|origin| WebOrigin::parse(origin).expect("an origin"));
        let origins = Origins::new(allowed.into());
        let host = Some("chat.example.com:8000");
        for (origin, is_welcome) in [
            (None, true),
            (Some("http://chat.example.com:8000"), true),
            (Some("HTTP://Chat.Example.COM:8000"), true),
            (Some("https://app.example.com"), true),
            (Some("https://app.example.com:443"), true),
            (Some("https://APP.example.com"), true),
            (Some("http://localhost:3000"), true),
            (Some(""), false),
            (Some("null"), false),
            (Some("file://"), false),
            (Some("https://chat.example.com:8000"), false),
            (Some("http://chat.example.com"), false),
            (Some("http://chat.example.com:80001"), false),
            (Some("http://chat.example.com:8000/"), false),
            (Some("http://app.example.com"), false),
            (Some("https://app.example.com:8443"), false),
            (Some("https://evil.app.example.com"), false),
            (Some("https://example.com"), false),
            (Some("https://evil-app.example.com"), false),
            (Some("https://app.example.com.evil.org"), false),
            (Some("https://app.example.com@evil.org"), false),
            (Some("https://xn--pp-yka.example.com"), false),
            (Some("https://\u{e4}pp.example.com"), false),
            (Some("https://app.example.com https://evil.org"), false),
            (Some("http://localhost"), false),
            (Some("http://127.0.0.1:3000"), false),
        ] {
            let page = Page { origin, scheme: "http", host };
            assert_eq!(origins.welcomes(&page), is_welcome, "{origin:?}");
        }
    }

    #[test]
    fn without_a_host_no_page_is_the_servers_own() {
        for host in [None, Some(""), Some("a b"), Some("null")] {
            let page = Page { origin: Some("http://"), scheme: "http", host };
            assert!(!Origins::new(vec![]).welcomes(&page));
        }
    }
}
