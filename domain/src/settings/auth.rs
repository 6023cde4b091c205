//! What is wrong with the ways to sign in, and with what is known of a person afterwards.

use std::collections::BTreeSet;

use shared::admin::problem::FieldError;
use shared::card::Method;

use super::{add, between, line, text};
use crate::action::address::Allowed;
use crate::action::answer::is_secret_field;
use crate::agent::{Agent, AutoFetchRule, CustomerAuth, HostKey, HostTokenSettings, LookupSettings, Source};
use crate::{host_token, secrets};

/// The most keys, rules and fields of each kind.
const MAX_KEYS: usize = 16;
const MAX_RULES: usize = 16;
const MAX_FIELDS: usize = 32;
/// The most characters of the name of a record's field.
const MAX_FIELD_CHARS: usize = 64;

const GOOGLE_CLIENT: &str = ".apps.googleusercontent.com";

pub(super) fn check(found: &mut Vec<FieldError>, agent: &Agent, allowed: &Allowed) {
    let auth = &agent.customer_auth;
    check_methods(found, auth);
    if let Some(phone) = &auth.phone {
        super::phone::check(found, phone, allowed);
    }
    if let Some(google) = &auth.google {
        let id = &google.client_id;
        let is_id = id.len() <= 255 && id.bytes().all(|b| b.is_ascii_graphic());
        // In a development build something else may play Google.
        if id.is_empty() || !is_id || !(id.ends_with(GOOGLE_CLIENT) || allowed.loopback) {
            let words = "A client id of Google's ends with .apps.googleusercontent.com; copy it from the OAuth client.";
            add(found, "/customer_auth/google/client_id", words);
        }
    }
    if let Some(lookup) = &auth.lookup {
        check_lookup(found, lookup);
    }
    if let Some(host) = &auth.host_token {
        check_host_token(found, host);
    }
    for method in auth.strength.keys().filter(|method| matches!(method, Method::LoginAction | Method::HostToken)) {
        let name = if *method == Method::LoginAction { "login_action" } else { "host_token" };
        let words = "How strong this is stands with its own settings; set it there and take it out here.";
        add(found, &format!("/customer_auth/strength/{name}"), words);
    }
    if auth.visible_fields.len() > MAX_FIELDS {
        add(found, "/customer_auth/visible_fields", "There are more than 32 fields; take some out.");
    }
    for (at, field) in auth.visible_fields.iter().enumerate() {
        let pointer = format!("/customer_auth/visible_fields/{at}");
        is_shown(found, &pointer, field);
    }
    if let Some(roles) = &auth.roles {
        let at = |name: &str| format!("/customer_auth/roles/{name}");
        is_collection(found, &at("collection"), &roles.collection);
        is_record_field(found, &at("email_field"), &roles.email_field);
        is_record_field(found, &at("field"), &roles.field);
    }
    if auth.autofetch.len() > MAX_RULES {
        add(found, "/customer_auth/autofetch", "There are more than 16 rules; take some out.");
    }
    let mut names = BTreeSet::new();
    for (at, rule) in auth.autofetch.iter().enumerate() {
        let pointer = format!("/customer_auth/autofetch/{at}");
        if !names.insert(rule.name.trim()) {
            add(found, &format!("{pointer}/name"), "Another rule has this name; give each its own.");
        }
        check_rule(found, &pointer, rule);
    }
}

fn check_methods(found: &mut Vec<FieldError>, auth: &CustomerAuth) {
    let mut seen = BTreeSet::new();
    for (at, method) in auth.methods.iter().enumerate() {
        let pointer = format!("/customer_auth/methods/{at}");
        if !seen.insert(method) {
            add(found, &pointer, "This method is named twice; take one out.");
        }
        let missing = match method {
            Method::PhoneCode if auth.phone.is_none() => "Codes to phones have no settings yet: say which countries.",
            Method::Google if auth.google.is_none() => "Google has no settings yet: give the client id.",
            Method::CollectionLookup if auth.lookup.is_none() => {
                "The look-up has no settings yet: say which collection and field."
            }
            Method::HostToken if auth.host_token.is_none() => "The page's own login has no settings yet: add a key.",
            _ => continue,
        };
        add(found, &pointer, missing);
    }
}

fn check_lookup(found: &mut Vec<FieldError>, lookup: &LookupSettings) {
    let at = |name: &str| format!("/customer_auth/lookup/{name}");
    is_collection(found, &at("collection"), &lookup.collection);
    is_record_field(found, &at("field"), &lookup.field);
    line(found, &at("label"), &lookup.label, 1..=60);
    let others = [
        ("phone_field", &lookup.phone_field),
        ("email_field", &lookup.email_field),
        ("name_field", &lookup.name_field),
        ("roles_field", &lookup.roles_field),
    ];
    for (name, field) in others {
        if let Some(field) = field {
            is_record_field(found, &at(name), field);
        }
    }
    if lookup.require_code && lookup.phone_field.is_none() && lookup.email_field.is_none() {
        let words =
            "A code is asked for, but nothing says where it goes: name the record's field with a phone or an email.";
        add(found, &at("require_code"), words);
    }
}

fn check_host_token(found: &mut Vec<FieldError>, host: &HostTokenSettings) {
    if host.keys.is_empty() {
        add(found, "/customer_auth/host_token/keys", "Add a key: without one no page can vouch for anybody.");
    } else if host.keys.len() > MAX_KEYS {
        add(found, "/customer_auth/host_token/keys", "There are more than 16 keys; take some out.");
    }
    let mut kids = BTreeSet::new();
    for (at, key) in host.keys.iter().enumerate() {
        let at = |name: &str| format!("/customer_auth/host_token/keys/{at}/{name}");
        let (HostKey::Hs256 { kid, .. } | HostKey::Es256 { kid, .. } | HostKey::Rs256 { kid, .. }) = key;
        let is_kid = (1..=64).contains(&kid.len()) && kid.bytes().all(|b| b.is_ascii_graphic());
        if !is_kid {
            add(found, &at("kid"), "A kid has 1 to 64 characters of ASCII and no space: 2026-01.");
        }
        if !kids.insert(kid) {
            add(found, &at("kid"), "Another key has this kid; give each its own.");
        }
        match key {
            HostKey::Hs256 { secret, .. } if !secrets::is_name(secret) => {
                let words = "Name the secret that holds the key: small letters, digits and _ alone, a letter first.";
                add(found, &at("secret"), words);
            }
            HostKey::Hs256 { secret, .. } if secrets::is_own(secret) => {
                add(
                    found,
                    &at("secret"),
                    "This is the key of another service; give host tokens a secret of their own.",
                );
            }
            HostKey::Es256 { .. } if !host_token::is_fit(key) => {
                let words =
                    "This is no public key of P-256: paste the PEM that begins with -----BEGIN PUBLIC KEY-----.";
                add(found, &at("public"), words);
            }
            HostKey::Rs256 { .. } if !host_token::is_fit(key) => {
                let words = "This is no public RSA key of 2,048 bits or more: paste the PEM that begins with -----BEGIN PUBLIC KEY-----.";
                add(found, &at("public"), words);
            }
            _ => {}
        }
    }
}

fn check_rule(found: &mut Vec<FieldError>, at: &str, rule: &AutoFetchRule) {
    line(found, &format!("{at}/name"), &rule.name, 1..=60);
    text(found, &format!("{at}/description"), &rule.description, 0..=500);
    let Source::Collection { collection, email_field } = &rule.source;
    is_collection(found, &format!("{at}/source/collection"), collection);
    is_record_field(found, &format!("{at}/source/email_field"), email_field);
    if let Some(field) = &rule.newest_by {
        is_record_field(found, &format!("{at}/newest_by"), field);
    }
    between(found, &format!("{at}/limit"), rule.limit, 1..=50);
    between(found, &format!("{at}/fresh_s"), rule.fresh_s, 0..=86_400);
    if rule.fields.is_empty() {
        add(
            found,
            &format!("{at}/fields"),
            "Name at least one field that the AI may see: nothing else leaves the source.",
        );
    } else if rule.fields.len() > MAX_FIELDS {
        add(found, &format!("{at}/fields"), "There are more than 32 fields; take some out.");
    }
    let mut names = BTreeSet::new();
    for (index, field) in rule.fields.iter().enumerate() {
        let pointer = format!("{at}/fields/{index}");
        if !names.insert(field) {
            add(found, &pointer, "This field is named twice; take one out.");
        }
        is_shown(found, &pointer, field);
    }
}

/// A field that the AI may see.
fn is_shown(found: &mut Vec<FieldError>, pointer: &str, field: &str) {
    is_record_field(found, pointer, field);
    if is_secret_field(field) {
        add(found, pointer, "A field with the name of a secret is never shown to the AI; take it out.");
    }
}

fn is_collection(found: &mut Vec<FieldError>, pointer: &str, name: &str) {
    let fits =
        (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if !fits {
        add(found, pointer, "The name of a collection has letters, digits, _ and - alone, at most 64 of them.");
    }
}

fn is_record_field(found: &mut Vec<FieldError>, pointer: &str, name: &str) {
    text(found, pointer, name, 1..=MAX_FIELD_CHARS);
}
