//! Whether a page of the site owner's loads the chat: what its HTML and its headers say, read as a browser would.

mod html;
mod policy;
#[cfg(test)]
mod tests;

use shared::admin::install::{About, Finding, Level};
use shared::id::AgentId;
use url::Url;

use self::html::Tag;
use self::policy::{Policy, Verdict};

/// The most bytes of a page that are looked at.
pub const MAX_PAGE_BYTES: usize = 2 * 1024 * 1024;

/// The most redirects that are followed on the way to a page.
pub const MAX_REDIRECTS: usize = 3;

/// The most bytes of a site's origin.
const MAX_ORIGIN: usize = 200;

/// A page as it was fetched.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Where it was found.
    pub url: &'a Url,
    /// Its HTML, as far as it was read.
    pub html: &'a str,
    /// Its `Content-Security-Policy` headers; several are told apart by commas.
    pub policy: &'a str,
    /// Whether all of it was read.
    pub whole: bool,
}

/// Of which agent, of which deployment.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The agent.
    pub agent: &'a AgentId,
    /// The deployment's own origin.
    pub edge: &'a str,
    /// The origins that may embed the agent.
    pub origins: &'a [String],
}

/// What is found of it, in the order in which it is to be mended.
pub fn look(page: &Page<'_>, wanted: &Wanted<'_>) -> Vec<Finding> {
    let tags = html::tags(page.html);
    let script = script(&tags, page, wanted);
    let mut policies = policy::parse(page.policy);
    for meta in tags.iter().filter(|tag| tag.is("meta")) {
        let is_policy = meta.get("http-equiv").is_some_and(|it| it.eq_ignore_ascii_case("content-security-policy"));
        if let (true, Some(content)) = (is_policy, meta.get("content")) {
            policies.extend(policy::parse(content));
        }
    }
    let nonce = tags.iter().find(|tag| is_ours(tag, page, wanted)).and_then(|tag| tag.get("nonce"));
    vec![script, origin(page, wanted), policy(&policies, page, wanted, nonce)]
}

/// Whether nothing of it keeps the chat from loading.
pub fn loads(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.level != Level::Fault)
}

/// The site of a page that loads something, by the `Referer` of its browser; none where it says none that could be allowed.
pub fn site(referer: &str) -> Option<String> {
    let url = Url::parse(referer).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let origin = url.origin().ascii_serialization();
    let host = origin.split_once("://")?.1;
    let fits = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
    (fits && origin.len() <= MAX_ORIGIN).then_some(origin)
}

/// Whether a site is on a list of allowed origins, as a browser judges it.
pub fn allows(origins: &[String], site: &str) -> bool {
    Url::parse(site).is_ok_and(|url| origins.iter().any(|allowed| policy::matches_origin(allowed, &url)))
}

/// The line that a page needs.
pub fn snippet(wanted: &Wanted<'_>) -> String {
    format!("<script async src=\"{}/embed.js\" data-agent=\"{}\"></script>", wanted.edge, wanted.agent)
}

fn finding(about: About, level: Level, sentence: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding { about, level, sentence: sentence.into(), mend: mend.into() }
}

fn source(tag: &Tag, page: &Page<'_>) -> Option<Url> {
    let src = tag.get("src").filter(|_| tag.is("script"))?;
    page.url.join(src.trim()).ok().filter(|url| url.path() == "/embed.js")
}

fn is_ours(tag: &Tag, page: &Page<'_>, wanted: &Wanted<'_>) -> bool {
    source(tag, page).is_some_and(|url| url.origin().ascii_serialization() == wanted.edge)
        && tag.get("data-agent") == Some(wanted.agent.as_str())
}

fn script(tags: &[Tag], page: &Page<'_>, wanted: &Wanted<'_>) -> Finding {
    let line = || format!("Put this into the page, before </body>: {}", snippet(wanted));
    let scripts: Vec<(&Tag, Url)> = tags.iter().filter_map(|tag| Some((tag, source(tag, page)?))).collect();
    let is_here = |url: &Url| url.origin().ascii_serialization() == wanted.edge;
    let here: Vec<&Tag> = scripts.iter().filter(|(_, url)| is_here(url)).map(|(tag, _)| *tag).collect();
    let ours: Vec<&&Tag> = here.iter().filter(|tag| tag.get("data-agent") == Some(wanted.agent.as_str())).collect();
    match (ours.first(), here.first(), scripts.first()) {
        (Some(tag), ..) => {
            let kind = tag.get("type").unwrap_or_default().trim().to_ascii_lowercase();
            if !matches!(kind.as_str(), "" | "text/javascript" | "application/javascript") {
                let mend = "Take the attribute type out, or let your consent tool run the script.";
                let said = format!("The script is there, but as type=\"{}\": browsers do not run it.", short(&kind));
                return finding(About::Script, Level::Fault, said, mend);
            }
            finding(About::Script, Level::Fine, "The page holds the script with this agent's id.", "")
        }
        (None, Some(tag), _) => {
            let said = match tag.get("data-agent") {
                Some(other) => format!("The script is there, with another agent's id: {}.", short(other)),
                None => "The script is there, but without data-agent.".to_owned(),
            };
            finding(About::Script, Level::Fault, said, format!("Write data-agent=\"{}\" into it.", wanted.agent))
        }
        (None, None, Some((_, url))) => {
            let other = url.origin().ascii_serialization();
            let said = format!("The script comes from {}, which is not this deployment.", short(&other));
            finding(About::Script, Level::Fault, said, line())
        }
        (None, None, None) if page.html.contains("/embed.js") || page.html.contains(wanted.agent.as_str()) => {
            let said =
                "The page names the script, but not as a script element: a tag manager or another script may load it.";
            finding(About::Script, Level::Unsure, said, format!("If the chat does not show: {}", line()))
        }
        (None, None, None) if !page.whole => {
            let said = "The script is not in the first 2 MB of the page; no more of it was read.";
            finding(About::Script, Level::Unsure, said, line())
        }
        (None, None, None) => finding(About::Script, Level::Fault, "The script is not in the page.", line()),
    }
}

fn origin(page: &Page<'_>, wanted: &Wanted<'_>) -> Finding {
    let own = page.url.origin().ascii_serialization();
    if allows(wanted.origins, &own) {
        let said = format!("{own} is on the list of allowed origins.");
        return finding(About::Origin, Level::Fine, said, "");
    }
    let said = format!("{own} is not on the list of allowed origins: browsers will not show the chat there.");
    finding(About::Origin, Level::Fault, said, format!("Add {own} to the allowed origins."))
}

fn policy(policies: &[Policy], page: &Page<'_>, wanted: &Wanted<'_>, nonce: Option<&str>) -> Finding {
    if policies.is_empty() {
        return finding(
            About::Policy,
            Level::Fine,
            "The page has no Content-Security-Policy that could stop the chat.",
            "",
        );
    }
    let Ok(script) = Url::parse(&format!("{}/embed.js", wanted.edge)) else {
        return finding(About::Policy, Level::Unsure, "The page's Content-Security-Policy was not understood.", "");
    };
    let frame = script.join(&format!("/frame/{}", wanted.agent)).unwrap_or_else(|_| script.clone());
    let mut unsure = None;
    for policy in policies {
        for (what, verdict) in [
            ("script-src", policy.lets_script(&script, page.url, nonce)),
            ("frame-src", policy.lets_frame(&frame, page.url)),
        ] {
            match verdict {
                Verdict::Yes => {}
                Verdict::Sandboxed => {
                    let said = "The page's Content-Security-Policy puts it into a sandbox without scripts.";
                    return finding(
                        About::Policy,
                        Level::Fault,
                        said,
                        "Add allow-scripts allow-same-origin to sandbox.",
                    );
                }
                Verdict::No => {
                    let thing = if what == "script-src" { "script" } else { "frame" };
                    let said = format!("The page's Content-Security-Policy does not let the chat's {thing} load.");
                    return finding(About::Policy, Level::Fault, said, format!("Add {} to {what}.", wanted.edge));
                }
                Verdict::ByAnother => unsure = Some(what),
            }
        }
    }
    if unsure.is_some() {
        let said =
            "The page's Content-Security-Policy trusts scripts by nonce or by what loaded them ('strict-dynamic').";
        let mend = "Give the script element the page's nonce, or load it from a script that is trusted.";
        return finding(About::Policy, Level::Unsure, said, mend);
    }
    finding(About::Policy, Level::Fine, "The page's Content-Security-Policy lets the chat load.", "")
}

/// The beginning of a text of somebody's page, for a sentence.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
