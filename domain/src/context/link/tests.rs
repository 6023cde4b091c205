//! R32: who is one person, and who never becomes one.

use std::collections::BTreeMap;

use super::{EmailAddress, Identifier, Known, Link, OtherPerson, judge};
use crate::phone::PhoneNumber;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn email(text: &str) -> Identifier {
    Identifier::Email { address: address(text) }
}

fn account(action: &str, user_id: &str) -> Identifier {
    Identifier::Account { action: action.to_owned(), user_id: user_id.to_owned() }
}

fn google(subject: &str) -> Identifier {
    Identifier::Google { subject: subject.to_owned() }
}

fn phone(number: &str) -> Identifier {
    Identifier::Phone { number: PhoneNumber::from_e164(number).unwrap() }
}

/// Somebody, and what is known of them.
struct Who {
    identity: Identifier,
    linked: Vec<Identifier>,
    email: Option<EmailAddress>,
    accounts: BTreeMap<String, String>,
}

impl Who {
    fn known_by(identity: Identifier) -> Self {
        let email = match &identity {
            Identifier::Email { address } => Some(address.clone()),
            _ => None,
        };
        Self { identity, linked: vec![], email, accounts: BTreeMap::new() }
    }

    fn with_email(mut self, text: &str) -> Self {
        self.email = Some(address(text));
        self
    }

    fn with(mut self, linked: Identifier) -> Self {
        self.linked.push(linked);
        self
    }

    fn with_account(mut self, action: &str, user_id: &str) -> Self {
        self.accounts.insert(action.to_owned(), user_id.to_owned());
        self
    }

    fn known(&self, may_link: bool) -> Known<'_> {
        Known {
            identity: &self.identity,
            linked: &self.linked,
            email: self.email.as_ref(),
            accounts: &self.accounts,
            may_link,
        }
    }

    fn proves(&self, proved: &Identifier) -> Result<Link, OtherPerson> {
        judge(self.known(true), proved, None, true)
    }

    fn proves_late(&self, proved: &Identifier) -> Result<Link, OtherPerson> {
        judge(self.known(false), proved, None, true)
    }
}

#[test]
fn what_a_person_is_known_by_is_theirs_whenever_they_prove_it() {
    for identity in [email("ann@example.com"), account("login", "42"), google("1"), phone("+14155550123")] {
        let ann = Who::known_by(identity.clone());
        assert_eq!((ann.proves(&identity), ann.proves_late(&identity)), (Ok(Link::Theirs), Ok(Link::Theirs)));
    }
}

#[test]
fn what_was_linked_is_theirs_whenever_they_prove_it_and_takes_the_place_of_its_kind() {
    let ann = Who::known_by(email("ann@example.com")).with(google("1")).with(phone("+14155550123"));
    for linked in [google("1"), phone("+14155550123")] {
        assert_eq!((ann.proves(&linked), ann.proves_late(&linked)), (Ok(Link::Theirs), Ok(Link::Theirs)));
    }
    for other in [google("2"), phone("+14155550124"), email("ben@example.com")] {
        assert_eq!(ann.proves(&other), Err(OtherPerson), "{other:?}");
    }
}

#[test]
fn something_new_is_linked_while_the_proof_is_fresh_and_somebody_elses_afterwards() {
    let ann = Who::known_by(email("ann@example.com"));
    let host = Identifier::Host { user_id: "7".to_owned() };
    let record = Identifier::Record { collection: "staff".to_owned(), key: "10042".to_owned() };
    assert_eq!(ann.proves(&host), Err(OtherPerson), "nobody at the browser gave it");
    for new in [google("1"), phone("+14155550123"), record] {
        assert_eq!((ann.proves(&new), ann.proves_late(&new)), (Ok(Link::New), Err(OtherPerson)), "{new:?}");
        assert_eq!(judge(ann.known(true), &new, None, false), Err(OtherPerson), "looked up, not proved");
    }
}

#[test]
fn the_same_address_at_google_and_by_code_are_two_persons_until_one_proves_the_other() {
    // Google said ann@example.com and did not vouch for it: whoever registered it there has no claim on the mailbox.
    let hijacker = Who::known_by(google("evil"));
    assert_eq!(hijacker.proves_late(&email("ann@example.com")), Err(OtherPerson));
    // The owner of both proves the second in the session of the first.
    let ann = Who::known_by(google("1")).with_email("ann@example.com");
    assert_eq!(ann.proves(&email("ann@example.com")), Ok(Link::Own));
    assert_eq!(ann.proves_late(&email("ann@example.com")), Ok(Link::Theirs), "for this session alone");
    assert_eq!(ann.proves(&email("ben@example.com")), Err(OtherPerson));
}

#[test]
fn a_person_without_an_address_gets_one_and_no_second() {
    let ann = Who::known_by(phone("+14155550123"));
    assert_eq!(ann.proves(&email("ann@example.com")), Ok(Link::New));
    let ann = ann.with(email("ann@example.com")).with_email("ann@example.com");
    assert_eq!(ann.proves(&email("ben@example.com")), Err(OtherPerson));
}

#[test]
fn an_account_is_linked_once_and_then_is_the_only_one_of_its_action() {
    let ann = || Who::known_by(email("ann@example.com"));
    assert_eq!(ann().proves(&account("login", "42")), Ok(Link::Own));
    assert_eq!(ann().proves_late(&account("login", "42")), Ok(Link::Theirs), "it acts, and signs nobody in");
    assert_eq!(ann().with_account("login", "42").proves(&account("login", "42")), Ok(Link::Theirs));
    assert_eq!(ann().with_account("login", "42").proves(&account("login", "43")), Err(OtherPerson));
    assert_eq!(ann().with(account("login", "42")).proves(&account("partner", "43")), Err(OtherPerson));
}

#[test]
fn a_second_account_does_not_take_the_first_ones_place_whatever_its_action() {
    let ann = || Who::known_by(email("ann@example.com")).with_account("shop", "42");
    assert_eq!(ann().proves(&account("partner", "9")), Err(OtherPerson));
    assert_eq!(ann().with_account("partner", "9").proves(&account("partner", "9")), Err(OtherPerson));
    assert_eq!(ann().proves(&account("partner", "42")), Ok(Link::Own));
}

#[test]
fn an_account_with_another_address_is_not_taken_in() {
    let ann = Who::known_by(email("ann@example.com"));
    let judged = |said: &str| judge(ann.known(true), &account("login", "42"), Some(&address(said)), true);
    assert_eq!(judged("ben@example.com"), Err(OtherPerson));
    assert_eq!(judged("ann@example.com"), Ok(Link::Own));
}

#[test]
fn a_person_who_is_an_account_cannot_become_another() {
    let ann = || Who::known_by(account("login", "42"));
    for other in [account("login", "43"), account("other", "43"), account("login", "")] {
        assert_eq!(ann().proves(&other), Err(OtherPerson), "{other:?}");
        assert_eq!(ann().with_account("login", "43").proves(&other), Err(OtherPerson), "{other:?}");
    }
}
