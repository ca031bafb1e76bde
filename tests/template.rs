//! Pods from templates, and whether they still match.

use pod_lifecycle::{
    admission::{self, template},
    api::{ObjectMeta, Pod, PodTemplateSpec},
};
use serde_json::{Value, json};

/// The template of a web server with a sidecar, and some of everything that has a key.
fn written() -> Value {
    json!({
        "metadata": {
            "labels": {"app": "web"},
            "annotations": {"example.com/team": "shop"},
            "finalizers": ["example.com/drain"],
        },
        "spec": {
            "initContainers": [{"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}],
            "containers": [
                {
                    "name": "web",
                    "image": "web:1",
                    "args": ["--verbose"],
                    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}],
                    "ports": [{"containerPort": 80}],
                    "resources": {"limits": {"cpu": "1000m"}, "requests": {"memory": "1Gi"}},
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                    "readinessProbe": {"httpGet": {"port": 80}},
                },
                {"name": "log", "image": "log:1"},
            ],
            "volumes": [{"name": "data"}, {"name": "config", "configMap": {"name": "config"}}],
            "tolerations": [{"key": "dedicated", "operator": "Exists"}],
            "nodeSelector": {"disk": "ssd"},
        },
    })
}

fn read(template: Value) -> PodTemplateSpec {
    serde_json::from_value(template).unwrap()
}

fn with(pointer: &str, value: Value) -> PodTemplateSpec {
    let mut template = written();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = template.pointer_mut(parent).unwrap();
    match field.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[field] = value,
    }
    read(template)
}

fn stored(template: &PodTemplateSpec) -> Pod {
    let set = ObjectMeta {
        name: "web-7d9f".into(),
        uid: "5ea1".into(),
        ..ObjectMeta::default()
    };
    let owner = template::controller_ref("apps/v1", "ReplicaSet", &set);
    let pod = template::instantiate(template, "shop", &owner);
    let now = "2026-03-01T09:00:00Z".parse().unwrap();
    let created = admission::create(now, pod, &admission::Options::default());
    created.unwrap().pod
}

fn differences(pod: &Pod, template: &PodTemplateSpec) -> Vec<String> {
    let differences = template::differences(pod, template);
    differences.iter().map(ToString::to_string).collect()
}

fn changes(new: &PodTemplateSpec) -> Vec<String> {
    let changes = template::changes(&read(written()), new);
    changes.iter().map(ToString::to_string).collect()
}

/// The stored pod of the template after a change of its JSON.
fn changed(change: impl FnOnce(&mut Value)) -> Pod {
    let mut pod = serde_json::to_value(stored(&read(written()))).unwrap();
    change(&mut pod);
    serde_json::from_value(pod).unwrap()
}

#[test]
fn a_pod_takes_from_its_template_what_is_the_templates() {
    let pod = stored(&read(written()));
    let metadata = &pod.metadata;
    assert_eq!(metadata.name, "web-7d9f-00000");
    assert_eq!(metadata.namespace, "shop");
    assert_eq!(metadata.labels["app"], "web");
    assert_eq!(metadata.annotations["example.com/team"], "shop");
    assert_eq!(metadata.finalizers, ["example.com/drain"]);
    assert_eq!(metadata.owner_references[0].name, "web-7d9f");
}

#[test]
fn names_begin_with_the_owners_and_a_dash_where_that_can_be_a_name() {
    assert_eq!(template::generate_name("web"), "web-");
    let longest = "a".repeat(253);
    assert_eq!(template::generate_name(&longest), longest.clone() + "-");
    let longer = longest + "a";
    assert_eq!(template::generate_name(&longer), longer);
    assert_eq!(template::generate_name("Web"), "Web");
}

#[test]
fn a_stored_pod_matches_its_template() {
    let template = read(written());
    assert_eq!(differences(&stored(&template), &template), [""; 0]);
}

#[test]
fn what_the_server_and_its_plugins_add_is_no_difference() {
    let pod = changed(|pod| {
        pod["metadata"]["labels"]["pod-template-hash"] = json!("7d9f");
        pod["metadata"]["annotations"]["cni/ip"] = json!("10.0.0.7");
        pod["metadata"]["finalizers"] = json!([]);
        let spec = &mut pod["spec"];
        spec["nodeName"] = json!("node-1");
        spec["serviceAccountName"] = json!("default");
        spec["serviceAccount"] = json!("default");
        spec["imagePullSecrets"] = json!([{"name": "registry"}]);
        spec["priority"] = json!(0);
        spec["preemptionPolicy"] = json!("PreemptLowerPriority");
        spec["ephemeralContainers"] = json!([{"name": "shell", "image": "busybox"}]);
        let tolerations = spec["tolerations"].as_array_mut().unwrap();
        let taint = "node.kubernetes.io/not-ready";
        tolerations.insert(
            0,
            json!({"key": taint, "operator": "Exists", "tolerationSeconds": 300}),
        );
        let token = "kube-api-access-x7k2p";
        let volumes = spec["volumes"].as_array_mut().unwrap();
        volumes.insert(0, json!({"name": token, "projected": {"sources": []}}));
        let path = "/var/run/secrets/kubernetes.io/serviceaccount";
        for place in ["/containers/0", "/containers/1", "/initContainers/0"] {
            let container = spec.pointer_mut(place).unwrap();
            let mount = json!({"name": token, "mountPath": path, "readOnly": true});
            match container["volumeMounts"].as_array_mut() {
                Some(mounts) => mounts.push(mount),
                None => container["volumeMounts"] = json!([mount]),
            }
        }
    });
    assert_eq!(differences(&pod, &read(written())), [""; 0]);
}

#[test]
fn a_limit_range_explains_amounts_and_nothing_else_does() {
    let limit = |pod: &mut Value| {
        pod["spec"]["containers"][1]["resources"] = json!({"limits": {"cpu": "1"}});
    };
    let added = ["spec.containers[1].resources.limits: added"];
    assert_eq!(differences(&changed(limit), &read(written())), added);
    let pod = changed(|pod| {
        limit(pod);
        pod["metadata"]["annotations"]["kubernetes.io/limit-ranger"] =
            json!("LimitRanger plugin set: …");
    });
    assert_eq!(differences(&pod, &read(written())), [""; 0]);
}

#[test]
fn a_runtime_class_explains_its_overhead_and_its_nodes() {
    let settle = |pod: &mut Value| {
        pod["spec"]["overhead"] = json!({"cpu": "10m"});
        pod["spec"]["nodeSelector"]["runtime"] = json!("kata");
    };
    let added = ["spec.nodeSelector[runtime]: added", "spec.overhead: added"];
    assert_eq!(differences(&changed(settle), &read(written())), added);
    let template = with("/spec/runtimeClassName", json!("kata"));
    let pod = changed(|pod| {
        pod["spec"]["runtimeClassName"] = json!("kata");
        settle(pod);
    });
    assert_eq!(differences(&pod, &template), [""; 0]);
}

#[test]
fn a_gated_pod_may_be_let_go_and_narrowed_down() {
    let gates = json!([{"name": "example.com/quota"}]);
    let template = with("/spec/schedulingGates", gates);
    assert_eq!(differences(&stored(&template), &template), [""; 0]);
    let terms = json!([{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}]);
    let pod = changed(|pod| {
        pod["spec"]["nodeSelector"]["zone"] = json!("a");
        let affinity = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
            {"nodeSelectorTerms": terms}}});
        pod["spec"]["affinity"] = affinity;
    });
    assert_eq!(differences(&pod, &template), [""; 0]);
    let ungated = ["spec.nodeSelector[zone]: added", "spec.affinity: added"];
    assert_eq!(differences(&pod, &read(written())), ungated);
}

#[test]
fn labels_that_a_controller_adds_count_for_match_label_keys() {
    let constraint = json!([{
        "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "web"}}, "matchLabelKeys": ["pod-template-hash"],
    }]);
    let template = with("/spec/topologySpreadConstraints", constraint);
    let mut hashed = template.clone();
    let labels = &mut hashed.metadata.labels;
    labels.insert("pod-template-hash".into(), "7d9f".into());
    assert_eq!(differences(&stored(&hashed), &template), [""; 0]);
}

#[test]
fn what_the_template_says_otherwise_is_a_difference_at_its_path() {
    let pod = stored(&read(written()));
    for (pointer, value, expected) in [
        (
            "/metadata/labels/app",
            json!("db"),
            "metadata.labels[app]: changed",
        ),
        (
            "/metadata/labels/tier",
            json!("a"),
            "metadata.labels[tier]: missing",
        ),
        (
            "/metadata/annotations/a",
            json!("b"),
            "metadata.annotations[a]: missing",
        ),
        (
            "/spec/hostNetwork",
            json!(true),
            "spec.hostNetwork: missing",
        ),
        (
            "/spec/terminationGracePeriodSeconds",
            json!(5),
            "spec.terminationGracePeriodSeconds: changed",
        ),
        ("/spec/nodeName", json!("node-1"), "spec.nodeName: missing"),
        (
            "/spec/nodeSelector/disk",
            json!("hdd"),
            "spec.nodeSelector[disk]: changed",
        ),
        (
            "/spec/tolerations/0/key",
            json!("other"),
            "spec.tolerations[0]: missing",
        ),
        (
            "/spec/containers/0/image",
            json!("web:2"),
            "spec.containers[0].image: changed",
        ),
        (
            "/spec/containers/0/args/0",
            json!("--quiet"),
            "spec.containers[0].args[0]: changed",
        ),
        (
            "/spec/containers/0/env/1/value",
            json!("2"),
            "spec.containers[0].env[1].value: changed",
        ),
        (
            "/spec/containers/0/ports/0/hostPort",
            json!(80),
            "spec.containers[0].ports[0].hostPort: missing",
        ),
        (
            "/spec/containers/0/resources/limits/cpu",
            json!("2"),
            "spec.containers[0].resources.limits[cpu]: changed",
        ),
        ("/spec/containers/0/resources/limits/cpu", json!("1"), ""),
        (
            "/spec/containers/0/readinessProbe/periodSeconds",
            json!(5),
            "spec.containers[0].readinessProbe.periodSeconds: changed",
        ),
        (
            "/spec/containers/0/readinessProbe/periodSeconds",
            json!(10),
            "",
        ),
        (
            "/spec/initContainers/0/image",
            json!("proxy:2"),
            "spec.initContainers[0].image: changed",
        ),
        (
            "/spec/volumes/1/configMap/name",
            json!("other"),
            "spec.volumes[1].configMap.name: changed",
        ),
        ("/spec/restartPolicy", json!("Always"), ""),
    ] {
        let template = with(pointer, value.clone());
        let found = differences(&pod, &template);
        let first = found.first().map_or("", String::as_str);
        assert_eq!(first, expected, "{pointer} = {value}: {found:?}");
    }
}

#[test]
fn items_are_found_by_name_and_their_order_counts() {
    let swap = |pod: &mut Value| pod["spec"]["containers"].as_array_mut().unwrap().swap(0, 1);
    assert_eq!(
        differences(&changed(swap), &read(written())),
        ["spec.containers: changed"]
    );
    let inject = |pod: &mut Value| {
        let containers = pod["spec"]["containers"].as_array_mut().unwrap();
        containers.insert(0, json!({"name": "mesh", "image": "mesh:1"}));
        containers[1]["image"] = json!("web:2");
        containers.pop();
    };
    assert_eq!(
        differences(&changed(inject), &read(written())),
        [
            "spec.containers[1].image: changed",
            "spec.containers[1]: missing",
            "spec.containers[0]: added",
        ],
        "what is missing stands at its place in the template"
    );
    let swap = |pod: &mut Value| {
        let env = pod.pointer_mut("/spec/containers/0/env").unwrap();
        env.as_array_mut().unwrap().swap(0, 1);
    };
    assert_eq!(
        differences(&changed(swap), &read(written())),
        ["spec.containers[0].env: changed"]
    );
}

#[test]
fn a_default_that_is_written_out_is_no_change_of_a_template() {
    let same = with("/spec/dnsPolicy", json!("ClusterFirst"));
    assert_eq!(changes(&same), [""; 0]);
}

#[test]
fn every_other_change_of_a_template_is_one() {
    for (pointer, value, expected) in [
        (
            "/metadata/labels/app",
            json!("db"),
            vec!["metadata.labels[app]: changed"],
        ),
        (
            "/metadata/labels",
            json!({}),
            vec!["metadata.labels: missing"],
        ),
        (
            "/metadata/finalizers",
            json!([]),
            vec!["metadata.finalizers: missing"],
        ),
        ("/spec/priority", json!(5), vec!["spec.priority: added"]),
        (
            "/spec/tolerations",
            json!([]),
            vec!["spec.tolerations: missing"],
        ),
        (
            "/spec/schedulingGates",
            json!([{"name": "a.b/c"}]),
            vec!["spec.schedulingGates: added"],
        ),
        (
            "/spec/volumes",
            json!([{"name": "data"}]),
            vec!["spec.volumes[1]: missing"],
        ),
        (
            "/spec/volumes",
            json!([{"name": "data"}, {"name": "kube-api-access-1", "projected": {}}]),
            vec!["spec.volumes[1]: missing", "spec.volumes[1]: added"],
        ),
    ] {
        assert_eq!(changes(&with(pointer, value)), expected, "{pointer}");
    }
}
