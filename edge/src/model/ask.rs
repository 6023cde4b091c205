//! A request to a provider over HTTP: its tries, its answer, and the end of both when nobody listens any longer.

use domain::model::reader::{Protocol, Reader};
use domain::model::{ModelError, ModelEvent, retry};
use domain::time::Millis;
use futures_util::StreamExt as _;
use wasm_bindgen::JsValue;
use worker::{
    AbortController, ByteStream, Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response, js_sys,
};

use super::failure;
use crate::clock::now;
use crate::failure::{Answer, Failure, log};
use crate::random;
use crate::within::within;

/// The longest that a provider may take to begin its answer, milliseconds.
const BEGIN_MS: u64 = 20_000;

/// The longest that the text of an error may take, milliseconds.
const REFUSAL_MS: u64 = 2_000;

/// The most bytes of an error that are read.
const REFUSAL_BYTES: usize = 16 * 1024;

/// What is sent.
pub struct Ask<'a> {
    /// Where to.
    pub url: &'a str,
    /// Beside those that every request has.
    pub headers: &'a [(&'static str, String)],
    /// The body, JSON.
    pub body: &'a str,
}

/// What came of it.
pub enum Sent {
    /// An answer has begun.
    Begun(Begun),
    /// The provider refused, and goes on refusing.
    Refused {
        /// HTTP status.
        status: u16,
        /// The beginning of what it said. Never logged: it can quote the request.
        body: String,
    },
}

/// An answer of which nothing was read.
pub struct Begun {
    response: Response,
    abort: Abort,
}

/// Ends the request when it is dropped: before the answer, or in the middle of it.
struct Abort(Option<AbortController>);

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(controller) = self.0.take() {
            controller.abort();
        }
    }
}

/// Sends it until an answer begins: again after what may pass, within the deadline, at most [`retry::TRIES`] times.
/// Nothing was heard of what is sent again.
pub async fn send(ask: &Ask<'_>, deadline: Millis) -> Answer<Sent> {
    let mut tried = 0;
    loop {
        tried += 1;
        let begun = within(deadline.since(now()).min(BEGIN_MS), begin(ask)?).await?;
        let (refused, asked_ms) = match begun {
            Ok(begun) if begun.response.status_code() == 200 => return Ok(Sent::Begun(begun)),
            Ok(mut begun) => {
                let asked_ms = asked_ms(begun.response.headers())?;
                let body = within(REFUSAL_MS, beginning(&mut begun.response)).await.unwrap_or_default();
                (Some((begun.response.status_code(), body)), asked_ms)
            }
            Err(_) => (None, None),
        };
        let status = refused.as_ref().map(|(status, _)| *status);
        let draw = draw()?;
        let Some(wait) = retry::wait_ms(status, asked_ms, tried, deadline.since(now()), draw) else {
            return match refused {
                Some((status, body)) => Ok(Sent::Refused { status, body }),
                None => Err(Failure::Internal("model: not reached".to_owned())),
            };
        };
        let why = status.map_or_else(|| "not reached".to_owned(), |status| status.to_string());
        log("model_again", "", &format!("{why}, try {tried}, again in {wait} ms"));
        Delay::from(std::time::Duration::from_millis(wait)).await;
    }
}

/// One try. What is wrong with the request itself fails at once.
fn begin(ask: &Ask<'_>) -> Answer<impl Future<Output = worker::Result<Begun>>> {
    // The key travels with the request: never in the clear, except to a player on this machine.
    if !cfg!(feature = "dev") && !ask.url.starts_with("https://") {
        return Err(Failure::Internal("the model's address is not https".to_owned()));
    }
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("user-agent", crate::USER_AGENT)?;
    headers.set("accept", "text/event-stream")?;
    for (name, value) in ask.headers {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(Some(JsValue::from_str(ask.body)));
    let request = Request::new_with_init(ask.url, &init)?;
    Ok(async move {
        let controller = AbortController::default();
        let signal = controller.signal();
        let abort = Abort(Some(controller));
        let response = Fetch::Request(request).send_with_signal(&signal).await?;
        Ok(Begun { response, abort })
    })
}

/// How long the provider asks to wait, milliseconds: `Retry-After` as seconds or as a date, or `OpenAI`'s finer one.
fn asked_ms(headers: &Headers) -> Answer<Option<u64>> {
    if let Some(ms) = headers.get("retry-after-ms")?.and_then(|text| text.trim().parse().ok()) {
        return Ok(Some(ms));
    }
    let Some(text) = headers.get("retry-after")? else { return Ok(None) };
    Ok(retry::seconds_ms(&text).or_else(|| {
        let date = js_sys::Date::parse(&text);
        date.is_finite().then(|| Millis(date.max(0.0) as u64).since(now()))
    }))
}

async fn beginning(response: &mut Response) -> String {
    let mut bytes = Vec::new();
    let Ok(mut stream) = response.stream() else { return String::new() };
    while let Some(Ok(more)) = stream.next().await {
        bytes.extend_from_slice(&more);
        if bytes.len() >= REFUSAL_BYTES {
            break;
        }
    }
    bytes.truncate(REFUSAL_BYTES);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A random number for the domain.
pub fn draw() -> Answer<u64> {
    Ok(u64::from_le_bytes(random::bytes()?))
}

/// An answer as it arrives. Dropping it ends the request.
pub struct Reply<P> {
    /// Dropped before the request is ended. None once it is over.
    bytes: Option<ByteStream>,
    reader: Reader<P>,
    over: bool,
    _abort: Option<Abort>,
}

impl<P: Protocol> Reply<P> {
    /// Reads an answer that has begun.
    pub fn of_http(mut begun: Begun) -> Answer<Self> {
        let content_type = begun.response.headers().get("content-type")?;
        let reader = Reader::of_type(content_type.as_deref(), draw()?);
        Ok(Self { bytes: Some(begun.response.stream()?), reader, over: false, _abort: Some(begun.abort) })
    }

    /// Reads a stream that is not of HTTP.
    pub fn of_stream(bytes: ByteStream) -> Answer<Self> {
        Ok(Self { bytes: Some(bytes), reader: Reader::new(draw()?), over: false, _abort: None })
    }

    /// Reads an answer that is there as a whole: JSON.
    pub fn of_whole(json: &str) -> Answer<Self> {
        let mut reader = Reader::of_type(Some("application/json"), draw()?);
        // It says nothing before its end.
        reader.push(json.as_bytes()).map_err(|error| failure(&error))?;
        Ok(Self { bytes: None, reader, over: false, _abort: None })
    }

    /// The next events; none when the stream is over.
    pub async fn next(&mut self) -> Answer<Option<Vec<ModelEvent>>> {
        if self.over {
            return Ok(None);
        }
        let piece = match &mut self.bytes {
            Some(bytes) => bytes.next().await,
            None => None,
        };
        let events = if let Some(Ok(piece)) = piece {
            self.reader.push(&piece)
        } else {
            // Broken off or ended: the reader knows whether all was said.
            self.over = true;
            self.reader.finish()
        };
        events.map(Some).map_err(|error| failure(&error))
    }
}

/// The failure of a request that was refused.
pub fn refused(status: u16, body: &str) -> Failure {
    failure(&ModelError::of_answer(status, body))
}
