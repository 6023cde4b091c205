use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{AddressFault, Allowed, check};

const REFUSED: &[&str] = &[
    // this machine
    "https://localhost/",
    "https://localhost:443/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://api.localhost/",
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://127.0.1/",
    "https://127.255.255.254/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://0177.0.0.1/",
    "https://0177.0.0.01/",
    "https://017700000001/",
    "https://00000177.0.0.1/",
    "https://%31%32%37.0.0.1/",
    "https://127%2e0%2e0%2e1/",
    "https://１２７.０.０.１/",
    "https://127。0。0。1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://0/",
    "https://0.0.0.0/",
    "https://[::]/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[0000:0000:0000:0000:0000:0000:0000:0001]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:0:127.0.0.1]/",
    "https://[::127.0.0.1]/",
    // networks behind the firewall
    "https://10.0.0.1/",
    "https://10.255.255.255/",
    "https://167772161/",
    "https://012.0.0.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.0.1/",
    "https://0xc0a80001/",
    "https://3232235521/",
    "https://100.64.0.1/",
    "https://100.127.255.255/",
    "https://198.18.0.1/",
    "https://198.19.255.255/",
    "https://[fc00::1]/",
    "https://[fd12:3456:789a::1]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    // cloud metadata
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://2852039166/",
    "https://0251.0376.0251.0376/",
    "https://169.254.43518/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[64:ff9b::169.254.169.254]/",
    "https://[64:ff9b:1::a9fe:a9fe]/",
    "https://[2002:a9fe:a9fe::]/",
    "https://[fd00:ec2::254]/",
    "https://169.254.170.2/v2/credentials",
    "https://100.100.100.200/",
    "https://168.63.129.16/",
    "https://192.0.0.192/",
    "https://metadata.google.internal/",
    "https://metadata.tencentyun.com/",
    "https://instance-data/",
    "https://metadata/",
    // other special ranges
    "https://192.0.2.1/",
    "https://198.51.100.7/",
    "https://203.0.113.9/",
    "https://192.88.99.1/",
    "https://192.31.196.1/",
    "https://192.52.193.1/",
    "https://192.175.48.1/",
    "https://224.0.0.1/",
    "https://239.255.255.250/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[2001:0:53aa:64c:0:fbff:ad33:1]/",
    "https://[2001:10::1]/",
    "https://[2001:20::1]/",
    "https://[2001:db8::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2620:4f:8000::1]/",
    "https://[3fff::1]/",
    "https://[100::1]/",
    "https://[5f00::1]/",
    "https://[ff02::1]/",
    "https://[4000::1]/",
    "https://[fe80::1%25eth0]/",
    // names that are not public
    "https://intranet/",
    "https://printer.local/",
    "https://db.internal/",
    "https://ip-10-0-0-1.ec2.internal/",
    "https://kubernetes.default.svc/",
    "https://api.default.svc.cluster.local/",
    "https://host.docker.internal/",
    "https://router.lan/",
    "https://nas.home/",
    "https://nas.home.arpa/",
    "https://1.0.0.127.in-addr.arpa/",
    "https://vault.corp/",
    "https://shop.test/",
    "https://shop.example/",
    "https://shop.invalid/",
    "https://shop.onion/",
    "https://com/",
    "https://127.0.0.1.nip.io/",
    "https://10-0-0-1.sslip.io/",
    "https://localtest.me/",
    "https://a.localtest.me/",
    "https://lvh.me/",
    "https://7f000001.1u.ms/",
    // names that are none
    "https://.example.com/",
    "https://shop..com/",
    "https://-shop.com/",
    "https://shop-.com/",
    "https://shop.com./",
    "https://sh_op.com/",
    "https://shop.c/",
    "https://shop.c0m/",
    "https://shop%2ecom/",
    "https://ex%61mple.com/",
    "https://ｅxample.com/",
    "https://münchen.de/",
    "https://1.2.3.4.5/",
    "https://1.2.3/",
    "https://0x08080808/",
    "https://010.8.8.8/",
    // other schemes, and none
    "http://shop.com/",
    "HTTP://shop.com/",
    "ftp://shop.com/",
    "file:///etc/passwd",
    "gopher://shop.com/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "ws://shop.com/",
    "wss://shop.com/",
    "blob:https://shop.com/1",
    "jar:https://shop.com!/",
    "dict://127.0.0.1:11211/",
    "//shop.com/",
    "/path",
    "shop.com",
    "shop.com:443",
    "",
    " ",
    "https",
    "https:",
    "https:/",
    "https://",
    "https:///shop.com/",
    "https:////shop.com/",
    "https:shop.com",
    "https:/shop.com",
    "https://?x",
    "https://#x",
    "view-source:https://shop.com/",
    // credentials
    "https://user@shop.com/",
    "https://user:pass@shop.com/",
    "https://:@shop.com/",
    "https://@shop.com/",
    "https://shop.com@127.0.0.1/",
    "https://127.0.0.1@shop.com/",
    "https://shop.com:443@evil.com/",
    "https://shop.com%40evil.com/",
    // ports
    "https://shop.com:80/",
    "https://shop.com:22/",
    "https://shop.com:8443/",
    "https://shop.com:0/",
    "https://shop.com:65536/",
    "https://shop.com:-1/",
    "https://shop.com:4 43/",
    "https://shop.com:443:443/",
    // fragments
    "https://shop.com/#",
    "https://shop.com/#@127.0.0.1/",
    "https://shop.com#.evil.com/",
    // what a parser would repair
    " https://shop.com/",
    "https://shop.com/ ",
    "https://shop.com/a b",
    "https://sh\top.com/",
    "https://shop.com/\n",
    "ht\ntps://shop.com/",
    "https://shop.com\r\nHost: evil.com/",
    "https:\\\\shop.com\\",
    "https://shop.com\\@127.0.0.1/",
    "https://127.0.0.1\\.shop.com/",
    "https://shop.com/\0",
    "https://shop\0.com/",
    "https://shop.com/ü",
    "https://sh\u{ad}op.com/",
    "https://shop.com\u{2044}evil/",
    "https://[::1",
    "https://::1/",
    "https://[]/",
    "https://[1.2.3.4]/",
    "https://[g::1]/",
];

const ACCEPTED: &[&str] = &[
    "https://shop.com/",
    "https://shop.com",
    "https://SHOP.com/Path",
    "HTTPS://shop.com/",
    "https://api.shop.co.uk/v1/orders/1?expand=lines&x[]=1",
    "https://shop.com:443/",
    "https://shop.com?x=1",
    "https://xn--mnchen-3ya.de/",
    "https://shop.xn--p1ai/",
    "https://a-b.c-d.io/",
    "https://123.com/",
    "https://shop.com/@user",
    "https://shop.com/a:b",
    "https://8.8.8.8/",
    "https://1.1.1.1:443/dns-query",
    "https://100.63.255.255/",
    "https://100.128.0.0/",
    "https://172.15.255.255/",
    "https://172.32.0.0/",
    "https://192.167.255.255/",
    "https://223.255.255.255/",
    "https://[2606:4700:4700::1111]/",
    "https://[2001:4860:4860::8888]/",
    "https://[2a00:1450:4001:81b:0:0:0:200e]/",
    "https://localhost.shop.com/",
    "https://mynip.io/",
];

#[test]
fn every_form_of_a_private_address_is_refused() {
    assert!(REFUSED.len() >= 60);
    for url in REFUSED {
        assert!(check(url, &Allowed::default()).is_err(), "{url:?}");
    }
}

#[test]
fn public_addresses_are_accepted_and_unchanged_in_meaning() {
    for url in ACCEPTED {
        let parsed = check(url, &Allowed::default()).unwrap_or_else(|fault| panic!("{url}: {fault}"));
        assert_eq!((parsed.scheme(), parsed.port()), ("https", None), "{url}");
    }
}

#[test]
fn a_listed_port_is_allowed_and_no_other() {
    let allowed = Allowed { ports: vec![8443], loopback: false };
    assert!(check("https://shop.com:8443/", &allowed).is_ok() && check("https://shop.com/", &allowed).is_ok());
    assert_eq!(check("https://shop.com:8444/", &allowed), Err(AddressFault::Port));
    assert_eq!(check("http://shop.com:8443/", &allowed), Err(AddressFault::NotHttps));
    assert_eq!(check("https://127.0.0.1:8443/", &allowed), Err(AddressFault::NotPublic));
}

#[test]
fn development_reaches_this_machine_by_its_usual_names_and_nothing_else() {
    let allowed = Allowed { ports: vec![], loopback: true };
    for url in ["http://127.0.0.1:8788/login", "http://localhost/", "https://localhost:1/", "http://[::1]:9/"] {
        assert!(check(url, &allowed).is_ok(), "{url}");
    }
    for url in [
        "http://127.0.0.2/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://shop.com/",
        "http://0.0.0.0/",
        "http://a.localhost/",
        "http://user@localhost/",
        "http://localhost/#x",
        "http://[::ffff:127.0.0.1]/",
        "ftp://localhost/",
        "file://localhost/etc/passwd",
    ] {
        assert!(check(url, &allowed).is_err(), "{url}");
    }
}

#[test]
fn a_fault_names_what_to_mend_and_shows_nothing_of_the_address() {
    for (url, fault) in [
        ("http://shop.com/", AddressFault::NotHttps),
        ("https://ann:hunter2@shop.com/", AddressFault::Credentials),
        ("https://shop.com/#x", AddressFault::Fragment),
        ("https://shop.com:22/", AddressFault::Port),
        ("https://10.0.0.1/", AddressFault::NotPublic),
        ("shop", AddressFault::NotAUrl),
    ] {
        assert_eq!(check(url, &Allowed::default()), Err(fault), "{url}");
        assert!(!fault.to_string().contains("hunter2"));
    }
}

proptest! {
    /// Whatever spelling of whatever number is accepted, it is not one of the special ranges.
    #[test]
    fn no_spelling_of_an_address_reaches_a_special_range(a: u8, b: u8, c: u8, d: u8, spelling in 0..5) {
        let url = match spelling {
            0 => format!("https://{a}.{b}.{c}.{d}/"),
            1 => format!("https://{}/", u32::from_be_bytes([a, b, c, d])),
            2 => format!("https://0x{a:x}.0{b:o}.{c}.{d}/"),
            3 => format!("https://[::ffff:{a}.{b}.{c}.{d}]/"),
            _ => format!("https://[64:ff9b::{a}.{b}.{c}.{d}]/"),
        };
        if check(&url, &Allowed::default()).is_ok() {
            prop_assert_eq!(spelling, 0);
            let ip = std::net::Ipv4Addr::new(a, b, c, d);
            prop_assert!(!ip.is_private() && !ip.is_loopback() && !ip.is_link_local() && !ip.is_multicast());
            prop_assert!(!ip.is_documentation() && !ip.is_broadcast() && !ip.is_unspecified());
        }
    }

    #[test]
    fn no_text_brings_it_down(url in any::<String>(), host in "\\PC{0,20}") {
        let _ = check(&url, &Allowed { ports: vec![], loopback: true });
        if let Ok(parsed) = check(&format!("https://{host}/"), &Allowed::default()) {
            prop_assert!(parsed.host_str().is_some_and(|name| host.to_ascii_lowercase().starts_with(name)));
        }
    }
}
