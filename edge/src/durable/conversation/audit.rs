//! Entries for the ledger: stored with the change they tell of, handed over afterwards, each until it has arrived.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::audit::{AuditKind, Entry};
use domain::conversation::Conversation;

use super::room::Room;
use crate::clock::now;
use crate::durable::ledger::{LedgerCommand, tell};
use crate::failure::{Answer, log};

impl Room {
    /// Stores an entry; [`Room::hand_over`] brings it to the ledger.
    pub fn note(&self, state: &Conversation, kind: AuditKind, detail: &BTreeMap<String, String>) -> Answer<()> {
        self.note_once(crate::random::id22()?, state, kind, detail)
    }

    /// As [`Room::note`], for what more than one conversation may tell of: the ledger takes an id once.
    pub fn note_once(
        &self,
        id: String,
        state: &Conversation,
        kind: AuditKind,
        detail: &BTreeMap<String, String>,
    ) -> Answer<()> {
        let Some(meta) = self.store.meta()? else { return Ok(()) };
        self.store.note(&Entry {
            id,
            at: now(),
            kind,
            conversation: Some(meta.conversation),
            person: state.person().cloned(),
            detail: detail.clone(),
        })
    }

    /// Brings what waits to the ledger, in the background.
    pub fn hand_over(self: &Rc<Self>) {
        let room = Rc::clone(self);
        self.state.wait_until(async move {
            if let Err(failure) = room.hand_over_now().await {
                log("ledger_waits", "", &format!("{failure:?}"));
                let _ = room.state.storage().set_alarm(30_000).await;
            }
        });
    }

    /// Brings what waits to the ledger.
    pub async fn hand_over_now(&self) -> Answer<()> {
        let (Some(meta), entries) = (self.store.meta()?, self.store.noted()?) else { return Ok(()) };
        if entries.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = entries.iter().map(|entry| entry.id.clone()).collect();
        tell(&self.env, &meta.conversation.agent()?, &LedgerCommand::Append { entries }).await?;
        ids.iter().try_for_each(|id| self.store.forget_note(id))
    }
}

/// One detail.
pub fn detail(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}
