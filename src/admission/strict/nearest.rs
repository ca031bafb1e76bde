//! Which of the names that exist was probably meant.

use alloc::{vec, vec::Vec};

/// Beyond this length no name is looked for: no field has one as long.
const MAX_LEN: usize = 64;

/// Returns the name that takes the fewest edits to reach, if they are few for its length.
pub(super) fn nearest(given: &str, names: &'static [&'static str]) -> Option<&'static str> {
    if given.len() > MAX_LEN {
        return None;
    }
    let same = names.iter().find(|name| name.eq_ignore_ascii_case(given));
    same.copied().or_else(|| {
        let ranked = names.iter().map(|name| (edits(given, name), *name));
        let (edits, name) = ranked.min_by_key(|(edits, _)| *edits)?;
        (edits <= given.len().max(name.len()) / 3).then_some(name)
    })
}

/// Counts the bytes to insert, delete, replace or swap with their neighbour.
fn edits(a: &str, b: &str) -> usize {
    let b = b.as_bytes();
    // The rows of the table that the current one refers to; row[j] is the distance to b[..j].
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (i, x) in a.bytes().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        let mut left = i + 1;
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX);
            let replaced = at(&last, j) + usize::from(x != *y);
            let mut best = replaced.min(at(&last, j + 1) + 1).min(left + 1);
            let is_swap = j > 0 && previous == Some(*y) && b.get(j - 1) == Some(&x);
            if is_swap {
                best = best.min(at(&before, j - 1) + 1);
            }
            left = best;
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = best;
            }
        }
        before = last;
        last = row;
        previous = Some(x);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{edits, nearest};

    #[test]
    fn swaps_count_once() {
        assert_eq!(edits("imgae", "image"), 1);
        assert_eq!(edits("", "image"), 5);
        assert_eq!(edits("image", ""), 5);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("ab", "ba"), 1);
        assert_eq!(edits("protectionDoamin", "protectionDomain"), 1);
    }

    #[test]
    fn only_close_names_are_offered() {
        const NAMES: &[&str] = &["name", "image", "imagePullPolicy", "env", "envFrom"];
        assert_eq!(nearest("imgae", NAMES), Some("image"));
        assert_eq!(nearest("ImagePullpolicy", NAMES), Some("imagePullPolicy"));
        assert_eq!(nearest("envs", NAMES), Some("env"));
        assert_eq!(nearest("replicas", NAMES), None);
        assert_eq!(nearest("x", NAMES), None);
        assert_eq!(nearest("", NAMES), None);
        assert_eq!(nearest("name", &[]), None);
        assert_eq!(nearest(&"image".repeat(100), NAMES), None);
    }
}
