//! Model providers: each turns the neutral request into its own form and its stream into neutral events.

mod anthropic;
mod ask;
mod openai;
mod workers_ai;

use std::collections::VecDeque;

use domain::agent::ModelChoice;
use domain::model::anthropic::Anthropic;
use domain::model::openai::OpenAi;
use domain::model::workers_ai::WorkersAi;
use domain::model::{ModelError, ModelEvent, ModelRequest, rehearsal};
use domain::time::Millis;
use worker::{Delay, Env};

use self::ask::Reply;
use crate::failure::{Answer, Failure};

/// How long the rehearsal model pauses between two pieces, so that its streaming is a real one, milliseconds.
const PAUSE_MS: u64 = 12;

/// An answer as it streams. Dropping it, or the future that opens it, ends the request at the provider.
pub enum Stream {
    /// The deterministic stand-in.
    Rehearsal(VecDeque<ModelEvent>),
    /// An OpenAI-compatible API.
    OpenAi(Reply<OpenAi>),
    /// Anthropic's Messages API.
    Anthropic(Reply<Anthropic>),
    /// Workers AI.
    WorkersAi(Reply<WorkersAi>),
}

impl Stream {
    /// Asks the chosen model with this key, where it needs one. A request that fails before anything was heard is
    /// sent again while that may help and the deadline leaves time.
    pub async fn open(
        env: &Env,
        choice: &ModelChoice,
        key: Option<&str>,
        request: ModelRequest,
        deadline: Millis,
    ) -> Answer<Self> {
        match choice {
            ModelChoice::Rehearsal => Ok(Self::Rehearsal(rehearsal::answer(&request).into())),
            ModelChoice::OpenAi { base_url, model } => {
                openai::open(base_url, model, key, &request, deadline).await.map(Self::OpenAi)
            }
            ModelChoice::Anthropic { base_url, model } => {
                anthropic::open(base_url, model, key, &request, deadline).await.map(Self::Anthropic)
            }
            ModelChoice::WorkersAi { model } => {
                workers_ai::open(env, model, &request, deadline).await.map(Self::WorkersAi)
            }
        }
    }

    /// The next events; none when the stream is over.
    pub async fn next(&mut self) -> Answer<Option<Vec<ModelEvent>>> {
        match self {
            Self::Rehearsal(events) => {
                Delay::from(std::time::Duration::from_millis(PAUSE_MS)).await;
                Ok(events.pop_front().map(|event| vec![event]))
            }
            Self::OpenAi(reply) => reply.next().await,
            Self::Anthropic(reply) => reply.next().await,
            Self::WorkersAi(reply) => reply.next().await,
        }
    }
}

/// How a model's error is logged: what kind, never what it said.
pub fn failure(error: &ModelError) -> Failure {
    let source = format!("model: {error:?}");
    match error {
        ModelError::Provider { status, .. } => Failure::Vendor { source, status: *status },
        ModelError::Malformed | ModelError::Truncated => Failure::Internal(source),
    }
}
