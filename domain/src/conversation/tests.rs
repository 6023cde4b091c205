//! A conversation from outside: events in, effects out.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use shared::card::{Card, CardStep, Method};
use shared::frame::{Entry, Interruption, LoadedSource, State};
use shared::id::{AgentId, CardId, MessageId, PersonId, SessionId};

use super::step::{Step, step};
use super::{Carried, Conversation, Effect, Event, MAX_ROUNDS, MAX_TURN_MS, Turn};
use crate::agent::{Agent, CustomerAuth, ModelChoice, ModelLimits, Theme};
use crate::model::{ModelMessage, ToolCall};
use crate::policy::REQUEST_LOGIN;
use crate::text::markdown::blocks;
use crate::time::Millis;

pub(super) fn agent(enabled: bool) -> Arc<Agent> {
    Arc::new(Agent {
        id: AgentId::parse("ag_test").unwrap(),
        name: "Test".into(),
        origins: vec![],
        instructions: String::new(),
        greeting: String::new(),
        suggested: vec![],
        language: "en".into(),
        languages: BTreeMap::new(),
        knowledge: String::new(),
        theme: Theme::default(),
        customer_auth: CustomerAuth { enabled, ..CustomerAuth::default() },
        model: ModelChoice::default(),
        limits: ModelLimits::default(),
        actions: Vec::new(),
    })
}

pub(super) fn person() -> PersonId {
    PersonId::parse(&"p".repeat(43)).unwrap()
}

pub(super) fn session() -> SessionId {
    SessionId::parse(&"s".repeat(22)).unwrap()
}

fn proved(card: Option<CardId>, elsewhere: bool) -> Event {
    let card = card.unwrap_or_else(|| CardId::parse(&"x".repeat(22)).unwrap());
    Event::Proved {
        card,
        person: person(),
        elsewhere,
        session: session(),
        replaces: session(),
        method: Method::EmailCode,
    }
}

/// A conversation and everything that followed from its events.
struct Talk {
    state: Conversation,
    log: Vec<ModelMessage>,
    entries: Vec<Entry>,
    asked: Vec<u64>,
    loads: usize,
    closes: usize,
    agent: Arc<Agent>,
    at: u64,
}

impl Talk {
    fn new() -> Self {
        Self {
            state: Conversation::default(),
            log: vec![],
            entries: vec![],
            asked: vec![],
            loads: 0,
            closes: 0,
            agent: agent(true),
            at: 1_000,
        }
    }

    fn take(&mut self, event: Event) -> &mut Self {
        // Between two events a conversation is stored: nothing may get lost on the way.
        let stored = serde_json::to_string(&self.state).unwrap();
        let Step { state, effects } = step(serde_json::from_str(&stored).unwrap(), event, Millis(self.at));
        self.state = state;
        for effect in effects {
            match effect {
                Effect::Append(entry) => self.entries.push(entry),
                Effect::Remember(message) => self.log.push(message),
                Effect::Ask { answer } => self.asked.push(answer),
                Effect::Load => self.loads += 1,
                Effect::Close(_) => self.closes += 1,
                Effect::Check | Effect::Call { .. } | Effect::Audit(..) => {}
            }
        }
        self
    }

    fn says(&mut self, text: &str) -> &mut Self {
        let id = MessageId::parse(&format!("message-{}", self.entries.len())).unwrap();
        self.take(Event::Message { id, text: text.into(), session: session() })
    }

    fn answers(&mut self, text: &str, calls: &[(&str, &str)]) -> &mut Self {
        let calls = calls
            .iter()
            .map(|(id, name)| ToolCall { id: (*id).into(), name: (*name).into(), arguments: serde_json::json!({}) })
            .collect();
        let (fresh, agent) = (CardId::parse(&format!("{:022}", self.at)).unwrap(), Arc::clone(&self.agent));
        self.at += 1;
        let answer = self.running();
        self.take(Event::Answered {
            answer,
            text: text.into(),
            blocks: blocks(text),
            calls,
            fresh,
            agent,
            tokens: 10,
            partial: false,
        })
    }

    /// The answer that is being written, or one that never is.
    fn running(&self) -> u64 {
        match self.state.turn {
            Turn::Running { answer, .. } => answer,
            _ => 0,
        }
    }

    fn logs_in(&mut self) -> &mut Self {
        let card = self.card().map(|card| card.id.clone());
        self.take(proved(card, false));
        self.take(Event::Loaded { sources: vec![LoadedSource { name: "orders".into(), count: Some(3) }] })
    }

    fn card(&self) -> Option<&Card> {
        self.entries.iter().rev().find_map(|entry| match entry {
            Entry::Card { card } => Some(card),
            _ => None,
        })
    }

    fn results(&self) -> Vec<&str> {
        let content = |message: &'_ ModelMessage| matches!(message, ModelMessage::Tool { .. });
        self.log
            .iter()
            .filter(|message| content(message))
            .map(|message| match message {
                ModelMessage::Tool { content, .. } => content.as_str(),
                _ => "",
            })
            .collect()
    }

    fn assert_log_is_well_formed(&self) {
        assert!(unanswered(&self.log) <= 1);
    }
}

/// How many calls wait at the log's end. As every provider demands: each call is answered once, after it and before anybody
/// else speaks.
pub(super) fn unanswered(log: &[ModelMessage]) -> usize {
    let mut open: Vec<&str> = vec![];
    for message in log {
        match message {
            ModelMessage::User { .. } => assert!(open.is_empty(), "{log:#?}"),
            ModelMessage::Assistant { calls, .. } => {
                assert!(open.is_empty(), "{log:#?}");
                open.extend(calls.iter().map(|call| call.id.as_str()));
            }
            ModelMessage::Tool { call_id, .. } => {
                let at = open.iter().position(|id| id == call_id);
                open.remove(at.unwrap_or_else(|| panic!("answers no call: {log:#?}")));
            }
        }
    }
    open.len()
}

#[test]
fn a_question_that_needs_a_person_opens_the_card_and_goes_on_after_the_login() {
    let mut talk = Talk::new();
    talk.says("Where is my order?").answers("", &[("c1", REQUEST_LOGIN)]);
    assert_eq!(talk.state.state(), State::Pending);
    assert_eq!(talk.card().unwrap().step, CardStep::Address);
    assert_eq!(talk.asked, [1]);
    talk.logs_in();
    assert_eq!(talk.state.state(), State::Authenticated);
    assert_eq!(talk.card().unwrap().step, CardStep::Done);
    assert_eq!((talk.loads, talk.closes), (1, 1));
    assert_eq!(talk.asked, [1, 2], "the blocked question goes on without being typed again");
    assert!(talk.results()[0].contains("authenticated"));
    talk.answers("NW-1042 is shipped.", &[]);
    assert_eq!(talk.state.turn, Turn::Idle);
    talk.assert_log_is_well_formed();
}

#[test]
fn the_blocked_question_is_put_again_when_the_visitor_talked_on_beside_the_card() {
    let mut talk = Talk::new();
    talk.says("Where is my order?").answers("", &[("c1", REQUEST_LOGIN)]);
    talk.says("What is your returns policy?").answers("60 days.", &[]);
    talk.logs_in();
    let users: Vec<_> = talk.log.iter().filter(|m| matches!(m, ModelMessage::User { .. })).collect();
    assert_eq!(users.last(), Some(&&ModelMessage::User { text: "Where is my order?".into() }));
    assert!(talk.results().last().unwrap().contains("authenticated"));
    assert!(talk.results()[0].contains("pending"));
    talk.assert_log_is_well_formed();
}

#[test]
fn a_card_that_is_closed_is_told_to_the_model_which_answers() {
    let mut talk = Talk::new();
    talk.says("Where is my order?").answers("", &[("c1", REQUEST_LOGIN)]).take(Event::CardClosed);
    assert_eq!(talk.state.state(), State::Unidentified);
    assert_eq!(talk.card().unwrap().step, CardStep::Cancelled);
    assert!(talk.results()[0].contains("declined"));
    assert_eq!(talk.asked, [1, 2]);
    talk.assert_log_is_well_formed();
}

#[test]
fn asking_again_moves_the_same_card_to_the_end() {
    let mut talk = Talk::new();
    talk.says("Where is my order?").answers("", &[("c1", REQUEST_LOGIN)]);
    let first = talk.card().unwrap().id.clone();
    talk.says("And my parcel?").answers("", &[("c2", REQUEST_LOGIN)]);
    assert_eq!(talk.card().unwrap().id, first);
    talk.logs_in();
    talk.assert_log_is_well_formed();
}

#[test]
fn a_message_during_an_answer_is_stored_at_once_and_answered_next() {
    let mut talk = Talk::new();
    talk.says("one").says("two").says("three");
    assert_eq!(talk.entries.len(), 3);
    assert_eq!(talk.asked, [1], "one turn at a time");
    talk.answers("1", &[]);
    assert_eq!(talk.asked, [1, 2]);
    talk.answers("2 and 3", &[]);
    assert_eq!(talk.asked, [1, 2]);
    talk.assert_log_is_well_formed();
}

#[test]
fn a_login_during_an_answer_waits_for_its_end() {
    let mut talk = Talk::new();
    talk.says("Where is my order?").answers("", &[("c1", REQUEST_LOGIN)]).says("hello?");
    assert!(matches!(talk.state.turn, Turn::Running { .. }));
    talk.logs_in();
    assert_eq!(talk.asked, [1, 2]);
    talk.answers("Hello!", &[]);
    assert_eq!(talk.asked, [1, 2, 3]);
    talk.assert_log_is_well_formed();
}

#[test]
fn a_tool_that_does_not_exist_is_answered_with_an_error() {
    let mut talk = Talk::new();
    talk.says("hi").answers("", &[("c1", "delete_everything"), ("c2", "get_orders")]);
    assert_eq!(talk.results().len(), 2);
    assert_eq!(talk.state.state(), State::Unidentified);
    assert_eq!(talk.asked, [1, 2]);
    talk.assert_log_is_well_formed();
}

#[test]
fn request_login_does_not_exist_where_customer_auth_is_off() {
    let mut talk = Talk::new();
    talk.agent = agent(false);
    talk.says("Where is my order?").answers("", &[("c1", REQUEST_LOGIN)]);
    assert_eq!(talk.state.state(), State::Unidentified);
    assert!(talk.results()[0].contains("error"));
}

#[test]
fn a_model_that_loops_is_stopped_after_eight_rounds() {
    let mut talk = Talk::new();
    talk.says("hi");
    for round in 0..20 {
        talk.answers("", &[(&format!("c{round}"), "again")]);
    }
    assert_eq!(talk.asked.len(), usize::from(MAX_ROUNDS));
    assert_eq!(talk.entries.last(), Some(&Entry::Interrupted { reason: Interruption::TooManyRounds }));
}

#[test]
fn a_turn_ends_after_its_time_even_between_rounds() {
    let mut talk = Talk::new();
    talk.says("hi");
    talk.at += MAX_TURN_MS + 1;
    talk.answers("", &[("c1", "again")]);
    assert_eq!(talk.entries.last(), Some(&Entry::Interrupted { reason: Interruption::Failed }));
    assert_eq!(talk.state.turn, Turn::Interrupted);
}

#[test]
fn an_answer_of_nothing_is_no_answer() {
    let mut talk = Talk::new();
    talk.says("hi").answers("", &[]);
    assert_eq!(talk.entries.last(), Some(&Entry::Interrupted { reason: Interruption::Failed }));
    assert_eq!(talk.state.turn, Turn::Interrupted);
}

#[test]
fn an_answer_that_comes_after_its_turn_was_given_up_changes_nothing() {
    let mut talk = Talk::new();
    talk.says("hi");
    let (answer, agent) = (talk.running(), Arc::clone(&talk.agent));
    talk.take(Event::Broken { answer, text: String::new(), blocks: vec![], why: Interruption::Failed, tokens: 5 });
    talk.take(Event::Retry { session: session() });
    let fresh = CardId::parse(&"f".repeat(22)).unwrap();
    talk.take(Event::Answered {
        answer,
        text: "late".into(),
        blocks: blocks("late"),
        calls: vec![],
        fresh,
        agent,
        tokens: 10,
        partial: false,
    });
    assert!(matches!(talk.state.turn, Turn::Running { .. }));
    assert!(!talk.entries.iter().any(|entry| matches!(entry, Entry::Answer { .. })));
}

#[test]
fn a_proof_on_a_card_that_is_gone_proves_nothing() {
    let mut talk = Talk::new();
    talk.says("Where is my order?").answers("", &[("c1", REQUEST_LOGIN)]).take(proved(None, false));
    assert_eq!(talk.state.state(), State::Pending);
}

#[test]
fn an_interrupted_turn_may_be_tried_again_and_an_idle_one_not() {
    let mut talk = Talk::new();
    talk.take(Event::Retry { session: session() });
    assert!(talk.asked.is_empty());
    talk.says("hi");
    let answer = talk.running();
    talk.take(Event::Broken {
        answer,
        text: "Half an".into(),
        blocks: blocks("Half an"),
        why: Interruption::Failed,
        tokens: 5,
    });
    assert!(matches!(talk.entries[1], Entry::Answer { partial: true, .. }));
    talk.take(Event::Retry { session: session() });
    assert_eq!(talk.asked, [1, 2]);
    talk.assert_log_is_well_formed();
}

#[test]
fn a_person_who_has_a_conversation_goes_on_there_with_what_was_asked() {
    let mut laptop = Talk::new();
    laptop.says("Where is my order?").answers("", &[("c1", REQUEST_LOGIN)]);
    let card = laptop.card().map(|card| card.id.clone());
    laptop.take(proved(card, true));
    assert_eq!((laptop.loads, laptop.closes), (0, 1), "nothing goes on here");

    let mut phone = Talk::new();
    phone.says("My parcel?").answers("", &[("c1", REQUEST_LOGIN)]).logs_in().answers("Shipped.", &[]);
    let asked = phone.asked.len();
    let message = Entry::Message { id: MessageId::parse("message-9").unwrap(), text: "Where is my order?".into() };
    phone.take(Event::Carried(Carried {
        entries: vec![
            Entry::Answer { answer: 1, blocks: blocks("60 days."), partial: false },
            message.clone(),
            Entry::State { state: State::Unidentified },
        ],
        log: vec![],
        questions: vec!["Where is my order?".into()],
        session: None,
    }));
    phone.take(Event::Loaded { sources: vec![] });
    assert_eq!(phone.entries.last(), Some(&message), "a state cannot be carried in");
    let mut numbers: Vec<_> = phone
        .entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Answer { answer, .. } => Some(*answer),
            _ => None,
        })
        .collect();
    let count = numbers.len();
    numbers.dedup();
    assert_eq!((numbers.len(), count), (2, 2), "an answer that is carried in replaces none");
    assert_eq!(phone.asked.len(), asked + 1);
    assert_eq!(phone.state.state(), State::Authenticated);
    phone.assert_log_is_well_formed();
}

#[test]
fn nothing_is_carried_into_a_conversation_without_a_person() {
    let mut talk = Talk::new();
    let message = Entry::Message { id: MessageId::parse("message-9").unwrap(), text: "x".into() };
    talk.take(Event::Carried(Carried {
        entries: vec![message],
        log: vec![],
        questions: vec!["x".into()],
        session: None,
    }));
    assert!(talk.entries.is_empty() && talk.loads == 0);
}

#[test]
fn what_belongs_to_a_turn_that_is_over_changes_nothing() {
    let mut talk = Talk::new();
    talk.answers("late", &[]).take(Event::CardClosed).take(proved(None, false));
    assert!(talk.entries.is_empty() && talk.asked.is_empty());
    assert_eq!(talk.state.state(), State::Unidentified);
}

proptest! {
    /// Whatever happens in whatever order: the states are never skipped, the log stays one that a model accepts, and
    /// no message is lost.
    #[test]
    fn no_order_of_events_breaks_a_conversation(events in prop::collection::vec(0u8..9, 1..60)) {
        let mut talk = Talk::new();
        let mut said = 0;
        for (index, event) in events.into_iter().enumerate() {
            let before = talk.state.state();
            match event {
                0 | 1 => { said += 1; talk.says("question"); }
                2 => { talk.answers("text", &[]); }
                3 => { talk.answers("", &[(&format!("l{index}"), REQUEST_LOGIN)]); }
                4 => { talk.answers("", &[(&format!("x{index}"), "unknown"), (&format!("y{index}"), REQUEST_LOGIN)]); }
                5 => { let answer = talk.running(); talk.take(Event::Broken { answer, text: "t".into(), blocks: blocks("t"), why: Interruption::Stopped, tokens: 5 }); }
                6 => { talk.take(Event::Retry { session: session() }); }
                7 => { talk.take(Event::CardClosed); }
                _ => { talk.take(proved(None, false)); talk.take(Event::Loaded { sources: vec![] }); }
            }
            let after = talk.state.state();
            prop_assert!(!(before == State::Unidentified && after == State::Authenticated), "a state was skipped");
            prop_assert!(!(before == State::Authenticated && after != State::Authenticated));
            talk.assert_log_is_well_formed();
        }
        // Let every turn end.
        for _ in 0..80 {
            talk.answers("end", &[]);
        }
        let shown = talk.entries.iter().filter(|e| matches!(e, Entry::Message { .. })).count();
        prop_assert_eq!(shown, said);
        let running = matches!(talk.state.turn, Turn::Running { .. });
        prop_assert!(!running);
        prop_assert!(talk.state.queued.is_empty());
        let heard = talk.log.iter().filter(|m| matches!(m, ModelMessage::User { .. })).count();
        prop_assert!(heard >= said, "the model heard every message");
    }
}
