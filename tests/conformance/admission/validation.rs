//! What is wrong with pods, and what is only strange.

use pod_lifecycle::{
    admission::{
        conversion, defaults, prepare,
        validation::{self, Options},
        warnings,
    },
    api::{ObjectMeta, Pod},
    field::FieldErrors,
    jiff::Timestamp,
};
use serde::Deserialize;

use crate::case::Case;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct One {
    pod: Pod,
    allow_privileged: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Two {
    old: Pod,
    new: Pod,
    allow_privileged: Option<bool>,
}

/// An error as it is recorded.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
struct Found {
    field: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Errors {
    errors: Vec<Found>,
    #[serde(default)]
    raw_errors: Vec<Found>,
}

fn options(allow_privileged: Option<bool>) -> Options {
    let mut options = Options::default();
    options.allow_privileged = allow_privileged.unwrap_or(true);
    options
}

/// The errors of a result, sorted by field and type.
fn found(result: Result<(), FieldErrors>) -> Vec<Found> {
    let errors = result.err().into_iter().flatten();
    let mut found: Vec<_> = errors
        .map(|error| Found {
            field: error.field.to_string(),
            kind: error.kind.reason().trim_start_matches("FieldValue").into(),
        })
        .collect();
    found.sort();
    found
}

fn expect(case: &Case<'_>, errors: Vec<Found>, raw_errors: Vec<Found>) -> Result<(), String> {
    let want: Errors = case.output()?;
    let differ = |want: &[Found], got: &[Found]| {
        let (mut missing, mut more) = (want.to_vec(), got.to_vec());
        missing.retain(|error| {
            let at = more.iter().position(|other| other == error);
            at.map(|at| more.remove(at)).is_none()
        });
        format!("missing {missing:?}, too many {more:?}")
    };
    if want.errors != errors {
        return Err(differ(&want.errors, &errors));
    }
    if want.raw_errors != raw_errors {
        return Err(format!("raw: {}", differ(&want.raw_errors, &raw_errors)));
    }
    Ok(())
}

pub fn create(case: &Case<'_>) -> Result<(), String> {
    let mut input: One = case.input()?;
    conversion::normalize(&mut input.pod);
    let options = options(input.allow_privileged);
    expect(
        case,
        found(validation::create(&input.pod, &options)),
        Vec::new(),
    )
}

pub fn admit_create(case: &Case<'_>) -> Result<(), String> {
    let One { mut pod, .. } = case.input()?;
    defaults::apply(&mut pod);
    conversion::normalize(&mut pod);
    prepare::create(Timestamp::UNIX_EPOCH, &mut pod);
    let errors = validation::create(&pod, &Options::default());
    expect(case, found(errors), Vec::new())
}

type Validate = fn(&Pod, &Pod, &Options) -> Result<(), FieldErrors>;

pub fn update(case: &Case<'_>) -> Result<(), String> {
    let mut input: Two = case.input()?;
    conversion::normalize(&mut input.old);
    conversion::normalize(&mut input.new);
    let options = options(input.allow_privileged);
    let errors = validation::update(&input.new, &input.old, &options);
    expect(case, found(errors), Vec::new())
}

/// What the generic registry takes from the old metadata.
fn keep_system_metadata(new: &mut ObjectMeta, old: &ObjectMeta) {
    if new.uid.is_empty() {
        new.uid.clone_from(&old.uid);
    }
    new.creation_timestamp = old.creation_timestamp.or(new.creation_timestamp);
    new.deletion_timestamp = old.deletion_timestamp.or(new.deletion_timestamp);
    let period = &mut new.deletion_grace_period_seconds;
    *period = period.or(old.deletion_grace_period_seconds);
}

fn subresource(
    case: &Case<'_>,
    prepare: fn(&mut Pod, &Pod),
    validate: Validate,
) -> Result<(), String> {
    let mut input: Two = case.input()?;
    conversion::normalize(&mut input.old);
    conversion::normalize(&mut input.new);
    let options = options(input.allow_privileged);
    let raw = found(validate(&input.new, &input.old, &options));
    let mut new = input.new;
    new.metadata.generation = input.old.metadata.generation;
    prepare(&mut new, &input.old);
    keep_system_metadata(&mut new.metadata, &input.old.metadata);
    expect(case, found(validate(&new, &input.old, &options)), raw)
}

pub fn status_update(case: &Case<'_>) -> Result<(), String> {
    subresource(case, prepare::status_update, validation::status_update)
}

pub fn ephemeral_containers_update(case: &Case<'_>) -> Result<(), String> {
    subresource(
        case,
        prepare::ephemeral_containers_update,
        validation::ephemeral_containers_update,
    )
}

pub fn resize(case: &Case<'_>) -> Result<(), String> {
    subresource(case, prepare::resize, validation::resize)
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Warnings {
    fields: Vec<String>,
    without_field: usize,
}

pub fn warnings(case: &Case<'_>) -> Result<(), String> {
    let One { pod, .. } = case.input()?;
    let warnings = warnings::create(&pod);
    let fields = warnings.iter().filter_map(|warning| warning.field.as_ref());
    let mut fields: Vec<_> = fields.map(ToString::to_string).collect();
    fields.sort();
    case.expect(&Warnings {
        without_field: warnings.len() - fields.len(),
        fields,
    })
}
