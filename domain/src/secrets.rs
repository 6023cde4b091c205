//! The secrets of an agent by name: what they may be called, and which of them its settings need.

use std::collections::BTreeMap;

use crate::action::template;
use crate::agent::{Agent, HostKey, ModelChoice};

/// The key of the model's provider. No template of an action may use it.
pub const MODEL_KEY: &str = "model_key";
/// The auth token of the Twilio account.
pub const TWILIO_AUTH_TOKEN: &str = "twilio_auth_token";
/// With which Meta's API takes messages.
pub const WHATSAPP_TOKEN: &str = "whatsapp_token";
/// With which Meta signs.
pub const WHATSAPP_APP_SECRET: &str = "whatsapp_app_secret";
/// The word with which Meta asks for the webhook.
pub const WHATSAPP_VERIFY_TOKEN: &str = "whatsapp_verify_token";
/// The secret of the OAuth client at Google.
pub const GOOGLE_CLIENT_SECRET: &str = "google_client_secret";

/// What the program itself sends, each to the service whose it is.
const OWN: [&str; 6] =
    [MODEL_KEY, TWILIO_AUTH_TOKEN, WHATSAPP_TOKEN, WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN, GOOGLE_CLIENT_SECRET];

/// Whether the program itself sends this secret to the service whose it is. No template of an action may use it, and no host
/// token be signed with it: whoever writes settings would send it wherever they like.
pub fn is_own(name: &str) -> bool {
    OWN.contains(&name)
}

/// A secret as it is sealed: what it is, and which hosts it may be sent to (decision 0024).
#[derive(Clone, PartialEq, Eq)]
pub struct Bound {
    /// The secret. It has no NUL.
    pub value: String,
    /// Exact names, in lower case; any host where there are none.
    pub hosts: Vec<String>,
}

impl Bound {
    /// The text that is sealed: hosts with commas between, a NUL, the secret; the secret alone where there are no hosts.
    pub fn write(&self) -> String {
        if self.hosts.is_empty() { self.value.clone() } else { format!("{}\0{}", self.hosts.join(","), self.value) }
    }

    /// What was sealed.
    pub fn read(text: &str) -> Self {
        match text.split_once('\0') {
            Some((hosts, value)) => {
                Self { value: value.to_owned(), hosts: hosts.split(',').map(str::to_owned).collect() }
            }
            None => Self { value: text.to_owned(), hosts: Vec::new() },
        }
    }

    /// Whether it may be sent to this host.
    pub fn may_go_to(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|own| own == host)
    }
}

/// Whether a secret can be bound to this: a host's exact name in lower case, no port, no wildcard.
pub fn is_host(text: &str) -> bool {
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(fits)
}

/// Whether this can be a secret's name: `[a-z][a-z0-9_]*`, at most 64 characters, as templates say it.
pub fn is_name(name: &str) -> bool {
    template::is_name(name)
}

/// The names that the settings need, each with the JSON pointers of what needs it.
pub fn needed(agent: &Agent) -> BTreeMap<String, Vec<String>> {
    let mut needed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut need = |name: &str, pointer: String| needed.entry(name.to_owned()).or_default().push(pointer);
    if matches!(agent.model, ModelChoice::OpenAi { .. } | ModelChoice::Anthropic { .. }) {
        need(MODEL_KEY, "/model".to_owned());
    }
    let auth = &agent.customer_auth;
    if let Some(phone) = &auth.phone {
        if phone.twilio.is_some() {
            need(TWILIO_AUTH_TOKEN, "/customer_auth/phone/twilio".to_owned());
        }
        if phone.meta.is_some() {
            for name in [WHATSAPP_TOKEN, WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN] {
                need(name, "/customer_auth/phone/meta".to_owned());
            }
        }
    }
    if auth.google.is_some() {
        need(GOOGLE_CLIENT_SECRET, "/customer_auth/google".to_owned());
    }
    for (at, key) in auth.host_token.iter().flat_map(|settings| settings.keys.iter().enumerate()) {
        if let HostKey::Hs256 { secret, .. } = key {
            need(secret, format!("/customer_auth/host_token/keys/{at}/secret"));
        }
    }
    for (at, action) in agent.actions.iter().enumerate() {
        for name in template::uses(action).map(|uses| uses.secrets).unwrap_or_default() {
            need(&name, format!("/actions/{at}"));
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Bound, is_host, needed};

    #[test]
    fn a_secret_goes_to_its_hosts_and_to_nobody_who_looks_like_them() {
        let bound = Bound { value: "a,b".into(), hosts: vec!["api.example.com".into(), "example.org".into()] };
        let read = Bound::read(&bound.write());
        assert!(read == bound && read.may_go_to("api.example.com") && read.may_go_to("example.org"));
        for host in [
            "",
            "example.com",
            "x.api.example.com",
            "api.example.com.",
            "API.EXAMPLE.COM",
            "api.example.com,example.org",
        ] {
            assert!(!read.may_go_to(host), "{host}");
        }
        let free = Bound::read("a,b");
        assert!(
            free.hosts.is_empty() && free.value == "a,b" && free.may_go_to("anywhere.example") && free.write() == "a,b"
        );
    }

    #[test]
    fn what_is_no_hosts_exact_name_binds_nothing() {
        for host in ["api.example.com", "xn--bcher-kva.example", "localhost", "127.0.0.1"] {
            assert!(is_host(host), "{host}");
        }
        let long = format!("{}.example", "a".repeat(64));
        for host in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "*.example.com",
            "https://a.example",
            "a.example:443",
            "a.example/",
            "A.example",
            "bücher.example",
            "a,b",
            "a\0b",
            "-a.example",
            "a-.example",
            long.as_str(),
        ] {
            assert!(!is_host(host), "{host:?}");
        }
    }

    #[test]
    fn every_setting_that_needs_a_secret_names_it() {
        let agent = serde_json::from_value(json!({
            "id": "ag_x", "name": "N", "origins": [],
            "model": {"provider": "anthropic", "model": "m"},
            "customer_auth": {
                "google": {"client_id": "c"},
                "phone": {
                    "countries": ["US"], "channels": ["sms"],
                    "twilio": {"account_sid": "AC", "from": "+1"},
                    "meta": {"phone_number_id": "1", "template": "t", "language": "en"},
                },
                "host_token": {"keys": [
                    {"alg": "ES256", "kid": "a", "public": "p"}, {"alg": "HS256", "kid": "b", "secret": "page_key"},
                ]},
            },
            "actions": [
                {"name": "a", "title": "A", "kind": {"is": "public"}, "url": "https://x.example.com/"},
                {"name": "b", "title": "B", "kind": {"is": "public"}, "url": "https://x.example.com/", "method": "POST",
                 "headers": [{"name": "X-Key", "value": "Bearer {{secret.shop_key}}"}], "body": {"k": ["{{secret.page_key}}"]}},
                {"name": "broken", "title": "C", "kind": {"is": "public"}, "url": "https://x.example.com/<"},
            ],
        }))
        .unwrap();
        let found: Vec<_> = needed(&agent).into_iter().collect();
        let one =
            |name: &str, pointers: &[&str]| (name.to_owned(), pointers.iter().map(|it| (*it).to_owned()).collect());
        let expected = [
            one("google_client_secret", &["/customer_auth/google"]),
            one("model_key", &["/model"]),
            one("page_key", &["/customer_auth/host_token/keys/1/secret", "/actions/1"]),
            one("shop_key", &["/actions/1"]),
            one("twilio_auth_token", &["/customer_auth/phone/twilio"]),
            one("whatsapp_app_secret", &["/customer_auth/phone/meta"]),
            one("whatsapp_token", &["/customer_auth/phone/meta"]),
            one("whatsapp_verify_token", &["/customer_auth/phone/meta"]),
        ];
        assert_eq!(found, expected);
    }
}
