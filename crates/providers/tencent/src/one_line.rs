//! Foreign text made safe to show.

/// Foreign text made safe to show: control characters become spaces, the rest is cut at `max` characters.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    text.chars().map(|c| if is_unsafe(c) { ' ' } else { c }).take(max).collect()
}

/// Control characters drive terminals; bidirectional and zero-width characters rearrange or hide text.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
