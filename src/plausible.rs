//! `arbitrary::Arbitrary` for the wire types: objects of a bounded size that look like what people write.
//!
//! Independent choices for each field would make objects that fail on their first name. Here texts
//! come mostly from a few words that suit their field, so that a mount finds its volume and a
//! toleration its taint; optional fields are mostly absent; and once the bytes are used up, all that
//! is left is absent.

use alloc::{
    boxed::Box,
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

use arbitrary::{Arbitrary, Result, Unstructured};
use jiff::Timestamp;

use crate::{
    api::{FieldsV1, IntOrString, MicroTime, ResourceName, Time},
    quantity::Quantity,
    wire::Wire,
};

/// The field that a value is made for.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    /// The object that it belongs to.
    pub(crate) owner: &'static str,
    /// Its name on the wire.
    pub(crate) name: &'static str,
    /// Whether it is written even when it is not set, and so had better be.
    pub(crate) required: bool,
}

/// A value of a wire type's field, made of a fuzzer's bytes.
pub(crate) trait Plausible<'a>: Sized {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self>;
}

/// Fills a field, or leaves it as it is.
pub(crate) fn fill<'a, T: Plausible<'a>>(
    slot: &mut T,
    u: &mut Unstructured<'a>,
    field: Field,
) -> Result<()> {
    if !u.is_empty() {
        *slot = T::plausible(u, field)?;
    }
    Ok(())
}

/// As [`fill`], for an enum that is not a pointer in Go, where `""` is no value.
pub(crate) fn fill_text<'a, T: Plausible<'a> + Wire>(
    slot: &mut Option<T>,
    u: &mut Unstructured<'a>,
    field: Field,
) -> Result<()> {
    fill(slot, u, field)?;
    if slot.as_ref().is_some_and(Wire::is_empty) {
        *slot = None;
    }
    Ok(())
}

/// One time in `times`, and never once the bytes are used up.
fn one_in(u: &mut Unstructured<'_>, times: u8) -> Result<bool> {
    Ok(!u.is_empty() && u.int_in_range(1..=times)? == times)
}

/// Whether a field that may be absent is there.
fn wanted(u: &mut Unstructured<'_>, field: Field) -> Result<bool> {
    if field.required || matches!(field.name, "name" | "image") {
        return Ok(!one_in(u, 16)?);
    }
    // A volume mostly has one of its thirty kinds, so that the last ones are met as often as the first.
    one_in(u, if field.owner == "Volume" { 24 } else { 4 })
}

const NAMES: &[&str] = &[
    "web", "db", "setup", "proxy", "data", "config", "cache", "http",
];
const NAMESPACES: &[&str] = &["default", "kube-system", "shop"];
const KEYS: &[&str] = &[
    "app",
    "app.kubernetes.io/name",
    "kubernetes.io/hostname",
    "topology.kubernetes.io/zone",
    "node.kubernetes.io/not-ready",
    "example.com/gpu",
];
const VALUES: &[&str] = &["web", "a", "b", "zone-1", "true", "10", "v1.2"];
const IMAGES: &[&str] = &[
    "nginx",
    "nginx:1.29",
    "registry.example:5000/team/app:latest",
    "busybox@sha256:c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff",
];
const PATHS: &[&str] = &[
    "/data",
    "/var/log",
    "/etc/config/app",
    "config/app.yaml",
    "/",
];
const WORDS: &[&str] = &[
    "sh",
    "-c",
    "$(HOST)",
    "--port=8080",
    "/bin/app",
    "Completed",
    "Error",
];
const IPS: &[&str] = &["10.0.0.7", "10.0.1.23", "192.168.0.4", "fd00::7"];
const KINDS: &[&str] = &["Pod", "Node", "ReplicaSet", "Job"];
const VERSIONS: &[&str] = &["v1", "apps/v1", "batch/v1"];
const NUMBERS: &[i32] = &[
    0, 1, 2, 3, 5, 10, 30, 60, 80, 137, 300, 420, 443, 1000, 3600, 8080, 10250, -1, -5,
];

/// A text that suits the field, now and then any text at all.
pub(crate) fn text(u: &mut Unstructured<'_>, field: &str) -> Result<String> {
    if one_in(u, 16)? {
        return u.arbitrary();
    }
    let words = match field {
        "name" | "containerName" | "claimName" | "secretName" | "nodeName" | "hostname" => NAMES,
        "namespace" | "namespaces" => NAMESPACES,
        "image" | "reference" => IMAGES,
        "key" | "topologyKey" | "matchLabelKeys" | "mismatchLabelKeys" | "conditionType" => KEYS,
        "value" | "values" => VALUES,
        "ip" | "ips" | "podIP" | "hostIP" | "host" => IPS,
        "kind" => KINDS,
        "apiVersion" => VERSIONS,
        "path" | "mountPath" | "subPath" | "devicePath" | "workingDir" => PATHS,
        _ => WORDS,
    };
    Ok((*u.choose(words)?).into())
}

impl<'a> Plausible<'a> for String {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self> {
        if wanted(u, field)? {
            text(u, field.name)
        } else {
            Ok(Self::new())
        }
    }
}

impl<'a> Plausible<'a> for bool {
    fn plausible(u: &mut Unstructured<'a>, _: Field) -> Result<Self> {
        u.arbitrary()
    }
}

impl<'a> Plausible<'a> for i32 {
    fn plausible(u: &mut Unstructured<'a>, _: Field) -> Result<Self> {
        if one_in(u, 16)? {
            u.arbitrary()
        } else {
            Ok(*u.choose(NUMBERS)?)
        }
    }
}

impl<'a> Plausible<'a> for i64 {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self> {
        if one_in(u, 16)? {
            u.arbitrary()
        } else {
            i32::plausible(u, field).map(Self::from)
        }
    }
}

/// Of a pointer, or of an item of a list: it is asked for, so its parts are to be there.
fn inner(field: Field) -> Field {
    Field {
        required: true,
        ..field
    }
}

impl<'a> Plausible<'a> for u64 {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self> {
        i64::plausible(u, field).map(i64::unsigned_abs)
    }
}

impl<'a, T: Plausible<'a>> Plausible<'a> for Option<T> {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self> {
        if wanted(u, field)? {
            T::plausible(u, inner(field)).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<'a, T: Plausible<'a>> Plausible<'a> for Box<T> {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self> {
        T::plausible(u, field).map(Self::new)
    }
}

impl<'a, T: Plausible<'a>> Plausible<'a> for Vec<T> {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self> {
        let mut list = Self::new();
        if wanted(u, field)? {
            list.push(T::plausible(u, inner(field))?);
            while list.len() < 3 && one_in(u, 3)? {
                list.push(T::plausible(u, inner(field))?);
            }
        }
        Ok(list)
    }
}

/// Up to three entries.
fn map<'a, K: Ord, V: Plausible<'a>>(
    u: &mut Unstructured<'a>,
    field: Field,
    key: fn(&mut Unstructured<'a>) -> Result<K>,
) -> Result<BTreeMap<K, V>> {
    let mut map = BTreeMap::new();
    if wanted(u, field)? {
        let value = Field {
            name: "value",
            ..inner(field)
        };
        map.insert(key(u)?, V::plausible(u, value)?);
        while map.len() < 3 && one_in(u, 3)? {
            map.insert(key(u)?, V::plausible(u, value)?);
        }
    }
    Ok(map)
}

impl<'a, V: Plausible<'a>> Plausible<'a> for BTreeMap<String, V> {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self> {
        map(u, field, |u| text(u, "key"))
    }
}

impl<'a, V: Plausible<'a>> Plausible<'a> for BTreeMap<ResourceName, V> {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self> {
        map(u, field, ResourceName::arbitrary)
    }
}

impl<'a> Plausible<'a> for u32 {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self> {
        i32::plausible(u, field).map(i32::unsigned_abs)
    }
}

/// Any that can be written: Kubernetes loses the magnitude of one beyond the largest suffix.
impl<'a> Plausible<'a> for Quantity {
    fn plausible(u: &mut Unstructured<'a>, _: Field) -> Result<Self> {
        let quantity = Self::arbitrary(u)?;
        let read = quantity.to_string().parse();
        Ok(read
            .ok()
            .filter(|read| *read == quantity)
            .unwrap_or_default())
    }
}

/// Near the instants that [`Time`] mostly is, now and then to the nanosecond.
impl<'a> Plausible<'a> for Timestamp {
    fn plausible(u: &mut Unstructured<'a>, _: Field) -> Result<Self> {
        let instant = Self::from(Time::arbitrary(u)?);
        if one_in(u, 4)? {
            let nanos = u.int_in_range(0..=999_999_999)?;
            return Ok(Self::new(instant.as_second(), nanos).unwrap_or(instant));
        }
        Ok(instant)
    }
}

impl<'a> Plausible<'a> for IntOrString {
    fn plausible(u: &mut Unstructured<'a>, field: Field) -> Result<Self> {
        if one_in(u, 4)? {
            text(u, "name").map(Self::String)
        } else {
            i32::plausible(u, field).map(Self::Int)
        }
    }
}

/// `Arbitrary` for a struct, each field under a name that says what suits it.
macro_rules! by_fields {
    ($($ty:ident { $($field:ident: $name:literal,)+ })+) => {$(
        impl<'a> arbitrary::Arbitrary<'a> for $ty {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                $(
                    let mut $field = Default::default();
                    let field = $crate::plausible::Field { owner: stringify!($ty), name: $name, required: true };
                    $crate::plausible::fill(&mut $field, u, field)?;
                )+
                Ok(Self { $($field,)+ })
            }
        }

        $crate::plausible::by_arbitrary!($ty);
    )+};
}
pub(crate) use by_fields;

/// What is plausible by itself, whatever the field.
macro_rules! by_arbitrary {
    ($($ty:ty)*) => {$(
        impl<'a> $crate::plausible::Plausible<'a> for $ty {
            fn plausible(
                u: &mut arbitrary::Unstructured<'a>,
                _: $crate::plausible::Field,
            ) -> arbitrary::Result<Self> {
                arbitrary::Arbitrary::arbitrary(u)
            }
        }
    )*};
}
pub(crate) use by_arbitrary;

by_arbitrary!(FieldsV1 MicroTime Time);
