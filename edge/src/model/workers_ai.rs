//! Cloudflare's Workers AI, over the deployment's own binding.

use domain::model::workers_ai::{WorkersAi, body};
use domain::model::{ModelRequest, retry};
use domain::time::Millis;
use wasm_bindgen::{JsCast, JsValue};
use worker::js_sys::{Function, JSON, Promise, Reflect};
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Ai, ByteStream, Delay, Env, web_sys};

use super::ask::{Reply, draw};
use crate::clock::now;
use crate::config;
use crate::failure::{Answer, Failure, log};

/// The binding's code for a model without capacity at the moment, the one that passes.
const NO_CAPACITY: u32 = 3040;

/// Runs the model, again where it has no capacity at the moment.
pub async fn open(env: &Env, model: &str, request: &ModelRequest, deadline: Millis) -> Answer<Reply<WorkersAi>> {
    let ai = config::ai(env)?;
    let input = body(request).to_string();
    let mut tried = 0;
    loop {
        tried += 1;
        let code = match run(&ai, model, &input).await? {
            Ok(output) if output.is_instance_of::<web_sys::ReadableStream>() => {
                return Reply::of_stream(ByteStream::from(output.unchecked_into::<web_sys::ReadableStream>()));
            }
            // A model that does not stream.
            Ok(output) => {
                let json = JSON::stringify(&output).ok().and_then(|json| json.as_string());
                return Reply::of_whole(&json.unwrap_or_default());
            }
            Err(code) => code,
        };
        let status = if code == NO_CAPACITY { 429 } else { 400 };
        let Some(wait) = retry::wait_ms(Some(status), None, tried, deadline.since(now()), draw()?) else {
            return Err(Failure::Internal(format!("model: Workers AI said {code}")));
        };
        log("model_again", "", &format!("Workers AI said {code}, try {tried}, again in {wait} ms"));
        Delay::from(std::time::Duration::from_millis(wait)).await;
    }
}

/// `AI.run(model, input)`, or the code of its error. Called as it is: the crate's own `run` would turn the input's
/// objects into `Map`s and cannot give back either of a stream and an answer.
async fn run(ai: &Ai, model: &str, input: &str) -> Answer<Result<JsValue, u32>> {
    let ai: &JsValue = ai.as_ref();
    let wrong = |_| Failure::Internal("model: the binding AI is not Workers AI".to_owned());
    let run: Function = Reflect::get(ai, &JsValue::from_str("run")).and_then(JsCast::dyn_into).map_err(wrong)?;
    let input = JSON::parse(input).map_err(wrong)?;
    let promise: Promise =
        run.call2(ai, &JsValue::from_str(model), &input).and_then(JsCast::dyn_into).map_err(wrong)?;
    Ok(JsFuture::from(promise).await.map_err(|error| code_of(&error)))
}

/// Errors begin with their code: `3040: Capacity temporarily exceeded`. The rest can quote the request.
fn code_of(error: &JsValue) -> u32 {
    let message = Reflect::get(error, &JsValue::from_str("message")).ok().and_then(|message| message.as_string());
    let digits = message.unwrap_or_default();
    digits.split(':').next().and_then(|code| code.trim().parse().ok()).unwrap_or(0)
}
