//! Whether what somebody proves again belongs to the person who is signed in (R29, R32).

use std::collections::BTreeMap;

use crate::address::EmailAddress;
use crate::identity::Identifier;

/// What is known of a person when they prove something again.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What the person is known by.
    pub identity: &'a Identifier,
    /// The person's own address: the identity's, or the one that the company's API gave at a verified login.
    pub email: Option<&'a EmailAddress>,
    /// The accounts that were linked: user ids by action.
    pub accounts: &'a BTreeMap<String, String>,
}

/// What is proved is somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherPerson;

/// What follows from a proof that is the person's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// It was theirs already.
    Theirs,
    /// It is an account that the person had not proved before; it is theirs from now on.
    New {
        /// The action.
        action: String,
        /// The account's id.
        user_id: String,
    },
}

/// Judges a proof that a signed-in person gives.
///
/// An address must be the person's own. An account must have the id that the person is known by or has linked, whatever
/// its action: templates know one `{{context.user_id}}`, and a second account would act as whoever has that id at the
/// first one's API. A person who has none gets it. A person who is known by an address is not given an account whose own
/// address (`vouched`, as the company's API says) is another one: whoever has the mailbox would from then on have somebody
/// else's account.
///
/// # Errors
/// [`OtherPerson`].
pub fn judge(known: Known<'_>, proved: &Identifier, vouched: Option<&EmailAddress>) -> Result<Link, OtherPerson> {
    if known.identity == proved {
        return Ok(Link::Theirs);
    }
    match proved {
        Identifier::Email { address } => {
            if known.email == Some(address) {
                Ok(Link::Theirs)
            } else {
                Err(OtherPerson)
            }
        }
        // Linked by nothing yet.
        Identifier::Phone { .. } | Identifier::Google { .. } | Identifier::Record { .. } | Identifier::Host { .. } => {
            Err(OtherPerson)
        }
        Identifier::Account { action, user_id } => {
            if matches!(known.identity, Identifier::Account { user_id: own, .. } if own != user_id) {
                return Err(OtherPerson);
            }
            let strange = |own: &EmailAddress| vouched.is_some_and(|vouched| vouched != own);
            if matches!(known.identity, Identifier::Email { address } if strange(address)) {
                return Err(OtherPerson);
            }
            if known.accounts.values().any(|linked| linked != user_id) {
                return Err(OtherPerson);
            }
            if known.accounts.contains_key(action) {
                return Ok(Link::Theirs);
            }
            Ok(Link::New { action: action.clone(), user_id: user_id.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{EmailAddress, Identifier, Known, Link, OtherPerson, judge};

    fn email(text: &str) -> Identifier {
        Identifier::Email { address: EmailAddress::parse(text).unwrap() }
    }

    fn account(action: &str, user_id: &str) -> Identifier {
        Identifier::Account { action: action.to_owned(), user_id: user_id.to_owned() }
    }

    fn judged(
        who: &Identifier,
        own: Option<&str>,
        linked: &[(&str, &str)],
        proved: &Identifier,
    ) -> Result<Link, OtherPerson> {
        let own = own.map(|text| EmailAddress::parse(text).unwrap());
        let accounts: BTreeMap<_, _> = linked.iter().map(|(a, u)| ((*a).to_owned(), (*u).to_owned())).collect();
        judge(Known { identity: who, email: own.as_ref(), accounts: &accounts }, proved, None)
    }

    #[test]
    fn a_person_proves_their_own_address_and_no_other() {
        let ann = email("ann@example.com");
        assert_eq!(judged(&ann, Some("ann@example.com"), &[], &ann), Ok(Link::Theirs));
        assert_eq!(judged(&ann, Some("ann@example.com"), &[], &email("ben@example.com")), Err(OtherPerson));
        let account = account("login", "42");
        assert_eq!(judged(&account, Some("ann@example.com"), &[], &ann), Ok(Link::Theirs));
        assert_eq!(judged(&account, Some("ben@example.com"), &[], &ann), Err(OtherPerson));
        assert_eq!(judged(&account, None, &[], &ann), Err(OtherPerson));
    }

    #[test]
    fn an_account_is_linked_once_and_then_is_the_only_one_of_its_action() {
        let ann = email("ann@example.com");
        let new = Link::New { action: "login".to_owned(), user_id: "42".to_owned() };
        assert_eq!(judged(&ann, None, &[], &account("login", "42")), Ok(new));
        assert_eq!(judged(&ann, None, &[("login", "42")], &account("login", "42")), Ok(Link::Theirs));
        assert_eq!(judged(&ann, None, &[("login", "42")], &account("login", "43")), Err(OtherPerson));
    }

    #[test]
    fn a_second_account_does_not_take_the_first_ones_place_whatever_its_action() {
        let ann = email("ann@example.com");
        let partner = account("partner", "9");
        assert_eq!(judged(&ann, None, &[("shop", "42")], &partner), Err(OtherPerson));
        assert_eq!(judged(&ann, None, &[("partner", "9"), ("shop", "42")], &partner), Err(OtherPerson));
        let same = Link::New { action: "partner".to_owned(), user_id: "42".to_owned() };
        assert_eq!(judged(&ann, None, &[("shop", "42")], &account("partner", "42")), Ok(same));
    }

    #[test]
    fn an_account_with_another_address_is_not_taken_in() {
        let (ann, accounts) = (email("ann@example.com"), BTreeMap::new());
        let known = Known { identity: &ann, email: None, accounts: &accounts };
        let proved = account("login", "42");
        let judged = |text: &str| judge(known, &proved, Some(&EmailAddress::parse(text).unwrap()));
        assert_eq!(judged("ben@example.com"), Err(OtherPerson));
        assert!(judged("ann@example.com").is_ok());
    }

    #[test]
    fn a_person_who_is_an_account_cannot_become_another() {
        let ann = account("login", "42");
        assert_eq!(judged(&ann, None, &[], &account("login", "42")), Ok(Link::Theirs));
        for other in [account("login", "43"), account("other", "43"), account("login", "")] {
            assert_eq!(judged(&ann, None, &[], &other), Err(OtherPerson), "{other:?}");
            assert_eq!(judged(&ann, None, &[("login", "43")], &other), Err(OtherPerson), "{other:?}");
        }
    }
}
