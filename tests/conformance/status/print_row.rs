//! The row of `kubectl get pods`.

use pod_lifecycle::{
    api::Pod,
    jiff::Timestamp,
    kubectl::{self, Columns},
};
use serde::Deserialize;

use crate::case::Case;

pub fn print_row(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct In {
        pod: Pod,
        now: Timestamp,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Out {
        name: String,
        ready: String,
        status: String,
        restarts: i64,
        last_restart_ago: Option<String>,
        age: String,
        #[serde(default)]
        completed: bool,
        wide: Wide,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Wide {
        ip: String,
        node: String,
        nominated_node: String,
        readiness_gates: String,
    }
    let input: In = case.input()?;
    let row = kubectl::row(&input.pod, input.now);
    let cells = row.cells(Columns::Wide);
    let [_, _, _, _, age, ip, node, nominated_node, readiness_gates] =
        <[String; 9]>::try_from(cells).map_err(|cells| format!("{cells:?}"))?;
    case.expect(&Out {
        name: row.name.into(),
        ready: row.ready.to_string(),
        status: row.status.to_string(),
        restarts: row.restarts.count,
        last_restart_ago: row.restarts.last.map(|last| last.to_string()),
        age,
        completed: row.completed,
        wide: Wide {
            ip,
            node,
            nominated_node,
            readiness_gates,
        },
    })
}
