//! What the mail says.

use super::{CodeMail, InviteMail};

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
    /// The words of a code mail.
    pub fn of(mail: &CodeMail<'_>) -> Self {
        let CodeMail { agent, code, reference, minutes, .. } = mail;
        let code = code.expose();
        let agent_html = escape(agent);
        Self {
            subject: format!("Your code for {agent} ({reference})"),
            text: format!(
                "Your sign-in code for {agent}:\n\n{code}\n\nType it into the chat that says \"{reference}\". It works \
                 for {minutes} minutes, once.\n\nYou did not ask for it? Then somebody typed your address by mistake. \
                 Do nothing, and tell nobody the code.\n"
            ),
            html: format!(
                "<!doctype html><html lang=\"en\"><body style=\"font:16px/1.5 system-ui,sans-serif;color:#1c2321;\
                 max-width:32em;margin:2em auto;padding:0 1em\"><p>Your sign-in code for {agent_html}:</p>\
                 <p style=\"font:600 32px/1.2 ui-monospace,monospace;letter-spacing:.2em\">{code}</p>\
                 <p>Type it into the chat that says <b>{reference}</b>. It works for {minutes} minutes, once.</p>\
                 <p style=\"color:#5b6562\">You did not ask for it? Then somebody typed your address by mistake. \
                 Do nothing, and tell nobody the code.</p></body></html>"
            ),
        }
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
