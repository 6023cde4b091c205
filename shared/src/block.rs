//! An answer's text as typed blocks. Markdown is parsed on the edge; HTML never travels and is never made from text.
//!
//! The set is closed: what is not here cannot be shown. There are no images and nothing that loads by itself.

use serde::{Deserialize, Serialize};

/// A block of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Paragraph {
        /// Its text.
        spans: Vec<Span>,
    },
    /// A heading, shown one size: a chat bubble is no document.
    Heading {
        /// Its text.
        spans: Vec<Span>,
    },
    /// A list of items; nested lists arrive flattened with a deeper `level`.
    List {
        /// Numbered from this number, or bulleted when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start: Option<u32>,
        /// The items, in order.
        items: Vec<Item>,
    },
    /// Preformatted text.
    Code {
        /// The text, newlines kept.
        text: String,
    },
    /// A quotation.
    Quote {
        /// Its text.
        spans: Vec<Span>,
    },
    /// A table; every row has as many cells as the first.
    Table {
        /// Rows of cells; the first row is the head.
        rows: Vec<Vec<Vec<Span>>>,
    },
    /// A thematic break.
    Rule,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Item {
    /// 0 for the outermost list.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub level: u8,
    /// Its text.
    pub spans: Vec<Span>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands a reference")]
fn is_zero(level: &u8) -> bool {
    *level == 0
}

/// A run of text in one style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Span {
    /// Plain text.
    Text {
        /// The text.
        text: String,
    },
    /// Emphasised text.
    Em {
        /// The text.
        text: String,
    },
    /// Strongly emphasised text.
    Strong {
        /// The text.
        text: String,
    },
    /// Code in a line.
    Code {
        /// The text.
        text: String,
    },
    /// A link. `href` is `https:`, `http:`, `mailto:` or `tel:`; the widget shows its host.
    Link {
        /// What is shown.
        text: String,
        /// Where it leads.
        href: String,
    },
    /// A line break.
    Break,
}
