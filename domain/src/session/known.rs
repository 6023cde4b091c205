//! The cookie by which a browser is known again (R12): whom it proved before, and how, so that strangers who use up what
//! everybody shares cannot lock its owner out. It signs nobody in.
//!
//! A JWT (RFC 7519) as the session's, signed under a key of its own and read as strictly. It holds no address and no
//! person's id: whom it proved stands in it as an HMAC under the agent's key and the browser's id, so that two browsers of
//! one person have nothing in common.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use shared::card::Method;
use shared::id::{AgentId, PersonId};

use super::{BadToken, LEEWAY_S, MAX_COOKIE_AGE_S, MAX_TOKEN_BYTES, OnlyAlgorithm, claims};
use crate::keys::{Purpose, SigningKeys};
use crate::mac::Tag;
use crate::time::Millis;

/// The most identities that a browser is known for; the one proved longest ago makes room.
pub const MOST: usize = 5;
/// Characters of a browser's id, and of a tag's text.
const ID_CHARS: usize = 22;
const TAG_CHARS: usize = 43;

/// A browser that proved somebody before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its id: 128 random bits as 22 characters of base64url, drawn at its first login.
    browser: String,
    /// Whom it proved, newest first.
    proved: Vec<String>,
    /// How it signed in last.
    last: Option<Method>,
}

/// Times are seconds since the epoch (`NumericDate`).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: AgentId,
    /// The browser.
    bid: String,
    /// Whom it proved.
    who: Vec<String>,
    /// How it signed in last.
    last: Method,
    iat: u64,
    exp: u64,
}

/// The only header that is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    #[serde(rename = "alg")]
    _alg: OnlyAlgorithm,
    #[serde(rename = "typ")]
    _typ: OnlyKnown,
    kid: String,
}

#[derive(Deserialize)]
enum OnlyKnown {
    #[serde(rename = "known+jwt")]
    Known,
}

impl Known {
    /// A browser of this fresh id that proved nobody yet.
    pub fn new(browser: String) -> Self {
        Self { browser, proved: Vec::new(), last: None }
    }

    /// Takes in that the browser just proved this person. `key` is the agent's for [`Purpose::Known`].
    #[must_use]
    pub fn with(mut self, key: &[u8; 32], person: &PersonId, method: Method) -> Self {
        let tag = self.tag(key, person);
        self.proved.retain(|other| *other != tag);
        self.proved.insert(0, tag);
        self.proved.truncate(MOST);
        self.last = Some(method);
        self
    }

    /// Whether this browser proved this person before.
    pub fn has_proved(&self, key: &[u8; 32], person: &PersonId) -> bool {
        let tag = self.tag(key, person);
        self.proved.contains(&tag)
    }

    /// How it signed in last.
    pub fn last(&self) -> Option<Method> {
        self.last
    }

    /// The key of this browser's own budgets for this person.
    pub fn budget_key(&self, person: &PersonId) -> String {
        format!("{}\n{person}", self.browser)
    }

    fn tag(&self, key: &[u8; 32], person: &PersonId) -> String {
        Tag::over(key, "known", &[self.browser.as_bytes(), person.as_str().as_bytes()]).text()
    }
}

/// The methods of a new card, the one that the browser used last at the front where it is among them (L5).
pub fn last_first(mut methods: Vec<Method>, last: Option<Method>) -> Vec<Method> {
    methods.sort_by_key(|method| Some(*method) != last);
    methods
}

/// The cookie's name: `__Host-csk_{agent}`.
pub fn cookie_name(agent: &AgentId) -> String {
    format!("__Host-csk_{agent}")
}

/// The value of a `Set-Cookie` header, with the attributes of the session's cookie, for as long as browsers keep one.
pub fn set_cookie(agent: &AgentId, token: &str) -> String {
    let name = cookie_name(agent);
    format!("{name}={token}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age={MAX_COOKIE_AGE_S}")
}

/// The token in a `Cookie` header. `None` when it is absent, empty or there twice.
pub fn read_cookie<'a>(header: &'a str, agent: &AgentId) -> Option<&'a str> {
    super::cookie::read_named(header, &cookie_name(agent))
}

/// Signs what is known of a browser, from `now` on. None before it proved anybody: there is nothing to know.
///
/// # Panics
/// Never: claims are texts and numbers, and HMAC takes any key.
#[expect(clippy::expect_used, reason = "claims are texts and numbers, and HMAC takes any key: neither can fail")]
pub fn sign(known: &Known, keys: &SigningKeys, agent: &AgentId, issuer: &str, now: Millis) -> Option<String> {
    let (kid, key) = keys.signing_for(agent, Purpose::Known);
    let header =
        Header { typ: Some("known+jwt".to_owned()), kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) };
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: agent.clone(),
        bid: known.browser.clone(),
        who: known.proved.clone(),
        last: known.last?,
        iat: now.secs(),
        exp: now.secs().saturating_add(MAX_COOKIE_AGE_S),
    };
    Some(crate::jwt::encode(&header, &claims, &EncodingKey::from_secret(&key)).expect("plain claims under an HMAC key"))
}

/// Reads a token as strictly as [`super::verify`] does.
///
/// # Errors
/// [`BadToken`]; the browser is an unknown one then.
pub fn verify(token: &str, keys: &SigningKeys, agent: &AgentId, issuer: &str, now: Millis) -> Result<Known, BadToken> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(BadToken::TooLarge);
    }
    let (header, _) = token.split_once('.').ok_or(BadToken::Header)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| BadToken::Header)?;
    let header: StrictHeader = serde_json::from_slice(&header).map_err(|_| BadToken::Header)?;
    let key = keys.derive_for(&header.kid, agent, Purpose::Known).ok_or(BadToken::UnknownKey)?;
    let Claims { iss, aud, bid, who, last, iat, exp } = claims(token, &key)?;
    let is_text = |text: &String, chars: usize| {
        text.len() == chars && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let is_ours = iss == issuer && aud == *agent && is_text(&bid, ID_CHARS);
    let is_list = (1..=MOST).contains(&who.len()) && who.iter().all(|tag| is_text(tag, TAG_CHARS));
    if !is_ours || !is_list || exp <= iat {
        return Err(BadToken::Claims);
    }
    if now.secs() > exp.saturating_add(LEEWAY_S) {
        return Err(BadToken::Expired);
    }
    if iat > now.secs().saturating_add(LEEWAY_S) {
        return Err(BadToken::NotYet);
    }
    Ok(Known { browser: bid, proved: who, last: Some(last) })
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use rand::rngs::StdRng;
    use rand::{Rng, RngCore, SeedableRng};
    use serde_json::{Value, json};
    use shared::id::{ConversationId, SessionId};

    use super::super::{Token, sign as sign_session, verify as verify_session};
    use super::{
        AgentId, BadToken, Engine, Known, LEEWAY_S, MAX_COOKIE_AGE_S, MOST, Method, Millis, PersonId, Purpose,
        SigningKeys, URL_SAFE_NO_PAD, cookie_name, last_first, read_cookie, set_cookie, sign, verify,
    };

    const ISSUER: &str = "https://chat.example";
    const NOW: Millis = Millis(1_795_262_400_000);
    const KEY: [u8; 32] = [7; 32];

    fn keys(seed: u64) -> SigningKeys {
        let mut bytes = [0; 32];
        StdRng::seed_from_u64(seed).fill_bytes(&mut bytes);
        SigningKeys::parse(&format!("k{seed}:{}", STANDARD.encode(bytes))).unwrap()
    }

    fn agent() -> AgentId {
        AgentId::parse("ag_a").unwrap()
    }

    fn person(n: usize) -> PersonId {
        PersonId::parse(&format!("{n:043}")).unwrap()
    }

    fn known() -> Known {
        Known::new("b".repeat(22)).with(&KEY, &person(1), Method::EmailCode)
    }

    fn signed() -> String {
        sign(&known(), &keys(1), &agent(), ISSUER, NOW).unwrap()
    }

    #[test]
    fn a_browser_is_known_for_whom_it_proved_and_nobody_else() {
        let read = verify(&signed(), &keys(1), &agent(), ISSUER, NOW).unwrap();
        assert_eq!(read, known());
        assert!(read.has_proved(&KEY, &person(1)));
        assert!(!read.has_proved(&KEY, &person(2)) && !read.has_proved(&[8; 32], &person(1)));
        let other = Known::new("c".repeat(22)).with(&KEY, &person(1), Method::EmailCode);
        assert_ne!(other.proved, read.proved, "two browsers of one person have nothing in common");
        assert_eq!(read.last(), Some(Method::EmailCode));
    }

    #[test]
    fn a_browser_is_known_for_the_newest_five() {
        let mut known = known();
        for n in 2..=7 {
            known = known.with(&KEY, &person(n), Method::Google);
        }
        known = known.with(&KEY, &person(4), Method::Passkey);
        let proved: Vec<_> = (1..=7).filter(|n| known.has_proved(&KEY, &person(*n))).collect();
        assert_eq!(proved, [3, 4, 5, 6, 7]);
        assert_eq!((known.proved.len(), known.last()), (MOST, Some(Method::Passkey)));
        assert_ne!(known.budget_key(&person(3)), known.budget_key(&person(4)));
    }

    #[test]
    fn the_last_method_is_first_where_it_is_allowed() {
        let methods = vec![Method::EmailCode, Method::PhoneCode, Method::Google];
        let first = |last| last_first(methods.clone(), last);
        assert_eq!(first(Some(Method::Google)), [Method::Google, Method::EmailCode, Method::PhoneCode]);
        assert_eq!(first(Some(Method::Passkey)), methods);
        assert_eq!(first(None), methods);
    }

    #[test]
    fn the_cookie_has_every_attribute_and_a_name_of_its_own() {
        assert_eq!(
            set_cookie(&agent(), "t"),
            "__Host-csk_ag_a=t; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=34560000"
        );
        let header = format!("__Host-cs_ag_a=session; {}=known", cookie_name(&agent()));
        assert_eq!(read_cookie(&header, &agent()), Some("known"));
        assert_eq!(super::super::read_cookie(&header, &agent()), Some("session"));
        assert_eq!(read_cookie("__Host-csk_ag_a=a; __Host-csk_ag_a=b", &agent()), None);
    }

    #[test]
    fn it_ends_after_four_hundred_days() {
        let end = NOW.plus_s(MAX_COOKIE_AGE_S + LEEWAY_S);
        assert!(verify(&signed(), &keys(1), &agent(), ISSUER, end).is_ok());
        assert_eq!(verify(&signed(), &keys(1), &agent(), ISSUER, end.plus_s(1)), Err(BadToken::Expired));
        let before = Millis(NOW.0 - (LEEWAY_S + 1) * 1_000);
        assert_eq!(verify(&signed(), &keys(1), &agent(), ISSUER, before), Err(BadToken::NotYet));
    }

    #[test]
    fn it_is_no_session_and_a_session_is_none() {
        let conversation = ConversationId::new(&agent(), &"c".repeat(22)).unwrap();
        let session = SessionId::parse(&"s".repeat(22)).unwrap();
        let visit = Token::visit(ISSUER, conversation, session, NOW, 60).unwrap();
        let visit = sign_session(&visit, &keys(1), &agent());
        assert!(verify(&visit, &keys(1), &agent(), ISSUER, NOW).is_err());
        assert!(verify_session(&signed(), &keys(1), &agent(), ISSUER, NOW).is_err());
    }

    /// A token of any header and claims under the right key.
    fn forged(header: &Value, claims: &Value) -> String {
        let key = keys(1).signing_for(&agent(), Purpose::Known).1;
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let key = jsonwebtoken::EncodingKey::from_secret(&key);
        let mac = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).unwrap();
        format!("{signed}.{mac}")
    }

    #[test]
    fn whatever_is_not_exactly_as_we_write_it_is_refused() {
        let header = json!({"typ": "known+jwt", "alg": "HS256", "kid": "k1"});
        let at = NOW.secs();
        let good = json!({"iss": ISSUER, "aud": "ag_a", "bid": "b".repeat(22), "who": ["t".repeat(43)],
            "last": "email_code", "iat": at, "exp": at + 60});
        let try_it = |header: &Value, claims: &Value| verify(&forged(header, claims), &keys(1), &agent(), ISSUER, NOW);
        assert!(try_it(&header, &good).is_ok());
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            claims
        };
        for claims in [
            with("iss", json!("https://other.example")),
            with("iss", json!([ISSUER])),
            with("aud", json!("ag_b")),
            with("aud", json!(["ag_a"])),
            with("bid", json!("")),
            with("bid", json!("b".repeat(23))),
            with("bid", json!("\n".repeat(22))),
            with("who", json!([])),
            with("who", json!("t".repeat(43))),
            with("who", json!(vec!["t".repeat(43); 6])),
            with("who", json!(["t"])),
            with("who", json!([null])),
            with("last", json!("password")),
            with("last", json!(null)),
            with("exp", json!(at)),
            with("exp", json!("2099")),
            with("iat", json!(at + 61 + 60)),
            with("sub", json!("x")),
        ] {
            assert!(try_it(&header, &claims).is_err(), "{claims}");
        }
        for name in ["iss", "aud", "bid", "who", "last", "iat", "exp"] {
            let mut claims = good.clone();
            claims.as_object_mut().unwrap().remove(name);
            assert!(try_it(&header, &claims).is_err(), "without {name}");
        }
        for header in [
            json!({"typ": "JWT", "alg": "HS256", "kid": "k1"}),
            json!({"typ": "session+jwt", "alg": "HS256", "kid": "k1"}),
            json!({"typ": "known+jwt", "alg": "none", "kid": "k1"}),
            json!({"typ": "known+jwt", "alg": "HS512", "kid": "k1"}),
            json!({"typ": "known+jwt", "alg": "HS256", "kid": "k2"}),
            json!({"typ": "known+jwt", "alg": "HS256"}),
            json!({"typ": "known+jwt", "alg": "HS256", "kid": "k1", "crit": ["x"]}),
        ] {
            assert!(try_it(&header, &good).is_err(), "{header}");
        }
        assert!(verify(&signed(), &keys(2), &agent(), ISSUER, NOW).is_err());
        assert!(verify(&signed(), &keys(1), &AgentId::parse("ag_b").unwrap(), ISSUER, NOW).is_err());
        for text in ["", ".", "..", "a.b.c", &"x".repeat(5_000)] {
            assert!(verify(text, &keys(1), &agent(), ISSUER, NOW).is_err());
        }
    }

    #[test]
    fn a_changed_byte_is_found() {
        let mut rng = StdRng::seed_from_u64(5);
        let good = signed();
        for _ in 0..5_000 {
            let mut bytes = good.clone().into_bytes();
            let at = rng.random_range(0..bytes.len());
            bytes[at] = rng.random_range(33..127);
            let text = String::from_utf8(bytes).unwrap();
            assert!(text == good || verify(&text, &keys(1), &agent(), ISSUER, NOW).is_err(), "{text}");
        }
    }
}
