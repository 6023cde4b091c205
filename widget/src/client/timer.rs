//! Waiting.

use js_sys::{Date, Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::dom;

/// A wait that can be ended before its time.
pub struct Wait {
    promise: Promise,
    end: Function,
}

impl Wait {
    /// A wait of so many milliseconds.
    pub fn new(ms: u32) -> Self {
        let (promise, end) = promise();
        dom::window().set_timeout_with_callback_and_timeout_and_arguments_0(&end, ms as i32).ok();
        Self { promise, end }
    }

    /// What ends it when called.
    pub fn end(&self) -> Function {
        self.end.clone()
    }

    /// Until the time has passed or the end was called.
    pub async fn over(self) {
        JsFuture::from(self.promise).await.ok();
    }
}

/// A promise and the function that keeps it.
pub fn promise() -> (Promise, Function) {
    // No `Function::default()` as a place to put it: that is `new Function()`, which the page's CSP forbids.
    let mut keep = JsValue::UNDEFINED;
    let promise = Promise::new(&mut |resolve, _| keep = resolve.into());
    (promise, keep.unchecked_into())
}

/// Now, by the visitor's clock: milliseconds since 1970.
pub fn now_ms() -> f64 {
    Date::now()
}

/// An RFC 3339 time in milliseconds since 1970; NaN for anything else.
pub fn parse_ms(time: &str) -> f64 {
    Date::parse(time)
}

/// Calls `f` every so many milliseconds; the number is for [`stop`].
pub fn every(ms: i32, f: &JsValue) -> i32 {
    dom::window().set_interval_with_callback_and_timeout_and_arguments_0(f.unchecked_ref(), ms).unwrap_or_default()
}

/// Ends what [`every`] began.
pub fn stop(number: i32) {
    dom::window().clear_interval_with_handle(number);
}
