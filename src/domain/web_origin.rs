//! Where a web page comes from: scheme, host and port (RFC 6454).

use std::{fmt, net::Ipv6Addr};

/// An origin in the one spelling in which equal ones are equal: lower case, the port written out
/// where the scheme has a usual one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebOrigin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl WebOrigin {
    /// Reads `scheme://host[:port]`. Anything more, a path or a user name, is no origin.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let starts_well = scheme.starts_with(|char: char| char.is_ascii_alphabetic());
        let is_scheme = |char: char| char.is_ascii_alphanumeric() || "+-.".contains(char);
        if !starts_well || !scheme.chars().all(is_scheme) {
            return None;
        }
        let (host, port) = host_and_port(authority)?;
        let scheme = scheme.to_ascii_lowercase();
        let port = port.or(match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        });
        Some(Self { scheme, host, port })
    }

    /// The origin of the pages of a server that is reached as `host`, the value of a `Host` header.
    pub fn of_server(scheme: &str, host: &str) -> Option<Self> {
        Self::parse(&format!("{scheme}://{host}"))
    }
}

fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        (format!("[{address}]"), port)
    } else {
        let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        let is_name = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
        if host.is_empty() || !host.chars().all(is_name) {
            return None;
        }
        (host.to_ascii_lowercase(), port)
    };
    if port.is_empty() {
        return Some((host, None));
    }
    let digits = port.strip_prefix(':')?;
    // `parse` takes a sign.
    let is_number = digits.starts_with(|char: char| char.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?.map(|port| (host, Some(port)))
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_origin_has_many_spellings() {
        for (one, other) in [
            ("http://localhost:3000", "HTTP://LocalHost:3000"),
            ("https://chat.example.com", "https://chat.example.com:443"),
            ("http://chat.example.com", "http://CHAT.example.com:80"),
            ("http://[::1]:3000", "http://[0:0::0:1]:3000"),
        ] {
            assert_eq!(WebOrigin::parse(one).expect(one), WebOrigin::parse(other).expect(other));
        }
    }

    #[test]
    fn scheme_host_and_port_all_count() {
        let spellings = [
            "https://chat.example.com",
            "http://chat.example.com",
            "https://chat.example.com:8443",
            "https://example.com",
            "https://evil-chat.example.com",
            "https://chat.example.com.evil.org",
            "https://chat.example.com.",
            "capacitor://chat.example.com",
        ];
        for (place, one) in spellings.iter().enumerate() {
            for other in &spellings[place + 1..] {
                assert_ne!(
                    WebOrigin::parse(one).expect(one),
                    WebOrigin::parse(other).expect(other)
                );
            }
        }
    }

    #[test]
    fn more_or_less_than_an_origin_is_none() {
        for text in [
            "",
            "null",
            "*",
            "localhost",
            "localhost:3000",
            "//localhost",
            "://localhost",
            "http://",
            "http://*",
            "https://*.example.com",
            "http://localhost/",
            "http://localhost:3000/chat",
            "http://localhost?x",
            "http://localhost#x",
            "http://user@localhost",
            "http://localhost:",
            "http://localhost:+80",
            "http://localhost:65536",
            "http://localhost:80:80",
            "http://::1",
            "http://[::1",
            "http://[::1]x",
            "http://[evil]",
            "http://a b",
            " http://localhost",
            "http://localhost, http://evil.org",
            "https://b\u{fc}cher.example",
        ] {
            assert_eq!(WebOrigin::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_and_read_again(text in "[a-zA-Z]{1,5}://[a-zA-Z0-9.-]{1,20}(:[0-9]{1,5})?") {
            if let Some(origin) = WebOrigin::parse(&text) {
                prop_assert_eq!(WebOrigin::parse(&origin.to_string()), Some(origin));
            }
        }

        #[test]
        fn nothing_makes_it_panic(text in ".*") {
            drop(WebOrigin::parse(&text));
        }
    }
}
