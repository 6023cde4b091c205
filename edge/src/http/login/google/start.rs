//! `GET /login/google/{conversation}/{flow}`: the window, on its way to Google. Changes nothing that is stored.

use domain::keys::Purpose;
use domain::oidc::attempt::Attempt;
use shared::card::Method;
use shared::id::ConversationId;
use worker::{Headers, Response};

use super::{cookies, page};
use crate::clock::now;
use crate::failure::{Answer, log};
use crate::http::{Ask, cookie};
use crate::store::agents;
use crate::{google, random};

/// Answers. Whether the flow is one that may come back is asked when it does: until then there is nothing to be had here but
/// a walk to Google.
pub async fn answer(ask: &Ask, id: &ConversationId, flow: &str) -> Answer<Response> {
    let agent = agents::find(&ask.env, &id.agent()?).await?;
    let auth = agent.as_ref().map(|agent| &agent.customer_auth);
    let is_on = auth.is_some_and(|auth| auth.enabled && auth.methods.contains(&Method::Google));
    let settings = auth.and_then(|auth| auth.google.as_ref()).filter(|_| is_on && is_window(ask));
    let Some(settings) = settings else { return page::answer(ask, agent.as_deref(), &page::Shown::Ended) };
    let provider = match google::provider(&ask.env).await {
        Ok(provider) => provider,
        Err(failure) => {
            log("google_not_reached", "", &format!("{failure:?}"));
            return page::answer(ask, agent.as_deref(), &page::Shown::Unavailable);
        }
    };
    let window = random::id22()?;
    let (conversation, flow) = (id.clone(), flow.to_owned());
    let attempt = Attempt { conversation, flow, began_s: now().secs(), window };
    let key = ask.config.master.derive(&id.agent()?, Purpose::Window);
    let to = google::authorize(&provider, &ask.config.origin, &settings.client_id, &attempt, &key)?;
    let headers = Headers::new();
    headers.set("location", &to)?;
    let response = Response::empty()?.with_status(302).with_headers(headers);
    cookie::with(response, &cookies::window(&attempt.flow, &attempt.window))
}

/// A window of its own, where the browser says what asks: no frame, image or script.
fn is_window(ask: &Ask) -> bool {
    let asks = ask.request.headers().get("sec-fetch-dest").ok().flatten();
    asks.is_none_or(|asks| asks == "document")
}
