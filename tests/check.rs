//! The example that judges manifests: what it says, and how it exits.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

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
            .args(["build", "--quiet", "--example", "check", "--target-dir"])
            .arg(target)
            .current_dir(root())
            .status();
        assert!(built.is_ok_and(|status| status.success()));
        let program = target.join("debug").join("examples").join("check");
        program.with_extension(env::consts::EXE_EXTENSION)
    })
}

/// What the example prints, and its exit status.
fn check(arguments: &[&str], input: &str) -> (String, i32) {
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
    let output = child.wait_with_output().expect("the example ends");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).expect("the example writes text");
    (said, output.status.code().expect("it was not killed"))
}

fn said(input: &str) -> String {
    check(&[], input).0
}

const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx
";

const SELECTOR: &str = "selector: {matchLabels: {app: web}}";

/// A workload with a container that has one port too long in its name, and nothing else wrong.
fn workload(kind: &str, version: &str, before: &str, indent: usize) -> String {
    let ends = kind.ends_with("Job");
    let template = [
        "template:",
        "  metadata: {labels: {app: web}}",
        "  spec:",
        if ends {
            "    restartPolicy: Never"
        } else {
            "    restartPolicy: Always"
        },
        "    containers:",
        "      - name: web",
        "        image: nginx",
        "        ports: [{containerPort: 9090, name: http-remote-write}]",
    ];
    let mut text =
        format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: web}}\n{before}");
    let selects = matches!(
        kind,
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet"
    );
    for line in selects.then_some(SELECTOR).into_iter().chain(template) {
        text.push_str(&format!("{:indent$}{line}\n", ""));
    }
    text
}

#[test]
fn a_valid_pod_is_ok() {
    let (said, status) = check(&[], POD);
    assert_eq!(
        said,
        "ok: standard input:1: Pod web\n\
         1 object checked, 0 passed over: 0 errors, 0 warnings\n"
    );
    assert_eq!(status, 0);
}

#[test]
fn the_examples_have_one_that_is_wrong() {
    let (said, status) = check(&["examples/manifests"], "");
    let errors: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(
        errors,
        [
            "error: examples/manifests/typo.yaml:9: spec.containers[0].imgae: \
             unknown field, did you mean \"image\"?",
            "error: examples/manifests/typo.yaml:8: spec.containers[0].image: Required value",
        ]
    );
    let last = said.lines().last().unwrap_or_default();
    assert!(last.ends_with(": 2 errors, 0 warnings"), "{last}");
    assert_eq!(status, 1);
}

#[test]
fn the_template_of_every_workload_is_judged_where_it_stands() {
    let spec = "spec:\n";
    let job = "spec:\n  schedule: '* * * * *'\n  jobTemplate:\n    spec:\n";
    for (kind, version, before, path, indent) in [
        ("Deployment", "apps/v1", spec, "spec.template", 2),
        ("StatefulSet", "apps/v1", spec, "spec.template", 2),
        ("DaemonSet", "apps/v1", spec, "spec.template", 2),
        ("ReplicaSet", "apps/v1", spec, "spec.template", 2),
        ("ReplicationController", "v1", spec, "spec.template", 2),
        ("Job", "batch/v1", spec, "spec.template", 2),
        (
            "CronJob",
            "batch/v1",
            job,
            "spec.jobTemplate.spec.template",
            6,
        ),
        ("PodTemplate", "v1", "", "template", 0),
    ] {
        let manifest = workload(kind, version, before, indent);
        let (said, status) = check(&[], &manifest);
        let line = manifest.lines().count();
        let expected = format!(
            "error: standard input:{line}: {path}.spec.containers[0].ports[0].name: \
             Invalid value: \"http-remote-write\": must be no more than 15 "
        );
        assert!(said.starts_with(&expected), "{manifest}\n{said}");
        assert_eq!(said.lines().count(), 2, "{said}");
        assert_eq!(status, 1);
    }
}

#[test]
fn fields_around_a_template_are_known_too() {
    let manifest = workload("Deployment", "apps/v1", "spec:\n  replica: 2\n", 2);
    let said = said(&manifest);
    let expected = "standard input:5: spec.replica: unknown field, did you mean \"replicas\"?";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_field_given_twice_says_where_it_was_before() {
    let said = said(&POD.replace("      image", "      image: busybox\n      image"));
    let expected = "error: standard input:8: spec.containers[0].image: \
                    duplicate field, given before on line 7\n";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn a_value_of_another_type_is_a_finding() {
    let (said, status) = check(&[], &POD.replace("nginx", "[nginx]"));
    let expected =
        "error: standard input:7: spec.containers[0].image: expected a string, found a list\n";
    assert!(said.starts_with(expected), "{said}");
    assert_eq!(status, 1);
}

#[test]
fn warnings_are_findings_where_that_is_wanted() {
    let manifest = POD.replace(
        "spec:",
        "spec:\n  nodeSelector: {beta.kubernetes.io/os: linux}",
    );
    let (said, status) = check(&[], &manifest);
    assert!(
        said.starts_with("warning: standard input:5: spec.nodeSelector[beta.kubernetes.io/os]: "),
        "{said}"
    );
    assert_eq!(status, 0);
    assert_eq!(check(&["--warnings-as-errors"], &manifest).1, 1);
}

#[test]
fn a_warning_about_a_template_stands_at_its_path() {
    let manifest = workload("Deployment", "apps/v1", "spec:\n", 2)
        .replace("http-remote-write", "http")
        .replace(
            "    containers:",
            "    nodeSelector: {beta.kubernetes.io/os: linux}\n      containers:",
        );
    let said = said(&manifest);
    let expected = ": spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn other_kinds_are_passed_over_and_misspelled_ones_are_not() {
    let service = "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
    let (text, status) = check(&[], &format!("{POD}{service}"));
    assert!(text.ends_with("1 object checked, 1 passed over: 0 errors, 0 warnings\n"));
    assert_eq!(status, 0);
    let said = said(&POD.replace("kind: Pod", "kind: Pdo"));
    assert!(said.contains("did you mean \"Pod\"?"), "{said}");
}

#[test]
fn what_cannot_be_read_is_worse_than_what_is_wrong() {
    let (said, status) = check(
        &["nowhere.yaml", "examples/manifests/typo.yaml", "-"],
        "a: [",
    );
    assert!(said.contains("unreadable: nowhere.yaml: "), "{said}");
    assert!(said.contains("unreadable: standard input:1:"), "{said}");
    assert!(said.contains("did you mean \"image\"?"), "{said}");
    assert_eq!(status, 2);
    assert_eq!(check(&["--outptu"], "").1, 2);
    assert_eq!(check(&["--output", "xml"], "").1, 2);
    assert_eq!(check(&[], "# nothing\n").1, 2);
}

#[test]
fn a_directory_is_read_to_its_leaves() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check");
    let below = root.join("a/b");
    fs::create_dir_all(&below).expect("a writable directory");
    for (path, text) in [
        (root.join("one.yml"), POD),
        (
            below.join("two.json"),
            r#"{"apiVersion": "v1", "kind": "Pod"}"#,
        ),
        (below.join("values.yaml"), "replicas: 2\n"),
        (below.join("empty.yaml"), "# nothing\n"),
        (below.join("notes.txt"), "a: ["),
    ] {
        fs::write(path, text).expect("a writable directory");
    }
    let (said, status) = check(&[root.to_str().expect("a path that is text")], "");
    assert!(
        said.contains("two.json:1: metadata.name: Required value"),
        "{said}"
    );
    assert!(
        said.contains("one.yml:1: Pod web\n2 objects checked, 1 passed over: "),
        "{said}"
    );
    assert_eq!(status, 1);
}

#[test]
fn programs_get_json() {
    let (said, status) = check(&["--output", "json"], &POD.replace("image:", "imgae:"));
    let report: Value = serde_json::from_str(&said).expect("it is JSON");
    let object = &report["objects"][0];
    assert_eq!(object["kind"], "Pod");
    assert_eq!(object["name"], "web");
    assert_eq!(object["line"], 1);
    let error = &object["errors"][0];
    assert_eq!(error["line"], 7);
    assert_eq!(error["field"], "spec.containers[0].imgae");
    assert_eq!(error["message"], "unknown field, did you mean \"image\"?");
    assert_eq!(object["warnings"], Value::Array(vec![]));
    assert_eq!(report["unreadable"], Value::Array(vec![]));
    assert_eq!(status, 1);
}

#[test]
fn a_list_of_any_kind_is_its_items() {
    let pod = "{metadata: {name: web}, spec: {containers: [{name: Web, image: nginx}]}}";
    let list = format!("apiVersion: v1\nkind: PodList\nitems:\n- {pod}\n");
    let (said, status) = check(&[], &list);
    let expected =
        "error: standard input:4: items[0].spec.containers[0].name: Invalid value: \"Web\"";
    assert!(said.starts_with(expected), "{said}");
    assert_eq!(status, 1);

    let template =
        format!("{{metadata: {{name: web}}, spec: {{selector: {{}}, template: {pod}}}}}");
    let list = format!("apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- {template}\n");
    let text = check(&[], &list).0;
    assert!(
        text.contains("items[0].spec.template.spec.containers[0].name"),
        "{text}"
    );

    let inner = POD.replace("nginx", "''").replace('\n', "\n    ");
    let nested =
        format!("apiVersion: v1\nkind: List\nitems:\n- kind: List\n  items:\n  - {inner}\n");
    let text = check(&[], &nested).0;
    let expected = "items[0].items[0].spec.containers[0].image: Required value";
    assert!(text.contains(expected), "{nested}\n{text}");
}

#[test]
fn a_list_of_nothing_is_fine() {
    for list in [
        "kind: List\nitems: []\n",
        "kind: List\n",
        "kind: DeploymentList\nitems: []\n",
    ] {
        let (said, status) = check(&[], &format!("apiVersion: v1\n{list}"));
        assert_eq!(
            said,
            "0 objects checked, 1 passed over: 0 errors, 0 warnings\n"
        );
        assert_eq!(status, 0);
    }
}

#[test]
fn kinds_of_other_groups_are_passed_over_whatever_their_name() {
    for (kind, version) in [
        ("Job", "batch.volcano.sh/v1alpha1"),
        ("Pods", "metrics.k8s.io/v1beta1"),
    ] {
        let (said, status) = check(&[], &format!("apiVersion: {version}\nkind: {kind}\n"));
        assert!(
            said.starts_with("0 objects checked, 1 passed over"),
            "{said}"
        );
        assert_eq!(status, 0);
    }
    let said = said("apiVersion: extensions/v1beta1\nkind: Deployment\n");
    assert!(
        said.contains("a Deployment is of version \"apps/v1\""),
        "{said}"
    );
}

#[test]
fn json_may_come_one_object_after_the_other() {
    let pod = |image: &str| {
        format!(
            r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "web"}},
                "spec": {{"containers": [{{"name": "web", "image": "{image}"}}]}}}}"#
        )
    };
    let (said, status) = check(&[], &format!("{}\n  {}\n", pod("nginx"), pod("")));
    assert_eq!(
        said,
        "ok: standard input:1: Pod web\n\
         error: standard input:4: spec.containers[0].image: Required value\n\
         2 objects checked, 0 passed over: 1 error, 0 warnings\n"
    );
    assert_eq!(status, 1);
    assert_eq!(check(&[], "{\"kind\": \"Service\"}\n{\"kind\":").1, 2);
}

/// As the plugin that every API server has by default would.
#[test]
fn pods_run_as_the_default_service_account_where_they_name_none() {
    let volume = "  volumes: [{name: token, projected: {sources: [{serviceAccountToken: {path: token}}]}}]\n";
    let (said, status) = check(&[], &format!("{POD}{volume}"));
    assert!(said.starts_with("ok: "), "{said}");
    assert_eq!(status, 0);
}

#[test]
fn jobs_say_whether_their_pods_restart() {
    let job = workload("Job", "batch/v1", "spec:\n", 2).replace("http-remote-write", "http");
    assert_eq!(check(&[], &job).1, 0);
    assert_eq!(
        said(&job.replace("restartPolicy: Never", "hostNetwork: false")),
        "error: standard input:7: spec.template.spec.restartPolicy: \
         Required value: valid values: \"OnFailure\", \"Never\"\n\
         1 object checked, 0 passed over: 1 error, 0 warnings\n"
    );
}

#[test]
fn what_keeps_its_pods_running_selects_them() {
    let deployment =
        workload("Deployment", "apps/v1", "spec:\n", 2).replace("http-remote-write", "http");
    assert_eq!(check(&[], &deployment).1, 0);
    for (from, to, expected) in [
        (SELECTOR, "paused: false", "spec.selector: Required value\n"),
        (
            SELECTOR,
            "selector: {}",
            "spec.selector: Invalid value: empty selector is invalid\n",
        ),
        (
            "labels: {app: web}",
            "labels: {app: db}",
            "spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`\n",
        ),
        (
            "restartPolicy: Always",
            "restartPolicy: Never",
            "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"\n",
        ),
        (
            "restartPolicy: Always",
            "activeDeadlineSeconds: 5",
            "spec.template.spec.activeDeadlineSeconds: Forbidden: not supported in a Deployment\n",
        ),
    ] {
        let text = said(&deployment.replace(from, to));
        assert!(text.contains(expected), "{text}");
        assert!(text.ends_with(": 1 error, 0 warnings\n"), "{text}");
    }
}

#[test]
fn the_claims_of_a_stateful_set_are_volumes_of_its_pods() {
    let claims = "spec:\n  serviceName: db\n  volumeClaimTemplates: [{metadata: {name: data}}]\n";
    let set = workload("StatefulSet", "apps/v1", claims, 2).replace(
        "ports: [{containerPort: 9090, name: http-remote-write}]",
        "volumeMounts: [{name: data, mountPath: /data}]",
    );
    let (text, status) = check(&[], &set);
    assert!(text.starts_with("ok: "), "{text}");
    assert_eq!(status, 0);
    let text = said(&set.replace("[{name: data, mount", "[{name: dta, mount"));
    assert!(
        text.contains("volumeMounts[0].name: Not found: \"dta\"\n"),
        "{text}"
    );
}

#[test]
fn the_name_of_a_workload_is_one() {
    let said =
        said(&workload("Job", "batch/v1", "spec:\n", 2).replace("name: web}", "name: my_web}"));
    assert!(
        said.contains(":3: metadata.name: Invalid value: \"my_web\": "),
        "{said}"
    );
}

#[test]
fn yaml_is_read_as_kubectl_reads_it() {
    let (said, status) = check(
        &[],
        "apiVersion: v1
kind: Pod
metadata: {name: web, labels: &labels {app: web}, annotations: {<<: *labels, on: 'yes'}}
spec:
  containers:
  - &one {name: a, image: b}
  - {<<: [*one, {imagePullPolicy: Never}], name: c}
  volumes:
  - {name: old, secret: {secretName: s, defaultMode: 0644}}
  - {name: new, secret: {secretName: s, defaultMode: 0o644}}
  - {name: wide, secret: {secretName: s, defaultMode: 01000}}
",
    );
    assert_eq!(
        said,
        "error: standard input:11: spec.volumes[2].secret.defaultMode: \
         Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive\n\
         1 object checked, 0 passed over: 1 error, 0 warnings\n"
    );
    assert_eq!(status, 1);
}

#[test]
fn a_dump_of_a_whole_cluster_is_read() {
    let many = format!("---\n{POD}").repeat(1_100);
    let said = said(&many);
    assert!(said.ends_with("1100 objects checked, 0 passed over: 0 errors, 0 warnings\n"));
    let long = format!("{POD}      args: [{}]\n", "a, ".repeat(300_000));
    assert_eq!(check(&[], &long).1, 0);
}

#[test]
fn aliases_may_be_many_and_must_not_multiply_without_end() {
    let many = format!(
        "{POD}      env:\n      - &one {{name: A, value: a}}\n{}",
        "      - *one\n".repeat(150)
    );
    assert_eq!(check(&[], &many).1, 0);
    let mut laughs = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (before, letter) in ('a'..='h').zip('b'..='i') {
        let ten = format!("*{before}, ").repeat(10);
        laughs.push_str(&format!("{letter}: &{letter} [{ten}]\n"));
    }
    let (said, status) = check(&[], &laughs);
    assert!(said.contains("too large or too complex"), "{said}");
    assert_eq!(status, 2);
}
