//! Which hosts are public.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::Host;

/// Names that are no public host's: RFC 6761 and the registry of special-use domain names, RFC 6762 appendix G, ICANN's
/// list of names that collide, and what clusters and clouds call themselves.
const PRIVATE_TOPS: [&str; 40] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "intern",
    "private",
    "corp",
    "home",
    "lan",
    "domain",
    "workgroup",
    "router",
    "gateway",
    "dhcp",
    "test",
    "example",
    "invalid",
    "onion",
    "alt",
    "arpa",
    "eth",
    "exit",
    "i2p",
    "bit",
    "svc",
    "cluster",
    "pod",
    "node",
    "nodes",
    "service",
    "docker",
    "kube",
    "kubernetes",
    "consul",
    "nomad",
    "mesh",
    "vpn",
    "belkin",
    "fritz",
];

/// Public names that answer with whatever address is spelled in them, or with this machine's own, and names of cloud
/// metadata services.
const TREACHEROUS: [&str; 18] = [
    "nip.io",
    "sslip.io",
    "xip.io",
    "xip.name",
    "traefik.me",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "localho.st",
    "lndo.site",
    "fuf.me",
    "yoogle.com",
    "ddev.site",
    "1u.ms",
    "rbndr.us",
    "fritz.box",
    "metadata.tencentyun.com",
];

/// IANA's special-purpose registry for IPv4 (RFC 6890 and its updates), multicast, and Azure's host agent, which answers
/// on a public address to its own virtual machines.
const SPECIAL_V4: [([u8; 4], u32); 19] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([168, 63, 129, 16], 32),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// What of global unicast is special: protocol assignments (Teredo, ORCHID, benchmarks), documentation, 6to4, AS112.
const SPECIAL_V6: [([u16; 3], u32); 5] = [
    ([0x2001, 0, 0], 23),
    ([0x2001, 0xdb8, 0], 32),
    ([0x2002, 0, 0], 16),
    ([0x2620, 0x4f, 0x8000], 48),
    ([0x3fff, 0, 0], 20),
];

/// Whether it is this machine, by one of its three usual names.
pub(super) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => *address == Ipv4Addr::LOCALHOST,
        Host::Ipv6(address) => *address == Ipv6Addr::LOCALHOST,
    }
}

/// Whether it is a name or an address of the public Internet.
pub(super) fn is_public(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_public_name(name),
        Host::Ipv4(address) => is_public_v4(*address),
        Host::Ipv6(address) => is_public_v6(*address),
    }
}

fn is_public_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let Some((_, top)) = name.rsplit_once('.') else { return false };
    let is_top = top.len() >= 2 && (top.bytes().all(|b| b.is_ascii_alphabetic()) || top.starts_with("xn--"));
    let is_within =
        |parent: &&str| name.strip_suffix(*parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.len() <= 253
        && name.split('.').all(is_label)
        && is_top
        && !PRIVATE_TOPS.contains(&top)
        && !TREACHEROUS.iter().any(is_within)
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|(start, bits)| {
        let differs = u32::from(address) ^ u32::from(Ipv4Addr::from(*start));
        differs.leading_zeros() >= *bits
    })
}

/// Global unicast (`2000::/3`) alone: that leaves out loopback, mapped and compatible IPv4, NAT64, unique local, link
/// local, site local and multicast addresses.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let within = |start: Ipv6Addr, bits: u32| (u128::from(address) ^ u128::from(start)).leading_zeros() >= bits;
    within(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)
        && !SPECIAL_V6.iter().any(|([a, b, c], bits)| within(Ipv6Addr::new(*a, *b, *c, 0, 0, 0, 0, 0), *bits))
}
