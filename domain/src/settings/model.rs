//! What is wrong with the choice of a model and its limits.

use shared::admin::problem::FieldError;

use super::{add, between, sentence};
use crate::action::address::{self, Allowed};
use crate::agent::{Agent, ModelChoice};

/// The fewest tokens that a turn can be answered with.
const LEAST_TOKENS: u32 = 1_000;

pub(super) fn check(found: &mut Vec<FieldError>, agent: &Agent, allowed: &Allowed) {
    match &agent.model {
        ModelChoice::Rehearsal => {}
        ModelChoice::OpenAi { base_url, model } => {
            is_base(found, base_url, "/chat/completions", allowed);
            is_model(found, model);
        }
        ModelChoice::Anthropic { base_url, model } => {
            is_base(found, base_url, "/v1/messages", allowed);
            is_model(found, model);
        }
        ModelChoice::WorkersAi { model } => {
            is_model(found, model);
            if !model.starts_with('@') {
                add(
                    found,
                    "/model/model",
                    "A model of Workers AI begins with @: @cf/meta/llama-3.3-70b-instruct-fp8-fast.",
                );
            }
        }
    }
    let limits = &agent.limits;
    between(found, "/limits/turn_tokens", limits.turn_tokens, LEAST_TOKENS..=10_000_000);
    between(found, "/limits/conversation_tokens", limits.conversation_tokens, LEAST_TOKENS..=100_000_000);
    between(found, "/limits/day_tokens", limits.day_tokens, LEAST_TOKENS..=u32::MAX);
}

/// The address of an API, to which `path` is added.
fn is_base(found: &mut Vec<FieldError>, url: &str, path: &str, allowed: &Allowed) {
    if let Err(fault) = address::check(url, allowed) {
        add(found, "/model/base_url", &sentence(&fault));
    } else if url.contains('?') {
        add(found, "/model/base_url", "The address of the API has no part after ?; take it out.");
    } else if url.trim_end_matches('/').ends_with(path) {
        add(found, "/model/base_url", &format!("{path} is added to the address; leave it out."));
    }
}

fn is_model(found: &mut Vec<FieldError>, model: &str) {
    let fits = (1..=200).contains(&model.len()) && model.bytes().all(|b| b.is_ascii_graphic());
    if !fits {
        add(found, "/model/model", "Give the model's name as its provider writes it, without spaces.");
    }
}
