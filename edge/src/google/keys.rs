//! The provider's keys as an isolate keeps them. When they may be fetched is decided in `domain::oidc::keys` (R31).

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use domain::oidc::keys::{Cache, Key, KeySet, MAX_BYTES, Wanted};
use worker::Delay;

use super::fetch;
use crate::clock::now;
use crate::failure::log;

/// How often somebody who waits for another's fetch looks again, and how many times.
const LOOK_MS: u64 = 50;
const LOOKS: u32 = 140;

thread_local! {
    static CACHES: RefCell<HashMap<String, Cache>> = RefCell::new(HashMap::new());
}

/// The key of this kid, if the provider has one.
pub async fn find(jwks: &str, kid: &str) -> Option<Key> {
    for _ in 0..LOOKS {
        let wanted = CACHES.with_borrow_mut(|caches| caches.entry(jwks.to_owned()).or_default().ask(kid, now()));
        match wanted {
            Wanted::Key(key) => return Some(key),
            Wanted::Unknown => return None,
            // A fetch of another request cannot be awaited here, only looked at.
            Wanted::Wait => Delay::from(Duration::from_millis(LOOK_MS)).await,
            Wanted::Fetch => {
                let document = fetch::get(jwks, MAX_BYTES).await;
                if let Err(fault) = &document {
                    log("google_keys_not_fetched", "", &fault.to_string());
                }
                let keys = document.ok().and_then(|document| KeySet::parse(&document).ok());
                CACHES.with_borrow_mut(|caches| {
                    caches.entry(jwks.to_owned()).or_default().fetched(keys, now());
                });
            }
        }
    }
    None
}
