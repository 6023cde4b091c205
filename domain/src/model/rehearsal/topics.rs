//! The owner's knowledge text as topics: a heading, where there is one, and what stands under it.

use super::relevance::Relevance;
use super::words::stems;

/// The most words of a heading.
const HEADING_WORDS: usize = 6;

/// A paragraph, or several under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Topic {
    /// Empty where there is none.
    pub(super) heading: String,
    pub(super) body: String,
}

/// Reads `Returns: You can…`, `# Returns` and `Returns:` on a line of their own, and bare paragraphs.
pub(super) fn topics(knowledge: &str) -> Vec<Topic> {
    let mut out: Vec<Topic> = Vec::new();
    let text = knowledge.replace("\r\n", "\n");
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        let (heading, body) = split(paragraph);
        match out.last_mut() {
            // A heading alone is the heading of what follows.
            Some(topic) if topic.body.is_empty() && heading.is_empty() => body.clone_into(&mut topic.body),
            _ => out.push(Topic { heading: heading.to_owned(), body: body.to_owned() }),
        }
    }
    out.retain(|topic| !topic.body.is_empty());
    out
}

fn split(paragraph: &str) -> (&str, &str) {
    let (line, rest) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
    if line.starts_with('#') {
        return (line.trim_matches(|c: char| c == '#' || c.is_whitespace()), rest.trim());
    }
    let short = |heading: &str| {
        !heading.is_empty() && heading.split_whitespace().count() <= HEADING_WORDS && !heading.contains(['.', '!', '/'])
    };
    if let Some((heading, body)) = line.split_once(':')
        && short(heading.trim().trim_matches('*'))
        && !body.starts_with("//")
    {
        let start = heading.len() + 1;
        let body = paragraph.get(start..).unwrap_or_default().trim_start_matches('*').trim();
        return (heading.trim().trim_matches('*'), body);
    }
    // A question on the first line is a heading too, as frequently asked questions are written.
    if line.ends_with('?') && !rest.is_empty() { (line, rest.trim()) } else { ("", paragraph) }
}

impl Topic {
    /// How well this topic covers the question's stems, 0 to 1: the heading says what it is about.
    pub(super) fn score(&self, relevance: &Relevance, question: &[String]) -> f64 {
        let (heading, body) = (stems(&self.heading), stems(&self.body));
        relevance.coverage(question, |stem| {
            let is_in = |stems: &[String]| stems.iter().any(|other| other == stem);
            if is_in(&heading) {
                1.0
            } else if is_in(&body) {
                0.6
            } else {
                0.0
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Topic, topics};

    #[test]
    fn headings_are_read_in_every_form_they_are_written() {
        let topic = |heading: &str, body: &str| Topic { heading: heading.to_owned(), body: body.to_owned() };
        assert_eq!(
            topics(
                "Returns: 30 days.\n\n**Shipping**: to Canada.\n\n# Care\nWash cold.\n\n## Hours\n\nMon to Fri.\n\n\
                 Do you repair?\nYes: always.\n\nWe began in 1990. Note: as a shed.\r\n\r\nWeb: https://a.example"
            ),
            [
                topic("Returns", "30 days."),
                topic("Shipping", "to Canada."),
                topic("Care", "Wash cold."),
                topic("Hours", "Mon to Fri."),
                topic("Do you repair?", "Yes: always."),
                topic("", "We began in 1990. Note: as a shed."),
                topic("Web", "https://a.example"),
            ]
        );
    }
}
