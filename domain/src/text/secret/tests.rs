use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::{MASK, mask};

fn pending(text: &str) -> (String, Option<String>) {
    let masked = mask(text, Some(6..=10));
    assert_eq!(masked.masked, masked.text != text);
    (masked.text, masked.code)
}

fn caught(text: &str, code: &str, left: &str) {
    assert_eq!(pending(text), (left.replace('*', MASK), Some(code.to_owned())), "{text:?}");
}

fn left_alone(text: &str) {
    assert_eq!(pending(text), (text.to_owned(), None), "{text:?}");
}

#[test]
fn a_code_is_taken_out_and_handed_over() {
    caught("482913", "482913", "*");
    caught("my code is 482913, thanks", "482913", "my code is *, thanks");
    caught("It's 482 913.", "482913", "It's *.");
    caught("482-913", "482913", "*");
    caught("4 8 2 9 1 3", "482913", "*");
    caught("482 – 913", "482913", "*");
    caught("code:482913", "482913", "code:*");
    caught("code-482913", "482913", "code-*");
    caught("(482913)", "482913", "(*)");
    caught("#482913", "482913", "#*");
    caught("1234567890", "1234567890", "*");
}

#[test]
fn a_code_is_taken_out_in_the_digits_of_other_keyboards() {
    caught("４８２９１３", "482913", "*");
    caught("コードは４８２ー９１３です", "482913", "コードは*です");
    caught("الرمز ٤٨٢٩١٣", "482913", "الرمز *");
    caught("4\u{FE0F}\u{20E3}8\u{FE0F}\u{20E3}2\u{FE0F}\u{20E3}9\u{FE0F}\u{20E3}1\u{FE0F}\u{20E3}3", "482913", "*");
    caught("482\u{200B}913 482\u{AD}913", "482913", "* *");
}

#[test]
fn of_several_codes_the_last_is_handed_over_and_all_are_masked() {
    caught("123456 no wait, 654321", "654321", "* no wait, *");
    caught("123456 654321", "654321", "* *");
    let exact = mask("I have 2 codes: 3 123456", Some(6..=6));
    assert_eq!((exact.text.as_str(), exact.code.as_deref()), ("I have 2 codes: 3 ••••••", Some("123456")));
}

#[test]
fn other_numbers_are_left_alone() {
    left_alone("Where is NW-1042?");
    left_alone("Where is NW-104233?");
    left_alone("Order AB123456 and 123456-C and SKU_123456");
    left_alone("call me on 0171 2345 6789");
    left_alone("+44 20 7946 0958");
    left_alone("+1 555 123 4567");
    left_alone("4242 4242 4242 4242");
    left_alone("12345678901");
    left_alone("on 2026-11-21 at 10:22");
    left_alone("since 21-11-2026");
    left_alone("I paid $123456 or 123,456.00 or 123456.78");
    left_alone("write to 123456@mail.example");
    left_alone("12345");
    left_alone("2 pairs, size 42, 30 days");
    left_alone("");
}

#[test]
fn nothing_but_passwords_is_masked_while_no_code_is_awaited() {
    let masked = mask("482913", None);
    assert_eq!((masked.text.as_str(), masked.code, masked.masked), ("482913", None, false));
}

#[test]
fn an_announced_password_is_always_taken_out() {
    for (text, left) in [
        ("password: hunter2", "password: *"),
        ("Password:hunter2 ok?", "Password:* ok?"),
        ("my password is hunter2", "my password is *"),
        ("My PASSWORD was: Hunter2! please", "My PASSWORD was: * please"),
        ("pwd=hunter2&x", "pwd=*"),
        ("password \"two words\" is no announcement", "password \"two words\" is no announcement"),
        ("password is \"two words\" ok", "password is * ok"),
        ("Mein Passwort ist geheim1", "Mein Passwort ist *"),
        ("mi contraseña es secreta1", "mi contraseña es *"),
        ("minha senha é secreta1", "minha senha é *"),
        ("mon mot de passe est secret1", "mon mot de passe est *"),
        ("kata sandi saya: rahasia1", "kata sandi saya: rahasia1"),
        ("kata sandi: rahasia1", "kata sandi: *"),
        ("パスワードはhimitsu1", "パスワードは*"),
        ("İ password: hunter2", "İ password: *"),
        ("password: one password: two", "password: * password: *"),
    ] {
        let masked = mask(text, None);
        assert_eq!(masked.text, left.replace('*', MASK), "{text:?}");
        assert_eq!(masked.code, None);
    }
}

#[test]
fn talk_about_passwords_is_left_alone() {
    for text in [
        "I forgot my password",
        "my password is not working",
        "My password is wrong.",
        "How do I reset my password?",
        "password",
        "password:",
        "the password policy is strict",
    ] {
        assert!(!mask(text, None).masked, "{text:?}");
    }
}

#[test]
fn a_password_of_digits_is_masked_once() {
    let masked = mask("password: 482913", Some(6..=6));
    assert_eq!((masked.text.as_str(), masked.code.as_deref()), ("password: ••••••", Some("482913")));
}

proptest! {
    #[test]
    fn a_code_between_any_words_is_gone(
        before in "([a-z]{1,8} ){0,4}",
        code in "[0-9]{6}",
        gap in "[ -]?",
        after in "([ ,.!] ?[a-z]{1,8}){0,4}",
    ) {
        let (head, tail) = code.split_at(3);
        let typed = format!("{head}{gap}{tail}");
        let masked = mask(&format!("{before}{typed}{after}"), Some(6..=6));
        prop_assert_eq!(masked.code, Some(code));
        prop_assert!(!masked.text.contains(&typed));
    }

    #[test]
    fn any_text_can_be_masked_and_masking_again_changes_nothing(text in "(\\PC|[0-9 -]|password: |is ){0,60}") {
        let once = mask(&text, Some(6..=10));
        prop_assert_eq!(once.masked, once.text != text);
        let none = mask(&text, None);
        prop_assert_eq!(none.code, None);
        prop_assert_eq!(mask(&none.text, None).text, none.text);
    }
}
