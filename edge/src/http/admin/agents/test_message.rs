//! `POST /api/admin/agents/{agent}/test-message`: the message that a visitor would get, from settings that are not saved. Its
//! code opens nothing: no challenge knows it.
//!
//! A mail goes to the member's own proved address and to no other, a message to a phone within the number's own budget and the
//! day's, so that nobody is spammed by it. Credentials go to the services whose they are, wherever the settings point.

use domain::agent::{Agent, PhoneSettings};
use domain::audit::AuditKind;
use domain::challenge::{code, reference};
use domain::json;
use domain::language::Ranges;
use domain::phone::PhoneNumber;
use serde_json::Value;
use shared::admin::MAX_SETTINGS_BYTES;
use shared::admin::trial::{TestMessage, TestSent};
use shared::card::{Channel, Method};
use shared::error::ErrorCode;
use shared::id::ConversationId;
use worker::Response;

use crate::clock::now;
use crate::durable::limiter::{Budget, spend_one, take};
use crate::failure::{Answer, Failure};
use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::mail::{self, CodeMail};
use crate::phone::{self, CodeMessage};
use crate::random;
use crate::words;

/// Answers.
pub async fn answer(mut granted: Granted) -> Done<Response> {
    let person = granted.actor.member()?.person.clone();
    let asked: TestMessage<Value> = body::read_up_to(&mut granted.ask.request, MAX_SETTINGS_BYTES).await?;
    let agent = draft(&granted, &asked.settings)?;
    let number = match asked.method {
        Method::EmailCode => None,
        Method::PhoneCode => Some(number(&agent, asked.to.as_deref(), asked.channel)?),
        _ => return Err(Refused::field("/method", "Messages go out by email_code and phone_code alone.")),
    };
    let (env, config) = (&granted.ask.env, &granted.ask.config);
    take(env, &config.master, &agent.id, Budget::TestMessage, person.as_str()).await?;
    if let Some((settings, number, _)) = &number {
        for (budget, key) in [(Budget::PhoneNumber, number.as_str()), (Budget::PhonePrefix, number.prefix())] {
            take(env, &config.master, &agent.id, budget, key).await?;
        }
        let day = (Budget::PhoneDay, settings.day_messages);
        spend_one(env, &config.master, &agent.id, day.0, "", day.1).await?;
    }
    let channel = number.as_ref().map_or(Channel::Email, |(.., channel)| *channel);
    granted
        .note(AuditKind::TestMessageSent, &[("channel", json::value(&channel)?.as_str().unwrap_or_default())])
        .await?;
    let begun = now();
    let sent = match number {
        Some((_, number, channel)) => to_phone(&granted, &agent, &number, channel).await,
        None => to_member(&granted, &agent).await,
    };
    let took_ms = now().since(begun);
    let by = if asked.method == Method::EmailCode { "mail service" } else { "message service" };
    let (taken, says) = match sent {
        Ok(()) => (true, format!("The {by} took it. It should be there in a moment.")),
        Err(failure) => (false, why(by, &failure)),
    };
    Ok(Response::from_json(&TestSent { taken, says, took_ms })?)
}

/// The settings as they would be saved. Another agent's id would bring another agent's keys.
fn draft(granted: &Granted, settings: &Value) -> Done<Agent> {
    let agent: Agent = json::of(settings).map_err(|error| Refused::field("/settings", json::words(&error)))?;
    if agent.id != granted.agent {
        return Err(Refused::field("/settings/id", "These are the settings of another agent."));
    }
    Ok(agent)
}

fn number<'a>(
    agent: &'a Agent,
    typed: Option<&str>,
    channel: Option<Channel>,
) -> Done<(&'a PhoneSettings, PhoneNumber, Channel)> {
    let settings = agent.customer_auth.phone.as_ref();
    let settings = settings.ok_or_else(|| {
        Refused::field("/settings/customer_auth/phone", "Say first from which countries and by what codes go out.")
    })?;
    let typed = typed.ok_or_else(|| Refused::field("/to", "Say which number the message goes to."))?;
    let number = PhoneNumber::parse(typed, &settings.countries)
        .map_err(|_| Refused::field("/to", "Enter one number of a served country that takes messages."))?;
    let mut channels = settings.channels.iter().copied();
    let channel = match channel {
        Some(channel) => channels.find(|one| *one == channel),
        None => channels.next(),
    };
    let channel = channel.filter(|one| matches!(one, Channel::Sms | Channel::Whatsapp));
    let channel = channel.ok_or_else(|| {
        Refused::field("/settings/customer_auth/phone/channels", "Codes do not travel by this here. Add it first.")
    })?;
    Ok((settings, number, channel))
}

async fn to_member(granted: &Granted, agent: &Agent) -> Answer<()> {
    let member = granted.actor.member().map_err(|_| ErrorCode::SignedOut)?;
    let mail = CodeMail {
        agent: &agent.name,
        language: words::choose(&Ranges::default(), agent),
        to: &member.email,
        code: &code::draw(&mut random::rng(), agent.customer_auth.code_digits.clamp(6, 10)),
        reference: &reference::draw(&mut random::rng()),
        minutes: agent.customer_auth.code_minutes.clamp(1, 10),
        idempotency_key: format!("test/{}", random::id22()?),
    };
    mail::send(&granted.ask.env, &granted.ask.config, mail).await
}

async fn to_phone(granted: &Granted, agent: &Agent, number: &PhoneNumber, channel: Channel) -> Answer<()> {
    // What the service tells of it later is for a conversation that nobody has, and changes nothing.
    let conversation = ConversationId::new(&agent.id, &random::id22()?)?;
    let message = CodeMessage {
        agent,
        conversation: &conversation,
        send: &random::id22()?,
        to: number,
        channel,
        code: &code::draw(&mut random::rng(), agent.customer_auth.code_digits.clamp(6, 10)),
        reference: &reference::draw(&mut random::rng()),
    };
    phone::send(&granted.ask.env, &granted.ask.config, message).await
}

/// Why nobody took it.
fn why(by: &str, failure: &Failure) -> String {
    match failure {
        Failure::Vendor { status: 401 | 403, .. } => {
            format!("The {by} refused the credentials or the sender. Check both, then try again.")
        }
        Failure::Vendor { status, .. } => {
            format!("The {by} refused it with status {status}. Its own log says why.")
        }
        _ => format!("The {by} could not be reached, or something that it needs is not set: look at its credentials."),
    }
}
