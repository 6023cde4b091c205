//! Passkeys of the login card and of the account (M8).

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::audit::AuditKind;
use domain::conversation::passkey::Asked;
use domain::passkey::{self, CHALLENGE_MS, Refused, Site};
use domain::policy;
use shared::card::Method;
use shared::error::ErrorCode;
use shared::id::{CardId, PersonId};
use shared::passkey::{Assertion, Descriptor, Registration, RequestOptions};

use super::audit::detail;
use super::room::Room;
use super::{ConversationReply, login, sign_in};
use crate::caller::Caller;
use crate::clock::now;
use crate::config::Config;
use crate::durable::limiter::Budget;
use crate::durable::person::{self, Act, PersonReply, Proof};
use crate::failure::{Answer, Failure};
use crate::random;

/// What a passkey is to sign. Before a login none is named: the browser shows what it has.
pub async fn ask(room: &Rc<Room>, caller: &Caller, card: &CardId) -> Answer<ConversationReply> {
    let (_, state) = room.admit(caller)?;
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    let ids = match state.person() {
        Some(person) => match person::tell(&room.env, &agent.id, person, Act::Passkeys).await? {
            PersonReply::Passkeys { ids } => ids,
            _ => return Err(unexpected()),
        },
        None => Vec::new(),
    };
    // From here to the stored state nothing waits: what was admitted above is admitted again.
    let (_, mut state) = room.admit(caller)?;
    let challenge = URL_SAFE_NO_PAD.encode(random::bytes::<32>()?);
    let asked = Asked { challenge: challenge.clone(), session: caller.session.clone(), at: now() };
    state.ask_passkey(&agent, card, asked).map_err(login::refused)?;
    room.store.put_state(&state)?;
    let options = RequestOptions {
        challenge,
        timeout: CHALLENGE_MS as u32,
        rp_id: Site::new(&config.origin, &[]).rp_id.to_owned(),
        allow_credentials: ids.into_iter().map(Descriptor::of).collect(),
        user_verification: "required".to_owned(),
    };
    Ok(ConversationReply::PasskeyAsked { options })
}

/// Takes an answer: counted, then the challenge used up, then checked by whom it names, then the person.
pub async fn verify(
    room: &Rc<Room>,
    caller: &Caller,
    card: &CardId,
    credential: Assertion,
    client: &str,
) -> Answer<ConversationReply> {
    let (meta, state) = room.admit(caller)?;
    let open = state.open_card().filter(|open| open.card.id == *card).ok_or(ErrorCode::CardGone)?;
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    let auth = &agent.customer_auth;
    if !auth.enabled || !auth.methods.contains(&Method::Passkey) || !open.card.methods.contains(&Method::Passkey) {
        return Err(ErrorCode::MethodOff.into());
    }
    let budgets = [(Budget::PasskeyIp, client), (Budget::PasskeyConversation, meta.conversation.as_str())];
    room.take_all(&config, &agent.id, budgets).await?;
    let (_, mut state) = room.admit(caller)?;
    let challenge = state.take_passkey(card, &caller.session, now());
    // Stored before anything is looked at: no challenge is answered twice.
    room.store.put_state(&state)?;
    let Some(challenge) = challenge else { return refused(room, Refused::Challenge.as_str()) };
    let Some(whose) = whose(&credential, state.person()) else { return refused(room, Refused::Unknown.as_str()) };
    let identifier = match person::tell(&room.env, &agent.id, &whose, Act::Prove { challenge, credential }).await? {
        PersonReply::Proved { identifier } => identifier,
        PersonReply::NotProved { why } => return refused(room, &why),
        _ => return Err(unexpected()),
    };
    let (method, assurance) = (Method::Passkey, policy::strength(&agent, Method::Passkey));
    let proof = Proof { identifier, method, assurance, at: now(), remembered: None };
    let reply = sign_in::complete(room, &config, &agent, caller, card, proof).await?;
    note(room, AuditKind::PasskeyUsed, "")?;
    Ok(reply)
}

/// Whose passkey the answer says that it is. Somebody who is known proves again who they are, and nobody else.
fn whose(credential: &Assertion, known: Option<&PersonId>) -> Option<PersonId> {
    let said = passkey::user_handle(credential).map(PersonId::parse);
    match (said, known) {
        (None, Some(known)) => Some(known.clone()),
        (Some(Ok(said)), Some(known)) if said == *known => Some(said),
        (Some(Ok(said)), None) => Some(said),
        _ => None,
    }
}

/// What a new passkey of the person's is made with.
pub async fn create(room: &Rc<Room>, caller: &Caller) -> Answer<ConversationReply> {
    let (person, session) = holder(room, caller)?;
    let (_, agent) = room.agent().await?;
    match person::tell(&room.env, &agent.id, &person, Act::NewPasskey { session }).await? {
        PersonReply::Creation { options } => Ok(ConversationReply::PasskeyMaking { options }),
        PersonReply::Gone => Err(ErrorCode::SignedOut.into()),
        _ => Err(unexpected()),
    }
}

/// Keeps a new passkey.
pub async fn keep(room: &Rc<Room>, caller: &Caller, credential: Registration) -> Answer<ConversationReply> {
    let (person, session) = holder(room, caller)?;
    let (_, agent) = room.agent().await?;
    let act = Act::KeepPasskey { session, credential, device: caller.device.clone() };
    match person::tell(&room.env, &agent.id, &person, act).await? {
        PersonReply::Done => {
            note(room, AuditKind::PasskeyAdded, "")?;
            Ok(ConversationReply::Done)
        }
        PersonReply::NotProved { why } => refused(room, &why),
        PersonReply::Gone => Err(ErrorCode::SignedOut.into()),
        _ => Err(unexpected()),
    }
}

/// Takes away a way to sign in.
pub async fn unlink(room: &Rc<Room>, caller: &Caller, id: String) -> Answer<ConversationReply> {
    let (person, session) = holder(room, caller)?;
    let (_, agent) = room.agent().await?;
    match person::tell(&room.env, &agent.id, &person, Act::Unlink { session, id }).await? {
        PersonReply::Unlinked { passkey } => {
            note(room, if passkey { AuditKind::PasskeyRemoved } else { AuditKind::ProofUnlinked }, "")?;
            Ok(ConversationReply::Done)
        }
        PersonReply::Gone => Err(ErrorCode::SignedOut.into()),
        _ => Err(unexpected()),
    }
}

fn holder(room: &Rc<Room>, caller: &Caller) -> Answer<(PersonId, shared::id::SessionId)> {
    let (_, state) = room.admit(caller)?;
    Ok((state.person().cloned().ok_or(ErrorCode::SignedOut)?, caller.session.clone()))
}

/// One answer for every reason; the trail alone knows which it was.
fn refused(room: &Rc<Room>, why: &str) -> Answer<ConversationReply> {
    let cloned = why == Refused::Counter.as_str();
    note(room, if cloned { AuditKind::PasskeyCloned } else { AuditKind::PasskeyRefused }, why)?;
    Err(ErrorCode::ProofRefused.into())
}

fn note(room: &Rc<Room>, kind: AuditKind, why: &str) -> Answer<()> {
    let told = if why.is_empty() { std::collections::BTreeMap::new() } else { detail("why", why) };
    room.note(&room.store.state()?, kind, &told)?;
    room.hand_over();
    Ok(())
}

fn unexpected() -> Failure {
    Failure::Internal("unexpected reply".to_owned())
}
