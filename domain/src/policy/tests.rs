//! Which proofs are asked for (A6, R29): whatever the settings, what is offered is enough, and nothing that is enough is
//! left out.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::id::PersonId;

use super::*;
use crate::conversation::Authenticated;

const NOW: Millis = Millis(1_795_262_400_000);
const METHODS: [Method; 7] = [
    Method::EmailCode,
    Method::PhoneCode,
    Method::Google,
    Method::LoginAction,
    Method::CollectionLookup,
    Method::HostToken,
    Method::Passkey,
];
const LEVELS: [Assurance; 6] = [
    Assurance::Claimed,
    Assurance::LookedUp,
    Assurance::EmailCode,
    Assurance::PhoneCode,
    Assurance::Google,
    Assurance::Passkey,
];

/// An agent on which everything is set up, with one private action and the logins `(proves, fields)`.
#[expect(clippy::needless_pass_by_value, reason = "called with what json! makes on the spot")]
fn agent(
    methods: &[Method],
    strength: &BTreeMap<Method, Assurance>,
    private: Value,
    logins: &[(Assurance, bool)],
) -> Agent {
    let mut kind = json!({"is": "private", "confirm": false});
    kind.as_object_mut().unwrap().extend(private["kind"].as_object().unwrap().clone());
    let mut actions = vec![json!({
        "name": "act", "title": "Act", "method": "POST", "url": "https://api.example.com/act", "kind": kind,
        "headers": private["headers"],
    })];
    for (at, (proves, token)) in logins.iter().enumerate() {
        let fields: &[&str] = if *token { &["user_id", "token", "roles"] } else { &["user_id", "roles"] };
        let remembers: Vec<_> = fields.iter().map(|name| json!({"name": name, "from": "response.x"})).collect();
        actions.push(json!({
            "name": format!("login_{at}"), "title": "Log in", "method": "POST", "url": "https://api.example.com/login",
            "kind": {"is": "login", "proves": proves, "remembers": remembers},
        }));
    }
    serde_json::from_value(json!({
        "id": "ag_demo", "name": "Demo", "origins": [], "actions": actions,
        "customer_auth": {
            "methods": methods, "strength": strength, "persistent_context": true,
            "phone": {"countries": ["US"], "channels": ["sms"]},
            "google": {"client_id": "x"},
            "lookup": {"collection": "staff", "field": "number", "label": "Number"},
        },
    }))
    .unwrap()
}

fn private(assurance: Assurance, max_age_s: Option<u32>, roles: &[&str], token: bool) -> Value {
    let headers =
        if token { json!([{"name": "authorization", "value": "Bearer {{context.token}}"}]) } else { json!([]) };
    json!({"kind": {"assurance": assurance, "max_age_s": max_age_s, "roles": roles}, "headers": headers})
}

fn standing(assurance: Assurance, age_ms: u64) -> Standing {
    Standing {
        person: PersonId::parse(&"p".repeat(43)).unwrap(),
        assurance,
        proved_at: Millis(NOW.0 - age_ms),
        roles: vec![],
        context: vec![],
        email: Some("ann@example.com".into()),
        phone: Some("+14155550123".into()),
        passkey: true,
        google: true,
    }
}

fn asked(agent: &Agent, standing: Option<&Standing>) -> Verdict {
    let identity = standing.map_or(Identity::Unidentified, |standing| {
        Identity::Authenticated(Authenticated {
            person: standing.person.clone(),
            since: NOW,
            blocked: None,
            card: None,
        })
    });
    judge(agent, &Conversation { identity, ..Conversation::default() }, standing, &agent.actions[0], NOW)
}

/// What the session stands on after a proof by this method; by the form of this login action.
fn after(agent: &Agent, before: &Standing, method: Method, form: Option<&Form>) -> Standing {
    let mut standing = Standing { proved_at: NOW, assurance: strength(agent, method), ..before.clone() };
    if let Some(form) = form {
        let action = agent.actions.iter().find(|action| action.name == form.action).unwrap();
        let Kind::Login { proves, remembers, .. } = &action.kind else { unreachable!("a form is of a login") };
        standing.assurance = *proves;
        standing.context.extend(remembers.iter().map(|mapped| mapped.name.clone()));
        standing.roles = vec!["staff".into()];
    }
    standing
}

/// Each way in which the card can be answered.
fn ways<'a>(methods: &'a [Method], forms: &'a [Form]) -> Vec<(Method, Option<&'a Form>)> {
    let each = |method: &Method| match method {
        Method::LoginAction => forms.iter().map(|form| (Method::LoginAction, Some(form))).collect(),
        method => vec![(*method, None)],
    };
    methods.iter().flat_map(each).collect()
}

#[test]
fn every_method_at_every_strength_and_age_is_enough_or_not_as_r29_says() {
    for method in METHODS {
        for wanted in LEVELS {
            for (max_age_s, age_s) in [(None, 1_000_000), (Some(60), 60), (Some(60), 61), (Some(0), 0), (Some(0), 1)] {
                let agent = agent(&METHODS, &BTreeMap::new(), private(wanted, max_age_s, &[], false), &[]);
                let has = Assurance::of(method);
                let is_enough = has >= wanted && max_age_s.is_none_or(|most| age_s <= u64::from(most));
                let verdict = asked(&agent, Some(&standing(has, age_s * 1_000)));
                assert_eq!(verdict == Verdict::Allowed, is_enough, "{method:?} {wanted:?} {max_age_s:?} {age_s}");
            }
        }
    }
}

#[test]
fn a_step_up_offers_the_cheapest_first_and_only_what_the_person_has() {
    use Method::{EmailCode, Google, LoginAction, Passkey, PhoneCode};

    let order = [Method::PhoneCode, Method::EmailCode, Method::Passkey, Method::LoginAction, Method::Google];
    let offers = |wanted: Assurance, change: fn(&mut Standing)| {
        let agent =
            agent(&order, &BTreeMap::new(), private(wanted, Some(0), &[], false), &[(Assurance::EmailCode, false)]);
        let mut standing = standing(Assurance::Claimed, 1);
        change(&mut standing);
        match asked(&agent, Some(&standing)) {
            Verdict::Login { methods, .. } => methods,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(offers(Assurance::Claimed, |_| ()), [Passkey, Google, EmailCode, LoginAction, PhoneCode]);
    assert_eq!(offers(Assurance::PhoneCode, |_| ()), [Passkey, Google, PhoneCode]);
    assert_eq!(offers(Assurance::PhoneCode, |who| who.passkey = false), [Google, PhoneCode]);
    assert_eq!(offers(Assurance::PhoneCode, |who| (who.passkey, who.google) = (false, false)), [PhoneCode]);
    assert_eq!(offers(Assurance::Claimed, |who| who.email = None), [Passkey, Google, LoginAction, PhoneCode]);
    assert_eq!(offers(Assurance::Passkey, |_| ()), [Passkey]);
}

#[test]
fn before_a_login_the_site_owners_order_stands() {
    let order = [Method::PhoneCode, Method::EmailCode, Method::Passkey];
    let offers = |wanted| match asked(&agent(&order, &BTreeMap::new(), private(wanted, None, &[], false), &[]), None) {
        Verdict::Login { methods, .. } => methods,
        other => panic!("{other:?}"),
    };
    assert_eq!(offers(Assurance::Claimed), order);
    assert_eq!(offers(Assurance::PhoneCode), [Method::PhoneCode, Method::Passkey]);
}

#[test]
fn a_card_has_the_forms_of_the_logins_that_would_do() {
    let logins = [(Assurance::EmailCode, true), (Assurance::PhoneCode, false), (Assurance::PhoneCode, true)];
    let agent =
        agent(&[Method::LoginAction], &BTreeMap::new(), private(Assurance::PhoneCode, None, &[], true), &logins);
    let Verdict::Login { forms, .. } = asked(&agent, Some(&standing(Assurance::EmailCode, 0))) else {
        panic!("no card")
    };
    assert_eq!(forms.iter().map(|form| form.action.as_str()).collect::<Vec<_>>(), ["login_2"]);
}

#[test]
fn what_no_one_proof_brings_is_asked_for_one_after_the_other() {
    let methods = [Method::LoginAction, Method::Passkey];
    let logins = [(Assurance::EmailCode, true)];
    let agent = agent(&methods, &BTreeMap::new(), private(Assurance::Passkey, None, &[], true), &logins);
    let before = standing(Assurance::EmailCode, 0);
    let Verdict::Login { methods, forms } = asked(&agent, Some(&before)) else { panic!("no card") };
    assert_eq!(methods, [Method::LoginAction], "first what brings the token");
    let then = after(&agent, &before, Method::LoginAction, forms.first());
    let Verdict::Login { methods, .. } = asked(&agent, Some(&then)) else { panic!("no card") };
    assert_eq!(methods, [Method::Passkey]);
    assert_eq!(asked(&agent, Some(&after(&agent, &then, Method::Passkey, None))), Verdict::Allowed);
    // Without a passkey nothing is asked for that would be in vain.
    let without = Standing { passkey: false, ..before };
    assert!(matches!(asked(&agent, Some(&without)), Verdict::Refused(_)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn what_is_offered_is_enough_and_nothing_that_is_enough_is_left_out(
        allowed in proptest::sample::subsequence(METHODS.to_vec(), 0..=METHODS.len()).prop_shuffle(),
        strengths in proptest::collection::btree_map(proptest::sample::select(&METHODS[..]), proptest::sample::select(&LEVELS[..]), 0..4),
        wanted in proptest::sample::select(&LEVELS[..]),
        max_age_s in proptest::option::of(0_u32..100),
        needs in (any::<bool>(), any::<bool>()),
        logins in proptest::collection::vec((proptest::sample::select(&LEVELS[..]), any::<bool>()), 0..3),
        session in (proptest::sample::select(&LEVELS[..]), 0_u64..200),
        has in any::<[bool; 5]>(),
    ) {
        let roles: &[&str] = if needs.0 { &["staff"] } else { &[] };
        let agent = agent(&allowed, &strengths, private(wanted, max_age_s, roles, needs.1), &logins);
        let mut who = standing(session.0, session.1 * 1_000);
        (who.passkey, who.google) = (has[0], has[1]);
        if has[2] { who.email = None; }
        if has[3] { who.phone = None; }
        // Roles from a record: then a login is not asked for because of them.
        if has[4] { who.roles = vec!["staff".into()]; }
        let verdict = asked(&agent, Some(&who));
        let lacks = (needs.0 && !has[4]) || needs.1;
        let forms = forms(&agent);
        let own = |method: Method| match method {
            Method::EmailCode => who.email.is_some(),
            Method::PhoneCode => who.phone.is_some(),
            Method::Google => who.google,
            Method::Passkey => who.passkey,
            Method::LoginAction => true,
            Method::CollectionLookup | Method::HostToken => false,
        };
        let all: Vec<Method> = allowed.iter().copied().filter(|method| own(*method)).collect();
        let enough: Vec<_> = ways(&all, &forms)
            .into_iter()
            .filter(|(method, form)| asked(&agent, Some(&after(&agent, &who, *method, *form))) == Verdict::Allowed)
            .collect();
        match verdict {
            Verdict::Allowed => prop_assert!(!lacks),
            Verdict::Login { methods, forms } => {
                let offered = ways(&methods, &forms);
                let is_enough = |(method, form): &(Method, Option<&Form>)| {
                    asked(&agent, Some(&after(&agent, &who, *method, *form))) == Verdict::Allowed
                };
                if enough.is_empty() {
                    // Two proofs: the first brings what is lacking, and is followed by one that is enough.
                    prop_assert!(lacks);
                    for (method, form) in &offered {
                        let then = after(&agent, &who, *method, *form);
                        let Verdict::Login { methods, forms } = asked(&agent, Some(&then)) else { panic!("a dead end") };
                        for (method, form) in ways(&methods, &forms) {
                            prop_assert_eq!(asked(&agent, Some(&after(&agent, &then, method, form))), Verdict::Allowed);
                        }
                    }
                } else {
                    prop_assert!(offered.iter().all(is_enough), "{offered:?} offered, {enough:?} are enough");
                    prop_assert_eq!(offered.len(), enough.len(), "{:?} offered, {:?} are enough", offered, enough);
                }
            }
            Verdict::Refused(_) => prop_assert!(enough.is_empty(), "{enough:?} would do"),
        }
    }
}
