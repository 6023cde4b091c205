//! `GET /frame/{agent}`: the page inside the iframe, with its skeleton rendered here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::agent::{Agent, CustomerAuth};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use shared::admin::theme::Look;
use shared::error::ErrorCode;
use shared::id::AgentId;
use worker::{Context, Headers, Response, Url};

use super::agents::visit::reads;
use super::{Ask, cookie};
use crate::failure::Answer;
use crate::mail::escape;
use crate::store::agents;
use crate::words::{self, Words};

const PAGE: &str = include_str!("../pages/frame.html");
const ASSETS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../dist/assets.json"));
/// In the account's menu, where the agent remembers anything.
const REMEMBERED: &str = "<button id=\"remembered\" type=\"button\" data-press=\"remembered\">{{text}}</button>\n";

/// Where the build put the widget's files; their names change with their content.
#[derive(Deserialize)]
struct Assets {
    #[serde(rename = "widget_js")]
    script: String,
    #[serde(rename = "widget_wasm")]
    wasm: String,
    #[serde(rename = "widget_css")]
    css: String,
    #[serde(rename = "widget_more")]
    more: String,
}

/// Answers.
pub async fn answer(ask: &Ask, context: &Context, id: &AgentId) -> Answer<Response> {
    if id.tested().is_some() {
        super::admin::grant_test(ask, id).await?;
    }
    let reads = reads(ask)?;
    let agent = agents::find(&ask.env, id).await?.ok_or(ErrorCode::NotFound)?;
    super::loads::note(ask, context, &agent)?;
    if is_opened_again(ask)? {
        cookie::holder(ask, id).await?;
    }
    let agent = agent.spoken(&reads);
    let language = words::choose(&reads, &agent);
    let theme = theme(&agent);
    let tag = tag(&agent, language)?;
    let headers = Headers::new();
    headers.set("etag", &tag)?;
    headers.set("vary", "accept-language")?;
    if ask.request.headers().get("if-none-match")?.as_deref() == Some(tag.as_str()) {
        return Ok(Response::empty()?.with_status(304).with_headers(headers));
    }
    headers.set("content-type", "text/html; charset=utf-8")?;
    headers.set("content-language", language)?;
    // The page's own requests say whether it stands in the host page's flow; no other site hears of it.
    headers.set("referrer-policy", "same-origin")?;
    headers.set("content-security-policy", &policy(&agent, &theme))?;
    headers.set(
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), \
         publickey-credentials-create=(self), otp-credentials=(self)",
    )?;
    Ok(Response::ok(page(&agent, language, &theme, "", &agent.origins.join(" "))?)?.with_headers(headers))
}

/// Whether a frame in a host page's flow is asked for, which is there without being opened: the loader gives it this query.
pub fn is_in_flow(address: &Url) -> bool {
    address.query() == Some("in")
}

/// Whether an open page looks for newer settings, as it does each time that the visitor opens the chat again: that is use (R25).
/// Another site's page cannot ask so, and a browser that loads the frame says `iframe`.
fn is_opened_again(ask: &Ask) -> Answer<bool> {
    let headers = ask.request.headers();
    let says = |name: &str, wanted: &str| headers.get(name).ok().flatten().is_some_and(|value| value == wanted);
    let looks =
        headers.has("if-none-match")? && says("sec-fetch-dest", "empty") && says("sec-fetch-site", "same-origin");
    Ok(looks && !is_in_flow(&ask.request.url()?))
}

/// The host may be any page on the agent's list, and no other (R38); the page itself may do as little as it needs (R42).
fn policy(agent: &Agent, theme: &str) -> String {
    let origins: Vec<_> = agent.origins.iter().filter(|origin| is_source(origin)).map(String::as_str).collect();
    let ancestors = if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
    let hash = hash(theme);
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' {hash}; connect-src 'self'; \
         img-src 'self' data:; font-src 'none'; form-action 'self'; base-uri 'none'; object-src 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors {ancestors}"
    )
}

/// A style or a script that stands in a page itself, as the page's policy names it.
pub(super) fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// An origin as it may stand in the policy; anything else would change what the policy says.
fn is_source(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'*'))
    })
}

/// The page's `ETag`: another one for other words, another language, another look or another build. What only the card says comes with each card.
fn tag(agent: &Agent, words: &str) -> Answer<String> {
    let Agent { name, greeting, suggested, language, theme, origins, customer_auth, .. } = agent;
    let remembers = customer_auth.persistent_context;
    let shown = (name, greeting, suggested, language, words, theme, origins, remembers, ASSETS);
    let shown = serde_json::to_vec(&shown)?;
    let digest = Sha256::digest(&shown);
    Ok(format!("\"{}\"", STANDARD.encode(digest.get(..12).unwrap_or_default())))
}

/// The page of an agent, our own words in this language. `before` is HTML that comes before the widget's script; pages of
/// `origins` may talk to the widget.
pub(super) fn page(agent: &Agent, language: &str, theme: &str, before: &str, origins: &str) -> Answer<String> {
    let tag = tag(agent, language)?;
    let texts = Words::of(language)?;
    let assets: Assets = serde_json::from_str(ASSETS)?;
    // The owner's words may be in another language than ours, and run the other way (WCAG 2.2, 3.1.2).
    let own = if agent.language == language {
        " dir=\"auto\"".to_owned()
    } else {
        format!(" dir=\"auto\" lang=\"{}\"", escape(&agent.language))
    };
    let (card, ours) = (&agent.customer_auth, CustomerAuth::default());
    let mut suggested = String::new();
    for question in &agent.suggested {
        suggested.push_str("<li><button type=\"button\" class=\"cs-suggest\"");
        suggested.push_str(&own);
        suggested.push('>');
        suggested.push_str(&escape(question));
        suggested.push_str("</button></li>");
    }
    let widget_texts = texts.json("/widget");
    let text = |key: &str| escape(texts.text(&format!("/page/{key}")));
    let value = |name: &str| -> String {
        match name {
            "agent" => agent.id.to_string(),
            "agent_name" => escape(&agent.name),
            "tag" => escape(&tag),
            "before" => before.to_owned(),
            "origins" => escape(origins),
            "greeting" => escape(&agent.greeting),
            "suggested" => suggested.clone(),
            "remembered" if agent.customer_auth.persistent_context => {
                REMEMBERED.replace("{{text}}", &text("remembered"))
            }
            "texts" => widget_texts.clone(),
            "theme_css" => theme.to_owned(),
            "lang" => language.to_owned(),
            "dir" => words::direction(language).to_owned(),
            // The card says our own words until the owner writes others.
            "own_title" if card.title == ours.title => String::new(),
            "own_subtitle" if card.subtitle == ours.subtitle => String::new(),
            "own" | "own_title" | "own_subtitle" => own.clone(),
            "widget_js" => assets.script.clone(),
            "widget_wasm" => assets.wasm.clone(),
            "widget_css" => assets.css.clone(),
            "widget_more" => assets.more.clone(),
            name => name.strip_prefix("text.").map_or_else(String::new, text),
        }
    };
    Ok(words::fill(PAGE, ("{{", "}}"), value))
}

/// The agent's colours as custom properties.
pub(super) fn theme(agent: &Agent) -> String {
    Look::of(&agent.theme.accent, agent.theme.radius).css()
}
