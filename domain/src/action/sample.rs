//! What expressions make of a sample answer, while somebody writes them: the same reading and the same rules as a call's
//! own, and nothing is sent.

use serde_json::Value;
use shared::admin::action::{Found, Judged, Sample, SampleField};

use super::Mapped;
use super::answer::{AnswerFault, Read, Unkept, is_secret_field, read, remember_one};
use super::expression::{Expression, ExpressionFault, Scope};
use super::mask::Spelled;

/// The most fields.
const MAX_FIELDS: usize = 32;

/// Judges a sample. Fields beyond the 32nd are left out.
///
/// # Errors
/// [`AnswerFault`] for a sample that is too large or too deep to be an answer.
pub fn judge(sample: &Sample) -> Result<Judged<Value>, AnswerFault> {
    let read = read(sample.status, sample.answer.as_bytes())?;
    let scope = read.scope();
    let failure = (!sample.failure.trim().is_empty()).then(|| found(value(&sample.failure, &scope)));
    let mapping = sample.mapping.iter().take(MAX_FIELDS).map(|field| field_of(field, sample.remembers, &scope));
    Ok(Judged { json: read.json, success: success(sample, &read, &scope), failure, mapping: mapping.collect() })
}

fn success(sample: &Sample, read: &Read, scope: &Scope) -> Found<Value> {
    if !sample.success.trim().is_empty()
        && let Err(fault) = Expression::compile(&sample.success)
    {
        return self::fault(&fault);
    }
    // A login and a refresh need JSON and a 2xx status whatever the condition says.
    if sample.remembers && !(read.json && read.is_2xx()) {
        return Found::Value { value: Value::Bool(false) };
    }
    if sample.success.trim().is_empty() {
        return Found::Value { value: Value::Bool(read.is_2xx()) };
    }
    found(Expression::compile(&sample.success).and_then(|it| it.truth(scope)).map(Value::Bool))
}

fn field_of(field: &SampleField, remembers: bool, scope: &Scope) -> Found<Value> {
    let SampleField { name, from } = field;
    if remembers {
        let mapped = Mapped { name: name.clone(), from: from.clone() };
        return match remember_one(&mapped, scope, &Spelled::of(&[])) {
            Ok(value) => Found::Value { value },
            Err(Unkept::Expression(fault)) => self::fault(&fault),
            Err(why) => Found::Fault { sentence: sentence(&why.to_string()), at: None },
        };
    }
    if is_secret_field(name) {
        let sentence = "A field with the name of a secret is never shown to the model.".to_owned();
        return Found::Fault { sentence, at: None };
    }
    found(value(from, scope))
}

fn value(text: &str, scope: &Scope) -> Result<Value, ExpressionFault> {
    Expression::compile(text)?.value(scope)
}

fn found(outcome: Result<Value, ExpressionFault>) -> Found<Value> {
    outcome.map_or_else(|fault| self::fault(&fault), |value| Found::Value { value })
}

fn fault(fault: &ExpressionFault) -> Found<Value> {
    let at = if let ExpressionFault::Unreadable { at, .. } = fault { Some(*at) } else { None };
    Found::Fault { sentence: sentence(&fault.to_string()), at }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::admin::action::{Found, Judged, Sample};

    use super::judge;

    fn judged(sample: &Value) -> Judged<Value> {
        let sample: Sample = serde_json::from_value(sample.clone()).unwrap();
        judge(&sample).unwrap()
    }

    const ANSWER: &str =
        r#"{"success": true, "data": {"user_id": 42, "token": "t", "shops": [{"city": "Boulder"}]}, "message": "no"}"#;

    #[test]
    fn each_expression_has_its_value_or_why_not() {
        let judged = judged(&json!({
            "status": 200, "answer": ANSWER, "success": "response.success == true", "failure": "message",
            "mapping": [
                {"name": "city", "from": "data.shops[0].city"}, {"name": "lost", "from": "data.nowhere"},
                {"name": "broken", "from": "data."}, {"name": "token", "from": "data.token"},
            ],
        }));
        assert!(judged.json);
        assert_eq!(judged.success, Found::Value { value: json!(true) });
        assert_eq!(judged.failure, Some(Found::Value { value: json!("no") }));
        let [city, lost, broken, token] = judged.mapping.as_slice() else { panic!("not four") };
        assert_eq!(*city, Found::Value { value: json!("Boulder") });
        assert!(matches!(lost, Found::Fault { sentence, at: None } if sentence.starts_with("The answer has nothing")));
        assert!(matches!(broken, Found::Fault { at: Some(5), .. }), "{broken:?}");
        assert!(matches!(token, Found::Fault { .. }));
    }

    #[test]
    fn what_is_remembered_has_its_own_rules() {
        let judged = judged(&json!({
            "status": 200, "answer": ANSWER, "remembers": true,
            "mapping": [
                {"name": "user_id", "from": "data.user_id"}, {"name": "token", "from": "data.token"},
                {"name": "password", "from": "data.token"}, {"name": "shops", "from": "data.shops"},
            ],
        }));
        let values: Vec<bool> = judged.mapping.iter().map(|found| matches!(found, Found::Value { .. })).collect();
        assert_eq!(values, [true, true, false, false]);
    }

    #[test]
    fn a_condition_that_is_no_condition_or_cannot_be_read_says_so() {
        let of = |success: &str, status: u16| {
            judged(&json!({"status": status, "answer": ANSWER, "success": success})).success
        };
        assert_eq!(of("", 204), Found::Value { value: json!(true) });
        assert_eq!(of("", 404), Found::Value { value: json!(false) });
        assert!(matches!(of("message", 200), Found::Fault { at: None, .. }));
        assert!(matches!(of("response.success ==", 200), Found::Fault { at: Some(_), .. }));
        assert!(matches!(of("a\n.b(", 200), Found::Fault { at: Some(5), .. }), "{:?}", of("a\n.b(", 200));
        let page = judged(&json!({"status": 200, "answer": "<html>", "remembers": true}));
        assert!(!page.json && page.success == Found::Value { value: json!(false) });
    }

    #[test]
    fn a_sample_beyond_what_an_answer_may_be_is_refused() {
        let deep = "[".repeat(60) + &"]".repeat(60);
        for answer in ["x".repeat(300_000), deep] {
            let sample: Sample = serde_json::from_value(json!({"status": 200, "answer": answer})).unwrap();
            assert!(judge(&sample).is_err());
        }
    }
}
