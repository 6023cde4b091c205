//! What this chat remembers about a person: for that person to see, and to erase.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::audit::AuditKind;
use shared::error::ErrorCode;
use shared::remembered::Remembered;

use super::ConversationReply;
use super::room::Room;
use crate::caller::Caller;
use crate::durable::person::{self, Act, PersonReply};
use crate::failure::{Answer, Failure};

/// Says what is remembered.
pub async fn shown(room: &Rc<Room>, caller: &Caller) -> Answer<ConversationReply> {
    match ask(room, caller, Act::Remembered, AuditKind::RememberedShown).await? {
        PersonReply::Remembered { fields } => Ok(ConversationReply::Remembered { remembered: Remembered { fields } }),
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}

/// Forgets it. The person stays signed in; what needs what was forgotten asks for it again.
pub async fn erase(room: &Rc<Room>, caller: &Caller) -> Answer<ConversationReply> {
    ask(room, caller, Act::Erase, AuditKind::RememberedErased).await?;
    Ok(ConversationReply::Done)
}

async fn ask(room: &Rc<Room>, caller: &Caller, act: Act, kind: AuditKind) -> Answer<PersonReply> {
    let (meta, state) = room.admit(caller)?;
    let person = state.person().cloned().ok_or(ErrorCode::SignedOut)?;
    let reply = person::tell(&room.env, &meta.conversation.agent()?, &person, act).await?;
    room.note(&room.store.state()?, kind, &BTreeMap::new())?;
    room.hand_over();
    Ok(reply)
}
