//! Static pods: what the API has of them is a copy, and only the manifest ends them.

use std::string::ToString;

use pod_lifecycle::{
    admission::static_pod::{self as source, Source},
    lifecycle::static_pod,
};

use super::*;

fn from_file(image: &str) -> Arc<Pod> {
    let manifest: Pod = serde_json::from_value(json!({
        "metadata": {"name": "etcd"}, "spec": {"containers": [{"name": "etcd", "image": image}]},
    }))
    .expect("a manifest");
    let path = Source::File("/etc/kubernetes/manifests/etcd.yaml");
    let pod = source::create(Timestamp::UNIX_EPOCH, manifest, path, "node-1");
    Arc::new(pod.expect("a valid manifest"))
}

/// A host with an API server that keeps the copy of the one static pod.
struct Node {
    host: Host,
    mirror: Option<Arc<Pod>>,
    made: usize,
    log: Vec<String>,
}

impl Node {
    fn new(pod: Arc<Pod>) -> Self {
        let machine = PodMachine::new(pod, Config::default(), Timestamp::UNIX_EPOCH);
        let host = Host {
            machine,
            log: Vec::new(),
            made: 0,
            published: Vec::new(),
            ..Host::new(one())
        };
        let mut node = Self {
            host,
            mirror: None,
            made: 0,
            log: Vec::new(),
        };
        node.drive();
        node
    }

    fn drive(&mut self) {
        while let Some(action) = self.host.machine.poll_action() {
            match action {
                Action::CreateMirror { replaces } => {
                    self.made += 1;
                    let of = replaces.map_or(String::new(), |uid| format!(" for {uid}"));
                    self.log.push(format!("mirror {}{of}", self.made));
                    let pod = self.host.machine.pod();
                    let mut mirror = static_pod::mirror(pod, "node-1", "uid-of-node-1");
                    mirror.metadata.uid = format!("mirror-{}", self.made);
                    mirror.status =
                        serde_json::from_value(json!({"phase": "Pending"})).expect("a status");
                    self.show(Some(Arc::new(mirror)));
                }
                Action::PublishStatus { status } => {
                    let mirror = self
                        .mirror
                        .as_mut()
                        .expect("there is something to write to");
                    Arc::make_mut(mirror).status = *status;
                    let phase = self
                        .host
                        .machine
                        .status()
                        .phase
                        .as_ref()
                        .map(ToString::to_string);
                    self.log.push(phase.unwrap_or_default());
                }
                Action::DeletePod => {
                    self.log.push("mirror deleted".into());
                    self.show(None);
                }
                action => {
                    if let Some(outcome) = self.host.perform(action) {
                        self.say(outcome);
                    }
                }
            }
        }
    }

    fn say(&mut self, input: Input) {
        let told = self.host.machine.handle_input(self.host.now, input);
        assert_eq!(told, Ok(()));
    }

    fn show(&mut self, mirror: Option<Arc<Pod>>) {
        self.mirror.clone_from(&mirror);
        self.say(Input::MirrorUpdated(mirror));
    }

    fn wait(&mut self, seconds: u64) {
        let until = self.host.now + Duration::from_secs(seconds);
        let next = |node: &Self| node.host.machine.poll_timeout().map(|deadline| deadline.at);
        while let Some(at) = next(self).filter(|at| *at <= until) {
            self.host.now = at;
            self.host.machine.handle_timeout(at);
            self.drive();
        }
        self.host.now = until;
    }

    fn api_status(&self) -> Option<&pod_lifecycle::api::PodStatus> {
        self.mirror.as_ref().map(|mirror| &mirror.status)
    }
}

#[test]
fn a_static_pod_runs_with_or_without_a_copy_and_tells_it_everything() {
    let node = Node::new(from_file("etcd:3"));
    assert_eq!(node.log[0], "mirror 1");
    assert_eq!(node.host.log, ["sandbox 0", "start etcd"]);
    assert_eq!(node.api_status(), Some(node.host.machine.status()));
    assert_eq!(node.host.phase(), Some(&PodPhase::Running));

    let mut alone = PodMachine::new(
        from_file("etcd:3"),
        Config::default(),
        Timestamp::UNIX_EPOCH,
    );
    let mut actions = std::iter::from_fn(|| alone.poll_action());
    assert!(actions.all(|action| !matches!(action, Action::PublishStatus { .. })));
}

#[test]
fn a_copy_that_is_deleted_is_made_again_and_nothing_is_stopped() {
    let mut node = Node::new(from_file("etcd:3"));
    node.show(None);
    node.drive();
    assert_eq!(
        node.made, 1,
        "the sync that the loss asks for takes it for one to replace"
    );
    node.wait(61);
    assert_eq!(node.made, 2);
    assert_eq!(node.host.log, ["sandbox 0", "start etcd"]);
    assert_eq!(
        node.api_status().map(|status| status.phase.clone()),
        Some(Some(PodPhase::Running))
    );
}

#[test]
fn a_copy_that_is_being_deleted_is_replaced_at_once() {
    let mut node = Node::new(from_file("etcd:3"));
    let mut mirror = node.mirror.as_deref().expect("there is one").clone();
    mirror.metadata.deletion_timestamp = Some(node.host.now.into());
    mirror.metadata.deletion_grace_period_seconds = Some(30);
    node.show(Some(Arc::new(mirror)));
    node.drive();
    assert!(
        node.log.contains(&"mirror 2 for mirror-1".to_owned()),
        "{:?}",
        node.log
    );
    assert_eq!(node.host.log, ["sandbox 0", "start etcd"]);
    assert_eq!(node.api_status(), Some(node.host.machine.status()));
}

#[test]
fn without_its_manifest_a_static_pod_ends_and_its_copy_goes_last() {
    let mut node = Node::new(from_file("etcd:3"));
    node.say(Input::PodRemoved);
    node.drive();
    node.wait(5);
    assert_eq!(node.host.log[2..], ["stop etcd 30s", "stop s0"]);
    assert_eq!(node.log.last().map(String::as_str), Some("mirror deleted"));
    assert!(node.host.machine.is_over());
    assert_eq!(
        node.host.phase(),
        Some(&PodPhase::Running),
        "no final phase is told of a static pod"
    );
}

#[test]
fn a_changed_manifest_is_another_pod_that_starts_when_the_former_is_over() {
    let (old, new) = (from_file("etcd:3"), from_file("etcd:4"));
    assert_ne!(old.metadata.uid, new.metadata.uid);
    let mut starts = static_pod::StaticPods::default();
    let name = "etcd-node-1_default";
    assert!(starts.start(name, &old.metadata.uid, |_| true));
    let mut node = Node::new(Arc::clone(&old));
    let mirror = node.mirror.clone();

    starts.enqueue(name, &new.metadata.uid);
    node.host.stubborn = &["etcd"];
    node.say(Input::MirrorUpdated(None));
    node.say(Input::PodRemoved);
    node.drive();
    assert!(!node.host.machine.is_over());
    assert!(!starts.start(name, &new.metadata.uid, |_| true));

    node.host.exits("etcd", 137);
    node.wait(1);
    assert!(node.host.machine.is_over());
    assert_eq!(
        node.log.last().map(String::as_str),
        Some("Running"),
        "the copy is left to the next"
    );
    starts.release(name, &old.metadata.uid);
    assert!(starts.start(name, &new.metadata.uid, |_| true));

    let mut next = PodMachine::new(new, Config::default(), node.host.now);
    let told = next.handle_input(node.host.now, Input::MirrorUpdated(mirror));
    assert_eq!(told, Ok(()));
    let actions: Vec<_> = std::iter::from_fn(|| next.poll_action()).collect();
    let replaces = Some("mirror-1".to_owned());
    assert!(
        actions.contains(&Action::CreateMirror { replaces }),
        "{actions:?}"
    );
}

#[test]
fn a_manifest_that_keeps_its_uid_changes_the_pod_and_not_what_the_api_says() {
    let mut node = Node::new(from_file("etcd:3"));
    let mut pod = node.host.machine.pod().clone();
    pod.status = pod_lifecycle::api::PodStatus::default();
    pod.spec.containers[0].image = "etcd:4".into();
    node.say(Input::PodUpdated(Arc::new(pod)));
    node.drive();
    assert_eq!(node.host.log[2..], ["stop etcd 30s", "start etcd"]);
    assert_eq!(node.host.restarts(), 1);
    assert_eq!(node.api_status(), Some(node.host.machine.status()));
}

#[test]
fn only_the_copy_of_the_static_pod_is_its_copy() {
    let mut node = Node::new(from_file("etcd:3"));
    let before = node.host.machine.clone();
    let mut other = node.mirror.as_deref().expect("there is one").clone();
    other.metadata.name = "kube-proxy-node-1".into();
    for wrong in [other, Pod::clone(&from_file("etcd:3"))] {
        let input = Input::MirrorUpdated(Some(Arc::new(wrong)));
        let told = node.host.machine.handle_input(node.host.now, input);
        assert_eq!(told, Err(InputError::NoMirror));
    }
    assert_eq!(node.host.machine, before);
    let mut usual = Host::new(one());
    let told = usual
        .machine
        .handle_input(usual.now, Input::MirrorUpdated(None));
    assert_eq!(told, Err(InputError::NoMirror));
}
