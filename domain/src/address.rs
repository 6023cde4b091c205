//! An email address that a code may go to: exactly one recipient, in one spelling (R11).

use core::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The most bytes of input that are looked at; NFKC can make text several times longer.
const MAX_INPUT_BYTES: usize = 1024;
/// RFC 5321, section 4.5.3.1.1.
const MAX_LOCAL: usize = 64;
/// RFC 5321, section 4.5.3.1.3, less the angle brackets.
const MAX_TOTAL: usize = 254;
/// RFC 1035, section 2.3.4.
const MAX_LABEL: usize = 63;

/// Why a text is not one email address. Carries nothing of the text: it may come from anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadAddress;

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not one email address")
    }
}

impl core::error::Error for BadAddress {}

/// One email address in canonical form: NFKC, lower case, ASCII. Serialized as that text; has no `Display`, and its
/// `Debug` shows nothing, so that it reaches no log by accident.
///
/// Lower case on both sides of the `@`: RFC 5321 lets a host tell `Ann` from `ann`, none in use does, and two spellings
/// would make two persons with two sets of limits.
///
/// ASCII alone is accepted, after NFKC: full-width and other compatibility forms become the ASCII they stand for, while
/// look-alikes (Cyrillic `а`) are refused, so that no address can be mistaken for another person's. Internationalized
/// domains are accepted in their `xn--` form; internationalized local parts (RFC 6531) are not accepted.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads one address. ASCII white space around it is dropped, nothing inside it is.
    ///
    /// The local part is a dot-atom of RFC 5322; quoted local parts, comments, display names, groups, lists and IP
    /// literals are refused, although the standard has them: each is a way to smuggle a second recipient.
    ///
    /// # Errors
    /// [`BadAddress`] for anything that is not exactly one address.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        if text.len() > MAX_INPUT_BYTES {
            return Err(BadAddress);
        }
        let normal: String = text.nfkc().collect();
        let canonical = normal.trim_ascii().to_ascii_lowercase();
        let (local, domain) = canonical.split_once('@').ok_or(BadAddress)?;
        if canonical.len() <= MAX_TOTAL && is_local(local) && is_domain(domain) {
            Ok(Self(canonical))
        } else {
            Err(BadAddress)
        }
    }

    /// The canonical address, for the mail service and for derivations; not for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address for eyes that need not see it: first character, then `•••`, then the domain.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or_default();
        let first = local.chars().next().unwrap_or('•');
        format!("{first}•••@{domain}")
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = BadAddress;
    fn try_from(text: String) -> Result<Self, BadAddress> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

/// `dot-atom-text` of RFC 5322, section 3.2.3, in lower case; an encoded word (RFC 2047) is none, because mail software
/// may decode it into another address.
fn is_local(local: &str) -> bool {
    let is_atext = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+/=?^_`{|}~-".contains(&b);
    local.len() <= MAX_LOCAL
        && !local.split_once("=?").is_some_and(|(_, word)| word.contains("?="))
        && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

/// At least two labels of letters, digits and inner hyphens; the last one of letters alone or `xn--…`. That leaves out
/// host names of one label and every spelling of an IPv4 address.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let is_top = |top: &str| {
        top.len() >= 2 && (top.bytes().all(|b| b.is_ascii_lowercase()) || (top.starts_with("xn--") && top.len() > 4))
    };
    domain.split('.').all(is_label) && domain.rsplit_once('.').is_some_and(|(_, top)| is_top(top))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::{BadAddress, EmailAddress};

    const ACCEPTED: &[(&str, &str)] = &[
        ("ann@example.com", "ann@example.com"),
        ("  ann@example.com\r\n", "ann@example.com"),
        ("\tann@example.com ", "ann@example.com"),
        ("Ann.Smith@Example.COM", "ann.smith@example.com"),
        ("a@b.co", "a@b.co"),
        ("ann+shop@example.com", "ann+shop@example.com"),
        ("o'brien@example.ie", "o'brien@example.ie"),
        ("!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"),
        ("1234567890@example.com", "1234567890@example.com"),
        ("a.b.c.d@example.com", "a.b.c.d@example.com"),
        ("ann@sub.sub2.example.co.uk", "ann@sub.sub2.example.co.uk"),
        ("ann@123.com", "ann@123.com"),
        ("ann@ex-am--ple.com", "ann@ex-am--ple.com"),
        ("ann@xn--mnchen-3ya.de", "ann@xn--mnchen-3ya.de"),
        ("ann@example.xn--p1ai", "ann@example.xn--p1ai"),
        ("ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example.com"),
        ("ann@exampℓe.com", "ann@example.com"),
        ("\u{212A}ate@example.com", "kate@example.com"),
        ("\u{a0}ann@example.com\u{a0}", "ann@example.com"),
        ("ﬁona@example.com", "fiona@example.com"),
    ];

    const REFUSED: &[&str] = &[
        "",
        " ",
        "@",
        "a",
        "a@",
        "@b.com",
        "a@b",
        "ann",
        "ann@",
        "@example.com",
        "ann@@example.com",
        "ann@b@example.com",
        // more than one recipient
        "ann@example.com,ben@example.com",
        "ann@example.com;ben@example.com",
        "ann@example.com ben@example.com",
        "ann@example.com, ",
        ",ann@example.com",
        "ann@example.com\nben@example.com",
        "ann,ben@example.com",
        "ann@example.com|ben@example.com",
        "ann@example.com%0abcc:ben@example.com",
        "[\"ann@example.com\"]",
        "{\"$ne\":null}",
        "group:ann@example.com;",
        "undisclosed-recipients:;",
        "ann@example.com，ben@example.com",
        "ann@example.com；ben@example.com",
        // headers and control characters
        "ann@example.com\r\nBcc: ben@example.com",
        "ann@example.com\nBcc:x",
        "ann@exam\rple.com",
        "ann\0@example.com",
        "ann@example.com\0",
        "\0ann@example.com",
        "ann@example.com\0.evil.com",
        "a\tnn@example.com",
        "ann\u{7f}@example.com",
        "ann\u{85}@example.com",
        "ann\u{2028}@example.com",
        "ann@example.com\u{b}",
        // white space inside
        "ann smith@example.com",
        "ann @example.com",
        "ann@ example.com",
        "ann@exam ple.com",
        "ann\u{a0}@example.com",
        "ann\u{3000}@example.com",
        "ann\u{200b}@example.com",
        "ann@example\u{feff}.com",
        "\u{202e}ann@example.com",
        // other forms of RFC 5322
        "Ann <ann@example.com>",
        "<ann@example.com>",
        "\"ann\"@example.com",
        "\"ann smith\"@example.com",
        "\"ann@evil.com\"@example.com",
        "ann(comment)@example.com",
        "(c)ann@example.com",
        "ann@(c)example.com",
        "ann\\@example.com",
        "ann\\@evil@example.com",
        "mailto:ann@example.com",
        "@relay.com:ann@example.com",
        "ben%example.com@relay.com@x.com",
        "ann@example.com (Ann)",
        // IP literals and numbers
        "ann@[127.0.0.1]",
        "ann@[IPv6:::1]",
        "ann@127.0.0.1",
        "ann@2130706433",
        "ann@0x7f.0.0.1",
        "ann@example.123",
        "ann@1.2.3.0x4",
        "ann@::1",
        "ann@localhost",
        "ann@com",
        "ann@example.c0m",
        // dots and hyphens
        ".ann@example.com",
        "ann.@example.com",
        "an..n@example.com",
        "ann@.example.com",
        "ann@example.com.",
        "ann@example..com",
        "ann@.",
        "ann@..",
        ".@example.com",
        "ann@-example.com",
        "ann@example-.com",
        "ann@example.-com",
        "ann@example.com-",
        "ann@example.c",
        "ann@xn--.xn--",
        "ann@a.xn--",
        // characters outside a host name or an atom
        "ann@exam_ple.com",
        "ann@example!.com",
        "ann@example.com/",
        "ann@example.com?x=y",
        "ann@example.com#x",
        "ann@example.com:25",
        "ann@exa$mple.com",
        "ann[]@example.com",
        "ann:b@example.com",
        "ann@exam*ple.com",
        // other scripts and look-alikes
        "аnn@example.com",
        "ann@еxample.com",
        "ann@example.соm",
        "änn@example.com",
        "ann@exämple.com",
        "ann@例え.テスト",
        "用户@example.com",
        "ann@example。com",
        "ann@example.ｃоm",
        "😀@example.com",
        "ann@😀.com",
        "ı@example.com",
        "ann@exa\u{301}mple.com",
        "ann@exam\u{ad}ple.com",
        "ß@example.com",
        "İ@example.com",
        "=?utf-8?q?ann?=@example.com",
        "a=?utf-8?b?YW5u?=@example.com",
    ];

    #[test]
    fn one_address_has_one_spelling() {
        for (typed, canonical) in ACCEPTED {
            let address = EmailAddress::parse(typed).unwrap();
            assert_eq!(address.as_str(), *canonical, "{typed:?}");
            assert_eq!(EmailAddress::parse(canonical), Ok(address));
        }
    }

    #[test]
    fn anything_but_one_address_is_refused() {
        assert!(REFUSED.len() > 100);
        for typed in REFUSED {
            assert_eq!(EmailAddress::parse(typed), Err(BadAddress), "{typed:?}");
        }
    }

    #[test]
    fn lengths_end_where_the_standards_end_them() {
        let label = "l".repeat(63);
        for (local, domain, is_good) in [
            ("a".repeat(64), "example.com".to_owned(), true),
            ("a".repeat(65), "example.com".to_owned(), false),
            ("a".to_owned(), format!("{label}.com"), true),
            ("a".to_owned(), format!("l{label}.com"), false),
            ("a".repeat(64), format!("{label}.{label}.{}.com", "l".repeat(57)), true),
            ("a".repeat(64), format!("{label}.{label}.{}.com", "l".repeat(58)), false),
            ("a".repeat(100_000), "example.com".to_owned(), false),
        ] {
            let text = format!("{local}@{domain}");
            assert_eq!(EmailAddress::parse(&text).is_ok(), is_good, "{} {}", local.len(), text.len());
        }
        // NFKC makes one character eighteen: what counts is the length of the result.
        assert!(EmailAddress::parse(&format!("{}@example.com", "ﷺ".repeat(300))).is_err());
    }

    #[test]
    fn an_address_stays_out_of_logs() {
        let address = EmailAddress::parse("ann@example.com").unwrap();
        assert_eq!(format!("{address:?}"), "EmailAddress(…)");
        assert_eq!(address.masked(), "a•••@example.com");
        assert_eq!(EmailAddress::parse("x@example.com").unwrap().masked(), "x•••@example.com");
    }

    #[test]
    fn storage_checks_again() {
        let address = EmailAddress::parse("ann@example.com").unwrap();
        let stored = serde_json::to_string(&address).unwrap();
        assert_eq!(stored, "\"ann@example.com\"");
        assert_eq!(serde_json::from_str::<EmailAddress>(&stored).unwrap(), address);
        for text in ["\"ann\"", "[\"ann@example.com\",\"ben@example.com\"]", "null", "{}", "\"a@b.com\\nBcc:x\""] {
            assert!(serde_json::from_str::<EmailAddress>(text).is_err(), "{text}");
        }
    }

    /// The one property that everything after this relies on.
    fn is_safe(canonical: &str) -> bool {
        let Some((local, domain)) = canonical.split_once('@') else { return false };
        local.bytes().all(|b| b"abcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-".contains(&b))
            && domain.bytes().all(|b| b"abcdefghijklmnopqrstuvwxyz0123456789.-".contains(&b))
    }

    /// The Big List of Naughty Strings, where the shared folder is at hand.
    #[test]
    fn naughty_strings_are_refused_or_made_safe() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vendors/security/blns.json");
        let Ok(text) = std::fs::read_to_string(path) else { return };
        let strings: Vec<String> = serde_json::from_str(&text).unwrap();
        assert!(strings.len() > 400);
        for naughty in strings {
            for typed in [naughty.clone(), format!("{naughty}@example.com"), format!("ann@{naughty}")] {
                if let Ok(address) = EmailAddress::parse(&typed) {
                    assert!(is_safe(address.as_str()), "{typed:?}");
                }
            }
            for typed in [format!("ann@example.com\r\n{naughty}"), format!("ann@example.com,{naughty}")] {
                let is_blank = naughty.trim_ascii().is_empty() && !typed.contains(',');
                assert!(is_blank || EmailAddress::parse(&typed).is_err(), "{typed:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_safe_and_canonical(typed in "[a-zA-Z0-9.@,;<>\" \r\n\u{0}éаａ-]{0,20}@?[a-zA-Z.\u{ff0e}-]{0,12}") {
            if let Ok(address) = EmailAddress::parse(&typed) {
                prop_assert!(is_safe(address.as_str()));
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address));
            }
        }

        #[test]
        fn any_text_at_all_is_refused_or_safe(typed in "\\PC{0,30}@\\PC{0,30}\\.com") {
            if let Ok(address) = EmailAddress::parse(&typed) {
                prop_assert!(is_safe(address.as_str()));
            }
        }
    }
}
