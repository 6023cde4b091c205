//! The other window, in which somebody signs in with Google: opened from the card, come back once, and then matched to the
//! chat before anything follows from it (M4, R30 to R34).

use std::rc::Rc;

use domain::agent::Agent;
use domain::audit::AuditKind;
use domain::challenge::code::{self, Code};
use domain::challenge::{Refused, RefusedWhy};
use domain::conversation::login::StartRefused;
use domain::identity::Identifier;
use domain::keys::Purpose;
use domain::oidc::attempt;
use domain::oidc::window::{DIGITS, Place, Window};
use domain::policy;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::card::Method;
use shared::error::ErrorCode;
use shared::frame::Entry;
use shared::id::CardId;

use super::audit::detail;
use super::room::Room;
use super::vault::Vault;
use super::{ConversationReply, sign_in};
use crate::caller::Caller;
use crate::clock::now;
use crate::config::Config;
use crate::durable::limiter::Budget;
use crate::durable::person::Proof;
use crate::failure::{Answer, Failure, log};
use crate::google::{self, Exchange, Unproved};
use crate::random;

/// What a window brought back. Made by the Worker, which found that the answer belongs to this window.
#[derive(Serialize, Deserialize)]
pub struct Returned {
    /// Which window.
    pub flow: String,
    /// The provider's code.
    pub code: String,
    /// The attempt's verifier.
    pub verifier: String,
    /// The attempt's nonce.
    pub nonce: String,
    /// What the browser brought that only the chat's own was given, if it did.
    pub binding: Option<String>,
}

/// What became of it: what the window shows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// It is known who is there. The chat goes on by itself, or once this code is typed into it.
    Back {
        /// Of which card.
        card: CardId,
        /// The code to show.
        code: Option<String>,
    },
    /// The card or the window is over.
    Ended,
    /// It proves nobody.
    Refused,
    /// Google could not be asked.
    Unavailable,
}

/// What waits, sealed.
#[derive(Serialize, Deserialize)]
struct Waiting {
    account: String,
    remembered: std::collections::BTreeMap<String, Value>,
}

/// Prepares a window. What is stored is that it may come back once.
pub async fn open(room: &Rc<Room>, caller: &Caller, card: &CardId, client: &str) -> Answer<ConversationReply> {
    let (meta, state) = room.admit(caller)?;
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    state.may_open_window(&agent, card).map_err(refused)?;
    if google::secret(&room.env, &config, &agent.id).await?.is_none() {
        log("google_not_set_up", "", &format!("{} has no secret {}", agent.id, google::SECRET));
        return Err(ErrorCode::MethodOff.into());
    }
    let conversation = meta.conversation.as_str();
    let budgets = [(Budget::WindowIp, client), (Budget::WindowConversation, conversation)];
    room.take_all(&config, &agent.id, budgets).await?;

    // From here to the stored state nothing waits: what was admitted above is admitted again.
    let (_, mut state) = room.admit(caller)?;
    let flow = random::id22()?;
    let window = Window::open(flow.clone(), caller.session.clone(), now());
    state.open_window(&agent, card, window).map_err(refused)?;
    room.store.put_state(&state)?;
    let key = config.master.derive(&agent.id, Purpose::Window);
    let binding = attempt::binding(&key, &meta.conversation, &flow, &caller.session);
    Ok(ConversationReply::WindowOpened { flow, binding })
}

fn refused(why: StartRefused) -> Failure {
    match why {
        StartRefused::CardGone => ErrorCode::CardGone.into(),
        _ => ErrorCode::MethodOff.into(),
    }
}

/// A window came back with a code: taken once, then exchanged, then kept until it is matched.
pub async fn back(room: &Rc<Room>, returned: Returned) -> Answer<ConversationReply> {
    let came = |came: Came| Ok(ConversationReply::Window { came });
    let mut state = room.store.state()?;
    if state.window_back(&returned.flow, now()).is_err() {
        return came(Came::Ended);
    }
    // Stored before anything is asked: of two answers for one window one is looked at.
    room.store.put_state(&state)?;
    let Some((card, window)) = state.window(&returned.flow) else { return came(Came::Ended) };
    let (card, session) = (card.clone(), window.session().clone());
    let config = Config::read(&room.env)?;
    let (meta, agent) = room.agent().await?;
    let waiting = match ask(room, &config, &agent, &returned).await? {
        Ok(waiting) => waiting,
        Err(unproved) => return unproven(room, &returned.flow, &unproved),
    };
    let key = config.master.derive(&agent.id, Purpose::Window);
    let given = returned.binding.as_deref();
    let is_ours = attempt::is_bound(&key, &meta.conversation, &returned.flow, &session, given);
    let code = (!is_ours).then(|| code::draw(&mut random::rng(), DIGITS));
    let sealed = Vault::of(&config, &agent.id, &meta.conversation).seal(&field(&returned.flow), &waiting)?;

    let mut state = room.store.state()?;
    let pepper = config.master.derive(&agent.id, Purpose::CodePepper);
    let place = Place { agent: &agent.id, conversation: &meta.conversation, card: &card };
    let Ok(changed) = state.window_proved(&returned.flow, sealed, code.as_ref(), &pepper, place, now()) else {
        return came(Came::Ended);
    };
    room.store.put_state(&state)?;
    room.append(&state, Entry::Card { card: changed })?;
    came(Came::Back { card, code: code.as_ref().map(Code::expose).map(str::to_owned) })
}

/// Asks Google who it is.
async fn ask(
    room: &Rc<Room>,
    config: &Config,
    agent: &Agent,
    returned: &Returned,
) -> Answer<Result<Waiting, Unproved>> {
    let settings = agent.customer_auth.google.as_ref();
    let secret = google::secret(&room.env, config, &agent.id).await?;
    let (Some(settings), Some(secret)) = (settings, secret) else { return Ok(Err(Unproved::Refused("not_set_up"))) };
    let Ok(provider) = google::provider(&room.env).await else { return Ok(Err(Unproved::Unavailable("discovery"))) };
    let exchange = Exchange {
        client_id: &settings.client_id,
        secret: &secret,
        code: &returned.code,
        verifier: &returned.verifier,
        nonce: &returned.nonce,
    };
    let vouched = google::prove(&provider, &config.origin, exchange).await;
    Ok(vouched.map(|vouched| Waiting { account: provider.account(&vouched.subject), remembered: vouched.remembered() }))
}

fn unproven(room: &Rc<Room>, flow: &str, why: &Unproved) -> Answer<ConversationReply> {
    let (came, word) = match why {
        Unproved::Refused(word) => (Came::Refused, word),
        Unproved::Unavailable(word) => (Came::Unavailable, word),
    };
    log("google_proved_nobody", "", word);
    leave(room, flow, word)?;
    Ok(ConversationReply::Window { came })
}

/// The window brought no code: the visitor changed their mind, or Google would not.
pub fn leave(room: &Rc<Room>, flow: &str, why: &str) -> Answer<ConversationReply> {
    let mut state = room.store.state()?;
    if state.window(flow).is_some() {
        state.window_failed(flow);
        room.store.put_state(&state)?;
        let mut told = detail("method", "google");
        told.extend(detail("why", why));
        room.note(&state, AuditKind::LoginRefused, &told)?;
        room.hand_over();
    }
    Ok(ConversationReply::Done)
}

/// The chat says that the window is its own: counted, compared, consumed, then the person.
pub async fn matched(room: &Rc<Room>, caller: &Caller, card: &CardId, typed: &str) -> Answer<ConversationReply> {
    let (meta, mut state) = room.admit(caller)?;
    let tried = state.reserve_match(card, &caller.session);
    // Stored before anything else happens.
    room.store.put_state(&state)?;
    let tried = match tried {
        Ok(tried) => tried,
        Err(why) => return mismatched(room, card, why),
    };
    let config = Config::read(&room.env)?;
    // Read before the window is consumed: what fails now costs a try, not the login.
    let (_, agent) = room.agent().await?;

    if !agent.customer_auth.enabled || !agent.customer_auth.methods.contains(&Method::Google) {
        return Err(ErrorCode::MethodOff.into());
    }

    // Compared and consumed in one go.
    let (_, mut state) = room.admit(caller)?;
    let pepper = config.master.derive(&agent.id, Purpose::CodePepper);
    let place = Place { agent: &agent.id, conversation: &meta.conversation, card };
    let outcome = state.evaluate_match(&tried, &pepper, place, typed, now());
    room.store.put_state(&state)?;
    let (flow, sealed) = match outcome {
        Ok(found) => found,
        Err(why) => return mismatched(room, card, why),
    };
    let waiting: Waiting = Vault::of(&config, &agent.id, &meta.conversation).open(&field(&flow), &sealed)?;
    let is_known = state.person().is_some();
    let proof = Proof {
        identifier: Identifier::Google { subject: waiting.account },
        method: Method::Google,
        assurance: policy::strength(&agent, Method::Google),
        at: now(),
        // Of a person who is known already nothing is written over: their address may be another method's (R32).
        remembered: (!is_known).then_some(waiting.remembered),
    };
    let outcome = sign_in::complete(room, &config, &agent, caller, card, proof).await;
    if outcome.is_err() {
        room.end_match(card)?;
    }
    outcome
}

/// Writes down why a try was refused: the trail alone knows, the wire has one answer.
fn mismatched(room: &Rc<Room>, card: &CardId, Refused { why }: Refused) -> Answer<ConversationReply> {
    room.note(&room.store.state()?, AuditKind::CodeRefused, &detail("why", why.as_str()))?;
    if why != RefusedWhy::Foreign && room.store.state()?.match_ended(card, now()) {
        room.end_match(card)?;
    }
    room.hand_over();
    Err(ErrorCode::CodeNotAccepted.into())
}

impl Room {
    /// The card shows its ways again, where it waited for a window that is over.
    fn end_match(&self, card: &CardId) -> Answer<()> {
        let mut state = self.store.state()?;
        if let Some(card) = state.end_match(card) {
            self.store.put_state(&state)?;
            self.append(&state, Entry::Card { card })?;
        }
        Ok(())
    }
}

/// The field of who came back, sealed until it is matched: bound to the window.
fn field(flow: &str) -> String {
    format!("window/{flow}")
}
