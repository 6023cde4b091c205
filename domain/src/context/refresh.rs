//! Token mode (K5): when a token is replaced, and what follows from the answer to the attempt.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Context;
use crate::action::answer::{Read, expires_at, judge, remember};
use crate::action::{Action, Kind};
use crate::time::Millis;

/// The field with the token.
pub const TOKEN: &str = "token";
/// The field with what a new token is asked for with.
pub const REFRESH_TOKEN: &str = "refresh_token";
/// The field with the token's end.
pub const EXPIRED_AT: &str = "expired_at";

/// How long before its end a token counts as over, milliseconds: a call takes time, and clocks differ.
const MARGIN_MS: u64 = 30_000;
/// The soonest before its end that a token is replaced, milliseconds.
const LEAST_LEAD_MS: u64 = 60_000;
/// The longest before its end that a token is replaced, milliseconds.
const MOST_LEAD_MS: u64 = 3_600_000;
/// Between two attempts of the alarm at least, milliseconds.
const LEAST_WAIT_MS: u64 = 10_000;
/// Between two attempts of the alarm at most, milliseconds.
const MOST_WAIT_MS: u64 = 3_600_000;
/// How long a key of an attempt whose outcome nobody knows is used again, milliseconds: services keep keys for a day.
const KEY_LIFE_MS: u64 = 20 * 3_600_000;

/// When the token ends, as far as the context says.
pub fn ends_at(context: &Context) -> Option<Millis> {
    context.get(TOKEN)?;
    expires_at(context.get(EXPIRED_AT)?)
}

/// Whether the token is over, or as good as.
pub fn is_over(ends_at: Millis, now: Millis) -> bool {
    ends_at <= now.plus_ms(MARGIN_MS)
}

/// When to replace a token that was stored at `stored_at` and ends at `ends_at`: a tenth of its life before its end, at
/// least a minute, at most an hour, and never before half its life.
pub fn due_at(stored_at: Millis, ends_at: Millis) -> Millis {
    let life = ends_at.since(stored_at);
    let lead = (life / 10).clamp(LEAST_LEAD_MS, MOST_LEAD_MS).min(life / 2);
    Millis(ends_at.0.saturating_sub(lead))
}

/// How long the alarm waits at least when this many attempts in a row came to nothing, milliseconds: ten seconds, doubled
/// each time, an hour at most.
pub fn wait_ms(failed: u32) -> u64 {
    LEAST_WAIT_MS.saturating_mul(1_u64.checked_shl(failed.min(16)).unwrap_or(1)).min(MOST_WAIT_MS)
}

/// Whether the key of an attempt that began at `started_at` may be used again.
pub fn key_serves(started_at: Millis, now: Millis) -> bool {
    now.since(started_at) < KEY_LIFE_MS
}

/// Whether the action replaces one of these fields: no call is made for what it does not change.
pub fn replaces<'a>(action: &Action, mut fields: impl Iterator<Item = &'a String>) -> bool {
    let Kind::Refresh { remembers } = &action.kind else { return false };
    fields.any(|field| remembers.iter().any(|mapped| mapped.name == *field))
}

/// The fields that are dropped when no new token is to be had, so that the next action that needs one asks for a login
/// instead of failing for ever.
pub fn dropped(action: Option<&Action>) -> Vec<String> {
    let mut fields = [TOKEN, REFRESH_TOKEN, EXPIRED_AT].map(str::to_owned).to_vec();
    if let Some(Action { kind: Kind::Refresh { remembers }, .. }) = action {
        fields.extend(remembers.iter().map(|mapped| mapped.name.clone()));
    }
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// What came of an attempt.
#[derive(Clone, PartialEq)]
pub enum Came {
    /// These fields take the place of the old ones.
    Replaced(BTreeMap<String, Value>),
    /// The API will not give another token for this one.
    Refused,
    /// An answer that says nothing about the token: the API was busy or broken. The next attempt is another one.
    Nothing,
}

impl core::fmt::Debug for Came {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Replaced(_) => "Replaced(…)",
            Self::Refused => "Refused",
            Self::Nothing => "Nothing",
        })
    }
}

/// Judges the answer of a refresh action. Only a condition that holds and a token that is there replace anything.
pub fn came(action: &Action, read: &Read) -> Came {
    let Kind::Refresh { remembers } = &action.kind else { return Came::Refused };
    let is_busy = matches!(read.status, 408 | 409 | 425 | 429 | 500..);
    if is_busy || !read.json {
        return Came::Nothing;
    }
    if !judge(action, read, &[]).succeeded {
        // A redirect says nothing of the token; 2xx and 4xx whose condition does not hold are the API's no.
        return if matches!(read.status, 200..=299 | 400..=499) { Came::Refused } else { Came::Nothing };
    }
    let (fields, _) = remember(remembers, read, &[]);
    let has_token = fields.get(TOKEN).and_then(Value::as_str).is_some_and(|token| !token.trim().is_empty());
    if has_token { Came::Replaced(fields) } else { Came::Nothing }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};
    use serde_json::{Value, json};

    use super::{
        Action, Came, Context, Millis, Read, came, dropped, due_at, ends_at, is_over, key_serves, replaces, wait_ms,
    };

    const NOW: Millis = Millis(1_795_262_400_000);

    fn action(success: &str) -> Action {
        serde_json::from_value(json!({
            "name": "refresh", "title": "Refresh", "method": "POST", "url": "https://api.example.com/token",
            "body": {"refresh_token": "{{context.refresh_token}}"}, "success": success,
            "kind": {"is": "refresh", "remembers": [
                {"name": "token", "from": "response.token"},
                {"name": "expired_at", "from": "response.expired_at"},
            ]},
        }))
        .unwrap()
    }

    fn read(status: u16, response: Value) -> Read {
        Read { status, response, json: true }
    }

    #[test]
    fn a_new_token_takes_the_place_of_the_old_one() {
        let Came::Replaced(fields) =
            came(&action(""), &read(200, json!({"token": "new", "expired_at": 1_795_266_000})))
        else {
            panic!("not replaced")
        };
        assert_eq!(fields.get("token"), Some(&json!("new")));
    }

    #[test]
    fn an_answer_without_a_token_replaces_nothing() {
        for response in [json!({}), json!({"token": ""}), json!({"token": null}), json!({"token": {"a": 1}}), json!([])]
        {
            assert_eq!(came(&action(""), &read(200, response.clone())), Came::Nothing, "{response}");
        }
    }

    #[test]
    fn the_apis_no_is_told_from_an_api_that_is_busy() {
        for status in [400, 401, 403, 404, 410, 422] {
            assert_eq!(came(&action(""), &read(status, json!({"error": "invalid_grant"}))), Came::Refused, "{status}");
        }
        for status in [301, 302, 408, 409, 425, 429, 500, 502, 503, 504, 599] {
            assert_eq!(came(&action(""), &read(status, json!({"token": "new"}))), Came::Nothing, "{status}");
        }
        assert_eq!(came(&action("response.ok == true"), &read(200, json!({"ok": false}))), Came::Refused);
        let page = Read { status: 200, response: Value::Null, json: false };
        assert_eq!(came(&action(""), &page), Came::Nothing);
    }

    #[test]
    fn a_token_is_replaced_a_tenth_of_its_life_before_its_end() {
        for (life_s, lead_s) in
            [(36_000, 3_600), (3_600, 360), (600, 60), (300, 60), (120, 60), (60, 30), (2, 1), (8_640_000, 3_600)]
        {
            let end = NOW.plus_s(life_s);
            assert_eq!(end.since(due_at(NOW, end)), lead_s * 1_000, "{life_s}");
        }
        assert_eq!(due_at(NOW, Millis(NOW.0 - 1)), Millis(NOW.0 - 1));
    }

    #[test]
    fn a_token_counts_as_over_half_a_minute_early() {
        assert!(!is_over(NOW.plus_s(31), NOW) && is_over(NOW.plus_s(30), NOW) && is_over(Millis(0), NOW));
    }

    #[test]
    fn waiting_doubles_up_to_an_hour() {
        let waits: Vec<_> = (0..12).map(|failed| wait_ms(failed) / 1_000).collect();
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600, 3_600]);
        assert_eq!(wait_ms(u32::MAX), 3_600_000);
    }

    #[test]
    fn a_key_is_used_again_while_services_still_know_it() {
        assert!(key_serves(NOW, NOW.plus_hours(19)) && !key_serves(NOW, NOW.plus_hours(20)));
    }

    #[test]
    fn a_token_whose_end_is_unknown_is_refreshed_by_a_401_alone() {
        let context: Context = serde_json::from_value(json!({"token": "t"})).unwrap();
        assert_eq!(ends_at(&context), None);
        let context: Context = serde_json::from_value(json!({"expired_at": 1_795_266_000})).unwrap();
        assert_eq!(ends_at(&context), None);
        let context: Context = serde_json::from_value(json!({"token": "t", "expired_at": 1_795_266_000})).unwrap();
        assert_eq!(ends_at(&context), Some(Millis(1_795_266_000_000)));
    }

    #[test]
    fn only_fields_that_it_replaces_are_worth_a_refresh() {
        let fields = ["user_id".to_owned(), "token".to_owned()];
        assert!(replaces(&action(""), fields.iter()));
        assert!(!replaces(&action(""), fields.iter().take(1)));
    }

    #[test]
    fn what_is_dropped_is_the_token_and_what_goes_with_it() {
        assert_eq!(dropped(None), ["expired_at", "refresh_token", "token"]);
        assert_eq!(dropped(Some(&action(""))), ["expired_at", "refresh_token", "token"]);
    }

    proptest! {
        #[test]
        fn a_token_is_never_replaced_after_its_end_nor_before_half_its_life(stored in 0_u64..4_000_000_000_000, life in 0_u64..100_000_000_000) {
            let (stored, end) = (Millis(stored), Millis(stored + life));
            let due = due_at(stored, end);
            prop_assert!(due <= end && due.0 >= stored.0 + life / 2);
        }
    }
}
