//! What the list of conversations says of each (O3), kept from the entries of the trail as they come.

use serde_json::Value;
use shared::admin::conversation::{Outcome, Summary};
use shared::frame::State;

use crate::audit::{AuditKind, Record};

/// The summary with one more record taken in; none for a record that tells of no conversation. `before` is what earlier
/// records of the same conversation made.
pub fn take(before: Option<Summary>, record: &Record) -> Option<Summary> {
    let id = record.conversation.clone()?;
    // Who looks at it does not make it newer.
    if record.kind == AuditKind::ConversationRead {
        return before;
    }
    let at = record.at.rfc3339();
    let test = id.agent().is_ok_and(|agent| agent.tested().is_some());
    let mut summary = before.unwrap_or_else(|| Summary {
        id,
        began: at.clone(),
        newest: at.clone(),
        state: State::Unidentified,
        method: None,
        person: None,
        outcome: Outcome::NotAsked,
        entries: 0,
        test,
    });
    summary.newest = at;
    summary.entries = summary.entries.saturating_add(1);
    let signed_in = summary.state == State::Authenticated;
    match record.kind {
        AuditKind::LoginRequested if !signed_in => {
            summary.state = State::Pending;
            summary.outcome = Outcome::Asked;
        }
        AuditKind::LoginSucceeded | AuditKind::SteppedUp => {
            summary.state = State::Authenticated;
            summary.outcome = Outcome::SignedIn;
            let method = record.detail.get("method").map(|name| Value::from(name.as_str()));
            summary.method = method.and_then(|name| serde_json::from_value(name).ok()).or(summary.method);
            summary.person = record.person.clone().or(summary.person);
        }
        AuditKind::LoginCancelled if !signed_in => {
            summary.state = State::Unidentified;
            summary.outcome = Outcome::Cancelled;
        }
        AuditKind::CodeRefused | AuditKind::LoginRefused | AuditKind::PasskeyRefused if !signed_in => {
            summary.outcome = Outcome::Refused;
        }
        AuditKind::SignedOut | AuditKind::SignedOutEverywhere => {
            summary.state = State::Unidentified;
            summary.outcome = Outcome::SignedOut;
        }
        _ => {}
    }
    Some(summary)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shared::card::Method;
    use shared::id::{ConversationId, PersonId};

    use super::{AuditKind, Outcome, Record, State, Summary, take};
    use crate::audit::{BEGINNING, Entry, append};
    use crate::time::Millis;

    fn record(n: u64, kind: AuditKind) -> Record {
        let detail = BTreeMap::from([("method".to_owned(), "passkey".to_owned())]);
        let conversation = ConversationId::parse("ag_x.AAAAAAAAAAAAAAAAAAAAAA").ok();
        let person = PersonId::parse(&"p".repeat(43)).ok();
        append(BEGINNING, n, Entry { at: Millis(n * 1000), id: n.to_string(), kind, conversation, person, detail })
    }

    fn after(kinds: &[AuditKind]) -> Summary {
        let records = kinds.iter().zip(1..).map(|(kind, n)| record(n, *kind));
        records.fold(None, |summary, record| take(summary, &record)).unwrap()
    }

    #[test]
    fn a_summary_tells_the_state_and_what_became_of_the_login() {
        use AuditKind::{
            CodeRefused, CodeSent, ConversationOpened, LoginCancelled, LoginRequested, LoginSucceeded, SignedOut,
        };
        for (kinds, state, outcome) in [
            (&[ConversationOpened][..], State::Unidentified, Outcome::NotAsked),
            (&[ConversationOpened, LoginRequested, CodeSent], State::Pending, Outcome::Asked),
            (&[LoginRequested, CodeRefused], State::Pending, Outcome::Refused),
            (&[LoginRequested, LoginCancelled], State::Unidentified, Outcome::Cancelled),
            (&[LoginRequested, CodeRefused, LoginSucceeded], State::Authenticated, Outcome::SignedIn),
            (&[LoginSucceeded, LoginRequested, CodeRefused, LoginCancelled], State::Authenticated, Outcome::SignedIn),
            (&[LoginSucceeded, SignedOut], State::Unidentified, Outcome::SignedOut),
        ] {
            let summary = after(kinds);
            assert_eq!((summary.state, summary.outcome), (state, outcome), "{kinds:?}");
            assert_eq!(summary.entries as usize, kinds.len());
        }
        let summary = after(&[ConversationOpened, LoginSucceeded]);
        assert_eq!(summary.method, Some(Method::Passkey));
        assert!(summary.person.is_some() && summary.began < summary.newest);
    }

    #[test]
    fn a_test_is_told_from_a_visitors_conversation() {
        assert!(!after(&[AuditKind::ConversationOpened]).test);
        let id = "ag_x-test-BBBBBBBBBBBBBBBBBBBBBB.AAAAAAAAAAAAAAAAAAAAAA";
        let one = record(1, AuditKind::ConversationOpened);
        let test = Record { conversation: ConversationId::parse(id).ok(), ..one };
        assert!(take(None, &test).unwrap().test);
    }

    #[test]
    fn looking_at_a_conversation_does_not_make_it_newer() {
        let one = after(&[AuditKind::ConversationOpened]);
        assert_eq!(take(Some(one.clone()), &record(9, AuditKind::ConversationRead)), Some(one));
        assert_eq!(take(None, &record(9, AuditKind::ConversationRead)), None);
        let nowhere = Record { conversation: None, ..record(9, AuditKind::SettingsChanged) };
        assert_eq!(take(None, &nowhere), None);
    }
}
