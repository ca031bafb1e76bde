//! Static pods and their mirrors.

use pod_lifecycle::{
    admission::{
        self,
        static_pod::{self, Refused, Source},
    },
    api::{Pod, PodPhase},
    critical,
    jiff::Timestamp,
    lifecycle::static_pod::{MirrorAction, is_mirror_of, mirror, mirror_action},
};
use serde_json::{Value, json};

const FILE: Source<'_> = Source::File("/etc/kubernetes/manifests/etcd.yaml");

fn now() -> Timestamp {
    "2026-03-01T09:00:00.25Z".parse().unwrap()
}

/// A manifest with that spec merged into one that is fine.
fn manifest(spec: &Value) -> Pod {
    let mut pod = json!({
        "metadata": {"name": "etcd", "namespace": "kube-system"},
        "spec": {"containers": [{"name": "etcd", "image": "etcd:3"}]},
    });
    for (key, value) in spec.as_object().unwrap() {
        pod["spec"][key] = value.clone();
    }
    serde_json::from_value(pod).unwrap()
}

fn create(manifest: Pod, source: Source<'_>) -> Result<Pod, Refused> {
    static_pod::create(now(), manifest, source, "node-1")
}

fn taken(spec: &Value) -> Pod {
    create(manifest(spec), FILE).unwrap_or_else(|why| panic!("{spec}: {why}"))
}

#[test]
fn a_manifest_becomes_a_pod_of_its_node() {
    let pod = create(manifest(&json!({})), FILE).unwrap();
    assert_eq!(pod.metadata.name, "etcd-node-1");
    assert_eq!(pod.metadata.namespace, "kube-system");
    assert_eq!(pod.spec.node_name, "node-1");
    assert_eq!(
        pod.spec.containers[0].termination_message_path,
        "/dev/termination-log"
    );
    assert_eq!(pod.status.phase, Some(PodPhase::Pending));
    assert_eq!(pod.status.qos_class, None);
    assert_eq!(pod.metadata.generation, 0);
    let annotation = |key: &str| &*pod.metadata.annotations[key];
    assert_eq!(annotation("kubernetes.io/config.source"), "file");
    assert_eq!(
        annotation("kubernetes.io/config.seen"),
        "2026-03-01T09:00:00.25Z"
    );
    assert_eq!(annotation("kubernetes.io/config.hash"), pod.metadata.uid);
    assert!(critical::is_static(&pod) && critical::is_critical(&pod));
    assert_eq!(pod.spec.priority, None);
}

#[test]
fn a_node_name_in_capitals_is_suffixed_in_small_letters() {
    let upper = static_pod::create(now(), manifest(&json!({})), FILE, "Node-1");
    let Err(Refused::Invalid(errors)) = upper else {
        panic!("spec.nodeName itself keeps its capitals, which are no name");
    };
    let fields: Vec<_> = errors.iter().map(|error| error.field.to_string()).collect();
    assert_eq!(fields, ["spec.nodeName"]);
}

#[test]
fn without_a_namespace_it_is_the_default_one() {
    let mut pod = manifest(&json!({}));
    pod.metadata.namespace.clear();
    assert_eq!(create(pod, FILE).unwrap().metadata.namespace, "default");
}

#[test]
fn the_hash_tells_manifests_nodes_and_sources_apart_and_nothing_else() {
    let uid = |pod, source, node| {
        let pod: Pod = static_pod::create(now(), pod, source, node).unwrap();
        pod.metadata.uid
    };
    let plain = || manifest(&json!({}));
    let hashes = [
        uid(plain(), FILE, "node-1"),
        uid(plain(), FILE, "node-2"),
        uid(plain(), Source::File("/other.yaml"), "node-1"),
        uid(plain(), Source::Http("/other.yaml"), "node-1"),
        uid(manifest(&json!({"hostNetwork": true})), FILE, "node-1"),
    ];
    for (index, hash) in hashes.iter().enumerate() {
        assert_eq!(hash.len(), 32);
        assert!(hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(!hashes[..index].contains(hash));
    }
    assert_eq!(uid(plain(), FILE, "node-1"), hashes[0]);
    // What defaulting would add anyway makes no difference; nor does the time.
    let explicit = manifest(&json!({"restartPolicy": "Always", "dnsPolicy": "ClusterFirst"}));
    assert_eq!(uid(explicit, FILE, "node-1"), hashes[0]);
    // From a URL, the node makes none.
    let http = uid(plain(), Source::Http("/other.yaml"), "node-2");
    assert_eq!(http, hashes[3]);
}

#[test]
fn a_uid_of_the_manifest_is_the_hash() {
    let mut pod = manifest(&json!({}));
    pod.metadata.uid = "of-the-host".into();
    let pod = create(pod, FILE).unwrap();
    assert_eq!(pod.metadata.uid, "of-the-host");
    assert_eq!(
        pod.metadata.annotations[critical::CONFIG_HASH],
        "of-the-host"
    );
}

#[test]
fn a_pod_from_a_file_stays_whatever_happens_to_its_node() {
    let tolerations = |spec: Value, source| {
        let pod = create(manifest(&spec), source).unwrap();
        serde_json::to_value(pod.spec.tolerations).unwrap()
    };
    let all = json!({"operator": "Exists", "effect": "NoExecute"});
    let gpu = json!({"key": "gpu", "operator": "Exists", "effect": "NoExecute"});
    let short = json!({"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5});
    assert_eq!(tolerations(json!({}), FILE), json!([all]));
    assert_eq!(
        tolerations(json!({"tolerations": [gpu]}), FILE),
        json!([gpu, all])
    );
    assert_eq!(
        tolerations(json!({"tolerations": [all, gpu]}), FILE),
        json!([all, gpu])
    );
    assert_eq!(
        tolerations(json!({"tolerations": [short]}), FILE),
        json!([all])
    );
    assert_eq!(
        tolerations(json!({}), Source::Http("https://example.com/pod")),
        json!([])
    );
}

#[test]
fn a_name_is_needed_and_everything_valid() {
    let mut unnamed = manifest(&json!({}));
    unnamed.metadata.name.clear();
    unnamed.metadata.generate_name = "etcd-".into();
    assert_eq!(create(unnamed, FILE), Err(Refused::Unnamed));
    let empty = create(manifest(&json!({"containers": []})), FILE);
    let said = empty.unwrap_err().to_string();
    assert_eq!(said, "invalid pod: spec.containers: Required value");
    let ephemeral = json!({"ephemeralContainers": [{"name": "sh", "image": "sh"}]});
    assert!(matches!(
        create(manifest(&ephemeral), FILE),
        Err(Refused::Invalid(_))
    ));
}

#[test]
fn what_only_the_api_server_has_is_refused() {
    let volume = |kind: &str, source: Value| json!({"volumes": [{"name": "v", kind: source}]});
    let env = |from: Value| json!({"containers": [{"name": "etcd", "image": "etcd:3", "env": [{"name": "A", "valueFrom": from}]}]});
    let env_from = |from: Value| json!({"containers": [{"name": "etcd", "image": "etcd:3", "envFrom": [from]}]});
    let projected = |source: Value| volume("projected", json!({"sources": [source]}));
    let claim = json!({"metadata": {}, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    let trust = json!({"clusterTrustBundle": {"name": "b", "path": "ca"}});
    for (spec, resource) in [
        (json!({"serviceAccountName": "robot"}), "serviceaccounts"),
        (json!({"serviceAccount": "robot"}), "serviceaccounts"),
        (json!({"imagePullSecrets": [{"name": "pull"}]}), "secrets"),
        (
            env(json!({"secretKeyRef": {"name": "s", "key": "k"}})),
            "secrets",
        ),
        (env_from(json!({"secretRef": {"name": "s"}})), "secrets"),
        (volume("secret", json!({"secretName": "s"})), "secrets"),
        (projected(json!({"secret": {"name": "s"}})), "secrets"),
        (
            volume("azureFile", json!({"secretName": "s", "shareName": "x"})),
            "secrets",
        ),
        (
            volume(
                "csi",
                json!({"driver": "d", "nodePublishSecretRef": {"name": "s"}}),
            ),
            "secrets",
        ),
        (
            env(json!({"configMapKeyRef": {"name": "m", "key": "k"}})),
            "configmaps",
        ),
        (
            env_from(json!({"configMapRef": {"name": "m"}})),
            "configmaps",
        ),
        (volume("configMap", json!({"name": "m"})), "configmaps"),
        (projected(json!({"configMap": {"name": "m"}})), "configmaps"),
        (
            json!({"resourceClaims": [{"name": "gpu", "resourceClaimName": "gpu"}]}),
            "resourceclaims",
        ),
        (
            volume("csi", json!({"driver": "d"})),
            "csidrivers (via CSI volumes)",
        ),
        (
            volume("glusterfs", json!({"endpoints": "e", "path": "p"})),
            "endpoints (via glusterFS volumes)",
        ),
        (
            volume("persistentVolumeClaim", json!({"claimName": "c"})),
            "persistentvolumeclaims",
        ),
        (
            volume("ephemeral", json!({"volumeClaimTemplate": claim})),
            "persistentvolumeclaims (via ephemeral volumes)",
        ),
        (projected(trust), "clustertrustbundles"),
    ] {
        let refused = create(manifest(&spec), FILE).unwrap_err();
        assert_eq!(refused, Refused::Reference(resource), "{spec}");
        let said = refused.to_string();
        assert_eq!(said, format!("static pods may not reference {resource}"));
    }
}

#[test]
fn what_the_node_has_itself_is_taken() {
    for volume in [
        json!({"name": "v", "hostPath": {"path": "/etc"}}),
        json!({"name": "v", "emptyDir": {}}),
        json!({"name": "v", "image": {"reference": "i:1"}}),
        json!({"name": "v", "downwardAPI": {"items": []}}),
        json!({"name": "v", "projected": {"sources": [{"downwardAPI": {"items": []}}]}}),
        json!({"name": "v"}),
    ] {
        taken(&json!({"volumes": [volume]}));
    }
}

#[test]
fn the_api_server_takes_the_mirror() {
    let pod = taken(&json!({}));
    let mut options = admission::Options::default();
    options.uid = "of-the-api".into();
    let copy = mirror(&pod, "node-1", "uid-of-node-1");
    let created = admission::create(now(), copy, &options);
    let stored = created.unwrap_or_else(|why| panic!("{why}")).pod;
    assert_eq!(stored.metadata.uid, "of-the-api");
    assert!(critical::is_mirror(&stored) && critical::is_static(&stored));
    assert!(is_mirror_of(&stored, &pod));
    assert_eq!(
        serde_json::to_value(&stored.metadata.owner_references).unwrap(),
        json!([{"apiVersion": "v1", "kind": "Node", "name": "node-1", "uid": "uid-of-node-1", "controller": true}]),
    );
    assert_eq!(
        serde_json::to_value(&stored.status).unwrap(),
        json!({"phase": "Pending", "qosClass": "BestEffort"}),
    );
}

#[test]
fn a_mirror_of_another_manifest_or_on_its_way_out_is_replaced() {
    let pod = taken(&json!({}));
    let changed = taken(&json!({"hostNetwork": true}));
    let good = mirror(&pod, "node-1", "uid-of-node-1");
    let mut going = good.clone();
    going.metadata.deletion_timestamp = Some(now().into());
    let mut elsewhere = good.clone();
    elsewhere.metadata.namespace = "default".into();
    for (static_pod, existing, action) in [
        (&pod, None, MirrorAction::Create),
        (&pod, Some(&good), MirrorAction::Keep),
        (&pod, Some(&going), MirrorAction::Replace),
        (&pod, Some(&elsewhere), MirrorAction::Replace),
        (&pod, Some(&pod), MirrorAction::Replace),
        (&changed, Some(&good), MirrorAction::Replace),
    ] {
        assert_eq!(mirror_action(static_pod, existing), action);
    }
}
