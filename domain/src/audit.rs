//! The audit: who did what when, in a chain in which no record can be changed, removed or moved unseen (R72).

use std::collections::BTreeMap;

use core::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::id::{ConversationId, PersonId};

use crate::challenge::code;
use crate::time::Millis;

/// What stands before the first record, in place of a hash.
pub const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The number of the first record.
pub const FIRST_SEQ: u64 = 1;

const MAX_DETAIL_CHARS: usize = 200;

/// The most details that one list takes.
const MAX_PARTS: usize = 40;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// A conversation began.
    ConversationOpened,
    /// A login card was shown.
    LoginRequested,
    /// A mail with a code was handed over.
    CodeSent,
    /// A mail with a code was not handed over, tries and all.
    CodeSendFailed,
    /// A typed code was not accepted; the detail `why` says the reason that nobody else is told.
    CodeRefused,
    /// A person signed in.
    LoginSucceeded,
    /// A person proved more than they had: again, or by a stronger method.
    SteppedUp,
    /// The company's API did not accept a login; the detail says which action.
    LoginRefused,
    /// A person added a passkey.
    PasskeyAdded,
    /// A person took a passkey away.
    PasskeyRemoved,
    /// A passkey proved a person.
    PasskeyUsed,
    /// What a passkey signed was not accepted; the detail `why` says the reason that nobody else is told.
    PasskeyRefused,
    /// A passkey counted back: there are two of it. Somebody should look.
    PasskeyCloned,
    /// A person proved something new in their own session; from now on it signs them in.
    ProofLinked,
    /// A person took away a way to sign in.
    ProofUnlinked,
    /// The visitor closed the card.
    LoginCancelled,
    /// A session was ended by its person.
    SignedOut,
    /// All sessions of a person were ended.
    SignedOutEverywhere,
    /// A session's token was refused: forged, ended or of another place.
    SessionRefused,
    /// A person's data was read for the agent.
    DataRead,
    /// An action was carried out; the details say which, with which outcome, under which key.
    ActionCalled,
    /// A call of the model's was not allowed.
    ActionDenied,
    /// The visitor said yes to an action.
    ActionConfirmed,
    /// The visitor said no to one.
    ActionDeclined,
    /// A person's token was refreshed, or could not be.
    TokenRefreshed,
    /// A person looked at what is remembered about them.
    RememberedShown,
    /// A person had it erased.
    RememberedErased,
    /// A message was not taken.
    MessageRefused,
    /// A code or password was found in a message and taken out.
    SecretCaught,
    /// Something was asked for too often.
    RateLimited,
    /// Codes to phones are asked for as an attacker would: a budget of many people together is used up, or too few codes come
    /// back. The detail `budget` says which; once an hour for each (R15).
    AlarmPhone,
    /// So many codes were guessed wrong in a day that the agent's codes are longer and rarer until it ends (R9).
    GuessingAlarm,
    /// A key of the agent was sealed and stored.
    KeySealed,
    /// The agent's settings were changed.
    SettingsChanged,
    /// A collection or its records were changed, or exported; the details say which and how. Never what a record holds.
    CollectionChanged,
    /// A member invited somebody; the detail `role` says as what.
    MemberInvited,
    /// An invitation was taken back.
    InvitationRemoved,
    /// Somebody became a member by an invitation.
    MemberJoined,
    /// A member got another role.
    MemberChanged,
    /// A member was removed.
    MemberRemoved,
    /// An API token was made.
    TokenMade,
    /// An API token was revoked.
    TokenRevoked,
    /// A member looked at a conversation; told once an hour for each member and conversation.
    ConversationRead,
    /// A member took the trail along.
    AuditExported,
    /// A key of the agent was removed.
    KeyRemoved,
    /// A member began a chat with settings that are not saved; the detail `changed` says which differ.
    TestChatBegun,
    /// A member carried an action out that is not saved; the details say which, with which outcome.
    ActionTried,
    /// The agent was archived: it answers nobody.
    AgentArchived,
    /// It was restored.
    AgentRestored,
    /// The agent was made; the detail `copy_of` says of which it is a copy.
    AgentMade,
    /// A member or a token had a model asked, with the agent's key where it may go there; the detail `host` says where. Noted
    /// before it is.
    ModelChecked,
    /// A member had a message sent to try settings that are not saved; the detail `channel` says how it travels.
    TestMessageSent,
    /// A page of the owner's was fetched to be looked at; the detail `host` says whose.
    PageChecked,
}

impl AuditKind {
    /// As it is written: `login_succeeded`.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// What is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened.
    pub at: Millis,
    /// The same id is the same event: a retried append is dropped by it. Whoever stores records checks that.
    pub id: String,
    /// What happened.
    pub kind: AuditKind,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// To whom.
    pub person: Option<PersonId>,
    /// More about it. Never an address or a code: see [`append`].
    pub detail: BTreeMap<String, String>,
}

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its number; the first is [`FIRST_SEQ`], and none is left out.
    pub seq: u64,
    /// When it happened.
    pub at: Millis,
    /// The id of the event.
    pub id: String,
    /// What happened.
    pub kind: AuditKind,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// To whom.
    pub person: Option<PersonId>,
    /// More about it.
    pub detail: BTreeMap<String, String>,
    /// The hash of the record before, or [`BEGINNING`].
    pub previous: String,
    /// SHA-256 of everything above, 64 hexadecimal digits.
    pub hash: String,
}

/// The chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenAt {
    /// The number that the first wrong record should have, or the one after the last when the end is missing.
    pub seq: u64,
}

impl fmt::Display for BrokenAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the audit is broken at record {}", self.seq)
    }
}

impl core::error::Error for BrokenAt {}

/// A list as details of an entry, none of them cut: `changed`, `changed 2` and so on, each with as many items as it has room for.
/// Of a list over `MAX_PARTS` details the last says how many items are left out.
pub fn listed(name: &str, items: &[String]) -> Vec<(String, String)> {
    let mut parts: Vec<String> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let length = item.chars().count();
        if let Some(last) = parts.last_mut().filter(|last| last.chars().count() + 1 + length <= MAX_DETAIL_CHARS) {
            last.push(' ');
            last.push_str(item);
        } else if parts.len() == MAX_PARTS {
            parts.push(format!("and {} more", items.len() - at));
            break;
        } else {
            parts.push(item.clone());
        }
    }
    let named = |at: usize| if at == 0 { name.to_owned() } else { format!("{name} {}", at + 1) };
    parts.into_iter().enumerate().map(|(at, part)| (named(at), part)).collect()
}

/// Makes the record of an entry, to stand after the one with the hash `previous`.
///
/// Texts lose control characters and what exceeds 200 characters (no line of a log can be forged with them). A detail
/// with an `@` becomes `[address]` and one that reads as a code becomes `[number]`: callers must not hand them in, and
/// a caller that forgets does no harm. Counts of six digits and more are therefore given with their unit (`123456 ms`).
pub fn append(previous: &str, seq: u64, entry: Entry) -> Record {
    let Entry { at, id, kind, conversation, person, detail } = entry;
    let detail = detail.into_iter().map(|(name, value)| (clean(&name), harmless(&value))).collect();
    let previous = previous.to_owned();
    let mut record =
        Record { seq, at, id: clean(&id), kind, conversation, person, detail, previous, hash: String::new() };
    record.hash = hash(&record);
    record
}

/// Checks a whole chain from its first record on and returns how many records it has.
///
/// A chain whose last records were cut off is a good shorter chain; [`verify_to`] finds that.
///
/// # Errors
/// [`BrokenAt`] the first record that was changed, left out, moved or put in.
pub fn verify<'a>(records: impl IntoIterator<Item = &'a Record>) -> Result<u64, BrokenAt> {
    walk(records).map(|(count, _)| count)
}

/// As [`verify`], and the last record must have the hash `head`, which is kept apart from the records.
///
/// # Errors
/// [`BrokenAt`] as in [`verify`], or the number after the last record when `head` is another.
pub fn verify_to<'a>(records: impl IntoIterator<Item = &'a Record>, head: &str) -> Result<u64, BrokenAt> {
    let (count, last) = walk(records)?;
    if last == head { Ok(count) } else { Err(BrokenAt { seq: FIRST_SEQ + count }) }
}

fn walk<'a>(records: impl IntoIterator<Item = &'a Record>) -> Result<(u64, &'a str), BrokenAt> {
    let (mut count, mut previous) = (0, BEGINNING);
    for record in records {
        let seq = FIRST_SEQ + count;
        if record.seq != seq || record.previous != previous || record.hash != hash(record) {
            return Err(BrokenAt { seq });
        }
        count += 1;
        previous = &record.hash;
    }
    Ok((count, previous))
}

/// SHA-256 over a line of what it is and the record as JSON, fields in the order below, details by name.
#[expect(clippy::expect_used, reason = "texts, numbers and a map with text keys always serialize")]
fn hash(record: &Record) -> String {
    let Record { seq, at, id, kind, conversation, person, detail, previous, hash: _ } = record;
    let fields = (seq, at, id, kind, conversation, person, detail, previous);
    let json = serde_json::to_vec(&fields).expect("plain data");
    let digest = Sha256::new().chain_update(b"countersign/audit/v1\n").chain_update(json).finalize();
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn clean(text: &str) -> String {
    let is_kept = |c: &char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}');
    text.chars().filter(is_kept).take(MAX_DETAIL_CHARS).collect()
}

fn harmless(value: &str) -> String {
    if value.contains(['@', '\u{FF20}', '\u{FE6B}']) {
        "[address]".to_owned()
    } else if code::read(value, code::DIGITS).is_some() {
        "[number]".to_owned()
    } else {
        clean(value)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        AuditKind, BEGINNING, BTreeMap, BrokenAt, Entry, MAX_DETAIL_CHARS, MAX_PARTS, Millis, PersonId, Record, append,
        listed, verify, verify_to,
    };

    fn entry(n: u64) -> Entry {
        Entry {
            at: Millis(1_795_262_400_000 + n),
            id: format!("event-{n}"),
            kind: if n.is_multiple_of(2) { AuditKind::CodeSent } else { AuditKind::CodeRefused },
            conversation: None,
            person: Some(PersonId::parse(&"p".repeat(43)).unwrap()),
            detail: BTreeMap::from([("why".to_owned(), format!("reason {n}"))]),
        }
    }

    fn chain(length: u64) -> Vec<Record> {
        let mut records: Vec<Record> = Vec::new();
        for n in 0..length {
            let previous = records.last().map_or(BEGINNING, |record| record.hash.as_str());
            records.push(append(previous, n + 1, entry(n)));
        }
        records
    }

    #[test]
    fn an_untouched_chain_holds() {
        assert_eq!(verify(&[]), Ok(0));
        let records = chain(20);
        assert_eq!(verify(&records), Ok(20));
        let stored = serde_json::to_string(&records).unwrap();
        let restored: Vec<Record> = serde_json::from_str(&stored).unwrap();
        assert_eq!(verify_to(&restored, &records[19].hash), Ok(20));
    }

    #[test]
    fn a_changed_field_is_found_wherever_it_is() {
        let changes: [fn(&mut Record); 9] = [
            |record| record.seq += 1,
            |record| record.at = Millis(0),
            |record| record.id.push('x'),
            |record| record.kind = AuditKind::LoginSucceeded,
            |record| record.person = None,
            |record| record.detail.clear(),
            |record| drop(record.detail.insert("why".to_owned(), "other".to_owned())),
            |record| record.previous = "1".repeat(64),
            |record| record.hash = "1".repeat(64),
        ];
        for at in 0..10 {
            for (n, change) in changes.iter().enumerate() {
                let mut records = chain(10);
                change(&mut records[at]);
                assert_eq!(verify(&records), Err(BrokenAt { seq: at as u64 + 1 }), "change {n} at {at}");
            }
        }
    }

    #[test]
    fn a_number_left_out_or_used_twice_is_found() {
        for numbers in [[2, 3], [1, 3], [1, 1], [0, 1]] {
            let first = append(BEGINNING, numbers[0], entry(0));
            let second = append(&first.hash, numbers[1], entry(1));
            assert!(verify([&first, &second]).is_err(), "{numbers:?}");
        }
    }

    #[test]
    fn a_record_made_anew_breaks_the_one_after_it() {
        let mut records = chain(10);
        records[4] = append(&records[3].hash.clone(), 5, entry(99));
        assert_eq!(verify(&records), Err(BrokenAt { seq: 6 }));
        let mut records = chain(10);
        records[9] = append(&records[8].hash.clone(), 10, entry(99));
        assert_eq!(verify_to(&records, &chain(10)[9].hash), Err(BrokenAt { seq: 11 }));
    }

    #[test]
    fn a_record_left_out_moved_or_doubled_is_found() {
        let head = chain(10)[9].hash.clone();
        for at in 0..10 {
            let mut removed = chain(10);
            removed.remove(at);
            assert!(verify_to(&removed, &head).is_err(), "removed {at}");
            let mut doubled = chain(10);
            doubled.insert(at, doubled[at].clone());
            assert!(verify(&doubled).is_err(), "doubled {at}");
            for other in 0..10 {
                let mut moved = chain(10);
                moved.swap(at, other);
                assert_eq!(verify(&moved).is_ok(), at == other, "swapped {at} and {other}");
            }
        }
        assert_eq!(verify(&chain(10)[1..]), Err(BrokenAt { seq: 1 }));
    }

    #[test]
    fn a_long_list_is_told_whole() {
        assert!(listed("changed", &[]).is_empty());
        let items: Vec<String> = (0..60).map(|n| format!("/customer_auth/some/setting/{n}")).collect();
        let parts = listed("changed", &items);
        assert_eq!(parts[0].0, "changed");
        assert_eq!(parts[1].0, "changed 2");
        assert!(parts.iter().all(|(_, part)| part.chars().count() <= MAX_DETAIL_CHARS));
        let told: Vec<&str> = parts.iter().flat_map(|(_, part)| part.split(' ')).collect();
        assert_eq!(told, items);
        let many: Vec<String> = (0..100).map(|n| format!("{n:0>200}")).collect();
        let parts = listed("changed", &many);
        assert_eq!(parts.len(), MAX_PARTS + 1);
        assert_eq!(parts[MAX_PARTS], ("changed 41".to_owned(), "and 60 more".to_owned()));
    }

    #[test]
    fn no_line_address_or_code_gets_into_a_record() {
        let mut entry = entry(1);
        entry.id = "event\r\n2".to_owned();
        entry.detail = BTreeMap::from([
            ("agent".to_owned(), "Mozilla\r\n2026-11-21 login_succeeded\0\u{1b}[31m\u{202e}".to_owned()),
            ("long".to_owned(), "x".repeat(5000)),
            ("to".to_owned(), "ann@example.com".to_owned()),
            ("typed".to_owned(), "012 345".to_owned()),
            ("wait".to_owned(), "60".to_owned()),
        ]);
        let record = append(BEGINNING, 1, entry);
        let text = serde_json::to_string(&record).unwrap();
        assert!(!text.contains("ann") && !text.contains("345") && !text.contains("\\r") && !text.contains("\\u"));
        assert_eq!(record.id, "event2");
        assert_eq!(record.detail["long"].len(), 200);
        assert_eq!(record.detail["wait"], "60");
        assert_eq!(verify([&record]), Ok(1));
    }
}
