//! One code on its way to a person: budgets, the channel, the next one when that fails, and what the card is told.
//!
//! [`pick`] says what a code travels by, [`asking`] and [`receiving`] take the budgets of whoever asks and of whoever
//! receives, [`send`] hands the code over and says what became of it, [`Room::tell_delivery`] shows it on the card.

use std::rc::Rc;

use domain::address::EmailAddress;
use domain::agent::Agent;
use domain::audit::AuditKind;
use domain::challenge::Destination;
use domain::challenge::code::{self, Code};
use domain::keys::Purpose;
use domain::limits::PHONE_DIAL_CODE_DAY;
use domain::phone::PhoneNumber;
use serde::{Deserialize, Serialize};
use shared::card::{CardStep, Channel, Delivery};
use shared::error::ErrorCode;
use shared::frame::Entry;
use shared::id::{AgentId, CardId};

use super::allowance::{Allowance, Message};
use super::audit::detail;
use super::room::Room;
use super::vault::Vault;
use crate::clock::now;
use crate::config::Config;
use crate::durable::limiter::{Budget, affords_one, give_back, peek, phone_sent, phone_verified, spend_one};
use crate::failure::{Answer, log};
use crate::mail::{self, CodeMail};
use crate::phone::{self, CodeMessage};
use crate::random;
use crate::within::within;
use crate::words;

/// How long giving a budget back may take before the card is told without it, milliseconds.
const GIVE_BACK_MS: u64 = 2_000;

/// The field of where a code went, when it is sealed.
const SENT: &str = "sent";

/// Where a code goes in the end: what was typed, or what stands on a record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Target {
    /// An email address.
    Email { address: EmailAddress },
    /// A phone.
    Phone { number: PhoneNumber },
}

/// A code and where it goes.
pub struct Sending<'a> {
    pub agent: &'a Agent,
    /// The card that waits for it.
    pub card: &'a CardId,
    pub target: &'a Target,
    /// What it travels by first, from [`pick`].
    pub channel: Channel,
    pub code: &'a Code,
    /// The word that stands on the card too.
    pub reference: &'a str,
    /// Whose budgets it is counted under.
    pub allowance: &'a Allowance,
    /// Whether another channel may take over.
    pub may_fall_over: bool,
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Became {
    /// [`Delivery::Sent`] or [`Delivery::Failed`].
    pub delivery: Delivery,
    /// What it travelled by, or was to.
    pub channel: Channel,
    /// The channel that failed before.
    pub instead_of: Option<Channel>,
}

/// A sending to a phone, as the conversation keeps it until the next one: a status that comes later names it.
#[derive(Serialize, Deserialize)]
pub struct SentNote {
    /// Its name.
    send: String,
    card: CardId,
    channel: Channel,
    /// The [`Went`], sealed.
    went: String,
    /// Whether another channel may still take over.
    may_fall_over: bool,
}

/// Where a code went, and what it proves: only while the card's codes prove the same may another one go there.
#[derive(Serialize, Deserialize)]
struct Went {
    target: Target,
    destination: Destination,
    /// Whose budgets the next one is counted under.
    #[serde(default)]
    allowance: Allowance,
}

/// What a code to this target travels by: what was asked for if the agent allows it, else the first that it allows.
pub fn pick(agent: &Agent, target: &Target, asked: Option<Channel>) -> Option<Channel> {
    match target {
        Target::Email { .. } => asked.is_none_or(|asked| asked == Channel::Email).then_some(Channel::Email),
        Target::Phone { .. } => {
            let allowed = &agent.customer_auth.phone.as_ref()?.channels;
            let mut allowed = allowed.iter().copied().filter(|one| matches!(one, Channel::Sms | Channel::Whatsapp));
            match asked {
                Some(asked) => allowed.find(|one| *one == asked),
                None => allowed.next(),
            }
        }
    }
}

/// The channel that takes over from one that failed.
fn next(agent: &Agent, target: &Target, failed: Channel) -> Option<Channel> {
    let Target::Phone { .. } = target else { return None };
    let channels = agent.customer_auth.phone.as_ref().map(|phone| phone.channels.iter().copied());
    channels.into_iter().flatten().find(|one| *one != failed && matches!(one, Channel::Sms | Channel::Whatsapp))
}

/// Takes the budgets of whoever asks for a code: the client's address and the conversation. Of a browser that proved the
/// same person before nothing is taken that strangers on its network can use up (R12).
pub async fn asking(
    room: &Rc<Room>,
    config: &Config,
    agent: &AgentId,
    target: &Target,
    (client, allowance): (&str, &Allowance),
) -> Answer<()> {
    let (_, conversation) = room.agent().await.map(|(meta, agent)| (agent, meta.conversation))?;
    let (by_client, by_conversation) = match target {
        Target::Email { .. } => (Budget::EmailIp, Budget::EmailConversation),
        Target::Phone { .. } => (Budget::PhoneIp, Budget::PhoneConversation),
    };
    let budgets = [(by_client, client), (by_conversation, conversation.as_str())];
    room.take_all(config, agent, budgets.into_iter().skip(usize::from(allowance.is_own()))).await
}

/// Takes the budgets of whoever receives a code, and of all of the agent's messages to phones (R15). Taken for each message,
/// also when one channel takes over from another. A browser that proved the same person before has budgets of its own in
/// place of the receiver's and of those of its block of numbers, which strangers use too (R12). Whoever is reached by a look-up
/// has budgets for those: else one who asks for a code to an address right afterwards would be told that it is on record (R10).
pub async fn receiving(
    room: &Rc<Room>,
    config: &Config,
    agent: &Agent,
    target: &Target,
    card: &CardId,
    (allowance, message): (&Allowance, Message),
) -> Answer<()> {
    let (env, master) = (&room.env, &config.master);
    let on_record = room.store.state()?.is_on_record(card);
    let key = |to: &str| if on_record { format!("on record\n{to}") } else { to.to_owned() };
    match target {
        Target::Email { address } => {
            let to = key(address.as_str());
            let everybodys = || vec![(Budget::EmailGap, to.as_str()), (Budget::EmailRecipient, to.as_str())];
            let budgets = allowance.receiving(message).unwrap_or_else(everybodys);
            room.take_all(config, &agent.id, budgets).await?;
        }
        Target::Phone { number } => {
            let Some(settings) = &agent.customer_auth.phone else { return Err(ErrorCode::MethodOff.into()) };
            let dial_code = number.dial_code();
            // The agent's own country may use the whole day; pumped traffic goes elsewhere.
            let is_home = settings.countries.first().is_some_and(|home| PhoneNumber::dial_code_of(home) == dial_code);
            let foreign = (Budget::PhoneDialCode, dial_code.as_str(), PHONE_DIAL_CODE_DAY);
            let days: Vec<_> = [foreign, (Budget::PhoneDay, "", settings.day_messages)]
                .into_iter()
                .skip(usize::from(is_home))
                .collect();
            // First looked at, then taken: what is refused anyway uses up nothing of what others need.
            let paused = peek(env, master, &agent.id, Budget::PhoneHealth, "").await;
            paused.or_else(|failure| room.limited(Budget::PhoneHealth, failure))?;
            for (budget, key, most) in &days {
                let left = affords_one(env, master, &agent.id, *budget, key, *most).await;
                left.or_else(|failure| room.limited(*budget, failure))?;
            }
            let (to, block) = (key(number.as_str()), key(number.prefix()));
            let everybodys = || vec![(Budget::PhoneNumber, to.as_str()), (Budget::PhonePrefix, block.as_str())];
            let own = allowance.receiving(message).map(|mut own| {
                // No number hears more often because many records lead to it (R15).
                if on_record {
                    own.push((Budget::KnownRecipientAll, to.as_str()));
                }
                own
            });
            room.take_all(config, &agent.id, own.unwrap_or_else(everybodys)).await?;
            for (budget, key, most) in &days {
                let spent = spend_one(env, master, &agent.id, *budget, key, *most).await;
                spent.or_else(|failure| room.limited(*budget, failure))?;
            }
            let healthy = phone_sent(env, master, &agent.id, card.as_str()).await;
            healthy.or_else(|failure| room.limited(Budget::PhoneHealth, failure))?;
        }
    }
    Ok(())
}

/// Hands a code over, to the next channel too if the first one fails, and says what became of it. Up to half a minute: call
/// it in the background. Takes the receiver's budgets for the second channel itself, the first one's are the caller's.
pub async fn send(room: &Rc<Room>, config: &Config, sending: Sending<'_>) -> Became {
    let channel = sending.channel;
    // Read before anything waits: what the code that is being sent proves.
    let destination = room.store.state().ok().and_then(|state| state.destination(sending.card).cloned());
    let destination = destination.as_ref();
    let second = next(sending.agent, sending.target, channel).filter(|_| sending.may_fall_over);
    if attempt(room, config, &sending, destination, (channel, second.is_some())).await.is_ok() {
        return Became { delivery: Delivery::Sent, channel, instead_of: None };
    }
    let failed = Became { delivery: Delivery::Failed, channel, instead_of: None };
    let Some(second) = second else { return failed };
    let budgets = (sending.allowance, Message::Instead);
    if receiving(room, config, sending.agent, sending.target, sending.card, budgets).await.is_err() {
        return failed;
    }
    match attempt(room, config, &sending, destination, (second, false)).await {
        Ok(()) => Became { delivery: Delivery::Sent, channel: second, instead_of: Some(channel) },
        Err(_) => failed,
    }
}

async fn attempt(
    room: &Rc<Room>,
    config: &Config,
    sending: &Sending<'_>,
    destination: Option<&Destination>,
    (channel, may_fall_over): (Channel, bool),
) -> Answer<()> {
    let Sending { agent, card, target, code, reference, allowance, .. } = sending;
    match target {
        Target::Email { address } => {
            let mail = CodeMail {
                agent: &agent.name,
                language: words::choose(&room.store.reads()?, agent),
                to: address,
                code,
                reference,
                minutes: agent.customer_auth.code_minutes.clamp(1, 10),
                idempotency_key: format!("{card}/{}", random::id22()?),
            };
            mail::send(&room.env, config, mail).await
        }
        Target::Phone { number } => {
            let meta = room.store.meta()?.ok_or(ErrorCode::SignedOut)?;
            let send = random::id22()?;
            // Noted before the request leaves: what is told of it may be here before its answer is.
            let destination = destination.ok_or(ErrorCode::CardGone)?.clone();
            let went = Went { target: (*target).clone(), destination, allowance: (*allowance).clone() };
            room.store.put_sent(&SentNote {
                send: send.clone(),
                card: (*card).clone(),
                channel,
                went: Vault::of(config, &agent.id, &meta.conversation).seal(SENT, &went)?,
                may_fall_over,
            })?;
            let conversation = &meta.conversation;
            let message = CodeMessage { agent, conversation, send: &send, to: number, channel, code, reference };
            phone::send(&room.env, config, message).await
        }
    }
}

/// Gives back what a code took that was not sent, so that the visitor may try again at once. It may have gone out all the
/// same: what the receiver is sent in an hour and a day stays counted.
pub async fn give_back_failed(
    room: &Rc<Room>,
    config: &Config,
    agent: &AgentId,
    target: &Target,
    allowance: &Allowance,
) {
    let Ok(Some(meta)) = room.store.meta() else { return };
    let conversation = meta.conversation.as_str();
    let budgets = match target {
        Target::Email { address } => {
            vec![(Budget::EmailConversation, conversation), allowance.gap(address.as_str())]
        }
        Target::Phone { .. } => {
            let own = allowance.is_own().then(|| allowance.gap(""));
            [(Budget::PhoneConversation, conversation)].into_iter().chain(own).collect()
        }
    };
    for (budget, key) in budgets {
        let _ = within(GIVE_BACK_MS, give_back(&room.env, &config.master, agent, budget, key)).await;
    }
}

/// A code of this card was accepted. In the background; a card whose codes went elsewhere changes nothing.
pub fn verified(room: &Rc<Room>, config: Config, agent: AgentId, card: CardId) {
    let background = Rc::clone(room);
    room.state.wait_until(async move {
        if phone_verified(&background.env, &config.master, &agent, card.as_str()).await.is_err() {
            log("verified_not_told", "", Budget::PhoneHealth.name());
        }
    });
}

/// The network could not deliver the message of this name: the next channel takes over with a fresh code, because what is
/// stored of the first does not give it back; or the card says that it failed. Nothing happens for any other name, once the
/// code's life is over, or a second time.
pub async fn undelivered(room: &Rc<Room>, send_name: &str) -> Answer<()> {
    let (Some(note), Some(meta)) = (room.store.sent()?, room.store.meta()?) else { return Ok(()) };
    let mut state = room.store.state()?;
    if note.send != send_name || !state.awaits_code(&note.card, now()) {
        return Ok(());
    }
    // Used up before anything waits: a status that comes twice falls over once.
    room.store.drop_sent()?;
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    let Went { target, destination, allowance } =
        Vault::of(&config, &agent.id, &meta.conversation).open(SENT, &note.went)?;
    if room.store.state()?.destination(&note.card) != Some(&destination) {
        return Ok(());
    }
    let failed = Became { delivery: Delivery::Failed, channel: note.channel, instead_of: None };
    let second = next(&agent, &target, note.channel).filter(|_| note.may_fall_over);
    let Some(second) = second else { return room.tell_delivery(&note.card, failed) };
    if receiving(room, &config, &agent, &target, &note.card, (&allowance, Message::Instead)).await.is_err() {
        return room.tell_delivery(&note.card, failed);
    }

    state = room.store.state()?;
    let digits = state.awaited_digits().unwrap_or(agent.customer_auth.code_digits);
    let fresh = code::draw(&mut random::rng(), digits);
    let pepper = config.master.derive(&agent.id, Purpose::CodePepper);
    let life_ms = u64::from(agent.customer_auth.code_minutes.clamp(1, 10)) * 60_000;
    if state.issue_instead(&note.card, &destination, &pepper, &fresh, life_ms, now()).is_none() {
        return Ok(());
    }
    state.travels_by(&note.card, second, Some(note.channel));
    room.store.put_state(&state)?;
    let Some(card) = state.open_card().map(|pending| pending.card.clone()) else { return Ok(()) };
    let CardStep::Code(step) = &card.step else { return Ok(()) };
    if step.channel != Channel::OnRecord {
        room.append(&state, Entry::Card { card: card.clone() })?;
    }
    let (background, reference) = (Rc::clone(room), step.reference.clone());
    room.state.wait_until(async move {
        let sending = Sending {
            agent: &agent,
            card: &note.card,
            target: &target,
            channel: second,
            code: &fresh,
            reference: &reference,
            allowance: &allowance,
            may_fall_over: false,
        };
        let became = send(&background, &config, sending).await;
        background.delivered(&note.card, Became { instead_of: Some(note.channel), ..became });
    });
    Ok(())
}

impl Room {
    /// Shows on the card what became of its code. A look-up's card tells nothing (R17).
    pub fn tell_delivery(self: &Rc<Self>, card: &CardId, became: Became) -> Answer<()> {
        let mut state = self.store.state()?;
        let kind = if became.delivery == Delivery::Sent { AuditKind::CodeSent } else { AuditKind::CodeSendFailed };
        let mut told = detail("channel", channel_name(became.channel));
        if let Some(failed) = became.instead_of {
            told.extend(detail("instead_of", channel_name(failed)));
        }
        self.note(&state, kind, &told)?;
        if !state.is_on_record(card) {
            state.travels_by(card, became.channel, became.instead_of);
            if let Some(card) = state.delivered(card, became.delivery, now()) {
                self.store.put_state(&state)?;
                self.append(&state, Entry::Card { card })?;
            }
        }
        self.hand_over();
        Ok(())
    }
}

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "email",
        Channel::Sms => "sms",
        Channel::Whatsapp => "whatsapp",
        Channel::OnRecord => "on_record",
    }
}
