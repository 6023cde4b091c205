//! The claims of a host token, each judged.

use core::fmt;
use std::collections::BTreeMap;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use shared::id::AgentId;

use super::{BadHostToken, LEEWAY_S, MAX_LIFE_S, Vouched};
use crate::address::EmailAddress;
use crate::text::is_invisible;
use crate::time::Millis;

/// The most characters of a user's id, a token's id and a name.
const MAX_CHARS: usize = 200;

/// What a page's template writes where nobody is signed in. Taken for ids, they would make one person of all strangers.
const NOBODY: [&str; 9] = ["null", "undefined", "none", "nil", "nan", "false", "true", "[object object]", "anonymous"];

/// The claims by name, each there once. `serde_json` alone would take the last of two, where another reader takes the first.
pub(super) struct Claims(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Once)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("claims, each once")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let mut claims = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if claims.insert(name, value).is_some() {
                return Err(A::Error::custom("a claim stands twice"));
            }
        }
        Ok(Claims(claims))
    }
}

impl Claims {
    /// Whom these claims vouch for, to this agent, now.
    pub(super) fn vouch(&self, agent: &AgentId, now: Millis) -> Result<Vouched, BadHostToken> {
        if !self.is_for(agent) {
            return Err(BadHostToken::Claims);
        }
        self.check_times(now.secs())?;
        let email = self.optional("email")?.and_then(|text| EmailAddress::parse(text).ok());
        // Whatever else it is, `"true"` and 1 included, nobody verified it.
        let is_verified = self.0.get("email_verified") == Some(&Value::Bool(true));
        let name = self.optional("name")?.map(shown).filter(|name| !name.is_empty());
        Ok(Vouched { user_id: self.user_id()?, jti: self.id("jti")?, email: email.filter(|_| is_verified), name })
    }

    /// One text, or a list of just that one.
    fn is_for(&self, agent: &AgentId) -> bool {
        match self.0.get("aud") {
            Some(Value::String(aud)) => aud == agent.as_str(),
            Some(Value::Array(all)) => matches!(all.as_slice(), [Value::String(aud)] if aud == agent.as_str()),
            _ => false,
        }
    }

    fn check_times(&self, now: u64) -> Result<(), BadHostToken> {
        let (iat, exp) = (self.time("iat")?, self.time("exp")?);
        let nbf = if self.0.contains_key("nbf") { self.time("nbf")? } else { iat };
        if exp <= iat || exp <= nbf {
            return Err(BadHostToken::Claims);
        }
        if now > exp.saturating_add(LEEWAY_S) {
            return Err(BadHostToken::Expired);
        }
        if iat.max(nbf) > now.saturating_add(LEEWAY_S) {
            return Err(BadHostToken::NotYet);
        }
        if exp - iat > MAX_LIFE_S || exp > now.saturating_add(MAX_LIFE_S + LEEWAY_S) {
            return Err(BadHostToken::TooLong);
        }
        Ok(())
    }

    /// A `NumericDate` (RFC 7519, section 2), rounded down; fractions are allowed there.
    fn time(&self, name: &str) -> Result<u64, BadHostToken> {
        let seconds = self.0.get(name).and_then(Value::as_f64).filter(|at| (0.0..1e11).contains(at));
        seconds.map(|seconds| seconds as u64).ok_or(BadHostToken::Claims)
    }

    /// The user's id: `sub`, or `user_id` or `external_id` where the company makes tokens for other chats already. Where
    /// more than one is there, they must say the same.
    fn user_id(&self) -> Result<String, BadHostToken> {
        let given = ["sub", "user_id", "external_id"].into_iter().filter(|name| self.0.contains_key(*name));
        let mut ids = given.map(|name| self.id(name)).collect::<Result<Vec<_>, _>>()?;
        ids.dedup();
        let [id] = ids.as_slice() else { return Err(BadHostToken::Claims) };
        if NOBODY.contains(&id.to_lowercase().as_str()) {
            return Err(BadHostToken::Claims);
        }
        Ok(id.clone())
    }

    /// A text that names something: not empty, nothing invisible in it, no blanks around it.
    fn id(&self, name: &str) -> Result<String, BadHostToken> {
        let text = self.0.get(name).and_then(Value::as_str).ok_or(BadHostToken::Claims)?;
        let sound = !text.is_empty()
            && text.trim() == text
            && text.chars().count() <= MAX_CHARS
            && !text.chars().any(|c| c.is_control() || is_invisible(c));
        if sound { Ok(text.to_owned()) } else { Err(BadHostToken::Claims) }
    }

    /// A text that may be missing or null, and nothing else: a list of addresses is no address.
    fn optional(&self, name: &str) -> Result<Option<&str>, BadHostToken> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(BadHostToken::Claims),
        }
    }
}

/// A name as it may be shown: one line, not too long.
fn shown(name: &str) -> String {
    let seen: String = name.chars().filter(|c| !is_invisible(*c)).take(MAX_CHARS).collect();
    seen.trim().to_owned()
}
