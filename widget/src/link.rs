//! The connection to the edge, as one loop that runs as long as the page lives:
//! visit (who am I, what did I miss), connect, hear, and again.

use shared::error::ErrorCode;
use shared::frame::{CloseCode, Live, ServerFrame, State};
use shared::id::ConversationId;
use shared::route::Route;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::client::fetch::{self, Refusal};
use crate::client::socket::Connection;
use crate::client::timer::{self, Wait};
use crate::client::wire;
use crate::state::{App, Link, Shown, Turn, Who};
use crate::{backoff, composer, confirm, dom, host, transcript};

/// After another tab signed in, its answer with the new cookie may still be on its way when this page hears of it.
const OTHER_TAB_MS: u32 = 200;

/// How long to wait before a refused visit is tried again (`docs/protocol.md`, Cookie).
const UNSETTLED_MS: [u32; 3] = [300, 1_000, 2_000];

/// Starts the loop, once. A chat that was never opened never asks the edge for anything.
pub fn start(app: App) {
    if !app.change(|here| core::mem::replace(&mut here.started, true)) {
        spawn_local(run(app));
    }
}

/// Ends the wait for the next attempt, if the loop waits.
pub fn wake(app: App) {
    if let Some(wake) = app.read(|here| here.wake.clone()) {
        wake.call0(&JsValue::UNDEFINED).ok();
    }
}

/// Who the visitor is changed on this page's own doing: visit and connect anew.
pub fn again(app: App) {
    app.change(|here| {
        here.changing = false;
        here.unsettled = true;
    });
    drop_connection(app);
    wake(app);
}

/// Ends the connection; the loop makes another.
pub fn drop_connection(app: App) {
    if let Some(socket) = app.change(|here| here.socket.take()) {
        socket.close().ok();
    }
}

async fn run(app: App) {
    let mut attempt = 0;
    let mut visited = false; // since the last sign that the cookie may not be good any more
    loop {
        let wait_ms = backoff::wait_ms(attempt, js_sys::Math::random());
        if !visited && let Err(refusal) = visit_patiently(app).await {
            attempt += 1;
            wait(app, failed(app, refusal).max(wait_ms)).await;
            continue;
        }
        let (code, was_live) = converse(app).await;
        if app.read(|here| here.changing) {
            wait(app, u32::MAX >> 1).await;
            visited = false;
            continue;
        }
        if app.read(|here| here.unsettled) {
            visited = false;
            attempt = 0;
            continue;
        }
        if code == CloseCode::IdentityChanged as u16 || code == CloseCode::SignedOut as u16 {
            visited = false;
            attempt = 0;
            wait(app, OTHER_TAB_MS).await;
            continue;
        }
        // A connection that never came to be may have been refused for its cookie; only a visit can tell.
        visited = was_live && app.read(|here| here.conversation.is_some());
        attempt = if was_live { 0 } else { attempt + 1 };
        app.show(|shown| shown.link = Link::Down);
        wait(app, wait_ms).await;
    }
}

async fn wait(app: App, ms: u32) {
    let wait = Wait::new(ms);
    app.change(|here| here.wake = Some(wait.end()));
    wait.over().await;
}

/// Shows why a visit failed and brings how long the edge wants to be left alone, in milliseconds.
fn failed(app: App, refusal: Refusal) -> u32 {
    let retry_after_s = match refusal {
        Refusal::Edge { code: ErrorCode::Unavailable, retry_after_s, .. } => {
            app.show(|shown| shown.link = Link::Down);
            retry_after_s
        }
        Refusal::Network => {
            app.show(|shown| shown.link = Link::Down);
            None
        }
        Refusal::Edge { retry_after_s, .. } => {
            app.show(|shown| shown.link = Link::Refused(refusal));
            retry_after_s
        }
    };
    retry_after_s.map_or(0, |seconds| seconds.saturating_mul(1_000))
}

/// Visits until the cookie is settled. While another tab signs in, the cookie of this one is refused for a moment; when
/// it stays refused, the conversation is lost and a fresh one begins.
async fn visit_patiently(app: App) -> Result<(), Refusal> {
    for wait_ms in UNSETTLED_MS {
        match visit(app, false).await {
            Err(Refusal::Edge { code: ErrorCode::SignedOut, .. }) => Wait::new(wait_ms).over().await,
            settled => return settled,
        }
    }
    visit(app, true).await
}

async fn visit(app: App, fresh: bool) -> Result<(), Refusal> {
    let (agent, conversation, after) = app.change(|here| {
        here.unsettled = false;
        (here.agent.clone(), here.conversation.clone(), here.seq)
    });
    let mut fields = vec![("after", JsValue::from(after as f64))];
    if fresh {
        fields.push(("fresh", JsValue::TRUE));
    }
    if let Some(conversation) = &conversation {
        fields.push(("conversation", JsValue::from_str(conversation.as_str())));
    }
    let answer = fetch::answered(&Route::Visit(agent), &fields).await?;
    let visited = wire::visited(&answer).ok_or(Refusal::Network)?;
    // Who comes back signed in does not sign in.
    let first = conversation.is_none();
    if conversation.is_some_and(|shown| shown != visited.conversation) {
        forget(app);
    }
    app.change(|here| {
        here.conversation = Some(visited.conversation);
        here.clock_ms = timer::parse_ms(&visited.now) - timer::now_ms();
    });
    let who = Who { state: visited.state, label: visited.label };
    for frame in visited.frames {
        transcript::apply(app, frame, false);
    }
    if !first && who.state == State::Authenticated && app.look(|shown| shown.who.state) != State::Authenticated {
        app.tell_host("login", None);
    }
    app.show(|shown| shown.who = who);
    host::identify(app);
    Ok(())
}

/// Another person may be at the screen: nothing of the conversation stays on the page.
pub fn forget(app: App) {
    let was = app.look(|shown| shown.who.state);
    app.change(|here| {
        here.conversation = None;
        here.seq = 0;
        here.outbox.clear();
    });
    transcript::wipe(app);
    composer::empty();
    fetch::forget();
    app.show(|shown| shown.turn = Turn::default());
    app.show(|shown| shown.who = Who { state: State::Unidentified, label: None });
    if was == State::Authenticated {
        transcript::note(app, &app.text(shared::skeleton::text::SIGNED_OUT));
        app.tell_host("logout", None);
    }
}

/// Connects and hears until the end. Brings the close code and whether the connection ever worked.
async fn converse(app: App) -> (u16, bool) {
    let Some((path, conversation)) = address(app) else { return (0, false) };
    let Some(connection) = Connection::open(&path, move |value| {
        if let Some(frame) = wire::frame(&value)
            && app.read(|here| here.conversation.as_ref() == Some(&conversation))
        {
            hear(app, frame);
        }
    }) else {
        return (0, false);
    };
    app.change(|here| here.socket = Some(connection.socket()));
    app.show(|shown| shown.turn = Turn::default());
    let code = connection.closed().await;
    app.change(|here| here.socket = None);
    let was_live = composer::is_live(app);
    if was_live {
        app.show(|shown| shown.link = Link::Starting);
    }
    (code, was_live)
}

fn address(app: App) -> Option<(String, ConversationId)> {
    let (id, after) = app.read(|here| here.conversation.clone().map(|id| (id, here.seq)))?;
    Some((format!("{}?after={after}", Route::Socket(id.clone()).path()), id))
}

fn hear(app: App, frame: ServerFrame) {
    match frame {
        ServerFrame::Numbered(frame) => transcript::apply(app, *frame, true),
        ServerFrame::Live(Live::Ready { .. }) => {
            app.show(|shown| shown.link = Link::Live);
            confirm::wake();
            composer::send_waiting(app);
        }
        ServerFrame::Live(Live::Ack { id, .. }) => transcript::stored(app, &id),
        ServerFrame::Live(Live::Delta { answer, from, blocks }) => transcript::delta(app, answer, from, &blocks),
        ServerFrame::Live(Live::Progress { doing }) => app.show(|Shown { turn, .. }| turn.doing = doing),
        ServerFrame::Live(Live::Refused { id, code, retry_after_s }) => {
            transcript::refused(app, id.as_ref(), &Refusal::Edge { code, retry_after_s, said: String::new() });
            confirm::wake();
        }
    }
}

/// Follows the browser's own knowledge of the network.
pub fn wire(app: App) {
    dom::listen(&dom::window(), "online", move |_| wake(app));
    dom::listen(&dom::window(), "offline", move |_| {
        app.show(|shown| shown.link = Link::Down);
        drop_connection(app);
    });
}
