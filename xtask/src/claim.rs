//! The deployment's first owner: a one-time link that `dev` and `deploy` print. Whoever signs in with it first owns the
//! deployment; later members are invited in the console.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// For how long a link is good, days.
pub const DAYS: u64 = 7;

/// 256 random bits, base64url.
pub fn token() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no randomness: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The link.
pub fn link(origin: &str, token: &str) -> String {
    format!("{origin}/console/claim#{token}")
}

/// The statements that make a token good, unless the deployment has an owner, and every other unused one worthless. What is
/// stored is its SHA-256 (`edge/src/store/members.rs`).
pub fn statements(token: &str, days: u64) -> Result<String> {
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()));
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let end = now + u128::from(days) * 86_400_000;
    Ok(format!(
        "DELETE FROM invitation WHERE person IS NULL AND used_at IS NULL AND hash <> '{hash}';\n\
         INSERT OR IGNORE INTO invitation (hash, agent, role, at, expires_at) SELECT '{hash}', '*', 'owner', {now}, {end}\n\
         WHERE NOT EXISTS (SELECT 1 FROM member WHERE agent = '*' AND role = 'owner');\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_in_no_statement() {
        let token = token().unwrap();
        assert_eq!(token.len(), 43);
        assert!(!statements(&token, DAYS).unwrap().contains(&token));
        assert_eq!(link("https://chat.example.com", "x"), "https://chat.example.com/console/claim#x");
    }
}
