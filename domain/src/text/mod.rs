//! Text of conversations: Markdown to typed blocks, secrets caught.

pub mod markdown;
pub mod personal;
pub mod secret;

/// Characters that show nothing themselves and change how their neighbours are read or ordered: control characters
/// but tab and newline, bidirectional overrides and isolates, zero-width ones, byte order marks and tags.
///
/// Joiners stay: Arabic, Persian, Indic scripts and emoji are written with them. So do the two direction marks.
pub(crate) fn is_disguise(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{2060}'..='\u{2064}')
        || matches!(c, '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}' | '\u{2028}' | '\u{2029}')
}

/// What is never part of an address or a code: every disguise, tab and newline, joiners, marks, variation selectors
/// and the soft hyphen.
pub(crate) fn is_invisible(c: char) -> bool {
    is_disguise(c) || matches!(c, '\n' | '\t' | '\u{AD}' | '\u{200C}'..='\u{200F}' | '\u{FE00}'..='\u{FE0F}')
}

/// Default ignorable code points (Unicode, `DerivedCoreProperties`) that [`is_invisible`] does not know, and the blank braille
/// pattern: they look like nothing, and are no marks.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{2800}')
        || matches!(c, '\u{3164}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}
