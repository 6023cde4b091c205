//! What the limits come to, in plain words, computed from the settings.

use shared::admin::odds;

use crate::editor::Editor;
use crate::parts::bound::TextAt;
use crate::parts::field::Kind;
use crate::parts::live::live;
use crate::parts::page::Section;
use crate::parts::status::Note;
use crate::prelude::*;

/// The section.
#[component]
pub fn Limits() -> impl IntoView {
    let editor = Editor::here();
    let digits = Memo::new(move || editor.text("/customer_auth/code_digits").parse::<u8>().unwrap_or(6));
    let minutes = Memo::new(move || editor.text("/customer_auth/code_minutes"));
    view! {
        <Section title="Codes and limits" id="limits">
            <div class="pair">
                <TextAt at="/customer_auth/code_digits" label="Digits of a code" kind=Kind::Number hint="6 to 10."/>
                <TextAt at="/customer_auth/code_minutes" label="Minutes that a code works" kind=Kind::Number hint="1 to 10."/>
            </div>
            <Note>
                <p data-says="odds">{live(move || chance(digits.get()))}</p>
                <p>{live(move || format!(
                    "A code works once, for {} minutes. One login takes 5 guesses; all strangers together have {} a day against one person, and codes get {} digits after the first {}.",
                    minutes.get(), odds::GUESSES_A_DAY, digits.get().max(odds::LONG_DIGITS), odds::SHORT_GUESSES_A_DAY,
                ))}</p>
            </Note>
        </Section>
    }
}

/// What somebody wins who guesses without end.
fn chance(digits: u8) -> String {
    let percent = percent(odds::of_a_year(digits));
    format!(
        "Somebody who guesses at one person's codes all year, as often as they are let, has a chance of {percent} % to be right once."
    )
}

/// A probability as a percentage of two significant digits: `0.55`.
fn percent(probability: f64) -> String {
    let percent = probability * 100.0;
    let places = if percent >= 1.0 { 1.0 } else { (-percent.log10()).floor() + 2.0 };
    format!("{percent:.*}", places as usize)
}

#[cfg(test)]
mod tests {
    use super::{chance, percent};

    #[test]
    fn a_chance_has_two_digits_that_mean_something() {
        assert_eq!(percent(0.005_496), "0.55");
        assert_eq!(percent(0.000_091), "0.0091");
        assert_eq!(percent(0.018_1), "1.8");
        assert!(chance(6).contains("0.55 %"), "{}", chance(6));
    }
}
