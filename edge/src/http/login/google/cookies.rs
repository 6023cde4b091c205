//! The window's two cookies, each named by its flow, so that two windows do not end each other.

use domain::oidc::attempt::LIFE_S;
use worker::Request;

use crate::failure::Answer;

/// What the window itself was given when it set out: state, nonce and verifier are made with it (R30).
pub fn window_name(flow: &str) -> String {
    format!("__Host-csw_{flow}")
}

/// What the browser of the chat was given.
pub fn binding_name(flow: &str) -> String {
    format!("__Host-csb_{flow}")
}

/// Sets the window's. `Lax`: it comes back with the provider's redirect, a top-level `GET`, and with no request that
/// another site's page makes.
pub fn window(flow: &str, secret: &str) -> String {
    format!("{}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={LIFE_S}", window_name(flow))
}

/// Sets the binding. Not partitioned, on purpose: a window of its own has another partition than the chat's frame.
pub fn binding(flow: &str, secret: &str) -> String {
    format!("{}={secret}; Path=/; Secure; HttpOnly; SameSite=None; Max-Age={LIFE_S}", binding_name(flow))
}

/// Takes both away.
pub fn clear(flow: &str) -> [String; 2] {
    let gone = |name: String, site: &str| format!("{name}=; Path=/; Secure; HttpOnly; SameSite={site}; Max-Age=0");
    [gone(window_name(flow), "Lax"), gone(binding_name(flow), "None")]
}

/// A cookie's value: none when it is absent, empty or there twice.
pub fn read(request: &Request, name: &str) -> Answer<Option<String>> {
    let header = request.headers().get("cookie")?.unwrap_or_default();
    let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    Ok(match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Some(value.to_owned()),
        _ => None,
    })
}
