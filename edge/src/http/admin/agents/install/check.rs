//! `POST …/install/check`: fetches a page of the owner's and says whether it loads the chat, and what to mend.
//!
//! The page is at an address that somebody chose: every address, that of each redirect too, is judged as an action's (R51),
//! no header says who asks, and nothing of the page is handed on.

use domain::agent::Agent;
use domain::audit::AuditKind;
use domain::install::{self, Page, Wanted};
use domain::json;
use shared::admin::install::{About, Finding, Level, Look, Looked};
use shared::admin::problem::Code;
use worker::{Response, Url};

use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::page::{self, Lost};
use crate::store::agents;

/// Answers.
pub async fn answer(mut granted: Granted) -> Done<Response> {
    let Look { url } = body::read(&mut granted.ask.request).await?;
    let Granted { ask, agent, .. } = &granted;
    let settings: Agent = json::of(&agents::stored(&ask.env, agent).await?.ok_or(Code::NotFound)?.settings)?;
    let url = page::judge(url.split('#').next().unwrap_or_default().trim())
        .map_err(|fault| Refused::field("/url", format!("{}.", fault.to_string().replacen("the", "The", 1))))?;
    granted.may_call_out().await?;
    granted.note(AuditKind::PageChecked, &[("host", url.host_str().unwrap_or_default())]).await?;
    let looked = match page::fetch(url).await {
        Ok(fetched) => looked(&fetched, agent, &ask.config.origin, &settings.origins),
        Err(lost) => Looked { url: None, loads: false, findings: vec![unfound(lost)] },
    };
    Ok(Response::from_json(&looked)?)
}

fn looked(fetched: &page::Fetched, agent: &shared::id::AgentId, edge: &str, origins: &[String]) -> Looked {
    let page = Page { url: &fetched.url, html: &fetched.html, policy: &fetched.policy, whole: fetched.whole };
    let mut findings = vec![page_itself(fetched)];
    findings.extend(install::look(&page, &Wanted { agent, edge, origins }));
    Looked { url: Some(without_query(&fetched.url)), loads: install::loads(&findings), findings }
}

/// What comes after `?` is nobody's business but the page's.
fn without_query(url: &Url) -> String {
    url.as_str().split('?').next().unwrap_or_default().to_owned()
}

fn page_itself(fetched: &page::Fetched) -> Finding {
    let status = fetched.status;
    if !(200..300).contains(&status) {
        return Finding {
            about: About::Page,
            level: Level::Unsure,
            sentence: format!("The page answers with the status {status}: visitors may see another one."),
            mend: "Check the address. A page behind a login or a shield against robots cannot be looked at from here."
                .to_owned(),
        };
    }
    let sentence = "The page was found.".to_owned();
    Finding { about: About::Page, level: Level::Fine, sentence, mend: String::new() }
}

fn unfound(lost: Lost) -> Finding {
    let (sentence, mend) = match lost {
        Lost::Unreachable => ("The page could not be reached.", "Check the address, and that the site is up."),
        Lost::Slow => ("The page did not end within 10 seconds.", "Look why it takes so long, then check again."),
        Lost::Redirects => ("The page leads on and on to other addresses.", "Give the address where it ends."),
        Lost::Refused => {
            ("The page leads to an address that is not public.", "Give the address of the page that visitors see.")
        }
    };
    Finding { about: About::Page, level: Level::Fault, sentence: sentence.to_owned(), mend: mend.to_owned() }
}
