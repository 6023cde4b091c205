//! Which of the values of a login says whose login it is, for the budget of guesses (R18).

use serde_json::{Number, Value};
use shared::card::FieldKind;

use super::Values;
use crate::action::Parameter;

/// What browsers fill in of whom somebody is (HTML, autofill field names).
const NAMES: [&str; 3] = ["username", "email", "tel"];
/// The fewest digits that make a phone number of what stands where one is asked for.
const LEAST_DIGITS: usize = 5;

impl Values {
    /// What says whose login it is, in one spelling for numbers and phone numbers; empty when nothing does.
    ///
    /// It is the value of a required parameter that browsers fill a name, an address or a number into, else of the first
    /// required one. What may be left out counts only where nothing else is there: by it, guesses could be spread.
    /// Never a secret, and a choice only when all are.
    pub fn login_name(&self, parameters: &[Parameter]) -> String {
        let mut open: Vec<&Parameter> = parameters.iter().filter(|it| !it.is_secret()).collect();
        // A stable sort: of those that are alike, the first.
        open.sort_by_key(|it| (it.kind == FieldKind::Choice, it.optional, !it.fills_in(&NAMES)));
        open.into_iter().find_map(|it| self.get(&it.name).map(|value| spelled(it, value))).unwrap_or_default()
    }
}

fn spelled(parameter: &Parameter, value: &Value) -> String {
    let text = match value {
        Value::Number(number) => return whole(number),
        Value::String(text) => text,
        other => return other.to_string(),
    };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_phone = parameter.kind == FieldKind::Tel || parameter.fills_in(&["tel"]);
    if is_phone && digits.len() >= LEAST_DIGITS {
        // `+44` and `0044` are one.
        return digits.trim_start_matches('0').to_owned();
    }
    text.clone()
}

/// `12`, `12.0` and `1.2e1` are one number. Numbers that a double does not tell apart may share a budget.
fn whole(number: &Number) -> String {
    number.as_f64().map_or_else(|| number.to_string(), |float| (float + 0.0).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Parameter, Values};
    use std::collections::BTreeMap;

    fn name(parameters: &Value, given: &Value) -> String {
        let parameters: Vec<Parameter> = serde_json::from_value(parameters.clone()).unwrap();
        let given: BTreeMap<String, String> = serde_json::from_value(given.clone()).unwrap();
        Values::from_form(&parameters, &given).unwrap().login_name(&parameters)
    }

    #[test]
    fn whose_login_it_is_says_the_user_name_and_nothing_that_may_be_varied() {
        let parameters = json!([
            { "name": "note", "optional": true },
            { "name": "shop", "kind": "choice", "choices": [{ "value": "a", "label": "A" }, { "value": "b", "label": "B" }] },
            { "name": "company" },
            { "name": "login", "autocomplete": "section-x username" },
            { "name": "mail", "kind": "email", "autocomplete": "email", "optional": true },
            { "name": "password", "kind": "password" },
        ]);
        for (note, shop, mail) in [("x", "a", "a@example.com"), ("y", "b", "b@example.com"), ("", "a", "")] {
            let given =
                json!({ "note": note, "shop": shop, "company": "c", "login": "ann", "mail": mail, "password": "p" });
            assert_eq!(name(&parameters, &given), "ann");
        }
        let parameters = json!([{ "name": "note", "optional": true }, { "name": "number" }, { "name": "pin" }]);
        assert_eq!(name(&parameters, &json!({ "note": "x", "number": "7", "pin": "1234" })), "7");
        let parameters = json!([{ "name": "code", "autocomplete": "one-time-code" }]);
        assert_eq!(name(&parameters, &json!({ "code": "123456" })), "");
        let parameters = json!([{ "name": "mail", "optional": true }, { "name": "password", "kind": "password" }]);
        assert_eq!(name(&parameters, &json!({ "mail": "ann", "password": "p" })), "ann");
    }

    #[test]
    fn a_number_has_one_spelling() {
        let parameters = json!([{ "name": "number", "kind": "number" }]);
        for spelled in ["12", "12.0", "1.2e1", "120e-1", " 12 "] {
            assert_eq!(name(&parameters, &json!({ "number": spelled })), "12", "{spelled}");
        }
        assert_eq!(name(&parameters, &json!({ "number": "-0" })), name(&parameters, &json!({ "number": "0" })));
    }

    #[test]
    fn a_phone_number_is_its_digits() {
        let tel = json!([{ "name": "phone", "kind": "tel" }]);
        let text = json!([{ "name": "phone", "autocomplete": "tel" }]);
        for spelled in ["+44 20 7946 0958", "+442079460958", "0044 20 79460958", "44 2079 460958", "+0044 2079460958"] {
            assert_eq!(name(&tel, &json!({ "phone": spelled })), "442079460958", "{spelled}");
        }
        assert_eq!(name(&text, &json!({ "phone": "+44 (20) 7946-0958" })), "442079460958");
        assert_eq!(name(&text, &json!({ "phone": "ann" })), "ann");
    }
}
