//! Judging an id token (OIDC Core, section 3.1.3.7; RFC 7519, RFC 8725; R31).

use core::fmt;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::keys::Key;
use super::provider::Provider;
use crate::address::EmailAddress;
use crate::context::seen;
use crate::jwt::{self, Unread};
use crate::session::LEEWAY_S;
use crate::time::Millis;

/// The most bytes of an id token.
pub const MAX_BYTES: usize = 16 * 1024;
/// The most characters of a name that is kept.
const MAX_NAME: usize = 120;

/// What a token must be for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Whose tokens.
    pub provider: &'a Provider,
    /// The client that asked.
    pub client_id: &'a str,
    /// The nonce of the attempt.
    pub nonce: &'a str,
}

/// Who somebody is, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// `sub`: the account, for ever.
    pub subject: String,
    /// `email`, where `email_verified` is true and nothing that resembles it, and the provider answers for it.
    pub email: Option<EmailAddress>,
    /// `name`, one line.
    pub name: Option<String>,
}

impl Vouched {
    /// What of it may be remembered about the person. Only an address that the provider verified is in it.
    pub fn remembered(&self) -> BTreeMap<String, Value> {
        let email = self.email.as_ref().map(|email| (seen::EMAIL.to_owned(), json!(email.as_str())));
        let name = self.name.as_ref().map(|name| ("name".to_owned(), json!(name)));
        email.into_iter().chain(name).collect()
    }
}

/// Why a token is refused. For the audit and tests; the visitor hears one sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRefused {
    /// Over [`MAX_BYTES`], or not three parts.
    Shape,
    /// Another algorithm than RS256, no `kid`, or a header that names a key of its own.
    Header,
    /// The signature does not fit.
    Signature,
    /// A claim is missing or of another type.
    Claims,
    /// Another issuer.
    Issuer,
    /// For another client.
    Audience,
    /// For another attempt.
    Nonce,
    /// It has ended, or is of the future.
    Time,
}

impl TokenRefused {
    /// The reason as a word for the audit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Header => "header",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Nonce => "nonce",
            Self::Time => "time",
        }
    }
}

impl fmt::Display for TokenRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A header with exactly one way to find the key. What would name another key, or another way to read the token, is refused
/// and not ignored (RFC 8725, section 3.10); members that mean nothing here are ignored (RFC 7515, section 4).
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "alg")]
    _alg: OnlyRs256,
    kid: String,
    #[serde(default, rename = "typ")]
    typ: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
enum OnlyRs256 {
    #[serde(rename = "RS256")]
    Rs256,
}

const REFUSED_MEMBERS: [&str; 9] = ["crit", "jku", "jwk", "x5u", "x5c", "enc", "zip", "b64", "cty"];

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: u64,
    iat: u64,
    nonce: String,
    #[serde(default)]
    nbf: Option<u64>,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    email: Option<Value>,
    #[serde(default)]
    email_verified: Option<Value>,
    #[serde(default)]
    hd: Option<Value>,
    #[serde(default)]
    name: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The `kid` of a token, whose header is found to be one that we read. Nothing else of it is believed yet.
///
/// # Errors
/// [`TokenRefused::Shape`] or [`TokenRefused::Header`].
pub fn kid(token: &str) -> Result<String, TokenRefused> {
    if token.len() > MAX_BYTES || token.split('.').count() != 3 {
        return Err(TokenRefused::Shape);
    }
    let (header, _) = token.split_once('.').ok_or(TokenRefused::Shape)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenRefused::Header)?;
    let header: Header = serde_json::from_slice(&header).map_err(|_| TokenRefused::Header)?;
    let is_jwt = header.typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    let is_plain = !REFUSED_MEMBERS.iter().any(|member| header.rest.contains_key(*member));
    if is_jwt && is_plain && !header.kid.is_empty() { Ok(header.kid) } else { Err(TokenRefused::Header) }
}

/// Judges a token that is signed under the key of its [`kid`].
///
/// # Errors
/// [`TokenRefused`]; nothing of the token may be used then.
pub fn judge(token: &str, key: &Key, expected: &Expected<'_>, now: Millis) -> Result<Vouched, TokenRefused> {
    kid(token)?;
    let claims = verified(token, key)?;
    if !expected.provider.is(&claims.iss) {
        return Err(TokenRefused::Issuer);
    }
    check_audience(&claims, expected.client_id)?;
    // A token of another attempt would sign somebody else's window in (OIDC Core, section 15.5.2).
    if !bool::from(claims.nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) || expected.nonce.is_empty() {
        return Err(TokenRefused::Nonce);
    }
    check_times(&claims, now.secs())?;
    // At most 255 ASCII characters (OIDC Core, section 2).
    if !(1..=255).contains(&claims.sub.len()) || !claims.sub.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(TokenRefused::Claims);
    }
    let is_verified = claims.email_verified == Some(Value::Bool(true));
    let email = claims.email.as_ref().and_then(Value::as_str).filter(|_| is_verified);
    let hd = claims.hd.as_ref().and_then(Value::as_str);
    let email = email.and_then(|text| EmailAddress::parse(text).ok());
    let email = email.filter(|email| expected.provider.answers_for(email, hd));
    let name = claims.name.as_ref().and_then(Value::as_str).map(one_line).filter(|name| !name.is_empty());
    Ok(Vouched { subject: claims.sub, email, name })
}

/// The claims, if the signature fits. What is absent or of another type is refused; the rest is compared above.
fn verified(token: &str, key: &Key) -> Result<Claims, TokenRefused> {
    jwt::claims(token, key, Algorithm::RS256).map_err(|unread| match unread {
        Unread::Claims => TokenRefused::Claims,
        Unread::Signature => TokenRefused::Signature,
    })
}

/// For us, and where others may read it too, asked for by us (section 3.1.3.7, 3 to 5).
fn check_audience(claims: &Claims, client_id: &str) -> Result<(), TokenRefused> {
    let (is_ours, is_shared) = match &claims.aud {
        Audience::One(one) => (one == client_id, false),
        Audience::Several(several) => (several.iter().any(|one| one == client_id), several.len() > 1),
    };
    let is_asked_by_us = match &claims.azp {
        Some(azp) => azp == client_id,
        None => !is_shared,
    };
    if is_ours && is_asked_by_us && !client_id.is_empty() { Ok(()) } else { Err(TokenRefused::Audience) }
}

fn check_times(claims: &Claims, now: u64) -> Result<(), TokenRefused> {
    let begins = claims.iat.max(claims.nbf.unwrap_or(0));
    let is_now = now <= claims.exp.saturating_add(LEEWAY_S) && begins <= now.saturating_add(LEEWAY_S);
    if is_now && claims.exp > claims.iat { Ok(()) } else { Err(TokenRefused::Time) }
}

fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_NAME).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests;
