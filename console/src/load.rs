//! What a page reads from the edge: not there yet, there, or refused.

use core::future::Future;

use leptos::task::spawn_local;

use crate::api::Asked;
use crate::parts::status::{Refusal, Waiting};
use crate::prelude::*;

/// Something that is read.
pub struct Load<T: Send + Sync + 'static>(RwSignal<Option<Asked<T>>>, Order);

/// In which order it was asked for: an answer that comes after that of a later question is not shown any more.
#[derive(Clone, Copy)]
struct Order(StoredValue<(u32, u32)>);

impl Order {
    /// The number of a new question.
    fn ask(self) -> u32 {
        self.0
            .try_update_value(|(last, _)| {
                *last += 1;
                *last
            })
            .unwrap_or_default()
    }

    /// Whether the answer to this question is the newest; those before it are not, from now on.
    fn answer(self, question: u32) -> bool {
        self.0
            .try_update_value(|(_, newest)| {
                let is_newer = question > *newest;
                *newest = question.max(*newest);
                is_newer
            })
            .unwrap_or_default()
    }

    /// No answer to what was asked until now counts.
    fn forget(self) {
        self.0.try_update_value(|(last, newest)| *newest = *last);
    }
}

impl<T: Send + Sync + 'static> Clone for Load<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Load<T> {}

impl<T: Clone + Send + Sync + 'static> Default for Load<T> {
    fn default() -> Self {
        Self(RwSignal::new(None), Order(StoredValue::new((0, 0))))
    }
}

impl<T: Clone + Send + Sync + 'static> Load<T> {
    /// Reads; what was there stays until it has come, and stays when a later reading fails.
    pub fn read(self, asked: impl Future<Output = Asked<T>> + 'static) {
        let question = self.1.ask();
        spawn_local(async move {
            let answer = asked.await;
            if !self.1.answer(question) {
                return;
            }
            self.0.try_update(|slot| {
                if answer.is_ok() || !matches!(slot, Some(Ok(_))) {
                    *slot = Some(answer);
                }
            });
        });
    }

    /// Forgets what was read.
    pub fn forget(self) {
        self.1.forget();
        self.0.set(None);
    }

    /// Changes what was read.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        self.0.try_update(|slot| {
            if let Some(Ok(value)) = slot {
                change(value);
            }
        });
    }

    /// What was read, without listening.
    pub fn now(self) -> Option<T> {
        self.0.try_get_untracked().flatten().and_then(Result::ok)
    }

    /// Shows it, or what stands in its place.
    pub fn show(self, what: &'static str, view: impl Fn(T) -> AnyView) -> AnyView {
        match self.0.get() {
            None => view! { <Waiting what/> }.into_any(),
            Some(Err(problem)) => view! { <Refusal problem=Some(problem)/> }.into_any(),
            Some(Ok(value)) => view(value),
        }
    }
}
