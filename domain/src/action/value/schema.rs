//! What the model is told of an action's parameters.

use serde_json::{Map, Value, json};
use shared::card::FieldKind;

use crate::action::Parameter;

/// The JSON Schema of the tool that calls the action: one property for each parameter and no other.
pub fn schema(parameters: &[Parameter]) -> Value {
    let properties: Map<String, Value> =
        parameters.iter().map(|parameter| (parameter.name.clone(), property(parameter))).collect();
    let required: Vec<&str> =
        parameters.iter().filter(|parameter| !parameter.optional).map(|parameter| parameter.name.as_str()).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(parameter: &Parameter) -> Value {
    let kind = if parameter.kind == FieldKind::Number { "number" } else { "string" };
    let mut property = json!({ "type": kind, "description": described(parameter) });
    if let (FieldKind::Choice, Some(property)) = (parameter.kind, property.as_object_mut()) {
        let choices: Vec<&str> = parameter.choices.iter().map(|choice| choice.value.as_str()).collect();
        property.insert("enum".to_owned(), json!(choices));
    }
    property
}

/// The label, what the parameter is, and what the choices mean where their labels say more than their values.
fn described(parameter: &Parameter) -> String {
    let mut text = parameter.shown().to_owned();
    if !parameter.description.is_empty() {
        text = format!("{text}: {}", parameter.description);
    }
    let said = parameter.choices.iter().filter(|choice| !choice.label.is_empty() && choice.label != choice.value);
    let meanings: Vec<String> = said.map(|choice| format!("{} is {}", choice.value, choice.label)).collect();
    if meanings.is_empty() { text } else { format!("{text} ({})", meanings.join(", ")) }
}
