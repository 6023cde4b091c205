use std::time::Instant;

use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use super::{Expression, ExpressionFault, Scope};

fn scope() -> Scope {
    let response = json!({
        "success": true,
        "message": "Signed in",
        "data": { "user_id": "u_1", "number": 42, "ratio": 0.5, "big": 18_446_744_073_709_551_615_u64, "none": null },
        "items": [{ "title": "Trail shoe", "price": 129, "tags": ["new"] }, { "title": "Rain jacket", "price": 89, "tags": [] }],
        "status_code": 999, "response": "shadow", "a.b": "dotted", "ü": 1, "data.user_id": "u_dotted", "size": 7,
    });
    Scope::new(200, &response)
}

fn gives(text: &str) -> Result<Value, ExpressionFault> {
    Expression::compile(text)?.value(&scope())
}

#[test]
fn conditions_and_mappings_read_as_their_writers_mean_them() {
    for (text, value) in [
        ("response.success == true && status_code == 200", json!(true)),
        ("success && status_code >= 200 && status_code < 300", json!(true)),
        ("data.user_id", json!("u_1")),
        ("response.data.user_id", json!("u_1")),
        ("response[\"data\"][\"user_id\"]", json!("u_1")),
        ("data.number", json!(42)),
        ("data.number + 1", json!(43)),
        ("data.number == 42.0", json!(true)),
        ("data.ratio", json!(0.5)),
        ("data.big", json!(18_446_744_073_709_551_615_u64)),
        ("data.none", json!(null)),
        ("has(data.token) ? data.token : \"\"", json!("")),
        ("has(response.data.user_id)", json!(true)),
        ("\"user_id\" in data", json!(true)),
        ("items.map(i, i.title)", json!(["Trail shoe", "Rain jacket"])),
        ("response.items.filter(i, i.price < 100).map(i, i.title)", json!(["Rain jacket"])),
        (
            "items.filter(i, i.tags.exists(t, t == \"new\")).map(i, {\"name\": i.title, \"cents\": i.price * 100})",
            json!([{ "name": "Trail shoe", "cents": 12900 }]),
        ),
        ("items.exists_one(i, i.price == 89)", json!(true)),
        ("items.all(i, i.price > 0)", json!(true)),
        ("items[0].title + \" (\" + string(items[0].price) + \")\"", json!("Trail shoe (129)")),
        ("size(items)", json!(2)),
        ("message.startsWith(\"Signed\") && message.contains(\"in\")", json!(true)),
        ("[message, data.user_id]", json!(["Signed in", "u_1"])),
        ("int(\"42\") == 42 && double(data.number) == 42.0", json!(true)),
    ] {
        assert_eq!(gives(text), Ok(value), "{text}");
    }
}

#[test]
fn an_answer_cannot_shadow_what_the_expression_means() {
    assert_eq!(gives("status_code"), Ok(json!(200)));
    assert_eq!(gives("response.status_code"), Ok(json!(999)));
    assert_eq!(gives("response.response"), Ok(json!("shadow")));
    assert_eq!(gives("data.user_id"), Ok(json!("u_1")), "a key with a dot is no path");
    assert_eq!(gives("a.b"), Err(ExpressionFault::NoValue));
    assert_eq!(gives("size(items)"), Ok(json!(2)), "a key is no function");
}

#[test]
fn only_a_real_boolean_is_a_condition() {
    for (text, truth) in [
        ("true", Ok(true)),
        ("success", Ok(true)),
        ("!success", Ok(false)),
        ("1", Err(ExpressionFault::NotACondition)),
        ("\"true\"", Err(ExpressionFault::NotACondition)),
        ("data", Err(ExpressionFault::NotACondition)),
        ("data.none", Err(ExpressionFault::NotACondition)),
        ("missing", Err(ExpressionFault::NoValue)),
        ("data.missing", Err(ExpressionFault::NoValue)),
        ("message == 1", Ok(false)),
        ("success && 1", Err(ExpressionFault::NoValue)),
    ] {
        assert_eq!(Expression::compile(text).unwrap().truth(&scope()), truth, "{text}");
    }
}

#[test]
fn what_gives_nothing_says_so_and_stops_nothing() {
    for text in [
        "1 / 0",
        "1 % 0",
        "9223372036854775807 + 1",
        "-9223372036854775807 - 2",
        "9223372036854775807 * 2",
        "int(1e300)",
        "int(\"x\")",
        "uint(-1)",
        "items[5]",
        "items[-1]",
        "items[\"0\"]",
        "data.none.x",
        "message.x",
        "message + 1",
        "double(\"NaN\")",
        "1.0 / 0.0",
        "{\"a\": 1, \"a\": 2}",
        "items.map(i, i.missing)",
        "message.map(c, c)",
        "size(1)",
        "undeclared(1)",
        "string(data)",
    ] {
        assert!(gives(text).is_err(), "{text}: {:?}", gives(text));
    }
}

#[test]
fn what_is_not_offered_does_not_compile() {
    for text in [
        "message.matches(\"(a+)+$\")",
        "matches(message, \"a\")",
        "optional.of(1)",
        "data.?user_id",
        "timestamp(\"2026-11-21T00:00:00Z\")",
        "duration(\"1s\")",
        "google.protobuf.Duration{seconds: 1}",
        "dyn(1)",
        "type(1)",
        "items.map(i, response)",
        "items.map(i, items.map(j, 1))",
        "items.map(i, i.tags.map(t, i))",
        "items.map(i, i.tags.map(t, t.map(u, u)))",
        "items.map(i, i).map(i, i).map(i, i).map(i, i)",
        "items.map(i, [i, i, i, i, i, i, i, i, i, i, i, i])",
        "items.map(i, i.title + i.title + i.title + i.title + i.title + i.title + i.title + i.title + i.title + i.title)",
        "[message+message+message+message+message+message+message+message+message+message+message+message+message,\
          message+message+message+message+message+message+message+message+message+message+message+message+message,\
          message+message+message+message+message+message+message+message]",
    ] {
        assert!(
            matches!(
                Expression::compile(text),
                Err(ExpressionFault::NotOffered(_) | ExpressionFault::Unreadable { .. })
            ),
            "{text}"
        );
    }
}

#[test]
fn what_is_not_the_language_does_not_compile() {
    let long = format!("\"{}\"", "x".repeat(499));
    let deep = format!("{}1{}", "(".repeat(17), ")".repeat(17));
    let list = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let (not, minus) = (format!("{}true", "!".repeat(490)), format!("{}1", "-".repeat(490)));
    let (select, index) = (format!("a{}", ".a".repeat(249)), format!("a{}", "[0]".repeat(150)));
    let ternary = format!("{}1", "a?b:".repeat(120));
    let unclosed = "(".repeat(500);
    for text in [
        "",
        " ",
        "\n",
        "a b",
        "a ==",
        "== a",
        "a = b",
        "{{context.token}}",
        "<order>",
        "a &&& b",
        "a | b",
        "\"",
        "'",
        "\"\\",
        "\0",
        "\u{feff}a",
        "1e",
        "0x",
        "a.",
        ".",
        "..",
        "?",
        "a ? b",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "a[",
        "`a`",
        "a.`b`",
        "ö",
        "a;b",
        "//",
        "/* */",
        "r\"",
        "b'",
        "\"\\u12\"",
        "\"\\xZZ\"",
        "99999999999999999999",
        "-9223372036854775809",
        "18446744073709551616u",
        "if",
        "as",
        "💥",
        "has()",
        "has(a)",
        "a.map()",
        "a.map(1, 2)",
        "a.map(b.c, 1)",
        "a.exists(x)",
        "a{b: 1}",
        &long,
        &deep,
        &list,
        &not,
        &minus,
        &select,
        &index,
        &ternary,
        &unclosed,
    ] {
        let short: String = text.chars().take(40).collect();
        assert!(Expression::compile(text).is_err() || text.starts_with(['!', '-']), "{short}");
    }
    assert!(Expression::compile(&format!("\"{}\"", "x".repeat(498))).is_ok());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what is tested is how long it takes")]
fn a_large_answer_costs_little() {
    let numbers = json!({ "a": vec![1; 128_000] });
    let texts = json!({ "a": vec!["x".repeat(1000); 250] });
    let nested = json!({ "a": vec![json!({ "b": vec![1; 300] }); 400] });
    let started = Instant::now();
    for response in [&numbers, &texts, &nested] {
        let scope = Scope::new(200, response);
        for text in [
            "a.map(x, x)",
            "a.filter(x, x == 2)",
            "a.all(x, x == x)",
            "a.exists(x, x == 2)",
            "a.exists_one(x, x == 2)",
            "a.map(x, [x, x]).map(x, [x, x]).map(x, [x, x])",
            "a.map(x, x + x).map(x, x + x).map(x, x + x)",
            "a.map(x, x.b.map(y, y))",
            "a == a && response == response",
            "1 in a",
            "[a, a, a, a, a, a, a, a]",
        ] {
            let value = Expression::compile(text).unwrap().value(&scope);
            assert!(value.is_err() || value.unwrap().to_string().len() < 2 * super::MAX_RESULT_BYTES);
        }
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn a_large_result_is_refused() {
    let scope = Scope::new(200, &json!({ "a": "x".repeat(40_000) }));
    assert!(Expression::compile("a").unwrap().value(&scope).is_ok());
    assert_eq!(Expression::compile("[a, a]").unwrap().value(&scope), Err(ExpressionFault::TooLarge));
    assert_eq!(Expression::compile("a + a").unwrap().value(&scope), Err(ExpressionFault::TooLarge));
}

/// Pieces of the language, put together at random: nearer to its corners than random text.
fn pieces() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "data",
        "response",
        "items",
        "status_code",
        "x",
        "1",
        "-1",
        "9223372036854775807",
        "1.5",
        "1e308",
        "1u",
        "\"s\"",
        "'q'",
        "true",
        "null",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ".",
        ",",
        ":",
        "?",
        "+",
        "-",
        "*",
        "/",
        "%",
        "!",
        "==",
        "!=",
        "<",
        ">",
        "<=",
        ">=",
        "&&",
        "||",
        " in ",
        ".map(x, ",
        ".filter(x, ",
        ".all(x, ",
        ".exists(x, ",
        "has(",
        "size(",
        "string(",
        "int(",
        "double(",
        "uint(",
        ".contains(",
        "\\",
        "\"",
        "r\"",
        "b\"",
        "\"\"\"",
        "\n",
        "//",
        ".user_id",
        ".title",
        "[0]",
        "=",
        "&",
        "`",
        "\u{0}",
        "é",
        "0x",
        "e",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// As deep as is let in, and one deeper: on the megabyte of stack that a Worker has, in this build, whose frames are larger.
#[test]
fn the_deepest_that_is_let_in_is_evaluated_on_a_workers_stack() {
    for (first, next, last) in [
        ("true[0]", "%true[0]", ""),
        ("1", "-1", ""),
        ("1", "<=\"s\"-1", ""),
        ("response", ".data", ""),
        ("response", "[0]", ""),
        ("", "!", "true"),
        ("", "-", "status_code"),
        ("1", "==1", ""),
        ("1", "*1", ""),
        ("true", "&&true", ""),
        ("true", "||false", ""),
        ("", "true?1:", "2"),
        ("", "size(", "response"),
        ("response", ".contains(1)", ""),
    ] {
        let evaluate = move || {
            let mut deepest = 0;
            for times in 1..400 {
                let mut text = format!("{first}{}{last}", next.repeat(times));
                text.push_str(&")".repeat(text.matches("size(").count()));
                if let Ok(expression) = Expression::compile(&text) {
                    let _ = expression.value(&scope());
                    deepest = times;
                }
            }
            deepest
        };
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(evaluate).unwrap();
        assert!(thread.join().unwrap() >= 5, "{first}{next}{last}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_at_all_brings_it_down(text in any::<String>()) {
        if let Ok(expression) = Expression::compile(&text) {
            let _ = expression.value(&scope());
        }
    }

    #[test]
    fn no_pieces_of_the_language_bring_it_down(text in pieces()) {
        if let Ok(value) = Expression::compile(&text).and_then(|expression| expression.value(&scope())) {
            prop_assert!(value.to_string().len() <= 4 * super::MAX_RESULT_BYTES);
        }
    }

    #[test]
    fn no_repeated_piece_brings_it_down(piece in pieces(), times in 1_usize..200) {
        let text: String = piece.repeat(times).chars().take(500).collect();
        if let Ok(expression) = Expression::compile(&text) {
            let _ = expression.value(&scope());
        }
    }
}
