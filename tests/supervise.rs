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

#[test]
fn ctrl_c_asks_then_kills_and_ends_sidecars_last() {
    let manifest = r#"
  terminationGracePeriodSeconds: 1
  initContainers: [{name: proxy, image: i, restartPolicy: Always, command: [sleep, "1000"]}]
  containers:
    - {name: stubborn, image: i, command: [sh, -c, "trap '' TERM; echo deaf; while true; do sleep 0.1; done"]}
"#;
    let mut pod = supervise(&[], &pod(manifest));
    pod.sees("[stubborn] deaf");
    pod.interrupt();
    assert_eq!(pod.ends().0, Some(0));
    let killed = pod.at("stubborn: its grace is over: killed");
    assert!(killed < pod.at("stubborn: exit code 137"));
    // A sidecar waits for its turn no longer than the grace.
    assert!(pod.at("stubborn: told to end") < pod.at("proxy: told to end"));
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
      env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: token, key: token}}}]
";
    let mut pod = supervise(&["--report"], &pod(manifest));
    let (code, said) = pod.ends();
    assert_eq!(code, Some(0));
    for words in [
        "spec.volumes[0]: there is no configMap here: the pod waits for it",
        "spec.containers[0].resources: not enforced",
        r#"secret "token" not found: the container waits with CreateContainerConfigError"#,
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn what_cannot_be_run_is_refused_with_status_2() {
    let mut pod = supervise(&[], "kind: Pod");
    let (code, said) = pod.ends();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("error: "), "{said}");
}
