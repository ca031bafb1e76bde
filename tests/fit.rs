//! The example that asks where a pod fits: what it prints, and how it refuses.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Builds the example where cargo has not done so, and returns where it is.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = env::current_exe().expect("a running program has a path");
        let target = test.ancestors().nth(3).expect("TARGET/PROFILE/deps/tests");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--example", "fit", "--target-dir"])
            .arg(target)
            .current_dir(root())
            .status();
        assert!(built.is_ok_and(|status| status.success()));
        let program = target.join("debug").join("examples").join("fit");
        program.with_extension(env::consts::EXE_EXTENSION)
    })
}

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(program())
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that reads nothing closes its end.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("the example ends")
}

fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).expect("the example writes text")
}

/// What the example prints for input that is all right.
fn told(arguments: &[&str], input: &str) -> String {
    let output = run(arguments, input);
    assert_eq!(text(&output.stderr), "", "{arguments:?}");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    text(&output.stdout).to_owned()
}

/// The one line that the example refuses input with.
fn refused(arguments: &[&str], input: &str) -> String {
    let output = run(arguments, input);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    assert_eq!(text(&output.stdout), "", "{arguments:?}");
    let said = text(&output.stderr);
    assert_eq!(said.lines().count(), 1, "{said}");
    said.strip_prefix("error: ")
        .expect("it says that it is an error")
        .trim_end()
        .to_owned()
}

/// Keeps a cluster in a file of its own and asks about the pod of `examples/manifests/web.yaml`.
fn in_cluster<T>(name: &str, cluster: &str, ask: impl FnOnce(&[&str], &str) -> T) -> T {
    let file = env::temp_dir().join(format!("fit-{}-{name}.yaml", std::process::id()));
    fs::write(&file, cluster).expect("a file can be written");
    let path = file.to_str().expect("a path of text");
    let result = ask(&["examples/manifests/web.yaml", "--cluster", path], "");
    fs::remove_file(&file).expect("the file is there");
    result
}

const NODES: &str = r#"
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Node, metadata: {name: a}, status: {allocatable: {cpu: "1", memory: 1Gi, pods: "9"}}}
  - {apiVersion: v1, kind: Node, metadata: {name: b}, status: {allocatable: {cpu: 50m, memory: 1Gi, pods: "9"}}}
"#;

#[test]
fn the_demonstration_finds_a_place_for_one_pod_and_victims_for_the_other() {
    let said = told(&[], "");
    for line in [
        "worker-3   no             node(s) didn't match pod anti-affinity rules",
        "small      no             Insufficient cpu (500m wanted, 750m of 1000m taken)",
        "PodTopologySpread                 2        100        0",
        "Chosen: worker-1",
        "worker-1   ends shop/cache-1, batch/report-1 (1 against a disruption budget)",
        "worker-3   does not suffice: Insufficient cpu (3500m wanted, 2000m of 4000m taken)",
        "FailedScheduling: 0/6 nodes are available: 1 Insufficient memory, \
         1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 4 Insufficient cpu.",
        "Chosen: worker-2, once its victims are gone",
    ] {
        assert!(said.lines().any(|found| found == line), "{line}\n{said}");
    }
}

#[test]
fn a_cluster_of_a_file_is_asked_node_by_node() {
    in_cluster("two", NODES, |arguments, _| {
        let said = told(arguments, "");
        assert!(said.contains("\na      yes    "), "{said}");
        assert!(
            said.contains("Insufficient cpu (100m wanted, 0m of 50m taken)"),
            "{said}"
        );
        assert!(said.ends_with("Chosen: a\n"), "{said}");
    });
}

#[test]
fn pods_of_the_cluster_take_room_unless_they_have_ended() {
    let pod = |phase: &str| {
        format!(
            "{NODES}---\napiVersion: v1\nkind: Pod\nmetadata: {{name: old}}\nspec: {{nodeName: a, containers: \
             [{{name: c, resources: {{requests: {{cpu: '1'}}}}}}]}}\nstatus: {{phase: {phase}}}\n"
        )
    };
    in_cluster("running", &pod("Running"), |arguments, _| {
        let said = told(arguments, "");
        assert!(
            said.ends_with(
                "FailedScheduling: 0/2 nodes are available: 2 Insufficient cpu. \
                 no new claims to deallocate, preemption: 0/2 nodes are available: \
                 1 No preemption victims found for incoming pod, \
                 1 Preemption is not helpful for scheduling.\n"
            ),
            "{said}"
        );
    });
    in_cluster("ended", &pod("Succeeded"), |arguments, _| {
        let said = told(arguments, "");
        assert!(said.ends_with("Chosen: a\n"), "{said}");
    });
}

#[test]
fn nodes_that_are_equally_good_are_all_named() {
    in_cluster("equal", &NODES.replace("50m", "'1'"), |arguments, _| {
        let said = told(arguments, "");
        assert!(said.ends_with("Chosen: a; just as good: b\n"), "{said}");
    });
}

#[test]
fn a_gated_pod_is_not_looked_at() {
    let said = told(
        &["-"],
        "{apiVersion: v1, kind: Pod, metadata: {name: w}, spec: {schedulingGates: [{name: example.com/quota}], \
         containers: [{name: c, image: i}]}}",
    );
    assert!(
        said.ends_with("It is not looked at: it has scheduling gates.\n"),
        "{said}"
    );
}

#[test]
fn a_pod_of_a_deployment_is_asked_about_too() {
    let said = told(
        &["-"],
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: shop}, spec: {selector: {}, template: {spec: \
         {containers: [{name: c, image: i}]}}}}",
    );
    assert!(
        said.starts_with("Pod default/shop-0 of standard input:1, priority 0\n"),
        "{said}"
    );
}

#[test]
fn broken_input_is_refused_with_its_file_its_line_and_its_field() {
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n";
    assert_eq!(
        refused(&["-"], &format!("{pod}      imgae: nginx\n")),
        "standard input:7: spec.containers[0].imgae: unknown field, did you mean \"image\"?"
    );
    assert_eq!(
        refused(&["-"], pod),
        "standard input:6: spec.containers[0].image: Required value"
    );
    assert_eq!(
        refused(
            &["-"],
            &format!("{pod}      image: nginx\n  priorityClassName: gold\n")
        ),
        "standard input:8: spec.priorityClassName: the Pod's priority class \"gold\" is not in \
         examples/fit/cluster.yaml"
    );
    assert!(refused(&["no-such-file.yaml"], "").starts_with("no-such-file.yaml: "));
    assert!(refused(&["--frobnicate"], "").ends_with("(see --help)"));
}

#[test]
fn a_broken_cluster_is_refused_with_its_line_and_its_field() {
    let refusal = |name: &str, cluster: &str| {
        in_cluster(name, cluster, |arguments, input| {
            let said = refused(arguments, input);
            let end = said.find(".yaml").expect("the file is named");
            said[end..].to_owned()
        })
    };
    assert_eq!(
        refusal("quantity", &NODES.replace("50m", "fifty")),
        ".yaml:6: items[1].status.allocatable.cpu: \
         quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    );
    assert_eq!(
        refusal("nameless", &NODES.replace("name: b", "uid: b")),
        ".yaml:6: items[1].metadata.name: a name is needed"
    );
    assert_eq!(
        refusal(
            "version",
            &NODES.replace(
                "{apiVersion: v1, kind: Node, metadata: {name: b",
                "{apiVersion: v2, kind: Node, metadata: {name: b"
            )
        ),
        ".yaml:6: items[1].apiVersion: a Node is of version \"v1\", not \"v2\""
    );
    for (name, without) in [
        ("empty", "apiVersion: v1\nkind: List\nitems: []\n"),
        (
            "nodes",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
        ),
    ] {
        assert_eq!(
            refusal(name, without),
            ".yaml: there is no node in it, as `kubectl get nodes,pods -A -o yaml` prints them"
        );
    }
    assert_eq!(refusal("nothing", "---\n"), ".yaml: there is nothing in it");
    assert_eq!(
        refusal("list", "- a\n- b\n"),
        ".yaml:1: this is not an object"
    );
    assert_eq!(
        refusal("item", &format!("{NODES}  - oops\n")),
        ".yaml:7: items[2]: this is not an object"
    );
    assert_eq!(
        refusal("no-yaml", "items: [\n}"),
        ".yaml:1:8: mismatched bracket '[' closed by '}'"
    );
    assert_eq!(
        refusal("twice", &NODES.replace("name: b", "name: a")),
        ".yaml:6: items[1].metadata.name: there is a Node of this name on line 5"
    );
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: old}\nspec: {nodeName: a}\n";
    assert_eq!(
        refusal("no-containers", &format!("{NODES}{pod}")),
        ".yaml:11: spec.containers: a pod needs containers"
    );
}

#[test]
fn what_cannot_be_read_is_refused_by_its_name() {
    let web = "examples/manifests/web.yaml";
    for (arguments, file) in [
        (&["examples"][..], "examples: "),
        (&[web, "--cluster", "examples"], "examples: "),
        (
            &[web, "--cluster", "no-such-file.yaml"],
            "no-such-file.yaml: ",
        ),
    ] {
        let said = refused(arguments, "");
        assert!(said.starts_with(file), "{said}");
    }
    assert_eq!(
        refused(&["-"], "kind: Service\napiVersion: v1\n"),
        "standard input:1: kind: \"Service\" is not a pod and has no pod template"
    );
    assert_eq!(
        refused(&["-"], ""),
        "standard input: there is nothing in it"
    );
    assert_eq!(
        refused(&["--cluster"], ""),
        "missing argument for option '--cluster' (see --help)"
    );
}

/// As `kubectl get nodes,pods -A -o json` prints it, but for what is longer.
const PRINTED: &str = r#"{
    "apiVersion": "v1",
    "items": [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"creationTimestamp": "2026-03-01T09:00:00Z", "name": "n1", "uid": "u1"},
            "spec": {"podCIDR": "10.244.0.0/24", "providerID": "kind://docker/kind/n1"},
            "status": {
                "addresses": [{"address": "172.18.0.2", "type": "InternalIP"}],
                "allocatable": {"cpu": "8", "memory": "2Gi", "pods": "110"},
                "capacity": {"cpu": "8", "memory": "2Gi", "pods": "110"},
                "nodeInfo": {"kernelVersion": "6.1", "kubeletVersion": "v1.36.2"}
            }
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"generateName": "web-", "name": "web-1", "namespace": "default", "uid": "u2"},
            "spec": {
                "containers": [{"image": "nginx", "name": "nginx", "resources": {"requests": {"memory": "1985Mi"}}}],
                "nodeName": "n1",
                "priority": 0
            },
            "status": {"phase": "Running", "qosClass": "Burstable"}
        }
    ],
    "kind": "List",
    "metadata": {"resourceVersion": ""}
}
"#;

#[test]
fn a_cluster_may_be_json_and_come_from_standard_input() {
    let said = told(&["examples/manifests/web.yaml", "--cluster", "-"], PRINTED);
    assert!(
        said.contains("\nstandard input: nodes: 1, pods on them: 1\n"),
        "{said}"
    );
    assert!(
        said.contains("Insufficient memory (64Mi wanted, 1985Mi of 2Gi taken)"),
        "{said}"
    );
}

#[test]
fn a_node_that_does_not_say_what_it_has_is_pointed_out() {
    let bare = NODES.replace("{cpu: 50m, memory: 1Gi, pods: \"9\"}", "{}");
    in_cluster("bare", &bare, |arguments, _| {
        let output = run(arguments, "");
        assert_eq!(output.status.code(), Some(0));
        let said = text(&output.stderr);
        assert!(
            said.ends_with(
                ".yaml:6: items[1].status.allocatable: \
                 the node does not say what it has, so that nothing fits\n"
            ),
            "{said}"
        );
    });
}

#[test]
fn whoever_has_seen_enough_may_stop_reading() {
    let mut child = Command::new(program())
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the example ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_field_of_the_cluster_that_is_not_known_is_passed_over_aloud() {
    in_cluster(
        "newer",
        &NODES.replace("name: b}", "name: b}, stauts: {}"),
        |arguments, _| {
            let output = run(arguments, "");
            assert_eq!(output.status.code(), Some(0));
            let said = text(&output.stderr);
            assert!(
                said.starts_with("warning: ")
                    && said.trim_end().ends_with(
                        ".yaml:6: items[1].stauts: unknown field, did you mean \"status\"?"
                    ),
                "{said}"
            );
        },
    );
}

#[test]
fn help_says_how_it_is_used() {
    let help = told(&["--help"], "");
    assert!(help.contains("usage: fit [OPTION...] [MANIFEST...]"));
    for option in ["--cluster", "--help"] {
        assert!(help.contains(option), "{option}");
    }
}
