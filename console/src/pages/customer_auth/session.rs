//! How long somebody stays signed in.

use crate::editor::Editor;
use crate::parts::bound::TextAt;
use crate::parts::field::{Kind, Select};
use crate::parts::live::live;
use crate::parts::page::Section;
use crate::parts::status::Note;
use crate::prelude::*;

/// The section.
#[component]
pub fn Session() -> impl IntoView {
    let editor = Editor::here();
    let until = "/customer_auth/session/until_sign_out";
    let mode = Signal::derive(move || if editor.flag(until) { "until" } else { "sliding" }.to_owned());
    let number = move |name: &str| editor.text(&format!("/customer_auth/session/{name}")).parse::<u64>().unwrap_or(0);
    let options =
        [("sliding", "For a while"), ("until", "Until they sign out")].map(|(name, words)| (name.into(), words.into()));
    view! {
        <Section title="Staying signed in" id="session">
            <Select
                label="People stay signed in"
                options=Vec::from(options)
                value=mode
                disabled=Signal::derive(move || !editor.may(until))
                on_choose=move |chosen: String| editor.set(until, chosen == "until")
            />
            {live(move || if editor.flag(until) {
                view! {
                    <Note>
                        <p>"A browser stays signed in until somebody signs out there, or on all devices, or you revoke it; at the longest 400 days after the last visit, which is as long as a browser keeps a cookie. Whoever sits down at that browser is that person: choose it for devices that people do not share."</p>
                    </Note>
                }
                .into_any()
            } else {
                view! {
                    <div class="pair">
                        <TextAt at="/customer_auth/session/inactivity_minutes" label="Minutes without a word" kind=Kind::Number hint="5 to 43,200. Each thing that they do begins them anew."/>
                        <TextAt at="/customer_auth/session/absolute_hours" label="Hours at the longest" kind=Kind::Number hint="1 to 9,600, whatever they do."/>
                    </div>
                    <Note>
                        <p>{live(move || format!(
                            "Somebody who does nothing for {} signs in again, and everybody does {} after their last login.",
                            length(number("inactivity_minutes")), length(number("absolute_hours").saturating_mul(60)),
                        ))}</p>
                    </Note>
                }
                .into_any()
            })}
        </Section>
    }
}

/// A length of time as a person says it.
fn length(minutes: u64) -> String {
    let (count, word) = match minutes {
        0..60 => (minutes, "minute"),
        60..2_880 if minutes.is_multiple_of(60) => (minutes / 60, "hour"),
        2_880.. if minutes.is_multiple_of(1_440) => (minutes / 1_440, "day"),
        _ => return format!("{} and {}", several(minutes / 60, "hour"), several(minutes % 60, "minute")),
    };
    several(count, word)
}

fn several(count: u64, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn lengths_are_said_as_people_say_them() {
        for (minutes, said) in [
            (1, "1 minute"),
            (45, "45 minutes"),
            (60, "1 hour"),
            (1_440, "24 hours"),
            (10_080, "7 days"),
            (95, "1 hour and 35 minutes"),
        ] {
            assert_eq!(length(minutes), said);
        }
    }
}
