//! Answers of authenticators: the standard's own vectors, and everything about an answer changed.

mod vectors;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use proptest::prelude::{any, prop_assert, proptest};
use serde_json::{Value, json};
use shared::passkey::{Assertion, Registration};

use super::{Passkey, Refused, Site, URL_SAFE_NO_PAD, prove, register, signed};
use base64::Engine as _;
use sha2::{Digest, Sha256};

const ORIGIN: &str = "https://chat.example.com:8443";
const CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn embedding() -> Vec<String> {
    ["https://shop.example", "https://*.stores.example"].map(str::to_owned).to_vec()
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An authenticator and the browser around it; every part can be changed before it signs.
#[derive(Clone)]
struct Player {
    key: SigningKey,
    id: Vec<u8>,
    rp: &'static str,
    flags: u8,
    counter: u32,
    client: Value,
    tail: Vec<u8>,
    alg: i64,
    statement: Vec<u8>,
}

fn player(kind: &str) -> Player {
    Player {
        key: SigningKey::from_slice(&[7; 32]).unwrap(),
        id: vec![9; 16],
        rp: "chat.example.com",
        flags: 0x05,
        counter: 1,
        client: json!({"type": kind, "challenge": CHALLENGE, "origin": ORIGIN, "crossOrigin": false}),
        tail: vec![],
        alg: -7,
        statement: [&[0x63][..], b"fmt", &[0x64], b"none", &[0x67], b"attStmt", &[0xa0]].concat(),
    }
}

impl Player {
    fn data(&self, more: &[u8]) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp).to_vec();
        data.push(self.flags);
        data.extend(self.counter.to_be_bytes());
        data.extend(more);
        data.extend(&self.tail);
        data
    }

    fn cose(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_encoded_point(false);
        let alg = u8::try_from(-1 - self.alg).unwrap();
        let head = [0xa5, 1, 2, 3, 0x20 | alg, 0x20, 1];
        [&head[..], &[0x21, 0x58, 32], point.x().unwrap(), &[0x22, 0x58, 32], point.y().unwrap()].concat()
    }

    fn client(&self) -> Vec<u8> {
        self.client.to_string().into_bytes()
    }

    fn registers(&self) -> Registration {
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = self.data(&[&[0; 16][..], &length, &self.id, &self.cose()].concat());
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let length = if length[0] == 0 { vec![0x58, length[1]] } else { vec![0x59, length[0], length[1]] };
        let object = [&[0xa3][..], &self.statement, &[0x68], b"authData", &length, &data].concat();
        serde_json::from_value(json!({
            "id": text(&self.id), "rawId": text(&self.id), "type": "public-key", "clientExtensionResults": {},
            "response": {"clientDataJSON": text(self.client()), "attestationObject": text(object), "transports": ["internal"]},
        }))
        .unwrap()
    }

    fn signs(&self) -> Assertion {
        let data = self.data(&[]);
        let signature: Signature = self.key.sign(&signed(&data, &self.client()));
        serde_json::from_value(json!({
            "id": text(&self.id), "rawId": text(&self.id), "type": "public-key", "authenticatorAttachment": "platform",
            "response": {"clientDataJSON": text(self.client()), "authenticatorData": text(data),
                         "signature": text(signature.to_der()), "userHandle": "x"},
        }))
        .unwrap()
    }
}

fn kept() -> Passkey {
    let made = Player { flags: 0x45, ..player("webauthn.create") };
    register(&Site::new(ORIGIN, &embedding()), CHALLENGE, &made.registers()).unwrap()
}

fn proved(answer: &Assertion) -> Result<u32, Refused> {
    prove(&Site::new(ORIGIN, &embedding()), CHALLENGE, &Passkey { counter: 0, ..kept() }, answer)
}

fn changed(change: impl FnOnce(&mut Player)) -> Result<u32, Refused> {
    let mut one = player("webauthn.get");
    change(&mut one);
    proved(&one.signs())
}

fn made(change: impl FnOnce(&mut Player)) -> Result<Passkey, Refused> {
    let mut one = Player { flags: 0x45, ..player("webauthn.create") };
    change(&mut one);
    register(&Site::new(ORIGIN, &embedding()), CHALLENGE, &one.registers())
}

#[test]
fn a_passkey_that_was_made_here_proves_its_holder() {
    let kept = kept();
    assert_eq!((kept.counter, kept.backup_eligible), (1, false));
    assert_eq!(changed(|_| ()), Ok(1));
    assert_eq!(changed(|one| one.counter = 900), Ok(900));
}

#[test]
fn a_page_of_the_agents_may_stand_around_ours_and_no_other() {
    let within = |top: Value| {
        changed(|one| {
            one.client["crossOrigin"] = json!(true);
            one.client["topOrigin"] = top;
        })
    };
    for good in ["https://shop.example", "https://eu.stores.example", ORIGIN] {
        assert_eq!(within(json!(good)), Ok(1), "{good}");
    }
    assert_eq!(within(Value::Null), Ok(1), "a browser that does not say");
    for bad in [
        "https://shop.example.evil.test",
        "https://evil.test",
        "http://shop.example",
        "https://shop.example:444",
        "https://.stores.example",
        "https://stores.example",
        "https://evil.test/.stores.example",
        "https://evilstores.example",
        "",
        "null",
    ] {
        assert_eq!(within(json!(bad)), Err(Refused::Embedded), "{bad}");
    }
    let lone = changed(|one| one.client["topOrigin"] = json!("https://shop.example"));
    assert_eq!(lone, Err(Refused::Embedded), "said to stand in a page and not to");
}

#[test]
fn an_answer_for_anything_else_proves_nobody() {
    let client = |name: &str, value: Value| changed(|one| one.client[name] = value);
    assert_eq!(client("type", json!("webauthn.create")), Err(Refused::Kind));
    assert_eq!(client("type", json!("payment.get")), Err(Refused::Kind));
    assert_eq!(client("challenge", json!("B".repeat(43))), Err(Refused::Challenge));
    assert_eq!(client("challenge", json!("")), Err(Refused::Challenge));
    for origin in ["https://chat.example.com", "https://evil.test", "http://chat.example.com:8443", ""] {
        assert_eq!(client("origin", json!(origin)), Err(Refused::Origin), "{origin}");
    }
    assert_eq!(client("origin", json!([ORIGIN])), Err(Refused::Malformed));
    assert_eq!(client("crossOrigin", json!("true")), Err(Refused::Malformed));
    assert_eq!(client("pad", json!("x".repeat(5_000))), Err(Refused::Malformed));
    assert_eq!(changed(|one| one.rp = "shop.example"), Err(Refused::Rp));
    assert_eq!(changed(|one| one.rp = "chat.example.com:8443"), Err(Refused::Rp));
    assert_eq!(changed(|one| one.flags = 0x04), Err(Refused::Presence));
    assert_eq!(changed(|one| one.flags = 0x01), Err(Refused::Verification));
    assert_eq!(changed(|one| one.flags = 0x15), Err(Refused::Backup), "copied and not to be copied");
    assert_eq!(changed(|one| one.flags = 0x0d), Err(Refused::Backup), "not what it was");
    assert_eq!(changed(|one| one.flags = 0x45), Err(Refused::Malformed), "no credential where one is said to be");
    assert_eq!(changed(|one| one.flags = 0x85), Err(Refused::Malformed), "no extensions where some are said to be");
    assert_eq!(changed(|one| one.tail = vec![0xa0]), Err(Refused::Malformed), "something at the end");
    assert_eq!(changed(|one| one.id = vec![8; 16]), Err(Refused::Unknown));
    assert_eq!(changed(|one| one.key = SigningKey::from_slice(&[8; 32]).unwrap()), Err(Refused::Signature));
    let extended = changed(|one| {
        one.flags = 0x85;
        one.tail = vec![0xa0];
    });
    assert_eq!(extended, Ok(1));
}

#[test]
fn a_counter_rises_or_stays_at_nothing() {
    let site = embedding();
    let with = |stored: u32, said: u32| {
        let answer = Player { counter: said, ..player("webauthn.get") }.signs();
        prove(&Site::new(ORIGIN, &site), CHALLENGE, &Passkey { counter: stored, ..kept() }, &answer)
    };
    assert_eq!(with(0, 0), Ok(0));
    assert_eq!(with(0, 5), Ok(5));
    assert_eq!(with(5, 6), Ok(6));
    for (stored, said) in [(5, 5), (5, 4), (5, 0), (u32::MAX, 0)] {
        assert_eq!(with(stored, said), Err(Refused::Counter), "{stored} then {said}");
    }
    // Somebody without the key cannot give the alarm.
    let other = Player { counter: 0, key: SigningKey::from_slice(&[8; 32]).unwrap(), ..player("webauthn.get") }.signs();
    let kept = Passkey { counter: 5, ..kept() };
    assert_eq!(prove(&Site::new(ORIGIN, &site), CHALLENGE, &kept, &other), Err(Refused::Signature));
}

#[test]
fn a_passkey_is_made_for_us_with_a_key_that_can_be_checked() {
    assert!(made(|_| ()).is_ok());
    assert_eq!(made(|one| one.client["type"] = json!("webauthn.get")).err(), Some(Refused::Kind));
    assert_eq!(made(|one| one.client["challenge"] = json!("x")).err(), Some(Refused::Challenge));
    assert_eq!(made(|one| one.client["origin"] = json!("https://evil.test")).err(), Some(Refused::Origin));
    assert_eq!(made(|one| one.rp = "evil.test").err(), Some(Refused::Rp));
    assert_eq!(made(|one| one.flags = 0x41).err(), Some(Refused::Verification));
    assert_eq!(made(|one| one.flags = 0x44).err(), Some(Refused::Presence));
    assert_eq!(made(|one| one.flags = 0x05).err(), Some(Refused::Malformed), "no key");
    assert_eq!(made(|one| one.alg = -8).err(), Some(Refused::Algorithm), "EdDSA was not offered");
    assert_eq!(made(|one| one.id = vec![]).err(), Some(Refused::Malformed));
    assert_eq!(made(|one| one.id = vec![1; 1_024]).err(), Some(Refused::Malformed));
    assert_eq!(made(|one| one.tail = vec![1]).err(), Some(Refused::Malformed));
    let statement = |fmt: &str, rest: &[u8]| {
        let head =
            [&[0x63][..], b"fmt", &[0x60 | u8::try_from(fmt.len()).unwrap()], fmt.as_bytes(), &[0x67], b"attStmt"];
        let statement = [&head.concat()[..], rest].concat();
        made(move |one| one.statement = statement).err()
    };
    assert_eq!(statement("none", &[0xa1, 0x61, b'x', 1]), Some(Refused::Attestation));
    assert_eq!(statement("tpm", &[0xa0]), Some(Refused::Attestation));
    assert_eq!(statement("packed", &[0xa0]), Some(Refused::Attestation));
    let signed_by_nobody = [&[0xa2, 0x63][..], b"alg", &[0x26, 0x63], b"sig", &[0x41, 0]].concat();
    assert_eq!(statement("packed", &signed_by_nobody), Some(Refused::Attestation));
}

#[test]
fn an_answer_says_one_id_and_is_of_the_one_kind() {
    let good = player("webauthn.get").signs();
    for bad in [
        Assertion { kind: "password".into(), ..good.clone() },
        Assertion { raw_id: text([8; 16]), ..good.clone() },
        Assertion { id: String::new(), raw_id: String::new(), ..good.clone() },
    ] {
        assert_eq!(proved(&bad), Err(Refused::Malformed));
    }
    let mut padded = good.clone();
    padded.response.signature.push('=');
    assert_eq!(proved(&padded), Err(Refused::Malformed));
    assert_eq!(proved(&good), Ok(1));
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let twice = format!(r#"{{"type":"webauthn.get","challenge":"x","challenge":"{CHALLENGE}","origin":"{ORIGIN}"}}"#);
    let mut answer = player("webauthn.get").signs();
    answer.response.client_data = text(twice);
    assert_eq!(proved(&answer), Err(Refused::Malformed));
    answer.response.client_data = text(format!(r#"["webauthn.get","{CHALLENGE}","{ORIGIN}"]"#));
    assert_eq!(proved(&answer), Err(Refused::Malformed), "a list is no client data");
}

proptest! {
    #[test]
    fn any_bit_of_an_answer_that_changes_makes_it_nobodys(part in 0_usize..3, at in any::<usize>(), bit in 0_u8..8) {
        let mut answer = player("webauthn.get").signs();
        let field = match part {
            0 => &mut answer.response.client_data,
            1 => &mut answer.response.authenticator_data,
            _ => &mut answer.response.signature,
        };
        let mut bytes = URL_SAFE_NO_PAD.decode(&*field).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        *field = text(bytes);
        prop_assert!(proved(&answer).is_err());
    }

    #[test]
    fn any_end_of_an_answer_that_is_missing_makes_it_nobodys(part in 0_usize..3, keep in any::<usize>()) {
        let mut answer = player("webauthn.get").signs();
        let field = match part {
            0 => &mut answer.response.client_data,
            1 => &mut answer.response.authenticator_data,
            _ => &mut answer.response.signature,
        };
        let bytes = URL_SAFE_NO_PAD.decode(&*field).unwrap();
        *field = text(&bytes[..keep % bytes.len()]);
        prop_assert!(proved(&answer).is_err());
    }

    #[test]
    fn any_bytes_make_a_passkey_or_none(object: Vec<u8>) {
        let mut answer = Player { flags: 0x45, ..player("webauthn.create") }.registers();
        answer.response.object = text(object);
        prop_assert!(register(&Site::new(ORIGIN, &[]), CHALLENGE, &answer).is_err());
    }
}
