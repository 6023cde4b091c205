//! Components that several pages use, one a file; their styles are in `console/style`.

pub mod bound;
pub mod button;
pub mod chat_frame;
pub mod copy;
pub mod dialog;
pub mod field;
pub mod guard;
pub mod languages;
pub mod list;
pub mod live;
pub mod page;
pub mod save_bar;
pub mod secret;
pub mod status;
pub mod table;
pub mod tabs;
pub mod test_chat;
pub mod toast;

use std::cell::Cell;

/// An id that no other element of the page has.
pub fn fresh_id(kind: &str) -> String {
    thread_local! {
        static NEXT: Cell<u32> = const { Cell::new(0) };
    }
    let number = NEXT.get();
    NEXT.set(number + 1);
    format!("{kind}-{number}")
}
