//! Manifests as large as nobody writes them are judged like any other, and before the day is over.

use pod_lifecycle::{
    admission::{
        defaults,
        validation::{self, Options},
        warnings,
    },
    api::Pod,
    field::FieldErrors,
    resources,
};
use serde_json::{Value, json};

/// So many that looking at all pairs would be noticed, and at all triples would never end.
const MANY: usize = 10_000;

fn list(item: impl Fn(usize) -> Value) -> Value {
    (0..MANY).map(item).collect()
}

/// A pod with a container that has these fields, and a spec with those.
fn pod(container: Value, spec: Value) -> Pod {
    let mut manifest = json!({
        "metadata": {"name": "web", "namespace": "shop", "resourceVersion": "1"},
        "spec": {"containers": [{"name": "web", "image": "nginx"}]},
    });
    let merge = |into: &mut Value, from: Value| {
        let (Value::Object(into), Value::Object(from)) = (into, from) else {
            panic!("both are objects");
        };
        into.extend(from);
    };
    merge(&mut manifest["spec"]["containers"][0], container);
    merge(&mut manifest["spec"], spec);
    let mut pod = serde_json::from_value(manifest).expect("a pod");
    defaults::apply(&mut pod);
    pod
}

fn judged(pod: &Pod) -> Vec<String> {
    errors(validation::create(pod, &Options::default()))
}

/// Each kind of error once, with how often it is there, numbers left out.
fn errors(result: Result<(), FieldErrors>) -> Vec<String> {
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for error in result.err().into_iter().flatten() {
        let mut kind = format!("{} {:?} {}", error.field, error.kind, error.detail);
        kind.retain(|c| !c.is_ascii_digit());
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    let count = |(kind, count)| format!("{count} of {kind}");
    kinds.into_iter().map(count).collect()
}

fn counts(errors: &[String]) -> Vec<usize> {
    let count = |error: &String| error.split(' ').next()?.parse().ok();
    errors.iter().filter_map(count).collect()
}

#[test]
fn mounts_and_devices_are_told_apart_by_name_and_by_path() {
    let mounts = list(|i| json!({"name": format!("v{i}"), "mountPath": format!("/{i}")}));
    let devices = list(|i| json!({"name": format!("v{i}"), "devicePath": format!("/{i}")}));
    let volumes = list(
        |i| json!({"name": format!("v{i}"), "persistentVolumeClaim": {"claimName": format!("c{i}")}}),
    );
    let pod = pod(
        json!({"volumeMounts": mounts, "volumeDevices": devices}),
        json!({"volumes": volumes}),
    );
    assert_eq!(counts(&judged(&pod)), [MANY; 4]);
}

#[test]
fn claims_of_a_container_are_found_in_the_pod() {
    let claims = (0..MANY).flat_map(|i| {
        let name = format!("c{}", i + MANY / 2);
        let once = json!({"name": name, "request": "gpu"});
        [once.clone(), once, json!({"name": name})]
    });
    let declared = list(|i| json!({"name": format!("c{i}"), "resourceClaimName": "gpus"}));
    let pod = pod(
        json!({"resources": {"claims": claims.collect::<Value>()}}),
        json!({"resourceClaims": declared}),
    );
    let mut found = counts(&judged(&pod));
    found.sort_unstable();
    // Of each request one too many, and the whole beside it; half of them are not there at all.
    assert_eq!(found, [3 * MANY / 2, 2 * MANY]);
}

#[test]
fn files_with_variables_are_found_among_volumes() {
    let env = list(|i| {
        let file = json!({"volumeName": format!("v{i}"), "path": "env", "key": "KEY"});
        json!({"name": format!("V{i}"), "valueFrom": {"fileKeyRef": file}})
    });
    let volumes = list(|i| json!({"name": format!("v{i}"), "configMap": {"name": "env"}}));
    let pod = pod(json!({"env": env}), json!({"volumes": volumes}));
    assert_eq!(counts(&judged(&pod)), [MANY]);
}

#[test]
fn claims_of_ephemeral_volumes_are_not_named_by_hand() {
    let spec = json!({
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1"}}
    });
    let volumes = (0..MANY).flat_map(|i| {
        let template = json!({"volumeClaimTemplate": {"spec": spec}});
        let claim = json!({"claimName": format!("web-e{i}")});
        [
            json!({"name": format!("e{i}"), "ephemeral": template}),
            json!({"name": format!("c{i}"), "persistentVolumeClaim": claim}),
        ]
    });
    let pod = pod(json!({}), json!({"volumes": volumes.collect::<Value>()}));
    assert_eq!(counts(&judged(&pod)), [MANY]);
}

#[test]
fn annotations_and_targets_name_containers() {
    let init = list(|i| json!({"name": format!("i{i}"), "image": "nginx"}));
    let targets = list(|i| {
        let target = format!("i{}", i + MANY / 2);
        json!({"name": format!("e{i}"), "image": "nginx", "targetContainerName": target})
    });
    let mut pod = pod(
        json!({}),
        json!({"initContainers": init, "ephemeralContainers": targets}),
    );
    let prefix = "container.apparmor.security.beta.kubernetes.io/";
    let annotations = (0..MANY).map(|i| (format!("{prefix}x{i}"), "unconfined".to_owned()));
    pod.metadata.annotations = annotations.collect();
    let mut found = counts(&judged(&pod));
    found.sort_unstable();
    // Too many bytes of annotations, and ephemeral containers in a new pod.
    assert_eq!(found, [1, 1, MANY / 2, MANY]);
}

#[test]
fn keys_of_labels_are_found_in_selectors() {
    let keys = list(|i| json!(format!("k{i}")));
    let expressions =
        (0..2 * MANY).map(|i| json!({"key": format!("k{}", i % MANY), "operator": "Exists"}));
    let term = json!({
        "topologyKey": "zone", "matchLabelKeys": keys, "whenUnsatisfiable": "DoNotSchedule",
        "maxSkew": 1, "labelSelector": {"matchExpressions": expressions.collect::<Value>()},
    });
    let spread = pod(json!({}), json!({"topologySpreadConstraints": [term]}));
    assert_eq!(counts(&judged(&spread)), [MANY]);
    let required = json!({"requiredDuringSchedulingIgnoredDuringExecution": [term]});
    let near = pod(json!({}), json!({"affinity": {"podAffinity": required}}));
    assert_eq!(counts(&judged(&near)), [MANY]);
}

#[test]
fn names_of_targets_are_found_wherever_they_begin() {
    let volume = |iqn: String| {
        let iscsi = json!({"targetPortal": "10.0.0.1", "iqn": iqn, "lun": 0});
        pod(
            json!({}),
            json!({"volumes": [{"name": "disk", "iscsi": iscsi}]}),
        )
    };
    let many = 10 * MANY;
    assert_eq!(judged(&volume("iqn.2001-04.".repeat(many))).len(), 1);
    assert_eq!(judged(&volume("iqn.2001-04.a:b,".repeat(many))).len(), 1);
    let last = format!("{}com.example:disk", "iqn.2001-04.".repeat(many));
    assert!(judged(&volume(last)).is_empty());
}

#[test]
fn sidecars_are_added_up_each_with_a_resource_of_its_own() {
    let sidecars = list(|i| {
        let amount = json!({format!("example.com/r{i}"): "1"});
        json!({
            "name": format!("s{i}"), "image": "nginx", "restartPolicy": "Always",
            "resources": {"requests": amount, "limits": amount}
        })
    });
    let own = json!({"requests": {"cpu": "1"}, "limits": {"cpu": "1"}});
    let pod = pod(
        json!({}),
        json!({"initContainers": sidecars, "resources": own}),
    );
    assert!(judged(&pod).is_empty());
    assert_eq!(resources::aggregate_requests(&pod.spec).len(), MANY);
}

#[test]
fn gates_are_only_taken_away() {
    let gates = |first: usize| {
        let gates = list(|i| json!({"name": format!("g{}", first + i)}));
        pod(json!({}), json!({"schedulingGates": gates}))
    };
    let (old, new) = (gates(0), gates(MANY / 2));
    let found = errors(validation::update(&new, &old, &Options::default()));
    assert_eq!(counts(&found), [MANY / 2]);
}

#[test]
fn statuses_are_held_against_containers_claims_and_addresses() {
    let name = |i: usize| format!("c{i}");
    let status = |state: Value| {
        let allocated = json!([{"name": "claim:gone/gpu", "resources": []}]);
        let containers = list(
            |i| json!({"name": name(i), "state": state, "allocatedResourcesStatus": allocated}),
        );
        let claims = list(|i| json!({"name": name(i + MANY)}));
        let addresses = list(|i| json!({"ip": format!("x{i}")}));
        json!({
            "containerStatuses": containers, "resourceClaimStatuses": claims, "podIPs": addresses
        })
    };
    let containers = list(|i| json!({"name": name(i), "image": "nginx"}));
    let claims = list(|i| json!({"name": name(i), "resourceClaimName": "gpus"}));
    let mut old = pod(
        json!({}),
        json!({"containers": containers, "resourceClaims": claims, "restartPolicy": "Never"}),
    );
    let mut new = old.clone();
    let ended = status(json!({"terminated": {"exitCode": 1}}));
    old.status = serde_json::from_value(ended).expect("a status");
    new.status = serde_json::from_value(status(json!({"running": {}}))).expect("a status");
    let found = errors(validation::status_update(&new, &old, &Options::default()));
    // The odd addresses were there before; that there are so many, and what they are, is said once.
    assert_eq!(counts(&found), [MANY, MANY, MANY, 1, 1]);
}

#[test]
fn warnings_about_pairs_look_only_at_pairs_that_clash() {
    let ports = list(|i| json!({"containerPort": 80, "hostPort": i + 1, "hostIP": "10.0.0.1"}));
    let items = |first: &str| {
        let items = (0..MANY).map(|i| json!({"key": "k", "path": format!("dir-{i}/a/b")}));
        let first = json!({"key": "k", "path": first});
        items.chain([first]).collect::<Value>()
    };
    let with = |first: &str| {
        let volume = json!({"name": "v", "secret": {"secretName": "s", "items": items(first)}});
        pod(json!({"ports": ports}), json!({"volumes": [volume]}))
    };
    assert!(warnings::create(&with("dir-")).is_empty());
    assert_eq!(warnings::create(&with("dir-7/a/b/c")).len(), 1);
    assert_eq!(warnings::create(&with("dir-7")).len(), 1);
}
