//! R52: the shapes of a login's answer.

use serde_json::json;

use super::action;
use crate::action::answer::{AnswerFault, LoginFault, Proved, prove, read};

fn attempt(status: u16, body: &str) -> Result<Proved, LoginFault> {
    let read = read(status, body.as_bytes()).map_err(|_| LoginFault::NotJson)?;
    prove(&action(&json!({})), &read, &["hunter2-long".to_owned()])
}

/// Answers that prove nobody: statuses and bodies.
fn closed() -> Vec<(u16, String)> {
    let good = r#"{"success":true,"data":{"user_id":"u1"}}"#;
    let mut shapes: Vec<(u16, String)> = Vec::new();
    // the status is another one
    for status in [
        0, 100, 199, 201, 204, 206, 300, 301, 302, 304, 307, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 504,
        599, 999,
    ] {
        shapes.push((status, good.to_owned()));
    }
    // the condition does not hold, or is not a condition
    for success in ["false", "\"true\"", "1", "0", "null", "[true]", "{}", "\"yes\"", "\"\""] {
        shapes.push((200, format!(r#"{{"success":{success},"data":{{"user_id":"u1"}}}}"#)));
    }
    // user_id is blank, nobody's, or no scalar
    for id in [
        "\"\"",
        "\" \"",
        "\"\\t\\n\"",
        "\"\\u00a0\"",
        "\"\\u200b\"",
        "\"\\u0000\"",
        "null",
        "true",
        "false",
        "[]",
        "[\"u1\"]",
        "{}",
        "{\"id\":\"u1\"}",
        "0",
        "-0.0",
        "1.5",
        "1e300",
        "123456789012345678901234567890",
        "9007199254740993.0",
        "\"null\"",
        "\"undefined\"",
        "\"NaN\"",
        "\"None\"",
        "\"[object Object]\"",
        "\"FALSE\"",
        "\" null \"",
        "\"0\"",
        "\"u\\n1\"",
        "\"hunter2-long\"",
        "\"id:hunter2-long\"",
        "[[]]",
    ] {
        shapes.push((200, format!(r#"{{"success":true,"data":{{"user_id":{id}}}}}"#)));
    }
    shapes.extend(closed_paths().chain(closed_texts()).map(|body| (200, body.to_owned())));
    // too large, too deep
    shapes.push((200, format!(r#"{{"success":true,"data":{{"user_id":"u1"}},"x":"{}"}}"#, "x".repeat(256 * 1024))));
    shapes.push((
        200,
        format!(r#"{{"success":true,"data":{{"user_id":"u1"}},"x":{}1{}}}"#, "[".repeat(40), "]".repeat(40)),
    ));
    shapes.push((200, format!(r#"{{"success":true,"data":{{"user_id":"u1"}},"x":{}"#, "[".repeat(10_000))));
    shapes.push((200, format!(r#"{{"success":true,"data":{{"user_id":"{}"}}}}"#, "u".repeat(300))));
    shapes.push((200, format!(r#"{{"success":true,"data":{{"user_id":"{}"}}}}"#, "u".repeat(5_000))));
    shapes
}

/// The path leads nowhere.
fn closed_paths() -> impl Iterator<Item = &'static str> {
    [
        r#"{"success":true}"#,
        r#"{"success":true,"data":null}"#,
        r#"{"success":true,"data":[]}"#,
        r#"{"success":true,"data":"u1"}"#,
        r#"{"success":true,"data":{}}"#,
        r#"{"success":true,"data":{"userId":"u1"}}"#,
        r#"{"success":true,"data":{"User_Id":"u1"}}"#,
        r#"{"success":true,"data":[{"user_id":"u1"}]}"#,
        r#"{"success":true,"data.user_id":"u1"}"#,
        r#"{"success":true,"user_id":"u1"}"#,
        r#"{"data":{"user_id":"u1"}}"#,
        r#"{"Success":true,"data":{"user_id":"u1"}}"#,
        r#"{"response":{"success":true},"data":{"user_id":"u1"}}"#,
        r#"{"status_code":200,"data":{"user_id":"u1"}}"#,
        r#"[{"success":true,"data":{"user_id":"u1"}}]"#,
    ]
    .into_iter()
}

/// Not JSON, or only nearly.
fn closed_texts() -> impl Iterator<Item = &'static str> {
    [
        "",
        " ",
        "null",
        "true",
        "\"ok\"",
        "200",
        "OK",
        "success=true&user_id=u1",
        "<html><body>Welcome u1</body></html>",
        "<success>true</success>",
        "{",
        "}",
        "{\"success\":true,",
        "{'success':true}",
        "{success:true}",
        "NaN",
        "undefined",
        "//\n{\"success\":true,\"data\":{\"user_id\":\"u1\"}}",
        ")]}',\n{\"success\":true,\"data\":{\"user_id\":\"u1\"}}",
        "callback({\"success\":true,\"data\":{\"user_id\":\"u1\"}})",
        "{\"success\":true,\"data\":{\"user_id\":\"u1\"}}{\"success\":true}",
        "{\"success\":true,\"data\":{\"user_id\":\"u1\"},}",
        "\u{0}",
        "data: {\"success\":true}",
    ]
    .into_iter()
}

#[test]
fn no_shape_of_an_answer_opens_a_login_that_it_does_not_prove() {
    let shapes = closed();
    assert!(shapes.len() >= 80, "{}", shapes.len());
    let open: Vec<_> = shapes.iter().filter(|(status, body)| attempt(*status, body).is_ok()).collect();
    assert!(open.is_empty(), "{open:?}");
    assert!(read(200, b"{\"success\":true,\"data\":{\"user_id\":\"\xff\"}}").is_ok_and(|read| !read.json), "not UTF-8");
}

#[test]
fn an_answer_that_proves_somebody_says_whom() {
    for (id, text) in [
        ("\"u1\"", "u1"),
        ("42", "42"),
        ("-7", "-7"),
        ("42.0", "42"),
        ("18446744073709551615", "18446744073709551615"),
        ("9007199254740993", "9007199254740993"),
        ("\"Ünï\"", "Ünï"),
        ("\" u1\"", " u1"),
        ("\"00042\"", "00042"),
        ("\"a b\"", "a b"),
    ] {
        let body = format!(r#"{{"success":true,"data":{{"user_id":{id},"token":"t","roles":["a","b"],"other":1}}}}"#);
        let proved = attempt(200, &body).unwrap();
        assert_eq!(proved.user_id, text);
        assert_eq!(json!(proved.remembered), json!({ "user_id": text, "token": "t", "roles": ["a", "b"] }));
        assert!(!format!("{proved:?}").contains(text) || text.len() < 3, "a proof stays out of logs: {proved:?}");
    }
    assert!(
        attempt(200, "\u{feff}{\"success\":true,\"data\":{\"user_id\":\"u1\"}}").is_ok(),
        "a byte order mark is no fault"
    );
}

#[test]
fn a_login_without_a_condition_still_needs_a_2xx_and_somebody() {
    let plain = action(&json!({ "success": "" }));
    let good = br#"{"data":{"user_id":"u1"}}"#;
    for (status, is_open) in [(200, true), (201, true), (299, true), (302, false), (401, false), (500, false)] {
        assert_eq!(prove(&plain, &read(status, good).unwrap(), &[]).is_ok(), is_open, "{status}");
    }
    assert_eq!(prove(&plain, &read(204, b"").unwrap(), &[]), Err(LoginFault::NoUserId));
    // A condition that means nothing, or asks for too little, opens nothing.
    for success in ["true", "1 == 1", "status_code >= 0"] {
        let lax = action(&json!({ "success": success }));
        assert_eq!(prove(&lax, &read(500, good).unwrap(), &[]), Err(LoginFault::Refused), "{success}");
        assert_eq!(prove(&lax, &read(200, b"<p>u1</p>").unwrap(), &[]), Err(LoginFault::NotJson), "{success}");
    }
    for success in ["data.user_id", "(", "missing", "1"] {
        let broken = action(&json!({ "success": success }));
        assert_eq!(prove(&broken, &read(200, good).unwrap(), &[]), Err(LoginFault::Refused), "{success}");
    }
}

#[test]
fn only_the_last_step_of_a_login_proves_anybody() {
    let good = read(200, br#"{"success":true,"data":{"user_id":"u1"}}"#).unwrap();
    let remembers = json!([{ "name": "user_id", "from": "data.user_id" }]);
    for kind in [
        json!({ "is": "public" }),
        json!({ "is": "private" }),
        json!({ "is": "refresh", "remembers": remembers }),
        json!({ "is": "login", "remembers": remembers, "next": "code" }),
    ] {
        assert_eq!(prove(&action(&json!({ "kind": kind })), &good, &[]), Err(LoginFault::NotALogin), "{kind}");
    }
}

#[test]
fn sizes_and_depths_end_where_they_are_said_to() {
    let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    assert!(read(200, text(256 * 1024).as_bytes()).is_ok());
    assert_eq!(read(200, text(256 * 1024 + 1).as_bytes()), Err(AnswerFault::TooLarge));
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert!(read(200, deep(32).as_bytes()).is_ok());
    for levels in [33, 127, 128, 129, 100_000] {
        assert_eq!(read(200, deep(levels).as_bytes()), Err(AnswerFault::TooDeep), "{levels}");
    }
}
