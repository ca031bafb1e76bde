//! One recorded case, and how an answer is held against it.

use std::fmt::Debug;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// One line of a vector file.
#[derive(Deserialize)]
pub struct Case<'a> {
    pub id: &'a str,
    #[serde(rename = "in", borrow)]
    pub input: &'a RawValue,
    #[serde(rename = "out", borrow)]
    pub output: &'a RawValue,
}

/// Plays one case; `Err` says what was given instead of what was recorded.
pub type Adapter = fn(&Case<'_>) -> Result<(), String>;

impl Case<'_> {
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(self.input.get()).map_err(|error| format!("input: {error}"))
    }

    pub fn output<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(self.output.get()).map_err(|error| format!("output: {error}"))
    }

    /// Decodes what was recorded and compares it with what was given.
    pub fn expect<T: DeserializeOwned + Debug + PartialEq>(&self, got: &T) -> Result<(), String> {
        let want: T = self.output()?;
        if want == *got {
            Ok(())
        } else {
            Err(format!("{got:?}"))
        }
    }
}
