//! What the pages of the project say, held against the project.

use std::{fs, path::Path};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("the page is there")
}

/// The lines of a page's `sh` blocks.
fn commands(page: &str) -> Vec<&str> {
    let mut inside = false;
    page.lines()
        .filter(|line| {
            if line.starts_with("```") {
                inside = *line == "```sh";
                return false;
            }
            inside
        })
        .collect()
}

#[test]
fn the_readme_names_the_commands_that_try_the_crate() {
    let readme = page("README.md");
    let commands = commands(&readme);
    assert!(commands.contains(&"cargo test"), "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.split_whitespace().collect();
        if let ["cargo", "run", "--example", name, ..] = words[..] {
            let example = root().join("examples").join(name);
            let sources = [example.with_extension("rs"), example.join("main.rs")];
            let found = sources.iter().any(|source| source.is_file());
            assert!(found, "{command}: no such example");
        }
    }
}

#[test]
fn the_readme_names_the_versions_that_hold() {
    let readme = page("README.md");
    assert!(readme.contains(pod_lifecycle::KUBERNETES_VERSION));
    let rust = format!("{} or newer", env!("CARGO_PKG_RUST_VERSION"));
    assert!(readme.contains(&rust), "{rust}");
    let (major, minor) = (
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
    );
    let install = format!("{} = \"{major}.{minor}\"", env!("CARGO_PKG_NAME"));
    assert!(readme.contains(&install), "{install}");
}

#[test]
fn both_licenses_are_there_in_full() {
    assert!(page("LICENSE-MIT").contains("Permission is hereby granted, free of charge"));
    assert!(page("LICENSE-APACHE").contains("END OF TERMS AND CONDITIONS"));
}

#[test]
fn the_changelog_has_a_section_for_what_comes_next() {
    assert!(page("CHANGELOG.md").contains("\n## [Unreleased]\n"));
}

#[test]
fn every_path_that_the_architecture_names_exists() {
    let page = page("ARCHITECTURE.md");
    let paths = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains('/'));
    let missing: Vec<&str> = paths.filter(|path| !root().join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
