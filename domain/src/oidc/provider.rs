//! Which provider: its names and addresses.

use serde::Deserialize;
use url::Url;

use crate::address::EmailAddress;

/// Google's issuer, with its scheme; its tokens may also bear the name without it.
pub const GOOGLE: &str = "https://accounts.google.com";

/// An `OpenID` provider, as its discovery document describes it (OIDC Discovery 1.0, section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// What may stand in `iss`: each exactly.
    pub issuers: Vec<String>,
    /// Where the window goes.
    pub authorize: String,
    /// Where a code is exchanged.
    pub token: String,
    /// Where the keys stand.
    pub jwks: String,
}

/// A discovery document that is not this issuer's or lacks something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadDiscovery;

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

impl Provider {
    /// Google, as `https://accounts.google.com/.well-known/openid-configuration` had it in November 2026.
    pub fn google() -> Self {
        Self {
            issuers: vec![GOOGLE.to_owned(), "accounts.google.com".to_owned()],
            authorize: "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
            token: "https://oauth2.googleapis.com/token".to_owned(),
            jwks: "https://www.googleapis.com/oauth2/v3/certs".to_owned(),
        }
    }

    /// Another issuer, by its document: for development and tests.
    ///
    /// # Errors
    /// [`BadDiscovery`] when the document names another issuer (section 4.3) or an address that is none.
    pub fn discovered(issuer: &str, document: &[u8]) -> Result<Self, BadDiscovery> {
        let Document { issuer: named, authorization_endpoint, token_endpoint, jwks_uri } =
            serde_json::from_slice(document).map_err(|_| BadDiscovery)?;
        let is_address = |text: &String| Url::parse(text).is_ok_and(|url| url.has_host() && url.fragment().is_none());
        if named != issuer || ![&authorization_endpoint, &token_endpoint, &jwks_uri].into_iter().all(is_address) {
            return Err(BadDiscovery);
        }
        let issuers = vec![named];
        Ok(Self { issuers, authorize: authorization_endpoint, token: token_endpoint, jwks: jwks_uri })
    }

    /// Whether a token or an answer with this `iss` is the provider's.
    pub fn is(&self, issuer: &str) -> bool {
        self.issuers.iter().any(|own| own == issuer)
    }

    /// Whether the provider can say whose a verified address is today. Google answers for its own (`gmail.com`) and for those
    /// of a Workspace domain (`hd`); any other one was somebody's when the account was made, and may be another's by now.
    pub fn answers_for(&self, email: &EmailAddress, hd: Option<&str>) -> bool {
        let is_google = self.issuers.first().is_none_or(|issuer| issuer == GOOGLE);
        !is_google || email.as_str().ends_with("@gmail.com") || hd.is_some_and(|hd| !hd.is_empty())
    }

    /// How an account is named for ever: Google's by its `sub`, anybody else's with the issuer in front, so that no two
    /// issuers share an account (R32).
    pub fn account(&self, subject: &str) -> String {
        match self.issuers.first() {
            Some(issuer) if issuer != GOOGLE => format!("{issuer} {subject}"),
            _ => subject.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{BadDiscovery, GOOGLE, Provider};

    #[test]
    fn another_issuer_is_described_by_its_own_document() {
        let document = json!({
            "issuer": "http://127.0.0.1:1", "authorization_endpoint": "http://127.0.0.1:1/auth",
            "token_endpoint": "http://127.0.0.1:1/token", "jwks_uri": "http://127.0.0.1:1/jwks", "more": []
        });
        let read = |document: &Value| Provider::discovered("http://127.0.0.1:1", document.to_string().as_bytes());
        let provider = read(&document).unwrap();
        assert!(provider.is("http://127.0.0.1:1"));
        for other in ["http://127.0.0.1:1/", "127.0.0.1:1", "", GOOGLE] {
            assert!(!provider.is(other), "{other}");
        }
        assert_eq!(provider.account("7"), "http://127.0.0.1:1 7");
        for (field, value) in [
            ("issuer", json!("http://127.0.0.1:2")),
            ("issuer", json!("http://127.0.0.1:1/")),
            ("token_endpoint", json!("")),
            ("jwks_uri", json!("/jwks")),
            ("authorization_endpoint", json!("http://127.0.0.1:1/auth#x")),
            ("jwks_uri", Value::Null),
        ] {
            let mut bad = document.clone();
            bad[field] = value;
            assert_eq!(read(&bad), Err(BadDiscovery), "{bad}");
        }
        assert_eq!(Provider::discovered(GOOGLE, b"<html>"), Err(BadDiscovery));
    }

    #[test]
    fn google_has_two_names_and_no_third() {
        let google = Provider::google();
        assert!(google.is("https://accounts.google.com") && google.is("accounts.google.com"));
        for other in ["http://accounts.google.com", "https://accounts.google.com/", "accounts.google.com.evil.example"]
        {
            assert!(!google.is(other), "{other}");
        }
        assert_eq!(google.account("10769150350006150715113082367"), "10769150350006150715113082367");
    }
}
