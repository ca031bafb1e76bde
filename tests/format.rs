//! The formats against the patterns that Kubernetes gives for them, and against plain reckonings.

use core::net::IpAddr;
use std::collections::BTreeSet;

use pod_lifecycle::format::{self, Violations};

use crate::random::Random;

/// A regular expression of the kind that Kubernetes writes: characters, classes, groups, `?`, `*`, `+`.
struct Regex(Vec<(Atom, char)>);

enum Atom {
    Class(Vec<(char, char)>),
    Group(Regex),
}

impl Regex {
    fn new(pattern: &str) -> Self {
        let mut rest = pattern.chars().peekable();
        let regex = Self::sequence(&mut rest);
        assert_eq!(rest.next(), None, "{pattern}");
        regex
    }

    fn sequence(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Self {
        let mut atoms = Vec::new();
        while let Some(c) = rest.next_if(|c| *c != ')') {
            let atom = match c {
                '(' => {
                    let group = Self::sequence(rest);
                    assert_eq!(rest.next(), Some(')'));
                    Atom::Group(group)
                }
                '[' => {
                    let mut ranges = Vec::new();
                    loop {
                        let first = match rest.next().expect("a class ends") {
                            ']' => break,
                            '\\' => rest.next().expect("something is escaped"),
                            first => first,
                        };
                        // A hyphen is itself where it stands first.
                        if first != '-' && rest.next_if_eq(&'-').is_some() {
                            ranges.push((first, rest.next().expect("a range ends")));
                        } else {
                            ranges.push((first, first));
                        }
                    }
                    Atom::Class(ranges)
                }
                '\\' => {
                    let escaped = rest.next().expect("something is escaped");
                    Atom::Class(vec![(escaped, escaped)])
                }
                c => Atom::Class(vec![(c, c)]),
            };
            let repeat = rest
                .next_if(|c| matches!(c, '?' | '*' | '+'))
                .unwrap_or('1');
            atoms.push((atom, repeat));
        }
        Self(atoms)
    }

    fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.ends(&text, &BTreeSet::from([0])).contains(&text.len())
    }

    /// Where a match may end that begins at one of `starts`.
    fn ends(&self, text: &[char], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut at = starts.clone();
        for (atom, repeat) in &self.0 {
            let mut ends = if matches!(repeat, '?' | '*') {
                at.clone()
            } else {
                BTreeSet::new()
            };
            let mut next = atom.ends(text, &at);
            while !next.is_subset(&ends) {
                ends.extend(&next);
                if matches!(repeat, '*' | '+') {
                    next = atom.ends(text, &next);
                }
            }
            at = ends;
        }
        at
    }
}

impl Atom {
    fn ends(&self, text: &[char], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
        match self {
            Self::Group(group) => group.ends(text, starts),
            Self::Class(ranges) => starts
                .iter()
                .filter(|start| {
                    text.get(**start).is_some_and(|c| {
                        ranges
                            .iter()
                            .any(|(first, last)| (first..=last).contains(&c))
                    })
                })
                .map(|start| start + 1)
                .collect(),
        }
    }
}

const PIECES: &[&str] = &[
    "a", "b", "z", "0", "9", "A", "Z", "-", "-", "_", ".", ".", "/", "=", " ", "é", "K", "\n",
    "my", "a-b",
];

type Check = fn(&str) -> Violations;

/// Compares a clause of a check with a pattern, on many short texts; both answers must occur.
fn follows(check: Check, pattern: &str, clause: &str) {
    let regex = Regex::new(pattern);
    let mut random = Random(7);
    let mut answers = [0, 0];
    for _ in 0..20_000 {
        let text = random.text(PIECES, 7);
        let violated = check(&text).any(|message| message.contains(clause));
        assert_eq!(violated, !regex.matches(&text), "{text:?} and {pattern}");
        answers[usize::from(violated)] += 1;
    }
    assert!(
        answers.iter().all(|count| *count > 100),
        "{clause}: {answers:?}"
    );
}

/// The pattern that a message shows.
fn shown(check: Check, bad: &str, before: &str) -> String {
    let message = check(bad)
        .find(|message| message.contains(before))
        .expect("it is bad");
    let (_, rest) = message.split_once(before).expect("it was found");
    rest.trim_end_matches("')").to_owned()
}

#[test]
fn texts_follow_the_patterns_that_messages_show() {
    let regex = "regex used for validation is '";
    // What follows the pattern of names has no prefix.
    let name: Check = |text| format::label_key(&text.replace('/', "="));
    let checks = [
        format::dns_subdomain,
        format::dns_subdomain_with_underscores,
        format::label_value,
        format::config_map_key,
        format::http_header_name,
        name,
    ];
    for check in checks {
        follows(check, &shown(check, "=", regex), regex);
    }
    let regex_of_sysctls = shown(format::sysctl_name, "=", "match regex ");
    follows(format::sysctl_name, &regex_of_sysctls, "match regex ");
    // A label that violates its pattern only by dots is told so in other words.
    follows(
        format::dns_label,
        &shown(format::dns_label, "=", regex),
        "must",
    );
}

#[test]
fn lengths_count_in_bytes() {
    let limits: [(Check, usize); 6] = [
        (format::dns_label, 63),
        (format::dns_subdomain, 253),
        (format::dns_subdomain_with_underscores, 253),
        (format::label_value, 63),
        (format::label_key, 63),
        (format::port_name, 15),
    ];
    for (check, limit) in limits {
        assert!(check(&"a".repeat(limit)).is_empty());
        let long = check(&"a".repeat(limit + 1)).to_string();
        assert!(
            long.ends_with(&format!("must be no more than {limit} bytes")),
            "{long}"
        );
        assert!(check(&"é".repeat(limit / 2 + 1)).len() >= 2);
    }
    assert_eq!(format::config_map_key(&"a".repeat(254)).len(), 1);
    assert_eq!(format::sysctl_name(&"a".repeat(254)).len(), 1);
}

#[test]
fn a_label_key_adds_up_what_is_wrong_with_its_parts() {
    let count = |key: &str| format::label_key(key).len();
    assert_eq!(count("a/b/c/"), 1);
    assert_eq!(count(""), 2);
    assert_eq!(count("/a"), 1);
    assert_eq!(count("a/"), 2);
    assert_eq!(count("/"), 3);
    assert_eq!(count(&format!("{}/{}", "A".repeat(254), "-".repeat(64))), 4);
    let mut random = Random(3);
    for _ in 0..10_000 {
        let (prefix, name) = (random.text(PIECES, 4), random.text(PIECES, 4));
        if prefix.contains('/') || name.contains('/') {
            continue;
        }
        let parts = format::dns_subdomain(&prefix).len() + count(&name);
        assert_eq!(
            count(&format!("{prefix}/{name}")),
            parts,
            "{prefix:?} {name:?}"
        );
    }
}

#[test]
fn an_annotation_key_is_a_label_key_in_lower_case() {
    let mut random = Random(4);
    for _ in 0..10_000 {
        let key = random.text(PIECES, 6);
        assert_eq!(
            format::annotation_key(&key),
            format::label_key(&key.to_lowercase()),
            "{key:?}"
        );
    }
    // Go lower-cases the Kelvin sign and the dotted I to ASCII letters.
    assert!(format::annotation_key("\u{212a}8s.io/\u{130}").is_empty());
}

#[test]
fn a_prefix_of_a_name_is_checked_with_a_letter_for_its_end() {
    let mut random = Random(5);
    for _ in 0..10_000 {
        let text = random.text(PIECES, 5) + random.pick(&["-", "", "é-"]);
        let masked = if text.len() > 1 && text.ends_with('-') {
            let mut bytes = text.as_bytes()[..text.len() - 2].to_vec();
            bytes.push(b'a');
            String::from_utf8_lossy(&bytes).into_owned()
        } else {
            text.clone()
        };
        assert_eq!(
            format::dns_subdomain_prefix(&text),
            format::dns_subdomain(&masked),
            "{text:?}"
        );
    }
    assert_eq!(
        format::dns_subdomain_prefix(&("a".repeat(253) + "-")).len(),
        0
    );
    assert_eq!(
        format::dns_subdomain_prefix(&("a".repeat(254) + "-")).len(),
        1
    );
}

#[test]
fn port_names_count_every_clause() {
    for (name, count) in [
        ("http", 0),
        ("", 2),
        ("-", 2),
        ("--", 3),
        ("80", 1),
        ("a--b", 1),
        ("-a", 1),
        ("HTTP", 2),
        ("a_b", 1),
        ("--------------------", 4),
        ("é-----------------", 5),
    ] {
        assert_eq!(format::port_name(name).len(), count, "{name}");
    }
}

#[test]
fn config_map_keys_have_one_error_for_dots_at_most() {
    for (key, count) in [
        (".", 1),
        ("..", 1),
        ("..a", 1),
        ("...", 1),
        (".a", 0),
        ("../a", 2),
        ("", 1),
    ] {
        assert_eq!(format::config_map_key(key).len(), count, "{key}");
    }
}

#[test]
fn paths_count_every_clause() {
    for (path, descending, non_reserved) in [
        ("a/b", 0, 0),
        ("", 0, 0),
        ("..", 1, 2),
        ("..x", 0, 1),
        ("../x", 1, 1),
        ("/../x", 2, 2),
        ("/x", 1, 1),
        ("a/..", 1, 1),
        ("a/..b", 0, 0),
    ] {
        assert_eq!(
            format::local_descending_path(path).len(),
            descending,
            "{path}"
        );
        assert_eq!(
            format::local_non_reserved_path(path).len(),
            non_reserved,
            "{path}"
        );
    }
}

#[test]
fn names_of_environment_variables_are_printable() {
    for byte in 0..=u8::MAX {
        let c = char::from(byte);
        let good = (' '..='~').contains(&c) && c != '=';
        assert_eq!(format::env_name(&format!("A{c}")).is_empty(), good, "{c:?}");
    }
}

#[test]
fn integers_are_canonical_exactly_if_printing_them_gives_them_back() {
    let mut random = Random(6);
    for _ in 0..10_000 {
        let text = random.text(&["-", "+", "0", "1", "9", "12", " "], 5);
        let canonical = text
            .parse::<i128>()
            .is_ok_and(|number| number.to_string() == text);
        assert_eq!(
            format::decimal_integer(&text).is_empty(),
            canonical,
            "{text:?}"
        );
    }
}

#[test]
fn addresses_are_read_as_without_their_leading_zeros() {
    let pieces = &[
        "0", "00", "1", "10", "255", "256", "f", "ffff", "10000", "0000001", ".", ".", ".", ":",
        ":", ":", "::", "::ffff:", "1.2.3.4", "1:2:3:4:", "%", "+", "g",
    ];
    let mut random = Random(8);
    let mut good = 0;
    for _ in 0..50_000 {
        let text = random.text(pieces, 9);
        let strict: Option<IpAddr> = text.parse().ok();
        let plain: Option<IpAddr> = without_leading_zeros(&text).parse().ok();
        let read = format::parse_ip(&text);
        assert_eq!(
            read,
            plain.map(|address| address.to_canonical()),
            "{text:?}"
        );
        let mapped = strict.is_some_and(|address| address != address.to_canonical());
        assert_eq!(
            format::ip(&text).is_empty(),
            strict.is_some() && !mapped,
            "{text:?}"
        );
        assert!(strict.is_none() || read.is_some(), "{text:?}");
        good += usize::from(read.is_some());
    }
    assert!(good > 300, "{good}");
}

fn without_leading_zeros(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_hexdigit();
    text.split_inclusive(|c| !is_digit(c))
        .map(|part| {
            let digits = part.trim_end_matches(|c| !is_digit(c));
            let kept = digits.trim_start_matches('0');
            let kept = if kept.is_empty() && !digits.is_empty() {
                "0"
            } else {
                kept
            };
            format!("{kept}{}", &part[digits.len()..])
        })
        .collect()
}

#[test]
fn resources_are_of_the_classes_that_their_names_say() {
    // native, extended, huge pages, overcommit, standard, integer
    let cases: [(&str, [bool; 6]); 12] = [
        ("cpu", [true, false, false, true, true, false]),
        ("storage", [true, false, false, true, true, false]),
        ("pods", [true, false, false, true, true, true]),
        ("services.nodeports", [true, false, false, true, true, true]),
        ("gpu", [true, false, false, true, false, false]),
        ("hugepages-2Mi", [true, false, true, false, true, false]),
        (
            "requests.hugepages-1Gi",
            [true, false, false, true, true, false],
        ),
        ("requests.storage", [true, false, false, true, true, false]),
        ("limits.storage", [true, false, false, true, false, false]),
        ("nvidia.com/gpu", [false, true, false, false, false, true]),
        (
            "requests.nvidia.com/gpu",
            [false, false, false, false, false, false],
        ),
        (
            "x.kubernetes.io/fpga",
            [true, false, false, true, false, false],
        ),
    ];
    for (name, classes) in cases {
        let got = [
            format::is_native_resource(name),
            format::is_extended_resource(name),
            format::is_huge_pages(name),
            format::allows_overcommit(name),
            format::is_standard_resource(name),
            format::is_integer_resource(name),
        ];
        assert_eq!(got, classes, "{name}");
    }
    // The quota's name, `requests.…`, must still be a name.
    assert!(!format::is_extended_resource(&format!(
        "{}.com/gpu",
        "a".repeat(245)
    )));
    assert!(format::is_extended_resource(&format!(
        "{}.com/gpu",
        "a".repeat(240)
    )));
}
