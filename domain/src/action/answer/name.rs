//! What the name of a field says about what is in it.

/// Parts of a name that say so wherever they stand: `apikey`, `userPassword`, `x-access-token`.
const CREDENTIAL_PARTS: [&str; 5] = ["password", "passwd", "passcode", "passphrase", "secret"];
/// Words that say so when they stand alone in it: `pin`, `card_cvv`, `otpCode`; not `shipping`.
const CREDENTIAL_WORDS: [&str; 12] =
    ["pin", "otp", "totp", "cvv", "cvc", "csc", "pwd", "pw", "pass", "mfa", "passwort", "kennwort"];
/// What a company gives its own customers to keep: kept, sealed, and seen by nobody.
const SECRET_PARTS: [&str; 9] =
    ["token", "key", "jwt", "bearer", "cookie", "credential", "authorization", "signature", "session"];

/// Whether a field holds what somebody typed to prove who they are. It is never kept (R53).
pub(in crate::action) fn names_a_credential(name: &str) -> bool {
    let lower = name.to_lowercase();
    CREDENTIAL_PARTS.iter().any(|part| lower.contains(part))
        || words(name).iter().any(|word| CREDENTIAL_WORDS.contains(&word.as_str()))
}

/// Whether a field of the persistent context is a secret by its name: a token, a key, a password. Neither the model nor
/// the visitor sees it (R55). In doubt it is one.
pub fn is_secret_field(name: &str) -> bool {
    let lower = name.to_lowercase();
    names_a_credential(name) || SECRET_PARTS.iter().any(|part| lower.contains(part))
}

/// A name that a field of the persistent context may have: `[a-z][a-z0-9_]*`, at most 64 characters.
pub(in crate::action) fn is_field(name: &str) -> bool {
    crate::action::template::is_name(name)
}

/// The words of `snake_case`, `kebab-case` and `camelCase`, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphabetic() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphabetic(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}
