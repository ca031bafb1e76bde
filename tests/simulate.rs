//! The example that a newcomer meets first: what it prints, and how it refuses.

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
            .args(["build", "--quiet", "--example", "simulate", "--target-dir"])
            .arg(target)
            .current_dir(root())
            .status();
        assert!(built.is_ok_and(|status| status.success()));
        let program = target.join("debug").join("examples").join("simulate");
        program.with_extension(env::consts::EXE_EXTENSION)
    })
}

fn simulate(arguments: &[&str], input: &str) -> Output {
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

/// What the example prints for arguments that are all right.
fn told(arguments: &[&str], input: &str) -> String {
    let output = simulate(arguments, input);
    assert_eq!(text(&output.stderr), "", "{arguments:?}");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    text(&output.stdout).to_owned()
}

/// What the example says against a manifest from standard input.
fn refused(manifest: &str) -> String {
    refused_with(&["-"], manifest)
}

fn refused_with(arguments: &[&str], input: &str) -> String {
    let output = simulate(arguments, input);
    let said = text(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{arguments:?} {input}: {said}"
    );
    assert_eq!(text(&output.stdout), "", "{arguments:?} {input}");
    assert!(said.starts_with("error: "), "{arguments:?} {input}: {said}");
    said.to_owned()
}

/// A file below cargo's directory for such things.
fn file(name: &str, content: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("the directory is there");
    path.to_str().expect("a path that is text").to_owned()
}

fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n{spec}")
}

#[test]
fn the_demonstration_shows_one_of_everything() {
    let told = told(&[], "");
    for part in [
        "demo   0/3     Init:0/2 ",
        "demo   2/3     CrashLoopBackOff ",
        "demo   3/3     Running ",
        "demo   3/3     Terminating ",
        "startup probe succeeds",
        "readiness probe fails",
        "back-off of 10s, until ",
        "back-off of 20s, until ",
        "preStop hook runs",
        "asked to stop, with ",
        "phase Succeeded, 3 restarts (worker)",
    ] {
        assert!(told.contains(part), "{part:?} is not in\n{told}");
    }
    let stops = |who: &str| {
        let line = told
            .lines()
            .find(|line| line.contains(who) && line.contains("asked to stop"));
        line.and_then(|line| told.find(line))
    };
    assert!(
        stops("logs#1") > stops("web#1"),
        "the sidecar stops last\n{told}"
    );
}

#[test]
fn what_readme_shows_of_the_demonstration_is_what_it_prints() {
    let told = told(&[], "");
    let readme = fs::read_to_string(root().join("README.md")).expect("the page is there");
    let shown: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("0:"))
        .collect();
    assert!(shown.len() > 5, "README shows some of it");
    for line in shown {
        assert!(
            told.lines().any(|printed| printed == line),
            "{line:?} is not in\n{told}"
        );
    }
}

#[test]
fn the_picture_that_readme_shows_is_the_one_that_is_drawn() {
    let drawn = file("demo.svg", "");
    told(&["--svg", &drawn], "");
    let (drawn, kept) = (
        fs::read(drawn),
        fs::read(root().join("examples/simulate/demo.svg")),
    );
    assert!(
        drawn.expect("it was drawn") == kept.expect("it is kept"),
        "draw it anew: cargo run --example simulate -- --svg examples/simulate/demo.svg"
    );
}

#[test]
fn equal_input_gives_equal_output() {
    let (one, other) = (file("one.svg", ""), file("other.svg", ""));
    assert_eq!(told(&["--svg", &one], ""), told(&["--svg", &other], ""));
    assert!(fs::read(one).ok() == fs::read(other).ok());
}

#[test]
fn every_manifest_plays_or_is_refused_as_its_first_line_says() {
    let manifests = fs::read_dir(root().join("examples/manifests")).expect("manifests");
    let mut paths: Vec<PathBuf> = manifests
        .map(|entry| entry.expect("a file").path())
        .collect();
    paths.sort();
    let is_script = |path: &Path| path.to_string_lossy().ends_with(".script.yaml");
    for path in paths.iter().filter(|path| !is_script(path)) {
        let manifest = fs::read_to_string(path).expect("a manifest is text");
        let name = path.to_str().expect("a path that is text");
        if manifest.starts_with("# Not accepted:") {
            assert!(refused_with(&[name], "").contains(".yaml:"), "{name}");
            continue;
        }
        assert!(told(&[name], "").contains(": phase "), "{name}");
        assert!(
            told(&[name, "--ideal", "--keep"], "").contains("after 2m: phase "),
            "{name}"
        );
        let script = path.with_extension("script.yaml");
        if script.exists() {
            let script = script.to_str().expect("a path that is text");
            told(&[name, "--script", script], "");
        }
    }
}

#[test]
fn a_workload_is_played_by_its_first_pod_and_other_objects_are_skipped() {
    let told = told(
        &["-"],
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n\
         spec: {template: {spec: {containers: [{name: web, image: nginx}]}}}\n",
    );
    assert!(
        told.starts_with("Skipped: the Service of standard input:1\n"),
        "{told}"
    );
    assert!(told.contains("Pod web-0, of standard input:5\n"), "{told}");
}

#[test]
fn a_list_is_played_item_by_item() {
    let pod = |name: &str| {
        format!(
            r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "{name}"}},
                "spec": {{"containers": [{{"name": "a", "image": "b"}}]}}}}"#
        )
    };
    let list = format!(
        r#"{{"apiVersion": "v1", "kind": "List", "items": [{}, {}]}}"#,
        pod("one"),
        pod("two")
    );
    let told = told(&["-", "--until", "5s", "--keep"], &list);
    assert!(
        told.contains("Pod one,") && told.contains("Pod two,"),
        "{told}"
    );
}

#[test]
fn yaml_is_read_as_kubectl_reads_it() {
    let manifest = pod("  containers:\n\
         \x20 - &base {name: web, image: nginx, stdin: yes, tty: no}\n\
         \x20 - {<<: *base, name: other}\n\
         \x20 volumes: [{name: s, secret: {secretName: s, defaultMode: 0644}}]\n");
    assert!(told(&["-"], &manifest).contains("0/2     ContainerCreating"));
}

#[test]
fn what_is_wrong_with_a_manifest_is_told_with_file_line_and_field() {
    let cases = [
        ("", "standard input: there is nothing in it"),
        ("a: [1\n", "standard input:1:4: unclosed bracket '['"),
        ("hello", "standard input:1: this is not an object"),
        (
            "kind: Pod",
            "standard input:1: apiVersion: a Pod is of version \"v1\"",
        ),
        (
            "apiVersion: v1",
            "standard input:1: kind: it must say what it is",
        ),
        (
            "\napiVersion: v1\nkind: Service\n",
            "standard input:3: kind: \"Service\" is not a pod and has no pod template",
        ),
        (
            "apiVersion: apps/v1\nkind: Deploymnet\n",
            "standard input:2: kind: \"Deploymnet\" is not a pod and has no pod template, did you mean \"Deployment\"?",
        ),
        (
            "apiVersion: apps/v1\nkind: Deployment\nspec: {}\n",
            "standard input:3: spec.template: there is no pod template",
        ),
    ];
    for (manifest, expected) in cases {
        let said = refused(manifest);
        assert!(
            said.starts_with(&format!("error: {expected}")),
            "{manifest}: {said}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_pod_is_told_with_file_line_and_field() {
    let cases = [
        (
            "  containers:\n  - name: web\n    imgae: nginx\n",
            "7: spec.containers[0].imgae: unknown field, did you mean \"image\"?",
        ),
        (
            "  containers:\n  - name: web\n    image: nginx\n    name: web\n",
            "8: spec.containers[0].name: duplicate field, given before on line 6",
        ),
        (
            "  containers:\n  - name: web\n    env:\n    - {name: A, value: 8080}\n",
            "8: spec.containers[0].env[0].value: expected a string, found the number 8080; put it in quotes",
        ),
        (
            "  containers:\n  - name: web\n    args: [yes]\n",
            "7: spec.containers[0].args[0]: expected a string, found the boolean true; put it in quotes",
        ),
        (
            "  containers: {name: web}\n",
            "5: spec.containers: expected a list, found a map",
        ),
        (
            "  containers:\n  - name: web\n    ports:\n    - containerPort: http\n",
            "8: spec.containers[0].ports[0].containerPort: expected a whole number of 32 bits, found the text \"http\"",
        ),
        (
            "  containers:\n  - {name: web, image: nginx}\n  - name: Web\n    image: nginx\n",
            "7: spec.containers[1].name: Invalid value: \"Web\": ",
        ),
        ("  containers: []\n", "5: spec.containers: Required value"),
        (
            "  containers:\n  - name: web\n    image: nginx\n    args: [script, exti=1]\n",
            "8: spec.containers[0].args[1]: cannot read \"exti=1\" in a script",
        ),
    ];
    for (spec, expected) in cases {
        let said = refused(&pod(spec));
        let expected = format!("error: standard input:{expected}");
        assert!(said.starts_with(&expected), "{spec}: {said}");
    }
}

#[test]
fn what_is_wrong_with_a_script_is_told_with_file_line_and_field() {
    let cases = [
        (
            "\ncontainers: {wroker: [run=5s]}\n",
            ":2: containers.wroker: no container has that name, did you mean \"worker\"?",
        ),
        (
            "conatiners: {}\n",
            ":1: conatiners: unknown field, did you mean \"containers\"?",
        ),
        (
            "containers: {web: [runn=5s]}\n",
            ":1: containers.web[0]: cannot read \"runn=5s\" in a script",
        ),
        (
            "containers: {web: run=5s}\n",
            ":1: containers.web: expected a list",
        ),
        (
            "containers: {web: []}\n",
            ":1: containers.web: there is nothing in it",
        ),
        (
            "probes: {worker: {liveness: ok}}\n",
            ":1: probes.worker.liveness: container \"worker\" has none",
        ),
        (
            "hooks: {web: {preStop: 5s}}\n",
            ":1: hooks.web.preStop: \"5s\" is not two words",
        ),
        (
            "images: {registry.example.com/shop:2.4: 1s}\n",
            ":1: images.registry.example.com/shop:2.4: no container has that image, did you mean \"registry.",
        ),
        (
            "config: {queue: [url]}\n",
            ":1: config.queue: no pod refers to that config map or secret",
        ),
        (
            "delete: 90\n",
            ":1: delete: expected a duration such as 500ms, 90s or 1m30s",
        ),
        ("until: soon\n", ":1: until: \"soon\" is no duration"),
        ("a: 1\n---\nb: 2\n", ":3: a script is one document"),
    ];
    for (script, expected) in cases {
        let path = file("wrong.script.yaml", script);
        let said = refused_with(&["examples/manifests/demo.yaml", "--script", &path], "");
        assert!(
            said.starts_with(&format!("error: {path}{expected}")),
            "{script}: {said}"
        );
    }
}

#[test]
fn what_is_wrong_with_the_command_is_told() {
    let cases: [(&[&str], &str); 5] = [
        (&["no-such-file.yaml"], "no-such-file.yaml: "),
        (&["examples"], "examples: "),
        (&["--until", "5"], "cannot parse argument \"5\""),
        (&["--frobnicate"], "invalid option '--frobnicate'"),
        (
            &["--svg", "no/such/directory.svg"],
            "no/such/directory.svg: ",
        ),
    ];
    for (arguments, expected) in cases {
        let said = refused_with(arguments, "");
        assert!(said.starts_with(&format!("error: {expected}")), "{said}");
    }
}

#[test]
fn a_pod_that_is_not_ready_at_the_end_says_why_and_what_has_to_happen() {
    let crash = pod("  containers: [{name: web, image: 'web:1', args: [script, run=1s exit=1]}]\n");
    let gate = pod(
        "  readinessGates: [{conditionType: lb.example/up}]\n  containers: [{name: web, image: 'web:1'}]\n",
    );
    for (manifest, time, words) in [
        (
            &crash,
            "170s",
            "to be ready: time has to pass until 2:53.950",
        ),
        (
            &crash,
            "174s",
            "to be ready: the kubelet has to start the container",
        ),
        (
            &crash,
            "8s",
            "to be ready: the kubelet has to start the container",
        ),
        (
            &gate,
            "8s",
            "to be ready: whoever owns the condition lb.example/up has to set it to True",
        ),
    ] {
        let told = told(&["--keep", "--until", time, "-"], manifest);
        assert!(told.contains(words), "{words}: {told}");
    }
}
