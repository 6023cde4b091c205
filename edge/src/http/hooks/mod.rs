//! `/hooks/…`: what vendors tell us. Nothing has an effect before its signature was verified over what came (R58), and all
//! that it can say is what became of a message.

pub mod twilio;
pub mod whatsapp;

use std::collections::{BTreeMap, BTreeSet};

use shared::error::ErrorCode;
use shared::id::AgentId;

use super::Ask;
use crate::failure::Answer;
use crate::store::secrets;

/// One secret of the agent. Without it nothing can be verified: the same refusal as for a forged call.
async fn secret(ask: &Ask, agent: &AgentId, name: &str) -> Answer<String> {
    let names = BTreeSet::from([name.to_owned()]);
    let mut found: BTreeMap<_, _> = secrets::find(&ask.env, &ask.config, agent, &names, None).await?;
    found.remove(name).ok_or_else(|| ErrorCode::WrongOrigin.into())
}

/// A header, empty where it is missing.
fn header(ask: &Ask, name: &str) -> Answer<String> {
    Ok(ask.request.headers().get(name)?.unwrap_or_default())
}

/// The query's fields.
fn query(ask: &Ask) -> Answer<BTreeMap<String, String>> {
    let url = ask.request.url()?;
    Ok(url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
}
