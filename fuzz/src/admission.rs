use std::collections::BTreeSet;

use arbitrary::{Arbitrary as _, Result, Unstructured};
use pod_lifecycle::{
    admission::{
        self, conversion, defaults,
        delete::{self, Outcome},
        prepare, static_pod, strict, template, validation, warnings,
    },
    api::{Container, ContainerStatus, ObjectMeta, Pod, PodTemplateSpec},
    jiff::Timestamp,
};
use serde_json::Value;

/// Whatever somebody sends to the API server, it is answered; and what the server stores, it takes again.
///
/// Bytes that begin with `{` are a manifest. Others make pods of two sorts: any at all, and such as
/// people write with some of their values changed, which come further.
pub fn admission(data: &[u8]) {
    if data.first() == Some(&b'{') {
        let mut json = serde_json::Deserializer::from_slice(data);
        if let Ok(decoded) = strict::decode::<Pod, _>(&mut json) {
            judge(decoded.value, &Pod::default());
        }
    } else {
        let _ = send(&mut Unstructured::new(data));
    }
}

const WRITTEN: [&str; 4] = [
    include_str!("../seeds/admission/web.json"),
    include_str!("../seeds/admission/volumes.json"),
    include_str!("../seeds/admission/placed.json"),
    include_str!("../seeds/admission/job.json"),
];

fn send(u: &mut Unstructured<'_>) -> Result<()> {
    let other = Pod::arbitrary(&mut Unstructured::new(u.bytes(u.len() / 3)?))?;
    if u.ratio(1, 4)? {
        judge(Pod::arbitrary(u)?, &other);
        return Ok(());
    }
    let mut manifest: Value = serde_json::from_str(u.choose(&WRITTEN)?).expect("a seed is JSON");
    let parts = serde_json::to_value(&other).expect("a pod can be written");
    for _ in 0..u.int_in_range(0..=6)? {
        change(u, &mut manifest, &parts)?;
    }
    // What no longer is a pod is refused, and that is all there is to say.
    if let Ok(decoded) = strict::decode::<Pod, _>(&manifest) {
        judge(decoded.value, &other);
    }
    Ok(())
}

const VALUES: &str = r#"[null, true, false, 0, 1, -1, 80, 65536, 2147483648, "", "web", "Web", "-", "a.b", "..",
    "/data", "../up", "100m", "1Gi", "-1", "0.0001", "1e30", "10%", "Always", "Never", "TCP", "$(X)", "10.0.0.1", [], {},
    "a-name-that-is-longer-than-any-label-could-ever-be-in-a-cluster-since-those-end-at-63"]"#;

/// Changes something somewhere: takes it away, repeats it, or puts another value or a foreign part there.
fn change(u: &mut Unstructured<'_>, manifest: &mut Value, parts: &Value) -> Result<()> {
    let (mut at, mut parts) = (manifest, Some(parts));
    while let 1.. = len(at) {
        if u.ratio(1, 6)? {
            break;
        }
        let index = u.choose_index(len(at))?;
        match at {
            Value::Object(fields) => {
                let (name, value) = fields.iter_mut().nth(index).expect("one of the fields");
                parts = parts.and_then(|parts| parts.get(name));
                at = value;
            }
            Value::Array(items) => {
                parts = parts.and_then(|parts| parts.get(0));
                at = &mut items[index];
            }
            _ => unreachable!("only lists and objects have a length"),
        }
    }
    let pick = |u: &mut Unstructured<'_>| {
        let values: Vec<Value> = serde_json::from_str(VALUES).expect("the values are JSON");
        u.choose(&values).cloned()
    };
    match (at, parts) {
        (Value::Object(fields), Some(Value::Object(foreign)))
            if !foreign.is_empty() && u.ratio(3, 4)? =>
        {
            let index = u.choose_index(foreign.len())?;
            let (name, value) = foreign.iter().nth(index).expect("one of the fields");
            fields.insert(name.clone(), value.clone());
        }
        (Value::Array(items), _) if !items.is_empty() && u.ratio(3, 4)? => {
            let item = items[u.choose_index(items.len())?].clone();
            items.push(item);
        }
        (at, Some(part)) if u.ratio(1, 4)? => *at = part.clone(),
        (at, _) => *at = pick(u)?,
    }
    Ok(())
}

fn len(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_772_355_600).expect("a time of the year 2026")
}

fn judge(pod: Pod, other: &Pod) {
    let options = admission::Options::default();
    completing_twice_changes_nothing(&pod);
    changes_never_panic(&pod, other, &options);
    let _ = warnings::create(&pod);
    let _ = static_pod::create(now(), pod.clone(), static_pod::Source::File("/"), "node-1");
    templates_agree_with_their_pods(&template(&pod), &template(other), &options);
    match admission::create(now(), pod, &options) {
        Err(errors) => assert!(!errors.to_string().is_empty()),
        Ok(created) => what_is_stored_is_taken_again(created.pod, other, &options),
    }
}

fn template(pod: &Pod) -> PodTemplateSpec {
    PodTemplateSpec {
        metadata: pod.metadata.clone(),
        spec: pod.spec.clone(),
    }
}

fn templates_agree_with_their_pods(
    template: &PodTemplateSpec,
    other: &PodTemplateSpec,
    options: &admission::Options,
) {
    let _ = validation::template(template, "spec.template", &options.validation);
    let completed = |template: &PodTemplateSpec| {
        let mut template = template.clone();
        defaults::apply_to_template(&mut template);
        conversion::normalize_spec(&mut template.spec);
        template
    };
    assert_eq!(template::changes(template, &completed(template)), []);
    assert_eq!(
        template::changes(template, other).is_empty(),
        completed(template) == completed(other)
    );
    let set = ObjectMeta {
        name: "web".into(),
        uid: "1".into(),
        ..ObjectMeta::default()
    };
    let owner = template::controller_ref("apps/v1", "ReplicaSet", &set);
    let pod = template::instantiate(template, "shop", &owner);
    let _ = template::differences(&pod, other);
    if let Ok(created) = admission::create(now(), pod, options) {
        assert_eq!(template::differences(&created.pod, template), []);
    }
}

fn completed(pod: &Pod) -> Pod {
    let mut pod = pod.clone();
    defaults::apply(&mut pod);
    conversion::normalize(&mut pod);
    pod
}

fn completing_twice_changes_nothing(pod: &Pod) {
    let mut once = pod.clone();
    defaults::apply(&mut once);
    let mut twice = once.clone();
    defaults::apply(&mut twice);
    assert_eq!(once, twice);
    conversion::normalize(&mut once);
    assert_eq!(completed(&once), once);
}

type Change = fn(
    Pod,
    &Pod,
    &admission::Options,
) -> core::result::Result<Pod, pod_lifecycle::field::FieldErrors>;

const CHANGES: [Change; 4] = [
    admission::update,
    admission::update_status,
    admission::update_ephemeral_containers,
    admission::resize,
];

fn changes_never_panic(pod: &Pod, other: &Pod, options: &admission::Options) {
    for change in CHANGES {
        let _ = change(other.clone(), pod, options);
        let _ = change(pod.clone(), other, options);
    }
    prepare::create(now(), &mut pod.clone());
}

/// Also what changed in the store, by whichever endpoint.
fn what_is_stored_is_taken_again(mut pod: Pod, other: &Pod, options: &admission::Options) {
    pod.metadata.resource_version = "1".into();
    let text = serde_json::to_string(&pod).expect("a pod can be written");
    let read: Pod = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(completed(&read), pod, "stored pods are complete");
    assert_eq!(validation::create(&pod, &options.validation), Ok(()));
    is_updated_to_itself(&pod, options);
    let mut new = pod.clone();
    new.spec.containers.clone_from(&other.spec.containers);
    new.spec
        .ephemeral_containers
        .clone_from(&other.spec.ephemeral_containers);
    new.spec
        .tolerations
        .extend(other.spec.tolerations.iter().cloned());
    new.metadata.labels.clone_from(&other.metadata.labels);
    new.status.clone_from(&other.status);
    for (new_image, image) in new.spec.containers.iter_mut().zip(&pod.spec.containers) {
        *new_image = Container {
            image: new_image.image.clone(),
            resources: new_image.resources.clone(),
            ..image.clone()
        };
    }
    for change in CHANGES {
        if let Ok(changed) = change(new.clone(), &pod, options) {
            is_updated_to_itself(&changed, options);
        }
    }
    let deleted = admission::delete(now(), pod, &delete::Options::default());
    let deleted = deleted.expect("there is no precondition");
    if deleted.outcome == Outcome::Marked {
        is_updated_to_itself(&deleted.pod, options);
    }
}

fn is_updated_to_itself(pod: &Pod, options: &admission::Options) {
    assert_eq!(
        admission::update(pod.clone(), pod, options).as_ref(),
        Ok(pod)
    );
    // Of two statuses of one name, the one that has ended forbids the other.
    let lists = [
        &pod.status.init_container_statuses,
        &pod.status.container_statuses,
        &pod.status.ephemeral_container_statuses,
    ];
    if lists.into_iter().all(|list| names_are_unique(list)) {
        let status = admission::update_status(pod.clone(), pod, options);
        assert_eq!(status.as_ref(), Ok(pod));
    }
}

fn names_are_unique(statuses: &[ContainerStatus]) -> bool {
    let names: BTreeSet<&str> = statuses.iter().map(|status| &*status.name).collect();
    names.len() == statuses.len()
}
