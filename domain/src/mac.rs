//! Message authentication codes over several fields, in one place: HMAC-SHA-256 (RFC 2104, FIPS 180-4).

use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// A MAC. It has no `==`: tags are compared in constant time or not at all. Text form: base64url, 43 characters.
#[derive(Clone, Copy)]
pub(crate) struct Tag([u8; 32]);

impl Tag {
    /// The tag of `fields` under `key`. `label` keeps one use apart from every other.
    ///
    /// Each field is preceded by its length, so that moving a byte from one field to the next is another input.
    pub(crate) fn over(key: &[u8; 32], label: &str, fields: &[&[u8]]) -> Self {
        // HMAC fills short keys up with zeros to the block of 64 bytes; doing it here leaves nothing that can fail.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        let mut mac = Hmac::<Sha256>::new(&block.into());
        for field in core::iter::once(&label.as_bytes()).chain(fields) {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field);
        }
        Self(mac.finalize().into_bytes().into())
    }

    /// A tag that is compared where there is none, so that absence takes as long as presence.
    pub(crate) const NONE: Self = Self([0; 32]);

    /// Whether both are the same, in constant time.
    pub(crate) fn is(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }

    /// The tag of a text that [`Tag::text`] gave; none for any other.
    pub(crate) fn read(text: &str) -> Option<Self> {
        // A longer text is no tag, whatever it decodes to.
        let bytes = if text.len() == 43 { URL_SAFE_NO_PAD.decode(text).ok()? } else { return None };
        bytes.try_into().ok().map(Self)
    }

    /// base64url without padding (RFC 4648, section 5), 43 characters.
    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag(…)")
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = URL_SAFE_NO_PAD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        <[u8; 32]>::try_from(bytes).map(Self).map_err(|_| D::Error::custom("a tag has 32 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::Tag;

    #[test]
    fn a_byte_that_moves_between_fields_changes_the_tag() {
        let key = [7; 32];
        let one = Tag::over(&key, "x", &[b"ab", b"c"]);
        for other in [
            Tag::over(&key, "x", &[b"a", b"bc"]),
            Tag::over(&key, "x", &[b"abc"]),
            Tag::over(&key, "x", &[b"ab", b"c", b""]),
            Tag::over(&key, "xa", &[b"b", b"c"]),
            Tag::over(&[8; 32], "x", &[b"ab", b"c"]),
        ] {
            assert!(!bool::from(one.is(&other)));
        }
        assert!(bool::from(one.is(&Tag::over(&key, "x", &[b"ab", b"c"]))));
    }

    #[test]
    fn a_tag_survives_storage_and_hides_in_logs() {
        let tag = Tag::over(&[7; 32], "x", &[]);
        let text = serde_json::to_string(&tag).unwrap();
        let back: Tag = serde_json::from_str(&text).unwrap();
        assert!(bool::from(tag.is(&back)));
        assert_eq!(format!("{tag:?}"), "Tag(…)");
        assert!(serde_json::from_str::<Tag>("\"AAAA\"").is_err());
    }
}
