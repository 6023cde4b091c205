//! Whether a page of the site owner's loads the chat.

use serde::{Deserialize, Serialize};

/// `POST …/install/check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The page's address.
    pub url: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Looked {
    /// Where the page was found in the end, after redirects; none when it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether nothing that was found keeps the chat from loading.
    pub loads: bool,
    /// What was found, in the order in which it is to be mended.
    pub findings: Vec<Finding>,
}

/// `GET install`: a site that loaded the chat, or tried to. The newest come first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Loaded {
    /// The site, as its browser named it.
    pub origin: String,
    /// When, milliseconds since 1970. It is noted at most once an hour for each site.
    pub at: u64,
    /// Whether it was on the list of allowed origins then.
    pub allowed_then: bool,
    /// Whether it is now.
    pub allowed_now: bool,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// What it is about.
    pub about: About,
    /// How it stands.
    pub level: Level,
    /// What was found, in a sentence.
    pub sentence: String,
    /// What to do about it; empty where there is nothing to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mend: String,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The page: whether it could be fetched.
    Page,
    /// The script in it.
    Script,
    /// The list of allowed origins.
    Origin,
    /// The page's Content-Security-Policy.
    Policy,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Fine,
    /// It may be as it should be; what was looked at does not tell.
    Unsure,
    /// It keeps the chat from loading.
    Fault,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{About, Finding, Level, Looked};

    #[test]
    fn a_look_is_told_in_these_words() {
        let finding = Finding { about: About::Page, level: Level::Unsure, sentence: "S.".into(), mend: String::new() };
        let looked = Looked { url: None, loads: false, findings: vec![finding] };
        let written = json!({"loads": false, "findings": [{"about": "page", "level": "unsure", "sentence": "S."}]});
        assert_eq!(serde_json::to_value(looked).unwrap(), written);
    }
}
