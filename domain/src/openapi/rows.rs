//! Every operation of the admin API: the one place that describes it.

use shared::admin::route::Verb::{self, Delete, Get, Patch, Post, Put};

/// An operation.
pub struct Row {
    /// What follows `/api/admin/`, parts with names in braces.
    pub path: &'static str,
    /// Its method.
    pub verb: Verb,
    /// Its name for generated clients.
    pub id: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Its query: names and schemas.
    pub query: &'static [(&'static str, &'static str)],
    /// Whether it names the version that it changes.
    pub versioned: bool,
    /// What it takes.
    pub body: Body,
    /// What it answers when it is done.
    pub answer: Answer,
}

/// What an operation takes.
pub enum Body {
    /// Nothing.
    None,
    /// JSON of this schema.
    Json(&'static str),
    /// CSV.
    Csv,
}

/// What an operation answers when it is done.
pub enum Answer {
    /// 204.
    Empty,
    /// JSON of this schema, with this status.
    Json(u16, &'static str),
    /// A text of this type.
    Text(&'static str),
}

/// The methods of a login.
const METHODS: &str = "email_code|phone_code|google|login_action|collection_lookup|host_token|passkey";

/// A row without query and version.
const fn row(
    verb: Verb,
    path: &'static str,
    id: &'static str,
    body: Body,
    answer: Answer,
    summary: &'static str,
) -> Row {
    Row { path, verb, id, summary, query: &[], versioned: false, body, answer }
}

impl Row {
    const fn asks(self, query: &'static [(&'static str, &'static str)]) -> Self {
        Self { query, ..self }
    }

    const fn of_a_version(self) -> Self {
        Self { versioned: true, ..self }
    }
}

/// All of them.
pub const ROWS: &[Row] = &[
    row(Get, "me", "whoAmI", Body::None, Answer::Json(200, "Me"), "Who is asking."),
    row(Post, "claim", "claim", Body::Json("Claim"), Answer::Empty, "Become a member by a one-time token."),
    row(
        Get,
        "agents",
        "listAgents",
        Body::None,
        Answer::Json(200, "[AgentSummary]"),
        "The agents that the asker may know of.",
    ),
    row(
        Post,
        "agents",
        "makeAgent",
        Body::Json("NewAgent"),
        Answer::Json(201, "AgentDocument"),
        "Make an agent, or a copy of one.",
    ),
    row(
        Get,
        "agents/{agent}",
        "readSettings",
        Body::None,
        Answer::Json(200, "AgentDocument"),
        "The settings, as far as the asker may see them.",
    ),
    row(
        Patch,
        "agents/{agent}",
        "changeSettings",
        Body::Json("object"),
        Answer::Json(200, "AgentDocument"),
        "Change the settings by a merge patch (RFC 7396).",
    )
    .of_a_version(),
    row(
        Post,
        "agents/{agent}/archive",
        "archiveAgent",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Archive the agent: it answers nobody.",
    ),
    row(
        Post,
        "agents/{agent}/restore",
        "restoreAgent",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Restore an archived agent.",
    ),
    row(
        Post,
        "agents/{agent}/check",
        "checkSettings",
        Body::Json("object"),
        Answer::Json(200, ""),
        "What is wrong with settings that are not saved.",
    ),
    row(
        Post,
        "agents/{agent}/model/check",
        "checkModel",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Ask the model one question, with settings that are not saved.",
    ),
    row(
        Post,
        "agents/{agent}/test-message",
        "sendTestMessage",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Send the asker a code's message.",
    ),
    row(
        Post,
        "agents/{agent}/test-chat",
        "beginTestChat",
        Body::Json("object"),
        Answer::Json(201, ""),
        "Begin a chat, for the asker alone, with settings that are not saved: a merge patch of what differs.",
    ),
    row(
        Get,
        "agents/{agent}/secrets",
        "listSecrets",
        Body::None,
        Answer::Json(200, ""),
        "Names and ages of the agent's secrets.",
    ),
    row(
        Put,
        "agents/{agent}/secrets/{name}",
        "setSecret",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Set a secret; it is never shown again.",
    ),
    row(Delete, "agents/{agent}/secrets/{name}", "removeSecret", Body::None, Answer::Json(200, ""), "Remove a secret."),
    row(
        Post,
        "agents/{agent}/actions/trial",
        "tryAction",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Carry an action out that is not saved.",
    ),
    row(
        Post,
        "agents/{agent}/actions/verdict",
        "judgeAction",
        Body::Json("object"),
        Answer::Json(200, ""),
        "What expressions make of a sample answer.",
    ),
    row(Get, "agents/{agent}/collections", "listCollections", Body::None, Answer::Json(200, ""), "The collections."),
    row(
        Post,
        "agents/{agent}/collections",
        "makeCollection",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Make a collection.",
    ),
    row(
        Get,
        "agents/{agent}/collections/{collection}",
        "readCollection",
        Body::None,
        Answer::Json(200, ""),
        "A collection's fields.",
    ),
    row(
        Patch,
        "agents/{agent}/collections/{collection}",
        "changeCollection",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Change a collection's fields.",
    ),
    row(
        Delete,
        "agents/{agent}/collections/{collection}",
        "removeCollection",
        Body::None,
        Answer::Json(200, ""),
        "Remove a collection with its records.",
    ),
    row(
        Get,
        "agents/{agent}/collections/{collection}/records",
        "listRecords",
        Body::None,
        Answer::Json(200, ""),
        "Records, page by page.",
    ),
    row(
        Post,
        "agents/{agent}/collections/{collection}/records",
        "makeRecord",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Add a record.",
    ),
    row(
        Get,
        "agents/{agent}/collections/{collection}/records/{record}",
        "readRecord",
        Body::None,
        Answer::Json(200, ""),
        "A record.",
    ),
    row(
        Put,
        "agents/{agent}/collections/{collection}/records/{record}",
        "setRecord",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Set a record as a whole.",
    ),
    row(
        Delete,
        "agents/{agent}/collections/{collection}/records/{record}",
        "removeRecord",
        Body::None,
        Answer::Json(200, ""),
        "Remove a record.",
    ),
    row(
        Get,
        "agents/{agent}/collections/{collection}/export",
        "exportRecords",
        Body::None,
        Answer::Text("text/csv"),
        "All records as CSV.",
    ),
    row(
        Get,
        "agents/{agent}/collections/{collection}/imports",
        "listImports",
        Body::None,
        Answer::Json(200, ""),
        "Imports under way.",
    ),
    row(
        Post,
        "agents/{agent}/collections/{collection}/imports",
        "beginImport",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Begin an import.",
    ),
    row(
        Get,
        "agents/{agent}/collections/{collection}/imports/{import}",
        "readImport",
        Body::None,
        Answer::Json(200, ""),
        "How far an import is.",
    ),
    row(
        Patch,
        "agents/{agent}/collections/{collection}/imports/{import}",
        "continueImport",
        Body::Csv,
        Answer::Json(200, ""),
        "Bring the next part of the file.",
    ),
    row(
        Delete,
        "agents/{agent}/collections/{collection}/imports/{import}",
        "abandonImport",
        Body::None,
        Answer::Json(200, ""),
        "Give an import up.",
    ),
    row(
        Post,
        "agents/{agent}/collections/{collection}/imports/{import}/commit",
        "commitImport",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Put what was imported in place.",
    ),
    row(
        Get,
        "agents/{agent}/conversations",
        "listConversations",
        Body::None,
        Answer::Json(200, "Conversations"),
        "Conversations, newest first.",
    )
    .asks(&[
        ("state", "unidentified|pending|authenticated"),
        ("method", METHODS),
        ("before", "number"),
        ("limit", "limit"),
    ]),
    row(
        Get,
        "agents/{agent}/conversations/{conversation}",
        "readConversation",
        Body::None,
        Answer::Json(200, "Conversation"),
        "One conversation, redacted. A read is noted in the trail.",
    )
    .asks(&[("after", "number")]),
    row(Get, "agents/{agent}/audit", "listTrail", Body::None, Answer::Json(200, "Trail"), "The trail, newest first.")
        .asks(&[("kind", "string"), ("conversation", "string"), ("before", "number"), ("limit", "limit")]),
    row(
        Get,
        "agents/{agent}/audit/export",
        "exportTrail",
        Body::None,
        Answer::Text("application/x-ndjson"),
        "The whole trail: one record of JSON on each line, to be verified offline.",
    ),
    row(
        Get,
        "agents/{agent}/members",
        "listMembers",
        Body::None,
        Answer::Json(200, "Members"),
        "Members and open invitations.",
    ),
    row(
        Post,
        "agents/{agent}/members",
        "inviteMember",
        Body::Json("Invite"),
        Answer::Json(201, "Invitation"),
        "Invite somebody by email.",
    ),
    row(
        Patch,
        "agents/{agent}/members/{member}",
        "changeMember",
        Body::Json("RoleChange"),
        Answer::Empty,
        "Give a member another role.",
    ),
    row(
        Delete,
        "agents/{agent}/members/{member}",
        "removeMember",
        Body::None,
        Answer::Empty,
        "Remove a member, or take an invitation back.",
    ),
    row(
        Get,
        "agents/{agent}/tokens",
        "listTokens",
        Body::None,
        Answer::Json(200, "[ListedToken]"),
        "The agent's API tokens.",
    ),
    row(
        Post,
        "agents/{agent}/tokens",
        "makeToken",
        Body::Json("NewToken"),
        Answer::Json(201, "MadeToken"),
        "Make an API token; it is shown this once.",
    ),
    row(Delete, "agents/{agent}/tokens/{token}", "revokeToken", Body::None, Answer::Empty, "Revoke an API token."),
    row(
        Post,
        "agents/{agent}/install/check",
        "checkPage",
        Body::Json("object"),
        Answer::Json(200, ""),
        "Whether a page loads the widget.",
    ),
];
