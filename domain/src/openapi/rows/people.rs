//! Conversations, the trail, members and tokens.

use shared::admin::route::Verb::{Delete, Get, Patch, Post};

use super::{Answer, Row, row};

pub const ROWS: &[Row] = &[
    row(Get, "agents/{agent}/conversations", "listConversations", "Conversations, newest first.")
        .asks(&[("state", "State"), ("method", "Method"), ("before", "number"), ("limit", "limit")])
        .answers("Conversations")
        .refuses(&[422]),
    row(
        Get,
        "agents/{agent}/conversations/{conversation}",
        "readConversation",
        "One conversation, redacted. A read is noted in the trail.",
    )
    .asks(&[("after", "number")])
    .answers("Conversation"),
    row(Get, "agents/{agent}/audit", "listTrail", "The trail, newest first.")
        .asks(&[("kind", "AuditKind"), ("conversation", "ConversationId"), ("before", "number"), ("limit", "limit")])
        .answers("Trail")
        .refuses(&[422]),
    Row {
        answer: Answer::File("application/x-ndjson"),
        ..row(
            Get,
            "agents/{agent}/audit/export",
            "exportTrail",
            "The whole trail: one record of JSON on each line, to be verified offline.",
        )
    },
    row(Get, "agents/{agent}/members", "listMembers", "Members and open invitations.").answers("Members"),
    row(Post, "agents/{agent}/members", "inviteMember", "Invite somebody by email.")
        .takes("Invite")
        .makes("Invitation")
        .refuses(&[409, 422, 429]),
    row(Patch, "agents/{agent}/members/{member}", "changeMember", "Give a member another role.")
        .takes("RoleChange")
        .refuses(&[409]),
    row(Delete, "agents/{agent}/members/{member}", "removeMember", "Remove a member, or take an invitation back.")
        .refuses(&[409]),
    row(Get, "agents/{agent}/tokens", "listTokens", "The agent's API tokens.").answers("[ListedToken]"),
    row(Post, "agents/{agent}/tokens", "makeToken", "Make an API token; it is shown this once.")
        .takes("NewToken")
        .makes("MadeToken")
        .refuses(&[409, 422]),
    row(Delete, "agents/{agent}/tokens/{token_id}", "revokeToken", "Revoke an API token."),
];
