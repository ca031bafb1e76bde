//! The page that lists the rules of validation says how many there are.

use std::{collections::BTreeMap, fs, path::Path};

/// The verbs of `At` that report, or check and report.
const VERBS: &[&str] = &[
    "report",
    "required",
    "invalid",
    "not_supported",
    "forbidden",
    "duplicate",
    "not_found",
    "too_long",
    "too_many",
    "internal",
    "not_empty",
    "max_len",
    "max_items",
    "format",
    "non_negative",
    "positive",
    "in_range",
    "one_of",
    "supported",
    "unique",
];

/// The methods of `At` that only walk.
const WALKING: &[&str] = &[
    "field",
    "index",
    "key",
    "each",
    "each_entry",
    "parent",
    "elsewhere",
    "path",
    "accepts",
    "discard",
];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a source")
}

/// How often a verb is called in each file of validation, the ones without any left out.
fn counted() -> BTreeMap<String, usize> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/admission/validation");
    let files = fs::read_dir(directory).expect("the files of validation");
    let counts = files.map(|file| {
        let path = file.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a source");
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let places = code.map(|line| {
            let calls = VERBS
                .iter()
                .map(|verb| line.matches(&format!(".{verb}(")).count());
            calls.sum::<usize>()
        });
        let name = path.file_stem().expect("a name").to_string_lossy();
        (name.into_owned(), places.sum())
    });
    counts.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn the_page_of_rules_counts_them_as_they_are() {
    let page = read("src/admission/rules.md");
    let mut listed = BTreeMap::new();
    let mut total = None;
    for row in page.lines().filter_map(|line| line.strip_prefix("| ")) {
        let cells: Vec<&str> = row
            .trim_end_matches('|')
            .split('|')
            .map(str::trim)
            .collect();
        let Ok(count) = cells[2].parse::<usize>() else {
            continue;
        };
        match cells[1].trim_matches('`') {
            "" => total = Some(count),
            file => assert_eq!(
                listed.insert(file.to_owned(), count),
                None,
                "{file} stands there twice"
            ),
        }
    }
    let counted = counted();
    assert_eq!(listed, counted);
    assert_eq!(total, Some(counted.values().sum()));
}

/// A verb that is new counts, too.
#[test]
fn every_method_of_the_cursor_is_a_verb_or_a_step() {
    let methods = read("src/field/at.rs");
    let methods = methods.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("pub fn ")?;
        rest.split(['(', '<']).next()
    });
    for method in methods.filter(|method| *method != "collect") {
        assert!(
            VERBS.contains(&method) ^ WALKING.contains(&method),
            "{method} is neither listed as a verb nor as a step"
        );
    }
}
