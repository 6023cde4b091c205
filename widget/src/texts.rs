//! The words, in the visitor's language. They come with the page as JSON; no language is in this program.

use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

use crate::dom;

/// The table of texts, kept as the JavaScript object that the browser parsed: most of it is never read.
#[derive(Clone)]
pub struct Texts(JsValue);

impl Texts {
    /// Reads the page's table. A page without one shows keys, which is ugly and still usable.
    pub fn of_page() -> Self {
        let json = dom::element(shared::skeleton::TEXTS).text_content().unwrap_or_default();
        Self(js_sys::JSON::parse(&json).unwrap_or_default())
    }

    /// The text of a key of [`shared::skeleton::text`].
    pub fn get(&self, key: &str) -> String {
        js_sys::Reflect::get(&self.0, &JsValue::from_str(key))
            .ok()
            .and_then(|text| text.as_string())
            .unwrap_or_else(|| key.to_owned())
    }

    /// The text with its `{name}`s replaced.
    pub fn filled(&self, key: &str, values: &[(&str, &str)]) -> String {
        let template = self.get(key);
        let mut text = String::new();
        each_part(&template, &mut |part| {
            text.push_str(match part {
                Part::Text(part) => part,
                Part::Name(name) => value_of(values, name),
            });
        });
        text
    }

    /// The text as the content of `element`, its values set off from it. `<bdi>` keeps an address or a word in one piece
    /// in a language that is written from right to left.
    pub fn fill(&self, element: &HtmlElement, key: &str, values: &[(&str, &str)]) {
        let whole = self.filled(key, values);
        if element.text_content().is_some_and(|shown| shown == whole) {
            return;
        }
        element.set_text_content(None);
        each_part(&self.get(key), &mut |part| match part {
            Part::Text(part) => dom::append_text(element, part),
            Part::Name(name) => {
                dom::add_text(element, "bdi", "", value_of(values, name));
            }
        });
    }
}

fn value_of<'a>(values: &[(&str, &'a str)], name: &str) -> &'a str {
    values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

#[derive(Debug, PartialEq)]
enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Walks over the parts of a template. A value is never read as a template again.
fn each_part(template: &str, take: &mut dyn FnMut(Part<'_>)) {
    let mut rest = template;
    while let Some((text, (name, after))) =
        rest.split_once('{').and_then(|(text, after)| Some((text, after.split_once('}')?)))
    {
        take(Part::Text(text));
        take(Part::Name(name));
        rest = after;
    }
    take(Part::Text(rest));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(template: &str) -> String {
        let mut parts = String::new();
        each_part(template, &mut |part| match part {
            Part::Text(text) => parts.push_str(text),
            Part::Name(name) => {
                parts.push('<');
                parts.push_str(name);
                parts.push('>');
            }
        });
        parts
    }

    #[test]
    fn a_template_is_text_and_names() {
        assert_eq!(joined("We sent {digits} digits to {address}."), "We sent <digits> digits to <address>.");
        assert_eq!(joined("{word}"), "<word>");
        assert_eq!(joined("plain"), "plain");
    }

    #[test]
    fn an_unclosed_brace_is_text() {
        assert_eq!(joined("a {b"), "a {b");
    }
}
