//! The sockets of a conversation: joining with replay, hearing frames, telling everybody, closing.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::audit::AuditKind;
use domain::conversation::{CallAt, Conversation, Event, OpenCall, Turn};
use domain::limits::{self, TooOften};
use domain::session::known::Known;
use shared::error::ErrorCode;
use shared::frame::{ClientFrame, CloseCode, Interruption, Live, ServerFrame};
use shared::id::{CardId, MessageId, SessionId};
use shared::route::{MAX_BODY_BYTES, MAX_MESSAGE_CHARS};
use worker::{Request, Response, WebSocket, WebSocketIncomingMessage, WebSocketPair};

use super::ConversationReply;
use super::room::{Room, admits};
use crate::caller::Caller;
use crate::clock::now;
use crate::failure::{Answer, Failure, Refusal, log};
use crate::json::parse;

/// The header in which the Worker names the caller to the object. The client's own headers never reach it.
pub const CALLER_HEADER: &str = "x-caller";

/// The header in which the Worker names the number after which to replay.
pub const AFTER_HEADER: &str = "x-after";

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
        Ok(Response::from_websocket(client)?)
    }

    /// A frame from a client.
    pub fn hear(self: &Rc<Self>, socket: &WebSocket, message: WebSocketIncomingMessage) -> Answer<()> {
        let caller = socket.deserialize_attachment::<Caller>()?.ok_or(ErrorCode::SignedOut)?;
        if self.admit(&caller).is_err() {
            close(socket, CloseCode::SignedOut);
            return Ok(());
        }
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
        if let Failure::Internal(source) = failure {
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
            if admitted.is_some_and(|caller| may(&caller)) {
                send(&socket, frame);
            }
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
