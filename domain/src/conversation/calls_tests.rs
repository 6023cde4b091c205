//! What the model calls: judged, confirmed, carried out once, answered always.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::card::{CardStep, FieldKind, Method};
use shared::confirm::ConfirmStep;
use shared::frame::{Entry, Interruption, State};
use shared::id::{CardId, ConversationId, MessageId, PersonId};

use super::step::{Step, step};
use super::tests::{self, person, session, unanswered};
use super::*;
use crate::action::{Action, Header, Kind, Mapped, Parameter, Verb};
use crate::agent::{Agent, CustomerAuth};
use crate::assurance::{Assurance, Standing};
use crate::model::{ModelMessage, ToolCall};
use crate::policy::{self, REQUEST_LOGIN};
use crate::text::markdown::blocks;

fn action(name: &str, kind: Kind) -> Action {
    Action {
        name: name.into(),
        title: format!("Title of {name}"),
        description: String::new(),
        kind,
        method: Verb::Post,
        url: "https://api.shop.com/orders/<order>".into(),
        headers: vec![],
        body: Value::Null,
        parameters: vec![Parameter {
            name: "order".into(),
            label: "Order".into(),
            description: String::new(),
            kind: FieldKind::Text,
            optional: false,
            choices: vec![],
            autocomplete: None,
        }],
        timeout_ms: 1_000,
        success: String::new(),
        shows: vec![],
        failure: String::new(),
        idempotent: false,
    }
}

fn private(assurance: Assurance, max_age_s: Option<u32>, roles: &[&str], confirm: bool) -> Kind {
    Kind::Private { assurance, max_age_s, roles: roles.iter().map(|role| (*role).into()).collect(), confirm }
}

fn agent() -> Arc<Agent> {
    let mut with_token = action("track", private(Assurance::Claimed, None, &[], false));
    with_token.headers = vec![Header { name: "authorization".into(), value: "Bearer {{context.token}}".into() }];
    let login = Kind::Login {
        proves: Assurance::EmailCode,
        next: None,
        vouches_email: false,
        remembers: ["user_id", "token"].map(|name| Mapped { name: name.into(), from: "response.id".into() }).to_vec(),
    };
    Arc::new(Agent {
        customer_auth: CustomerAuth {
            methods: vec![Method::EmailCode, Method::LoginAction],
            persistent_context: true,
            ..CustomerAuth::default()
        },
        actions: vec![
            action("shops", Kind::Public { confirm: false }),
            action("feedback", Kind::Public { confirm: true }),
            action("orders", private(Assurance::EmailCode, None, &[], false)),
            action("move", private(Assurance::EmailCode, Some(900), &[], true)),
            action("stock", private(Assurance::EmailCode, None, &["staff"], false)),
            action("strong", private(Assurance::Passkey, None, &[], false)),
            with_token,
            action("sign_in", login),
            action("refresh", Kind::Refresh { remembers: vec![] }),
        ],
        ..(*tests::agent(true)).clone()
    })
}

fn standing(at: u64) -> Standing {
    Standing {
        phone: None,
        passkey: false,
        google: false,
        person: person(),
        assurance: Assurance::EmailCode,
        proved_at: Millis(at),
        roles: vec![],
        context: vec!["user_id".into()],
        email: Some("ana@example.com".into()),
    }
}

/// A conversation whose calls are checked and carried out at once, as the edge does.
struct Talk {
    state: Conversation,
    agent: Arc<Agent>,
    standing: Option<Standing>,
    at: u64,
    ids: u64,
    log: Vec<ModelMessage>,
    entries: Vec<Entry>,
    /// Calls that left for the company's API, by action and key.
    sent: Vec<(String, String)>,
    /// Calls that left and are not answered.
    flying: Vec<u64>,
    checks: usize,
    asked: usize,
}

impl Talk {
    fn new() -> Self {
        Self {
            state: Conversation::default(),
            agent: agent(),
            standing: None,
            at: 1_000_000,
            ids: 0,
            log: vec![],
            entries: vec![],
            sent: vec![],
            flying: vec![],
            checks: 0,
            asked: 0,
        }
    }

    fn signed_in() -> Self {
        let mut talk = Self::new();
        talk.says("Who am I?").calls(&[("l", REQUEST_LOGIN, json!({}))]);
        talk.proves().answers("You are Ana.");
        talk
    }

    fn conversation() -> ConversationId {
        ConversationId::parse("ag_test.AAAAAAAAAAAAAAAAAAAAAA").unwrap()
    }

    fn fresh(&mut self) -> CardId {
        self.ids += 1;
        CardId::parse(&format!("{:022}", self.ids)).unwrap()
    }

    fn take(&mut self, event: Event) -> &mut Self {
        let stored = serde_json::to_string(&self.state).unwrap();
        let Step { state, effects } = step(serde_json::from_str(&stored).unwrap(), event, Millis(self.at));
        self.state = state;
        for effect in effects {
            match effect {
                Effect::Append(entry) => self.entries.push(entry),
                Effect::Remember(message) => self.log.push(message),
                Effect::Check => self.checks += 1,
                Effect::Call { serial } => {
                    let open = self.state.open.iter().find(|open| open.serial == serial).unwrap();
                    let CallAt::Running { key } = &open.at else { panic!("{serial} leaves without a key") };
                    self.sent.push((open.call.name.clone(), key.clone()));
                    self.flying.push(serial);
                }
                Effect::Ask { .. } => self.asked += 1,
                Effect::Load | Effect::Close(_) | Effect::Audit(..) => {}
            }
        }
        self
    }

    fn says(&mut self, text: &str) -> &mut Self {
        let id = MessageId::parse(&format!("message-{}", self.entries.len())).unwrap();
        self.take(Event::Message { id, text: text.into(), session: session() })
    }

    fn answered(&mut self, text: &str, calls: Vec<ToolCall>) -> &mut Self {
        let answer = if let Turn::Running { answer, .. } = self.state.turn { answer } else { 0 };
        let (fresh, agent) = (self.fresh(), Arc::clone(&self.agent));
        self.take(Event::Answered {
            answer,
            text: text.into(),
            blocks: blocks(text),
            calls,
            fresh,
            agent,
            tokens: 1,
            partial: false,
        })
    }

    fn answers(&mut self, text: &str) -> &mut Self {
        self.answered(text, vec![])
    }

    fn calls(&mut self, calls: &[(&str, &str, Value)]) -> &mut Self {
        let call = |(id, name, arguments): &(&str, &str, Value)| ToolCall {
            id: (*id).into(),
            name: (*name).into(),
            arguments: arguments.clone(),
        };
        self.answered("", calls.iter().map(call).collect());
        self.check()
    }

    fn check(&mut self) -> &mut Self {
        while self.checks > 0 {
            self.checks -= 1;
            let fresh = (0..=self.state.open.len()).map(|_| self.fresh()).collect();
            let (agent, standing) = (Arc::clone(&self.agent), self.standing.clone());
            self.take(Event::Checked { conversation: Self::conversation(), agent, standing, fresh });
        }
        self
    }

    /// The company's API answers everything that left.
    fn land(&mut self) -> &mut Self {
        for serial in std::mem::take(&mut self.flying) {
            self.take(Event::Called { serial, outcome: Outcome::Answered(json!({"status": "done"})) });
        }
        self
    }

    fn proves(&mut self) -> &mut Self {
        let card =
            self.state.open_card().map_or_else(|| CardId::parse(&"x".repeat(22)).unwrap(), |o| o.card.id.clone());
        self.standing = Some(standing(self.at));
        self.take(Event::Proved {
            card,
            person: person(),
            elsewhere: false,
            session: session(),
            replaces: session(),
            method: Method::EmailCode,
        });
        self.take(Event::Loaded { sources: vec![] });
        self.check()
    }

    fn confirms(&mut self, accepted: bool) -> &mut Self {
        let id = self.confirmation().map_or_else(|| CardId::parse(&"x".repeat(22)).unwrap(), |confirm| confirm.id);
        let agent = Arc::clone(&self.agent);
        let event = Event::Confirmed { id, accepted, session: session(), agent };
        self.take(event)
    }

    fn confirmation(&self) -> Option<shared::confirm::Confirmation> {
        self.entries.iter().rev().find_map(|entry| match entry {
            Entry::Confirm { confirm } => Some(confirm.clone()),
            _ => None,
        })
    }

    fn result(&self) -> &str {
        match self.log.iter().rev().find(|message| matches!(message, ModelMessage::Tool { .. })) {
            Some(ModelMessage::Tool { content, .. }) => content,
            _ => "",
        }
    }

    fn names(&self) -> Vec<&str> {
        self.sent.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Calls that wait for the visitor are open at the log's end.
    fn assert_log_is_well_formed(&self) {
        unanswered(&self.log);
    }
}

fn order() -> Value {
    json!({"order": "NW-1"})
}

#[test]
fn a_public_action_is_carried_out_before_any_login() {
    let mut talk = Talk::new();
    talk.says("Where are your shops?").calls(&[("a", "shops", order())]);
    assert_eq!(talk.names(), ["shops"]);
    assert!(matches!(talk.state.turn, Turn::Calling { .. }));
    talk.land().answers("In Portland.");
    assert_eq!((talk.asked, talk.state.turn), (2, Turn::Idle));
    talk.assert_log_is_well_formed();
}

#[test]
fn a_private_action_opens_the_card_and_runs_right_after_the_login() {
    let mut talk = Talk::new();
    talk.says("Where is NW-1?").calls(&[("a", "orders", order())]);
    assert!(talk.sent.is_empty(), "R47: nothing leaves for a person whom nobody knows");
    assert_eq!(talk.state.state(), State::Pending);
    talk.proves();
    assert_eq!(talk.names(), ["orders"], "the very call that was blocked (L7)");
    talk.land().answers("Shipped.");
    assert_eq!(talk.state.turn, Turn::Idle);
    talk.assert_log_is_well_formed();
}

#[test]
fn an_action_that_needs_the_companys_token_asks_for_the_companys_login_alone() {
    let mut talk = Talk::new();
    talk.says("Track NW-1").calls(&[("a", "track", order())]);
    assert_eq!(talk.state.open_card().unwrap().card.methods, [Method::LoginAction]);
    assert_eq!(talk.state.open_card().unwrap().card.forms.len(), 1);

    let mut talk = Talk::signed_in();
    talk.says("Track NW-1").calls(&[("a", "track", order())]);
    let card = &talk.state.open_card().unwrap().card;
    assert_eq!((card.methods.as_slice(), talk.state.state()), ([Method::LoginAction].as_slice(), State::Authenticated));
    assert!(talk.sent.is_empty());
    talk.proves();
    talk.standing.as_mut().unwrap().context.push("token".into());
    assert!(talk.sent.is_empty(), "a login that brought no token opens the card again");
    talk.proves();
    talk.assert_log_is_well_formed();
}

#[test]
fn a_proof_that_is_too_old_is_asked_for_again_at_the_persons_own_address() {
    let mut talk = Talk::signed_in();
    talk.at += 901_000;
    talk.says("Move NW-1").calls(&[("a", "move", order())]);
    let card = talk.state.open_card().unwrap().card.clone();
    assert_eq!(card.address.as_deref(), Some("ana@example.com"));
    assert_eq!(talk.state.state(), State::Authenticated, "who it is stays known");
    talk.proves();
    assert_eq!(talk.confirmation().unwrap().step, ConfirmStep::Asked);
    assert!(talk.sent.is_empty());
    talk.confirms(true);
    assert_eq!(talk.names(), ["move"]);
    talk.land().answers("Done.");
    talk.assert_log_is_well_formed();
}

#[test]
fn a_proof_of_somebody_else_changes_nothing() {
    let mut talk = Talk::signed_in();
    talk.says("Track NW-1").calls(&[("a", "track", order())]);
    let card = talk.state.open_card().unwrap().card.id.clone();
    let other = PersonId::parse(&"q".repeat(43)).unwrap();
    talk.take(Event::Proved {
        card,
        person: other,
        elsewhere: false,
        session: session(),
        replaces: session(),
        method: Method::EmailCode,
    });
    assert_eq!(talk.state.person(), Some(&person()));
    assert!(talk.state.open_card().is_some());
}

#[test]
fn what_no_login_can_bring_is_refused_without_a_card() {
    let mut talk = Talk::signed_in();
    for name in ["stock", "strong", "sign_in", "refresh", "made_up"] {
        talk.says("please").calls(&[("a", name, order())]);
        assert!(talk.result().contains("error"), "{name}: {}", talk.result());
        assert!(talk.state.open_card().is_none(), "{name}");
        talk.answers("No.");
    }
    assert!(talk.sent.is_empty());
    talk.standing.as_mut().unwrap().roles = vec!["staff".into()];
    talk.says("stock?").calls(&[("a", "stock", order())]);
    assert_eq!(talk.names(), ["stock"]);
}

#[test]
fn a_session_that_ended_may_do_nothing_though_the_conversation_is_a_persons() {
    let mut talk = Talk::signed_in();
    talk.standing = None;
    talk.says("Where is NW-1?").calls(&[("a", "orders", order())]);
    assert!(talk.sent.is_empty());
    assert!(talk.result().contains("signed out"));
}

#[test]
fn a_confirmation_is_the_visitors_and_nothing_leaves_before_it() {
    let mut talk = Talk::signed_in();
    talk.says("Move NW-1").calls(&[("a", "move", order())]);
    let asked = talk.confirmation().unwrap();
    assert_eq!((asked.step, asked.title.as_str()), (ConfirmStep::Asked, "Title of move"));
    assert_eq!(asked.details[0].value, "NW-1");
    assert_eq!((talk.state.turn, talk.sent.len()), (Turn::Idle, 0));
    talk.confirms(false);
    assert_eq!(talk.confirmation().unwrap().step, ConfirmStep::Declined);
    assert!(talk.result().contains("said no"));
    assert!(talk.sent.is_empty());
    talk.answers("Fine.").confirms(true);
    assert!(talk.sent.is_empty(), "a confirmation that is over cannot be given");
    talk.assert_log_is_well_formed();
}

#[test]
fn a_new_message_withdraws_a_confirmation() {
    let mut talk = Talk::signed_in();
    talk.says("Move NW-1").calls(&[("a", "move", order())]).says("No, wait");
    assert_eq!(talk.confirmation().unwrap().step, ConfirmStep::Withdrawn);
    talk.confirms(true);
    assert!(talk.sent.is_empty());
    talk.answers("All right.");
    talk.assert_log_is_well_formed();
}

#[test]
fn the_same_call_of_the_same_turn_has_one_key_and_of_the_next_another() {
    let mut talk = Talk::signed_in();
    talk.says("Orders?").calls(&[("a", "orders", order()), ("b", "orders", order())]);
    assert_eq!(talk.sent.len(), 1, "the second is answered without leaving");
    talk.land().calls(&[("c", "orders", order())]).land();
    assert_eq!(talk.sent[0].1, talk.sent[1].1, "R63: the journal finds it");
    talk.answers("Two.").says("Orders again?").calls(&[("d", "orders", order())]);
    assert_ne!(talk.sent[1].1, talk.sent[2].1);
    talk.land();
    talk.assert_log_is_well_formed();
}

#[test]
fn bad_arguments_go_back_to_the_model_and_nowhere_else() {
    let mut talk = Talk::signed_in();
    for arguments in [
        json!(null),
        json!([]),
        json!({}),
        json!({"order": {"$ne": 1}}),
        json!({"order": "NW-1", "user_id": "u-2"}),
        json!({"order": ["NW-1", "NW-2"]}),
    ] {
        talk.says("Orders?").calls(&[("a", "orders", arguments)]);
        assert!(talk.result().contains("error"), "{}", talk.result());
        talk.answers("Hm.");
    }
    assert!(talk.sent.is_empty());
}

#[test]
fn a_token_that_is_refused_twice_ends_the_call() {
    let mut talk = Talk::signed_in();
    talk.says("Orders?").calls(&[("a", "orders", order())]);
    for _ in 0..2 {
        let serial = talk.flying.pop().unwrap();
        talk.take(Event::Called { serial, outcome: Outcome::SignInAgain });
        talk.check();
    }
    assert!(talk.result().contains("error"));
    assert_eq!(talk.sent.len(), 2);
    talk.assert_log_is_well_formed();
}

#[test]
fn a_turn_that_is_stopped_answers_its_calls_and_hears_no_late_ones() {
    let mut talk = Talk::signed_in();
    talk.says("Orders?").calls(&[("a", "orders", order())]).take(Event::Stopped);
    assert_eq!(talk.entries.last(), Some(&Entry::Interrupted { reason: Interruption::Stopped }));
    let answers = talk.log.len();
    talk.land();
    assert_eq!(talk.log.len(), answers);
    talk.assert_log_is_well_formed();
}

#[test]
fn more_calls_than_sixteen_are_answered_and_not_made() {
    let mut talk = Talk::new();
    let calls: Vec<_> = (0..40).map(|n| (format!("c{n}"), json!({"order": format!("NW-{n}")}))).collect();
    let calls: Vec<_> = calls.iter().map(|(id, arguments)| (id.as_str(), "shops", arguments.clone())).collect();
    talk.says("All shops").calls(&calls);
    assert_eq!(talk.sent.len(), MAX_CALLS);
    talk.land();
    talk.assert_log_is_well_formed();
}

#[test]
fn calls_with_the_same_id_are_told_apart() {
    let mut talk = Talk::new();
    talk.says("x").calls(&[("a", "shops", order()), ("a", "shops", json!({"order": "NW-2"})), ("", "shops", order())]);
    talk.land();
    assert_eq!(talk.sent.len(), 2);
    talk.assert_log_is_well_formed();
}

#[test]
fn a_card_for_other_methods_takes_the_place_of_an_open_one() {
    let mut talk = Talk::new();
    talk.says("Who am I?").calls(&[("a", REQUEST_LOGIN, json!({}))]).says("Track NW-1");
    talk.calls(&[("b", "track", order())]);
    let step = |entry: &Entry| if let Entry::Card { card } = entry { Some(card.step.clone()) } else { None };
    let steps: Vec<_> = talk.entries.iter().filter_map(step).collect();
    assert_eq!(steps, [CardStep::Address, CardStep::Cancelled, CardStep::Address]);
    assert_eq!(talk.state.open_card().unwrap().card.methods, [Method::LoginAction]);
}

#[test]
fn the_model_is_offered_what_it_may_call_and_nothing_else() {
    let names = |talk: &Talk| -> Vec<String> {
        let offered = policy::offered(&talk.agent, &talk.state, talk.standing.as_ref());
        offered.into_iter().map(|tool| tool.name).collect()
    };
    let mut talk = Talk::new();
    assert_eq!(names(&talk), [REQUEST_LOGIN, "shops", "feedback"]);
    talk.standing = Some(standing(0));
    assert_eq!(names(&talk), [REQUEST_LOGIN, "shops", "feedback"], "a standing without a login opens nothing");
    let mut talk = Talk::signed_in();
    assert_eq!(names(&talk), ["shops", "feedback", "orders", "move", "strong", "track"]);
    talk.standing.as_mut().unwrap().roles = vec!["staff".into()];
    assert!(names(&talk).contains(&"stock".to_owned()));
    talk.standing.as_mut().unwrap().person = PersonId::parse(&"q".repeat(43)).unwrap();
    assert_eq!(names(&talk), ["shops", "feedback"], "R46: another person's standing opens nothing");
}

proptest! {
    /// Whatever happens in whatever order: what leaves was allowed, the log is one that a provider takes, and nothing waits
    /// for ever.
    #[test]
    fn no_order_of_events_lets_a_forbidden_call_leave(events in prop::collection::vec((0_u8..14, 0_u8..9), 1..60)) {
        let mut talk = Talk::new();
        let tools = ["shops", "feedback", "orders", "move", "stock", "strong", "track", REQUEST_LOGIN, "made_up"];
        for (n, (event, tool)) in events.into_iter().enumerate() {
            let before = talk.sent.len();
            match event {
                0 | 1 => { talk.says("hello"); }
                2..=4 => { talk.calls(&[(&format!("c{n}"), tools[usize::from(tool)], order())]); }
                5 => {
                    let calls = [("x", tools[usize::from(tool)], order()), ("y", tools[usize::from(tool / 2)], order())];
                    talk.calls(&calls);
                }
                6 => { talk.answers("All right."); }
                7 => { talk.land(); }
                8 => { talk.proves(); }
                9 => { talk.take(Event::CardClosed); }
                10 => { talk.confirms(tool % 2 == 0); }
                11 => { talk.take(Event::Stopped); }
                12 => { talk.take(Event::Retry { session: session() }); }
                _ => {
                    if let Some(serial) = talk.flying.pop() {
                        talk.take(Event::Called { serial, outcome: Outcome::SignInAgain });
                        talk.check();
                    }
                }
            }
            for (name, _) in &talk.sent[before..] {
                let action = talk.agent.actions.iter().find(|action| action.name == *name).unwrap();
                let verdict = policy::judge(&talk.agent, &talk.state, talk.standing.as_ref(), action, Millis(talk.at));
                prop_assert_eq!(verdict, policy::Verdict::Allowed, "{} left", name);
            }
            talk.assert_log_is_well_formed();
        }
        // What hangs in the air lands, what waits for the visitor is talked over: then the conversation is at rest.
        for _ in 0..40 {
            talk.check().land().answers("Done.");
        }
        talk.says("Bye");
        for _ in 0..40 {
            talk.check().land().answers("Bye.");
        }
        prop_assert!(talk.state.open.is_empty(), "{:?}", talk.state.open);
        prop_assert!(matches!(talk.state.turn, Turn::Idle | Turn::Interrupted), "{:?}", talk.state.turn);
        prop_assert!(talk.state.queued.is_empty());
        talk.assert_log_is_well_formed();
    }
}
