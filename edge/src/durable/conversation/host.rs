//! A host page says who its user is (M7): the token is judged, counted, and only then believed.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::agent::{Agent, HostTokenSettings};
use domain::audit::AuditKind;
use domain::host_token::{self, Vouched};
use domain::identity::Identifier;
use domain::keys::Purpose;
use serde_json::json;
use shared::card::Method;
use shared::error::ErrorCode;
use shared::id::{ConversationId, PersonId, SessionId};

use super::audit::detail;
use super::room::Room;
use super::sign_in::{self, Completed};
use super::{Act, ConversationReply};
use crate::caller::Caller;
use crate::clock::now;
use crate::config::Config;
use crate::durable::limiter::{Budget, take};
use crate::durable::person::{self, PersonReply, Proof};
use crate::failure::{Answer, Failure};
use crate::random;
use crate::store::secrets;

/// Takes a token. One that proves nobody changes nothing, whoever is signed in.
pub async fn vouched(room: &Rc<Room>, caller: &Caller, token: &str, client: &str) -> Answer<ConversationReply> {
    room.admit(caller)?;
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    let settings = settings(&agent)?;
    // Before anything is read or opened for it: whoever shows one is anybody.
    room.take_all(&config, &agent.id, [(Budget::HostIp, client)]).await?;
    let names: BTreeSet<_> = host_token::secret_names(&settings.keys).map(str::to_owned).collect();
    let secrets = secrets::find(&room.env, &config, &agent.id, &names, None).await?;
    let vouched = match host_token::verify(token, &settings.keys, &secrets, &agent.id, now()) {
        Ok(vouched) => vouched,
        Err(fault) => return refused(room, fault.as_str()),
    };
    // Counted before it is believed: of one token that is shown a hundred times at once, one is.
    match take(&room.env, &config.master, &agent.id, Budget::HostToken, &vouched.jti).await {
        Ok(()) => {}
        Err(Failure::Client(_)) => return refused(room, "used"),
        Err(failure) => return Err(failure),
    }
    let proof = proof(settings, vouched);
    let person = proof.identifier.person(&config.master.derive(&agent.id, Purpose::Identity));
    let known = room.store.state()?.person().cloned();
    let theirs = match &known {
        Some(known) if *known != person => {
            // It may have been linked to whoever is signed in.
            let act = person::Act::Knows { identifier: proof.identifier.clone() };
            matches!(person::tell(&room.env, &agent.id, known, act).await?, PersonReply::Done)
        }
        _ => true,
    };
    let (_, state) = room.admit(caller)?;
    if state.person() != known.as_ref() {
        // Somebody signed in here meanwhile: the page visits, and says again who its user is.
        return Err(ErrorCode::SignedOut.into());
    }
    match known {
        Some(known) if !theirs => another(room, &agent, caller, &known, proof).await,
        // Who is signed in already stays so. A card that asks for more is done by it only where it offers this.
        Some(_) if !state.open_card().is_some_and(|open| open.card.methods.contains(&Method::HostToken)) => {
            Ok(ConversationReply::Done)
        }
        _ => Ok(reply(sign_in::finish(room, &config, &agent, caller, None, proof).await?)),
    }
}

/// Somebody else is at this browser now. The session of whoever was there before ends, and nothing of their conversation is
/// carried along.
async fn another(
    room: &Rc<Room>,
    agent: &Agent,
    caller: &Caller,
    known: &PersonId,
    proof: Proof,
) -> Answer<ConversationReply> {
    let ended = person::Act::SignOut { session: caller.session.clone(), everywhere: false };
    person::tell(&room.env, &agent.id, known, ended).await?;
    let conversation = ConversationId::new(&agent.id, &random::id22()?)?;
    let browser = random::session_id()?;
    super::tell(&room.env, &conversation, Act::Open { browser: browser.clone(), reads: room.store.reads()? }).await?;
    super::tell(&room.env, &conversation, Act::Arrive { browser, device: caller.device.clone(), proof }).await
}

/// The person comes into a conversation that was begun for them just now.
pub async fn arrive(room: &Rc<Room>, browser: SessionId, device: String, proof: Proof) -> Answer<ConversationReply> {
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    let until = now().plus_minutes(1);
    let caller = Caller {
        session: browser,
        person: None,
        expires_at: until,
        idle_at: until,
        tell_at: until,
        device,
        // No budget is taken on the way.
        known: None,
    };
    Ok(reply(sign_in::finish(room, &config, &agent, &caller, None, proof).await?))
}

fn reply(Completed { person, session, conversation, times }: Completed) -> ConversationReply {
    ConversationReply::Vouched { person, session, conversation, times }
}

/// The agent's settings, where it takes host tokens at all.
fn settings(agent: &Agent) -> Answer<&HostTokenSettings> {
    let auth = &agent.customer_auth;
    let on = auth.enabled && auth.methods.contains(&Method::HostToken);
    auth.host_token.as_ref().filter(|_| on).ok_or_else(|| ErrorCode::MethodOff.into())
}

fn proof(settings: &HostTokenSettings, vouched: Vouched) -> Proof {
    let email = vouched.email.map(|email| ("email".to_owned(), json!(email.as_str())));
    let name = vouched.name.map(|name| ("name".to_owned(), json!(name)));
    Proof {
        identifier: Identifier::Host { user_id: vouched.user_id },
        method: Method::HostToken,
        assurance: settings.proves,
        at: now(),
        remembered: Some(email.into_iter().chain(name).collect()),
    }
}

/// One answer for every reason; the trail alone knows which it was.
fn refused(room: &Rc<Room>, why: &str) -> Answer<ConversationReply> {
    let mut told = detail("method", "host_token");
    told.extend(detail("why", why));
    room.note(&room.store.state()?, AuditKind::LoginRefused, &told)?;
    room.hand_over();
    Err(ErrorCode::ProofRefused.into())
}
