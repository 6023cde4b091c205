//! A turn: the model is asked, its answer streams, what it calls is decided by the domain.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::audit::AuditKind;
use domain::conversation::{Event, MAX_TURN_MS, Turn};
use domain::model::{DataSet, ModelError, ModelEvent, ModelRequest, Stop, ToolCall};
use domain::prompt::{self, Seen, WINDOW};
use domain::text::markdown::Streaming;
use domain::time::Millis;
use futures_util::future::{Aborted, abortable};
use shared::frame::{Doing, Interruption, Live, LoadedSource};

use super::room::{Room, Writing};
use super::tokens::tokens_of;
use crate::clock::now;
use crate::config::Config;
use crate::durable::person::{self, PersonReply};
use crate::failure::{Answer, Failure, log};
use crate::model::{self, Stream};
use crate::random;
use crate::store::secrets;
use crate::within::within;

/// How long the person's data may take before the answer goes on without it, milliseconds (I5).
const LOAD_MS: u64 = 3_000;

/// The longest silence of a model, milliseconds.
const IDLE_MS: u64 = 20_000;

/// How long a change may wait to be shown together with the next, milliseconds.
const SHOW_MS: u64 = 30;

/// What a model's stream came to.
struct Heard {
    calls: Vec<ToolCall>,
    /// Tokens as the provider counted them, where it did.
    tokens: Option<u64>,
    /// False when the model ran out of room in the middle.
    whole: bool,
}

impl Room {
    /// Starts a turn in the background.
    pub fn ask(self: &Rc<Self>, answer: u64) {
        let room = Rc::clone(self);
        self.state.wait_until(async move {
            room.guard().await;
            if let Err(failure) = room.turn(answer).await {
                log("turn_failed", "", &format!("{failure:?}"));
                room.apply_logged(broken(answer, &Streaming::new(), Interruption::Failed, 0));
            }
            room.tell_live(Live::Progress { doing: None });
        });
    }

    async fn turn(self: &Rc<Self>, answer: u64) -> Answer<()> {
        self.tell_live(Live::Progress { doing: Some(Doing::Thinking) });
        let (_, agent) = within(LOAD_MS, self.agent()).await??;
        let seen = self.seen().await;
        let state = self.store.state()?;
        let Turn::Running { answer: current, since, .. } = state.turn else { return Ok(()) };
        if current != answer {
            return Ok(());
        }
        if !seen.data.is_empty() {
            self.note(&state, AuditKind::DataRead, &told(&seen.data))?;
        }
        let request = prompt::build(&agent, &state, seen, self.store.log(2 * WINDOW)?);
        let config = Config::read(&self.env)?;
        let Some(spent) = self.spend(&config, &agent, &state, &request).await? else {
            return self.apply(broken(answer, &Streaming::new(), Interruption::OutOfBudget, 0));
        };
        let key = secrets::model_key(&self.env, &config, &agent.id, &agent.model).await?;
        if !matches!(self.store.state()?.turn, Turn::Running { answer: current, .. } if current == answer) {
            // Stopped before the model was asked.
            self.settle_up(&config, &agent, &spent, 0).await;
            return Ok(());
        }
        let left = MAX_TURN_MS.saturating_sub(now().since(since));
        let (listening, stop) = abortable(self.listen(answer, &agent.model, key, request, left));
        self.writing.replace(Some(Writing { answer, text: Streaming::new(), stop }));
        let heard = listening.await;
        let text = self.writing.replace(None).map_or_else(Streaming::new, |writing| writing.text);
        let counted = match &heard {
            Ok(Ok(Heard { tokens: Some(tokens), .. })) => *tokens,
            // What is not counted for us is taken at the estimate: the request, and what came of the answer.
            _ => spent.request + tokens_of(text.text().len()),
        };
        self.settle_up(&config, &agent, &spent, counted).await;
        self.apply(match heard {
            Ok(Ok(Heard { calls, whole, .. })) => Event::Answered {
                answer,
                text: text.text().to_owned(),
                blocks: text.snapshot().to_vec(),
                calls,
                fresh: random::card_id()?,
                agent,
                tokens: counted,
                partial: !whole,
            },
            Ok(Err(failure)) => {
                log("model_failed", "", &format!("{failure:?}"));
                broken(answer, &text, Interruption::Failed, counted)
            }
            Err(Aborted) => broken(answer, &text, Interruption::Stopped, counted),
        })
    }

    /// Reads the stream to its end and shows it as it comes, a few times a second.
    async fn listen(
        &self,
        answer: u64,
        choice: &domain::agent::ModelChoice,
        key: Option<String>,
        request: ModelRequest,
        left_ms: u64,
    ) -> Answer<Heard> {
        let deadline = now().plus_ms(left_ms);
        let opened = Stream::open(&self.env, choice, key.as_deref(), request, deadline);
        // Each try has a limit of its own.
        let mut stream = within(left_ms, opened).await??;
        let (mut calls, mut tokens) = (Vec::new(), None);
        // The first block that changed since the last time, and since when it waits.
        let mut unshown: Option<(u32, Millis)> = None;
        loop {
            let left = deadline.since(now());
            if left == 0 {
                return Err(Failure::Internal("model took too long".to_owned()));
            }
            let next = stream.next();
            let mut next = std::pin::pin!(next);
            let mut ready = None;
            if let Some((from, since)) = unshown {
                let wait = SHOW_MS.saturating_sub(now().since(since));
                ready = if wait == 0 { None } else { within(wait, &mut next).await.ok() };
                if ready.is_none() {
                    self.show(answer, from);
                    unshown = None;
                }
            }
            let events = match ready {
                Some(events) => events?,
                None => within(left.min(IDLE_MS), next).await??,
            };
            for event in events.ok_or_else(|| model::failure(&ModelError::Truncated))? {
                match event {
                    ModelEvent::Text(text) => {
                        let more = self.writing.borrow_mut().as_mut().and_then(|writing| writing.text.push(&text));
                        if let Some((from, _)) = more {
                            let (first, since) = unshown.unwrap_or((from, now()));
                            unshown = Some((first.min(from), since));
                        }
                    }
                    ModelEvent::Call(call) => calls.push(call),
                    ModelEvent::Usage { input, output } => tokens = Some(u64::from(input) + u64::from(output)),
                    // The whole answer follows as a numbered frame.
                    ModelEvent::Done(stop) => return Ok(Heard { calls, tokens, whole: stop != Stop::Length }),
                }
            }
        }
    }

    /// Tells everybody which blocks changed.
    fn show(&self, answer: u64, from: u32) {
        let blocks = match self.writing.borrow().as_ref() {
            Some(writing) => writing.text.snapshot().iter().skip(from as usize).cloned().collect(),
            None => return,
        };
        self.tell_live(Live::Delta { answer, from, blocks });
    }

    /// What the agent may see of the person now; nothing before a login.
    async fn seen(&self) -> Seen {
        match self.read_person().await {
            Ok(Some(PersonReply::Context { person, data, standing })) => Seen { person, data, standing },
            Ok(_) => Seen::default(),
            Err(failure) => {
                log("context_failed", "", &format!("{failure:?}"));
                Seen::default()
            }
        }
    }

    async fn read_person(&self) -> Answer<Option<PersonReply>> {
        let (Some(meta), state) = (self.store.meta()?, self.store.state()?) else { return Ok(None) };
        let Some(owner) = state.person() else { return Ok(None) };
        let agent = meta.conversation.agent()?;
        let reading = person::tell(&self.env, &agent, owner, person::Act::Context { session: state.asker.clone() });
        within(LOAD_MS, reading).await?.map(Some)
    }

    /// Reads the person's data after a login, in the background, and goes on whatever comes of it.
    pub fn load(self: &Rc<Self>) {
        let room = Rc::clone(self);
        self.state.wait_until(async move {
            let rules = match within(LOAD_MS, room.agent()).await {
                Ok(Ok((_, agent))) => agent.customer_auth.autofetch.clone(),
                _ => Vec::new(),
            };
            if !rules.is_empty() {
                let names = rules.iter().map(|rule| rule.name.clone()).collect();
                room.tell_live(Live::Progress { doing: Some(Doing::Loading { names }) });
            }
            let sources = match room.read_person().await {
                Ok(Some(PersonReply::Context { data, .. })) => data
                    .into_iter()
                    .map(|set| LoadedSource { name: set.name, count: set.records.map(|records| records.len() as u32) })
                    .collect(),
                other => {
                    if let Err(failure) = other {
                        log("load_failed", "", &format!("{failure:?}"));
                    }
                    rules.into_iter().map(|rule| LoadedSource { name: rule.name, count: None }).collect()
                }
            };
            room.apply_logged(Event::Loaded { sources });
        });
    }
}

/// What was read, for the audit trail: each source and how many records.
fn told(data: &[DataSet]) -> BTreeMap<String, String> {
    let count = |set: &DataSet| set.records.as_ref().map_or_else(|| "failed".to_owned(), |r| r.len().to_string());
    data.iter().map(|set| (set.name.clone(), count(set))).collect()
}

fn broken(answer: u64, text: &Streaming, why: Interruption, tokens: u64) -> Event {
    Event::Broken { answer, text: text.text().to_owned(), blocks: text.snapshot().to_vec(), why, tokens }
}
