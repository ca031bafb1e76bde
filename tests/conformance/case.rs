//! One recorded case, and how an answer is held against it.

use std::fmt::{self, Debug};

use pod_lifecycle::field::FieldErrors;
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
    /// What two recordings of the same scenario had in common, where there are two.
    #[serde(borrow, default)]
    pub stability: Option<&'a RawValue>,
}

/// Plays one case; `Err` says what was given instead of what was recorded.
pub type Adapter = fn(&Case<'_>) -> Result<(), String>;

/// Takes further measures of a case, beside whether it passes.
pub type Measure = fn(&Case<'_>, &mut Measures) -> Result<(), String>;

/// By further measures, how many cases agree, of those that can be held to them.
#[derive(Default)]
pub struct Measures(Vec<(&'static str, usize, usize)>);

impl Measures {
    pub fn count(&mut self, name: &'static str, agrees: bool) {
        let at = self.0.iter().position(|(known, ..)| *known == name);
        let at = at.unwrap_or_else(|| {
            self.0.push((name, 0, 0));
            self.0.len() - 1
        });
        let (_, passed, total) = &mut self.0[at];
        *passed += usize::from(agrees);
        *total += 1;
    }
}

impl fmt::Display for Measures {
    /// A line of its own, where there is something to say.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, passed, total)) in self.0.iter().enumerate() {
            let before = if at == 0 {
                "\n  of the stable ones: "
            } else {
                ", "
            };
            write!(f, "{before}{name} {passed}/{total}")?;
        }
        Ok(())
    }
}

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

/// Field errors as they are recorded: kind and path, in no order, as often as they were reported.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(from = "Vec<Found>")]
pub struct Errors(Vec<Found>);

#[derive(Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(deny_unknown_fields)]
struct Found {
    field: String,
    r#type: String,
}

impl From<Vec<Found>> for Errors {
    fn from(mut found: Vec<Found>) -> Self {
        found.sort();
        Self(found)
    }
}

impl From<FieldErrors> for Errors {
    fn from(errors: FieldErrors) -> Self {
        let found = errors.into_iter().map(|error| Found {
            r#type: error.kind.reason().replace("FieldValue", ""),
            field: error.field.into(),
        });
        Self::from(found.collect::<Vec<_>>())
    }
}

impl From<Result<(), FieldErrors>> for Errors {
    fn from(result: Result<(), FieldErrors>) -> Self {
        result.map_or_else(Self::from, |()| Self::default())
    }
}
