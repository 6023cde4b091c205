//! From the browser's parsed JSON to the types of `shared`, by hand.
//!
//! The browser has a JSON parser; `serde_json` would add 17 KB to the 35 that a visitor loads. What does not have the
//! form of the protocol is `None`, and a frame of an unknown type is ignored: an older page meets a newer edge.

use js_sys::{Array, JSON, Object, Reflect};
use shared::block::{Block, Item, Span};
use shared::card::{Card, CardStep, Channel, Choice, CodeStep, Delivery, Field, FieldKind, Form, Method};
use shared::confirm::{ConfirmStep, Confirmation, Detail};
use shared::error::ErrorCode;
use shared::frame::{Doing, Entry, Interruption, Live, LoadedSource, Numbered, ServerFrame, State};
use shared::id::{CardId, ConversationId, MessageId};
use wasm_bindgen::JsValue;

use super::fetch::Refusal;

/// Parses a text; `undefined` when it is not JSON.
pub fn parse(text: &str) -> JsValue {
    JSON::parse(text).unwrap_or_default()
}

/// An object with these fields.
pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &JsValue::from_str(name), value).ok();
    }
    object.into()
}

/// An object with these fields, as JSON.
pub fn encode(fields: &[(&str, JsValue)]) -> String {
    JSON::stringify(&object(fields)).map(String::from).unwrap_or_default()
}

/// A field of an object; `undefined` when there is none.
pub fn field(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &JsValue::from_str(name)).unwrap_or_default()
}

/// A field that is a text.
pub fn text(value: &JsValue, name: &str) -> Option<String> {
    field(value, name).as_string()
}

/// A field that is a number.
pub fn number(value: &JsValue, name: &str) -> Option<f64> {
    field(value, name).as_f64()
}

fn count(value: &JsValue, name: &str) -> Option<u32> {
    number(value, name).map(|count| count as u32)
}

fn list<T>(value: &JsValue, name: &str, decode: fn(&JsValue) -> Option<T>) -> Option<Vec<T>> {
    each(&field(value, name), decode)
}

fn each<T>(values: &JsValue, decode: fn(&JsValue) -> Option<T>) -> Option<Vec<T>> {
    if !Array::is_array(values) {
        return None;
    }
    Array::from(values).iter().map(|value| decode(&value)).collect()
}

/// A frame from the edge.
pub fn frame(value: &JsValue) -> Option<ServerFrame> {
    if field(value, "seq").is_undefined() || text(value, "type")? == "ready" || text(value, "type")? == "ack" {
        live(value).map(ServerFrame::Live)
    } else {
        numbered(value).map(Box::new).map(ServerFrame::Numbered)
    }
}

/// The answer to a visit, as far as it is read here: the session of a page without cookies stays in `edge.ts`.
pub struct Visited {
    pub conversation: ConversationId,
    pub state: State,
    pub label: Option<String>,
    pub frames: Vec<Numbered>,
    pub now: String,
}

/// The answer to a visit. A frame that this page does not know is left out; the others stand.
pub fn visited(value: &JsValue) -> Option<Visited> {
    Some(Visited {
        conversation: ConversationId::parse(&text(value, "conversation")?).ok()?,
        state: state(value)?,
        label: text(value, "label"),
        frames: list(value, "frames", |frame| Some(numbered(frame)))?.into_iter().flatten().collect(),
        now: text(value, "now")?,
    })
}

/// A refusal.
pub fn refusal(value: &JsValue) -> Option<Refusal> {
    /// The edge's own words, which the page has in its own language.
    const OWN: &str = ErrorCode::LoginRefused.message();
    let code = error_code(value)?;
    let said = text(value, "message").filter(|said| code == ErrorCode::LoginRefused && said != OWN);
    Some(Refusal::Edge { code, retry_after_s: count(value, "retry_after_s"), said: said.unwrap_or_default() })
}

/// A card, from the field `card`.
pub fn card(value: &JsValue) -> Option<Card> {
    let value = &field(value, "card");
    Some(Card {
        id: CardId::parse(&text(value, "id")?).ok()?,
        title: text(value, "title")?,
        subtitle: text(value, "subtitle")?,
        methods: list(value, "methods", |method| Some(named(&METHODS, method)))?.into_iter().flatten().collect(),
        forms: list(value, "forms", form).unwrap_or_default(),
        lookup: form_field(&field(value, "lookup")),
        channels: list(value, "channels", channel).unwrap_or_default(),
        address: text(value, "address"),
        phone: text(value, "phone"),
        step: step(&field(value, "step"))?,
    })
}

fn numbered(value: &JsValue) -> Option<Numbered> {
    Some(Numbered { seq: number(value, "seq")? as u64, at: text(value, "at")?, entry: entry(value)? })
}

fn entry(value: &JsValue) -> Option<Entry> {
    Some(match text(value, "type")?.as_str() {
        "message" => Entry::Message { id: message_id(value)?, text: text(value, "text")? },
        "answer" => Entry::Answer {
            answer: number(value, "answer")? as u64,
            blocks: blocks(value)?,
            partial: field(value, "partial").is_truthy(),
        },
        "card" => Entry::Card { card: card(value)? },
        "confirm" => Entry::Confirm { confirm: confirmation(&field(value, "confirm"))? },
        "state" => Entry::State { state: state(value)? },
        "loaded" => Entry::Loaded { sources: list(value, "sources", source)? },
        "interrupted" => Entry::Interrupted { reason: interruption(value)? },
        _ => return None,
    })
}

fn live(value: &JsValue) -> Option<Live> {
    Some(match text(value, "type")?.as_str() {
        "ready" => Live::Ready { seq: number(value, "seq")? as u64 },
        "ack" => Live::Ack { id: message_id(value)?, seq: number(value, "seq")? as u64 },
        "delta" => Live::Delta {
            answer: number(value, "answer")? as u64,
            from: number(value, "from")? as u32,
            blocks: blocks(value)?,
        },
        "progress" => Live::Progress { doing: doing(&field(value, "doing")) },
        "refused" => Live::Refused {
            id: message_id(value),
            code: error_code(value)?,
            retry_after_s: count(value, "retry_after_s"),
        },
        _ => return None,
    })
}

fn message_id(value: &JsValue) -> Option<MessageId> {
    MessageId::parse(&text(value, "id")?).ok()
}

/// The methods that a card may name.
pub const METHODS: [(&str, Method); 6] = [
    ("email_code", Method::EmailCode),
    ("phone_code", Method::PhoneCode),
    ("google", Method::Google),
    ("login_action", Method::LoginAction),
    ("collection_lookup", Method::CollectionLookup),
    ("passkey", Method::Passkey),
];

/// What a code travels by.
pub const CHANNELS: [(&str, Channel); 4] = [
    ("email", Channel::Email),
    ("sms", Channel::Sms),
    ("whatsapp", Channel::Whatsapp),
    ("on_record", Channel::OnRecord),
];

/// What a value is called on the wire.
pub fn name_of<T: PartialEq + Copy>(names: &[(&str, T)], value: T) -> JsValue {
    names.iter().find(|(_, named)| *named == value).map_or(JsValue::UNDEFINED, |(name, _)| JsValue::from_str(name))
}

fn named<T: Copy>(names: &[(&str, T)], value: &JsValue) -> Option<T> {
    let name = value.as_string()?;
    names.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

fn channel(value: &JsValue) -> Option<Channel> {
    named(&CHANNELS, value)
}

fn form(value: &JsValue) -> Option<Form> {
    Some(Form {
        action: text(value, "action")?,
        title: text(value, "title")?,
        fields: list(value, "fields", form_field)?,
    })
}

fn form_field(value: &JsValue) -> Option<Field> {
    Some(Field {
        name: text(value, "name")?,
        label: text(value, "label")?,
        kind: match text(value, "kind")?.as_str() {
            "text" => FieldKind::Text,
            "password" => FieldKind::Password,
            "email" => FieldKind::Email,
            "tel" => FieldKind::Tel,
            "number" => FieldKind::Number,
            "choice" => FieldKind::Choice,
            _ => return None,
        },
        optional: field(value, "optional").is_truthy(),
        autocomplete: text(value, "autocomplete"),
        choices: list(value, "choices", choice).unwrap_or_default(),
    })
}

fn choice(value: &JsValue) -> Option<Choice> {
    Some(Choice { value: text(value, "value")?, label: text(value, "label")? })
}

fn confirmation(value: &JsValue) -> Option<Confirmation> {
    Some(Confirmation {
        id: CardId::parse(&text(value, "id")?).ok()?,
        title: text(value, "title")?,
        details: list(value, "details", |detail| {
            Some(Detail { label: text(detail, "label")?, value: text(detail, "value")? })
        })?,
        step: match text(value, "step")?.as_str() {
            "asked" => ConfirmStep::Asked,
            "confirmed" => ConfirmStep::Confirmed,
            "declined" => ConfirmStep::Declined,
            "withdrawn" => ConfirmStep::Withdrawn,
            _ => return None,
        },
    })
}

fn step(value: &JsValue) -> Option<CardStep> {
    Some(match text(value, "at")?.as_str() {
        "address" => CardStep::Address,
        "match" => CardStep::Match { digits: number(value, "digits")? as u8 },
        "code" => CardStep::Code(CodeStep {
            address: text(value, "address")?,
            channel: channel(&field(value, "channel")).unwrap_or_default(),
            instead_of: channel(&field(value, "instead_of")),
            digits: number(value, "digits")? as u8,
            reference: text(value, "reference")?,
            resend_at: text(value, "resend_at")?,
            expires_at: text(value, "expires_at")?,
            delivery: match text(value, "delivery")?.as_str() {
                "sending" => Delivery::Sending,
                "sent" => Delivery::Sent,
                "failed" => Delivery::Failed,
                _ => return None,
            },
        }),
        "form" => CardStep::Form { form: form(&field(value, "form"))? },
        "done" => CardStep::Done,
        "cancelled" => CardStep::Cancelled,
        _ => return None,
    })
}

fn state(value: &JsValue) -> Option<State> {
    Some(match text(value, "state")?.as_str() {
        "unidentified" => State::Unidentified,
        "pending" => State::Pending,
        "authenticated" => State::Authenticated,
        _ => return None,
    })
}

fn source(value: &JsValue) -> Option<LoadedSource> {
    Some(LoadedSource { name: text(value, "name")?, count: count(value, "count") })
}

fn interruption(value: &JsValue) -> Option<Interruption> {
    Some(match text(value, "reason")?.as_str() {
        "stopped" => Interruption::Stopped,
        "failed" => Interruption::Failed,
        "restarted" => Interruption::Restarted,
        "too_many_rounds" => Interruption::TooManyRounds,
        "out_of_budget" => Interruption::OutOfBudget,
        _ => return None,
    })
}

fn doing(value: &JsValue) -> Option<Doing> {
    Some(match text(value, "what")?.as_str() {
        "thinking" => Doing::Thinking,
        "loading" => Doing::Loading { names: list(value, "names", JsValue::as_string)? },
        "acting" => Doing::Acting { names: list(value, "names", JsValue::as_string)? },
        _ => return None,
    })
}

/// Why something may be refused.
pub const ERRORS: [(&str, ErrorCode); 17] = [
    ("bad_request", ErrorCode::BadRequest),
    ("too_large", ErrorCode::TooLarge),
    ("not_found", ErrorCode::NotFound),
    ("signed_out", ErrorCode::SignedOut),
    ("wrong_origin", ErrorCode::WrongOrigin),
    ("bad_address", ErrorCode::BadAddress),
    ("bad_number", ErrorCode::BadNumber),
    ("code_not_accepted", ErrorCode::CodeNotAccepted),
    ("code_in_chat", ErrorCode::CodeInChat),
    ("login_refused", ErrorCode::LoginRefused),
    ("other_person", ErrorCode::OtherPerson),
    ("proof_refused", ErrorCode::ProofRefused),
    ("card_gone", ErrorCode::CardGone),
    ("too_often", ErrorCode::TooOften),
    ("method_off", ErrorCode::MethodOff),
    ("method_not_allowed", ErrorCode::MethodNotAllowed),
    ("unavailable", ErrorCode::Unavailable),
];

fn error_code(value: &JsValue) -> Option<ErrorCode> {
    named(&ERRORS, &field(value, "code"))
}

/// The known blocks; one of a type that this page does not know is left out, so that the rest can be read. An unknown
/// block becomes an empty paragraph, because a `delta` counts blocks.
fn blocks(value: &JsValue) -> Option<Vec<Block>> {
    list(value, "blocks", |value| Some(block(value).unwrap_or(Block::Paragraph { spans: Vec::new() })))
}

fn block(value: &JsValue) -> Option<Block> {
    Some(match text(value, "type")?.as_str() {
        "paragraph" => Block::Paragraph { spans: spans(&field(value, "spans"))? },
        "heading" => Block::Heading { spans: spans(&field(value, "spans"))? },
        "list" => Block::List { start: count(value, "start"), items: list(value, "items", item)? },
        "code" => Block::Code { text: text(value, "text")? },
        "quote" => Block::Quote { spans: spans(&field(value, "spans"))? },
        "table" => Block::Table { rows: list(value, "rows", |row| each(row, spans))? },
        "rule" => Block::Rule,
        _ => return None,
    })
}

fn item(value: &JsValue) -> Option<Item> {
    Some(Item { level: number(value, "level").map_or(0, |level| level as u8), spans: spans(&field(value, "spans"))? })
}

fn spans(values: &JsValue) -> Option<Vec<Span>> {
    each(values, span)
}

fn span(value: &JsValue) -> Option<Span> {
    let text = |name| text(value, name);
    Some(match text("type")?.as_str() {
        "text" => Span::Text { text: text("text")? },
        "em" => Span::Em { text: text("text")? },
        "strong" => Span::Strong { text: text("text")? },
        "code" => Span::Code { text: text("text")? },
        "link" => Span::Link { text: text("text")?, href: text("href")? },
        "break" => Span::Break,
        _ => return None,
    })
}
