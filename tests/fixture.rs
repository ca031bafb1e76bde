//! The recorded files below `tests/data`.

use std::{fs::File, io::Read, path::Path};

use flate2::read::GzDecoder;

/// Returns the text of `<name>.gz`.
pub(crate) fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(format!("{name}.gz"));
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("a recorded file is text");
    text
}
