//! The provider's keys (RFC 7517), and how often they may be asked for (R31).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
/// A public key, ready to verify with.
pub use jsonwebtoken::DecodingKey as Key;
use serde::Deserialize;
use serde_json::Value;

use crate::time::Millis;

/// The most bytes of a document with keys.
pub const MAX_BYTES: usize = 64 * 1024;
/// The most keys that are read of one.
const MAX_KEYS: usize = 32;
/// Bits of a modulus: NIST SP 800-131A's least, and the most that is verified in reasonable time.
const MODULUS_BITS: core::ops::RangeInclusive<usize> = 2048..=4096;

/// How long keys serve before they are read anew, milliseconds: a key that was withdrawn must not be taken for ever.
const FRESH_MS: u64 = 3_600_000;
/// Between two fetches for the sake of a kid that is not known, milliseconds.
const GAP_MS: u64 = 60_000;
/// Between two fetches while there is no key at all, milliseconds.
const FIRST_GAP_MS: u64 = 2_000;
/// How long a fetch may be under way before another one takes its place, milliseconds.
const FETCH_MS: u64 = 6_000;

/// A document that holds no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadKeys;

/// RSA keys for RS256, by `kid`.
#[derive(Clone)]
pub struct KeySet(BTreeMap<String, Key>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    n: String,
    e: String,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    alg: Option<String>,
}

impl KeySet {
    /// Reads a JWK Set. Keys of another kind, use, algorithm or length are left out, and both of two with one `kid`.
    ///
    /// # Errors
    /// [`BadKeys`] for a document that is none.
    pub fn parse(document: &[u8]) -> Result<Self, BadKeys> {
        if document.len() > MAX_BYTES {
            return Err(BadKeys);
        }
        let Document { keys } = serde_json::from_slice(document).map_err(|_| BadKeys)?;
        let mut found: BTreeMap<String, Option<Key>> = BTreeMap::new();
        for key in keys.into_iter().take(MAX_KEYS) {
            let Some((kid, key)) = serde_json::from_value(key).ok().and_then(usable) else { continue };
            found.entry(kid).and_modify(|both| *both = None).or_insert(Some(key));
        }
        Ok(Self(found.into_iter().filter_map(|(kid, key)| Some((kid, key?))).collect()))
    }

    /// The key of this kid.
    pub fn get(&self, kid: &str) -> Option<&Key> {
        self.0.get(kid)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn usable(Jwk { kty, kid, n, e, purpose, alg }: Jwk) -> Option<(String, Key)> {
    let is = |given: Option<String>, wanted: &str| given.is_none_or(|given| given == wanted);
    if kty != "RSA" || kid.is_empty() || !is(purpose, "sig") || !is(alg, "RS256") {
        return None;
    }
    let modulus = URL_SAFE_NO_PAD.decode(&n).ok()?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros)?;
    let bits = (modulus.len() - zeros) * 8 - first.leading_zeros() as usize;
    // An exponent as everybody has it: a huge one would cost time, 1 would accept anything.
    if !MODULUS_BITS.contains(&bits) || e != "AQAB" {
        return None;
    }
    Some((kid, Key::from_rsa_components(&n, &e).ok()?))
}

/// The keys as an isolate keeps them.
#[derive(Clone, Default)]
pub struct Cache {
    keys: Option<KeySet>,
    fetched_at: Millis,
    tried_at: Option<Millis>,
    is_fetching: bool,
}

/// What to do for a kid.
pub enum Wanted {
    /// Here it is.
    Key(Key),
    /// Fetch the keys, then say [`Cache::fetched`], and ask again.
    Fetch,
    /// Somebody else is fetching them: ask again in a moment.
    Wait,
    /// There is no such key, and it is too early to look again.
    Unknown,
}

impl Cache {
    /// Asks for a key. [`Wanted::Fetch`] is counted before it happens, so that of any number of callers one fetches.
    pub fn ask(&mut self, kid: &str, now: Millis) -> Wanted {
        let fresh = self.keys.as_ref().filter(|_| now.since(self.fetched_at) < FRESH_MS);
        if let Some(key) = fresh.and_then(|keys| keys.get(kid)) {
            return Wanted::Key(key.clone());
        }
        let since = self.tried_at.map_or(u64::MAX, |tried| now.since(tried));
        if self.is_fetching && since < FETCH_MS {
            return Wanted::Wait;
        }
        if since < if self.keys.is_some() { GAP_MS } else { FIRST_GAP_MS } {
            return Wanted::Unknown;
        }
        (self.tried_at, self.is_fetching) = (Some(now), true);
        Wanted::Fetch
    }

    /// What a fetch brought; nothing when it failed, and what there was stays.
    pub fn fetched(&mut self, keys: Option<KeySet>, now: Millis) {
        self.is_fetching = false;
        if let Some(keys) = keys {
            (self.keys, self.fetched_at) = (Some(keys), now);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::samples::{jwk, key_set, modulus, short_modulus};
    use super::{Cache, KeySet, MAX_BYTES, Millis, Wanted};

    const NOW: Millis = Millis(1_795_262_400_000);

    fn keys(keys: &[Value]) -> usize {
        KeySet::parse(json!({"keys": keys}).to_string().as_bytes()).unwrap().len()
    }

    fn with(field: &str, value: Value) -> Value {
        let mut key = jwk();
        key[field] = value;
        key
    }

    #[test]
    fn only_long_rsa_keys_for_signatures_are_taken() {
        assert_eq!(keys(&[jwk()]), 1);
        for (field, value) in [
            ("kty", json!("oct")),
            ("kty", json!("EC")),
            ("use", json!("enc")),
            ("alg", json!("RS512")),
            ("alg", json!("HS256")),
            ("kid", json!("")),
            ("kid", json!(1)),
            ("e", json!("AQ")),
            ("e", json!("Aw")),
            ("n", json!(short_modulus())),
            ("n", json!("")),
            ("n", json!("AAAA")),
            ("n", json!(format!("{}=", modulus()))),
            ("n", json!(modulus().repeat(3))),
        ] {
            assert_eq!(keys(&[with(field, value.clone())]), 0, "{field} {value}");
        }
        for (field, value) in [("use", Value::Null), ("alg", Value::Null)] {
            assert_eq!(keys(&[with(field, value)]), 1);
        }
        // The others stay usable.
        assert_eq!(keys(&[json!(null), with("kty", json!("EC")), jwk()]), 1);
        assert_eq!(keys(&[jwk(), jwk()]), 0, "two keys of one kid");
        assert_eq!(keys(&(0..100).map(|i| with("kid", json!(i.to_string()))).collect::<Vec<_>>()), 32);
    }

    #[test]
    fn a_document_that_is_none_is_refused() {
        for text in
            ["", "[]", "{}", "{\"keys\":{}}", "<html>", &format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(MAX_BYTES))]
        {
            assert!(KeySet::parse(text.as_bytes()).is_err(), "{}", text.len());
        }
    }

    /// R31: what it costs the provider when somebody makes kids up.
    #[test]
    fn a_thousand_unknown_kids_fetch_the_keys_at_most_twice_a_minute() {
        let mut cache = Cache::default();
        let mut fetches = 0;
        for i in 0..1000 {
            let now = NOW.plus_ms(i * 59);
            if matches!(cache.ask(&format!("made-up-{i}"), now), Wanted::Fetch) {
                fetches += 1;
                cache.fetched(Some(key_set()), now);
            }
        }
        assert_eq!(fetches, 1);
        assert!(matches!(cache.ask("k1", NOW.plus_ms(1)), Wanted::Key(_)));
    }

    #[test]
    fn of_many_callers_one_fetches_and_the_others_wait_for_it() {
        let mut cache = Cache::default();
        assert!(matches!(cache.ask("k1", NOW), Wanted::Fetch));
        for _ in 0..100 {
            assert!(matches!(cache.ask("k1", NOW.plus_ms(10)), Wanted::Wait));
        }
        cache.fetched(Some(key_set()), NOW.plus_ms(20));
        assert!(matches!(cache.ask("k1", NOW.plus_ms(20)), Wanted::Key(_)));
        assert!(matches!(cache.ask("k2", NOW.plus_ms(20)), Wanted::Unknown));
    }

    #[test]
    fn a_fetch_that_failed_or_was_cut_off_is_followed_by_another() {
        let mut cache = Cache::default();
        assert!(matches!(cache.ask("k1", NOW), Wanted::Fetch));
        cache.fetched(None, NOW.plus_ms(5));
        assert!(matches!(cache.ask("k1", NOW.plus_ms(10)), Wanted::Unknown));
        assert!(matches!(cache.ask("k1", NOW.plus_ms(2_000)), Wanted::Fetch));
        // Whoever fetched is gone without a word.
        assert!(matches!(cache.ask("k1", NOW.plus_ms(7_999)), Wanted::Wait));
        assert!(matches!(cache.ask("k1", NOW.plus_ms(8_000)), Wanted::Fetch));
    }

    #[test]
    fn a_key_that_was_withdrawn_is_not_taken_for_ever() {
        let mut cache = Cache::default();
        assert!(matches!(cache.ask("k1", NOW), Wanted::Fetch));
        cache.fetched(Some(key_set()), NOW);
        assert!(matches!(cache.ask("k1", NOW.plus_minutes(59)), Wanted::Key(_)));
        assert!(matches!(cache.ask("k1", NOW.plus_minutes(60)), Wanted::Fetch));
        cache.fetched(Some(KeySet::parse(b"{\"keys\":[]}").unwrap()), NOW.plus_minutes(60));
        assert!(matches!(cache.ask("k1", NOW.plus_minutes(60)), Wanted::Unknown));
    }
}
