//! The recipe from outside, in simulated time.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use rand::SeedableRng;
use rand::rngs::StdRng;
use shared::id::{AgentId, CardId, ConversationId, SessionId};

use super::code::{Code, draw};
use super::{Binding, Challenge, Destination, IssueRefused, MAX_ATTEMPTS, Outcome, Purpose, Refused, RefusedWhy};
use crate::address::EmailAddress;
use crate::time::Millis;

const PEPPER: [u8; 32] = [9; 32];
const NOW: Millis = Millis(1_795_262_400_000);
const LIFE: u64 = 5 * 60_000;

fn word(letter: char) -> String {
    letter.to_string().repeat(22)
}

fn session(letter: char) -> SessionId {
    SessionId::parse(&word(letter)).unwrap()
}

fn address(text: &str) -> Destination {
    EmailAddress::parse(text).unwrap().into()
}

fn binding() -> Binding {
    let agent = AgentId::parse("ag_a").unwrap();
    Binding {
        conversation: ConversationId::new(&agent, &word('c')).unwrap(),
        agent,
        session: session('s'),
        purpose: Purpose::Login,
        destination: address("ann@example.com"),
    }
}

fn opened() -> Challenge {
    Challenge::open(binding(), CardId::parse(&word('k')).unwrap(), "amber-otter".to_owned())
}

/// A code that differs from every other seed's, which 6 random digits need not.
fn code(seed: u64) -> Code {
    let mut rng = StdRng::seed_from_u64(seed);
    draw(&mut rng, 10)
}

fn issued(seed: u64) -> (Challenge, Code) {
    let (mut challenge, code) = (opened(), code(seed));
    challenge.issue(&PEPPER, &code, NOW, LIFE).unwrap();
    (challenge, code)
}

fn answer(challenge: &mut Challenge, typed: &str, now: Millis) -> Result<Destination, RefusedWhy> {
    let reserved = challenge.reserve(&session('s')).map_err(|refused| refused.why)?;
    match challenge.evaluate(reserved, &PEPPER, typed, now) {
        Outcome::Accepted { destination } => Ok(destination),
        Outcome::Refused(Refused { why }) => Err(why),
    }
}

#[test]
fn the_right_code_proves_the_address() {
    let (mut challenge, code) = issued(1);
    assert_eq!(answer(&mut challenge, code.expose(), NOW), Ok(address("ann@example.com")));
    assert!(challenge.is_consumed() && !challenge.is_open());
}

#[test]
fn a_code_with_spaces_and_dashes_is_accepted() {
    let (mut challenge, code) = issued(1);
    let (left, right) = code.expose().split_at(4);
    assert!(answer(&mut challenge, &format!(" {left} - {right}\n"), NOW).is_ok());
}

#[test]
fn of_two_hundred_answers_exactly_five_are_evaluated() {
    let (mut challenge, code) = issued(1);
    let mut evaluated = 0;
    for guess in 0..200 {
        match answer(&mut challenge, &format!("{guess:06}"), NOW) {
            Err(RefusedWhy::Wrong) => evaluated += 1,
            other => assert_eq!(other, Err(RefusedWhy::Locked)),
        }
    }
    assert_eq!(evaluated, 5);
    assert_eq!(answer(&mut challenge, code.expose(), NOW), Err(RefusedWhy::Locked));
}

#[test]
fn two_hundred_reservations_at_once_give_five() {
    let (mut challenge, code) = issued(1);
    let reserved: Vec<_> = (0..200).filter_map(|_| challenge.reserve(&session('s')).ok()).collect();
    assert_eq!(reserved.len(), 5);
    let mut accepted = 0;
    for reservation in reserved {
        let outcome = challenge.evaluate(reservation, &PEPPER, code.expose(), NOW);
        accepted += u32::from(matches!(outcome, Outcome::Accepted { .. }));
    }
    assert_eq!(accepted, 1, "a code cannot be used twice, not even with attempts that were reserved before");
}

#[test]
fn the_fifth_answer_may_still_be_right() {
    let (mut challenge, code) = issued(1);
    for _ in 0..4 {
        assert_eq!(answer(&mut challenge, "000000", NOW), Err(RefusedWhy::Wrong));
    }
    assert!(answer(&mut challenge, code.expose(), NOW).is_ok());
}

#[test]
fn a_code_cannot_be_used_twice() {
    let (mut challenge, code) = issued(1);
    assert!(answer(&mut challenge, code.expose(), NOW).is_ok());
    assert_eq!(answer(&mut challenge, code.expose(), NOW), Err(RefusedWhy::Used));
    assert_eq!(challenge.issue(&PEPPER, &code, NOW.plus_hours(1), LIFE), Err(IssueRefused::Spent));
}

#[test]
fn a_used_challenge_stays_used_across_storage() {
    let (mut challenge, code) = issued(1);
    assert!(answer(&mut challenge, code.expose(), NOW).is_ok());
    let mut restored: Challenge = serde_json::from_str(&serde_json::to_string(&challenge).unwrap()).unwrap();
    assert_eq!(answer(&mut restored, code.expose(), NOW), Err(RefusedWhy::Used));
}

#[test]
fn a_counted_attempt_survives_a_crash_before_its_evaluation() {
    let (mut challenge, _) = issued(1);
    for _ in 0..MAX_ATTEMPTS {
        let _lost = challenge.reserve(&session('s')).unwrap();
        challenge = serde_json::from_str(&serde_json::to_string(&challenge).unwrap()).unwrap();
    }
    assert_eq!(challenge.reserve(&session('s')).unwrap_err().why, RefusedWhy::Locked);
}

#[test]
fn sending_again_never_refills_the_attempts() {
    let mut challenge = opened();
    let mut evaluated = 0;
    let mut now = NOW;
    for round in 0..20 {
        let fresh = code(round);
        match challenge.issue(&PEPPER, &fresh, now, LIFE) {
            Ok(()) => {}
            Err(refused) => assert_eq!(refused, IssueRefused::Spent),
        }
        evaluated += u32::from(answer(&mut challenge, "000000", now) == Err(RefusedWhy::Wrong));
        now = now.plus_s(61);
    }
    assert_eq!(evaluated, 5);
}

#[test]
fn another_code_may_be_asked_for_after_a_minute() {
    let (mut challenge, _) = issued(1);
    for (after_ms, expected) in [
        (0, Err(IssueRefused::TooSoon { retry_after_s: 60 })),
        (1, Err(IssueRefused::TooSoon { retry_after_s: 60 })),
        (30_000, Err(IssueRefused::TooSoon { retry_after_s: 30 })),
        (59_999, Err(IssueRefused::TooSoon { retry_after_s: 1 })),
        (60_000, Ok(())),
    ] {
        assert_eq!(challenge.issue(&PEPPER, &code(2), NOW.plus_ms(after_ms), LIFE), expected, "{after_ms}");
    }
    assert_eq!(challenge.sends(), 2);
    challenge.send_failed();
    assert!(challenge.may_issue(NOW.plus_s(61)).is_ok(), "a mail that did not go out may be tried at once");
}

#[test]
fn two_codes_are_alive_and_a_third_kills_the_first() {
    let codes = [code(1), code(2), code(3)];
    let after = |sends: usize| {
        let mut challenge = opened();
        for (minute, code) in codes.iter().take(sends).enumerate() {
            challenge.issue(&PEPPER, code, NOW.plus_minutes(minute as u64), LIFE).unwrap();
        }
        challenge
    };
    let now = NOW.plus_minutes(2);
    for (sends, alive) in [(1, [true, false, false]), (2, [true, true, false]), (3, [false, true, true])] {
        for (code, is_alive) in codes.iter().zip(alive) {
            assert_eq!(answer(&mut after(sends), code.expose(), now).is_ok(), is_alive, "after {sends} sends");
        }
    }
}

#[test]
fn each_code_keeps_its_own_end() {
    let (mut challenge, first) = issued(1);
    challenge.issue(&PEPPER, &code(2), NOW.plus_minutes(4), LIFE).unwrap();
    assert_eq!(answer(&mut challenge, first.expose(), NOW.plus_minutes(6)), Err(RefusedWhy::Expired));
    assert!(answer(&mut challenge, code(2).expose(), NOW.plus_minutes(6)).is_ok());
}

#[test]
fn a_code_ends_at_its_last_millisecond() {
    for (at, expected) in [(LIFE - 1, true), (LIFE, false), (LIFE + 1, false)] {
        let (mut challenge, code) = issued(1);
        // A restart in between must not matter.
        challenge = serde_json::from_str(&serde_json::to_string(&challenge).unwrap()).unwrap();
        assert_eq!(answer(&mut challenge, code.expose(), NOW.plus_ms(at)).is_ok(), expected, "{at}");
    }
}

#[test]
fn no_life_is_longer_than_ten_minutes() {
    let (mut challenge, code) = (opened(), code(1));
    challenge.issue(&PEPPER, &code, NOW, u64::MAX).unwrap();
    assert_eq!(challenge.expires_at(), Some(NOW.plus_minutes(10)));
}

/// R7: a challenge issued under each of five bindings, its stored codes moved under each of the others.
#[test]
fn a_code_moved_to_another_binding_is_refused() {
    let other_agent = AgentId::parse("ag_b").unwrap();
    let original = binding();
    let bindings = [
        original.clone(),
        Binding { agent: other_agent.clone(), ..original.clone() },
        Binding { conversation: ConversationId::new(&original.agent, &word('d')).unwrap(), ..original.clone() },
        Binding { session: session('t'), ..original.clone() },
        Binding { destination: address("ben@example.com"), ..original.clone() },
    ];
    let mut accepted = 0;
    for (i, from) in bindings.iter().enumerate() {
        for (j, to) in bindings.iter().enumerate() {
            let code = code(7);
            let mut challenge = Challenge { binding: from.clone(), ..opened() };
            challenge.issue(&PEPPER, &code, NOW, LIFE).unwrap();
            let mut moved = Challenge { binding: to.clone(), ..challenge };
            let reserved = moved.reserve(&to.session).unwrap();
            let outcome = moved.evaluate(reserved, &PEPPER, code.expose(), NOW);
            let is_accepted = matches!(outcome, Outcome::Accepted { .. });
            assert!(is_accepted == (i == j), "{i} to {j}");
            accepted += u32::from(i != j && is_accepted);
        }
    }
    assert_eq!(accepted, 0);
}

#[test]
fn a_code_moved_to_another_challenge_or_pepper_is_refused() {
    let (challenge, code) = issued(1);
    let mut moved = Challenge { id: CardId::parse(&word('x')).unwrap(), ..challenge.clone() };
    assert_eq!(answer(&mut moved, code.expose(), NOW), Err(RefusedWhy::Wrong));
    let mut moved = challenge;
    let reserved = moved.reserve(&session('s')).unwrap();
    assert!(matches!(moved.evaluate(reserved, &[8; 32], code.expose(), NOW), Outcome::Refused(_)));
}

#[test]
fn another_browser_is_refused_and_counts_nothing() {
    let (mut challenge, code) = issued(1);
    for _ in 0..100 {
        assert_eq!(challenge.reserve(&session('t')).unwrap_err().why, RefusedWhy::Foreign);
    }
    assert_eq!(challenge.attempts(), 0);
    assert!(answer(&mut challenge, code.expose(), NOW).is_ok(), "a stranger cannot lock the visitor out");
}

#[test]
fn a_reservation_serves_its_own_challenge_alone() {
    let (mut one, code) = issued(1);
    let mut other = Challenge { id: CardId::parse(&word('x')).unwrap(), ..opened() };
    let reserved = other.reserve(&session('s')).unwrap();
    let _own = one.reserve(&session('s')).unwrap();
    let outcome = one.evaluate(reserved, &PEPPER, code.expose(), NOW);
    assert_eq!(outcome, Outcome::Refused(Refused { why: RefusedWhy::Foreign }));
}

#[test]
fn a_corrected_address_kills_the_codes_and_keeps_the_count() {
    let (mut challenge, code_of_ann) = issued(1);
    assert_eq!(answer(&mut challenge, "000000", NOW), Err(RefusedWhy::Wrong));
    let ben = address("ben@example.com");
    let too_soon = challenge.redirect(ben.clone(), NOW.plus_s(1));
    assert_eq!(too_soon, Err(IssueRefused::TooSoon { retry_after_s: 59 }));
    assert_eq!(challenge.digits(), Some(10), "the old code stays while no new one may be sent");

    let later = NOW.plus_s(60);
    challenge.redirect(ben.clone(), later).unwrap();
    assert_eq!(challenge.digits(), None);
    assert_eq!(answer(&mut challenge, code_of_ann.expose(), later), Err(RefusedWhy::Wrong));
    challenge.issue(&PEPPER, &code(2), later, LIFE).unwrap();
    assert_eq!(challenge.attempts(), 2);
    assert_eq!(answer(&mut challenge, code_of_ann.expose(), later), Err(RefusedWhy::Wrong));
    assert_eq!(answer(&mut challenge, code(2).expose(), later), Ok(ben));
}

#[test]
fn the_same_address_again_keeps_the_first_code() {
    let (mut challenge, code) = issued(1);
    challenge.redirect(address("Ann@Example.com"), NOW).unwrap();
    assert!(answer(&mut challenge, code.expose(), NOW).is_ok());
}

#[test]
fn no_answer_fits_a_challenge_without_codes() {
    for typed in ["", "000000", "null", "undefined", "0", " "] {
        assert_eq!(answer(&mut opened(), typed, NOW), Err(RefusedWhy::Wrong), "{typed:?}");
        assert_eq!(answer(&mut opened(), typed, Millis(0)), Err(RefusedWhy::Wrong), "{typed:?}");
    }
}

/// R8's arithmetic: what a guesser gets out of one challenge with two codes alive.
#[test]
fn a_guesser_gets_ten_chances_in_a_million_at_most() {
    assert!(f64::from(MAX_ATTEMPTS) * super::MAX_CODES as f64 / 1e6 <= 1e-5);
}

proptest! {
    #[test]
    fn no_code_is_in_a_stored_or_logged_challenge(seed in any::<u64>(), digits in 6_u8..=10) {
        let mut rng = StdRng::seed_from_u64(seed);
        // Fixed words hold no digits, times are removed: what is left that could hold the code is the tag.
        let code = draw(&mut rng, digits);
        let mut challenge = opened();
        challenge.issue(&PEPPER, &code, NOW, LIFE).unwrap();
        let stored = serde_json::to_string(&challenge).unwrap();
        let without_times = stored.replace("1795262400000", "").replace("1795262700000", "");
        prop_assert!(!without_times.contains(code.expose()));
        let logged = format!("{challenge:?}");
        prop_assert!(!logged.contains("ann@") && !logged.contains(&challenge.codes[0].mac.text()));
    }

    /// Any order of sends, answers and waiting: five evaluations at most, two codes at most, one acceptance at most.
    #[test]
    fn no_order_of_events_breaks_a_bound(steps in proptest::collection::vec((0_u8..5, 0_u64..200_000), 0..60)) {
        let (mut challenge, mut now, mut seed) = (opened(), NOW, 0);
        let (mut reserved, mut accepted, mut last_sent) = (0, 0, None::<Millis>);
        for (what, wait) in steps {
            now = now.plus_ms(wait);
            match what {
                0 => {
                    seed += 1;
                    if challenge.issue(&PEPPER, &code(seed), now, LIFE).is_ok() {
                        prop_assert!(last_sent.is_none_or(|last| now.since(last) >= 60_000));
                        last_sent = Some(now);
                    }
                }
                1 => {
                    let _ = challenge.redirect(address(&format!("p{}@example.com", wait % 3)), now);
                }
                2 => challenge = serde_json::from_str(&serde_json::to_string(&challenge).unwrap()).unwrap(),
                other => {
                    let typed = code(seed.saturating_sub(u64::from(other - 3)));
                    let result = answer(&mut challenge, typed.expose(), now);
                    reserved += u32::from(!matches!(result, Err(RefusedWhy::Locked | RefusedWhy::Used)));
                    accepted += u32::from(result.is_ok());
                }
            }
            prop_assert!(challenge.codes.len() <= 2);
        }
        prop_assert!(reserved <= 5 && accepted <= 1);
        prop_assert_eq!(accepted == 1, challenge.is_consumed());
    }
}
