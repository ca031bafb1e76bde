//! Texts: cut to a length, and compared.

use alloc::string::String;

/// Cuts a text to that many bytes, as Go does: each byte of a part of a character shows as U+FFFD.
pub(crate) fn cut(text: &mut String, limit: usize) {
    if text.len() <= limit {
        return;
    }
    let mut whole = limit;
    while !text.is_char_boundary(whole) {
        whole = whole.saturating_sub(1);
    }
    text.truncate(whole);
    text.extend((whole..limit).map(|_| char::REPLACEMENT_CHARACTER));
}

/// Compares two texts that are mostly empty.
///
/// An empty text points to no memory, and there comparing bytes is slow on processors with masked loads.
pub(crate) fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && (a.is_empty() || a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_shows_as_replacement_characters() {
        for (limit, cut_text) in [
            (9, "aé\u{1f980}b"),
            (8, "aé\u{1f980}b"),
            (7, "aé\u{1f980}"),
            (6, "aé\u{fffd}\u{fffd}\u{fffd}"),
            (3, "aé"),
            (2, "a\u{fffd}"),
            (0, ""),
        ] {
            let mut text = String::from("aé\u{1f980}b");
            cut(&mut text, limit);
            assert_eq!(text, cut_text, "{limit}");
        }
    }
}
