//! What is said about one pod.

use core::fmt::Write as _;

use pod_lifecycle::{
    api::{Pod, ResourceName},
    format::is_huge_pages,
    quantity::{Format, Quantity},
    scheduling::{
        self, Cycle, Misfit, NodeId, Outcome, PodId,
        preemption::{self, Candidate, Finding, Preemption},
        score::Ranking,
    },
};

use crate::{cluster::Cluster, manifest::Document};

/// Answers for one pod.
pub(crate) fn story(document: &Document, pod: &Pod, cluster: &Cluster) -> String {
    let metadata = &pod.metadata;
    let mut text = format!(
        "Pod {}/{} of {}, priority {}\n{}: nodes: {}, pods on them: {}\n\n",
        metadata.namespace,
        metadata.name,
        document.source(),
        pod.spec.priority.unwrap_or_default(),
        cluster.name,
        cluster.snapshot.len(),
        cluster.placed,
    );
    let placement = scheduling::schedule_one(pod, &cluster.snapshot);
    if placement.outcome.pre_filter == Some(Misfit::Gated) {
        text.push_str("It is not looked at: it has scheduling gates.\n");
        return text;
    }
    text.push_str(&nodes(pod, cluster, &placement.ranking, &placement.outcome));
    text.push('\n');
    match placement.ranking.best() {
        Some(best) => text.push_str(&scores(&placement.ranking, best, cluster)),
        None => text.push_str(&failure(pod, cluster, &placement.outcome)),
    }
    text
}

/// Node by node: whether the pod fits, or everything that keeps it away.
fn nodes(pod: &Pod, cluster: &Cluster, ranking: &Ranking, outcome: &Outcome) -> String {
    let cycle = Cycle::new(pod, &cluster.snapshot);
    let mut rows = vec![row(["NODE", "FITS", "SCORE", "WHY NOT"])];
    for (node, verdict) in &outcome.nodes {
        let place = ranking.nodes.iter().position(|ranked| ranked == node);
        let total = place.and_then(|place| ranking.totals.get(place));
        let misfits: Vec<_> = cycle.explain(*node).iter().map(told).collect();
        rows.push(vec![
            cluster.snapshot.node_name(*node).to_owned(),
            if verdict.fits() { "yes" } else { "no" }.to_owned(),
            total.map_or_else(String::new, ToString::to_string),
            misfits.join("; "),
        ]);
    }
    table(&rows)
}

/// A reason, and what it comes of.
fn told(misfit: &Misfit) -> String {
    match misfit {
        Misfit::UntoleratedTaint(taint) => {
            let value = match &*taint.value {
                "" => String::new(),
                value => format!("={value}"),
            };
            let effect = taint.effect.as_ref().map_or("", |effect| effect.as_str());
            format!("{misfit} {}{value}:{effect}", taint.key)
        }
        Misfit::Insufficient(short) => {
            let amount = |number: i64| match &short.resource {
                resource if *resource == ResourceName::CPU => format!("{number}m"),
                resource if is_in_bytes(resource) => {
                    Quantity::new(number, Format::BinarySi).to_string()
                }
                _ => number.to_string(),
            };
            let [requested, used, capacity] =
                [short.requested, short.used, short.capacity].map(amount);
            format!("{misfit} ({requested} wanted, {used} of {capacity} taken)")
        }
        _ => misfit.to_string(),
    }
}

fn is_in_bytes(resource: &ResourceName) -> bool {
    [ResourceName::MEMORY, ResourceName::EPHEMERAL_STORAGE].contains(resource)
        || is_huge_pages(resource.as_str())
}

/// What each plugin makes of the nodes that the pod fits, and the choice.
fn scores(ranking: &Ranking, best: NodeId, cluster: &Cluster) -> String {
    let name = |node: &NodeId| cluster.snapshot.node_name(*node).to_owned();
    let mut head = row(["SCORE", "WEIGHT"]);
    head.extend(ranking.nodes.iter().map(name));
    let mut rows = vec![head];
    for (score, scores) in &ranking.rows {
        let mut row = row([score.as_str(), &score.weight().to_string()]);
        row.extend(scores.normalized.iter().map(ToString::to_string));
        rows.push(row);
    }
    let mut total = row(["total", ""]);
    total.extend(ranking.totals.iter().map(ToString::to_string));
    rows.push(total);
    let mut text = table(&rows);
    let most = ranking.totals.iter().max();
    let ranked = || ranking.nodes.iter().zip(&ranking.totals);
    let equals = ranked().filter(|(node, total)| Some(*total) == most && **node != best);
    let equals: Vec<_> = equals.map(|(node, _)| name(node)).collect();
    let _ = write!(text, "\nChosen: {}", name(&best));
    if !equals.is_empty() {
        let _ = write!(text, "; just as good: {}", equals.join(", "));
    }
    text.push('\n');
    text
}

/// What the event says, and what preemption would do.
fn failure(pod: &Pod, cluster: &Cluster, outcome: &Outcome) -> String {
    let found = preemption::find(pod, &cluster.snapshot, &cluster.budgets);
    let mut text = String::new();
    if let Some(found) = &found {
        text.push_str(&attempts(found, cluster));
    }
    let summary = [outcome.summary(), preemption::remark(found.as_ref())];
    let _ = writeln!(text, "FailedScheduling: {}", summary.join(" ").trim_end());
    if let Some(choice) = found.and_then(|found| found.choice) {
        let node = cluster.snapshot.node_name(choice.node);
        let _ = writeln!(text, "Chosen: {node}, once its victims are gone");
    }
    text
}

/// Node by node: who would have to go.
fn attempts(found: &Preemption, cluster: &Cluster) -> String {
    let mut rows = vec![row(["NODE", "PREEMPTION"])];
    for attempt in &found.nodes {
        let told = match &attempt.finding {
            Finding::NotHelpful => "is not helpful".to_owned(),
            Finding::NoFit(verdict) => {
                let misfits: Vec<_> = verdict.misfits().iter().map(told).collect();
                format!("does not suffice: {}", misfits.join("; "))
            }
            Finding::Candidate(candidate) => victims(candidate, cluster),
            _ => "finds no victims".to_owned(),
        };
        rows.push(row([cluster.snapshot.node_name(attempt.node), &told]));
    }
    format!("{}\n", table(&rows))
}

fn victims(candidate: &Candidate, cluster: &Cluster) -> String {
    let name = |pod: &PodId| {
        let (namespace, name) = cluster.snapshot.pod_name(*pod)?;
        Some(format!("{namespace}/{name}"))
    };
    let names: Vec<_> = candidate.victims.iter().filter_map(name).collect();
    let against = match candidate.budget_violations {
        0 => String::new(),
        count => format!(" ({count} against a disruption budget)"),
    };
    format!("ends {}{against}", names.join(", "))
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).into()
}

/// Lines cells up; nothing stands behind the last one of a line.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}   ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
