//! The wire's literals. Changing one here is changing the protocol (`docs/protocol.md`).

use crate::account::{Account, Device, Proof, RevokeDevice, Unlink};
use crate::block::{Block, Item, Span};
use crate::card::{Card, CardStep, Channel, Choice, CodeStep, Delivery, Field, FieldKind, Form, Method};
use crate::confirm::{ConfirmStep, Confirmation, Detail};
use crate::error::{ErrorBody, ErrorCode};
use crate::frame::{ClientFrame, Doing, Entry, Interruption, Live, LoadedSource, Numbered, ServerFrame, State};
use crate::id::{CardId, ConversationId, MessageId};
use crate::login::{
    CancelLogin, GoogleStarted, HostLogin, HostSignedIn, MatchWindow, SignOut, StartGoogle, StartLogin, SubmitLogin,
    VerifyCode,
};
use crate::passkey::{
    Algorithm, AskPasskey, Assertion, Attestation, CreationOptions, Descriptor, KeepPasskey, NewPasskey, PasskeyAnswer,
    Registration, RelyingParty, RequestOptions, Selection, Signed, User,
};
use crate::remembered::{Erase, Remembered, RememberedField};
use crate::visit::{Kept, Visit, Visited};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const CONVERSATION: &str = "ag_northwind.AAAAAAAAAAAAAAAAAAAAAA";
const CARD: &str = "BBBBBBBBBBBBBBBBBBBBBB";

/// The value is written as this literal, and the literal is read as this value.
#[track_caller]
fn golden<T: Serialize + DeserializeOwned + PartialEq + core::fmt::Debug>(value: &T, literal: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), literal);
    assert_eq!(&serde_json::from_value::<T>(literal).unwrap(), value);
}

fn card(step: CardStep) -> Card {
    Card {
        id: CardId::parse(CARD).unwrap(),
        title: "Sign in".into(),
        subtitle: "A code by email".into(),
        methods: vec![Method::EmailCode],
        forms: vec![],
        lookup: None,
        channels: vec![],
        address: None,
        phone: None,
        step,
    }
}

fn form() -> Form {
    let field = |name: &str, kind| Field {
        name: name.into(),
        label: "Label".into(),
        kind,
        optional: false,
        autocomplete: None,
        choices: vec![],
    };
    Form {
        action: "sign_in".into(),
        title: "Your account".into(),
        fields: vec![
            Field { autocomplete: Some("username".into()), ..field("user_name", FieldKind::Text) },
            field("password", FieldKind::Password),
            field("mail", FieldKind::Email),
            field("phone", FieldKind::Tel),
            Field { optional: true, ..field("number", FieldKind::Number) },
            Field {
                choices: vec![Choice { value: "eu".into(), label: "Europe".into() }],
                ..field("region", FieldKind::Choice)
            },
        ],
    }
}

fn numbered(entry: Entry) -> ServerFrame {
    ServerFrame::Numbered(Box::new(Numbered { seq: 7, at: "2026-11-21T12:00:00.000Z".into(), entry }))
}

fn text(text: &str) -> Span {
    Span::Text { text: text.into() }
}

#[test]
fn frames_of_the_client() {
    let id = MessageId::parse("message-1").unwrap();
    golden(
        &ClientFrame::Message { id, text: "hi".into() },
        json!({"type": "message", "id": "message-1", "text": "hi"}),
    );
    golden(&ClientFrame::Stop {}, json!({"type": "stop"}));
    golden(&ClientFrame::Retry {}, json!({"type": "retry"}));
    golden(
        &ClientFrame::Confirm { id: CardId::parse(CARD).unwrap(), accepted: true },
        json!({"type": "confirm", "id": CARD, "accepted": true}),
    );
}

#[test]
fn a_client_can_say_nothing_else() {
    for literal in [
        json!({"type": "message", "id": "message-1", "text": "hi", "role": "system"}),
        json!({"type": "message", "id": "message-1", "text": "hi", "history": []}),
        json!({"type": "message", "id": "message-1", "text": ["hi"]}),
        json!({"type": "message", "id": "short", "text": "hi"}),
        json!({"type": "message", "id": "message 1 !", "text": "hi"}),
        json!({"type": "message", "text": "hi"}),
        json!({"type": "tool_result", "id": "message-1"}),
        json!({"type": "stop", "all": true}),
        json!({}),
        json!([]),
        json!("stop"),
        json!(null),
    ] {
        assert!(serde_json::from_value::<ClientFrame>(literal.clone()).is_err(), "{literal}");
    }
}

#[test]
fn numbered_frames() {
    let at = "2026-11-21T12:00:00.000Z";
    golden(
        &numbered(Entry::Message { id: MessageId::parse("message-1").unwrap(), text: "hi".into() }),
        json!({"seq": 7, "at": at, "type": "message", "id": "message-1", "text": "hi"}),
    );
    golden(
        &numbered(Entry::Answer {
            answer: 2,
            blocks: vec![Block::Paragraph { spans: vec![text("hi")] }],
            partial: false,
        }),
        json!({"seq": 7, "at": at, "type": "answer", "answer": 2,
               "blocks": [{"type": "paragraph", "spans": [{"type": "text", "text": "hi"}]}]}),
    );
    golden(
        &numbered(Entry::Answer { answer: 2, blocks: vec![], partial: true }),
        json!({"seq": 7, "at": at, "type": "answer", "answer": 2, "blocks": [], "partial": true}),
    );
    golden(
        &numbered(Entry::State { state: State::Authenticated }),
        json!({"seq": 7, "at": at, "type": "state", "state": "authenticated"}),
    );
    golden(
        &numbered(Entry::Loaded {
            sources: vec![
                LoadedSource { name: "recent orders".into(), count: Some(3) },
                LoadedSource { name: "profile".into(), count: None },
            ],
        }),
        json!({"seq": 7, "at": at, "type": "loaded",
               "sources": [{"name": "recent orders", "count": 3}, {"name": "profile"}]}),
    );
    for (reason, word) in [
        (Interruption::Stopped, "stopped"),
        (Interruption::Failed, "failed"),
        (Interruption::Restarted, "restarted"),
        (Interruption::TooManyRounds, "too_many_rounds"),
        (Interruption::OutOfBudget, "out_of_budget"),
    ] {
        golden(
            &numbered(Entry::Interrupted { reason }),
            json!({"seq": 7, "at": at, "type": "interrupted", "reason": word}),
        );
    }
}

#[test]
fn confirmations() {
    for (step, word) in [
        (ConfirmStep::Asked, "asked"),
        (ConfirmStep::Confirmed, "confirmed"),
        (ConfirmStep::Declined, "declined"),
        (ConfirmStep::Withdrawn, "withdrawn"),
    ] {
        let confirm = Confirmation {
            id: CardId::parse(CARD).unwrap(),
            title: "Change the delivery address".into(),
            details: vec![Detail { label: "Order".into(), value: "NW-1042".into() }],
            step,
        };
        golden(
            &numbered(Entry::Confirm { confirm }),
            json!({"seq": 7, "at": "2026-11-21T12:00:00.000Z", "type": "confirm", "confirm": {
                "id": CARD, "title": "Change the delivery address",
                "details": [{"label": "Order", "value": "NW-1042"}], "step": word}}),
        );
    }
}

#[test]
fn live_frames() {
    let live = ServerFrame::Live;
    let id = || MessageId::parse("message-1").unwrap();
    golden(&live(Live::Ready { seq: 7 }), json!({"type": "ready", "seq": 7}));
    golden(&live(Live::Ack { id: id(), seq: 7 }), json!({"type": "ack", "id": "message-1", "seq": 7}));
    golden(
        &live(Live::Delta { answer: 2, from: 1, blocks: vec![Block::Rule] }),
        json!({"type": "delta", "answer": 2, "from": 1, "blocks": [{"type": "rule"}]}),
    );
    golden(&live(Live::Progress { doing: None }), json!({"type": "progress"}));
    golden(
        &live(Live::Progress { doing: Some(Doing::Thinking) }),
        json!({"type": "progress", "doing": {"what": "thinking"}}),
    );
    golden(
        &live(Live::Progress { doing: Some(Doing::Loading { names: vec!["recent orders".into()] }) }),
        json!({"type": "progress", "doing": {"what": "loading", "names": ["recent orders"]}}),
    );
    golden(
        &live(Live::Progress { doing: Some(Doing::Acting { names: vec!["Look up an order".into()] }) }),
        json!({"type": "progress", "doing": {"what": "acting", "names": ["Look up an order"]}}),
    );
    golden(
        &live(Live::Refused { id: Some(id()), code: ErrorCode::TooOften, retry_after_s: Some(3) }),
        json!({"type": "refused", "id": "message-1", "code": "too_often", "retry_after_s": 3}),
    );
    golden(
        &live(Live::Refused { id: None, code: ErrorCode::BadRequest, retry_after_s: None }),
        json!({"type": "refused", "code": "bad_request"}),
    );
}

#[test]
fn blocks_and_spans() {
    golden(
        &vec![
            Block::Heading { spans: vec![text("t")] },
            Block::List {
                start: Some(3),
                items: vec![
                    Item { level: 0, spans: vec![Span::Strong { text: "s".into() }] },
                    Item { level: 1, spans: vec![Span::Em { text: "e".into() }, Span::Break] },
                ],
            },
            Block::List { start: None, items: vec![] },
            Block::Code { text: "x\ny".into() },
            Block::Quote { spans: vec![Span::Code { text: "c".into() }] },
            Block::Table { rows: vec![vec![vec![text("a")], vec![]]] },
            Block::Paragraph { spans: vec![Span::Link { text: "l".into(), href: "https://example.com/".into() }] },
            Block::Rule,
        ],
        json!([
            {"type": "heading", "spans": [{"type": "text", "text": "t"}]},
            {"type": "list", "start": 3, "items": [
                {"spans": [{"type": "strong", "text": "s"}]},
                {"level": 1, "spans": [{"type": "em", "text": "e"}, {"type": "break"}]}]},
            {"type": "list", "items": []},
            {"type": "code", "text": "x\ny"},
            {"type": "quote", "spans": [{"type": "code", "text": "c"}]},
            {"type": "table", "rows": [[[{"type": "text", "text": "a"}], []]]},
            {"type": "paragraph", "spans": [{"type": "link", "text": "l", "href": "https://example.com/"}]},
            {"type": "rule"}
        ]),
    );
}

#[test]
fn cards() {
    let literal = |step: Value| json!({"id": CARD, "title": "Sign in", "subtitle": "A code by email", "methods": ["email_code"], "step": step});
    golden(&card(CardStep::Address), literal(json!({"at": "address"})));
    golden(&card(CardStep::Done), literal(json!({"at": "done"})));
    golden(&card(CardStep::Cancelled), literal(json!({"at": "cancelled"})));
    let form_literal = json!({"action": "sign_in", "title": "Your account", "fields": [
        {"name": "user_name", "label": "Label", "kind": "text", "autocomplete": "username"},
        {"name": "password", "label": "Label", "kind": "password"},
        {"name": "mail", "label": "Label", "kind": "email"},
        {"name": "phone", "label": "Label", "kind": "tel"},
        {"name": "number", "label": "Label", "kind": "number", "optional": true},
        {"name": "region", "label": "Label", "kind": "choice", "choices": [{"value": "eu", "label": "Europe"}]}]});
    golden(&card(CardStep::Form { form: form() }), literal(json!({"at": "form", "form": form_literal})));
    golden(
        &Card {
            methods: vec![Method::LoginAction, Method::EmailCode],
            forms: vec![form()],
            address: Some("ana@example.com".into()),
            ..card(CardStep::Address)
        },
        json!({"id": CARD, "title": "Sign in", "subtitle": "A code by email", "methods": ["login_action", "email_code"],
               "forms": [form_literal], "address": "ana@example.com", "step": {"at": "address"}}),
    );
    golden(&card(CardStep::Match { digits: 4 }), literal(json!({"at": "match", "digits": 4})));
    let number = Field { name: "number".into(), ..form().fields.remove(0) };
    golden(
        &Card {
            methods: vec![
                Method::Passkey,
                Method::Google,
                Method::PhoneCode,
                Method::CollectionLookup,
                Method::HostToken,
            ],
            lookup: Some(number),
            channels: vec![Channel::Sms, Channel::Whatsapp, Channel::OnRecord],
            phone: Some("+442079460000".into()),
            ..card(CardStep::Address)
        },
        json!({"id": CARD, "title": "Sign in", "subtitle": "A code by email",
               "methods": ["passkey", "google", "phone_code", "collection_lookup", "host_token"],
               "lookup": {"name": "number", "label": "Label", "kind": "text", "autocomplete": "username"},
               "channels": ["sms", "whatsapp", "on_record"], "phone": "+442079460000", "step": {"at": "address"}}),
    );
    golden(
        &card(CardStep::Code(CodeStep {
            address: "+442079460000".into(),
            channel: Channel::Sms,
            instead_of: Some(Channel::Whatsapp),
            digits: 6,
            reference: "amber-otter".into(),
            resend_at: "2026-11-21T12:01:00.000Z".into(),
            expires_at: "2026-11-21T12:05:00.000Z".into(),
            delivery: Delivery::Sent,
        })),
        literal(json!({"at": "code", "address": "+442079460000", "channel": "sms", "instead_of": "whatsapp",
                       "digits": 6, "reference": "amber-otter", "resend_at": "2026-11-21T12:01:00.000Z",
                       "expires_at": "2026-11-21T12:05:00.000Z", "delivery": "sent"})),
    );
    for (delivery, word) in [(Delivery::Sending, "sending"), (Delivery::Sent, "sent"), (Delivery::Failed, "failed")] {
        golden(
            &card(CardStep::Code(CodeStep {
                address: "ana@example.com".into(),
                channel: Channel::Email,
                instead_of: None,
                digits: 6,
                reference: "amber-otter".into(),
                resend_at: "2026-11-21T12:01:00.000Z".into(),
                expires_at: "2026-11-21T12:05:00.000Z".into(),
                delivery,
            })),
            literal(json!({"at": "code", "address": "ana@example.com", "digits": 6, "reference": "amber-otter",
                           "resend_at": "2026-11-21T12:01:00.000Z", "expires_at": "2026-11-21T12:05:00.000Z",
                           "delivery": word})),
        );
    }
}

#[test]
fn ways_to_sign_in() {
    let card = || CardId::parse(CARD).unwrap();
    golden(
        &StartLogin {
            card: card(),
            method: Method::PhoneCode,
            address: "+44 20 7946 0000".into(),
            channel: Some(Channel::Whatsapp),
        },
        json!({"card": CARD, "method": "phone_code", "address": "+44 20 7946 0000", "channel": "whatsapp"}),
    );
    golden(&StartGoogle { card: card() }, json!({"card": CARD}));
    golden(&GoogleStarted { path: "/login/google/x/y".into() }, json!({"path": "/login/google/x/y"}));
    golden(&MatchWindow { card: card(), code: "1234".into() }, json!({"card": CARD, "code": "1234"}));
    golden(&HostLogin { token: "a.b.c".into() }, json!({"token": "a.b.c"}));
    for said in [
        format!("{:?}", HostLogin { token: "a.b.c".into() }),
        format!("{:?}", MatchWindow { card: card(), code: "1234".into() }),
    ] {
        assert!(!said.contains("a.b.c") && !said.contains("1234"), "{said}");
    }
}

#[test]
fn the_account() {
    let at = || "2026-11-21T12:00:00.000Z".to_owned();
    let device = |here| Device {
        id: "d1".into(),
        label: "Firefox on Windows".into(),
        since: at(),
        seen: at(),
        method: Method::EmailCode,
        here,
    };
    let proof =
        |first| Proof { id: "p1".into(), method: Method::Google, label: "ana@example.com".into(), since: at(), first };
    golden(
        &Account {
            devices: vec![device(true), device(false)],
            proofs: vec![proof(true), proof(false)],
            passkeys: true,
        },
        json!({"devices": [
                   {"id": "d1", "label": "Firefox on Windows", "since": at(), "seen": at(), "method": "email_code", "here": true},
                   {"id": "d1", "label": "Firefox on Windows", "since": at(), "seen": at(), "method": "email_code"}],
               "proofs": [
                   {"id": "p1", "method": "google", "label": "ana@example.com", "since": at(), "first": true},
                   {"id": "p1", "method": "google", "label": "ana@example.com", "since": at()}],
               "passkeys": true}),
    );
    golden(&RevokeDevice { id: "d1".into() }, json!({"id": "d1"}));
    golden(&Unlink { id: "p1".into() }, json!({"id": "p1"}));
}

#[test]
fn requests_and_answers() {
    let card_id = || CardId::parse(CARD).unwrap();
    golden(
        &Visit {
            conversation: Some(ConversationId::parse(CONVERSATION).unwrap()),
            after: 7,
            fresh: true,
            bearer: false,
        },
        json!({"conversation": CONVERSATION, "after": 7, "fresh": true}),
    );
    assert_eq!(
        serde_json::from_value::<Visit>(json!({})).unwrap(),
        Visit { conversation: None, after: 0, fresh: false, bearer: false }
    );
    golden(
        &Visited {
            conversation: ConversationId::parse(CONVERSATION).unwrap(),
            state: State::Unidentified,
            label: None,
            frames: vec![],
            now: "2026-11-21T12:00:00.000Z".into(),
        },
        json!({"conversation": CONVERSATION, "state": "unidentified", "frames": [], "now": "2026-11-21T12:00:00.000Z"}),
    );
    golden(
        &Visit { conversation: None, after: 0, fresh: false, bearer: true },
        json!({"after": 0, "fresh": false, "bearer": true}),
    );
    golden(&Kept { bearer: Some("a.b.c".into()) }, json!({"bearer": "a.b.c"}));
    golden(&Kept { bearer: None }, json!({}));
    golden(
        &HostSignedIn { conversation: ConversationId::parse(CONVERSATION).unwrap() },
        json!({"conversation": CONVERSATION}),
    );
    golden(
        &StartLogin { card: card_id(), method: Method::EmailCode, address: "ana@example.com".into(), channel: None },
        json!({"card": CARD, "method": "email_code", "address": "ana@example.com"}),
    );
    golden(&VerifyCode { card: card_id(), code: "123456".into() }, json!({"card": CARD, "code": "123456"}));
    golden(
        &SubmitLogin { card: card_id(), action: "sign_in".into(), values: [("user_name".into(), "ana".into())].into() },
        json!({"card": CARD, "action": "sign_in", "values": {"user_name": "ana"}}),
    );
    golden(&Erase {}, json!({}));
    golden(
        &Remembered {
            fields: vec![
                RememberedField {
                    name: "company_id".into(),
                    value: Some("c-7".into()),
                    since: "2026-11-21T12:00:00.000Z".into(),
                },
                RememberedField { name: "token".into(), value: None, since: "2026-11-21T12:00:00.000Z".into() },
            ],
        },
        json!({"fields": [{"name": "company_id", "value": "c-7", "since": "2026-11-21T12:00:00.000Z"},
                          {"name": "token", "since": "2026-11-21T12:00:00.000Z"}]}),
    );
    golden(&CancelLogin { card: card_id() }, json!({"card": CARD}));
    golden(&SignOut { everywhere: true }, json!({"everywhere": true}));
    golden(
        &ErrorBody {
            code: ErrorCode::TooOften,
            message: ErrorCode::TooOften.message().into(),
            retry_after_s: Some(60),
            request_id: "r".into(),
        },
        json!({"code": "too_often", "message": "That was tried too often. Wait a moment, then try again.",
               "retry_after_s": 60, "request_id": "r"}),
    );
}

#[test]
fn a_code_is_not_in_the_debug_form_of_its_request() {
    let request = VerifyCode { card: CardId::parse(CARD).unwrap(), code: "482913".into() };
    assert!(!format!("{request:?}").contains("482913"));
    let values = [("password".into(), "hunter2".into())].into();
    let request = SubmitLogin { card: CardId::parse(CARD).unwrap(), action: "sign_in".into(), values };
    assert!(!format!("{request:?}").contains("hunter2"));
}

#[test]
fn an_address_is_one_text_and_nothing_else() {
    for address in [json!(["a@example.com", "b@example.com"]), json!({"to": "a@example.com"}), json!(null), json!(1)] {
        let literal = json!({"card": CARD, "method": "email_code", "address": address});
        assert!(serde_json::from_value::<StartLogin>(literal).is_err(), "{address}");
    }
}

#[test]
fn error_codes_are_closed_and_each_says_what_to_do() {
    #[derive(Deserialize)]
    struct One {
        code: ErrorCode,
    }
    let words: Vec<_> = ErrorCode::ALL.iter().map(|code| serde_json::to_value(code).unwrap()).collect();
    assert_eq!(
        Value::Array(words),
        json!([
            "bad_request",
            "too_large",
            "not_found",
            "signed_out",
            "wrong_origin",
            "bad_address",
            "bad_number",
            "code_not_accepted",
            "code_in_chat",
            "login_refused",
            "other_person",
            "proof_refused",
            "card_gone",
            "too_often",
            "method_off",
            "method_not_allowed",
            "unavailable"
        ])
    );
    assert!(ErrorCode::ALL.iter().all(|code| code.message().ends_with('.')));
    assert_eq!(serde_json::from_value::<One>(json!({"code": "unavailable"})).unwrap().code, ErrorCode::Unavailable);
}

#[test]
fn passkeys_travel_in_the_forms_of_the_standard() {
    let card = CardId::parse(CARD).unwrap();
    golden(&AskPasskey { card: card.clone() }, json!({"card": CARD}));
    golden(&NewPasskey {}, json!({}));
    golden(
        &RequestOptions {
            challenge: "Y2g".into(),
            timeout: 300_000,
            rp_id: "chat.example".into(),
            allow_credentials: vec![Descriptor::of("aWQ")],
            user_verification: "required".into(),
        },
        json!({"challenge": "Y2g", "timeout": 300_000, "rpId": "chat.example", "userVerification": "required",
               "allowCredentials": [{"type": "public-key", "id": "aWQ"}]}),
    );
    golden(
        &CreationOptions {
            rp: RelyingParty { id: "chat.example".into(), name: "Northwind".into() },
            user: User {
                id: "cGVyc29u".into(),
                name: "ana@example.com".into(),
                display_name: "ana@example.com".into(),
            },
            challenge: "Y2g".into(),
            pub_key_cred_params: vec![Algorithm { kind: "public-key".into(), alg: -7 }],
            timeout: 300_000,
            exclude_credentials: vec![],
            authenticator_selection: Selection {
                resident_key: "required".into(),
                require_resident_key: true,
                user_verification: "required".into(),
            },
            attestation: "none".into(),
        },
        json!({"rp": {"id": "chat.example", "name": "Northwind"},
               "user": {"id": "cGVyc29u", "name": "ana@example.com", "displayName": "ana@example.com"},
               "challenge": "Y2g", "pubKeyCredParams": [{"type": "public-key", "alg": -7}], "timeout": 300_000,
               "excludeCredentials": [], "attestation": "none",
               "authenticatorSelection": {"residentKey": "required", "requireResidentKey": true, "userVerification": "required"}}),
    );
    let (id, kind) = ("aWQ".to_owned(), "public-key".to_owned());
    let response = Signed {
        client_data: "e30".into(),
        authenticator_data: "AA".into(),
        signature: "MA".into(),
        user_handle: Some("cGVyc29u".into()),
    };
    let credential = Assertion { id: id.clone(), raw_id: id.clone(), kind: kind.clone(), response };
    let mut literal = json!({"card": CARD, "credential": {"id": "aWQ", "rawId": "aWQ", "type": "public-key",
        "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "MA", "userHandle": "cGVyc29u"}}});
    let answer = PasskeyAnswer { card, credential };
    golden(&answer, literal.clone());
    // Browsers say more than is looked at.
    literal["credential"]["authenticatorAttachment"] = json!("platform");
    literal["credential"]["response"]["newInLevel4"] = json!({"x": [1]});
    assert_eq!(serde_json::from_value::<PasskeyAnswer>(literal).unwrap(), answer);
    let response = Attestation { client_data: "e30".into(), object: "oA".into() };
    golden(
        &KeepPasskey { credential: Registration { id: id.clone(), raw_id: id, kind, response } },
        json!({"credential": {"id": "aWQ", "rawId": "aWQ", "type": "public-key",
               "response": {"clientDataJSON": "e30", "attestationObject": "oA"}}}),
    );
}
