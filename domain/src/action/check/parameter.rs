//! Parameters: their names, choices and kinds.

use std::collections::BTreeSet;

use shared::card::FieldKind;

use super::{Found, MAX_DESCRIPTION_CHARS, MAX_PARTS, MAX_TITLE_CHARS};
use crate::action::template::{self, is_name};
use crate::action::{Action, Kind, Parameter};

/// The most choices of a parameter.
const MAX_CHOICES: usize = 100;

pub(super) fn check(action: &Action, found: &mut Found<'_>) {
    let is_login = matches!(action.kind, Kind::Login { .. });
    found.add_if(action.parameters.len() > MAX_PARTS, "parameters", "There are more than 32; take some out.");
    let in_path = template::in_path(action);
    let mut names = BTreeSet::new();
    for parameter in &action.parameters {
        let mut add = |is_wrong: bool, sentence: &str| {
            found.add_if(is_wrong, &format!("parameters.{}", parameter.name), sentence);
        };
        add(!is_name(&parameter.name), "A name begins with a small letter and has small letters, digits and _ alone.");
        add(!names.insert(&parameter.name), "Two parameters have this name; give each its own.");
        add(parameter.label.chars().count() > MAX_TITLE_CHARS, "The label has more than 100 characters; shorten it.");
        let is_long = parameter.description.chars().count() > MAX_DESCRIPTION_CHARS;
        add(is_long, "The description has more than 2,000 characters; shorten it.");
        let asks = "A password, a PIN or a code is asked for by a login's form alone, never by the model: take it out, or \
                    give what is none of them another kind and another name.";
        add(!is_login && parameter.is_secret(), asks);
        let token = "autocomplete is for the form of a login, and is made of words such as `username`; take it out.";
        let is_token = |token: &str| token.len() <= 64 && token.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let is_autocomplete = |text: &String| is_login && !text.is_empty() && text.split(' ').all(is_token);
        add(!parameter.autocomplete.as_ref().is_none_or(is_autocomplete), token);
        let path = "It may be left out, but a path cannot go without it; make it required, or move it behind the ?.";
        add(parameter.optional && in_path.contains(&parameter.name), path);
        add(
            !has_choices(parameter),
            "A choice has 1 to 100 different values that are not blank, and nothing else has any.",
        );
    }
}

fn has_choices(parameter: &Parameter) -> bool {
    let values: BTreeSet<&str> = parameter.choices.iter().map(|choice| choice.value.trim()).collect();
    match parameter.kind {
        FieldKind::Choice => {
            (1..=MAX_CHOICES).contains(&parameter.choices.len())
                && values.len() == parameter.choices.len()
                && !values.contains("")
                && parameter.choices.iter().all(|choice| choice.value.trim() == choice.value)
        }
        _ => parameter.choices.is_empty(),
    }
}
