//! Values of the persistent context, handed out for one action of a live session.

use std::rc::Rc;

use domain::context::refresh;
use shared::id::SessionId;

use super::refresh::of;
use super::{Holder, PersonReply, Vault};
use crate::clock::now;
use crate::failure::Answer;

impl Holder {
    pub(super) async fn grant(
        self: &Rc<Self>,
        vault: &Rc<Vault>,
        session: &SessionId,
        fields: &[String],
    ) -> Answer<PersonReply> {
        let agent = self.settings(&vault.agent).await?;
        if self.session(session)?.is_none() {
            return Ok(PersonReply::Gone);
        }
        let mut kept = self.allowed(vault, &agent)?;
        let is_over = refresh::ends_at(&kept.values).is_some_and(|end| refresh::is_over(end, now()));
        // A token that ends as soon as it was given is tried all the same: the API's refusal refreshes it again.
        let is_over = is_over && refresh::may_again(self.refreshed_at()?, now());
        if is_over && of(&agent).is_some_and(|action| refresh::replaces(action, fields.iter())) {
            self.refresh(vault, kept.version).await?;
            kept = self.allowed(vault, &agent)?;
        }
        let own = self.own(vault, &agent, &self.known(vault)?.identifier).await?;
        // Asked again: the person may have signed out while the token was fetched.
        let Some(session) = self.session(session)? else { return Ok(PersonReply::Gone) };
        let standing = self.standing(vault, &agent, session, (&kept, own)).await?;
        let version = kept.version;
        let values = kept.values.into_iter().filter(|(name, _)| fields.contains(name)).collect();
        Ok(PersonReply::Granted { standing, values, version })
    }
}
