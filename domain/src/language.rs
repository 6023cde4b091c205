//! Which language somebody is shown: what a browser says it reads, matched with what there is (E7).
//!
//! Tags are those of BCP 47 (RFC 5646), the match is the lookup of RFC 4647, section 3.4.

use core::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// The most ranges that are looked at.
const MOST: usize = 10;

/// The most entries of a header that are read.
const MOST_READ: usize = 50;

/// The longest range that is taken, characters: the longest tag without extensions (RFC 5646, section 4.4.1).
const LONGEST: usize = 35;

/// The languages that somebody reads, as ranges (RFC 4647), the best one first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ranges(Vec<String>);

impl Ranges {
    /// Reads `Accept-Language` (RFC 9110, section 12.5.4). What cannot be read is as if it had not been sent; so are `*`, which
    /// says nothing of what is preferred, and what has a weight of 0.
    pub fn read(header: &str) -> Self {
        let mut found: Vec<(u16, String)> = header.split(',').take(MOST_READ).filter_map(weighted).collect();
        // Stable: of one weight the first named comes first.
        found.sort_by_key(|(weight, _)| core::cmp::Reverse(*weight));
        Self(found.into_iter().take(MOST).map(|(_, range)| range).collect())
    }

    /// The tag that fits best, if one does: each range is tried, then made shorter from its end (`de-AT` finds `de`), before the
    /// next one. A range also finds a tag that says more than it does (`pt` finds `pt-BR`), where none says the same.
    pub fn choose<'a>(&self, tags: &(impl Iterator<Item = &'a str> + Clone)) -> Option<&'a str> {
        self.0.iter().find_map(|range| {
            let mut shorter = Some(range.as_str());
            while let Some(range) = shorter {
                if let Some(tag) = tags.clone().find(|tag| tag.eq_ignore_ascii_case(range)) {
                    return Some(tag);
                }
                shorter = shortened(range);
            }
            let says_more = |tag: &&str| {
                let begin = tag.get(..range.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(range));
                begin && tag.get(range.len()..).is_some_and(|rest| rest.starts_with('-'))
            };
            tags.clone().find(says_more)
        })
    }
}

/// Without its last part, and without a single letter that would then stand at its end.
fn shortened(range: &str) -> Option<&str> {
    let (mut rest, _) = range.rsplit_once('-')?;
    while let Some((before, last)) = rest.rsplit_once('-')
        && last.len() == 1
    {
        rest = before;
    }
    Some(rest)
}

/// One entry of the header, with its weight in thousandths.
fn weighted(entry: &str) -> Option<(u16, String)> {
    let (range, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
    let range = range.trim();
    let is_range = range.len() <= LONGEST
        && range.split('-').enumerate().all(|(at, part)| {
            (1..=8).contains(&part.len())
                && part.bytes().all(|b| if at == 0 { b.is_ascii_alphabetic() } else { b.is_ascii_alphanumeric() })
        });
    let weight = thousandths(weight.trim().strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('=')?.trim())?;
    (is_range && weight > 0).then(|| (weight, range.to_ascii_lowercase()))
}

/// `0.8` as 800: 0 to 1, at most three digits after the point (RFC 9110, section 12.4.2).
fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = format!("{digits:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1_000),
        _ => None,
    }
}

/// A tag as it is written: `de`, `pt-BR`, `zh-Hant-TW`. None where it is none: language, script, region and variants are taken,
/// extensions and private use are not.
pub fn canonical(tag: &str) -> Option<String> {
    let letters = |part: &str, count: core::ops::RangeInclusive<usize>| {
        count.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic())
    };
    let is_variant = |part: &str| {
        let least = if part.starts_with(|c: char| c.is_ascii_digit()) { 4 } else { 5 };
        (least..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let lower = tag.to_ascii_lowercase();
    let mut parts = lower.split('-').peekable();
    let mut text = parts.next().filter(|part| letters(part, 2..=3))?.to_owned();
    if let Some(script) = parts.next_if(|part| letters(part, 4..=4)) {
        let (first, rest) = script.split_at(1);
        let _ = write!(text, "-{}{rest}", first.to_ascii_uppercase());
    }
    let is_region = |part: &&str| letters(part, 2..=2) || (part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()));
    if let Some(region) = parts.next_if(is_region) {
        let _ = write!(text, "-{}", region.to_ascii_uppercase());
    }
    for part in parts {
        if !is_variant(part) {
            return None;
        }
        text.push('-');
        text.push_str(part);
    }
    (text.len() <= LONGEST).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen<'a>(header: &str, tags: &[&'a str]) -> Option<&'a str> {
        Ranges::read(header).choose(&tags.iter().copied())
    }

    #[test]
    fn the_best_language_that_there_is_comes_first() {
        let tags = ["en", "de", "pt-BR", "zh-Hant", "zh"];
        for (header, tag) in [
            ("de", "de"),
            ("DE-at", "de"),
            ("de-CH-1996, en", "de"),
            ("fr, de;q=0.5, en;q=0.7", "en"),
            ("en;q=0.5,de", "de"),
            ("en , de", "en"),
            ("de ; q=0.9 , en ; q=0.8", "de"),
            ("pt", "pt-BR"),
            ("pt-PT, pt;q=0.9, en;q=0.8", "pt-BR"),
            ("pt-BR,pt", "pt-BR"),
            ("zh-Hant-TW", "zh-Hant"),
            ("zh-CN", "zh"),
            ("de-x-strange", "de"),
            ("de-a-b-c", "de"),
            ("*;q=0.1, de;q=0.001", "de"),
            ("fr;q=1.000, de;Q=0.1", "de"),
        ] {
            assert_eq!(chosen(header, &tags), Some(tag), "{header}");
        }
    }

    #[test]
    fn what_does_not_fit_or_cannot_be_read_chooses_nothing() {
        let long = "de,".repeat(60) + "en";
        let letters = "d".repeat(10_000);
        for header in [
            "",
            " ",
            ",,,;;;",
            "*",
            "fr",
            "d",
            "de;q=0",
            "de;q=0.000",
            "de;q=2",
            "de;q=-1",
            "de;q=0.1234",
            "de;q=",
            "de;x=1",
            "de;q=0.5;q=1",
            "de_AT",
            "-de",
            "de-",
            "de--AT",
            "düsseldorf",
            "de\u{0}",
            "1de",
            "de-toolongapart",
            &letters,
        ] {
            assert_eq!(chosen(header, &["de", "en"]), None, "{header:.40}");
        }
        assert_eq!(chosen(&long, &["en"]), None);
        assert_eq!(chosen("pt", &["ptx-BR", "p"]), None);
        assert_eq!(chosen("de", &[]), None);
    }

    #[test]
    fn a_tag_has_one_way_to_be_written() {
        for (given, written) in [
            ("de", "de"),
            ("DE", "de"),
            ("de-at", "de-AT"),
            ("ZH-hANT-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("de-CH-1996", "de-CH-1996"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("fil", "fil"),
        ] {
            assert_eq!(canonical(given).as_deref(), Some(written));
        }
        for wrong in [
            "",
            "d",
            "german",
            "de_AT",
            "de-",
            "-de",
            "de-A",
            "de-AT-DE",
            "x-klingon",
            "de-u-co-phonebk",
            "de-99",
            "dé",
            "de/at",
        ] {
            assert_eq!(canonical(wrong), None, "{wrong}");
        }
    }
}
