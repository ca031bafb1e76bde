//! The example that runs pods as real processes: how they start, end, come back and go.

#![cfg(unix)]

use std::{
    env,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

/// No test waits longer for a line.
const PATIENCE: Duration = Duration::from_secs(30);

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
            .args(["build", "--quiet", "--example", "supervise", "--target-dir"])
            .arg(target)
            .current_dir(root())
            .status();
        assert!(built.is_ok_and(|status| status.success()));
        target.join("debug").join("examples").join("supervise")
    })
}

/// A pod that runs.
struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
    seen: Vec<String>,
}

fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}")
}

fn supervise(arguments: &[&str], manifest: &str) -> Running {
    let mut child = Command::new(program())
        .args(arguments)
        .arg("-")
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut stdin, manifest.as_bytes()).expect("it reads");
    drop(stdin);
    let lines = follow(child.stdout.take().expect("a pipe"));
    Running {
        child,
        lines,
        seen: Vec::new(),
    }
}

fn follow(output: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let _ = sender.send(words.join(" "));
        }
    });
    lines
}

impl Running {
    /// Waits for a line with these words.
    fn sees(&mut self, words: &str) {
        while !self.seen.last().is_some_and(|line| line.contains(words)) {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(_) => panic!("no {words:?} in {:#?}", self.seen),
            }
        }
        self.seen.push(String::new());
    }

    /// Waits until each of these words has been seen, in whatever order.
    fn sees_each(&mut self, words: &[&str]) {
        let is_seen = |seen: &[String], words: &str| seen.iter().any(|line| line.contains(words));
        while !words.iter().all(|words| is_seen(&self.seen, words)) {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(_) => panic!("not all of {words:?} in {:#?}", self.seen),
            }
        }
    }

    fn interrupt(&self) {
        let signalled = kill_process(Pid::from_child(&self.child), Signal::INT);
        assert!(signalled.is_ok());
    }

    /// Waits for the end; returns the exit status and what was said before the start.
    fn ends(&mut self) -> (Option<i32>, String) {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.seen.push(line);
        }
        let mut said = String::new();
        let mut errors = self.child.stderr.take().expect("a pipe");
        errors.read_to_string(&mut said).expect("it writes text");
        (self.child.wait().expect("it ends").code(), said)
    }

    /// Where the first line with these words stands.
    fn at(&self, words: &str) -> usize {
        let found = self.seen.iter().position(|line| line.contains(words));
        found.unwrap_or_else(|| panic!("no {words:?} in {:#?}", self.seen))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.interrupt_twice();
    }
}

impl Running {
    /// What a failed test leaves behind goes.
    fn interrupt_twice(&mut self) {
        while let Ok(None) = self.child.try_wait() {
            let _ = kill_process(Pid::from_child(&self.child), Signal::INT);
            thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn init_containers_end_before_sidecars_start_and_these_before_the_app() {
    let mut pod = supervise(
        &[],
        &pod(r#"
  restartPolicy: Never
  initContainers:
    - {name: setup, image: i, command: [sh, -c, "echo hello from $(NAME)"], env: [{name: NAME, value: setup}]}
    - {name: proxy, image: i, restartPolicy: Always, command: [sleep, "1000"]}
  containers:
    - {name: app, image: i, command: [sh, -c, "echo working; sleep 0.2"]}
"#),
    );
    let (code, said) = pod.ends();
    assert_eq!(code, Some(0), "{said} {:#?}", pod.seen);
    let order = [
        "[setup] hello from setup",
        "setup: exit code 0",
        "proxy: started",
        "app: started",
        "app: exit code 0",
        "proxy: exit code 143",
        "p 0/2 Completed",
    ];
    let places: Vec<usize> = order.iter().map(|words| pod.at(words)).collect();
    assert!(places.is_sorted(), "{places:?} {:#?}", pod.seen);
}

#[test]
fn a_pod_that_fails_says_so_by_its_exit_status() {
    let manifest = "
  restartPolicy: Never
  containers: [{name: app, image: i, command: [sh, -c, 'exit 3']}]
";
    let mut pod = supervise(&[], &pod(manifest));
    assert_eq!(pod.ends().0, Some(1));
    pod.at("app: exit code 3");
    pod.at("Error");
}

#[test]
fn a_container_that_ends_again_and_again_is_held_back() {
    let manifest = "
  containers: [{name: app, image: i, command: [sh, -c, 'exit 1']}]
";
    let mut pod = supervise(&["--back-off", "1s"], &pod(manifest));
    pod.sees("p 0/1 Error 1");
    pod.sees("app: exit code 1");
    pod.sees("app: started");
    pod.interrupt();
    assert_eq!(pod.ends().0, Some(0));
}

#[test]
fn probes_ask_real_servers_and_a_dead_one_is_started_again() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let port = port.expect("a free port").port();
    let manifest = format!(
        r#"
  terminationGracePeriodSeconds: 1
  volumes: [{{name: state, emptyDir: {{}}}}]
  containers:
    - name: web
      image: i
      command: [supervise, serve, "{port}", $(VOLUME_STATE)/warm]
      volumeMounts: [{{name: state, mountPath: /state}}]
      readinessProbe: {{httpGet: {{port: {port}}}, periodSeconds: 1}}
      livenessProbe: {{exec: {{command: [sh, -c, "! test -e $VOLUME_STATE/sick"]}}, periodSeconds: 1, failureThreshold: 1}}
    - name: helper
      image: i
      command: [sh, -c, "sleep 2; touch $VOLUME_STATE/warm; sleep 3; touch $VOLUME_STATE/sick; sleep 1000"]
      volumeMounts: [{{name: state, mountPath: /state}}]
"#
    );
    let mut pod = supervise(&[], &pod(&manifest));
    pod.sees("web: readiness probe: HTTP status 503");
    pod.sees("web: readiness probe: HTTP status 200");
    pod.sees("p 2/2 Running 0");
    pod.sees("web: liveness probe: exit code 1");
    pod.sees("web: exit code 143");
    pod.sees("web: started");
    pod.interrupt();
    assert_eq!(pod.ends().0, Some(0));
}

/// A shell that says that it is up, and on SIGTERM what is given; it ends then, unless that is nothing.
fn shell(name: &str, on_term: &str) -> String {
    let run = "echo up; while true; do sleep 0.1; done";
    format!("name: {name}, image: i, command: [sh, -c, \"trap '{on_term}' TERM; {run}\"]")
}

/// What Ctrl-C does is told in this order.
fn assert_order(pod: &Running, order: &[&str]) {
    let places: Vec<usize> = order.iter().map(|words| pod.at(words)).collect();
    assert!(places.is_sorted(), "{order:#?} {:#?}", pod.seen);
}

#[test]
fn ctrl_c_runs_hooks_then_asks_the_app_and_then_the_last_sidecar_first() {
    let farewell = |name| shell(name, "echo bye; exit 0");
    let manifest = format!(
        r#"
  volumes: [{{name: state, emptyDir: {{}}}}]
  initContainers:
    - {{{}, restartPolicy: Always}}
    - {{{}, restartPolicy: Always}}
  containers:
    - {{{}, {}}}
    - {{{}}}
"#,
        farewell("first"),
        farewell("second"),
        shell("web", "cat $VOLUME_STATE/hook; exit 0"),
        r#"volumeMounts: [{name: state, mountPath: /state}],
      lifecycle: {preStop: {exec: {command: [sh, -c, "echo drained > $VOLUME_STATE/hook"]}}}"#,
        farewell("worker"),
    );
    let mut pod = supervise(&[], &pod(&manifest));
    pod.sees_each(&["[first] up", "[second] up", "[web] up", "[worker] up"]);
    pod.interrupt();
    assert_eq!(pod.ends().0, Some(0), "{:#?}", pod.seen);
    let ends = [
        "web: PreStop hook: exit code 0",
        "web: told to end",
        "[web] drained",
        "web: exit code 0",
        "second: told to end",
        "[second] bye",
        "second: exit code 0",
        "first: told to end",
        "[first] bye",
        "first: exit code 0",
        "p 0/4 Completed",
    ];
    assert_order(&pod, &ends);
    assert_order(
        &pod,
        &["[worker] bye", "worker: exit code 0", "second: told to end"],
    );
}

#[test]
fn who_is_deaf_to_ctrl_c_is_killed_when_the_grace_is_over() {
    let manifest = format!(
        "
  terminationGracePeriodSeconds: 1
  initContainers: [{{name: proxy, image: i, restartPolicy: Always, command: [sleep, '1000']}}]
  containers: [{{{}}}]
",
        shell("deaf", "")
    );
    let mut pod = supervise(&[], &pod(&manifest));
    pod.sees("[deaf] up");
    pod.interrupt();
    assert_eq!(pod.ends().0, Some(0), "{:#?}", pod.seen);
    let ends = [
        "deaf: told to end within",
        "deaf: its grace is over: killed",
        "deaf: exit code 137",
        "p 0/2 Error",
    ];
    assert_order(&pod, &ends);
    // A sidecar waits for its turn no longer than the grace.
    assert_order(
        &pod,
        &[
            "deaf: told to end",
            "proxy: told to end",
            "proxy: exit code 143",
        ],
    );
}

#[test]
fn a_second_ctrl_c_kills_the_pod_whatever_grace_and_hooks_it_has() {
    let manifest = format!(
        "
  terminationGracePeriodSeconds: 1000
  containers:
    - {{{}}}
    - {{{}, lifecycle: {{postStart: {{sleep: {{seconds: 1000}}}}}}}}
",
        shell("deaf", ""),
        shell("late", ""),
    );
    let mut pod = supervise(&[], &pod(&manifest));
    pod.sees_each(&["[deaf] up", "[late] up"]);
    pod.interrupt();
    pod.sees("p 0/2 Terminating");
    pod.interrupt();
    assert_eq!(pod.ends().0, Some(1), "{:#?}", pod.seen);
    pod.at("deaf: exit code 137");
    pod.at("late: exit code 137");
}

#[test]
fn a_pod_on_the_host_network_is_left_alone() {
    let manifest = "
  hostNetwork: true
  restartPolicy: Never
  containers: [{name: app, image: i, command: [sh, -c, 'sleep 0.2; echo done']}]
";
    let mut pod = supervise(&[], &pod(manifest));
    assert_eq!(pod.ends().0, Some(0), "{:#?}", pod.seen);
    pod.at("[app] done");
}

#[test]
fn why_a_container_does_not_start_is_said() {
    let manifest = "
  restartPolicy: Never
  containers:
    - {name: app, image: i, command: [/no/such/program]}
";
    let mut pod = supervise(&[], &pod(manifest));
    let (code, said) = pod.ends();
    assert_eq!(code, Some(1), "{:#?}", pod.seen);
    assert!(
        said.contains("command: not found here: the container does not start"),
        "{said}"
    );
    pod.at(r#"app: not started: "/no/such/program": No such file or directory"#);
}

#[test]
fn what_processes_cannot_be_given_is_said_before_the_start() {
    let manifest = "
  volumes: [{name: settings, configMap: {name: settings}}]
  containers:
    - name: app
      image: i
      command: [sleep, '1000']
      resources: {limits: {memory: 1Gi}}
      securityContext: {privileged: true, runAsUser: 1}
      env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: token, key: token}}}]
";
    let mut pod = supervise(&["--report"], &pod(manifest));
    let (code, said) = pod.ends();
    assert_eq!(code, Some(0));
    for words in [
        "spec.volumes[0]: there is no configMap here: the pod waits for it",
        "spec.containers[0].resources: not enforced",
        "standard input:12: spec.containers[0].securityContext.privileged: not applied",
        "spec.containers[0].securityContext.runAsUser: not applied",
        r#"secret "token" not found: the container waits with CreateContainerConfigError"#,
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn what_cannot_be_run_is_refused_with_status_2() {
    let broken = [
        ("kind: Pod", "error: "),
        ("a: [b", "standard input:1:4: unclosed bracket '['"),
        ("apiVersion: v1\nkind: Service", "is not a pod"),
        (
            "apiVersion: v1\nkind: Pod\nspec: {containers: [{nam: a}]}",
            r#"standard input:3: spec.containers[0].nam: unknown field, did you mean "name"?"#,
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, command: [sleep, '9']}]}",
            "standard input:4: spec.containers[0].image: Required value",
        ),
    ];
    for (manifest, words) in broken {
        let mut pod = supervise(&[], manifest);
        let (code, said) = pod.ends();
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(words), "{words}: {said}");
        assert_eq!(pod.seen, [""; 0], "nothing is started");
    }
}
