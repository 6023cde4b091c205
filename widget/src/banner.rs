//! The line that says that the connection is gone.

use reactive_graph::effect::Effect;
use reactive_graph::traits::Get;
use shared::skeleton::{id, text};

use crate::dom;
use crate::state::{App, Link};

/// Shows and hides the line.
pub fn wire(app: App) {
    Effect::new(move || {
        let link = app.link.get();
        let words = match link {
            Link::Starting | Link::Live => String::new(),
            Link::Down if dom::window().navigator().on_line() => app.text(text::RECONNECTING),
            Link::Down => app.text(text::OFFLINE),
            Link::Refused(refusal) => app.refusal(refusal),
        };
        let banner = dom::element(id::BANNER);
        dom::set_text(&banner, &words);
        banner.set_hidden(words.is_empty());
    });
}
