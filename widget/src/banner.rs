//! The line that says that the connection is gone.

use shared::skeleton::{id, text};

use crate::state::{App, Link};
use crate::{dom, effect};

/// Shows and hides the line.
pub fn wire(app: App) {
    effect::draw(move || {
        let link = app.watch(|shown| shown.link.clone());
        let words = match link {
            Link::Starting | Link::Live => String::new(),
            Link::Down if dom::window().navigator().on_line() => app.text(text::RECONNECTING),
            Link::Down => app.text(text::OFFLINE),
            Link::Refused(refusal) => app.refusal(&refusal),
        };
        let banner = dom::element(id::BANNER);
        dom::set_text(&banner, &words);
        banner.set_hidden(words.is_empty());
    });
}
