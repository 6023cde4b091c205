//! How the Worker and the objects call each other: one JSON command, one JSON reply.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use worker::{Env, Method, Request, RequestInit, Response};

use crate::config::{Namespace, objects};
use crate::failure::{Answer, Failure, Refusal};

/// A command of an object: which namespace takes it and what it replies.
pub trait Command: Serialize {
    /// Where it goes.
    const NAMESPACE: Namespace;
    /// What comes back.
    type Reply: DeserializeOwned;
}

/// Sends a command to the object of this name.
pub async fn call<C: Command>(env: &Env, name: &str, command: &C) -> Answer<C::Reply> {
    let stub = objects(env, C::NAMESPACE)?.get_by_name(name)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(JsValue::from_str(&serde_json::to_string(command)?)));
    let mut response = stub.fetch_with_request(Request::new_with_init("https://object/", &init)?).await?;
    let text = response.text().await?;
    serde_json::from_str::<Result<C::Reply, Refusal>>(&text)
        .map_err(|_| Failure::Internal(format!("{:?} answered {}", C::NAMESPACE, response.status_code())))?
        .map_err(Failure::from)
}

/// Answers a command.
pub fn reply<R: Serialize>(answer: Answer<R>) -> worker::Result<Response> {
    match answer {
        Ok(reply) => Response::ok(serde_json::to_string(&Ok::<R, Refusal>(reply))?),
        // Words of somebody else's travel as replies, never as refusals.
        Err(Failure::Said(code, _)) => {
            Response::ok(serde_json::to_string(&Err::<(), Refusal>(Refusal { code, retry_after_s: None }))?)
        }
        Err(Failure::Client(refusal)) => Response::ok(serde_json::to_string(&Err::<(), Refusal>(refusal))?),
        Err(Failure::Internal(source) | Failure::Vendor { source, .. }) => {
            crate::failure::log("object_failed", "", &source);
            Response::error("object failed", 500)
        }
    }
}
