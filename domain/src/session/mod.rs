//! Who a browser is: the token in its cookie, a JWT (RFC 7519) signed with HS256 and read strictly (R22, R23, R27).
//!
//! Whether a session was revoked is not in a token: the edge asks that of the person it names.

mod cookie;
pub mod device;
pub mod known;
pub mod life;
#[cfg(test)]
mod tests;

use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::card::Method;
use shared::id::{AgentId, ConversationId, InvalidId, PersonId, SessionId};

pub use self::cookie::{MAX_COOKIE_AGE_S, clear_cookie, cookie_name, read_cookie, set_cookie};
use crate::jwt::{self, Unread};
use crate::keys::SigningKeys;
use crate::time::Millis;

/// The most bytes of a token; a cookie has no more.
pub const MAX_TOKEN_BYTES: usize = 4096;
/// How far two clocks may be apart, seconds (R27).
pub const LEEWAY_S: u64 = 60;

/// Claims of a visitor who is not signed in. Times are seconds since the epoch (`NumericDate`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitClaims {
    /// The edge's origin.
    pub iss: String,
    /// The agent.
    pub aud: AgentId,
    /// The random part of the conversation's id: nobody is known yet.
    pub sub: String,
    /// The session.
    pub sid: SessionId,
    /// The conversation.
    pub conv: ConversationId,
    /// Made at.
    pub iat: u64,
    /// Not before.
    pub nbf: u64,
    /// Ends at.
    pub exp: u64,
}

/// Claims of a person who signed in. Times are seconds since the epoch (`NumericDate`). No address, number or name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionClaims {
    /// The edge's origin.
    pub iss: String,
    /// The agent.
    pub aud: AgentId,
    /// The person.
    pub sub: PersonId,
    /// The session, new at every login.
    pub sid: SessionId,
    /// The conversation.
    pub conv: ConversationId,
    /// Made at.
    pub iat: u64,
    /// Not before.
    pub nbf: u64,
    /// Ends at.
    pub exp: u64,
    /// When the person last proved who they are. Kept when a token is renewed.
    pub auth_time: u64,
    /// How: the values of RFC 8176, `otp` for a one-time code. 1 to 4 of them.
    pub amr: Vec<String>,
}

/// What a cookie says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Nobody is signed in. Header `typ`: `visit+jwt`.
    Visit(VisitClaims),
    /// A person is. Header `typ`: `session+jwt`.
    Session(SessionClaims),
}

impl Token {
    /// A visitor's token for this conversation, from `now` for `life_s` seconds. `issuer` is the edge's origin.
    ///
    /// # Errors
    /// Never for a conversation id that was parsed.
    pub fn visit(
        issuer: &str,
        conv: ConversationId,
        sid: SessionId,
        now: Millis,
        life_s: u64,
    ) -> Result<Self, InvalidId> {
        let (iss, aud, sub, at) = (issuer.to_owned(), conv.agent()?, random_part(&conv).to_owned(), now.secs());
        Ok(Self::Visit(VisitClaims { iss, aud, sub, sid, conv, iat: at, nbf: at, exp: at.saturating_add(life_s) }))
    }

    /// The token of a person who proved who they are at `auth_time`, by this method (RFC 8176: `otp`, `pwd`, `kba`, `hwk`; `fed`,
    /// which it has not, where another service vouches).
    ///
    /// # Errors
    /// Never for a conversation id that was parsed.
    pub fn session(
        issuer: &str,
        conv: ConversationId,
        sid: SessionId,
        person: PersonId,
        (method, auth_time): (Method, Millis),
        now: Millis,
        life_s: u64,
    ) -> Result<Self, InvalidId> {
        let at = now.secs();
        Ok(Self::Session(SessionClaims {
            iss: issuer.to_owned(),
            aud: conv.agent()?,
            sub: person,
            sid,
            conv,
            iat: at,
            nbf: at,
            exp: at.saturating_add(life_s),
            auth_time: auth_time.secs(),
            amr: vec![
                match method {
                    Method::EmailCode | Method::PhoneCode => "otp",
                    // A company's own login is its secret of the person's, whatever its form asks for.
                    Method::LoginAction => "pwd",
                    // Knowledge of what stands in a record.
                    Method::CollectionLookup => "kba",
                    // Somebody else vouches.
                    Method::Google | Method::HostToken => "fed",
                    Method::Passkey => "hwk",
                }
                .to_owned(),
            ],
        }))
    }

    /// The same session in the same conversation or the one that the person goes on in, signed anew: until `exp`, or as long
    /// as it was when that is longer. Who it is, by which proof and since when stays.
    #[must_use]
    pub fn renewed(&self, conv: ConversationId, now: Millis, exp: Millis) -> Self {
        let at = now.secs();
        match self {
            Self::Visit(claims) => {
                Self::Visit(VisitClaims { iat: at, nbf: at, exp: claims.exp.max(exp.secs()), ..claims.clone() })
            }
            Self::Session(claims) => {
                let exp = claims.exp.max(exp.secs());
                Self::Session(SessionClaims { conv, iat: at, nbf: at, exp, ..claims.clone() })
            }
        }
    }

    /// The agent.
    pub fn agent(&self) -> &AgentId {
        match self {
            Self::Visit(claims) => &claims.aud,
            Self::Session(claims) => &claims.aud,
        }
    }

    /// The conversation.
    pub fn conversation(&self) -> &ConversationId {
        match self {
            Self::Visit(claims) => &claims.conv,
            Self::Session(claims) => &claims.conv,
        }
    }

    /// The session's id.
    pub fn sid(&self) -> &SessionId {
        match self {
            Self::Visit(claims) => &claims.sid,
            Self::Session(claims) => &claims.sid,
        }
    }

    /// The person, when one is signed in.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Visit(_) => None,
            Self::Session(claims) => Some(&claims.sub),
        }
    }

    /// Made at.
    pub fn issued_at(&self) -> Millis {
        Millis(0).plus_s(self.times().0)
    }

    /// Ends at, the leeway not counted.
    pub fn expires_at(&self) -> Millis {
        Millis(0).plus_s(self.times().2)
    }

    /// `iat`, `nbf`, `exp`.
    fn times(&self) -> (u64, u64, u64) {
        match self {
            Self::Visit(claims) => (claims.iat, claims.nbf, claims.exp),
            Self::Session(claims) => (claims.iat, claims.nbf, claims.exp),
        }
    }
}

/// Why a token is refused. For logs and tests; a client hears `signed_out` whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadToken {
    /// Over [`MAX_TOKEN_BYTES`].
    TooLarge,
    /// The header is not exactly `typ`, `alg` and `kid` with values that are ours.
    Header,
    /// The kid is not, or no longer, one of ours.
    UnknownKey,
    /// The signature does not fit, or the token has not three parts of strict base64url.
    Signature,
    /// A claim is missing, unknown, doubled, of another type, or of another agent or edge.
    Claims,
    /// It has ended.
    Expired,
    /// It begins, or was made, in the future.
    NotYet,
}

impl fmt::Display for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "too large",
            Self::Header => "header not ours",
            Self::UnknownKey => "key not known",
            Self::Signature => "signature does not fit",
            Self::Claims => "claims not ours",
            Self::Expired => "ended",
            Self::NotYet => "not yet valid",
        })
    }
}

impl core::error::Error for BadToken {}

impl From<Unread> for BadToken {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Claims => Self::Claims,
            Unread::Signature => Self::Signature,
        }
    }
}

/// The only header that is read: exactly these members, each once. `crit`, `jwk`, `jku`, `x5u`, `x5c`, `b64` and
/// whatever comes later are refused as unknown, not ignored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    #[serde(rename = "alg")]
    _alg: OnlyAlgorithm,
    typ: Kind,
    kid: String,
}

#[derive(Deserialize)]
enum OnlyAlgorithm {
    #[serde(rename = "HS256")]
    Hs256,
}

#[derive(Clone, Copy, Deserialize)]
enum Kind {
    #[serde(rename = "visit+jwt")]
    Visit,
    #[serde(rename = "session+jwt")]
    Session,
}

/// Signs a token with the agent's key of the first kid. `agent` is the token's own; a token signed for another agent
/// is refused by [`verify`].
///
/// # Panics
/// Never: claims are texts and numbers, and HMAC takes any key.
#[expect(clippy::expect_used, reason = "claims are texts and numbers, and HMAC takes any key: neither can fail")]
pub fn sign(token: &Token, keys: &SigningKeys, agent: &AgentId) -> String {
    let (kid, key) = keys.signing(agent);
    let typ = match token {
        Token::Visit(_) => "visit+jwt",
        Token::Session(_) => "session+jwt",
    };
    let header = Header { typ: Some(typ.to_owned()), kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(&key);
    match token {
        Token::Visit(claims) => jwt::encode(&header, claims, &key),
        Token::Session(claims) => jwt::encode(&header, claims, &key),
    }
    .expect("plain claims under an HMAC key")
}

/// Reads a token strictly: our header, a known kid, a fitting signature, and every claim as this edge writes it for
/// this agent, within [`LEEWAY_S`] of `now`.
///
/// # Errors
/// [`BadToken`]; nothing of a refused token may be used.
pub fn verify(token: &str, keys: &SigningKeys, agent: &AgentId, issuer: &str, now: Millis) -> Result<Token, BadToken> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(BadToken::TooLarge);
    }
    let (header, _) = token.split_once('.').ok_or(BadToken::Header)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| BadToken::Header)?;
    let header: StrictHeader = serde_json::from_slice(&header).map_err(|_| BadToken::Header)?;
    let key = keys.derive(&header.kid, agent).ok_or(BadToken::UnknownKey)?;
    let token = match header.typ {
        Kind::Visit => Token::Visit(claims(token, &key)?),
        Kind::Session => Token::Session(claims(token, &key)?),
    };
    check_claims(&token, agent, issuer)?;
    check_times(&token, now.secs())?;
    Ok(token)
}

/// Whether a token that was verified is signed with the key that signs now.
pub fn is_newest(token: &str, keys: &SigningKeys, agent: &AgentId) -> bool {
    let header = token.split_once('.').and_then(|(header, _)| URL_SAFE_NO_PAD.decode(header).ok());
    let header = header.and_then(|header| serde_json::from_slice::<StrictHeader>(&header).ok());
    header.is_some_and(|header| header.kid == keys.signing(agent).0)
}

/// The claims under one of our keys. Issuer and audience are compared in [`check_claims`], the times in [`check_times`].
fn claims<C: DeserializeOwned>(token: &str, key: &[u8; 32]) -> Result<C, BadToken> {
    jwt::claims(token, &DecodingKey::from_secret(key), Algorithm::HS256).map_err(BadToken::from)
}

fn check_claims(token: &Token, agent: &AgentId, issuer: &str) -> Result<(), BadToken> {
    let is_ours = match token {
        Token::Visit(claims) => claims.iss == issuer && claims.sub == random_part(&claims.conv),
        Token::Session(claims) => {
            let is_word = |amr: &String| (1..=16).contains(&amr.len()) && amr.bytes().all(|b| b.is_ascii_lowercase());
            claims.iss == issuer && (1..=4).contains(&claims.amr.len()) && claims.amr.iter().all(is_word)
        }
    };
    let is_here = token.agent() == agent && token.conversation().agent().as_ref() == Ok(agent);
    if is_ours && is_here { Ok(()) } else { Err(BadToken::Claims) }
}

fn check_times(token: &Token, now: u64) -> Result<(), BadToken> {
    let (iat, nbf, exp) = token.times();
    let auth_time = if let Token::Session(claims) = token { claims.auth_time } else { iat };
    if exp <= iat || exp <= nbf || auth_time > iat {
        return Err(BadToken::Claims);
    }
    // On or after it (RFC 7519, section 4.1.4).
    if now >= exp.saturating_add(LEEWAY_S) {
        return Err(BadToken::Expired);
    }
    if iat.max(nbf) > now.saturating_add(LEEWAY_S) {
        return Err(BadToken::NotYet);
    }
    Ok(())
}

fn random_part(conv: &ConversationId) -> &str {
    conv.as_str().split_once('.').map_or("", |(_, random)| random)
}
