//! What the model may call and see, decided by state, role and assurance (A4 to A7). Deny by default: what is not listed
//! here does not exist for it.
//!
//! Asked three times: for what is offered, when a call comes back, and when it is carried out. What the model was offered
//! and what it calls are two things (R46, R47).

#[cfg(test)]
mod tests;

use serde_json::json;
use shared::card::{Field, Form, Method};

use crate::action::{Action, Kind, template, value};
use crate::agent::Agent;
use crate::assurance::{Assurance, Standing};
use crate::conversation::{Conversation, Identity};
use crate::model::Tool;
use crate::time::Millis;

/// The name of the built-in tool that opens the login card (L1).
pub const REQUEST_LOGIN: &str = "request_login";

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may be carried out now.
    Allowed,
    /// The visitor has to prove who they are, or more than they did, by one of these methods; then it may be.
    Login {
        /// In the order in which they are offered.
        methods: Vec<Method>,
        /// The forms of the login actions that would do; empty unless [`Method::LoginAction`] is among the methods.
        forms: Vec<Form>,
    },
    /// It may not, and no login would change that. The reason is for the model.
    Refused(&'static str),
}

/// The tools that the model is offered now. `standing` is what the session that asks stands on; none before a login.
pub fn offered(agent: &Agent, conversation: &Conversation, standing: Option<&Standing>) -> Vec<Tool> {
    let known = matches!(conversation.identity, Identity::Authenticated(_));
    let mut tools = Vec::new();
    if !known && can_sign_in(agent) {
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
    for action in &agent.actions {
        let shown = match &action.kind {
            Kind::Public { .. } => true,
            Kind::Private { roles, .. } => standing.is_some_and(|standing| {
                known && (has_role(roles, standing) || may_gain(agent, standing)) && is_owner(conversation, standing)
            }),
            Kind::Login { .. } | Kind::Refresh { .. } => false,
        };
        if shown && action.is_tool() {
            tools.push(Tool {
                name: action.name.clone(),
                description: format!("{}. {}", action.title, action.description),
                parameters: value::schema(&action.parameters),
            });
        }
    }
    tools
}

/// Whether this call may be carried out now, and what is missing when it may not.
///
/// `standing` is what the session stands on whose message is being answered, read from the person's object just now.
pub fn judge(
    agent: &Agent,
    conversation: &Conversation,
    standing: Option<&Standing>,
    action: &Action,
    now: Millis,
) -> Verdict {
    // Not even what is stored so: a model would ask the visitor for their password.
    if !action.is_tool() {
        return Verdict::Refused(UNKNOWN);
    }
    let Kind::Private { assurance, max_age_s, roles, .. } = &action.kind else {
        return match action.kind {
            Kind::Public { .. } => Verdict::Allowed,
            _ => Verdict::Refused(UNKNOWN),
        };
    };
    if !agent.customer_auth.enabled {
        return Verdict::Refused(UNKNOWN);
    }
    let Ok(uses) = template::uses(action) else { return Verdict::Refused("This action is not set up correctly.") };
    let fields: Vec<&str> = uses.context.iter().map(String::as_str).collect();
    if !matches!(conversation.identity, Identity::Authenticated(_)) {
        return login(agent, &Wanted { assurance: *assurance, fields: &fields, role: false, known: None });
    }
    let Some(standing) = standing.filter(|standing| is_owner(conversation, standing)) else {
        return Verdict::Refused("The visitor has signed out. Ask them to sign in again.");
    };
    let lacks_role = !has_role(roles, standing);
    if lacks_role && !may_gain(agent, standing) {
        return Verdict::Refused("The visitor's account may not do this.");
    }
    let lacks: Vec<&str> =
        fields.into_iter().filter(|field| !standing.context.iter().any(|known| known == field)).collect();
    let weak = standing.assurance < *assurance
        || max_age_s.is_some_and(|most| now.since(standing.proved_at) > u64::from(most) * 1_000);
    if lacks_role || !lacks.is_empty() || weak {
        let wanted = Wanted { assurance: *assurance, fields: &lacks, role: lacks_role, known: Some(standing) };
        return login(agent, &wanted);
    }
    Verdict::Allowed
}

/// Said of everything that the model was not offered: it learns nothing about what else there is.
pub const UNKNOWN: &str = "There is no such tool, or it may not be called now.";

/// What a proof has to bring.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    assurance: Assurance,
    /// Fields of the persistent context, which an account at the company's API brings.
    fields: &'a [&'a str],
    /// A role, which nothing else can bring either.
    role: bool,
    /// What is known of the person who proves again who they are; none before a login.
    known: Option<&'a Standing>,
}

/// The methods that would do. The newest proof takes the older one's place, so one that brings a field must be strong
/// enough as well. Where none does both, the field comes first and the strength with the proof after that.
fn login(agent: &Agent, wanted: &Wanted<'_>) -> Verdict {
    let (whole, lacks) = (sufficient(agent, wanted), wanted.role || !wanted.fields.is_empty());
    if !whole.is_empty() || !lacks {
        return ask(agent, whole, wanted);
    }
    let strong = Wanted { fields: &[], role: false, ..*wanted };
    let first = Wanted { assurance: Assurance::Claimed, ..*wanted };
    let methods = if sufficient(agent, &strong).is_empty() { Vec::new() } else { sufficient(agent, &first) };
    ask(agent, methods, &first)
}

/// The methods that bring all of it: before a login in the site owner's order, afterwards the cheapest first.
fn sufficient(agent: &Agent, wanted: &Wanted<'_>) -> Vec<Method> {
    let methods = agent.customer_auth.methods.iter().copied();
    let mut methods: Vec<_> = methods.filter(|method| serves(agent, *method, wanted)).collect();
    if wanted.known.is_some() {
        methods.sort_by_key(|method| cost(*method));
    }
    methods
}

fn ask(agent: &Agent, methods: Vec<Method>, wanted: &Wanted<'_>) -> Verdict {
    if methods.is_empty() {
        return Verdict::Refused("The visitor cannot prove here what this needs.");
    }
    let is_asked = methods.contains(&Method::LoginAction);
    let enough = first_steps(agent).filter(|first| is_asked && brings(agent, first, wanted));
    let forms = enough.map(form).collect();
    Verdict::Login { methods, forms }
}

/// What a proof costs the visitor in trouble and the site in money, least first: a touch, a tap in another window, a mail,
/// a password, a number that must be found, a message that is paid for.
fn cost(method: Method) -> u8 {
    match method {
        Method::Passkey => 0,
        Method::Google => 1,
        Method::EmailCode => 2,
        Method::LoginAction => 3,
        Method::CollectionLookup => 4,
        Method::PhoneCode => 5,
        Method::HostToken => 6,
    }
}

/// Whether the login that begins with this action brings what is wanted.
fn brings(agent: &Agent, first: &Action, wanted: &Wanted<'_>) -> bool {
    let Some(Kind::Login { proves, remembers, .. }) = last_step(agent, first).map(|last| &last.kind) else {
        return false;
    };
    let maps = |field: &&str| *field == "user_id" || remembers.iter().any(|mapped| mapped.name == **field);
    *proves >= wanted.assurance && wanted.fields.iter().all(maps)
}

fn serves(agent: &Agent, method: Method, wanted: &Wanted<'_>) -> bool {
    // A person who proves again who they are does it by what is theirs already.
    let has = |what: fn(&Standing) -> bool| wanted.known.is_none_or(what);
    let is_whole = wanted.fields.is_empty() && !wanted.role;
    let is_enough = is_whole && strength(agent, method) >= wanted.assurance && is_set_up(agent, method);
    match method {
        Method::LoginAction => first_steps(agent).any(|first| brings(agent, first, wanted)),
        Method::EmailCode => is_enough && has(|known| known.email.is_some()),
        Method::PhoneCode => is_enough && has(|known| known.phone.is_some()),
        Method::Google => is_enough && has(|known| known.google),
        Method::Passkey => is_enough && has(|known| known.passkey),
        Method::CollectionLookup => is_enough && wanted.known.is_none(),
        Method::HostToken => false,
    }
}

/// How strong a proof by this method is: what the settings say, else what the method is by itself. A look-up that asks for
/// a code proves what the code does, an email's at least.
pub fn strength(agent: &Agent, method: Method) -> Assurance {
    let auth = &agent.customer_auth;
    let by_itself = match method {
        Method::CollectionLookup if auth.lookup.as_ref().is_some_and(|lookup| lookup.require_code) => {
            Assurance::EmailCode
        }
        method => Assurance::of(method),
    };
    auth.strength.get(&method).copied().unwrap_or(by_itself)
}

/// Whether the visitor can sign in at all.
pub fn can_sign_in(agent: &Agent) -> bool {
    agent.customer_auth.enabled && !methods(agent).is_empty()
}

/// The methods that a login card offers by itself: those that are allowed and set up.
pub fn methods(agent: &Agent) -> Vec<Method> {
    agent.customer_auth.methods.iter().copied().filter(|method| is_set_up(agent, *method)).collect()
}

/// What a login card offers by itself: its methods, and the forms of the login actions where they are one.
pub fn card_ways(agent: &Agent) -> (Vec<Method>, Vec<Form>) {
    let methods = methods(agent);
    let forms = if methods.contains(&Method::LoginAction) { forms(agent) } else { Vec::new() };
    (methods, forms)
}

/// Whether a method can be offered on a card.
fn is_set_up(agent: &Agent, method: Method) -> bool {
    let auth = &agent.customer_auth;
    match method {
        Method::EmailCode | Method::Passkey => true,
        Method::PhoneCode => auth.phone.as_ref().is_some_and(|phone| !phone.channels.is_empty()),
        Method::Google => auth.google.is_some(),
        Method::CollectionLookup => auth.lookup.is_some(),
        Method::LoginAction => first_steps(agent).next().is_some(),
        // The page gives it.
        Method::HostToken => false,
    }
}

/// What a look-up asks for, on a card.
pub fn lookup_field(agent: &Agent) -> Option<Field> {
    let lookup = agent.customer_auth.lookup.as_ref()?;
    Some(Field {
        name: lookup.field.clone(),
        label: lookup.label.clone(),
        kind: shared::card::FieldKind::Text,
        optional: false,
        autocomplete: None,
        choices: Vec::new(),
    })
}

/// The forms of the login actions, each of its first step. Empty unless the agent may remember (A1).
pub fn forms(agent: &Agent) -> Vec<Form> {
    first_steps(agent).map(form).collect()
}

/// Whether a login begins with this action.
pub fn begins_login(agent: &Agent, name: &str) -> bool {
    first_steps(agent).any(|action| action.name == name)
}

/// The form of a login action.
pub fn form(action: &Action) -> Form {
    let fields = action.parameters.iter().map(|parameter| Field {
        name: parameter.name.clone(),
        label: parameter.shown().to_owned(),
        kind: parameter.kind,
        optional: parameter.optional,
        autocomplete: parameter.autocomplete.clone(),
        choices: parameter.choices.clone(),
    });
    Form { action: action.name.clone(), title: action.title.clone(), fields: fields.collect() }
}

/// A login action, where the agent may have one at all.
pub fn login_action<'a>(agent: &'a Agent, name: &str) -> Option<&'a Action> {
    let found = agent.actions.iter().find(|action| action.name == name);
    found.filter(|action| agent.customer_auth.persistent_context && matches!(action.kind, Kind::Login { .. }))
}

/// The login actions that begin a login: those that no other one leads to.
fn first_steps(agent: &Agent) -> impl Iterator<Item = &Action> {
    let is_next = |name: &str| {
        agent.actions.iter().any(|action| matches!(&action.kind, Kind::Login { next: Some(next), .. } if next == name))
    };
    agent.actions.iter().filter(move |action| login_action(agent, &action.name).is_some() && !is_next(&action.name))
}

/// The last step of the login that begins with this action: what it proves and gives is what the login does. None when the
/// steps lead nowhere, or round in a circle.
fn last_step<'a>(agent: &'a Agent, first: &'a Action) -> Option<&'a Action> {
    let mut step = first;
    for _ in 0..=agent.actions.len() {
        match &step.kind {
            Kind::Login { next: None, .. } => return Some(step),
            Kind::Login { next: Some(next), .. } => step = login_action(agent, next)?,
            _ => return None,
        }
    }
    None
}

fn has_role(roles: &[String], standing: &Standing) -> bool {
    roles.is_empty() || roles.iter().any(|role| standing.roles.contains(role))
}

/// Whether signing in to the company's API may still bring roles: the person has not done it yet.
fn may_gain(agent: &Agent, standing: &Standing) -> bool {
    !standing.context.iter().any(|field| field == "user_id") && first_steps(agent).next().is_some()
}

fn is_owner(conversation: &Conversation, standing: &Standing) -> bool {
    conversation.person() == Some(&standing.person)
}

/// Says what a login opens, so that the model knows when to ask for it without anybody configuring it.
fn login_description(agent: &Agent) -> String {
    let mut text = "Ask the visitor to sign in, here in the chat. Call it as soon as an answer depends on who is \
                    asking; never ask for an address, a code or a password in a message."
        .to_owned();
    let rules = agent.customer_auth.autofetch.iter().map(|rule| (&rule.name, &rule.description));
    list(&mut text, " After it you can see the visitor's own: ", rules);
    let private = agent.actions.iter().filter(|action| matches!(action.kind, Kind::Private { .. }));
    list(&mut text, " After it you can also: ", private.map(|action| (&action.title, &action.description)));
    text
}

fn list<'a>(text: &mut String, head: &str, items: impl Iterator<Item = (&'a String, &'a String)>) {
    let mut any = false;
    for (name, description) in items {
        text.push_str(if any { "; " } else { head });
        any = true;
        text.push_str(name);
        if !description.is_empty() {
            text.push_str(" (");
            text.push_str(description);
            text.push(')');
        }
    }
    if any {
        text.push('.');
    }
}
