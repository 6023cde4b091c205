//! Trying an action before it is saved. `V` is any JSON, `A` the action as the settings have it.

use serde::{Deserialize, Serialize};

use super::problem::FieldError;

/// The most bytes of a request for a verdict: a sample answer of 256 KB, as JSON writes it, and the expressions.
pub const MAX_VERDICT_BYTES: usize = 600 * 1024;

/// `POST …/check`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Check<V> {
    /// The settings as they would be saved; of an editor, what an editor sees of them.
    pub settings: V,
}

/// What is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checked {
    /// Every fault, those of settings that are saved already among them; empty when all is right.
    pub errors: Vec<FieldError>,
}

/// `POST …/actions/trial`: the action is carried out once, for real.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = NewTrial))]
#[serde(deny_unknown_fields)]
pub struct TrialOf<A, F> {
    /// The action.
    pub action: A,
    /// The parameters by name, as the model or the form would give them.
    #[serde(default)]
    pub values: F,
    /// A persistent context, made up.
    #[serde(default)]
    pub context: F,
    /// What the step before gave, made up.
    #[serde(default)]
    pub step: F,
}

/// What came of it. Secrets are masked in all of it: the agent's, passwords, and tokens of the context and the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trial<F> {
    /// The request as it was sent; none when it could not be made.
    pub request: Option<Sent>,
    /// The status; none when nothing came back.
    pub status: Option<u16>,
    /// The answer as JSON text, its first 20,000 characters.
    pub answer: Option<String>,
    /// What the model would see, by name.
    pub shows: F,
    /// What would be remembered, by name.
    pub remembered: F,
    /// What it came to.
    pub verdict: Outcome,
    /// What of the settings or the values did not work, in sentences.
    pub faults: Vec<String>,
}

/// A request as it was sent, without what the signature adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// The headers of the settings.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// What a test run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TrialOutcome))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There was no request to send.
    NotMade,
    /// It did not reach the API.
    NotSent,
    /// Nobody knows whether it did.
    Unknown,
    /// The success condition does not hold.
    Failed,
    /// The condition holds; of a login action also: somebody is proved.
    Succeeded,
}

/// `POST …/actions/verdict`: what expressions make of a sample answer. Nothing is sent anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The HTTP status of the sample.
    #[cfg_attr(feature = "openapi", schema(maximum = 65_535))]
    pub status: u16,
    /// Its body as text, at most 256 KB.
    pub answer: String,
    /// The condition; any 2xx when empty.
    #[serde(default)]
    pub success: String,
    /// Where the API says what went wrong.
    #[serde(default)]
    pub failure: String,
    /// What is taken out of it, at most 32.
    #[cfg_attr(feature = "openapi", schema(max_items = 32))]
    #[serde(default)]
    pub mapping: Vec<SampleField>,
    /// Whether the mapped fields go into the persistent context, for which there are more rules.
    #[serde(default)]
    pub remembers: bool,
}

/// A field that is taken out of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SampleField {
    /// What it is called.
    pub name: String,
    /// The expression.
    pub from: String,
}

/// What expressions made of a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Judged<V> {
    /// Whether the answer is JSON, or empty.
    pub json: bool,
    /// What the condition gives: true or false, or why neither.
    pub success: Found<V>,
    /// The API's words; none where no expression is given.
    pub failure: Option<Found<V>>,
    /// Each field in the order given.
    pub mapping: Vec<Found<V>>,
}

/// What one expression gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Found<V> {
    /// This value.
    Value {
        /// The value.
        value: V,
    },
    /// Nothing.
    Fault {
        /// Why, in a sentence.
        sentence: String,
        /// Where in the expression, counted in characters from 0; none where it is no place's fault.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<u32>,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Found, Judged, Outcome, Sample, Sent, Trial, TrialOf};

    #[test]
    fn a_trial_is_asked_for_and_told_in_these_words() {
        let asked: TrialOf<Value, Value> = serde_json::from_value(json!({"action": {"name": "a"}})).unwrap();
        assert_eq!((asked.action, asked.values), (json!({"name": "a"}), Value::Null));
        let sent = Sent { method: "GET".into(), url: "u".into(), headers: vec![("X".into(), "y".into())], body: None };
        let trial = Trial {
            request: Some(sent),
            status: Some(200),
            answer: Some("{}".into()),
            shows: json!({"a": 1}),
            remembered: json!({}),
            verdict: Outcome::NotMade,
            faults: vec!["No.".into()],
        };
        let written = json!({
            "request": {"method": "GET", "url": "u", "headers": [["X", "y"]], "body": null}, "status": 200, "answer": "{}",
            "shows": {"a": 1}, "remembered": {}, "verdict": "not_made", "faults": ["No."],
        });
        assert_eq!(serde_json::to_value(trial).unwrap(), written);
    }

    #[test]
    fn a_sample_is_judged_in_these_words() {
        let sample: Sample = serde_json::from_value(json!({"status": 200, "answer": "{}"})).unwrap();
        assert!(sample.mapping.is_empty() && !sample.remembers);
        let fault = Found::Fault { sentence: "Why.".into(), at: Some(3) };
        let judged =
            Judged { json: true, success: Found::Value { value: json!(true) }, failure: None, mapping: vec![fault] };
        let written = json!({
            "json": true, "success": {"is": "value", "value": true}, "failure": null,
            "mapping": [{"is": "fault", "sentence": "Why.", "at": 3}],
        });
        assert_eq!(serde_json::to_value(judged).unwrap(), written);
    }
}
