//! Every variable, secret and binding of the deployment: the only place that names one.

use domain::keys::{MasterKey, SigningKeys};
use worker::{Ai, D1Database, Env, Error, ObjectNamespace, Result};

use crate::failure::{Answer, Failure, log};

/// The deployment's settings, read and checked as a whole.
pub struct Config {
    /// The edge's own origin, as browsers see it: `https://chat.example.com`.
    pub origin: String,
    /// Derives every agent's keys.
    pub master: MasterKey,
    /// Signs and verifies cookies; the first signs.
    pub signing: SigningKeys,
    /// Where mail goes.
    pub mail: Mail,
    /// Where messages to phones go; whose account pays is each agent's own setting.
    pub phone: PhoneApis,
}

/// Where the services are that send messages to phones.
pub struct PhoneApis {
    /// `https://api.twilio.com` unless a test says otherwise.
    pub twilio: String,
    /// `https://graph.facebook.com` unless a test says otherwise.
    pub meta: String,
}

/// Where mail goes.
pub enum Mail {
    /// Resend's API.
    Resend {
        /// `https://api.resend.com` unless a test says otherwise.
        base_url: String,
        /// The secret key.
        key: String,
        /// The sender: `Northwind <login@example.com>`.
        from: String,
    },
    /// Kept here and shown at `/dev/inbox`.
    #[cfg(feature = "dev")]
    Outbox,
}

const RESEND: &str = "https://api.resend.com";
const TWILIO: &str = "https://api.twilio.com";
const META: &str = "https://graph.facebook.com";

impl Config {
    /// Reads everything, and says in one log line all that is missing or wrong.
    pub fn read(env: &Env) -> Answer<Self> {
        let mut faults = Vec::new();
        let origin = var(env, "PUBLIC_ORIGIN").unwrap_or_default();
        if !is_origin(&origin) {
            faults.push("PUBLIC_ORIGIN: not an origin like https://chat.example.com".to_owned());
        }
        let master = MasterKey::parse(&secret(env, "COUNTERSIGN_MASTER_KEY").unwrap_or_default())
            .map_err(|fault| faults.push(format!("COUNTERSIGN_MASTER_KEY: {fault}")))
            .ok();
        let signing = SigningKeys::parse(&secret(env, "COUNTERSIGN_SIGNING_KEYS").unwrap_or_default())
            .map_err(|fault| faults.push(format!("COUNTERSIGN_SIGNING_KEYS: {fault}")))
            .ok();
        let mail = mail(env, &mut faults);
        if let (Some(master), Some(signing), Some(mail), true) = (master, signing, mail, faults.is_empty()) {
            let phone = PhoneApis {
                twilio: var(env, "TWILIO_BASE_URL").unwrap_or_else(|| TWILIO.to_owned()),
                meta: var(env, "META_BASE_URL").unwrap_or_else(|| META.to_owned()),
            };
            return Ok(Self { origin, master, signing, mail, phone });
        }
        log("not_configured", "", &faults.join("; "));
        Err(Failure::Internal("not configured".to_owned()))
    }
}

fn mail(env: &Env, faults: &mut Vec<String>) -> Option<Mail> {
    let base_url = var(env, "RESEND_BASE_URL").unwrap_or_else(|| RESEND.to_owned());
    match (secret(env, "RESEND_API_KEY"), var(env, "MAIL_FROM")) {
        (Some(key), Some(from)) => Some(Mail::Resend { base_url, key, from }),
        #[cfg(feature = "dev")]
        (None, _) => Some(Mail::Outbox),
        (key, from) => {
            if key.is_none() {
                faults.push("RESEND_API_KEY: missing".to_owned());
            }
            if from.is_none() {
                faults.push("MAIL_FROM: missing".to_owned());
            }
            None
        }
    }
}

fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://localhost").map(|_| "localhost"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']))
}

fn var(env: &Env, name: &str) -> Option<String> {
    env.var(name).ok().map(|value| value.to_string()).filter(|value| !value.trim().is_empty())
}

fn secret(env: &Env, name: &str) -> Option<String> {
    env.secret(name).ok().map(|value| value.to_string()).filter(|value| !value.trim().is_empty())
}

/// A provider of models for which a deployment may have a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// `OpenAI`.
    OpenAi,
    /// Anthropic.
    Anthropic,
}

/// The deployment's own key for a provider, where it has one. Whoever sends it asks
/// [`crate::store::secrets::model_key`] instead, which knows where it may go.
pub fn provider_key(env: &Env, provider: Provider) -> Option<String> {
    match provider {
        Provider::OpenAi => secret(env, "OPENAI_API_KEY"),
        Provider::Anthropic => secret(env, "ANTHROPIC_API_KEY"),
    }
}

/// Where else than at `OpenAI` itself the deployment's key for it is good: the base URL of another API of that kind, set by
/// whoever set the key.
pub fn openai_base_url(env: &Env) -> Option<String> {
    var(env, "OPENAI_BASE_URL")
}

/// The control plane's database.
pub fn database(env: &Env) -> Result<D1Database> {
    env.d1("DB")
}

/// Workers AI, where the deployment has a binding to it.
pub fn ai(env: &Env) -> Result<Ai> {
    env.ai("AI").map_err(|_| Error::RustError("Workers AI has no binding AI in wrangler.toml".to_owned()))
}

/// A namespace of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// Conversations.
    Conversation,
    /// People.
    Person,
    /// Budgets.
    Limiter,
    /// Audit chains.
    Ledger,
    /// Mail that was not sent.
    #[cfg(feature = "dev")]
    Outbox,
}

/// The objects of a namespace.
pub fn objects(env: &Env, namespace: Namespace) -> Result<ObjectNamespace> {
    env.durable_object(match namespace {
        Namespace::Conversation => "CONVERSATION",
        Namespace::Person => "PERSON",
        Namespace::Limiter => "LIMITER",
        Namespace::Ledger => "LEDGER",
        #[cfg(feature = "dev")]
        Namespace::Outbox => "OUTBOX",
    })
}
