//! The files that hold recorded cases.

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

/// One file of cases.
pub struct VectorFile {
    pub family: String,
    pub function: String,
    pub set: String,
    path: PathBuf,
}

impl VectorFile {
    /// The family is the directory that the file stands in.
    fn new(path: PathBuf) -> Option<Self> {
        let family = path.parent()?.file_name()?.to_str()?.to_owned();
        let name = path.file_name()?.to_str()?;
        let stem = name.strip_suffix(".gz").unwrap_or(name);
        let (function, set) = stem.strip_suffix(".jsonl")?.split_once('.')?;
        Some(Self {
            family,
            function: function.to_owned(),
            set: set.to_owned(),
            path,
        })
    }

    pub fn label(&self) -> String {
        format!("{}/{}.{}", self.family, self.function, self.set)
    }

    pub fn read(&self) -> Result<String, String> {
        let mut text = String::new();
        let file = fs::File::open(&self.path);
        file.and_then(|mut file| {
            if self
                .path
                .extension()
                .is_some_and(|extension| extension == "gz")
            {
                MultiGzDecoder::new(file).read_to_string(&mut text)
            } else {
                file.read_to_string(&mut text)
            }
        })
        .map_err(|error| format!("{}: {error}", self.path.display()))?;
        Ok(text)
    }
}

/// Every file below the directories, sorted by what it holds.
pub fn in_directories<'a>(
    directories: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<VectorFile>, String> {
    let mut files = Vec::new();
    for directory in directories.into_iter().filter(|name| !name.is_empty()) {
        find(Path::new(directory), &mut files)?;
    }
    files.sort_by_key(|file| (file.label(), file.path.clone()));
    Ok(files)
}

/// The project's own files, and those of the shared ones that it has no copy of.
pub fn in_default_directories() -> Result<Vec<VectorFile>, String> {
    let mut files = BTreeMap::new();
    for directory in [own(), shared()] {
        let mut found = Vec::new();
        if directory.is_dir() {
            find(&directory, &mut found)?;
        }
        for file in found {
            files.entry(file.label()).or_insert(file);
        }
    }
    Ok(files.into_values().collect())
}

/// Whether a file must be there: the project's own always, others where the shared ones stand.
pub fn is_expected(label: &str) -> bool {
    label.ends_with(".generated") || shared().is_dir()
}

fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance")
}

fn find(directory: &Path, files: &mut Vec<VectorFile>) -> Result<(), String> {
    let failed = |error| format!("{}: {error}", directory.display());
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else {
            files.extend(VectorFile::new(path));
        }
    }
    Ok(())
}
