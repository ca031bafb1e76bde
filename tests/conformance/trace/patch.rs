//! Patches as far as the recorded lives use them.

use pod_lifecycle::api::Pod;
use serde_json::Value;

/// Applies a strategic merge patch: objects are merged, lists of named things by name, the rest replaced.
pub(crate) fn apply(pod: &Pod, patch: &Value) -> Result<Pod, String> {
    let mut value = serde_json::to_value(pod).map_err(|error| error.to_string())?;
    merge(&mut value, patch);
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                if value.is_null() {
                    target.remove(name);
                } else {
                    merge(target.entry(name).or_insert(Value::Null), value);
                }
            }
        }
        (Value::Array(target), Value::Array(patch))
            if !patch.is_empty() && patch.iter().all(|item| key(item).is_some()) =>
        {
            for item in patch {
                match target.iter_mut().find(|known| key(known) == key(item)) {
                    Some(known) => merge(known, item),
                    None => target.push(item.clone()),
                }
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

/// What names an item of a list.
fn key(item: &Value) -> Option<&str> {
    item.get("name")
        .or_else(|| item.get("type"))
        .and_then(Value::as_str)
}
