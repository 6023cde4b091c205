//! Codes that travel by one channel and then by another.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use shared::card::{CardStep, Channel, CodeStep, Delivery, Method};
use shared::id::{CardId, ConversationId};

use super::login::Start;
use super::tests::{agent, session};
use super::{Conversation, Identity};
use crate::challenge::code::{self, Code};
use crate::challenge::{Destination, Outcome};
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

fn to_phone() -> Conversation {
    let number = PhoneNumber::from_e164("+14155552671").unwrap();
    sent(Method::PhoneCode, Destination::Phone { number }, Channel::Sms)
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
        assert!(state.issue_instead(&card(), &PEPPER, &draw(2), LIFE_MS, later).is_some());
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
    state.issue_instead(&card(), &PEPPER, &draw(2), LIFE_MS, NOW).unwrap();
    assert!(!accepts(&mut state, &draw(9), NOW));
    assert!(state.reserve_guess(&card(), &session()).is_err(), "a lost message brought another guess");
}

#[test]
fn nothing_is_issued_in_place_of_a_code_that_is_used_or_over() {
    let mut state = to_phone();
    let other = CardId::parse(&"o".repeat(22)).unwrap();
    assert!(state.issue_instead(&other, &PEPPER, &draw(2), LIFE_MS, NOW).is_none());
    assert!(state.issue_instead(&card(), &PEPPER, &draw(2), LIFE_MS, NOW.plus_ms(LIFE_MS)).is_none());
    assert!(!state.awaits_code(&card(), NOW.plus_ms(LIFE_MS)));
    assert!(accepts(&mut state, &draw(1), NOW));
    assert!(state.issue_instead(&card(), &PEPPER, &draw(2), LIFE_MS, NOW).is_none());
    assert!(Conversation::default().issue_instead(&card(), &PEPPER, &draw(2), LIFE_MS, NOW).is_none());
}

#[test]
fn the_card_of_a_look_up_tells_nothing_of_where_its_code_went() {
    let destination = Destination::Record { collection: "staff".to_owned(), key: "E-1".to_owned() };
    let mut state = sent(Method::CollectionLookup, destination, Channel::OnRecord);
    let before = step(&state);
    state.travels_by(&card(), Channel::Whatsapp, Some(Channel::Sms));
    assert!(state.is_on_record(&card()));
    assert!(state.issue_instead(&card(), &PEPPER, &draw(2), LIFE_MS, NOW.plus_s(5)).is_some());
    assert_eq!(step(&state), before);
}
