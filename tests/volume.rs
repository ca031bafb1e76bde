//! How long volumes and what is in them live.

use pod_lifecycle::{
    api::{Pod, Volume},
    lifecycle::volume::{Event, Lifetime, claim, claim_name, is_made_for, keeps, lifetime},
};
use serde_json::{Value, json};

fn volume(kind: &str, source: Value) -> Volume {
    serde_json::from_value(json!({"name": "data", kind: source})).unwrap()
}

const EVENTS: [Event; 5] = [
    Event::ContainerRestart,
    Event::SandboxRestart,
    Event::NodeReboot,
    Event::Termination,
    Event::Deletion,
];

fn kept_until(volume: &Volume) -> Option<Event> {
    let lost = EVENTS.into_iter().find(|event| !keeps(volume, *event));
    let after = EVENTS.into_iter().filter(|event| Some(*event) >= lost);
    assert!(lost.is_none() || after.into_iter().all(|event| !keeps(volume, event)));
    lost
}

#[test]
fn what_is_made_for_a_pod_goes_when_the_pod_has_ended() {
    for (kind, source) in [
        ("emptyDir", json!({})),
        ("configMap", json!({"name": "m"})),
        ("secret", json!({"secretName": "s"})),
        ("downwardAPI", json!({})),
        ("projected", json!({"sources": []})),
        ("csi", json!({"driver": "d"})),
        ("image", json!({"reference": "i"})),
        ("gitRepo", json!({"repository": "r"})),
    ] {
        let volume = volume(kind, source);
        assert_eq!(lifetime(&volume), Lifetime::Pod, "{kind}");
        assert_eq!(kept_until(&volume), Some(Event::Termination), "{kind}");
    }
    assert_eq!(lifetime(&Volume::default()), Lifetime::Pod);
}

#[test]
fn what_is_in_memory_goes_when_the_node_starts_again() {
    for medium in ["Memory", "HugePages", "HugePages-2Mi"] {
        let volume = volume("emptyDir", json!({"medium": medium}));
        assert_eq!(kept_until(&volume), Some(Event::NodeReboot), "{medium}");
    }
    let on_disk = volume("emptyDir", json!({"medium": ""}));
    assert_eq!(kept_until(&on_disk), Some(Event::Termination));
}

#[test]
fn what_others_own_stays() {
    for kind in [
        "hostPath",
        "nfs",
        "iscsi",
        "fc",
        "persistentVolumeClaim",
        "gcePersistentDisk",
        "awsElasticBlockStore",
        "azureDisk",
        "azureFile",
        "cinder",
        "vsphereVolume",
        "portworxVolume",
        "photonPersistentDisk",
        "scaleIO",
        "storageos",
        "quobyte",
        "flocker",
        "flexVolume",
        "glusterfs",
        "cephfs",
        "rbd",
    ] {
        let volume = volume(kind, json!({}));
        assert!(volume.source().is_some(), "{kind}");
        assert_eq!(lifetime(&volume), Lifetime::Independent, "{kind}");
        assert_eq!(kept_until(&volume), None, "{kind}");
    }
}

#[test]
fn an_ephemeral_volume_goes_with_the_pods_object_that_owns_its_claim() {
    let template = json!({
        "metadata": {"labels": {"app": "web"}, "annotations": {"a": "b"}, "name": "ignored"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast"},
    });
    let volume = volume("ephemeral", json!({"volumeClaimTemplate": template}));
    assert_eq!(lifetime(&volume), Lifetime::PodObject);
    assert_eq!(kept_until(&volume), Some(Event::Deletion));
    let mut pod: Pod = serde_json::from_value(json!({
        "metadata": {"name": "web-0", "namespace": "shop", "uid": "u1"},
    }))
    .unwrap();
    let made = claim(&pod, &volume).unwrap();
    assert_eq!(
        serde_json::to_value(&made).unwrap()["metadata"],
        json!({
            "name": "web-0-data", "namespace": "shop",
            "labels": {"app": "web"}, "annotations": {"a": "b"},
            "ownerReferences": [{
                "apiVersion": "v1", "kind": "Pod", "name": "web-0", "uid": "u1",
                "controller": true, "blockOwnerDeletion": true,
            }],
        }),
    );
    assert_eq!(made.spec.storage_class_name.as_deref(), Some("fast"));
    assert!(is_made_for(&made.metadata, &pod));
    pod.metadata.uid = "u2".into();
    assert!(
        !is_made_for(&made.metadata, &pod),
        "of a pod of the same name before"
    );
    pod.metadata.deletion_timestamp = Some("2026-03-01T09:00:00Z".parse().unwrap());
    assert_eq!(claim(&pod, &volume), None);
}

#[test]
fn only_claims_have_the_name_of_one() {
    let pod: Pod = serde_json::from_value(json!({"metadata": {"name": "web"}})).unwrap();
    let direct = volume("persistentVolumeClaim", json!({"claimName": "mine"}));
    assert_eq!(claim_name(&pod, &direct).as_deref(), Some("mine"));
    assert_eq!(claim_name(&pod, &volume("emptyDir", json!({}))), None);
    assert_eq!(claim(&pod, &direct), None);
}
