//! The site owner's own words in other languages (E7, L2).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Agent;
use crate::language::Ranges;

/// The texts in one more language, in the places that they have in the settings. What is not there is as in the agent's own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Texts {
    /// What the agent is called.
    pub name: Option<String>,
    /// The first line of every conversation.
    pub greeting: Option<String>,
    /// Questions offered while the conversation is empty; none for the agent's own.
    pub suggested: Vec<String>,
    /// Those of the login card.
    pub customer_auth: CardTexts,
}

/// The login card's texts in one more language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct CardTexts {
    /// Its title.
    pub title: Option<String>,
    /// The line under the title.
    pub subtitle: Option<String>,
}

impl Agent {
    /// The language of the texts for somebody who reads these: the agent's own where none fits.
    pub fn language_for(&self, ranges: &Ranges) -> &str {
        let tags = [&self.language].into_iter().chain(self.languages.keys());
        ranges.choose(&tags.map(String::as_str)).unwrap_or(&self.language)
    }

    /// The agent in the language of somebody who reads these.
    pub fn spoken(mut self: Arc<Self>, ranges: &Ranges) -> Arc<Self> {
        let language = self.language_for(ranges);
        if language != self.language {
            let language = language.to_owned();
            Arc::make_mut(&mut self).speak(&language);
        }
        self
    }

    /// Puts the texts of another language in the place of its own. Nothing changes where there are none.
    pub fn speak(&mut self, language: &str) {
        let Some((language, texts)) = self.languages.remove_entry(language) else { return };
        let Texts { name, greeting, suggested, customer_auth: CardTexts { title, subtitle } } = texts;
        let set = |own: &mut String, other: Option<String>| *own = other.unwrap_or_else(|| std::mem::take(own));
        set(&mut self.name, name);
        set(&mut self.greeting, greeting);
        set(&mut self.customer_auth.title, title);
        set(&mut self.customer_auth.subtitle, subtitle);
        if !suggested.is_empty() {
            self.suggested = suggested;
        }
        self.language = language;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn agent() -> Agent {
        serde_json::from_value(json!({
            "id": "ag_x", "name": "Harbor Books", "origins": [], "greeting": "Hi!", "suggested": ["Where is my order?"],
            "customer_auth": {"title": "Sign in", "subtitle": "A code by email"},
            "languages": {
                "de": {"greeting": "Hallo!", "customer_auth": {"title": "Anmelden"}},
                "pt-BR": {"suggested": ["Onde está meu pedido?"]},
            },
        }))
        .unwrap()
    }

    #[test]
    fn the_own_language_is_one_of_those_to_choose_from() {
        let agent = agent();
        for (header, language) in
            [("en, de;q=0.5", "en"), ("de-AT", "de"), ("pt", "pt-BR"), ("fr", "en"), ("", "en"), ("fr, de;q=0.1", "de")]
        {
            assert_eq!(agent.language_for(&Ranges::read(header)), language, "{header}");
        }
    }

    #[test]
    fn what_has_no_words_in_a_language_keeps_its_own() {
        let mut german = agent();
        german.speak("de");
        assert_eq!((german.name.as_str(), german.greeting.as_str()), ("Harbor Books", "Hallo!"));
        assert_eq!(german.suggested, ["Where is my order?"]);
        let auth = &german.customer_auth;
        assert_eq!((auth.title.as_str(), auth.subtitle.as_str()), ("Anmelden", "A code by email"));
        assert_eq!(german.language, "de");
        let mut portuguese = agent();
        portuguese.speak("pt-BR");
        assert_eq!(portuguese.suggested, ["Onde está meu pedido?"]);
        let mut other = agent();
        other.speak("fr");
        other.speak("en");
        assert_eq!(other, agent());
    }
}
