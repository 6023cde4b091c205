//! The cookie by which a browser is known again (R12): whom it proved before, and how, so that strangers who use up what
//! everybody shares cannot lock its owner out. It signs nobody in.
//!
//! A JWT (RFC 7519) as the session's, signed under a key of its own and read as strictly. It shows no address and no
//! person's id: whom it proved stands in it sealed, bound to the agent and the browser's id, so that two browsers of one
//! person have nothing in common. Sealed and not as an HMAC, because what is linked to those persons is theirs too, and only
//! they can be asked for that: what was typed must not be (R10).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use shared::card::Method;
use shared::id::{AgentId, PersonId};

use super::{BadToken, LEEWAY_S, MAX_COOKIE_AGE_S, MAX_TOKEN_BYTES, OnlyAlgorithm, claims};
use crate::context::seal::{self, Aad};
use crate::keys::{Purpose, SigningKeys};
use crate::time::Millis;

/// The most identities that a browser is known for; the one proved longest ago makes room.
pub const MOST: usize = 5;
/// Characters of a browser's id.
const ID_CHARS: usize = 22;
/// The field of whom it proved, when that is sealed.
const WHO: &str = "known";

/// A browser that proved somebody before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its id: 128 random bits as 22 characters of base64url, drawn at its first login.
    browser: String,
    /// Whom it proved, newest first.
    proved: Vec<PersonId>,
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
    /// Whom it proved, sealed: ids with a line feed between them.
    who: String,
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

    /// Takes in that the browser just proved this person.
    #[must_use]
    pub fn with(mut self, person: &PersonId, method: Method) -> Self {
        self.proved.retain(|other| other != person);
        self.proved.insert(0, person.clone());
        self.proved.truncate(MOST);
        self.last = Some(method);
        self
    }

    /// Whom this browser proved before, newest first; [`MOST`] at most.
    pub fn proved(&self) -> &[PersonId] {
        &self.proved
    }

    /// How it signed in last.
    pub fn last(&self) -> Option<Method> {
        self.last
    }

    /// The key of this browser's own budgets for an identity: the person's whom that alone proves, whoever it is linked to.
    /// So no link and no other login brings another one.
    pub fn budget_key(&self, identity: &PersonId) -> String {
        format!("{}\n{identity}", self.browser)
    }
}

/// Where whom a browser proved is sealed.
fn place<'a>(agent: &'a AgentId, browser: &'a str) -> Aad<'a> {
    Aad { agent, owner: browser, field: WHO }
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

/// Signs what is known of a browser, from `now` on. None before it proved anybody: there is nothing to know. `key` is the
/// agent's for [`Purpose::Known`], `nonce` fresh for every call.
///
/// # Panics
/// Never: claims are texts and numbers, and HMAC takes any key.
#[expect(clippy::expect_used, reason = "claims are texts and numbers, and HMAC takes any key: neither can fail")]
pub fn sign(
    known: &Known,
    keys: &SigningKeys,
    (key, nonce): (&[u8; 32], [u8; 12]),
    agent: &AgentId,
    issuer: &str,
    now: Millis,
) -> Option<String> {
    let who: Vec<_> = known.proved.iter().map(PersonId::as_str).collect();
    let who = seal::seal(key, nonce, &place(agent, &known.browser), who.join("\n").as_bytes());
    let (kid, key) = keys.signing_for(agent, Purpose::Known);
    let header =
        Header { typ: Some("known+jwt".to_owned()), kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) };
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: agent.clone(),
        bid: known.browser.clone(),
        who,
        last: known.last?,
        iat: now.secs(),
        exp: now.secs().saturating_add(MAX_COOKIE_AGE_S),
    };
    Some(crate::jwt::encode(&header, &claims, &EncodingKey::from_secret(&key)).expect("plain claims under an HMAC key"))
}

/// Reads a token as strictly as [`super::verify`] does. `key` is the agent's for [`Purpose::Known`].
///
/// # Errors
/// [`BadToken`]; the browser is an unknown one then.
pub fn verify(
    token: &str,
    keys: &SigningKeys,
    key: &[u8; 32],
    agent: &AgentId,
    issuer: &str,
    now: Millis,
) -> Result<Known, BadToken> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(BadToken::TooLarge);
    }
    let (header, _) = token.split_once('.').ok_or(BadToken::Header)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| BadToken::Header)?;
    let header: StrictHeader = serde_json::from_slice(&header).map_err(|_| BadToken::Header)?;
    let signing = keys.derive_for(&header.kid, agent, Purpose::Known).ok_or(BadToken::UnknownKey)?;
    let Claims { iss, aud, bid, who, last, iat, exp } = claims(token, &signing)?;
    let is_id = bid.len() == ID_CHARS && bid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if iss != issuer || aud != *agent || !is_id || exp <= iat {
        return Err(BadToken::Claims);
    }
    let who = seal::open(key, &place(agent, &bid), &who).ok().and_then(|plain| String::from_utf8(plain).ok());
    let proved = who.map(|who| who.split('\n').map(PersonId::parse).collect::<Result<Vec<_>, _>>());
    let Some(Ok(proved)) = proved else { return Err(BadToken::Claims) };
    if proved.len() > MOST {
        return Err(BadToken::Claims);
    }
    if now.secs() > exp.saturating_add(LEEWAY_S) {
        return Err(BadToken::Expired);
    }
    if iat > now.secs().saturating_add(LEEWAY_S) {
        return Err(BadToken::NotYet);
    }
    Ok(Known { browser: bid, proved, last: Some(last) })
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
    const NONCE: [u8; 12] = [5; 12];

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
        Known::new("b".repeat(22)).with(&person(1), Method::EmailCode)
    }

    fn read(token: &str) -> Result<Known, BadToken> {
        verify(token, &keys(1), &KEY, &agent(), ISSUER, NOW)
    }

    fn signed() -> String {
        sign(&known(), &keys(1), (&KEY, NONCE), &agent(), ISSUER, NOW).unwrap()
    }

    #[test]
    fn a_browser_is_known_for_whom_it_proved_and_nobody_else() {
        let read = read(&signed()).unwrap();
        assert_eq!(read, known());
        assert_eq!(read.proved(), [person(1)]);
        assert_eq!(read.last(), Some(Method::EmailCode));
    }

    /// A claim of a token that needs no key to be read.
    fn claim(token: &str, name: &str) -> String {
        let body = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()[name].to_string()
    }

    #[test]
    fn it_shows_nobody_and_what_is_sealed_is_one_browsers() {
        let token = signed();
        assert!(!claim(&token, "who").contains(person(1).as_str()));
        assert_eq!(verify(&token, &keys(1), &[8; 32], &agent(), ISSUER, NOW), Err(BadToken::Claims));
        let other = Known::new("c".repeat(22)).with(&person(1), Method::EmailCode);
        let other = sign(&other, &keys(1), (&KEY, [6; 12]), &agent(), ISSUER, NOW).unwrap();
        assert_ne!(claim(&token, "who"), claim(&other, "who"), "two browsers of one person have nothing in common");
    }

    #[test]
    fn a_browser_is_known_for_the_newest_five() {
        let mut known = known();
        for n in 2..=7 {
            known = known.with(&person(n), Method::Google);
        }
        known = known.with(&person(4), Method::Passkey);
        assert_eq!(known.proved(), [4, 7, 6, 5, 3].map(person));
        let token = sign(&known, &keys(1), (&KEY, NONCE), &agent(), ISSUER, NOW).unwrap();
        assert_eq!(read(&token), Ok(known.clone()));
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
        let at = |now| verify(&signed(), &keys(1), &KEY, &agent(), ISSUER, now);
        assert!(at(end).is_ok());
        assert_eq!(at(end.plus_s(1)), Err(BadToken::Expired));
        assert_eq!(at(Millis(NOW.0 - (LEEWAY_S + 1) * 1_000)), Err(BadToken::NotYet));
    }

    #[test]
    fn it_is_no_session_and_a_session_is_none() {
        let conversation = ConversationId::new(&agent(), &"c".repeat(22)).unwrap();
        let session = SessionId::parse(&"s".repeat(22)).unwrap();
        let visit = Token::visit(ISSUER, conversation, session, NOW, 60).unwrap();
        let visit = sign_session(&visit, &keys(1), &agent());
        assert!(read(&visit).is_err());
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
        let sealed = |plain: &str, browser: &str| {
            super::seal::seal(&KEY, NONCE, &super::place(&agent(), browser), plain.as_bytes())
        };
        let (browser, one) = ("b".repeat(22), person(1).to_string());
        let good = json!({"iss": ISSUER, "aud": "ag_a", "bid": browser, "who": sealed(&one, &browser),
            "last": "email_code", "iat": at, "exp": at + 60});
        let try_it = |header: &Value, claims: &Value| read(&forged(header, claims));
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
            with("who", json!([one.as_str()])),
            with("who", json!(one.as_str())),
            with("who", json!(null)),
            with("who", json!(sealed("", &browser))),
            with("who", json!(sealed("t", &browser))),
            with("who", json!(sealed(&format!("{one}\n"), &browser))),
            with("who", json!(sealed(&[one.as_str(); 6].join("\n"), &browser))),
            with("who", json!(sealed(&one, &"c".repeat(22)))),
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
        assert!(verify(&signed(), &keys(2), &KEY, &agent(), ISSUER, NOW).is_err());
        assert!(verify(&signed(), &keys(1), &KEY, &AgentId::parse("ag_b").unwrap(), ISSUER, NOW).is_err());
        for text in ["", ".", "..", "a.b.c", &"x".repeat(5_000)] {
            assert!(read(text).is_err());
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
            assert!(text == good || read(&text).is_err(), "{text}");
        }
    }
}
