//! Messages that the edge has not stored yet.

use shared::id::MessageId;

/// The most messages that wait. Somebody who writes more than this into a dead connection must be told.
pub const MOST: usize = 50;

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Made here; the edge takes the same id twice for the same message.
    pub id: MessageId,
    /// The text.
    pub text: String,
}

/// The messages on their way, in the order in which they were written.
///
/// A message leaves when the edge says that it is stored (`ack` or the numbered `message`) or that it never will be
/// (`refused`). Until then it is sent again after every reconnect; the id keeps it from being doubled.
#[derive(Debug, Default)]
pub struct Outbox {
    waiting: Vec<Outgoing>,
}

impl Outbox {
    /// Takes a message in, unless [`MOST`] wait already.
    pub fn push(&mut self, message: Outgoing) -> bool {
        let room = self.waiting.len() < MOST;
        if room {
            self.waiting.push(message);
        }
        room
    }

    /// Forgets a message: it is stored, or refused.
    pub fn settle(&mut self, id: &MessageId) {
        self.waiting.retain(|message| message.id != *id);
    }

    /// What must be sent again, oldest first.
    pub fn waiting(&self) -> &[Outgoing] {
        &self.waiting
    }

    /// Forgets everything: whoever wrote it is gone.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(n: usize) -> Outgoing {
        Outgoing { id: MessageId::parse(&format!("message-{n:03}")).unwrap(), text: n.to_string() }
    }

    #[test]
    fn messages_wait_in_the_order_in_which_they_were_written() {
        let mut outbox = Outbox::default();
        for n in 0..3 {
            assert!(outbox.push(message(n)));
        }
        assert_eq!(outbox.waiting(), [message(0), message(1), message(2)]);
    }

    #[test]
    fn a_settled_message_is_not_sent_again() {
        let mut outbox = Outbox::default();
        outbox.push(message(0));
        outbox.push(message(1));
        outbox.settle(&message(0).id);
        outbox.settle(&message(0).id);
        assert_eq!(outbox.waiting(), [message(1)]);
    }

    #[test]
    fn the_outbox_takes_fifty_and_no_more() {
        let mut outbox = Outbox::default();
        assert!((0..MOST).all(|n| outbox.push(message(n))));
        assert!(!outbox.push(message(MOST)));
        assert_eq!(outbox.waiting().len(), MOST);
    }
}
