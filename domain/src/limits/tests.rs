//! The arithmetic of limits, in simulated time.

use proptest::prelude::{prop_assert, proptest};

use super::{
    Budget, DAY_S, EMAIL_CONVERSATION, EMAIL_GAP, EMAIL_IP, EMAIL_RECIPIENT, GUESS_IDENTITY, GUESS_SHORT, HOST_IP,
    KNOWN_GUESS_ALL, KNOWN_RECIPIENT_ALL, LOGIN_AGENT, LOGIN_IP, LOGIN_NAME, LOOKUP_AGENT, LOOKUP_CONVERSATION,
    LOOKUP_IP, MESSAGE, Meter, Millis, PASSKEY_CONVERSATION, PASSKEY_IP, PHONE_NUMBER, PHONE_PREFIX, Rule, Tally,
    TooOften, VISIT_IP, client_key, login_key,
};

const NOW: Millis = Millis(1_795_262_400_000);
const HOUR: u64 = 3_600_000;

/// How many of attempts made every `step_ms` over `span_ms` pass.
fn passed(rules: Budget, step_ms: u64, span_ms: u64) -> usize {
    let mut tally = Tally::default();
    (0..span_ms / step_ms).filter(|i| tally.take(rules, NOW.plus_ms(i * step_ms)).is_ok()).count()
}

#[test]
fn ten_thousand_requests_send_what_is_allowed() {
    assert_eq!(passed(EMAIL_RECIPIENT, 360, HOUR), 5);
    assert_eq!(passed(EMAIL_RECIPIENT, 8640, 24 * HOUR), 10);
    assert_eq!(passed(EMAIL_GAP, 6, 60_000), 1);
    assert_eq!(passed(EMAIL_IP, 360, HOUR), 20);
    assert_eq!(passed(VISIT_IP, 360, HOUR), 120);
    assert_eq!(passed(PHONE_NUMBER, 60, HOUR / 6), 3);
    assert_eq!(passed(PHONE_NUMBER, 8640, 24 * HOUR), 5);
    assert_eq!(passed(PHONE_PREFIX, 360, HOUR), 10);
    assert_eq!(passed(GUESS_IDENTITY, 8640, 24 * HOUR), 25);
    assert_eq!(passed(GUESS_SHORT, 8640, 24 * HOUR), 15);
    assert_eq!(passed(KNOWN_GUESS_ALL, 8640, 24 * HOUR), 15);
    assert_eq!(passed(KNOWN_RECIPIENT_ALL, 8640, 24 * HOUR), 5);
    assert_eq!(passed(HOST_IP, 360, HOUR), 60);
    assert_eq!(passed(LOOKUP_CONVERSATION, 90, HOUR / 4), 5);
    assert_eq!(passed(LOOKUP_IP, 360, HOUR), 20);
    assert_eq!(passed(LOOKUP_AGENT, 360, HOUR), 200);
    assert_eq!(passed(LOGIN_NAME, 90, HOUR / 4), 5);
    assert_eq!(passed(LOGIN_IP, 360, HOUR), 20);
    assert_eq!(passed(LOGIN_AGENT, 8640, 24 * HOUR), 1_000);
    assert_eq!(passed(PASSKEY_CONVERSATION, 90, HOUR / 4), 10);
    assert_eq!(passed(PASSKEY_IP, 360, HOUR), 60);
    assert_eq!(passed(EMAIL_CONVERSATION, 100, 300_000), 2);
    assert_eq!(passed(EMAIL_CONVERSATION, 360, HOUR), 2 + 11);
    assert_eq!(passed(MESSAGE, 1, 999), 10);
    assert_eq!(passed(MESSAGE, 10, 100_000), 10 + 99);
}

#[test]
fn thirty_days_of_guessing_one_identity_give_750_at_most() {
    assert!(passed(GUESS_IDENTITY, 60_000, 30 * 24 * HOUR) <= 750);
}

#[test]
fn a_refusal_says_when_and_keeps_its_word() {
    let mut tally = Tally::default();
    let mut now = NOW;
    let mut gap = Tally::default();
    gap.take(EMAIL_GAP, now).unwrap();
    assert_eq!(gap.take(EMAIL_GAP, now.plus_ms(1)), Err(TooOften { retry_after_s: 60 }));
    assert_eq!(gap.take(EMAIL_GAP, now.plus_ms(59_999)), Err(TooOften { retry_after_s: 1 }));
    tally.take(EMAIL_RECIPIENT, now).unwrap();
    for _ in 0..4 {
        now = now.plus_s(60);
        tally.take(EMAIL_RECIPIENT, now).unwrap();
    }
    let Err(TooOften { retry_after_s }) = tally.take(EMAIL_RECIPIENT, now.plus_s(60)) else { panic!() };
    assert_eq!(retry_after_s, 3600 - 5 * 60);
    assert!(tally.check(EMAIL_RECIPIENT, now.plus_s(60 + u64::from(retry_after_s))).is_ok());
    assert!(tally.check(EMAIL_RECIPIENT, now.plus_s(59 + u64::from(retry_after_s))).is_err());
}

#[test]
fn what_is_given_back_may_be_taken_again_and_no_more() {
    for rules in [EMAIL_GAP, EMAIL_CONVERSATION] {
        let mut tally = Tally::default();
        while tally.take(rules, NOW).is_ok() {}
        tally.give_back(rules);
        assert!(tally.take(rules, NOW).is_ok());
        assert!(tally.take(rules, NOW).is_err());
    }
}

#[test]
fn a_user_name_has_one_budget_however_it_is_spelled_and_one_for_each_action() {
    let key = login_key("login", "Ann");
    for name in [
        "ann",
        " ANN ",
        "\u{ff21}nn",
        "Ann\t",
        "A n n",
        "a\u{A0}nn",
        "an\u{200B}n",
        "an\u{200D}n",
        "a\u{AD}nn",
        "\u{FEFF}ann",
        "\u{202E}ann",
        "\u{E1}nn",
        "a\u{301}nn",
        "an\u{34F}n",
        "an\u{3164}n",
        "ann\u{E0100}",
        "an\u{FE0F}n",
        "a\u{61C}nn",
        "ann\n",
    ] {
        assert_eq!(login_key("login", name), key, "{name:?}");
    }
    assert_eq!(login_key("login", "Straße"), login_key("login", "STRASSE"));
    assert_eq!(login_key("login", "\u{130}lk"), login_key("login", "ilk"));
    for (action, name) in [("login", "ben"), ("other", "ann"), ("login", ""), ("loginann", "")] {
        assert_ne!(login_key(action, name), key);
    }
}

#[test]
fn a_day_gives_its_budget_and_no_more() {
    let mut meter = Meter::default();
    let midnight = Millis(NOW.0 - NOW.0 % (DAY_S * 1_000));
    let noon = midnight.plus_hours(12);
    assert!(meter.spend(600, 1_000, noon).is_ok());
    assert_eq!(meter.spend(401, 1_000, noon), Err(TooOften { retry_after_s: 12 * 3_600 }));
    assert!(meter.spend(400, 1_000, noon).is_ok());
    assert_eq!(meter.used(noon), 1_000);
    assert!(meter.spend(1, 1_000, midnight.plus_hours(24).plus_s(0)).is_ok());
    assert_eq!(meter.used(midnight.plus_hours(24)), 1);
    assert!(meter.spend(1_001, 1_000, midnight.plus_hours(48)).is_err());
    assert!(Meter::default().spend(1, 0, noon).is_err());
}

#[test]
fn an_estimate_is_corrected_on_its_own_day_alone() {
    let mut meter = Meter::default();
    meter.spend(500, 1_000, NOW).unwrap();
    meter.adjust(500, 120, NOW);
    assert_eq!(meter.used(NOW), 120);
    meter.adjust(100, 2_000, NOW);
    assert_eq!(meter.used(NOW), 2_020);
    assert!(meter.spend(1, 1_000, NOW).is_err());
    let tomorrow = NOW.plus_hours(24);
    meter.spend(10, 1_000, tomorrow).unwrap();
    meter.adjust(500, 900, NOW);
    assert_eq!(meter.used(tomorrow), 10);
    meter.adjust(50, 0, tomorrow);
    assert_eq!(meter.used(tomorrow), 0);
}

#[test]
fn a_clock_that_steps_back_a_day_gives_no_new_budget() {
    let mut meter = Meter::default();
    meter.spend(1_000, 1_000, NOW).unwrap();
    assert!(meter.spend(1, 1_000, Millis(NOW.0 - DAY_S * 1_000)).is_err());
}

#[test]
fn a_bucket_refills_one_at_a_time() {
    let mut tally = Tally::default();
    assert!(tally.take(EMAIL_CONVERSATION, NOW).is_ok());
    assert!(tally.take(EMAIL_CONVERSATION, NOW).is_ok());
    assert_eq!(tally.take(EMAIL_CONVERSATION, NOW), Err(TooOften { retry_after_s: 300 }));
    assert_eq!(tally.take(EMAIL_CONVERSATION, NOW.plus_ms(299_999)), Err(TooOften { retry_after_s: 1 }));
    assert!(tally.take(EMAIL_CONVERSATION, NOW.plus_s(300)).is_ok());
    assert_eq!(tally.take(EMAIL_CONVERSATION, NOW.plus_s(300)), Err(TooOften { retry_after_s: 300 }));
    assert_eq!(tally.forgotten_at(EMAIL_CONVERSATION), NOW.plus_s(900));
}

#[test]
fn a_window_slides_and_has_no_edge_to_double_at() {
    let rules = &[Rule::per_s(2, 10)];
    let mut tally = Tally::default();
    for (second, is_allowed) in [(9, true), (9, true), (11, false), (18, false), (19, true), (19, true), (28, false)] {
        assert_eq!(tally.take(rules, NOW.plus_s(second)).is_ok(), is_allowed, "{second}");
    }
}

#[test]
fn nothing_is_allowed_by_a_limit_of_zero() {
    assert_eq!(Tally::default().take(&[Rule::per_s(0, 10)], NOW), Err(TooOften { retry_after_s: 10 }));
    assert!(Tally::default().take(&[Rule::Bucket { burst: 0, every_ms: 1000 }], NOW).is_err());
    assert!(Tally::default().take(&[], NOW).is_ok());
}

#[test]
fn a_clock_that_steps_back_frees_nothing() {
    let mut tally = Tally::default();
    for second in [100, 50, 0] {
        let _ = tally.take(&[Rule::per_s(3, 1000)], NOW.plus_s(second));
    }
    assert!(tally.take(&[Rule::per_s(3, 1000)], NOW).is_err());
    assert_eq!(tally.forgotten_at(&[Rule::per_s(3, 1000)]), NOW.plus_s(1100));
}

#[test]
fn a_tally_stays_small_and_survives_storage() {
    let mut tally = Tally::default();
    for i in 0..1000 {
        let _ = tally.take(EMAIL_IP, NOW.plus_s(i * 300));
    }
    assert!(tally.times.len() <= 20);
    let stored = serde_json::to_string(&tally).unwrap();
    assert_eq!(serde_json::from_str::<Tally>(&stored).unwrap(), tally);
    assert_eq!(tally.forgotten_at(EMAIL_IP), NOW.plus_s(999 * 300 + 3600));
}

#[test]
fn a_client_address_has_one_key() {
    for (ip, key) in [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:cb00:7109", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8::1", "2001:db8::/64"),
        ("::1", "::/64"),
    ] {
        assert_eq!(client_key(ip), key);
    }
    for ip in
        ["", "unknown", "1.2.3", "1.2.3.4.5", "010.1.1.1", "1.2.3.4, 5.6.7.8", "[::1]", "fe80::1%eth0", "1.2.3.4:80"]
    {
        assert_eq!(client_key(ip), "unknown", "{ip:?}");
    }
}

proptest! {
    /// Against the definition: however the attempts come, no period holds more than the limit.
    #[test]
    fn no_window_ever_holds_more_than_its_limit(gaps in proptest::collection::vec(0_u64..4_000, 0..200)) {
        let rules = &[Rule::per_s(3, 10), Rule::min_gap_ms(700), Rule::Bucket { burst: 2, every_ms: 2_000 }];
        let (mut tally, mut now, mut taken) = (Tally::default(), NOW, Vec::new());
        for gap in gaps {
            now = now.plus_ms(gap);
            if tally.take(rules, now).is_ok() {
                taken.push(now.0);
            }
        }
        prop_assert!(taken.windows(4).all(|w| w[3] - w[0] >= 10_000));
        prop_assert!(taken.windows(2).all(|w| w[1] - w[0] >= 700));
        for (i, start) in taken.iter().enumerate() {
            for (j, end) in taken.iter().enumerate().skip(i) {
                prop_assert!((j - i + 1) as u64 <= 2 + (end - start) / 2_000);
            }
        }
    }
}
