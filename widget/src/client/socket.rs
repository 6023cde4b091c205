//! The conversation's WebSocket.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, WebSocket};

use super::{timer, wire};

#[wasm_bindgen]
extern "C" {
    /// A new connection; an error where the browser refuses to try.
    #[wasm_bindgen(js_namespace = cs, catch)]
    fn socket(path: &str) -> Result<WebSocket, JsValue>;
}

/// How often a sign of life is asked for, in milliseconds. Under the 30 s after which proxies forget an idle connection.
const PING_EVERY_MS: i32 = 25_000;

/// A connection that said nothing for so long is dead, whatever the browser believes: a laptop that slept.
const SILENCE_MS: f64 = 60_000.0;

/// A connection.
pub struct Connection {
    socket: WebSocket,
    closed: Promise,
    ping: i32,
}

impl Connection {
    /// Connects. `hear` gets every frame, parsed. `None` where the browser refuses to try.
    pub fn open(path: &str, hear: impl Fn(JsValue) + 'static) -> Option<Self> {
        let socket = socket(path).ok()?;
        let (closed, close) = timer::promise();
        socket.set_onclose(Some(&close));
        let heard_at = Rc::new(Cell::new(timer::now_ms()));
        let heard = Rc::clone(&heard_at);
        let on_message: Box<dyn Fn(MessageEvent)> = Box::new(move |event| {
            heard.set(timer::now_ms());
            if let Some(text) = event.data().as_string().filter(|text| text != "pong") {
                hear(wire::parse(&text));
            }
        });
        socket.set_onmessage(Some(Closure::wrap(on_message).into_js_value().unchecked_ref()));
        let pinged = socket.clone();
        let on_tick: Box<dyn Fn()> = Box::new(move || {
            if timer::now_ms() - heard_at.get() > SILENCE_MS {
                pinged.close().ok();
                close.call0(&JsValue::UNDEFINED).ok();
            } else if pinged.ready_state() == WebSocket::OPEN {
                pinged.send_with_str("ping").ok();
            }
        });
        let ping = timer::every(PING_EVERY_MS, &Closure::wrap(on_tick).into_js_value());
        Some(Self { socket, closed, ping })
    }

    /// The socket, to send on and to close.
    pub fn socket(&self) -> WebSocket {
        self.socket.clone()
    }

    /// Waits for the end and brings the close code; 0 when the connection went silent.
    pub async fn closed(self) -> u16 {
        let event = JsFuture::from(self.closed).await.unwrap_or_default();
        timer::stop(self.ping);
        self.socket.set_onmessage(None);
        wire::number(&event, "code").unwrap_or_default() as u16
    }
}
