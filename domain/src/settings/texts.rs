//! What visitors read of the site owner's own words, in every language.

use shared::admin::problem::{FieldError, escape};

use super::{add, line, text};
use crate::agent::Agent;
use crate::language;

/// The most languages besides the agent's own.
const MOST_LANGUAGES: usize = 20;

/// The most questions that are offered.
const MOST_SUGGESTED: usize = 8;

/// Checks the texts.
pub fn check(found: &mut Vec<FieldError>, agent: &Agent) {
    let auth = &agent.customer_auth;
    name(found, "", &agent.name);
    greeting(found, "", &agent.greeting);
    suggested(found, "", &agent.suggested);
    title(found, "", &auth.title);
    subtitle(found, "", &auth.subtitle);
    tag(found, "/language", &agent.language);
    if agent.languages.len() > MOST_LANGUAGES {
        add(found, "/languages", &format!("There are more than {MOST_LANGUAGES} languages; remove some."));
    }
    for (language, texts) in &agent.languages {
        let at = texts_at(language);
        tag(found, &at, language);
        if *language == agent.language {
            add(
                found,
                &at,
                "The agent's own texts are in this language already; change those, or say which language they are in.",
            );
        }
        each(found, &at, texts.name.as_deref(), name);
        each(found, &at, texts.greeting.as_deref(), greeting);
        suggested(found, &at, &texts.suggested);
        each(found, &at, texts.customer_auth.title.as_deref(), title);
        each(found, &at, texts.customer_auth.subtitle.as_deref(), subtitle);
    }
}

/// Where the texts of a language stand.
pub fn texts_at(tag: &str) -> String {
    format!("/languages/{}", escape(tag))
}

fn each(found: &mut Vec<FieldError>, at: &str, text: Option<&str>, check: fn(&mut Vec<FieldError>, &str, &str)) {
    if let Some(text) = text {
        check(found, at, text);
    }
}

fn tag(found: &mut Vec<FieldError>, at: &str, tag: &str) {
    match language::canonical(tag) {
        None => add(found, at, "A language is written as its tag: de, pt-BR, zh-Hant."),
        Some(written) if written != tag => add(found, at, &format!("This language is written {written}.")),
        Some(_) => {}
    }
}

fn name(found: &mut Vec<FieldError>, at: &str, name: &str) {
    line(found, &format!("{at}/name"), name, 1..=80);
}

fn greeting(found: &mut Vec<FieldError>, at: &str, greeting: &str) {
    text(found, &format!("{at}/greeting"), greeting, 0..=500);
}

fn suggested(found: &mut Vec<FieldError>, at: &str, suggested: &[String]) {
    if suggested.len() > MOST_SUGGESTED {
        let words = format!("There are more than {MOST_SUGGESTED} questions; remove some.");
        add(found, &format!("{at}/suggested"), &words);
    }
    for (number, question) in suggested.iter().enumerate() {
        line(found, &format!("{at}/suggested/{number}"), question, 1..=120);
    }
}

fn title(found: &mut Vec<FieldError>, at: &str, title: &str) {
    line(found, &format!("{at}/customer_auth/title"), title, 1..=80);
}

fn subtitle(found: &mut Vec<FieldError>, at: &str, subtitle: &str) {
    text(found, &format!("{at}/customer_auth/subtitle"), subtitle, 0..=160);
}
