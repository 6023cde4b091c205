//! Model providers: each turns the neutral request into its own form and its stream into neutral events.

mod openai;

use std::collections::VecDeque;

use domain::agent::ModelChoice;
use domain::model::{ModelError, ModelEvent, ModelRequest, rehearsal};
use worker::{Delay, Env};

use crate::failure::{Answer, Failure};

/// How long the rehearsal model pauses between two pieces, so that its streaming is a real one, milliseconds.
const PAUSE_MS: u64 = 12;

/// An answer as it streams.
pub enum Stream {
    /// The deterministic stand-in.
    Rehearsal(VecDeque<ModelEvent>),
    /// An OpenAI-compatible API.
    OpenAi(openai::OpenAi),
}

impl Stream {
    /// Asks the chosen model.
    pub async fn open(env: &Env, choice: &ModelChoice, request: ModelRequest) -> Answer<Self> {
        match choice {
            ModelChoice::Rehearsal => Ok(Self::Rehearsal(rehearsal::answer(&request).into())),
            ModelChoice::OpenAi { base_url, model } => {
                Ok(Self::OpenAi(openai::OpenAi::open(env, base_url, model, &request).await?))
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
            Self::OpenAi(stream) => stream.next().await,
        }
    }
}

/// How a model's error is logged: what kind, never what it said.
pub fn failure(error: &ModelError) -> Failure {
    Failure::Internal(format!("model: {error:?}"))
}
