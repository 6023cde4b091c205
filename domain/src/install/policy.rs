//! What a page's Content-Security-Policy lets load (CSP Level 3, section 6.7).

use url::Url;

/// One policy: its directives, the first of a name alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Policy(Vec<(String, Vec<String>)>);

/// Whether something may load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    /// Only with a nonce that cannot be judged here, or by another script.
    ByAnother,
    /// The page may run no scripts at all.
    Sandboxed,
}

/// The policies of a header's value.
pub(super) fn parse(header: &str) -> Vec<Policy> {
    let policies = header.split(',').map(|policy| {
        let mut directives: Vec<(String, Vec<String>)> = Vec::new();
        for directive in policy.split(';') {
            let mut words = directive.split_ascii_whitespace();
            let Some(name) = words.next().map(str::to_ascii_lowercase) else { continue };
            if !directives.iter().any(|(own, _)| *own == name) {
                directives.push((name, words.map(str::to_owned).collect()));
            }
        }
        Policy(directives)
    });
    policies.filter(|policy| !policy.0.is_empty()).collect()
}

impl Policy {
    /// The sources of the first of these directives that is there.
    fn sources(&self, names: &[&str]) -> Option<&[String]> {
        names.iter().find_map(|name| self.0.iter().find(|(own, _)| own == name)).map(|(_, sources)| sources.as_slice())
    }

    pub(super) fn lets_script(&self, script: &Url, page: &Url, nonce: Option<&str>) -> Verdict {
        if self.sources(&["sandbox"]).is_some_and(|words| !words.iter().any(|it| it == "allow-scripts")) {
            return Verdict::Sandboxed;
        }
        let Some(sources) = self.sources(&["script-src-elem", "script-src", "default-src"]) else {
            return Verdict::Yes;
        };
        let of_nonce = |source: &String| {
            let inside = source.strip_prefix("'nonce-").and_then(|rest| rest.strip_suffix('\''));
            inside.is_some_and(|own| nonce == Some(own))
        };
        if sources.iter().any(of_nonce) {
            return Verdict::Yes;
        }
        // Where a script has to be trusted by another, hosts count for nothing.
        if sources.iter().any(|source| source.eq_ignore_ascii_case("'strict-dynamic'")) {
            return Verdict::ByAnother;
        }
        if lets(sources, script, page) { Verdict::Yes } else { Verdict::No }
    }

    pub(super) fn lets_frame(&self, frame: &Url, page: &Url) -> Verdict {
        let sources = self.sources(&["frame-src", "child-src", "default-src"]);
        if sources.is_none_or(|sources| lets(sources, frame, page)) { Verdict::Yes } else { Verdict::No }
    }
}

fn lets(sources: &[String], url: &Url, page: &Url) -> bool {
    sources.iter().any(|source| matches_source(source, url, page))
}

fn matches_source(source: &str, url: &Url, page: &Url) -> bool {
    if source == "*" {
        return matches!(url.scheme(), "http" | "https");
    }
    if source.eq_ignore_ascii_case("'self'") {
        return url.origin() == page.origin();
    }
    if source.starts_with('\'') {
        return false;
    }
    if let Some(scheme) = source.strip_suffix(':') {
        return is_scheme(scheme, url);
    }
    let (scheme, rest) = source.split_once("://").map_or((None, source), |(scheme, rest)| (Some(scheme), rest));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    scheme.unwrap_or(page.scheme()).split(' ').all(|scheme| is_scheme(scheme, url))
        && is_authority(authority, url)
        && match path {
            "" | "/" => true,
            path if path.ends_with('/') => url.path().starts_with(path),
            path => url.path() == path,
        }
}

/// A policy for `http` also lets `https` load.
fn is_scheme(scheme: &str, url: &Url) -> bool {
    scheme.eq_ignore_ascii_case(url.scheme()) || (scheme.eq_ignore_ascii_case("http") && url.scheme() == "https")
}

fn is_authority(authority: &str, url: &Url) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let own = url.host_str().unwrap_or_default();
    let is_host = host.strip_prefix("*.").map_or_else(
        || host == "*" || host.eq_ignore_ascii_case(own),
        |domain| {
            let before = own.len().checked_sub(domain.len()).and_then(|at| own.split_at_checked(at));
            before.is_some_and(|(sub, rest)| rest.eq_ignore_ascii_case(domain) && sub.len() > 1 && sub.ends_with('.'))
        },
    );
    is_host
        && match port {
            None => url.port().is_none(),
            Some("*") => true,
            Some(port) => port.parse().ok() == url.port_or_known_default(),
        }
}

/// Whether an allowed origin of the settings, as it stands in `frame-ancestors`, is this page's.
pub(super) fn matches_origin(allowed: &str, page: &Url) -> bool {
    let Some((scheme, authority)) = allowed.split_once("://") else { return false };
    is_scheme(scheme, page) && is_authority(authority, page)
}
