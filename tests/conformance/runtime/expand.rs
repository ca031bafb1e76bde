//! References to environment variables.

use std::collections::BTreeMap;

use pod_lifecycle::{api::Container, lifecycle::expand};
use serde::Deserialize;

use crate::case::Case;

#[derive(Deserialize)]
struct Variable {
    name: String,
    #[serde(default)]
    value: String,
}

fn by_name(env: &[Variable]) -> BTreeMap<&str, &str> {
    env.iter()
        .map(|variable| (&*variable.name, &*variable.value))
        .collect()
}

pub(crate) fn container_expand(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Input {
        command: Vec<String>,
        args: Vec<String>,
        env: Vec<Variable>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Output {
        command: Vec<String>,
        args: Vec<String>,
    }
    let input: Input = case.input()?;
    let container = Container {
        command: input.command,
        args: input.args,
        ..Container::default()
    };
    let env = by_name(&input.env);
    let (command, args) = expand::command_and_args(&container, |name| env.get(name).copied());
    let owned = |texts: Vec<std::borrow::Cow<'_, str>>| {
        texts
            .into_iter()
            .map(std::borrow::Cow::into_owned)
            .collect()
    };
    case.expect(&Output {
        command: owned(command),
        args: owned(args),
    })
}

pub(crate) fn subpath_expand(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        sub_path_expr: String,
        #[serde(default)]
        env: Vec<Variable>,
    }
    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default, rename_all = "camelCase")]
    struct Output {
        sub_path: Option<String>,
        error: bool,
    }
    let input: Input = case.input()?;
    let env = by_name(&input.env);
    let path = expand::sub_path(&input.sub_path_expr, |name| env.get(name).copied());
    case.expect(&Output {
        error: path.is_err(),
        sub_path: path.ok().map(std::borrow::Cow::into_owned),
    })
}
