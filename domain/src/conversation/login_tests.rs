//! Codes that travel by one channel and then by another.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use shared::card::{CardStep, Channel, CodeStep, Delivery, Method};
use shared::id::{CardId, ConversationId};

use super::login::Start;
use super::tests::{agent, session};
use super::{Conversation, Identity};
use crate::address::EmailAddress;
use crate::challenge::code::{self, Code};
use crate::challenge::{Challenge, Destination, Outcome};
use crate::phone::PhoneNumber;
use crate::time::Millis;

const NOW: Millis = Millis(1_795_262_400_000);
const PEPPER: [u8; 32] = [7; 32];
const LIFE_MS: u64 = 300_000;

fn card() -> CardId {
    CardId::parse(&"c".repeat(22)).unwrap()
}

fn draw(seed: u64) -> Code {
    code::draw(&mut StdRng::seed_from_u64(seed), 6)
}

/// A conversation whose card waits for a code that went to this destination.
fn sent(method: Method, destination: Destination, channel: Channel) -> Conversation {
    let mut settings = (*agent(true)).clone();
    settings.customer_auth.methods = vec![method];
    let pending = json!({
        "card": {"id": card(), "title": "", "subtitle": "", "methods": [method], "step": {"at": "address"}},
        "challenge": null,
        "blocked": {"call": {"id": "1", "name": "request_login", "arguments": "{}"}, "question": "", "told": false},
    });
    let identity = Identity::Pending(serde_json::from_value(pending).unwrap());
    let mut state = Conversation { identity, ..Conversation::default() };
    let start = Start {
        conversation: &ConversationId::parse("ag_test.AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
        session: &session(),
        card: &card(),
        method,
        destination,
        channel,
        pepper: &PEPPER,
        code: &draw(1),
        fresh: card(),
        reference: "amber-otter".to_owned(),
    };
    state.start_code(&settings, start, NOW).unwrap();
    state.delivered(&card(), Delivery::Sent, NOW);
    state
}

fn phone() -> Destination {
    Destination::from(PhoneNumber::from_e164("+14155552671").unwrap())
}

fn to_phone() -> Conversation {
    sent(Method::PhoneCode, phone(), Channel::Sms)
}

fn step(state: &Conversation) -> CodeStep {
    match &state.open_card().unwrap().card.step {
        CardStep::Code(step) => step.clone(),
        _ => panic!("no code"),
    }
}

fn accepts(state: &mut Conversation, typed: &Code, at: Millis) -> bool {
    let reserved = state.reserve_guess(&card(), &session()).unwrap();
    let outcome = state.evaluate_guess(&card(), reserved, &PEPPER, typed.expose(), at);
    matches!(outcome, Outcome::Accepted { destination: Destination::Phone { .. } })
}

#[test]
fn a_code_that_travels_by_another_channel_says_in_place_of_which() {
    let mut state = to_phone();
    state.travels_by(&card(), Channel::Whatsapp, Some(Channel::Sms));
    assert_eq!(state.channel(), Some((Channel::Whatsapp, Some(Channel::Sms))));
    assert!(accepts(&mut state, &draw(1), NOW));
}

#[test]
fn a_code_in_place_of_a_lost_one_lives_beside_it_and_shares_its_guesses() {
    for right in [1, 2] {
        let mut state = to_phone();
        assert!(!accepts(&mut state, &draw(9), NOW));
        let later = NOW.plus_s(5);
        assert!(state.issue_instead(&card(), &phone(), &PEPPER, &draw(2), LIFE_MS, later).is_some());
        assert_eq!(step(&state).delivery, Delivery::Sending);
        assert_eq!(step(&state).expires_at, later.plus_ms(LIFE_MS).rfc3339());
        for _ in 0..3 {
            assert!(!accepts(&mut state, &draw(9), later));
        }
        assert!(accepts(&mut state, &draw(right), later));
        assert!(state.reserve_guess(&card(), &session()).is_err());
    }
    let mut state = to_phone();
    for _ in 0..4 {
        assert!(!accepts(&mut state, &draw(9), NOW));
    }
    state.issue_instead(&card(), &phone(), &PEPPER, &draw(2), LIFE_MS, NOW).unwrap();
    assert!(!accepts(&mut state, &draw(9), NOW));
    assert!(state.reserve_guess(&card(), &session()).is_err(), "a lost message brought another guess");
}

#[test]
fn nothing_is_issued_in_place_of_a_code_that_is_used_or_over() {
    let mut state = to_phone();
    let other = CardId::parse(&"o".repeat(22)).unwrap();
    assert!(state.issue_instead(&other, &phone(), &PEPPER, &draw(2), LIFE_MS, NOW).is_none());
    assert!(state.issue_instead(&card(), &phone(), &PEPPER, &draw(2), LIFE_MS, NOW.plus_ms(LIFE_MS)).is_none());
    assert!(!state.awaits_code(&card(), NOW.plus_ms(LIFE_MS)));
    assert!(accepts(&mut state, &draw(1), NOW));
    assert!(state.issue_instead(&card(), &phone(), &PEPPER, &draw(2), LIFE_MS, NOW).is_none());
    assert!(Conversation::default().issue_instead(&card(), &phone(), &PEPPER, &draw(2), LIFE_MS, NOW).is_none());
}

/// Else a lost message to an attacker's own phone would bring them a code for the address that they asked for next.
#[test]
fn nothing_is_issued_in_place_of_a_code_for_something_else() {
    let address = EmailAddress::parse("victim@example.com").unwrap();
    let mut state = sent(Method::EmailCode, Destination::from(address), Channel::Email);
    let before = step(&state);
    assert!(state.issue_instead(&card(), &phone(), &PEPPER, &draw(2), LIFE_MS, NOW.plus_s(5)).is_none());
    assert_eq!(step(&state), before);
}

#[test]
fn the_card_of_a_look_up_tells_nothing_of_where_its_code_went() {
    let destination = Destination::Record { collection: "staff".to_owned(), key: "E-1".to_owned() };
    let mut state = sent(Method::CollectionLookup, destination.clone(), Channel::OnRecord);
    let before = step(&state);
    state.travels_by(&card(), Channel::Whatsapp, Some(Channel::Sms));
    assert!(state.is_on_record(&card()));
    assert!(state.issue_instead(&card(), &destination, &PEPPER, &draw(2), LIFE_MS, NOW.plus_s(5)).is_some());
    assert_eq!(step(&state), before);
}

fn resend_at(state: &Conversation) -> Option<Millis> {
    state.open_card().unwrap().challenge.as_ref().and_then(Challenge::resend_at)
}

/// Else a visitor who asks again would learn from the wait that there was a record to send to (R17).
#[test]
fn a_lost_message_of_a_look_up_does_not_move_the_time_of_the_next_one() {
    let destination = Destination::Record { collection: "staff".to_owned(), key: "e-1".to_owned() };
    let mut hit = sent(Method::CollectionLookup, destination.clone(), Channel::OnRecord);
    let miss = hit.clone();
    for after_s in [5, 59, 90] {
        let lost = NOW.plus_s(after_s);
        assert!(hit.issue_instead(&card(), &destination, &PEPPER, &draw(after_s), LIFE_MS, lost).is_some());
        assert_eq!(resend_at(&hit), resend_at(&miss), "after {after_s} s");
    }
    let reserved = hit.reserve_guess(&card(), &session()).unwrap();
    let outcome = hit.evaluate_guess(&card(), reserved, &PEPPER, draw(90).expose(), NOW.plus_s(91));
    assert!(matches!(outcome, Outcome::Accepted { .. }), "the code in place of the lost one proves nothing");
}

#[test]
fn a_lost_message_to_a_typed_number_begins_the_wait_anew_as_its_card_says() {
    let mut state = to_phone();
    let lost = NOW.plus_s(5);
    let told = state.issue_instead(&card(), &phone(), &PEPPER, &draw(2), LIFE_MS, lost).unwrap();
    let CardStep::Code(step) = told.step else { panic!("no code") };
    assert_eq!(resend_at(&state), Some(lost.plus_s(60)));
    assert_eq!(step.resend_at, lost.plus_s(60).rfc3339());
}
