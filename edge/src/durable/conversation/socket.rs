//! The sockets of a conversation: joining with replay, hearing frames, telling everybody, closing.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::audit::AuditKind;
use domain::conversation::{CallAt, Conversation, Event, OpenCall, Turn};
use domain::limits::{self, TooOften};
use domain::session::known::Known;
use domain::time::Millis;
use shared::error::ErrorCode;
use shared::frame::{ClientFrame, CloseCode, Interruption, Live, ServerFrame};
use shared::id::{CardId, MessageId, SessionId};
use shared::route::{MAX_BODY_BYTES, MAX_MESSAGE_CHARS};
use worker::{Request, Response, WebSocket, WebSocketIncomingMessage, WebSocketPair};

use super::ConversationReply;
use super::room::{Room, admits};
use crate::caller::Caller;
use crate::clock::now;
use crate::durable::person::{self, PersonReply};
use crate::failure::{Answer, Failure, Refusal, log};
use crate::json::parse;

/// The header in which the Worker names the caller to the object. The client's own headers never reach it.
pub const CALLER_HEADER: &str = "x-caller";

/// The header in which the Worker names the number after which to replay.
pub const AFTER_HEADER: &str = "x-after";

/// How far ahead the alarm is set at most, milliseconds: a day. It looks again then.
const LONGEST_ALARM_MS: i64 = 24 * 3_600_000;

/// The most sockets of one conversation.
const MOST_SOCKETS: usize = 20;

impl Room {
    /// A socket joins: what it lacks, then what is being written, then `ready`.
    pub fn join(self: &Rc<Self>, request: &Request) -> Answer<Response> {
        let caller: Caller = serde_json::from_str(&request.headers().get(CALLER_HEADER)?.unwrap_or_default())?;
        let after = request.headers().get(AFTER_HEADER)?.and_then(|text| text.parse().ok()).unwrap_or(0);
        self.admit(&caller)?;
        if self.state.get_websockets().len() >= MOST_SOCKETS {
            return Err(Refusal { code: ErrorCode::TooOften, retry_after_s: Some(30) }.into());
        }
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.store.put_last_method(caller.known.as_ref().and_then(Known::last))?;
        self.state.accept_web_socket(&server);
        server.serialize_attachment(&caller)?;
        for frame in self.store.frames_after(after)? {
            send(&server, &ServerFrame::Numbered(Box::new(frame)));
        }
        if let Some(writing) = self.writing.borrow().as_ref() {
            let delta = Live::Delta { answer: writing.answer, from: 0, blocks: writing.text.snapshot().to_vec() };
            send(&server, &ServerFrame::Live(delta));
        }
        send(&server, &ServerFrame::Live(Live::Ready { seq: self.store.newest()? }));
        self.look_again(caller.idle_at);
        Ok(Response::from_websocket(client)?)
    }

    /// A frame from a client.
    pub fn hear(self: &Rc<Self>, socket: &WebSocket, message: WebSocketIncomingMessage) -> Answer<()> {
        let caller = socket.deserialize_attachment::<Caller>()?.ok_or(ErrorCode::SignedOut)?;
        // A session that ended with nothing done is over at the next frame, whatever it holds.
        if self.admit(&caller).is_err() {
            close(socket, CloseCode::SignedOut);
            return Ok(());
        }
        self.interaction(&caller);
        let WebSocketIncomingMessage::String(text) = message else { return Err(ErrorCode::BadRequest.into()) };
        if text.len() > MAX_BODY_BYTES {
            close(socket, CloseCode::TooLarge);
            return Ok(());
        }
        match parse::<ClientFrame>(text.as_bytes())? {
            ClientFrame::Message { id, text } => {
                if let Err(failure) = self.message(socket, &caller, &id, &text) {
                    Self::refuse(socket, Some(id), &failure);
                }
                Ok(())
            }
            ClientFrame::Stop {} => {
                if self.writing.borrow().is_some() {
                    // What was written until now is kept: the writing ends the turn.
                    self.stop_writing();
                    return Ok(());
                }
                match self.store.state()?.turn {
                    Turn::Running { answer, .. } => {
                        self.break_off(answer, Interruption::Stopped);
                        Ok(())
                    }
                    _ => self.apply(Event::Stopped),
                }
            }
            ClientFrame::Retry {} => {
                self.count()?;
                self.apply(Event::Retry { session: caller.session })
            }
            ClientFrame::Confirm { id, accepted } => {
                self.confirm(caller, id, accepted);
                Ok(())
            }
        }
    }

    /// Counts one request for an answer (R59).
    fn count(&self) -> Answer<()> {
        let mut tally = self.store.tally()?;
        let taken = tally.take(limits::MESSAGE, now());
        self.store.put_tally(&tally)?;
        taken.map_err(|TooOften { retry_after_s }| {
            Refusal { code: ErrorCode::TooOften, retry_after_s: Some(retry_after_s) }.into()
        })
    }

    /// The visitor says yes or no to what the agent is about to do. The settings are read first; whether the
    /// confirmation is still open is looked at afterwards, when it is decided.
    fn confirm(self: &Rc<Self>, caller: Caller, id: CardId, accepted: bool) {
        let room = Rc::clone(self);
        self.state.wait_until(async move {
            if let Err(failure) = room.confirmed(&caller, id, accepted).await {
                log("confirm_failed", "", &format!("{failure:?}"));
                room.tell_live(Live::Refused { id: None, code: failure.refusal().code, retry_after_s: None });
            }
        });
    }

    async fn confirmed(self: &Rc<Self>, caller: &Caller, id: CardId, accepted: bool) -> Answer<()> {
        let (_, agent) = self.agent().await?;
        let (_, state) = self.admit(caller)?;
        let asked = |open: &OpenCall| matches!(&open.at, CallAt::Confirming { confirm, .. } if confirm.id == id);
        if !state.open.iter().any(asked) {
            return Err(ErrorCode::CardGone.into());
        }
        let session = caller.session.clone();
        self.apply(Event::Confirmed { id, accepted, session, agent })
    }

    fn message(self: &Rc<Self>, socket: &WebSocket, caller: &Caller, id: &MessageId, text: &str) -> Answer<()> {
        // A message that came before is acknowledged again and does nothing more, whatever it says now.
        if let Some(seq) = self.store.number_of(id)? {
            send(socket, &ServerFrame::Live(Live::Ack { id: id.clone(), seq }));
            return Ok(());
        }
        if text.chars().count() > MAX_MESSAGE_CHARS {
            return Err(ErrorCode::TooLarge.into());
        }
        let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        if text.trim().is_empty() {
            return Err(ErrorCode::BadRequest.into());
        }
        let state = self.store.state()?;
        let awaited = state.awaited_digits().map(|digits| digits..=digits);
        let masked = domain::text::secret::mask(text.trim(), awaited);
        if masked.code.is_some() {
            return Err(ErrorCode::CodeInChat.into());
        }
        self.count()?;
        self.apply(Event::Message { id: id.clone(), text: masked.text, session: caller.session.clone() })?;
        let seq = self.store.number_of(id)?.ok_or_else(|| Failure::Internal("message not stored".to_owned()))?;
        send(socket, &ServerFrame::Live(Live::Ack { id: id.clone(), seq }));
        Ok(())
    }

    /// Tells this socket why its frame was not taken.
    pub fn refuse(socket: &WebSocket, id: Option<MessageId>, failure: &Failure) {
        if let Some(source) = failure.source() {
            log("frame_failed", "", source);
        }
        let Refusal { code, retry_after_s } = failure.refusal();
        send(socket, &ServerFrame::Live(Live::Refused { id, code, retry_after_s }));
    }

    /// Sends a frame to every socket whose holder may read the conversation as it is now.
    pub fn tell_all(&self, state: &Conversation, frame: &ServerFrame) {
        let Ok(Some(meta)) = self.store.meta() else { return };
        for socket in self.state.get_websockets() {
            // Just after a login the sockets of the old cookie are still open: they learn that it is over, no more.
            let admitted = socket.deserialize_attachment::<Caller>().ok().flatten();
            let may = |caller: &Caller| {
                admits(&meta, state, caller) && !self.store.has_ended(&caller.session).unwrap_or(true)
            };
            match admitted {
                Some(caller) if may(&caller) => send(&socket, frame),
                // Its session is over, or lives on by what was done in another tab: the page visits, and learns which.
                Some(caller) if caller.idle_at <= now() => close(&socket, CloseCode::SignedOut),
                _ => {}
            }
        }
    }

    /// Something was done: the person's object is told, where that is worth it, and says until when the session lives now.
    /// Nobody waits for it.
    fn interaction(self: &Rc<Self>, caller: &Caller) {
        let Some(person) = caller.person.clone().filter(|_| caller.tell_at <= now()) else { return };
        let (room, session) = (Rc::clone(self), caller.session.clone());
        // Until the answer is there, one question is enough.
        self.heard_of(&Caller { tell_at: now().plus_s(10), ..caller.clone() });
        let caller = caller.clone();
        self.state.wait_until(async move {
            let told = async {
                let agent = room.store.meta()?.ok_or(ErrorCode::SignedOut)?.conversation.agent()?;
                let act = person::Act::Check { session: session.clone(), interaction: true };
                person::tell(&room.env, &agent, &person, act).await
            };
            match told.await {
                Ok(PersonReply::Alive { lasts, .. }) => {
                    room.heard_of(&Caller { idle_at: lasts.idle_at, tell_at: lasts.tell_at, ..caller });
                }
                Ok(_) => room.shut_out(&session),
                Err(failure) => log("interaction_not_told", "", &format!("{failure:?}")),
            }
        });
    }

    /// Notes on the session's sockets until when it lives: this may be news of a visit in another tab.
    pub fn heard_of(&self, caller: &Caller) {
        for (socket, mut held) in self.sockets() {
            if held.session == caller.session {
                (held.idle_at, held.tell_at) = (caller.idle_at, caller.tell_at);
                let _ = socket.serialize_attachment(&held);
            }
        }
    }

    fn sockets(&self) -> impl Iterator<Item = (WebSocket, Caller)> {
        let sockets = self.state.get_websockets().into_iter();
        sockets.filter_map(|socket| Some((socket.clone(), socket.deserialize_attachment::<Caller>().ok()??)))
    }

    /// Has the alarm look after sockets at this time, unless it comes before anyway and will then look on.
    fn look_again(self: &Rc<Self>, at: Millis) {
        let room = Rc::clone(self);
        self.state.wait_until(async move { room.alarm_at(at).await });
    }

    async fn alarm_at(&self, at: Millis) {
        // The alarm goes by the machine's clock, so what is left is what counts. It may come a little late, never early.
        let left = i64::try_from(at.since(now())).unwrap_or(i64::MAX).min(LONGEST_ALARM_MS).saturating_add(1_000);
        let due = worker::Date::now().as_millis() as i64 + left;
        if !matches!(self.state.storage().get_alarm().await, Ok(Some(set)) if set <= due) {
            let _ = self.state.storage().set_alarm(left).await;
        }
    }

    /// Closes the sockets of sessions that ended with nothing done, and looks again when the next one would.
    pub async fn close_idle(&self) {
        let (over, lasting): (Vec<_>, Vec<_>) = self.sockets().partition(|(_, caller)| caller.idle_at <= now());
        for (socket, _) in over {
            close(&socket, CloseCode::SignedOut);
        }
        if let Some(next) = lasting.iter().map(|(_, caller)| caller.idle_at).min() {
            self.alarm_at(next).await;
        }
    }

    /// Closes the sockets of a session that is over.
    fn shut_out(&self, session: &SessionId) {
        for (socket, _) in self.sockets().filter(|(_, caller)| caller.session == *session) {
            close(&socket, CloseCode::SignedOut);
        }
    }

    /// Closes every socket.
    pub fn close_all(&self, code: CloseCode) {
        for socket in self.state.get_websockets() {
            close(&socket, code);
        }
    }

    /// Closes the sockets of a session that ended, and writes it down.
    pub fn end_session(self: &Rc<Self>, session: &SessionId, everywhere: bool) -> Answer<ConversationReply> {
        let kind = if everywhere { AuditKind::SignedOutEverywhere } else { AuditKind::SignedOut };
        self.note_once(format!("{session}/signed_out"), &self.store.state()?, kind, &BTreeMap::new())?;
        self.store.end(session)?;
        self.hand_over();
        for socket in self.state.get_websockets() {
            let caller = socket.deserialize_attachment::<Caller>().ok().flatten();
            if caller.is_none_or(|caller| caller.session == *session) {
                close(&socket, CloseCode::SignedOut);
            }
        }
        Ok(ConversationReply::Done)
    }
}

fn send(socket: &WebSocket, frame: &ServerFrame) {
    if let Ok(text) = serde_json::to_string(frame) {
        // A socket that is closing takes nothing; its page replays what it missed.
        let _ = socket.send_with_str(text);
    }
}

fn close(socket: &WebSocket, code: CloseCode) {
    let _ = socket.close(Some(code as u16), Some(""));
}
