use shared::admin::install::{About, Level};
use shared::id::AgentId;
use url::Url;

use super::{Page, Wanted, html, look};

const EDGE: &str = "https://chat.example.com";
const SNIPPET: &str = r#"<script async src="https://chat.example.com/embed.js" data-agent="ag_shop"></script>"#;

fn levels(url: &str, html: &str, policy: &str) -> [Level; 3] {
    let (url, agent) = (Url::parse(url).unwrap(), AgentId::parse("ag_shop").unwrap());
    let origins = ["https://shop.com".to_owned(), "https://*.shop.org".to_owned()];
    let wanted = Wanted { agent: &agent, edge: EDGE, origins: &origins };
    let findings = look(&Page { url: &url, html, policy, whole: true }, &wanted);
    assert!(findings.iter().all(|it| it.level == Level::Fine || it.mend.len() > 10), "{findings:?}");
    let of = |about: About| findings.iter().find(|finding| finding.about == about).unwrap().level;
    [of(About::Script), of(About::Origin), of(About::Policy)]
}

fn script(html: &str) -> Level {
    levels("https://shop.com/", html, "")[0]
}

fn policy(policy: &str) -> Level {
    levels("https://shop.com/", SNIPPET, policy)[2]
}

#[test]
fn the_script_is_found_however_it_is_written() {
    for html in [
        SNIPPET,
        "<SCRIPT SRC='https://chat.example.com/embed.js' DATA-AGENT=ag_shop ASYNC></SCRIPT>",
        "<p>a < b</p><script\nsrc = \"//chat.example.com/embed.js?v=1&amp;x=2\"\ndata-agent = 'ag_shop'/></script>",
        "<script>if (a<b) { '<script src=x>' }</script><script data-agent=ag_shop src=https://CHAT.example.com:443/embed.js></script>",
        "<!-- old --><title><b></title><script type=text/javascript src=\" https://chat.example.com/embed.js \" data-agent=ag_shop>",
    ] {
        assert_eq!(script(html), Level::Fine, "{html}");
    }
}

#[test]
fn what_is_no_script_of_this_agent_is_none() {
    for (html, level) in [
        ("<h1>Shop</h1>", Level::Fault),
        ("", Level::Fault),
        ("<script async src=\"https://chat.example.com/embed.js\"></script>", Level::Fault),
        ("<script async src=\"https://chat.example.com/embed.js\" data-agent=\"ag_other\"></script>", Level::Fault),
        ("<script async src=\"https://chat.example.org/embed.js\" data-agent=\"ag_shop\"></script>", Level::Fault),
        ("<script src=\"https://chat.example.com.evil.com/embed.js\" data-agent=\"ag_shop\"></script>", Level::Fault),
        (
            "<script type=\"text/plain\" src=\"https://chat.example.com/embed.js\" data-agent=\"ag_shop\"></script>",
            Level::Fault,
        ),
        ("<script src=/embed.js data-agent=ag_shop></script>", Level::Fault),
    ] {
        assert_eq!(script(html), level, "{html}");
    }
    for wrapped in [
        format!("<!-- {SNIPPET} -->"),
        format!("<noscript>{SNIPPET}</noscript>"),
        format!("<textarea>{SNIPPET}</textarea>"),
        format!("<script>const x = `{}`;</script>", SNIPPET.replace("</script>", "")),
    ] {
        assert_eq!(script(&wrapped), Level::Unsure, "{wrapped}");
    }
}

#[test]
fn origins_are_judged_as_browsers_judge_them() {
    for (url, level) in [
        ("https://shop.com/a?b", Level::Fine),
        ("https://www.shop.com/", Level::Fault),
        ("http://shop.com/", Level::Fault),
        ("https://shop.com:8443/", Level::Fault),
        ("https://a.shop.org/", Level::Fine),
        ("https://shop.org/", Level::Fault),
        ("https://evilshop.org/", Level::Fault),
    ] {
        assert_eq!(levels(url, SNIPPET, "")[1], level, "{url}");
    }
}

#[test]
fn a_site_is_named_by_the_page_around_the_chat() {
    for (referer, found) in [
        ("https://shop.com/cart?x=1#y", Some("https://shop.com")),
        ("http://localhost:3000/", Some("http://localhost:3000")),
        ("https://xn--bcher-kva.example/", Some("https://xn--bcher-kva.example")),
        ("https://b\u{FC}cher.example/", None),
        ("https://user:secret@shop.com/", Some("https://shop.com")),
        ("", None),
        ("/cart", None),
        ("about:blank", None),
        ("android-app://com.shop/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://[::1]/", None),
        ("https://shop_one.com/", None),
    ] {
        assert_eq!(super::site(referer).as_deref(), found, "{referer}");
    }
    assert_eq!(super::site(&format!("https://{}.com/", "a.".repeat(200))), None);
    assert!(super::allows(&["https://*.shop.org".into()], "https://a.shop.org"));
    assert!(!super::allows(&["https://*.shop.org".into()], "https://evilshop.org"));
    assert!(!super::allows(&[], "https://shop.org") && !super::allows(&["https://shop.org".into()], "nonsense"));
}

#[test]
fn a_policy_lets_the_chat_load_or_not() {
    for (text, level) in [
        ("", Level::Fine),
        ("img-src 'self'", Level::Fine),
        ("script-src https://chat.example.com; frame-src https://chat.example.com", Level::Fine),
        ("default-src https:", Level::Fine),
        ("default-src *", Level::Fine),
        ("script-src *.example.com; frame-src chat.example.com:443", Level::Fine),
        ("script-src https://chat.example.com/embed.js; frame-src https://chat.example.com/frame/", Level::Fine),
        ("default-src 'self'", Level::Fault),
        ("script-src 'none'", Level::Fault),
        ("script-src https://chat.example.com; frame-src 'self'", Level::Fault),
        ("script-src https://chat.example.com; child-src 'none'", Level::Fault),
        ("script-src https://chat.example.com; default-src 'self'", Level::Fault),
        ("script-src 'self' 'unsafe-inline'", Level::Fault),
        ("script-src https://chat.example.com:8443", Level::Fault),
        ("script-src https://chat.example.com/other.js", Level::Fault),
        ("script-src *.chat.example.com", Level::Fault),
        ("script-src https://chat.example.com, script-src 'self'", Level::Fault),
        ("sandbox allow-same-origin", Level::Fault),
        ("script-src-elem 'self'; script-src *", Level::Fault),
        ("script-src 'nonce-abc' 'strict-dynamic' https:", Level::Unsure),
    ] {
        assert_eq!(policy(text), level, "{text}");
    }
    let meta = format!("<meta http-equiv=Content-Security-Policy content=\"script-src &#39;self&#39;\">{SNIPPET}");
    assert_eq!(levels("https://shop.com/", &meta, "")[2], Level::Fault);
    let nonce = SNIPPET.replace("async", "async nonce=abc");
    assert_eq!(levels("https://shop.com/", &nonce, "script-src 'nonce-abc' 'strict-dynamic'")[2], Level::Fine);
}

#[test]
fn a_page_made_to_be_slow_is_read_in_one_go() {
    for part in ["<", "<a ", "<!--", "<script>", "</", "<a b='", "<a =", "é<é", "<x a=\"", "<noscript></"] {
        let page = part.repeat(super::MAX_PAGE_BYTES / part.len());
        assert!(html::tags(&page).len() < super::MAX_PAGE_BYTES);
    }
}
