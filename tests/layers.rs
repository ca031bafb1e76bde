//! An import points up the list of layers, never down and never sideways.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The layers of ARCHITECTURE.md. What stands in one string is one thing of several modules.
const LAYERS: &[&[&str]] = &[
    &["quantity", "image", "format", "time"],
    &["field"],
    &["api macros wire plausible"],
    &["critical", "labels", "resources", "tolerations"],
    &["admission", "scheduling", "lifecycle", "disruption"],
    &["machine", "kubectl"],
    &["sim"],
];

/// Items of the crate's root that anybody may use.
const ROOT: &[&str] = &["KUBERNETES_VERSION"];

/// A module's layer, and which thing of the layer it belongs to.
fn place(module: &str) -> Option<(usize, usize)> {
    LAYERS.iter().enumerate().find_map(|(layer, things)| {
        let is_here = |thing: &&str| thing.split(' ').any(|name| name == module);
        things.iter().position(is_here).map(|thing| (layer, thing))
    })
}

#[test]
fn imports_point_up() {
    let mut wrong = Vec::new();
    for (file, module) in sources() {
        let own = place(&module).unwrap_or_else(|| panic!("{module} stands in no layer"));
        for name in imports(&code(&file)) {
            if ROOT.contains(&&*name) {
                continue;
            }
            let imported = place(&name)
                .unwrap_or_else(|| panic!("{}: crate::{name} is no module", file.display()));
            if imported != own && imported.0 >= own.0 {
                wrong.push(format!("{}: crate::{name}", file.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "these imports point down or sideways:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn no_module_reaches_the_root_by_super() {
    for (file, _) in sources() {
        let depth = depth(&file);
        // Modules inside a file are one deeper.
        let code = code(&file);
        let outer = code.split("\nmod tests {").next().unwrap_or(&code);
        let reach = "super::".repeat(depth);
        assert!(
            !outer.contains(&reach),
            "{}: write crate:: for {reach}",
            file.display()
        );
    }
}

#[test]
fn the_test_sees_every_way_to_import() {
    let code = "use crate::{api::{self, Pod}, field, format as f};\n\
                fn f() { crate::labels::g(); $crate::wire::h() }\n\
                pub(in crate::machine) fn i() {}";
    assert_eq!(
        imports(code),
        ["api", "field", "format", "labels", "wire", "machine"]
    );
}

/// Every source file, with the module of the root that it belongs to.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    let mut directories = vec![root.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let first = path.strip_prefix(&root).unwrap().iter().next().unwrap();
                let module = Path::new(first).file_stem().unwrap().to_str().unwrap();
                if module != "lib" {
                    files.insert(path.clone(), module.to_owned());
                }
            }
        }
    }
    assert!(
        files.len() > 50,
        "the sources are not where they are looked for"
    );
    files.into_iter().collect()
}

/// How many `super`s lead from a file to the root.
fn depth(file: &Path) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let parts = file.strip_prefix(root).unwrap().iter().count();
    if file.ends_with("mod.rs") {
        parts - 1
    } else {
        parts
    }
}

/// A file's text without comments, in whose links everything may be named.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The names that follow `crate::`, alone or in braces.
fn imports(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("crate") {
        rest = &rest[at + "crate".len()..];
        if let Some(list) = rest.strip_prefix("::{") {
            let mut depth = 1;
            let mut start = true;
            for (index, c) in list.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => start = true,
                    _ if start && c.is_alphabetic() => {
                        names.push(identifier(&list[index..]));
                        start = false;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
        } else if let Some(path) = rest.strip_prefix("::") {
            names.push(identifier(path));
        } else if let Some(path) = rest.strip_prefix(" as ") {
            panic!("crate under another name: {}", identifier(path));
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}
