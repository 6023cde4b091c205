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
/// Before the first attempt of the alarm at least, milliseconds.
const FIRST_WAIT_MS: u64 = 1_000;
/// Between two refreshes that brought a token, milliseconds, unless the API refused the token.
const LEAST_BETWEEN_MS: u64 = 60_000;
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

/// Whether a token that was refreshed at `refreshed_at` may be refreshed again without an API having refused it: once a
/// minute at most, however soon it ends.
pub fn may_again(refreshed_at: Option<Millis>, now: Millis) -> bool {
    refreshed_at.is_none_or(|at| now >= again_at(at))
}

/// From when on a token that was refreshed then may be refreshed again; see [`may_again`].
pub fn again_at(refreshed_at: Millis) -> Millis {
    refreshed_at.plus_ms(LEAST_BETWEEN_MS)
}

/// How long the alarm waits at least when this many attempts in a row came to nothing, milliseconds: a second at first,
/// then ten seconds, doubled each time, an hour at most.
pub fn wait_ms(failed: u32) -> u64 {
    let Some(doubled) = failed.checked_sub(1) else { return FIRST_WAIT_MS };
    LEAST_WAIT_MS.saturating_mul(1 << doubled.min(16)).min(MOST_WAIT_MS)
}

/// Whether the key of an attempt that began at `started_at` may be used again.
pub fn key_serves(started_at: Millis, now: Millis) -> bool {
    now.since(started_at) < KEY_LIFE_MS
}

/// Whether the action replaces one of these fields: no call is made for what it does not change.
pub fn replaces<'a>(action: &Action, mut fields: impl Iterator<Item = &'a String>) -> bool {
    let Kind::Refresh { remembers } = &action.kind else { return false };
    fields.any(|field| FIELDS.contains(&field.as_str()) && remembers.iter().any(|mapped| mapped.name == *field))
}

/// The fields that a refresh may replace, whatever its settings say, and that are dropped when no new token is to be had,
/// so that the next action that needs one asks for a login instead of failing for ever.
pub const FIELDS: [&str; 3] = [TOKEN, REFRESH_TOKEN, EXPIRED_AT];

/// What came of an attempt.
#[derive(Clone, PartialEq)]
pub enum Came {
    /// These fields, some of [`FIELDS`], take the place of the old ones. The old end goes, with or without a new one: it is
    /// the old token's.
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

/// Judges the answer of a refresh action. Only a condition that holds and a token that is there replace anything. An end
/// that is over, or as good as, is none: the next refusal by the API refreshes again, not the clock.
pub fn came(action: &Action, read: &Read, now: Millis) -> Came {
    let Kind::Refresh { remembers } = &action.kind else { return Came::Refused };
    let is_busy = matches!(read.status, 408 | 409 | 425 | 429 | 500..);
    if is_busy || !read.json {
        return Came::Nothing;
    }
    if !judge(action, read, &[]).succeeded {
        // A redirect says nothing of the token; 2xx and 4xx whose condition does not hold are the API's no.
        return if matches!(read.status, 200..=299 | 400..=499) { Came::Refused } else { Came::Nothing };
    }
    let (mut fields, _) = remember(remembers, read, &[]);
    fields.retain(|name, _| FIELDS.contains(&name.as_str()));
    if fields.get(EXPIRED_AT).and_then(expires_at).is_none_or(|end| is_over(end, now)) {
        fields.remove(EXPIRED_AT);
    }
    let has_token = fields.get(TOKEN).and_then(Value::as_str).is_some_and(|token| !token.trim().is_empty());
    if has_token { Came::Replaced(fields) } else { Came::Nothing }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};
    use serde_json::{Value, json};

    use super::{
        Action, Came, Context, Kind, Millis, Read, again_at, came, due_at, ends_at, is_over, key_serves, may_again,
        replaces, wait_ms,
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
            came(&action(""), &read(200, json!({"token": "new", "expired_at": 1_795_266_000})), NOW)
        else {
            panic!("not replaced")
        };
        assert_eq!(fields.get("token"), Some(&json!("new")));
    }

    #[test]
    fn an_answer_without_a_token_replaces_nothing() {
        for response in [json!({}), json!({"token": ""}), json!({"token": null}), json!({"token": {"a": 1}}), json!([])]
        {
            assert_eq!(came(&action(""), &read(200, response.clone()), NOW), Came::Nothing, "{response}");
        }
    }

    #[test]
    fn the_apis_no_is_told_from_an_api_that_is_busy() {
        for status in [400, 401, 403, 404, 410, 422] {
            assert_eq!(
                came(&action(""), &read(status, json!({"error": "invalid_grant"})), NOW),
                Came::Refused,
                "{status}"
            );
        }
        for status in [301, 302, 408, 409, 425, 429, 500, 502, 503, 504, 599] {
            assert_eq!(came(&action(""), &read(status, json!({"token": "new"})), NOW), Came::Nothing, "{status}");
        }
        assert_eq!(came(&action("response.ok == true"), &read(200, json!({"ok": false})), NOW), Came::Refused);
        let page = Read { status: 200, response: Value::Null, json: false };
        assert_eq!(came(&action(""), &page, NOW), Came::Nothing);
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
        assert_eq!(waits, [1, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]);
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
    fn an_end_that_is_no_later_one_is_none() {
        for end in [json!(null), json!(3_600), json!(1_795_262_400), json!(1_795_262_430), json!("soon"), json!(0)] {
            let answer = read(200, json!({"token": "new", "expired_at": end}));
            let Came::Replaced(fields) = came(&action(""), &answer, NOW) else { panic!("not replaced") };
            assert_eq!(fields.keys().collect::<Vec<_>>(), ["token"], "{end}");
        }
        let answer = read(200, json!({"token": "new", "expired_at": 1_795_262_431}));
        let Came::Replaced(fields) = came(&action(""), &answer, NOW) else { panic!("not replaced") };
        assert_eq!(fields.get("expired_at"), Some(&json!(1_795_262_431)));
    }

    #[test]
    fn a_refresh_replaces_the_token_and_never_who_somebody_is() {
        let mut action = action("");
        let mapped = ["user_id", "roles", "email"].map(|name| json!({"name": name, "from": "response.x"}));
        let Kind::Refresh { remembers } = &mut action.kind else { panic!("no refresh") };
        remembers.extend(mapped.map(|mapped| serde_json::from_value(mapped).unwrap()));
        let Came::Replaced(fields) = came(&action, &read(200, json!({"token": "new", "x": "9"})), NOW) else {
            panic!("not replaced")
        };
        assert_eq!(fields.keys().collect::<Vec<_>>(), ["token"]);
        assert!(!replaces(&action, ["user_id".to_owned()].iter()));
    }

    #[test]
    fn a_token_that_ends_at_once_is_refreshed_once_a_minute_at_most() {
        assert!(may_again(None, NOW) && may_again(Some(NOW), NOW.plus_s(60)));
        assert!(!may_again(Some(NOW), NOW.plus_ms(59_999)) && !may_again(Some(NOW), Millis(NOW.0 - 1)));
        assert_eq!(again_at(NOW), NOW.plus_s(60));
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
