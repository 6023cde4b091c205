//! Looking a visitor up in a collection (M6, R10, R17): one spelling of what was typed, and what a record says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

use crate::address::EmailAddress;
use crate::agent::LookupSettings;
use crate::assurance::Assurance;
use crate::challenge::Destination;
use crate::context::roles;
use crate::phone::PhoneNumber;
use crate::text::{is_blank, is_invisible};

/// The most characters of what is looked up, in its one spelling.
pub const MAX_CHARS: usize = 100;
/// The most bytes of what is typed; more is no name of a record.
const MAX_TYPED_BYTES: usize = 2_000;
/// The most characters of what a person is called.
const MAX_NAME: usize = 80;

/// What was typed in one spelling, by which records are found and compared: NFKC, without white space and what cannot be
/// seen, dashes of every kind as `-`, upper and lower case as one.
///
/// None when nothing is left, when it is over [`MAX_CHARS`], and when it holds what no value has: control characters.
pub fn key(typed: &str) -> Option<String> {
    if typed.len() > MAX_TYPED_BYTES {
        return None;
    }
    let is_seen = |c: &char| !(c.is_whitespace() || is_invisible(*c) || is_blank(*c));
    if typed.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let folded: String =
        typed.nfkc().filter(is_seen).flat_map(char::to_uppercase).flat_map(char::to_lowercase).map(dash).collect();
    // Some letters fall into a letter and a mark when their case changes, and marks move when what was between them went.
    let key: String = folded.nfkc().collect();
    (!key.is_empty() && key.chars().count() <= MAX_CHARS).then_some(key)
}

/// Hyphens, dashes and minus signs: keyboards and spreadsheets put one for another.
fn dash(c: char) -> char {
    if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}') {
        '-'
    } else {
        c
    }
}

/// What a record says of the person that was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Where a code could go by email.
    pub email: Option<EmailAddress>,
    /// Where a code could go by phone.
    pub phone: Option<PhoneNumber>,
    /// What the person is called.
    pub name: Option<String>,
    /// The person's roles (A5).
    pub roles: Vec<String>,
}

/// What the one record says that carries this key. None where no record does, and where two do: a value that is not one
/// person's proves nobody. A record that does not carry the key itself is passed over, whatever the source said (R57).
pub fn found(settings: &LookupSettings, wanted: &str, rows: &[Map<String, Value>]) -> Option<Found> {
    let mut own = rows.iter().filter(|row| value(row, &settings.field).is_some_and(|own| own == wanted));
    let (row, None) = (own.next()?, own.next()) else { return None };
    let text = |field: &Option<String>| row.get(field.as_ref()?).and_then(Value::as_str);
    Some(Found {
        email: text(&settings.email_field).and_then(|text| EmailAddress::parse(text).ok()),
        phone: text(&settings.phone_field).and_then(|text| PhoneNumber::from_e164(text.trim()).ok()),
        name: text(&settings.name_field).and_then(called),
        roles: settings
            .roles_field
            .as_ref()
            .and_then(|field| row.get(field))
            .map(|value| roles::named(value).into_iter().collect())
            .unwrap_or_default(),
    })
}

/// Whether a phone on record is a number that a visitor could type in these countries too (R15). Whoever fills in a record
/// may not be the company: a number that earns with messages, or that takes none, counts as no phone.
pub fn is_served(number: &PhoneNumber, countries: &[String]) -> bool {
    PhoneNumber::parse(number.as_str(), countries).is_ok_and(|read| read == *number)
}

/// A field's value in its one spelling: of a text, or of a whole number (spreadsheets make them of employee numbers).
fn value(row: &Map<String, Value>, field: &str) -> Option<String> {
    match row.get(field)? {
        Value::String(text) => key(text),
        Value::Number(number) if !number.is_f64() => key(&number.to_string()),
        _ => None,
    }
}

fn called(name: &str) -> Option<String> {
    let name: String = name.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_NAME).collect();
    (!name.trim().is_empty()).then_some(name)
}

/// How the code of a look-up went out. Sealed with the challenge, because nothing but the proof may tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Of which record: the collection.
    pub collection: String,
    /// And the key.
    pub key: String,
    /// Where the code went; none where there is no such record, or none that a code can go to.
    pub to: Option<Destination>,
}

impl Reached {
    /// Where the code for this destination went. None for another record than this one.
    pub fn of(self, destination: &Destination) -> Option<Destination> {
        let Destination::Record { collection, key } = destination else { return None };
        (self.collection == *collection && self.key == *key).then_some(self.to).flatten()
    }
}

/// How strong the proof by a code is that went there: what the channel gives, and no more than the settings give a look-up.
pub fn strength(to: &Destination, most: Assurance) -> Assurance {
    let channel = match to {
        Destination::Email { .. } => Assurance::EmailCode,
        Destination::Phone { .. } => Assurance::PhoneCode,
        Destination::Record { .. } => Assurance::LookedUp,
    };
    channel.min(most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use serde_json::json;

    use super::{
        Assurance, Destination, EmailAddress, LookupSettings, MAX_CHARS, PhoneNumber, Reached, found, is_served, key,
        strength,
    };

    /// Sixty-odd spellings of one employee number.
    const SPELLINGS: &[&str] = &[
        "EMP-1023",
        "emp-1023",
        "Emp-1023",
        "eMP-1023",
        "EMp-1023",
        "emP-1023",
        " EMP-1023",
        "EMP-1023 ",
        "  EMP-1023  ",
        "EMP -1023",
        "EMP- 1023",
        "EMP - 1023",
        "E M P-1023",
        "EMP-1 023",
        "EMP-10 23",
        "EMP-102 3",
        "EMP-1023\n",
        "\nEMP-1023",
        "EMP-1023\r\n",
        "\tEMP-1023",
        "EMP\t-1023",
        "EMP-\t1023",
        "EMP-1023\t",
        "EMP\u{A0}-1023",
        "EMP-\u{A0}1023",
        "\u{A0}EMP-1023",
        "EMP-1023\u{A0}",
        "EMP\u{2003}-1023",
        "EMP-\u{2009}1023",
        "EMP-\u{202F}1023",
        "EMP-\u{3000}1023",
        "\u{3000}EMP-1023",
        "EMP\u{200B}-1023",
        "EMP-\u{200B}1023",
        "EMP-1023\u{200B}",
        "\u{FEFF}EMP-1023",
        "EMP-\u{2060}1023",
        "EMP\u{AD}-1023",
        "EMP-1023\u{200E}",
        "\u{200F}EMP-1023",
        "\u{202A}EMP-1023\u{202C}",
        "\u{2066}EMP-1023\u{2069}",
        "EMP\u{2010}1023",
        "EMP\u{2011}1023",
        "EMP\u{2012}1023",
        "EMP\u{2013}1023",
        "EMP\u{2014}1023",
        "EMP\u{2015}1023",
        "EMP\u{2212}1023",
        "EMP\u{FF0D}1023",
        "EMP\u{FE63}1023",
        "EMP\u{FE58}1023",
        "ＥＭＰ-1023",
        "ｅｍｐ-1023",
        "EMP-１０２３",
        "ＥＭＰ－１０２３",
        "Ｅmp－1０2３",
        "ⓔⓜⓟ-1023",
        "𝐄𝐌𝐏-𝟏𝟎𝟐𝟑",
        "𝚎𝚖𝚙-𝟷𝟶𝟸𝟹",
        "EMP-①⓪②③",
        "ᴱᴹᴾ-1023",
        "EMP-¹⁰²³",
        "EMP-₁₀₂₃",
        "EMP\u{2028}-1023",
        "EMP\u{2029}-1023",
        "EMP-1023\u{115F}",
        "EMP-1023\u{FE0F}",
        "EMP\u{180E}-1023",
    ];

    fn settings() -> LookupSettings {
        serde_json::from_value(json!({
            "collection": "employees", "field": "number", "label": "Employee number", "phone_field": "phone",
            "email_field": "email", "name_field": "name", "roles_field": "access_roles"
        }))
        .unwrap()
    }

    fn rows(value: serde_json::Value) -> Vec<serde_json::Map<String, serde_json::Value>> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_number_has_one_spelling() {
        assert!(SPELLINGS.len() >= 60, "{}", SPELLINGS.len());
        for typed in SPELLINGS {
            assert_eq!(key(typed).as_deref(), Some("emp-1023"), "{typed:?}");
        }
        assert_eq!(key("Straße"), key("STRASSE"));
        assert_eq!(key("e\u{301}1"), key("É1"));
    }

    #[test]
    fn another_number_has_another_spelling() {
        let one = key("EMP-1023");
        for typed in
            ["EMP1023", "EMP-1024", "EMP-01023", "EMP_1023", "EMP-1023'", "EMP-1023%", "ЕMP-1023", "EMP-1023-", "*"]
        {
            assert_ne!(key(typed), one, "{typed:?}");
        }
    }

    #[test]
    fn nothing_and_too_much_are_no_key() {
        for typed in ["", " ", "\n\t", "\u{200B}", "\u{3164}", "a\0b", "\u{7}1", "1\u{1b}[31m"] {
            assert_eq!(key(typed), None, "{typed:?}");
        }
        assert!(key(&"1".repeat(MAX_CHARS)).is_some());
        assert_eq!(key(&"1".repeat(MAX_CHARS + 1)), None);
        assert_eq!(key(&"ﷺ".repeat(MAX_CHARS)), None);
        assert_eq!(key(&"1".repeat(1_000_000)), None);
    }

    #[test]
    fn a_record_says_who_it_is_where_a_code_goes_and_what_they_may() {
        let rows = rows(json!([{"number": " emp-1023 ", "phone": "+12025550123", "email": "Ana@Example.com",
            "name": "Ana\nDíaz", "access_roles": ["view_own_payroll"]}]));
        let found = found(&settings(), "emp-1023", &rows).unwrap();
        assert_eq!(found.email.unwrap().as_str(), "ana@example.com");
        assert_eq!(found.phone.unwrap().as_str(), "+12025550123");
        assert_eq!(found.name.as_deref(), Some("Ana Díaz"));
        assert_eq!(found.roles, ["view_own_payroll"]);
    }

    #[test]
    fn a_value_that_two_records_have_is_nobodys() {
        let twice = rows(json!([{"number": "7"}, {"number": 7}]));
        assert_eq!(found(&settings(), "7", &twice), None);
        assert!(found(&settings(), "7", &twice[..1]).is_some());
        assert!(found(&settings(), "7", &twice[1..]).is_some());
    }

    #[test]
    fn a_record_that_does_not_carry_the_value_is_passed_over() {
        for number in [json!("8"), json!(7.0), json!(["7"]), json!({"$ne": 1}), json!(null), json!(true), json!("")] {
            assert_eq!(found(&settings(), "7", &rows(json!([{"number": number}]))), None, "{number}");
        }
        assert_eq!(found(&settings(), "7", &rows(json!([{"other": "7"}]))), None);
        assert_eq!(found(&settings(), "7", &[]), None);
    }

    #[test]
    fn what_is_no_address_or_number_is_none() {
        for bad in
            [json!("a@x.example, b@x.example"), json!(["ana@example.com"]), json!("+0"), json!(12_025_550_123_u64)]
        {
            let found = found(&settings(), "7", &rows(json!([{"number": "7", "email": bad, "phone": bad}]))).unwrap();
            assert_eq!((found.email, found.phone), (None, None), "{bad}");
        }
    }

    #[test]
    fn a_phone_on_record_is_served_where_a_typed_one_would_be() {
        let countries = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        let (us, both) = (countries(&["US"]), countries(&["US", "DE"]));
        for (number, by_us, by_both) in [
            ("+14155552671", true, true),
            ("+4915123456789", false, true),
            // Premium, free of charge, a fixed line, another country's, and no number at all.
            ("+19005552671", false, false),
            ("+18005552671", false, false),
            ("+493012345678", false, false),
            ("+447400123456", false, false),
            ("+12345678", false, false),
        ] {
            let one = PhoneNumber::from_e164(number).unwrap();
            assert_eq!((is_served(&one, &us), is_served(&one, &both)), (by_us, by_both), "{number}");
            assert!(!is_served(&one, &[]), "{number}");
        }
    }

    #[test]
    fn a_proof_is_as_strong_as_the_way_of_its_code_and_no_stronger_than_the_settings_say() {
        let email = Destination::from(EmailAddress::parse("ann@example.com").unwrap());
        let phone = Destination::from(PhoneNumber::from_e164("+12025550123").unwrap());
        assert_eq!(strength(&email, Assurance::Passkey), Assurance::EmailCode);
        assert_eq!(strength(&phone, Assurance::Passkey), Assurance::PhoneCode);
        assert_eq!(strength(&phone, Assurance::EmailCode), Assurance::EmailCode);
        assert_eq!(strength(&email, Assurance::LookedUp), Assurance::LookedUp);
    }

    #[test]
    fn a_code_counts_for_the_record_that_it_was_sent_for() {
        let to = Destination::from(EmailAddress::parse("ann@example.com").unwrap());
        let reached = Reached { collection: "employees".into(), key: "7".into(), to: Some(to.clone()) };
        let record =
            |collection: &str, key: &str| Destination::Record { collection: collection.into(), key: key.into() };
        assert_eq!(reached.clone().of(&record("employees", "7")), Some(to.clone()));
        assert_eq!(reached.clone().of(&record("employees", "8")), None);
        assert_eq!(reached.clone().of(&record("clients", "7")), None);
        assert_eq!(reached.clone().of(&to), None);
        assert_eq!(Reached { to: None, ..reached }.of(&record("employees", "7")), None);
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(typed in "\\PC{0,40}") {
            if let Some(once) = key(&typed) {
                prop_assert_eq!(key(&once), Some(once.clone()));
                prop_assert!(!once.contains(char::is_whitespace));
            }
        }
    }
}
