//! What the model may call and see, decided by state. Deny by default: what is not listed here does not exist for it.

use serde_json::json;

use crate::agent::Agent;
use crate::conversation::{Conversation, Identity};
use crate::model::Tool;

/// The name of the built-in tool that opens the login card (L1).
pub const REQUEST_LOGIN: &str = "request_login";

/// The tools that the model is offered in this state. The same list is checked again when a call comes back.
pub fn offered(agent: &Agent, conversation: &Conversation) -> Vec<Tool> {
    let auth = &agent.customer_auth;
    let mut tools = Vec::new();
    if auth.enabled && !auth.methods.is_empty() && !matches!(conversation.identity, Identity::Authenticated(_)) {
        tools.push(Tool {
            name: REQUEST_LOGIN.to_owned(),
            description: login_description(agent),
            parameters: json!({
                "type": "object",
                "properties": {
                    "reason": {
                        "type": "string",
                        "description": "What the visitor wants that needs to know who is asking, in a few words."
                    }
                },
                "required": ["reason"],
                "additionalProperties": false
            }),
        });
    }
    tools
}

/// Says what a login opens, so that the model knows when to ask for it without anybody configuring it.
fn login_description(agent: &Agent) -> String {
    let mut text = "Ask the visitor to sign in, here in the chat. Call it as soon as an answer depends on who is \
                    asking; never ask for an address, a code or a password in a message."
        .to_owned();
    let rules = &agent.customer_auth.autofetch;
    if !rules.is_empty() {
        text.push_str(" After it you can see the visitor's own: ");
        for (index, rule) in rules.iter().enumerate() {
            if index > 0 {
                text.push_str("; ");
            }
            text.push_str(&rule.name);
            if !rule.description.is_empty() {
                text.push_str(" (");
                text.push_str(&rule.description);
                text.push(')');
            }
        }
        text.push('.');
    }
    text
}
