//! Placeholders in a text: `<parameter>`, `{{context.field}}`, `{{secret.name}}`, `{{step.name}}`.
//!
//! Texts are cut into parts before anything is filled in, and what is filled in is never read again: a value that looks
//! like a placeholder stays a value.

/// The most characters of a name.
pub(super) const MAX_NAME: usize = 64;

/// What a placeholder stands for. The four kinds are four namespaces: a parameter cannot shadow a context field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Placeholder {
    Parameter(String),
    Context(String),
    Secret(String),
    Step(String),
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// A text in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Parts(pub(super) Vec<Part>);

/// `[a-z][a-z0-9_]*`, at most 64 characters.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= MAX_NAME
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

impl Parts {
    /// Cuts a text. `<` that no name and `>` follow is a `<`; `{{` always begins a placeholder.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut literal, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['<', '{']) {
            let (before, from) = rest.split_at(at);
            literal.push_str(before);
            let (found, after) = placeholder(from)?;
            rest = after;
            match found {
                Ok(found) => {
                    if !literal.is_empty() {
                        parts.push(Part::Text(core::mem::take(&mut literal)));
                    }
                    parts.push(Part::Placeholder(found));
                }
                Err(c) => literal.push(c),
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self(parts))
    }

    /// The placeholder that is all of the text.
    pub(super) fn only(&self) -> Option<&Placeholder> {
        match self.0.as_slice() {
            [Part::Placeholder(only)] => Some(only),
            _ => None,
        }
    }

    pub(super) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder(placeholder) => Some(placeholder),
            Part::Text(_) => None,
        })
    }

    /// The text, with each placeholder replaced by what `fill` gives.
    pub(super) fn fill<E>(&self, mut fill: impl FnMut(&Placeholder) -> Result<String, E>) -> Result<String, E> {
        self.0.iter().try_fold(String::new(), |mut filled, part| {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Placeholder(placeholder) => filled.push_str(&fill(placeholder)?),
            }
            Ok(filled)
        })
    }
}

/// What begins with `<` or `{`: a placeholder or that character, and what follows.
fn placeholder(from: &str) -> Result<(Result<Placeholder, char>, &str), String> {
    if let Some(inner) = from.strip_prefix("{{") {
        let (inner, after) = inner.split_once("}}").ok_or("a {{ has no }}")?;
        let (space, name) = inner.trim().split_once('.').unwrap_or_default();
        let name = if is_name(name) { name.to_owned() } else { String::new() };
        return match (space, name.is_empty()) {
            ("context", false) => Ok((Ok(Placeholder::Context(name)), after)),
            ("secret", false) => Ok((Ok(Placeholder::Secret(name)), after)),
            ("step", false) => Ok((Ok(Placeholder::Step(name)), after)),
            _ => Err("what stands in {{ }} must be context, secret or step, a dot and a name".to_owned()),
        };
    }
    if let Some((name, after)) = from.strip_prefix('<').and_then(|inner| inner.split_once('>'))
        && is_name(name)
    {
        return Ok((Ok(Placeholder::Parameter(name.to_owned())), after));
    }
    let mut chars = from.chars();
    Ok((Err(chars.next().unwrap_or('<')), chars.as_str()))
}
