//! What every page uses: Leptos, with signals that are small.

pub use leptos::prelude::*;

pub use crate::erased::{Memo, RwSignal, Signal, StoredValue, effect};
pub use crate::parts::live::{CollectView, For, Show};
