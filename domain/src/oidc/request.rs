//! What is asked of the provider: the address that the window goes to, and the form that exchanges a code.

use url::Url;
use url::form_urlencoded::Serializer;

use super::attempt::Attempt;
use super::provider::Provider;

/// Where every answer goes: exactly this, below the edge's origin, and it has no parameter for a further address (R35).
pub const CALLBACK: &str = "/login/google/callback";

/// The client at the provider, and where it is answered.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    /// `client_id`.
    pub id: &'a str,
    /// The edge's origin.
    pub origin: &'a str,
}

impl Client<'_> {
    /// `redirect_uri`, exactly as it is registered.
    pub fn redirect_uri(&self) -> String {
        format!("{}{CALLBACK}", self.origin)
    }
}

/// The address of the authorization request (OIDC Core, section 3.1.2.1). `select_account`: whoever follows a link that
/// somebody else sent is shown what they are about to do (R34).
///
/// None when the provider's address is none.
pub fn authorize(provider: &Provider, client: Client<'_>, attempt: &Attempt, key: &[u8; 32]) -> Option<String> {
    let mut url = Url::parse(&provider.authorize).ok()?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", client.id)
        .append_pair("redirect_uri", &client.redirect_uri())
        .append_pair("scope", "openid email profile")
        .append_pair("state", &attempt.state(key))
        .append_pair("nonce", &attempt.nonce(key))
        .append_pair("code_challenge", &attempt.challenge(key))
        .append_pair("code_challenge_method", "S256")
        .append_pair("prompt", "select_account");
    Some(url.into())
}

/// The form that exchanges a code (RFC 6749, section 4.1.3) by `client_secret_post`.
pub fn exchange(client: Client<'_>, secret: &str, code: &str, verifier: &str) -> String {
    Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &client.redirect_uri())
        .append_pair("client_id", client.id)
        .append_pair("client_secret", secret)
        .append_pair("code_verifier", verifier)
        .finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::{fs, path::Path};

    use serde_json::Value;
    use shared::id::ConversationId;

    use super::{Attempt, Client, Provider, Url, authorize, exchange};

    const KEY: [u8; 32] = [3; 32];
    const CLIENT: Client<'_> = Client { id: "1234.apps.example", origin: "https://edge.test" };

    fn attempt() -> Attempt {
        Attempt {
            conversation: ConversationId::parse("ag_x.AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
            flow: "F".repeat(22),
            began_s: 1_795_262_400,
            window: "W".repeat(22),
        }
    }

    fn asked() -> (Url, BTreeMap<String, String>) {
        let url = Url::parse(&authorize(&Provider::google(), CLIENT, &attempt(), &KEY).unwrap()).unwrap();
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let map: BTreeMap<_, _> = pairs.iter().cloned().collect();
        assert_eq!(map.len(), pairs.len(), "a parameter stands twice");
        (url, map)
    }

    #[test]
    fn the_window_is_sent_off_with_everything_that_binds_its_answer() {
        let (_, asked) = asked();
        let expected = [
            ("response_type", "code".to_owned()),
            ("client_id", CLIENT.id.to_owned()),
            ("redirect_uri", "https://edge.test/login/google/callback".to_owned()),
            ("scope", "openid email profile".to_owned()),
            ("state", attempt().state(&KEY)),
            ("nonce", attempt().nonce(&KEY)),
            ("code_challenge", attempt().challenge(&KEY)),
            ("code_challenge_method", "S256".to_owned()),
            ("prompt", "select_account".to_owned()),
        ];
        assert_eq!(asked, expected.map(|(name, value)| (name.to_owned(), value)).into_iter().collect());
        // The verifier stays here until the code is exchanged.
        assert!(!asked.values().any(|value| value.contains(&attempt().verifier(&KEY))));
    }

    #[test]
    fn what_is_asked_is_what_google_says_it_takes() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vendors/google/openid-configuration.json");
        let Ok(document) = fs::read(&path) else {
            return eprintln!("skipped: Google's discovery document is not here");
        };
        let google = Provider::google();
        let found = Provider::discovered(&google.issuers[0], &document).unwrap();
        assert_eq!((&found.authorize, &found.token, &found.jwks), (&google.authorize, &google.token, &google.jwks));
        let document: Value = serde_json::from_slice(&document).unwrap();
        let takes = |list: &str, value: &str| {
            assert!(document[list].as_array().unwrap().iter().any(|one| one == value), "{list}: {value}");
        };
        let (url, asked) = asked();
        assert!(url.as_str().starts_with(&found.authorize));
        takes("response_types_supported", &asked["response_type"]);
        takes("code_challenge_methods_supported", &asked["code_challenge_method"]);
        for scope in asked["scope"].split(' ') {
            takes("scopes_supported", scope);
        }
        let form = exchange(CLIENT, "s", "c", "v");
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        takes("grant_types_supported", &form["grant_type"]);
        // The secret stands in the form and in no header.
        takes("token_endpoint_auth_methods_supported", "client_secret_post");
        takes("id_token_signing_alg_values_supported", "RS256");
        for claim in ["iss", "aud", "sub", "exp", "iat", "email", "email_verified", "name"] {
            takes("claims_supported", claim);
        }
    }

    #[test]
    fn a_form_holds_each_value_whole_whatever_is_in_it() {
        let nasty = "a&grant_type=x#=%00+ü";
        let form = exchange(CLIENT, nasty, nasty, nasty);
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        assert_eq!(pairs.len(), 6);
        assert_eq!(pairs.iter().filter(|(_, value)| value == nasty).count(), 3);
    }
}
