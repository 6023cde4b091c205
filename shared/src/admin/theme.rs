//! The agent's colours and shape as the frame page takes them: custom properties of CSS.

/// What the frame page's style is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The brand colour, `#rrggbb`.
    pub accent: String,
    /// Black or white, whichever is read better on it: at least 4.5 to 1, whatever the colour (WCAG 2.2, AA).
    pub ink: &'static str,
    /// Corner radius in CSS pixels, at most 28.
    pub radius: u8,
}

impl Look {
    /// The look of these settings. A colour of another form becomes the default one.
    pub fn of(accent: &str, radius: u8) -> Self {
        let (r, g, b) = rgb(accent).unwrap_or((0x1f, 0x6f, 0x5c));
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        // Relative luminance, WCAG 2.2.
        let luminance = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
        let ink = if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 { "#ffffff" } else { "#000000" };
        Self { accent: format!("#{r:02x}{g:02x}{b:02x}"), ink, radius: radius.min(28) }
    }

    /// As a rule of a style sheet.
    pub fn css(&self) -> String {
        let Self { accent, ink, radius } = self;
        format!(":root{{--accent:{accent};--accent-ink:{ink};--radius:{radius}px}}")
    }
}

fn rgb(text: &str) -> Option<(u8, u8, u8)> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let channel = |at: usize| digits.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
    Some((channel(0)?, channel(2)?, channel(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_read_on_every_colour() {
        assert_eq!(Look::of("#000000", 0).ink, "#ffffff");
        assert_eq!(Look::of("#FFFF00", 99), Look { accent: "#ffff00".to_owned(), ink: "#000000", radius: 28 });
        for wrong in ["", "red", "#12345", "#1234567", "#zzzzzz", "#ääää", "#+1+1+1"] {
            assert!(Look::of(wrong, 0).accent.len() == 7, "{wrong}");
        }
        assert_eq!(Look::of("red", 14).css(), ":root{--accent:#1f6f5c;--accent-ink:#ffffff;--radius:14px}");
    }
}
