//! The start tags of a page, as far as finding a script and a policy needs them (HTML, tokenization, in short).

/// A start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// An attribute's value; of two with one name, the first counts.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// What of a page is text although it looks like tags.
const RAW: [&str; 7] = ["script", "style", "textarea", "title", "noscript", "template", "iframe"];

/// The `script` and `meta` tags of a page, in order. What is in comments, in scripts and in what browsers with scripts do not
/// show is passed over. Each byte is looked at a fixed number of times.
pub(super) fn tags(html: &str) -> Vec<Tag> {
    let (mut found, mut rest) = (Vec::new(), html);
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (tag, after) = tag(rest);
        rest = after;
        if RAW.contains(&tag.name.as_str()) {
            rest = behind(rest, &tag.name);
        }
        if tag.is("script") || tag.is("meta") {
            found.push(tag);
        }
    }
    found
}

/// What follows after the end tag of this name.
fn behind<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(at) = rest.find("</") {
        rest = rest.get(at + 2..).unwrap_or_default();
        let is_end = rest.get(..name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name));
        if is_end {
            return rest.split_once('>').map_or("", |(_, after)| after);
        }
    }
    ""
}

/// A start tag whose `<` was read, and what follows it.
fn tag(text: &str) -> (Tag, &str) {
    let is_blank = |c: char| c.is_ascii_whitespace() || c == '/';
    let end = text.find(|c: char| is_blank(c) || c == '>').unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    let mut tag = Tag { name: name.to_ascii_lowercase(), attributes: Vec::new() };
    loop {
        rest = rest.trim_start_matches(is_blank);
        if rest.is_empty() {
            return (tag, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, after);
        }
        // A `=` at the beginning is a part of the name.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest.get(first..).and_then(|more| more.find(|c: char| is_blank(c) || matches!(c, '>' | '=')));
        let (name, after) = rest.split_at(end.map_or(rest.len(), |end| end + first));
        let spaced = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let value = match spaced.strip_prefix('=') {
            None => {
                rest = after;
                String::new()
            }
            Some(value) => {
                let (value, after) = self::value(value.trim_start_matches(|c: char| c.is_ascii_whitespace()));
                rest = after;
                decoded(value)
            }
        };
        if tag.attributes.len() < 64 {
            tag.attributes.push((name.to_ascii_lowercase(), value));
        }
    }
}

fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len()))
}

/// The few character references that stand in addresses and policies.
fn decoded(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut text = text.to_owned();
    for (reference, c) in
        [("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&apos;", "'"), ("&#x2F;", "/"), ("&amp;", "&")]
    {
        text = text.replace(reference, c);
    }
    text
}
