//! The client of the admin API, typed by `shared`. The only place that fetches.

pub mod read;

use std::cell::RefCell;

use gloo_net::http::{Method, RequestBuilder, Response};
use leptos::prelude::Callable;
use leptos::prelude::Callback;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::admin::problem::{Code, FieldError, Problem};
use shared::admin::route::{AdminRoute, OfAgent, Verb};
use shared::id::AgentId;
use shared::route::CSRF_HEADER;
use wasm_bindgen::JsValue;

/// What was asked for, or why not.
pub type Asked<T> = Result<T, Problem>;

thread_local! {
    static SIGNED_OUT: RefCell<Option<Callback<()>>> = const { RefCell::new(None) };
}

/// Whom to tell when an answer says that nobody is signed in any more.
pub fn when_signed_out(tell: Callback<()>) {
    SIGNED_OUT.with(|slot| *slot.borrow_mut() = Some(tell));
}

/// The address of something of an agent.
pub fn of(agent: &AgentId, what: OfAgent) -> AdminRoute {
    AdminRoute::Of(agent.clone(), what)
}

/// Reads.
pub async fn get<T: DeserializeOwned>(route: &AdminRoute) -> Asked<T> {
    answer(request(Verb::Get, route, &[]).build()).await
}

/// Reads with a query; empty values are left out.
pub async fn get_with<T: DeserializeOwned>(route: &AdminRoute, query: &[(&str, String)]) -> Asked<T> {
    answer(request(Verb::Get, route, query).build()).await
}

/// Makes, or does. `()` as an answer is for 204.
pub async fn post<T: DeserializeOwned>(route: &AdminRoute, body: &impl Serialize) -> Asked<T> {
    answer(request(Verb::Post, route, &[]).json(body)).await
}

/// Sets as a whole.
pub async fn put<T: DeserializeOwned>(route: &AdminRoute, body: &impl Serialize) -> Asked<T> {
    answer(request(Verb::Put, route, &[]).json(body)).await
}

/// Changes in part.
pub async fn patch<T: DeserializeOwned>(route: &AdminRoute, body: &impl Serialize) -> Asked<T> {
    answer(request(Verb::Patch, route, &[]).json(body)).await
}

/// Changes a version in part: [`Code::Changed`] where it is not the newest any more.
pub async fn patch_version<T: DeserializeOwned>(route: &AdminRoute, version: u64, body: &impl Serialize) -> Asked<T> {
    let tag = format!("\"{version}\"");
    answer(request(Verb::Patch, route, &[]).header("if-match", &tag).json(body)).await
}

/// Removes.
pub async fn delete<T: DeserializeOwned>(route: &AdminRoute) -> Asked<T> {
    answer(request(Verb::Delete, route, &[]).build()).await
}

/// Sends bytes as they are: a `Blob`, an `ArrayBuffer` or a text.
pub async fn send_raw<T: DeserializeOwned>(
    verb: Verb,
    route: &AdminRoute,
    headers: &[(&str, String)],
    body: JsValue,
) -> Asked<T> {
    let mut request = request(verb, route, &[]);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    answer(request.body(body)).await
}

/// Signs out of the console at this browser: the conversation that holds the session is asked for, then closed.
pub async fn sign_out() -> Asked<()> {
    #[derive(serde::Deserialize)]
    struct Visited {
        conversation: String,
    }
    let console = shared::admin::CONSOLE_AGENT;
    let ask = |address: String| prepared(RequestBuilder::new(&address).method(Method::POST), Verb::Post);
    let visited: Visited = answer(ask(format!("/api/agents/{console}/visit")).json(&serde_json::json!({}))).await?;
    let address = format!("/api/conversations/{}/logout", visited.conversation);
    let left = answer::<serde_json::Value>(ask(address).json(&serde_json::json!({ "everywhere": false }))).await;
    left.map(drop)
}

fn request(verb: Verb, route: &AdminRoute, query: &[(&str, String)]) -> RequestBuilder {
    let method = match verb {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Patch => Method::PATCH,
        Verb::Delete => Method::DELETE,
    };
    let query = query.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (*name, value.as_str()));
    prepared(RequestBuilder::new(&route.path()).method(method).query(query), verb)
}

fn prepared(request: RequestBuilder, verb: Verb) -> RequestBuilder {
    let request = request.header("accept", "application/json");
    if verb == Verb::Get { request } else { request.header(CSRF_HEADER, "1") }
}

async fn answer<T: DeserializeOwned>(request: Result<gloo_net::http::Request, gloo_net::Error>) -> Asked<T> {
    let text = answered(request).await?;
    read::text(&text).map_err(|_| local("The edge answered something that this page does not know. Reload the page."))
}

async fn answered(request: Result<gloo_net::http::Request, gloo_net::Error>) -> Asked<String> {
    let request = request.map_err(|error| local(&error.to_string()))?;
    let response = request
        .send()
        .await
        .map_err(|_| local("The edge could not be reached. Look whether you are online, then try again."))?;
    let text = response.text().await.unwrap_or_default();
    if !response.ok() {
        let problem = refused(&response, &text);
        if problem.code == Code::SignedOut {
            let tell = SIGNED_OUT.with(|slot| *slot.borrow());
            if let Some(tell) = tell {
                tell.run(());
            }
        }
        return Err(problem);
    }
    Ok(if text.is_empty() { "null".to_owned() } else { text })
}

fn refused(response: &Response, text: &str) -> Problem {
    read::text(text).unwrap_or_else(|_| {
        let mut problem = local("The edge could not answer that. Try again in a moment.");
        problem.status = response.status();
        if problem.status == 401 {
            problem.code = Code::SignedOut;
        }
        problem
    })
}

/// A problem that the edge did not name.
pub fn local(words: &str) -> Problem {
    Problem {
        code: Code::Unavailable,
        status: 0,
        title: words.to_owned(),
        errors: Vec::<FieldError>::new(),
        retry_after_s: None,
        request_id: String::new(),
    }
}
