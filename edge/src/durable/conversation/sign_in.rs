//! What follows from a proof, whatever it was: the person's session, their conversation, the card that is done.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::agent::Agent;
use domain::audit::AuditKind;
use domain::conversation::Event;
use domain::keys::Purpose;
use domain::session::life::Life;
use shared::card::{Card, CardStep, Method};
use shared::error::ErrorCode;
use shared::frame::Entry;
use shared::id::{CardId, ConversationId, PersonId, SessionId};

use super::room::Room;
use super::{Act, ConversationReply};
use crate::caller::Caller;
use crate::clock::now;
use crate::config::Config;
use crate::durable::person::{self, PersonReply, Proof};
use crate::failure::{Answer, Failure};
use crate::random;

/// What a proof came to.
pub struct Completed {
    /// Who it is.
    pub person: PersonId,
    /// The fresh session.
    pub session: SessionId,
    /// Where the person goes on.
    pub conversation: ConversationId,
    /// When it began and when it ends, Unix milliseconds.
    pub times: (u64, u64),
}

/// Opens the session of whoever gave the proof on this card. Of a person who is known already it is the same person's next
/// one: what they proved stands beside what they had proved.
pub async fn complete(
    room: &Rc<Room>,
    config: &Config,
    agent: &Agent,
    caller: &Caller,
    card: &CardId,
    proof: Proof,
) -> Answer<ConversationReply> {
    let (_, state) = room.admit(caller)?;
    // What the card is when it is over; the state forgets it.
    let done = state.open_card().map(|open| Card { step: CardStep::Done, ..open.card.clone() });
    let done = done.filter(|open| open.id == *card).ok_or(ErrorCode::CardGone)?;
    let method = proof.method;
    let Completed { person, session, conversation, times } =
        finish(room, config, agent, caller, Some(card), proof).await?;
    Ok(ConversationReply::Proved { person, session, conversation, times, method, card: done })
}

/// The same without a card, or with whichever is open: `card` is the one that the proof was given on, if any.
pub async fn finish(
    room: &Rc<Room>,
    config: &Config,
    agent: &Agent,
    caller: &Caller,
    card: Option<&CardId>,
    proof: Proof,
) -> Answer<Completed> {
    let (meta, state) = room.admit(caller)?;
    let (session, began, method) = (random::session_id()?, now(), proof.method);
    let expires_at = Life::of(&agent.customer_auth.session).cookie_end(began, began);
    let (device, times) = (caller.device.clone(), (began.0, expires_at.0));

    if let Some(person) = state.person().cloned() {
        let from = caller.session.clone();
        let act = person::Act::StepUp { proof, from, session: session.clone(), expires_at, device };
        let PersonReply::LoggedIn { linked, .. } = person::tell(&room.env, &agent.id, &person, act).await? else {
            return Err(ErrorCode::SignedOut.into());
        };
        if linked {
            room.note(&room.store.state()?, AuditKind::ProofLinked, &BTreeMap::new())?;
        }
        // The older session is over: a socket that still joins with it is refused.
        room.store.end(&caller.session)?;
        room.apply(proved(card, &person, false, &session, (caller, method)))?;
        return Ok(Completed { person, session, conversation: meta.conversation, times });
    }

    let own = proof.identifier.person(&config.master.derive(&agent.id, Purpose::Identity));
    let log_in = || person::Act::LogIn {
        proof: proof.clone(),
        session: session.clone(),
        conversation: meta.conversation.clone(),
        expires_at,
        device: device.clone(),
    };
    let (person, home) = log_in_as(room, agent, own, log_in).await?;
    let (home, carried_to) = go_home(room, &meta.conversation, home, &person, &session).await?;
    let elsewhere = home != meta.conversation;
    // Two right answers on one card at once are one login: the second one is late.
    let state = room.store.state()?;
    if card.is_some_and(|card| !state.is_open(card)) {
        return late(room, agent, &person, session).await;
    }
    room.apply(proved(card, &person, elsewhere, &session, (caller, method)))?;
    if elsewhere {
        room.stop_writing();
        // What was written while the first part was on its way.
        let (mut rest, up_to) = room.carried(carried_to)?;
        if rest.entries.iter().any(|entry| matches!(entry, Entry::Message { .. })) && up_to > carried_to {
            rest.session = Some(session.clone());
            super::tell(&room.env, &home, Act::Carry { person: person.clone(), carried: rest }).await?;
        }
    }
    if room.store.state()?.person() != Some(&person) {
        return late(room, agent, &person, session).await;
    }
    Ok(Completed { person, session, conversation: home, times })
}

/// The card was closed in the meantime: the proof came too late to matter here, and nobody will hold this session.
async fn late(room: &Room, agent: &Agent, person: &PersonId, session: SessionId) -> Answer<Completed> {
    let ended = person::Act::SignOut { session, everywhere: false };
    person::tell(&room.env, &agent.id, person, ended).await?;
    Err(ErrorCode::CardGone.into())
}

fn proved(
    card: Option<&CardId>,
    person: &PersonId,
    elsewhere: bool,
    session: &SessionId,
    (caller, method): (&Caller, Method),
) -> Event {
    let (person, session, replaces) = (person.clone(), session.clone(), caller.session.clone());
    match card {
        Some(card) => Event::Proved { card: card.clone(), person, elsewhere, session, replaces, method },
        None => Event::Vouched { person, elsewhere, session, replaces, method },
    }
}

/// Opens the session of whom the proof names, or of whom it was linked to; and says where they go on.
async fn log_in_as(
    room: &Rc<Room>,
    agent: &Agent,
    own: PersonId,
    log_in: impl Fn() -> person::Act,
) -> Answer<(PersonId, ConversationId)> {
    let unexpected = || Failure::Internal("unexpected reply".to_owned());
    let other = match person::tell(&room.env, &agent.id, &own, log_in()).await? {
        PersonReply::LoggedIn { conversation, .. } => return Ok((own, conversation)),
        PersonReply::Elsewhere { person } => person,
        _ => return Err(unexpected()),
    };
    match person::tell(&room.env, &agent.id, &other, log_in()).await? {
        PersonReply::LoggedIn { conversation, .. } => return Ok((other, conversation)),
        PersonReply::Gone => {}
        _ => return Err(unexpected()),
    }
    // Unlinked over there, and the word of it was lost: the person is who they were.
    person::tell(&room.env, &agent.id, &own, person::Act::Restore { of: other }).await?;
    match person::tell(&room.env, &agent.id, &own, log_in()).await? {
        PersonReply::LoggedIn { conversation, .. } => Ok((own, conversation)),
        _ => Err(unexpected()),
    }
}

/// Where the person goes on, and up to which number what was said here was carried there.
async fn go_home(
    room: &Rc<Room>,
    here: &ConversationId,
    home: ConversationId,
    person: &PersonId,
    session: &SessionId,
) -> Answer<(ConversationId, u64)> {
    if home == *here {
        return Ok((home, 0));
    }
    // The person has a conversation: what was said and asked here goes on there.
    let (mut carried, up_to) = room.carried(0)?;
    carried.session = Some(session.clone());
    match super::tell(&room.env, &home, Act::Carry { person: person.clone(), carried }).await {
        Ok(_) => Ok((home, up_to)),
        Err(Failure::Client(refusal)) if refusal.code == ErrorCode::SignedOut => {
            // A login there was cut off before the conversation was theirs. It never will be; this one is.
            let moved = person::Act::MoveHome { from: home, to: here.clone() };
            person::tell(&room.env, &here.agent()?, person, moved).await?;
            Ok((here.clone(), 0))
        }
        Err(failure) => Err(failure),
    }
}
