//! Every budget of the Limiter object in one list, which `docs/security.md` has to agree with.

use super::{
    ALARM_IP, Budget, CONSOLE_CALL, EMAIL_CONVERSATION, EMAIL_GAP, EMAIL_IP, EMAIL_RECIPIENT, GUESS_IDENTITY,
    GUESS_SHORT, HOST_IP, HOST_TOKEN, INVITE_ADDRESS, INVITE_MEMBER, KNOWN_GAP, KNOWN_GUESS, KNOWN_GUESS_ALL,
    KNOWN_LOOKUP, KNOWN_RECIPIENT, KNOWN_RECIPIENT_ALL, LOGIN_AGENT, LOGIN_IP, LOGIN_NAME, LOOKUP_AGENT,
    LOOKUP_CONVERSATION, LOOKUP_IP, MODEL_CHECK, PASSKEY_CONVERSATION, PASSKEY_IP, PHONE_CONVERSATION, PHONE_IP,
    PHONE_NUMBER, PHONE_PREFIX, TEST_MESSAGE, VISIT_IP, WINDOW_BACK_IP, WINDOW_CONVERSATION, WINDOW_IP,
};

/// A budget with its name.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// Its name in objects' names, in the audit trail and in the documentation.
    pub name: &'static str,
    /// The constant that holds its rules; empty where it is counted another way.
    pub constant: &'static str,
    /// Its rules.
    pub rules: Budget,
}

macro_rules! listed {
    ($($name:literal => $constant:ident,)*) => {
        &[$(Listed { name: $name, constant: stringify!($constant), rules: $constant },)*]
    };
}

/// What is counted another way than by rules: model tokens by a meter of the day, wrong codes by the breaker.
const COUNTED: Budget = &[];

/// All of them.
pub const ALL: &[Listed] = listed! {
    "email_gap" => EMAIL_GAP,
    "email_recipient" => EMAIL_RECIPIENT,
    "email_conversation" => EMAIL_CONVERSATION,
    "email_ip" => EMAIL_IP,
    "alarm_ip" => ALARM_IP,
    "guess_identity" => GUESS_IDENTITY,
    "guess_short" => GUESS_SHORT,
    "failures" => COUNTED,
    "lookup_conversation" => LOOKUP_CONVERSATION,
    "lookup_ip" => LOOKUP_IP,
    "lookup_agent" => LOOKUP_AGENT,
    "known_gap" => KNOWN_GAP,
    "known_recipient" => KNOWN_RECIPIENT,
    "known_recipient_all" => KNOWN_RECIPIENT_ALL,
    "known_lookup" => KNOWN_LOOKUP,
    "known_guess" => KNOWN_GUESS,
    "known_guess_all" => KNOWN_GUESS_ALL,
    "login_name" => LOGIN_NAME,
    "login_ip" => LOGIN_IP,
    "login_agent" => LOGIN_AGENT,
    "host_token" => HOST_TOKEN,
    "host_ip" => HOST_IP,
    "passkey_conversation" => PASSKEY_CONVERSATION,
    "passkey_ip" => PASSKEY_IP,
    "window_conversation" => WINDOW_CONVERSATION,
    "window_ip" => WINDOW_IP,
    "window_back_ip" => WINDOW_BACK_IP,
    "phone_number" => PHONE_NUMBER,
    "phone_prefix" => PHONE_PREFIX,
    "phone_conversation" => PHONE_CONVERSATION,
    "phone_ip" => PHONE_IP,
    "phone_dial_code" => COUNTED,
    "phone_day" => COUNTED,
    "phone_health" => COUNTED,
    "test_message" => TEST_MESSAGE,
    "model_check" => MODEL_CHECK,
    "tokens" => COUNTED,
    "visit_ip" => VISIT_IP,
    "invite_address" => INVITE_ADDRESS,
    "invite_member" => INVITE_MEMBER,
    "console_call" => CONSOLE_CALL,
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ALL, Budget};
    use crate::limits::{MESSAGE, Rule};

    /// A rule as the table writes it: `5 in 15 min`, `2, then 1 in 5 min`.
    fn words(rule: Rule) -> String {
        match rule {
            Rule::Window { limit, period_ms } => format!("{limit} in {}", time(period_ms)),
            Rule::Bucket { burst, every_ms } => format!("{burst}, then 1 in {}", time(every_ms)),
        }
    }

    fn time(ms: u64) -> String {
        match ms / 1_000 {
            86_400 => "24 h".to_owned(),
            s if s % 3_600 == 0 => format!("{} h", s / 3_600),
            s if s % 60 == 0 => format!("{} min", s / 60),
            s => format!("{s} s"),
        }
    }

    fn all_words(rules: Budget) -> String {
        rules.iter().copied().map(words).collect::<Vec<_>>().join("; ")
    }

    /// The rows of the table of budgets in `docs/security.md`: name, key, rule, what happens.
    fn documented() -> BTreeMap<String, [String; 3]> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/security.md");
        let text = std::fs::read_to_string(path).unwrap();
        let begins = text.find("| budget | key | rule | what happens |").expect("the table of budgets");
        let rows = text[begins..].lines().skip(2).take_while(|line| line.starts_with('|'));
        rows.map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            let [name, key, rule, what] = <[String; 4]>::try_from(cells).expect("four cells");
            assert!(!key.is_empty() && !what.is_empty(), "{name} says too little");
            (name.trim_matches('`').to_owned(), [key, rule, what])
        })
        .collect()
    }

    #[test]
    fn the_documented_table_has_every_budget_with_its_very_rule() {
        let mut documented = documented();
        for listed in ALL {
            let [_, rule, _] = documented.remove(listed.name).unwrap_or_else(|| panic!("{} is missing", listed.name));
            if !listed.rules.is_empty() {
                assert_eq!(rule, all_words(listed.rules), "{}", listed.name);
            }
        }
        // Counted in the conversation itself.
        let [_, rule, _] = documented.remove("message").expect("message is missing");
        assert_eq!(rule, all_words(MESSAGE));
        assert!(documented.is_empty(), "no such budget: {:?}", documented.keys());
    }

    /// The Limiter object's own list, read from its source: a name with the constant that it is counted by.
    fn counted() -> BTreeMap<String, String> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../edge/src/durable/limiter/budget.rs");
        let source = std::fs::read_to_string(path).unwrap();
        let (mut names, mut constants) = (BTreeMap::new(), BTreeMap::new());
        for line in source.lines() {
            let Some((variants, value)) = line.trim().trim_end_matches(',').split_once(" => ") else { continue };
            for variant in variants.split(" | ").filter_map(|one| one.strip_prefix("Self::")) {
                if let Some(name) = value.strip_prefix('"') {
                    names.insert(variant.to_owned(), name.trim_end_matches('"').to_owned());
                } else if let Some(constant) = value.strip_prefix("limits::") {
                    constants.insert(variant.to_owned(), constant.to_owned());
                } else if value == "&[]" {
                    constants.insert(variant.to_owned(), "COUNTED".to_owned());
                }
            }
        }
        names.into_iter().map(|(variant, name)| (name, constants.remove(&variant).unwrap_or_default())).collect()
    }

    #[test]
    fn the_limiter_counts_what_is_listed_and_nothing_else() {
        let listed = ALL.iter().map(|listed| (listed.name.to_owned(), listed.constant.to_owned()));
        assert_eq!(counted(), listed.collect());
    }
}
