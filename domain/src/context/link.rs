//! Whether what somebody proves again belongs to the person who is signed in (R29, R32).

use std::collections::BTreeMap;

use crate::address::EmailAddress;
use crate::identity::Identifier;

/// What is known of a person when they prove something again.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What the person was first known by.
    pub identity: &'a Identifier,
    /// What was linked since.
    pub linked: &'a [Identifier],
    /// The person's own verified address ([`super::seen::email`]).
    pub email: Option<&'a EmailAddress>,
    /// The accounts at the company's API that were linked: user ids by action.
    pub accounts: &'a BTreeMap<String, String>,
    /// Whether anything may be linked now: the session's newest proof is fresh ([`crate::assurance::is_fresh`]), there is
    /// room, and the person is not linked to another one themselves.
    pub may_link: bool,
}

/// The most proofs that are linked to one person.
pub const MOST: usize = 10;

/// What is proved is somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherPerson;

/// What follows from a proof that is the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// It was theirs already, or is theirs for this session.
    Theirs,
    /// It is theirs by what was known before: it counts in full, and from now on it also signs them in, if nothing stands
    /// against that.
    Own,
    /// It is new. Either it signs them in from now on, or the proof is refused. It does not make the session stronger:
    /// whoever holds it could prove something of their own (A6).
    New,
}

/// Judges a proof that a signed-in person gives. Nothing is ever theirs because two addresses are the same: what links is
/// a proof in their own session (R32).
///
/// - What they are known by, and what was linked before, is theirs.
/// - A code to their verified address is theirs.
/// - An account must have the id that the person is known by or has linked, whatever its action: templates know one
///   `{{context.user_id}}`, and a second account would act as whoever has that id at the first one's API. A person who has
///   none gets it. A person who is known by an address is not given an account whose own address (`said`, by the company's
///   API, vouched for or not) is another one: whoever has the mailbox would from then on have somebody else's account.
/// - Anything else is linked while the newest proof is fresh, one of each kind, and is somebody else's afterwards. A record
///   that was only looked up is known to many and links nothing: `is_strong` says that more was proved.
///
/// # Errors
/// [`OtherPerson`].
pub fn judge(
    known: Known<'_>,
    proved: &Identifier,
    said: Option<&EmailAddress>,
    is_strong: bool,
) -> Result<Link, OtherPerson> {
    if known.identity == proved || known.linked.contains(proved) {
        return Ok(Link::Theirs);
    }
    let own = if known.may_link { Link::Own } else { Link::Theirs };
    let same_kind = |other: &Identifier| core::mem::discriminant(other) == core::mem::discriminant(proved);
    match proved {
        Identifier::Email { address } if known.email == Some(address) => Ok(own),
        // A second address would make it a question which of them records and roles go by.
        Identifier::Email { .. } if known.email.is_some() => Err(OtherPerson),
        Identifier::Email { .. } | Identifier::Phone { .. } | Identifier::Google { .. } | Identifier::Record { .. } => {
            let has_one = core::iter::once(known.identity).chain(known.linked).any(same_kind);
            if known.may_link && is_strong && !has_one { Ok(Link::New) } else { Err(OtherPerson) }
        }
        // The page says who is at the browser; nobody who is there gave it.
        Identifier::Host { .. } => Err(OtherPerson),
        Identifier::Account { action, user_id } => {
            let other =
                |linked: &Identifier| matches!(linked, Identifier::Account { user_id: own, .. } if own != user_id);
            if known.linked.iter().any(other) {
                return Err(OtherPerson);
            }
            if matches!(known.identity, Identifier::Account { user_id: own, .. } if own != user_id) {
                return Err(OtherPerson);
            }
            let strange = |own: &EmailAddress| said.is_some_and(|said| said != own);
            if matches!(known.identity, Identifier::Email { address } if strange(address)) {
                return Err(OtherPerson);
            }
            if known.accounts.values().any(|linked| linked != user_id) {
                return Err(OtherPerson);
            }
            // One that was taken in before links were kept signs nobody in; it stays as it was.
            Ok(if known.accounts.contains_key(action) { Link::Theirs } else { own })
        }
    }
}

#[cfg(test)]
mod tests;
