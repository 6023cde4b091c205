//! `POST …/archive` and `…/restore`. An archived agent answers nobody: conversations that are open hear so at their next turn,
//! within the seconds for which an isolate keeps settings.

use domain::audit::AuditKind;
use shared::admin::problem::Code;
use worker::Response;

use crate::clock::now;
use crate::http::admin::{Done, Granted};
use crate::store::agents;

/// Archives the agent, or restores it. Doing it again changes nothing.
pub async fn answer(granted: &Granted, archive: bool) -> Done<Response> {
    let Granted { ask, agent, .. } = granted;
    if agents::archive(&ask.env, agent, archive.then(now)).await? {
        let kind = if archive { AuditKind::AgentArchived } else { AuditKind::AgentRestored };
        granted.note(kind, &[]).await?;
    } else if agents::stored(&ask.env, agent).await?.is_none() {
        return Err(Code::NotFound.into());
    }
    Ok(Response::empty()?.with_status(204))
}
