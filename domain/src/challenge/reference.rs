//! The reference word on the login card and in the mail: it tells a person which of several mails is meant.
//!
//! It is no secret and proves nothing: 4,096 pairs, shown to whoever sees the card.

use rand::{CryptoRng, RngCore};

/// Draws two short English words, a plain colour or quality and a creature or thing: `amber-otter`.
pub fn draw<R: RngCore + CryptoRng + ?Sized>(rng: &mut R) -> String {
    let mut bytes = [0; 2];
    rng.fill_bytes(&mut bytes);
    let [first, second] = bytes;
    format!("{}-{}", pick(&FIRST, first), pick(&SECOND, second))
}

/// 256 is a multiple of 64, so the low six bits pick evenly.
fn pick(words: &'static [&'static str; 64], byte: u8) -> &'static str {
    words.get(usize::from(byte % 64)).copied().unwrap_or_default()
}

// Both lists are chosen so that no pair says anything about people, bodies, politics or faith.
const FIRST: [&str; 64] = [
    "amber", "azure", "beige", "blue", "brave", "bright", "bronze", "calm", "cedar", "clear", "clever", "copper",
    "coral", "cosy", "crisp", "early", "easy", "fair", "fresh", "gentle", "glad", "golden", "green", "happy", "hazel",
    "honey", "indigo", "ivory", "jade", "jolly", "keen", "kind", "lemon", "light", "lilac", "lively", "lucky", "maple",
    "mellow", "merry", "mild", "mint", "neat", "nimble", "noble", "olive", "opal", "pearl", "polite", "proud", "quick",
    "quiet", "rapid", "ruby", "silver", "smart", "snowy", "steady", "sunny", "swift", "teal", "tidy", "velvet", "warm",
];
const SECOND: [&str; 64] = [
    "acorn",
    "anchor",
    "apple",
    "badger",
    "balloon",
    "bamboo",
    "basket",
    "beacon",
    "birch",
    "bridge",
    "brook",
    "canoe",
    "castle",
    "cherry",
    "clover",
    "comet",
    "compass",
    "daisy",
    "dolphin",
    "eagle",
    "falcon",
    "feather",
    "fern",
    "forest",
    "fox",
    "garden",
    "harbor",
    "heron",
    "island",
    "kettle",
    "kite",
    "koala",
    "ladder",
    "lantern",
    "lark",
    "lighthouse",
    "lotus",
    "meadow",
    "melon",
    "moon",
    "orchard",
    "otter",
    "owl",
    "panda",
    "pebble",
    "pelican",
    "penguin",
    "pine",
    "planet",
    "puffin",
    "rabbit",
    "river",
    "robin",
    "rocket",
    "sail",
    "seal",
    "sparrow",
    "spruce",
    "star",
    "teapot",
    "tulip",
    "turtle",
    "valley",
    "willow",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::{FIRST, SECOND, draw};

    #[test]
    fn words_are_short_plain_and_all_different() {
        let words: BTreeSet<&str> = FIRST.iter().chain(&SECOND).copied().collect();
        assert_eq!(words.len(), 128);
        assert!(
            words.iter().all(|word| (3..=10).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase()))
        );
    }

    #[test]
    fn a_reference_is_two_words() {
        let mut rng = StdRng::seed_from_u64(1);
        let drawn: BTreeSet<String> = (0..2000).map(|_| draw(&mut rng)).collect();
        assert!(drawn.len() > 1300, "{}", drawn.len());
        for reference in drawn {
            let (first, second) = reference.split_once('-').unwrap();
            assert!(FIRST.contains(&first) && SECOND.contains(&second));
        }
    }
}
