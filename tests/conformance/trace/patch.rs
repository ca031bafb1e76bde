//! Patches as far as the recorded lives use them.

use pod_lifecycle::api::Pod;
use serde_json::Value;

/// How lists are patched.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Lists {
    /// Named things are merged by name, other lists replaced.
    Merged,
    Replaced,
}

/// Applies a strategic merge patch: objects are merged, lists of named things by name, the rest replaced.
pub(crate) fn apply(pod: &Pod, patch: &Value) -> Result<Pod, String> {
    patched(pod, patch, Lists::Merged)
}

/// Applies a JSON merge patch: objects are merged, the rest replaced.
pub(crate) fn merge(pod: &Pod, patch: &Value) -> Result<Pod, String> {
    patched(pod, patch, Lists::Replaced)
}

fn patched(pod: &Pod, patch: &Value, lists: Lists) -> Result<Pod, String> {
    let mut value = serde_json::to_value(pod).map_err(|error| error.to_string())?;
    put(&mut value, patch, lists);
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn put(target: &mut Value, patch: &Value, lists: Lists) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                if value.is_null() {
                    target.remove(name);
                } else {
                    put(target.entry(name).or_insert(Value::Null), value, lists);
                }
            }
        }
        (Value::Array(target), Value::Array(patch))
            if lists == Lists::Merged
                && !patch.is_empty()
                && patch.iter().all(|item| key(item).is_some()) =>
        {
            for item in patch {
                let known = target.iter().position(|known| key(known) == key(item));
                match known.and_then(|at| target.get_mut(at)) {
                    Some(_) if is_deleted(item) => target.retain(|known| key(known) != key(item)),
                    Some(known) => put(known, item, lists),
                    None if is_deleted(item) => {}
                    None => target.push(item.clone()),
                }
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

/// Whether a patch takes an item away from a list.
fn is_deleted(item: &Value) -> bool {
    item.get("$patch").and_then(Value::as_str) == Some("delete")
}

/// What names an item of a list.
fn key(item: &Value) -> Option<&str> {
    item.get("name")
        .or_else(|| item.get("type"))
        .and_then(Value::as_str)
}
