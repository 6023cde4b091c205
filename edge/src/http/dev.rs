//! `/dev/…`: the inbox, the test clock and what tests look at. Development builds only; a release contains none of it.

use serde::Deserialize;
use shared::card::Channel;
use shared::id::{AgentId, ConversationId};
use worker::{Env, Method, Request, Response};

use super::body;
use crate::action::trial;
use crate::config::Config;
use crate::durable::conversation::{self, Act, ConversationReply};
use crate::durable::ledger::{self, LedgerCommand};
use crate::durable::outbox::{self, OutboxCommand, OutboxMail};
use crate::failure::Answer;
use crate::mail::escape;
use crate::store::{agents, secrets};
use shared::error::ErrorCode;

#[derive(Deserialize)]
struct To {
    to: Option<String>,
}

#[derive(Deserialize)]
struct Shift {
    offset_ms: u64,
}

#[derive(Deserialize)]
struct Secret {
    agent: AgentId,
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Refresh {
    conversation: ConversationId,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

const PAGE: &str = include_str!("../pages/inbox.html");

/// Answers.
pub async fn answer(mut request: Request, env: &Env) -> Answer<Response> {
    let path = request.path();
    match (request.method(), path.as_str()) {
        (Method::Get, "/dev/inbox") => {
            let mails = outbox::tell(env, &OutboxCommand::List { to: None }).await?;
            let headers = worker::Headers::new();
            headers.set("content-type", "text/html; charset=utf-8")?;
            headers.set(
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            )?;
            headers.set("refresh", "3")?;
            Ok(Response::ok(PAGE.replace("{{mails}}", &list(&mails)))?.with_headers(headers))
        }
        (Method::Get, "/dev/inbox.json") => {
            let To { to } = request.query().map_err(|_| ErrorCode::BadRequest)?;
            Ok(Response::from_json(&outbox::tell(env, &OutboxCommand::List { to }).await?)?)
        }
        (Method::Post, "/dev/clock") => {
            let Shift { offset_ms } = body::read(&mut request).await?;
            crate::clock::shift(offset_ms);
            Ok(Response::empty()?.with_status(204))
        }
        (Method::Post, "/dev/secrets") => {
            let Secret { agent, name, value } = body::read(&mut request).await?;
            if !domain::secrets::is_name(&name) {
                return Err(ErrorCode::BadRequest.into());
            }
            secrets::put(env, &Config::read(env)?, &agent, &name, (&value, None)).await?;
            Ok(Response::empty()?.with_status(204))
        }
        (Method::Post, "/dev/refresh") => {
            let Refresh { conversation, times } = body::read(&mut request).await?;
            conversation::tell(env, &conversation, Act::RefuseToken { times: times.min(200) }).await?;
            Ok(Response::empty()?.with_status(204))
        }
        (Method::Post, path) => {
            let named = path.strip_prefix("/dev/actions/").and_then(|rest| rest.strip_suffix("/trial"));
            let (agent, name) = named.and_then(|rest| rest.split_once('/')).ok_or(ErrorCode::NotFound)?;
            let agent = AgentId::parse(agent).map_err(|_| ErrorCode::NotFound)?;
            let settings = agents::as_saved(env, &agent).await?.ok_or(ErrorCode::NotFound)?;
            let action = settings.actions.iter().find(|action| action.name == name).ok_or(ErrorCode::NotFound)?;
            let with = body::read(&mut request).await?;
            Ok(Response::from_json(&trial::trial(env, &Config::read(env)?, &agent, action, with).await?)?)
        }
        (Method::Get, path) => {
            if let Some(agent) = path.strip_prefix("/dev/ledger/").and_then(|rest| rest.strip_suffix(".json")) {
                let agent = AgentId::parse(agent).map_err(|_| ErrorCode::NotFound)?;
                let reply = ledger::tell(env, &agent, &LedgerCommand::Read { limit: 10_000 }).await?;
                return Ok(Response::from_json(&reply.records)?);
            }
            if let Some(id) = path.strip_prefix("/dev/counters/") {
                let id = ConversationId::parse(id).map_err(|_| ErrorCode::NotFound)?;
                if let ConversationReply::Counters { evaluated } = conversation::tell(env, &id, Act::Counters).await? {
                    return Ok(Response::from_json(&serde_json::json!({"evaluated": evaluated}))?);
                }
            }
            Err(ErrorCode::NotFound.into())
        }
        _ => Err(ErrorCode::NotFound.into()),
    }
}

fn list(mails: &[OutboxMail]) -> String {
    if mails.is_empty() {
        return "<p class=\"empty\">Nothing yet. Ask for a code in the chat; it arrives here.</p>".to_owned();
    }
    mails.iter().map(shown).collect()
}

/// One message: a mail as a letter, a message to a phone as a bubble.
fn shown(mail: &OutboxMail) -> String {
    let (kind, name) = match mail.channel {
        Channel::Sms => ("sms", "Text message"),
        Channel::Whatsapp => ("whatsapp", "WhatsApp"),
        Channel::Email | Channel::OnRecord => ("email", "Mail"),
    };
    let text: String = mail
        .text
        .trim_end()
        .lines()
        .map(|line| {
            let line = escape(line);
            let is_code = (6..=10).contains(&line.len()) && line.bytes().all(|b| b.is_ascii_digit());
            match line.starts_with('@') {
                _ if is_code => format!("<strong class=\"code\">{line}</strong>\n"),
                true => format!("<small>{line}</small>\n"),
                false => format!("{line}\n"),
            }
        })
        .collect();
    let subject = if mail.subject.is_empty() { name.to_owned() } else { escape(&mail.subject) };
    format!(
        "<article class=\"{kind}\"><header><span class=\"kind\">{name}</span><h2>{subject}</h2><p>to {} · <time>{}</time></p></header>\
         <pre>{text}</pre></article>",
        escape(&mail.to),
        escape(&mail.at)
    )
}
