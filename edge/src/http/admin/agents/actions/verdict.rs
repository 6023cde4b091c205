//! `POST …/actions/verdict`: what expressions make of a sample answer. Nothing is sent anywhere.

use domain::action::sample;
use shared::admin::action::{MAX_VERDICT_BYTES, Sample};
use worker::Response;

use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;

/// Answers.
pub async fn answer(mut granted: Granted) -> Done<Response> {
    let given: Sample = body::read_up_to(&mut granted.ask.request, MAX_VERDICT_BYTES).await?;
    let judged = sample::judge(&given).map_err(|fault| {
        let mut words = fault.to_string().replacen("the", "The", 1);
        words.push_str(": no answer like it would be read.");
        Refused::field("/answer", words)
    })?;
    Ok(Response::from_json(&judged)?)
}
