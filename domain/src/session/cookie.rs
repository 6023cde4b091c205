//! The cookie around a token (R19, RFC 6265bis, CHIPS).

use shared::id::AgentId;

/// The longest life of a cookie, seconds: 400 days, where browsers end it anyway.
pub const MAX_COOKIE_AGE_S: u64 = 400 * 24 * 3600;

/// The cookie's name: `__Host-cs_{agent}`. The prefix makes browsers refuse it from any other host, path or scheme.
pub fn cookie_name(agent: &AgentId) -> String {
    format!("__Host-cs_{agent}")
}

/// The value of a `Set-Cookie` header. `Partitioned` keeps it where third-party cookies are blocked, one jar for each
/// site that embeds the chat. `max_age_s` is held to [`MAX_COOKIE_AGE_S`].
pub fn set_cookie(agent: &AgentId, token: &str, max_age_s: u64) -> String {
    let (name, age) = (cookie_name(agent), max_age_s.min(MAX_COOKIE_AGE_S));
    format!("{name}={token}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age={age}")
}

/// The value of a `Set-Cookie` header that takes the cookie away. The attributes are the same: it is another cookie
/// otherwise.
pub fn clear_cookie(agent: &AgentId) -> String {
    set_cookie(agent, "", 0)
}

/// The agent's token in a `Cookie` header.
///
/// `None` when it is absent, empty or there twice: two of one name mean that somebody planted one, and which of them is
/// ours cannot be told.
pub fn read_cookie<'a>(header: &'a str, agent: &AgentId) -> Option<&'a str> {
    read_named(header, &cookie_name(agent))
}

/// The value of the cookie of this name in a `Cookie` header, under the same rule.
pub(super) fn read_named<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut found = header
        .split(';')
        .filter_map(|pair| pair.trim_ascii().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let token = found.next()?;
    (found.next().is_none() && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::{AgentId, clear_cookie, read_cookie, set_cookie};

    #[test]
    fn a_cookie_has_every_attribute_in_order() {
        let agent = AgentId::parse("ag_a").unwrap();
        assert_eq!(
            set_cookie(&agent, "a.b.c", 86_400),
            "__Host-cs_ag_a=a.b.c; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=86400"
        );
        assert_eq!(
            clear_cookie(&agent),
            "__Host-cs_ag_a=; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=0"
        );
        assert!(set_cookie(&agent, "t", u64::MAX).ends_with("Max-Age=34560000"));
    }

    #[test]
    fn only_the_agents_own_cookie_is_read() {
        let agent = AgentId::parse("ag_a").unwrap();
        for (header, token) in [
            ("__Host-cs_ag_a=t", Some("t")),
            ("x=1; __Host-cs_ag_a=t; y=2", Some("t")),
            ("x=1;__Host-cs_ag_a=t", Some("t")),
            ("__Host-cs_ag_ab=no; __Host-cs_ag_a=t", Some("t")),
            ("__Host-cs_ag_a=t=u", Some("t=u")),
            ("", None),
            ("__Host-cs_ag_a", None),
            ("__Host-cs_ag_a=", None),
            ("__host-cs_ag_a=t", None),
            ("cs_ag_a=t", None),
            ("x__Host-cs_ag_a=t", None),
            ("__Host-cs_ag_b=t", None),
            ("__Host-cs_ag_a =t", None),
            ("__Host-cs_ag_a=t; __Host-cs_ag_a=t", None),
            ("__Host-cs_ag_a=; __Host-cs_ag_a=t", None),
            (";;;=;=t;", None),
        ] {
            assert_eq!(read_cookie(header, &agent), token, "{header:?}");
        }
    }
}
