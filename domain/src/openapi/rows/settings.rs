//! Who asks, agents, their settings and secrets, and what can be tried before it is saved.

use shared::admin::route::Verb::{Delete, Get, Patch, Post, Put};

use super::{Row, row};

/// With the version of the settings.
const VERSION: &[(&str, &str)] = &[("ETag", "version")];

pub const ROWS: &[Row] = &[
    row(Get, "me", "whoAmI", "Who is asking.").answers("Me"),
    row(Post, "claim", "claim", "Become a member by a one-time token.").takes("Claim").refuses(&[422]),
    row(Get, "agents", "listAgents", "The agents that the asker may know of.").answers("[AgentSummary]"),
    row(Post, "agents", "makeAgent", "Make an agent, or a copy of one.")
        .takes("NewAgent")
        .makes("AgentDocument")
        .brings(VERSION)
        .refuses(&[404, 409, 422]),
    row(Get, "agents/{agent}", "readSettings", "The settings, as far as the asker may see them.")
        .answers("AgentDocument")
        .brings(VERSION),
    row(Patch, "agents/{agent}", "changeSettings", "Change the settings by a merge patch (RFC 7396).")
        .carries(&[("If-Match", "version")])
        .takes("AgentPatch")
        .answers("AgentDocument")
        .brings(VERSION)
        .refuses(&[422]),
    row(Post, "agents/{agent}/archive", "archiveAgent", "Archive the agent: it answers nobody."),
    row(Post, "agents/{agent}/restore", "restoreAgent", "Restore an archived agent."),
    row(Post, "agents/{agent}/check", "checkSettings", "What is wrong with settings that are not saved.")
        .takes("Check")
        .answers("Checked"),
    row(
        Post,
        "agents/{agent}/model/check",
        "checkModel",
        "Ask a model that is not saved one question, with the key that is.",
    )
    .takes("ModelCheck")
    .answers("ModelChecked")
    .refuses(&[422, 429]),
    row(
        Post,
        "agents/{agent}/test-message",
        "sendTestMessage",
        "Send a code's message by settings that are not saved: to the asker's own address, or to a phone.",
    )
    .takes("TestMessage")
    .answers("TestSent")
    .refuses(&[422, 429]),
    row(
        Post,
        "agents/{agent}/test-chat",
        "beginTestChat",
        "Begin a chat, for the asker alone, with settings that are not saved: a merge patch of what differs.",
    )
    .takes("object")
    .makes("TestChat")
    .refuses(&[409, 422, 429]),
    row(Get, "agents/{agent}/secrets", "listSecrets", "Names and ages of the agent's secrets.").answers("Secrets"),
    row(Put, "agents/{agent}/secrets/{name}", "setSecret", "Set a secret; it is never shown again.")
        .takes("SecretValue")
        .refuses(&[409, 422]),
    row(Delete, "agents/{agent}/secrets/{name}", "removeSecret", "Remove a secret."),
    row(Post, "agents/{agent}/actions/trial", "tryAction", "Carry an action out that is not saved, once, for real.")
        .takes("NewTrial")
        .answers("Trial")
        .refuses(&[422, 429]),
    row(Post, "agents/{agent}/actions/verdict", "judgeAction", "What expressions make of a sample answer.")
        .takes("Sample")
        .answers("Judged")
        .refuses(&[422]),
    row(Get, "agents/{agent}/install", "listLoads", "Which sites have loaded the chat, or tried to.")
        .answers("[Loaded]"),
    row(Post, "agents/{agent}/install/check", "checkPage", "Whether a page loads the widget.")
        .takes("Look")
        .answers("Looked")
        .refuses(&[422, 429]),
];
