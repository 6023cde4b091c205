//! The frame page as the edge renders it and the widget finds it: ids of elements and keys of texts.
//!
//! The edge renders static HTML; the widget binds to it by these ids. Texts of the page stand in the HTML; texts that
//! the widget needs later stand in a JSON data block under [`TEXTS`], so no language is in the WebAssembly.

/// Attribute names on `<body>`.
pub mod attribute {
    /// The agent's id.
    pub const AGENT: &str = "data-agent";
    /// The host page's origins that may talk to the widget, separated by spaces.
    pub const ORIGINS: &str = "data-origins";
}

/// The `<script type="application/json">` with the texts of [`text`].
pub const TEXTS: &str = "texts";
