//! What the mail says.

use super::{CodeMail, InviteMail};
use crate::failure::Answer;
use crate::words;

/// Subject, text and HTML of a mail.
pub struct Words {
    /// The subject. Without the code: subjects show on locked screens.
    pub subject: String,
    /// Plain text; the code stands alone on its line.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl Words {
    /// The words of a code mail, in its language.
    pub fn of(mail: &CodeMail<'_>) -> Answer<Self> {
        let CodeMail { agent, language, code, reference, minutes, .. } = mail;
        let (code, direction) = (code.expose(), words::direction(language));
        // Placeholders are `{agent}`, `{reference}` and `{minutes}`.
        let parts = words::Words::of(language)?;
        let part = |key: &str, value: &dyn Fn(&str) -> String| {
            words::fill(parts.text(&format!("/mail/{key}")), ("{", "}"), value)
        };
        let plain = |name: &str| match name {
            "agent" => (*agent).to_owned(),
            "minutes" => minutes.to_string(),
            _ => (*reference).to_owned(),
        };
        let in_text = |name: &str| if name == "reference" { format!("\"{reference}\"") } else { plain(name) };
        let in_html = |name: &str| match name {
            "reference" => format!("<b>{}</b>", escape(reference)),
            "agent" => format!("<bdi>{}</bdi>", escape(agent)),
            name => plain(name),
        };
        let text = |key: &str| part(key, &in_text);
        let html = |key: &str| part(key, &in_html);
        Ok(Self {
            subject: part("subject", &plain),
            text: format!("{}\n\n{code}\n\n{}\n\n{}\n", text("lead"), text("use"), text("stranger")),
            html: format!(
                "<!doctype html><html lang=\"{language}\" dir=\"{direction}\"><body style=\"font:16px/1.5 system-ui,sans-serif;\
                 color:#1c2321;max-width:32em;margin:2em auto;padding:0 1em\"><p>{}</p>\
                 <p dir=\"ltr\" style=\"font:600 32px/1.2 ui-monospace,monospace;letter-spacing:.2em\">{code}</p>\
                 <p>{}</p><p style=\"color:#5b6562\">{}</p></body></html>",
                html("lead"),
                html("use"),
                html("stranger")
            ),
        })
    }

    /// The words of an invitation.
    pub fn of_invitation(mail: &InviteMail<'_>) -> Self {
        let InviteMail { what, role, link, days, .. } = mail;
        let (what_html, link_html) = (escape(what), escape(link));
        Self {
            subject: format!("You are invited to {what}"),
            text: format!(
                "You are invited to {what} as {role}.\n\nOpen this link and sign in with this address:\n\n{link}\n\n\
                 It works once, for {days} days.\n\nYou did not expect this? Then do nothing.\n"
            ),
            html: format!(
                "<!doctype html><html lang=\"en\"><body style=\"font:16px/1.5 system-ui,sans-serif;color:#1c2321;\
                 max-width:32em;margin:2em auto;padding:0 1em\"><p>You are invited to {what_html} as {role}.</p>\
                 <p><a href=\"{link_html}\">Open the console</a> and sign in with this address.</p>\
                 <p>The link works once, for {days} days.</p>\
                 <p style=\"color:#5b6562\">You did not expect this? Then do nothing.</p></body></html>"
            ),
        }
    }
}

/// Text as HTML text.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
