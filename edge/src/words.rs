//! Our own words in the languages that there are (E7): the page's, the widget's, those of mails and of the other windows.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use domain::agent::{Agent, CustomerAuth};
use domain::language::Ranges;
use serde_json::Value;

use crate::failure::Answer;

const ENGLISH: &str = include_str!("pages/texts.en.json");

/// The other files, all with the same keys and placeholders.
const OTHERS: [(&str, &str); 7] = [
    ("es", include_str!("pages/texts.es.json")),
    ("pt", include_str!("pages/texts.pt.json")),
    ("id", include_str!("pages/texts.id.json")),
    ("de", include_str!("pages/texts.de.json")),
    ("fr", include_str!("pages/texts.fr.json")),
    ("ar", include_str!("pages/texts.ar.json")),
    ("ja", include_str!("pages/texts.ja.json")),
];

/// The language of our words for somebody who reads these: else that of the agent's texts, else English.
pub fn choose(ranges: &Ranges, agent: &Agent) -> &'static str {
    let tags = ["en"].into_iter().chain(OTHERS.iter().map(|(tag, _)| *tag));
    let as_the_agent = || Ranges::read(&agent.language).choose(&tags);
    ranges.choose(&tags).or_else(as_the_agent).unwrap_or("en")
}

thread_local! {
    /// The languages that this isolate has read.
    static READ: RefCell<BTreeMap<&'static str, Rc<Value>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The words of one language.
pub struct Words(Rc<Value>);

impl Words {
    /// Those of this language.
    pub fn of(language: &str) -> Answer<Self> {
        let other = OTHERS.iter().copied().find(|(tag, _)| *tag == language);
        let (tag, json) = other.unwrap_or(("en", ENGLISH));
        if let Some(words) = READ.with_borrow(|read| read.get(tag).map(Rc::clone)) {
            return Ok(Self(words));
        }
        let words = Rc::new(serde_json::from_str(json)?);
        READ.with_borrow_mut(|read| read.insert(tag, Rc::clone(&words)));
        Ok(Self(words))
    }

    /// The text at a pointer; empty where there is none.
    pub fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// What stands at a pointer, as JSON for a script element.
    pub fn json(&self, pointer: &str) -> String {
        self.0.pointer(pointer).map(in_script).unwrap_or_default()
    }
}

/// JSON as it stands in a script element: only `</` and `<!--` could end that early, and no `<` at all is simpler to see.
pub fn in_script(json: &Value) -> String {
    json.to_string().replace('<', "\\u003c")
}

/// Which way the language is written: the attribute `dir`.
pub fn direction(language: &str) -> &'static str {
    if language == "ar" { "rtl" } else { "ltr" }
}

/// The agent, its login card in the language of somebody who reads these where it says no words but ours.
pub fn on_card(mut agent: Arc<Agent>, ranges: &Ranges) -> Answer<Arc<Agent>> {
    let (auth, ours) = (&agent.customer_auth, CustomerAuth::default());
    let (title, subtitle) = (auth.title == ours.title, auth.subtitle == ours.subtitle);
    let language = choose(ranges, &agent);
    if language == "en" || !(title || subtitle) {
        return Ok(agent);
    }
    let words = Words::of(language)?;
    let auth = &mut Arc::make_mut(&mut agent).customer_auth;
    if title {
        words.text("/card/title").clone_into(&mut auth.title);
    }
    if subtitle {
        words.text("/card/subtitle").clone_into(&mut auth.subtitle);
    }
    Ok(agent)
}

/// Puts values in the place of names between these marks, once: what a value contains is never filled again.
pub fn fill(template: &str, (open, close): (&str, &str), value: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        match after.split_once(close) {
            Some((name, after)) => {
                out.push_str(&value(name));
                rest = after;
            }
            None => rest = after,
        }
    }
    out.push_str(rest);
    out
}
