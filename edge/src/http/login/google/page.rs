//! What the window shows when it is back: one small page with one script of our own and nothing from elsewhere (R42).

use domain::agent::Agent;
use shared::id::CardId;
use worker::{Headers, Response};

use crate::failure::Answer;
use crate::http::agents::visit::reads;
use crate::http::{Ask, frame};
use crate::mail::escape;
use crate::words::{self, Words};

const PAGE: &str = include_str!("../../../pages/window.html");
const STYLE: &str = include_str!("../../../pages/window.css");
const SCRIPT: &str = include_str!("../../../pages/window.js");

/// What there is to show.
pub enum Shown {
    /// The chat knows that this window is its own.
    Done,
    /// The chat waits for this code.
    Code {
        /// The code.
        code: String,
        /// Of which card.
        card: CardId,
    },
    /// The visitor said no to Google.
    Cancelled,
    /// This window is over, or never was.
    Ended,
    /// It proves nobody.
    Refused,
    /// Google could not be asked.
    Unavailable,
    /// Too many windows came back to this network.
    TooOften {
        /// Seconds until another one may.
        retry_after_s: u32,
    },
}

impl Shown {
    /// The name of its texts, and the status.
    fn named(&self) -> (&'static str, u16) {
        match self {
            Self::Done => ("done", 200),
            Self::Code { .. } => ("code", 200),
            Self::Cancelled => ("cancelled", 200),
            Self::Ended => ("ended", 400),
            Self::Refused => ("refused", 400),
            Self::Unavailable => ("unavailable", 503),
            Self::TooOften { .. } => ("often", 429),
        }
    }
}

/// Answers with the page, in the agent's colours where there is an agent.
pub fn answer(ask: &Ask, agent: Option<&Agent>, shown: &Shown) -> Answer<Response> {
    let reads = reads(ask)?;
    let language = agent.map_or("en", |agent| words::choose(&reads, agent));
    let texts = Words::of(language)?;
    let (name, status) = shown.named();
    let (code, card) = match shown {
        Shown::Code { code, card } => (code.as_str(), card.as_str()),
        _ => ("", ""),
    };
    let style = format!("{}{STYLE}", agent.map(frame::theme).unwrap_or_default());
    let text = |state: &str, key: &str| escape(texts.text(&format!("/window/{state}/{key}")));
    let value = |wanted: &str| match wanted {
        "lang" => language.to_owned(),
        "dir" => words::direction(language).to_owned(),
        "state" => name.to_owned(),
        "code" => code.to_owned(),
        "card" => card.to_owned(),
        "origin" => escape(&ask.config.origin),
        "agent" => agent.map_or_else(|| text("page", "agent"), |agent| escape(&agent.name)),
        "style" => style.clone(),
        "script" => SCRIPT.to_owned(),
        wanted => match wanted.split_once('.') {
            Some((state, key)) => text(state, key),
            None => text(name, wanted),
        },
    };
    let headers = Headers::new();
    headers.set("content-type", "text/html; charset=utf-8")?;
    if let Shown::TooOften { retry_after_s } = shown {
        headers.set("retry-after", &retry_after_s.to_string())?;
    }
    headers.set(
        "content-security-policy",
        &format!(
            "default-src 'none'; script-src {}; style-src {}; form-action 'none'; base-uri 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'",
            frame::hash(SCRIPT),
            frame::hash(&style)
        ),
    )?;
    Ok(Response::ok(words::fill(PAGE, ("{{", "}}"), value))?.with_status(status).with_headers(headers))
}
