//! `POST /api/agents/{agent}/visit`: who am I, and what did I miss?

use domain::language::Ranges;
use domain::limits::client_key;
use domain::session::Token;
use domain::session::life::Life;
use shared::error::ErrorCode;
use shared::frame::State;
use shared::id::{AgentId, ConversationId};
use shared::visit::{Visit, Visited};
use worker::{Response, Url};

use crate::clock::now;
use crate::durable::conversation::{self, Act, ConversationReply};
use crate::durable::limiter::{Budget, take};
use crate::failure::{Answer, Failure};
use crate::http::cookie::Keeper;
use crate::http::{Ask, body, cookie, frame};
use crate::random;
use crate::store::agents;

/// How long an unidentified visitor is known again, hours.
const VISIT_HOURS: u64 = 24;

/// Answers.
pub async fn answer(mut ask: Ask, agent_id: &AgentId) -> Answer<Response> {
    let visit: Visit = body::read(&mut ask.request).await?;
    if agent_id.tested().is_some() {
        // The console's session says who asks. The chat's own token stays in the page: no cookie is left behind by a test.
        ask.keeper = Keeper::Cookie;
        crate::http::admin::grant_test(&ask, agent_id).await?;
        ask.keeper = Keeper::Frame;
    }
    let agent = agents::find(&ask.env, agent_id).await?.ok_or(ErrorCode::NotFound)?;
    if visit.bearer {
        ask.keeper = Keeper::Frame;
    }
    if let Some(holder) = cookie::held(&ask, agent_id, opens(&ask, &visit)?).await? {
        let known = visit.conversation.as_ref() == Some(&holder.conversation);
        let after = if known { visit.after } else { 0 };
        let caller = holder.caller.clone();
        let seen =
            conversation::tell(&ask.env, &holder.conversation, Act::Visit { caller, after, reads: reads(&ask)? }).await;
        match seen {
            Ok(ConversationReply::Seen { state, frames, proving }) => {
                let visited = Visited {
                    conversation: holder.conversation.clone(),
                    state,
                    label: holder.label.clone(),
                    frames,
                    now: now().rfc3339(),
                };
                let response = Response::from_json(&visited)?;
                // Another tab may be signing in right now: this older token must not come after its newer one.
                let life = Life::of(&agent.customer_auth.session);
                return if proving { Ok(response) } else { cookie::renew(&ask, response, &holder, life) };
            }
            Ok(_) => return Err(Failure::Internal("unexpected reply".to_owned())),
            // Another tab is signing in, or the conversation was taken over: the page decides when to begin anew.
            Err(failure) if failure.refusal().code == ErrorCode::SignedOut && visit.fresh => {}
            Err(failure) => return Err(failure),
        }
    }
    begin(&ask, agent_id).await
}

/// Whether the visitor opened the chat, as far as can be told (R25). A page that shows a conversation already comes back by
/// itself, and one that stands in the host page's flow was never opened. What the host page's own script opens counts.
fn opens(ask: &Ask, visit: &Visit) -> Answer<bool> {
    let page = ask.request.headers().get("referer")?.and_then(|page| Url::parse(&page).ok());
    Ok(visit.conversation.is_none() && !page.is_some_and(|page| frame::is_in_flow(&page)))
}

/// A new conversation for a new visitor.
async fn begin(ask: &Ask, agent: &AgentId) -> Answer<Response> {
    let client = client_address(ask)?;
    take(&ask.env, &ask.config.master, agent, Budget::VisitIp, &client).await?;
    let conversation = ConversationId::new(agent, &random::id22()?)?;
    let browser = random::session_id()?;
    conversation::tell(&ask.env, &conversation, Act::Open { browser: browser.clone(), reads: reads(ask)? }).await?;
    let at = now();
    let token = Token::visit(&ask.config.origin, conversation.clone(), browser, at, VISIT_HOURS * 3_600)?;
    let response = Response::from_json(&Visited {
        conversation,
        state: State::Unidentified,
        label: None,
        frames: Vec::new(),
        now: at.rfc3339(),
    })?;
    cookie::set(ask, response, &token)
}

/// The languages that the visitor's browser says they read.
pub fn reads(ask: &Ask) -> Answer<Ranges> {
    Ok(Ranges::read(&ask.request.headers().get("accept-language")?.unwrap_or_default()))
}

/// The client's address as a key for budgets: from the platform's own header and no other (R16).
pub fn client_address(ask: &Ask) -> Answer<String> {
    Ok(client_key(&ask.request.headers().get("cf-connecting-ip")?.unwrap_or_default()))
}
