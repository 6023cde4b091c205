use proptest::prelude::{prop_assert, proptest};

use super::PhoneNumber;

fn parse(text: &str, countries: &[&str]) -> Option<String> {
    let countries: Vec<String> = countries.iter().map(|country| (*country).to_owned()).collect();
    PhoneNumber::parse(text, &countries).ok().map(|number| number.as_str().to_owned())
}

#[test]
fn a_number_is_read_however_it_is_spelled() {
    for (text, country) in [
        ("+1 415 555 2671", "US"),
        ("+14155552671", "US"),
        ("(415) 555-2671", "US"),
        ("415.555.2671", "US"),
        ("415-555-2671", "US"),
        ("1 415 555 2671", "US"),
        ("1-415-555-2671", "US"),
        (" 4155552671 ", "US"),
        ("415\u{a0}555\u{202f}2671", "US"),
        ("415\u{2013}555\u{2011}2671", "US"),
        ("415−555−2671", "US"),
        ("\u{ff0b}\u{ff11}\u{ff14}\u{ff11}\u{ff15}\u{ff15}\u{ff15}\u{ff15}\u{ff12}\u{ff16}\u{ff17}\u{ff11}", "US"),
        ("４１５５５５２６７１", "US"),
        ("\u{202a}+1 415 555 2671\u{202c}", "US"),
        ("\u{200e}+1 415 555 2671\u{200e}", "US"),
        ("\u{200f}+1 415 555 2671", "US"),
        ("\u{2066}+14155552671\u{2069}", "US"),
        ("\u{feff}+14155552671", "US"),
        ("+1415\u{200b}5552671", "US"),
        ("+1415\u{ad}5552671", "US"),
        ("+١٤١٥٥٥٥٢٦٧١", "US"),
        ("+१४१५५५५२६७१", "US"),
        ("011 1 415 555 2671", "US"),
        ("+1 (415) 555-2671", "DE"),
        ("001 415 555 2671", "DE"),
    ] {
        let countries = if country == "US" { vec!["US"] } else { vec![country, "US"] };
        assert_eq!(parse(text, &countries).as_deref(), Some("+14155552671"), "{text:?}");
    }
    for (text, countries, expected) in [
        ("01512 3456789", &["DE"] as &[&str], "+4915123456789"),
        ("+49 (0) 1512 3456789", &["DE"], "+4915123456789"),
        ("0049 1512/3456789", &["DE"], "+4915123456789"),
        ("07400 123456", &["GB"], "+447400123456"),
        ("+44 7400 123456", &["US", "gb"], "+447400123456"),
        ("06 12 34 56 78", &["FR"], "+33612345678"),
        ("0412 345 678", &["AU"], "+61412345678"),
        ("+55 11 96123-4567", &["BR"], "+5511961234567"),
        ("312 345 6789", &["IT"], "+393123456789"),
        ("+91 81234 56789", &["IN"], "+918123456789"),
        ("050 123 4567", &["AE"], "+971501234567"),
        ("090-1234-5678", &["JP"], "+819012345678"),
        ("+52 222 123 4567", &["MX"], "+522221234567"),
        ("8 (912) 345-67-89", &["RU"], "+79123456789"),
    ] {
        assert_eq!(parse(text, countries).as_deref(), Some(expected), "{text:?}");
    }
}

#[test]
fn what_is_not_exactly_one_number_is_refused() {
    for text in [
        "",
        " ",
        "+",
        "++14155552671",
        "+1+4155552671",
        "+1415555267",
        "+141555526711",
        "415555267",
        "1234567",
        "911",
        "112",
        "+14155552671,+14155552672",
        "+14155552671;+14155552672",
        "+14155552671 +14155552672",
        "+14155552671 14155552672",
        "4155552671/4155552672",
        "4155552671 or 4155552672",
        "[\"+14155552671\"]",
        "[+14155552671]",
        "{\"to\":\"+14155552671\"}",
        "+14155552671\r\n+14155552672",
        "+14155552671\n",
        "+14155552671\r\nBcc: x",
        "+14155552671\t",
        "+14155552671\0",
        "+1415\u{0}5552671",
        "+14155552671;ext=5",
        "+14155552671 x5",
        "+14155552671 ext. 5",
        "+14155552671#5",
        "+14155552671,,5",
        "tel:+14155552671",
        "tel:+1-415-555-2671;phone-context=x",
        "sms:+14155552671",
        "whatsapp:+14155552671",
        "1-800-FLOWERS",
        "415-555-CODE",
        "+1415555267O",
        "+1415555267l",
        "Ann +14155552671",
        "+14155552671 (Ann)",
        "<+14155552671>",
        "+14155552671 <+14155552672>",
        "0x14155552671",
        "1.4155552671e10",
        "+14155552671&To=+14155552672",
        "+14155552671%0a",
        "null",
        "true",
        "①④①⑤⑤⑤⑤②⑥⑦½",
        "+99914155552671",
        "+0014155552671",
        "+999999999999999",
        "*31#4155552671",
    ] {
        assert_eq!(parse(text, &["US", "CA"]), None, "{text:?}");
    }
    assert_eq!(parse(&"4155552671 ".repeat(100), &["US"]), None);
    assert_eq!(parse(&" ".repeat(10_000), &["US"]), None);
}

#[test]
fn what_costs_extra_or_takes_no_messages_is_refused() {
    for (text, country, what) in [
        ("+1 900 234 5678", "US", "premium"),
        ("+1 800 234 5678", "US", "toll free"),
        ("+1 888 234 5678", "US", "toll free"),
        ("+44 909 879 0000", "GB", "premium"),
        ("+44 871 234 5678", "GB", "premium or shared cost"),
        ("+44 800 123 4567", "GB", "toll free"),
        ("+44 20 7946 0018", "GB", "fixed"),
        ("+44 70 1234 5678", "GB", "personal"),
        ("+44 76 1234 5678", "GB", "pager"),
        ("+44 56 1234 5678", "GB", "VoIP"),
        ("+49 900 1 234567", "DE", "premium"),
        ("+49 180 2 123456", "DE", "shared cost"),
        ("+49 30 901820", "DE", "fixed"),
        ("+33 8 99 12 34 56", "FR", "premium"),
        ("+33 1 42 68 53 00", "FR", "fixed"),
        ("+39 899 123 456", "IT", "premium"),
        ("+34 803 123 456", "ES", "premium"),
        ("+61 190 012 3456", "AU", "premium"),
        ("+81 50 1234 5678", "JP", "VoIP"),
        ("+7 809 123 45 67", "RU", "premium"),
        ("+800 1234 5678", "US", "universal toll free"),
        ("+979 123 456 789", "US", "universal premium"),
        ("+882 16 1234 5678", "US", "satellite"),
        ("+881 6 1234 5678", "US", "satellite"),
    ] {
        assert_eq!(parse(text, &[country]), None, "{text} is {what}");
    }
}

#[test]
fn only_countries_that_are_served_are_taken() {
    for (text, countries) in [
        ("+4915123456789", &["US"] as &[&str]),
        ("+447911123456", &["US", "DE"]),
        // The same calling code, other countries: Jamaica, Canada, the Dominican Republic; Jersey; Kazakhstan.
        ("+1 876 210 1234", &["US"]),
        ("+1 506 234 5678", &["US"]),
        ("+1 809 234 5678", &["US"]),
        ("+44 7797 712345", &["GB"]),
        ("+7 771 000 9998", &["RU"]),
        ("+14155552671", &[]),
        ("+14155552671", &["USA"]),
        ("+14155552671", &["1"]),
        ("+14155552671", &["ZZ"]),
    ] {
        assert_eq!(parse(text, countries), None, "{text} for {countries:?}");
    }
    assert_eq!(parse("+1 506 234 5678", &["US", "CA"]).as_deref(), Some("+15062345678"));
}

#[test]
fn a_number_knows_its_calling_code_and_its_prefix() {
    for (text, code, prefix) in [
        ("+14155552671", "1", "+1415555"),
        ("+4915123456789", "49", "+491512345"),
        ("+447911123456", "44", "+44791112"),
        ("+971501234567", "971", "+97150123"),
        ("+9991234567", "", "+999123"),
    ] {
        let number = PhoneNumber::from_e164(text).unwrap();
        assert_eq!((number.dial_code().as_str(), number.prefix()), (code, prefix));
    }
}

#[test]
fn a_number_shows_in_no_log() {
    let number = PhoneNumber::from_e164("+14155552671").unwrap();
    assert_eq!(format!("{number:?}"), "PhoneNumber(…)");
    assert_eq!(number.masked(), "•••2671");
}

proptest! {
    #[test]
    fn whatever_is_typed_gives_one_number_or_none(text in "\\PC{0,40}") {
        let countries = ["US", "DE", "IN", "BR"].map(str::to_owned);
        if let Ok(number) = PhoneNumber::parse(&text, &countries) {
            prop_assert!(PhoneNumber::from_e164(number.as_str()).is_ok());
        }
    }

    #[test]
    fn digits_never_break_the_reader_and_a_number_reads_as_itself(text in "[+]?[0-9 ()-]{0,24}") {
        let countries = ["US", "DE", "IN", "BR", "IT", "AR"].map(str::to_owned);
        if let Ok(number) = PhoneNumber::parse(&text, &countries) {
            prop_assert!(PhoneNumber::parse(number.as_str(), &countries).is_ok_and(|again| again == number));
        }
    }
}
