//! Words of the wire in plain language, and times as people read them.

use shared::admin::conversation::Outcome;
use shared::admin::member::Role;
use shared::admin::token::Scope;
use shared::card::Method;
use shared::frame::State;

/// A time of the wire in the reader's own language and zone.
pub fn time(rfc3339: &str) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_str(rfc3339));
    if date.get_time().is_nan() {
        rfc3339.to_owned()
    } else {
        String::from(date.to_locale_string("default", &js_sys::Object::new()))
    }
}

/// How long ago a time was, given in milliseconds since 1970.
pub fn ago(at: f64) -> String {
    let minutes = ((js_sys::Date::now() - at) / 60_000.0).max(0.0) as u64;
    let (count, unit) = match minutes {
        0 => return "just\u{A0}now".to_owned(),
        1..60 => (minutes, "minute"),
        60..1_440 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count}\u{A0}{unit}{}\u{A0}ago", if count == 1 { "" } else { "s" })
}

/// The day of a time in milliseconds since 1970, in the reader's own language and zone.
#[expect(clippy::cast_precision_loss, reason = "times are far below 2^53")]
pub fn day(at: u64) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at as f64));
    String::from(date.to_locale_date_string("default", &js_sys::Object::new()))
}

/// A word of the wire, such as `login_succeeded`, as a person would write it.
pub fn plain(word: &str) -> String {
    let mut text = word.replace('_', " ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// A role.
pub const fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Editor => "Editor",
        Role::Analyst => "Analyst",
    }
}

/// A role by its name on the wire.
pub fn role_of(name: &str) -> Role {
    match name {
        "owner" => Role::Owner,
        "editor" => Role::Editor,
        _ => Role::Analyst,
    }
}

/// A role's name on the wire.
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Editor => "editor",
        Role::Analyst => "analyst",
    }
}

/// What a scope allows.
pub const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::SettingsRead => "Read settings",
        Scope::SettingsWrite => "Change settings",
        Scope::CollectionsRead => "Read records",
        Scope::CollectionsWrite => "Change records",
        Scope::ConversationsRead => "Read conversations",
        Scope::AuditRead => "Read the audit trail",
    }
}

/// A state of a conversation.
pub const fn state(state: State) -> &'static str {
    match state {
        State::Unidentified => "Unidentified",
        State::Pending => "Pending",
        State::Authenticated => "Authenticated",
    }
}

/// A way to sign in.
pub const fn method(method: Method) -> &'static str {
    match method {
        Method::EmailCode => "Code by email",
        Method::PhoneCode => "Code to a phone",
        Method::Google => "Google",
        Method::LoginAction => "Login action",
        Method::CollectionLookup => "Look-up",
        Method::HostToken => "Host token",
        Method::Passkey => "Passkey",
    }
}

/// What became of a login.
pub const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotAsked => "No login asked for",
        Outcome::Asked => "Card shown",
        Outcome::Refused => "Proof not accepted",
        Outcome::Cancelled => "Card closed",
        Outcome::SignedIn => "Signed in",
        Outcome::SignedOut => "Signed out",
    }
}
