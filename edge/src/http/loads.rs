//! Notes from which site a frame was loaded: what the browser says of the page around it, and nothing of whose browser it is.

use std::sync::Arc;

use domain::agent::Agent;
use domain::install;
use worker::Context;

use super::Ask;
use crate::clock::now;
use crate::failure::{Answer, log};
use crate::store::loads::{self, Load};

/// Notes it once the answer is sent.
pub fn note(ask: &Ask, context: &Context, agent: &Arc<Agent>) -> Answer<()> {
    let headers = ask.request.headers();
    // A page of the site's own asks for a frame; a program that follows links does not.
    if headers.get("sec-fetch-dest")?.as_deref() != Some("iframe") {
        return Ok(());
    }
    let referer = headers.get("referer")?.unwrap_or_default();
    let Some(origin) = install::site(&referer).filter(|origin| *origin != ask.config.origin) else { return Ok(()) };
    let load = Load { allowed: u8::from(install::allows(&agent.origins, &origin)), origin };
    if loads::is_news(&agent.id, &load, now()) {
        let (env, agent) = (ask.env.clone(), Arc::clone(agent));
        context.wait_until(async move {
            if let Err(failure) = loads::note(&env, &agent.id, &load, now()).await {
                log("load_not_noted", "", failure.source().unwrap_or_default());
            }
        });
    }
    Ok(())
}
