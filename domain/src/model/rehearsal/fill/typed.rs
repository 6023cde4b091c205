//! Values that have a form of their own: numbers, dates, addresses, numbers of orders.

use serde_json::{Number, Value};

use super::Filler;
use crate::model::rehearsal::parameters::{GENERIC, Kind, Parameter};
use crate::model::rehearsal::records::form;
use crate::model::rehearsal::spans::{Found, Sort};

/// The fewest characters of a number of something that nothing before it names.
const MIN_CODE: usize = 3;

const CURRENCIES: &[&str] = &["euro", "euros", "dollar", "dollars", "pound", "pounds", "eur", "usd", "gbp", "chf"];

impl Filler<'_> {
    /// Those that a word before them, a preposition of the name or the example's form gives to one parameter.
    pub(super) fn by_cue(&mut self) {
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for (at, parameter) in self.parameters.iter().enumerate() {
            for (index, found) in self.found.iter().enumerate() {
                if value_of(parameter, found).is_some()
                    && let Some(strength) = self.strength(parameter, found)
                {
                    pairs.push((strength, at, index));
                }
            }
        }
        // The sort keeps the order of parameters and of the text among equals.
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, at, index) in pairs {
            self.take(at, index);
        }
    }

    /// Required ones that nothing names, from what no text took.
    pub(super) fn by_form(&mut self) {
        for at in 0..self.parameters.len() {
            let Some(parameter) = self.parameters.get(at).filter(|one| one.required || self.is_only_number(one)) else {
                continue;
            };
            let fits = |found: &Found| {
                let long = found.value.chars().count() >= MIN_CODE || parameter.kind != Kind::Code;
                let example = parameter.kind != Kind::Code || shape_fits(parameter, found);
                let own = parameter.kind != Kind::Text;
                own && long && example && value_of(parameter, found).is_some()
            };
            if let Some(index) = self.found.iter().position(|found| fits(found) && self.is_free(found)) {
                self.take(at, index);
            }
        }
    }

    /// An optional number takes the only one that there is, where no free text may be meant to hold it.
    fn is_only_number(&self, parameter: &Parameter) -> bool {
        let numbers = self.found.iter().filter(|found| found.sort == Sort::Number && self.is_free(found)).count();
        let text = |one: &Parameter| matches!(one.kind, Kind::Text | Kind::Code);
        parameter.kind == Kind::Number && numbers == 1 && !self.parameters.iter().any(text)
    }

    /// The first code of an answer, however short.
    pub(super) fn short_code(&mut self) {
        if let Some(index) = self.found.iter().position(|found| found.sort == Sort::Code) {
            self.take(0, index);
        }
    }

    /// A time belongs to the day where no parameter asks for it alone.
    pub(super) fn times(&mut self) {
        if self.parameters.iter().any(|parameter| parameter.kind == Kind::Time) {
            return;
        }
        let Some(at) = self.parameters.iter().position(|one| one.kind == Kind::Date) else { return };
        let Some(Value::String(day)) = self.values.get(at).cloned().flatten() else { return };
        let time = self.found.iter().find(|found| found.sort == Sort::Time && self.is_free(found)).cloned();
        if let Some(time) = time {
            self.set(at, Value::from(format!("{day} {}", time.value)), time.from, time.to);
        }
    }

    fn take(&mut self, at: usize, index: usize) {
        let (Some(parameter), Some(found)) = (self.parameters.get(at), self.found.get(index).cloned()) else { return };
        if !self.is_missing(at) || !self.is_free(&found) {
            return;
        }
        if let Some(value) = value_of(parameter, &found) {
            let unit = found.sort == Sort::Number && CURRENCIES.contains(&self.lower(found.to));
            self.formed = true;
            self.set(at, value, found.from, found.to + usize::from(unit));
        }
    }

    /// How surely a value is meant for a parameter, by the words beside it; none where nothing says so.
    fn strength(&self, parameter: &Parameter, found: &Found) -> Option<f64> {
        let (own, lead, other) = self.before(parameter, found);
        let after = parameter.is_own(self.lower(found.to));
        let unit = CURRENCIES.contains(&self.lower(found.to)) || self.has_sign(found);
        match parameter.kind {
            Kind::Email | Kind::Phone | Kind::Date | Kind::Time => Some(if lead {
                3.0
            } else if own {
                2.0
            } else if other {
                0.5
            } else {
                1.0
            }),
            Kind::Code if unit => None,
            Kind::Code if lead => Some(3.0),
            Kind::Code if other => None,
            Kind::Code if own => Some(if shape_fits(parameter, found) { 2.5 } else { 2.0 }),
            Kind::Code => (parameter.example.is_some() && shape_fits(parameter, found)).then_some(1.5),
            Kind::Number if own || after => Some(2.2),
            Kind::Number => unit.then_some(2.1),
            Kind::Text => (own && found.sort == Sort::Code && parameter.is_own(self.lower(found.from.checked_sub(1)?)))
                .then_some(1.0),
            Kind::Choice | Kind::Secret => None,
        }
    }

    /// A currency's sign stands at it.
    fn has_sign(&self, found: &Found) -> bool {
        self.words.get(found.from).is_some_and(|word| word.text.contains(['$', '€', '£', '¥', '₹']))
    }

    /// Whether the words before a value have one of the parameter's own, or its preposition, or another one's.
    fn before(&self, parameter: &Parameter, found: &Found) -> (bool, bool, bool) {
        let mut own = false;
        for back in 1..=5 {
            let Some(word) = found.from.checked_sub(back).and_then(|at| self.words.get(at)) else { break };
            if word.stop.is_some_and(|stop| stop != ':') {
                break;
            }
            let lower = word.lower.as_str();
            if matches!(lower, "from" | "to" | "until")
                && self.parameters.iter().any(|one| one.leads.iter().any(|lead| lead == lower))
            {
                let lead = parameter.leads.iter().any(|lead| lead == lower);
                return (own, lead, !lead && !parameter.leads.is_empty());
            }
            if parameter.is_own(lower) {
                own = true;
            } else if !GENERIC.contains(&lower)
                && !matches!(lower, "is" | "of" | "the" | "my" | "a" | "our" | "as")
                // "The order to 12 Rue Cler": what follows is no number of the order.
                && (parameter.kind == Kind::Code || !matches!(lower, "on" | "at" | "to" | "for" | "by"))
            {
                break;
            }
        }
        (own, false, false)
    }
}

fn shape_fits(parameter: &Parameter, found: &Found) -> bool {
    parameter.example.as_ref().is_none_or(|example| *example == form(&found.value))
}

/// The value as the parameter's type takes it; none where it has not the form.
fn value_of(parameter: &Parameter, found: &Found) -> Option<Value> {
    let text = || Some(Value::from(found.value.as_str()));
    match (parameter.kind, found.sort) {
        (Kind::Email, Sort::Email)
        | (Kind::Phone, Sort::Phone)
        | (Kind::Date, Sort::Date)
        | (Kind::Time, Sort::Time)
        | (Kind::Text | Kind::Code, Sort::Code) => text(),
        (Kind::Phone, Sort::Code) => {
            (found.value.len() >= 7 && found.value.chars().all(|c| c.is_ascii_digit())).then(text).flatten()
        }
        (Kind::Number, Sort::Number) => number(&found.value, parameter.whole),
        _ => None,
    }
}

fn number(text: &str, whole: bool) -> Option<Value> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(Value::from(number));
    }
    let number = text.parse::<f64>().ok().filter(|_| !whole)?;
    Number::from_f64(number).map(Value::Number)
}
