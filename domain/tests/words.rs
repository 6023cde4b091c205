//! Our own words say the same in every language: every key, and every placeholder.

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use domain::language::canonical;
    use serde_json::Value;

    /// Every text by its pointer.
    fn texts(at: &str, value: &Value, found: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| texts(&format!("{at}/{name}"), value, found));
            }
            value => drop(found.insert(at.to_owned(), value.as_str().unwrap().to_owned())),
        }
    }

    fn of(language: &str) -> BTreeMap<String, String> {
        let file = std::fs::read_to_string(format!("../edge/src/pages/texts.{language}.json")).unwrap();
        let mut found = BTreeMap::new();
        texts("", &serde_json::from_str(&file).unwrap(), &mut found);
        found
    }

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
    }

    /// The languages that there are (E7).
    const LANGUAGES: [&str; 7] = ["es", "pt", "id", "de", "fr", "ar", "ja"];

    #[test]
    fn no_language_lacks_a_text_or_a_placeholder() {
        let english = of("en");
        for language in LANGUAGES {
            assert_eq!(canonical(language).as_deref(), Some(language));
            let other = of(language);
            assert!(english.keys().eq(other.keys()), "{language}");
            for (at, text) in &english {
                let translated = &other[at];
                assert_eq!(placeholders(text), placeholders(translated), "{language} {at}");
                assert!(!translated.trim().is_empty() && !translated.contains('<'), "{language} {at}");
                // What ends in a colon or an ellipsis goes on, whatever the language.
                assert_eq!(text.ends_with('…'), translated.ends_with('…'), "{language} {at}");
            }
        }
    }

    #[test]
    fn the_widgets_keys_are_there() {
        for language in LANGUAGES.into_iter().chain(["en"]) {
            let texts = of(language);
            for key in shared::skeleton::text::ALL {
                assert!(texts.contains_key(&format!("/widget/{key}")), "{language} {key}");
            }
        }
    }

    #[test]
    fn words_fit_where_they_stand() {
        for language in LANGUAGES {
            let texts = of(language);
            for (at, most) in
                [("/card/title", 80), ("/card/subtitle", 160), ("/page/placeholder", 40), ("/widget/send_code", 30)]
            {
                assert!(texts[at].chars().count() <= most, "{language} {at}");
            }
        }
    }
}
