//! How many cases of each file pass at the least.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

const HEADER: &str = "\
# The least number of cases that pass, by file. CONFORMANCE_BLESS=1 raises them; they never fall.
";

pub struct Floors(BTreeMap<String, usize>);

impl Floors {
    pub fn load() -> Result<Self, String> {
        let text = fs::read_to_string(path()).map_err(failed)?;
        let mut floors = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (label, floor) = line
                .split_once(' ')
                .and_then(|(label, floor)| Some((label, floor.parse().ok()?)))
                .ok_or_else(|| failed(format_args!("not a floor: {line:?}")))?;
            if floors.insert(label.to_owned(), floor).is_some() {
                return Err(failed(format_args!("two floors of {label}")));
            }
        }
        Ok(Self(floors))
    }

    /// What is below its floor, in words; a file that was not played is, if it is `expected`.
    pub fn below(
        &self,
        results: &[(String, usize)],
        expected: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let results: BTreeMap<_, _> = results.iter().cloned().collect();
        let mut below = Vec::new();
        for (label, floor) in &self.0 {
            match results.get(label) {
                Some(passed) if passed < floor => {
                    below.push(format!(
                        "{label} fell: {passed} passed, the floor is {floor}"
                    ));
                }
                None if expected(label) => {
                    below.push(format!("{label} is gone: the floor is {floor}"));
                }
                _ => {}
            }
        }
        below
    }

    pub fn raise(&mut self, results: &[(String, usize)]) {
        for (label, passed) in results {
            let floor = self.0.entry(label.clone()).or_default();
            *floor = (*floor).max(*passed);
        }
    }

    pub fn save(&self) -> Result<(), String> {
        let mut text = HEADER.to_owned();
        for (label, floor) in &self.0 {
            writeln!(text, "{label} {floor}").map_err(failed)?;
        }
        fs::write(path(), text).map_err(failed)
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/floors.txt")
}

fn failed(error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path().display())
}
