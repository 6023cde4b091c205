//! Colour and shape of the chat.

use crate::editor::Editor;
use crate::parts::bound::TextAt;
use crate::parts::field::Kind;
use crate::parts::live::{live, of};
use crate::parts::page::{Page, Section};
use crate::parts::status::{Note, Tone};
use crate::prelude::*;

/// Text on the accent has to be told apart from it by this ratio (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;

/// The room.
#[component]
pub fn Appearance() -> impl IntoView {
    let editor = Editor::here();
    let accent = Memo::new(move || editor.text("/theme/accent"));
    let picked = move |event| editor.set("/theme/accent", event_target_value(&event));
    // As the edge chooses it for the frame (`edge/src/http/frame.rs`).
    let contrast = move || {
        let (white, black) = rgb(&accent.get()).map(|colour| (ratio(colour, [255; 3]), ratio(colour, [0; 3])))?;
        Some(if white >= black { ("white", white) } else { ("black", black) })
    };
    view! {
        <Page title="Appearance" lead="How the chat looks on your pages, in light and dark.">
            <Section title="Colour">
                <div class="beside">
                    <TextAt at="/theme/accent" label="Accent" mono=true hint="Buttons and the visitor's own words: # and six hexadecimal digits."/>
                    <input
                        type="color"
                        class="swatch"
                        aria-label="Pick the accent"
                        prop:value=of(move || accent.get())
                        disabled=of(move || !editor.may("/theme/accent"))
                        on:input=picked
                    />
                </div>
                <div role="status">
                    {live(move || contrast().map(|(name, ratio)| view! {
                        <Note tone=tone(ratio)>
                            <p>{format!(
                                "Text on it is {name}, at a contrast of {ratio:.1} to 1; {READABLE} is what it takes to be read well. The chat chooses black or white, so it stays readable whatever you choose, in light and dark."
                            )}</p>
                        </Note>
                    }))}
                </div>
            </Section>
            <Section title="Shape">
                <TextAt at="/theme/radius" label="Corner radius" kind=Kind::Number hint="Pixels, 0 to 28."/>
            </Section>
        </Page>
    }
}

fn tone(ratio: f64) -> Tone {
    if ratio >= READABLE { Tone::Good } else { Tone::Warn }
}

/// `#rrggbb` as three bytes.
fn rgb(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

/// The contrast of two colours, 1 to 21 (WCAG 2.2).
fn ratio(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|byte| {
        let part = f64::from(byte) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::{ratio, rgb};

    #[test]
    fn contrast_is_what_the_guidelines_say() {
        assert!((ratio([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
        assert!((ratio([0x77; 3], [255; 3]) - 4.48).abs() < 0.01);
        assert_eq!(rgb("#1f6f5c"), Some([0x1f, 0x6f, 0x5c]));
        for wrong in ["", "1f6f5c", "#1f6f5", "#zzzzzz", "#é6f5cc"] {
            assert_eq!(rgb(wrong), None, "{wrong}");
        }
    }
}
