//! Which address a request comes from, seen through reverse proxies.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use ipnet::IpNet;

/// Bits of an IPv6 address that stand for one client: the rest he chooses himself.
const IPV6_CLIENT_BITS: u128 = 64;

/// What counts as one client address: an IPv4 address, or the first half of an IPv6 address.
///
/// It shows itself nowhere: addresses of people do not belong into logs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let host_bits = u128::MAX >> IPV6_CLIENT_BITS;
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !host_bits))
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl ClientAddress {
    /// Its bytes, to make something of them that names it without showing it.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self.0 {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        }
    }
}

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAddress(..)")
    }
}

/// The reverse proxies whose word is taken.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether what this peer says about its client is believed.
    pub fn trusts(&self, peer: Option<SocketAddr>) -> bool {
        peer.is_some_and(|peer| self.includes(peer.ip().to_canonical()))
    }

    /// The address a request comes from. `forwarded_for` are the values of its `X-Forwarded-For`
    /// headers, in their order.
    pub fn client<'a>(
        &self,
        peer: Option<SocketAddr>,
        forwarded_for: impl DoubleEndedIterator<Item = &'a str>,
    ) -> ClientAddress {
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        self.farthest_known(peer, forwarded_for.flat_map(|value| value.split(','))).into()
    }

    /// Walks from the peer towards the client, as long as the hop it stands on can be trusted to
    /// have named the next one. What lies beyond, anybody may have written.
    fn farthest_known<'a>(
        &self,
        peer: IpAddr,
        hops: impl DoubleEndedIterator<Item = &'a str>,
    ) -> IpAddr {
        let mut known = peer.to_canonical();
        for hop in hops.rev() {
            if !self.includes(known) {
                break;
            }
            let Some(next) = address(hop) else { break };
            known = next;
        }
        known
    }

    fn includes(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// One entry of `X-Forwarded-For`: an address, as some proxies write it with a port.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']'));
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = bare.unwrap_or(entry).parse().ok().or_else(with_port);
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn proxies() -> TrustedProxies {
        let networks = ["10.0.0.0/8", "2001:db8:aaaa::/48"];
        TrustedProxies::new(networks.map(|network| network.parse().expect("a network")).into())
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn found(peer: &str, forwarded_for: &[&str]) -> IpAddr {
        let hops = forwarded_for.iter().flat_map(|value| value.split(','));
        proxies().farthest_known(ip(peer), hops)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        for (peer, forwarded_for, client) in [
            // Nobody in between.
            ("192.0.2.1", &[][..], "192.0.2.1"),
            // A client that claims to be somebody else.
            ("192.0.2.1", &["203.0.113.9"], "192.0.2.1"),
            // One proxy.
            ("10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            // What stands left of the client's address the client has written.
            ("10.0.0.1", &["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["10.0.0.9, 203.0.113.9"], "203.0.113.9"),
            // Two proxies, in one header or in two.
            ("10.0.0.1", &["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            // Only proxies: the farthest.
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &[], "10.0.0.1"),
            // Beyond what cannot be read nothing is known.
            ("10.0.0.1", &["203.0.113.9, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9, , 10.0.0.2"], "10.0.0.2"),
            // Other spellings.
            ("10.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.1", &["2001:db8::7,2001:db8:aaaa::1"], "2001:db8::7"),
            ("::ffff:10.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
        ] {
            assert_eq!(found(peer, forwarded_for), ip(client), "{peer} {forwarded_for:?}");
        }
    }

    #[test]
    fn an_ipv6_client_counts_by_its_network() {
        let client = |text| ClientAddress::from(ip(text));

        assert!(client("2001:db8:1:2::1") == client("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert!(client("2001:db8:1:2::1") != client("2001:db8:1:3::1"));
        assert!(client("192.0.2.1") == client("::ffff:192.0.2.1"));
        assert!(client("192.0.2.1") != client("192.0.2.2"));
    }

    fn any_address() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            any::<u32>().prop_map(|bits| IpAddr::V4(bits.into())),
            any::<u128>().prop_map(|bits| IpAddr::V6(bits.into())),
            any::<u8>().prop_map(|last| IpAddr::V4([10, 0, 0, last].into())),
        ]
    }

    fn any_hops() -> impl Strategy<Value = Vec<String>> {
        let hop = prop_oneof![any_address().prop_map(|address| address.to_string()), ".{0,12}"];
        prop::collection::vec(hop, 0..6)
    }

    proptest! {
        /// Whoever is no proxy cannot change what he counts as.
        #[test]
        fn a_forged_header_changes_nothing(peer in any_address(), hops in any_hops()) {
            prop_assume!(!proxies().includes(peer.to_canonical()));

            let hops = hops.iter().flat_map(|value| value.split(','));
            prop_assert_eq!(proxies().farthest_known(peer, hops), peer.to_canonical());
        }

        /// Behind a proxy, what the client has written himself changes nothing either.
        #[test]
        fn a_forged_entry_changes_nothing(forged in any_hops(), client in any_address(), proxy: u8) {
            prop_assume!(!proxies().includes(client.to_canonical()));
            let client_entry = client.to_string();
            let hops = forged.iter().map(String::as_str).flat_map(|value| value.split(','));
            let hops: Vec<_> = hops.chain([client_entry.as_str(), "10.9.9.9"]).collect();

            let proxy = IpAddr::V4([10, 0, 0, proxy].into());
            prop_assert_eq!(proxies().farthest_known(proxy, hops.into_iter()), client.to_canonical());
        }
    }
}
