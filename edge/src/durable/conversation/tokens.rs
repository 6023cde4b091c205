//! What the model may use: counted before it is asked, put right when it has answered (R59).

use domain::agent::Agent;
use domain::conversation::Conversation;
use domain::model::ModelRequest;
use shared::error::ErrorCode;

use super::room::Room;
use crate::config::Config;
use crate::durable::limiter;
use crate::failure::{Answer, Failure, log};
use crate::within::within;

/// How long putting the day's count right may take, milliseconds.
const ADJUST_MS: u64 = 2_000;

/// What was set aside for an answer.
pub struct Spent {
    /// The request's share, estimated.
    pub request: u64,
    /// All of it: the request and the longest answer.
    all: limiter::Spent,
}

/// Tokens of a text of this many bytes, estimated.
pub fn tokens_of(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}

impl Room {
    /// Sets aside what an answer may take; none when the turn, the conversation or the agent's day has used what it may.
    pub async fn spend(
        &self,
        config: &Config,
        agent: &Agent,
        state: &Conversation,
        request: &ModelRequest,
    ) -> Answer<Option<Spent>> {
        if state.tokens.used_up(&agent.limits) {
            return Ok(None);
        }
        let asked = tokens_of(size(request));
        let all = u32::try_from(asked.saturating_add(u64::from(request.max_tokens))).unwrap_or(u32::MAX);
        match limiter::spend(&self.env, &config.master, &agent.id, all, agent.limits.day_tokens).await {
            Ok(all) => Ok(Some(Spent { request: asked, all })),
            Err(Failure::Client(refusal)) if refusal.code == ErrorCode::TooOften => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Puts the day's count right.
    pub async fn settle_up(&self, config: &Config, agent: &Agent, spent: &Spent, counted: u64) {
        let counted = u32::try_from(counted).unwrap_or(u32::MAX);
        let adjusted = limiter::adjust(&self.env, &config.master, &agent.id, spent.all, counted);
        if !matches!(within(ADJUST_MS, adjusted).await, Ok(Ok(()))) {
            log("tokens_not_adjusted", "", agent.id.as_str());
        }
    }
}

/// Bytes of what the model reads, near enough.
fn size(request: &ModelRequest) -> usize {
    let messages: usize = request.messages.iter().map(|message| format!("{message:?}").len()).sum();
    let data: usize = request.data.iter().map(|set| format!("{set:?}").len()).sum();
    let tools: usize =
        request.tools.iter().map(|tool| tool.description.len() + tool.parameters.to_string().len()).sum();
    request.system.len() + request.knowledge.len() + messages + data + tools
}
