//! What a text message says.

use worker::Url;

use super::CodeMessage;
use crate::config::Config;

/// The most characters of the agent's name: two segments of a text message cost twice.
const NAME_CHARS: usize = 40;

/// The text. The code stands alone on a line; the last line is for the phone, which offers the code to the page that waits
/// for it and to no other (WICG, "Origin-bound one-time codes").
pub fn text(config: &Config, message: &CodeMessage<'_>) -> String {
    let CodeMessage { agent, code, reference, .. } = message;
    let name: String = agent.name.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
    let (code, minutes) = (code.expose(), agent.customer_auth.code_minutes.clamp(1, 10));
    let bound = bound(config, &agent.origins, code);
    format!("Your code for {name} ({reference}):\n{code}\nIt works for {minutes} minutes. Tell nobody.\n\n{bound}")
}

/// `@shop.example #123456 @chat.example`: the chat is a frame inside the shop's page. Without an origin that names one host
/// the chat's own stands alone.
fn bound(config: &Config, origins: &[String], code: &str) -> String {
    let edge = host(&config.origin).unwrap_or_default();
    match origins.iter().find(|origin| !origin.contains('*')).and_then(|origin| host(origin)) {
        Some(top) if top != edge => format!("@{top} #{code} @{edge}"),
        _ => format!("@{edge} #{code}"),
    }
}

fn host(origin: &str) -> Option<String> {
    Url::parse(origin).ok()?.host_str().map(str::to_owned)
}
