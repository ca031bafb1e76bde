//! Every field of every type, against the schema that the API server publishes.

use core::{error::Error, fmt};

use pod_lifecycle::api;
use serde::{
    Deserializer, Serialize,
    de::{DeserializeOwned, Error as _, Visitor, value::Error as Refusal},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value, json};

use crate::fixture;

/// What the tests ask of a type, with documents as text, so that a field may stand there twice.
struct Type {
    name: &'static str,
    /// Decodes and encodes.
    rewrite: fn(&str) -> Result<Value, serde_json::Error>,
    is_default: fn(&str) -> Result<bool, serde_json::Error>,
    /// The names on the wire.
    fields: fn() -> &'static [&'static str],
}

fn rewrite<T: DeserializeOwned + Serialize>(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_str::<T>(text)?)
}

fn is_default<T: DeserializeOwned + Default + PartialEq>(
    text: &str,
) -> Result<bool, serde_json::Error> {
    Ok(serde_json::from_str::<T>(text)? == T::default())
}

fn fields<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    assert!(T::deserialize(FieldNames(&mut names)).is_err());
    names
}

/// Holds no value: notes the names of the fields that a struct asks for, and refuses.
struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refusal> {
        Err(Refusal::custom("not a struct"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_some(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Refusal> {
        *self.0 = fields;
        Err(Refusal::custom("seen"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

macro_rules! types {
    ($($name:ident)*) => {
        const TYPES: &[Type] = &[$(Type {
            name: stringify!($name),
            rewrite: rewrite::<api::$name>,
            is_default: is_default::<api::$name>,
            fields: fields::<api::$name>,
        },)*];
    };
}

types! {
    AWSElasticBlockStoreVolumeSource Affinity AppArmorProfile AttachedVolume
    AzureDiskVolumeSource AzureFileVolumeSource Binding CSIVolumeSource Capabilities
    CephFSVolumeSource CinderVolumeSource ClusterTrustBundleProjection Condition
    ConfigMapEnvSource ConfigMapKeySelector ConfigMapNodeConfigSource ConfigMapProjection
    ConfigMapVolumeSource Container ContainerExtendedResourceRequest ContainerImage
    ContainerPort ContainerResizePolicy ContainerRestartRule ContainerRestartRuleOnExitCodes
    ContainerState ContainerStateRunning ContainerStateTerminated ContainerStateWaiting
    ContainerStatus ContainerUser DaemonEndpoint DownwardAPIProjection DownwardAPIVolumeFile
    DownwardAPIVolumeSource EmptyDirVolumeSource EnvFromSource EnvVar EnvVarSource
    EphemeralContainer EphemeralVolumeSource ExecAction FCVolumeSource FileKeySelector
    FlexVolumeSource FlockerVolumeSource GCEPersistentDiskVolumeSource GRPCAction
    GitRepoVolumeSource GlusterfsVolumeSource HTTPGetAction HTTPHeader HostAlias HostIP
    HostPathVolumeSource ISCSIVolumeSource ImageVolumeSource ImageVolumeStatus KeyToPath
    LabelSelector LabelSelectorRequirement Lifecycle LifecycleHandler LinuxContainerUser
    LocalObjectReference ManagedFieldsEntry NFSVolumeSource Namespace NamespaceCondition
    NamespaceSpec NamespaceStatus Node NodeAddress NodeAffinity
    NodeAllocatableResourceClaimStatus NodeCondition NodeConfigSource NodeConfigStatus
    NodeDaemonEndpoints NodeFeatures NodeRuntimeHandler NodeRuntimeHandlerFeatures NodeSelector
    NodeSelectorRequirement NodeSelectorTerm NodeSpec NodeStatus NodeSwapStatus NodeSystemInfo
    ObjectFieldSelector ObjectMeta ObjectReference Overhead OwnerReference
    PersistentVolumeClaimSpec PersistentVolumeClaimTemplate PersistentVolumeClaimVolumeSource
    PhotonPersistentDiskVolumeSource Pod PodAffinity PodAffinityTerm PodAntiAffinity
    PodCertificateProjection PodCondition PodDNSConfig PodDNSConfigOption PodDisruptionBudget
    PodDisruptionBudgetSpec PodDisruptionBudgetStatus PodExtendedResourceClaimStatus PodIP
    PodOS PodReadinessGate PodResourceClaim PodResourceClaimStatus PodSchedulingGate
    PodSchedulingGroup PodSecurityContext PodSpec PodStatus PodTemplate PodTemplateSpec
    PortworxVolumeSource PreferredSchedulingTerm PriorityClass Probe ProjectedVolumeSource
    QuobyteVolumeSource RBDVolumeSource ResourceClaim ResourceFieldSelector ResourceHealth
    ResourceRequirements ResourceStatus RuntimeClass SELinuxOptions ScaleIOVolumeSource
    Scheduling SeccompProfile SecretEnvSource SecretKeySelector SecretProjection
    SecretVolumeSource SecurityContext ServiceAccountTokenProjection SleepAction
    StorageOSVolumeSource Sysctl TCPSocketAction Taint Toleration TopologySpreadConstraint
    TypedLocalObjectReference TypedObjectReference Volume VolumeDevice VolumeMount
    VolumeMountStatus VolumeProjection VolumeResourceRequirements VolumeStatus
    VsphereVirtualDiskVolumeSource WeightedPodAffinityTerm WindowsSecurityContextOptions
}

/// The definitions that are no objects with fields, and two values of each.
const SCALARS: &[(&str, [&str; 2])] = &[
    (
        "FieldsV1",
        [
            r#"{"f:metadata":{}}"#,
            r#"{"f:spec":{"f:containers":{".":{}}}}"#,
        ],
    ),
    ("IntOrString", ["8080", r#""25%""#]),
    ("Quantity", [r#""1""#, r#""250m""#]),
    (
        "Time",
        [r#""2008-01-01T01:01:01Z""#, r#""2009-01-01T01:01:01Z""#],
    ),
];

struct Schema(Map<String, Value>);

/// One of two values for each field, none of it zero and no part in common.
#[derive(Clone, Copy)]
enum Sample {
    First,
    Second,
}

impl Schema {
    fn load() -> Self {
        let mut schema: Value =
            serde_json::from_str(&fixture::read("v1-schema.json")).expect("the schema is JSON");
        match schema["definitions"].take() {
            Value::Object(definitions) => Self(definitions),
            other => panic!("no definitions: {other}"),
        }
    }

    /// The fields of a type, by name.
    fn fields(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        let properties = self.0[name]["properties"].as_object();
        properties
            .into_iter()
            .flatten()
            .map(|(name, field)| (name.as_str(), field))
    }

    /// An object of the type with every field set, and every field of what it holds.
    fn full(&self, name: &str, sample: Sample) -> Value {
        match SCALARS.iter().find(|(scalar, _)| *scalar == name) {
            Some((_, texts)) => serde_json::from_str(texts[sample as usize]).expect("a scalar"),
            None => self
                .fields(name)
                .map(|(name, field)| (name.to_owned(), self.value(name, field, sample)))
                .collect(),
        }
    }

    fn value(&self, name: &str, field: &Value, sample: Sample) -> Value {
        if let Some(reference) = field["$ref"].as_str() {
            return self.full(reference, sample);
        }
        match field["type"].as_str() {
            Some("string") => match sample {
                Sample::First => name.into(),
                Sample::Second => format!("{name}Value").into(),
            },
            Some("boolean") => true.into(),
            Some("integer") => (sample as u8 + 7).into(),
            Some("array") => json!([self.value(name, &field["items"], sample)]),
            Some("object") => {
                json!({ "key": self.value(name, &field["additionalProperties"], sample) })
            }
            other => panic!("{name} is of the unknown type {other:?}"),
        }
    }
}

/// The zero value of a field, as far as it can be written.
fn zero(field: &Value) -> Option<Value> {
    if let Some(reference) = field["$ref"].as_str() {
        let scalar = SCALARS.iter().any(|(scalar, _)| *scalar == reference);
        return (!scalar).then(|| json!({}));
    }
    match field["type"].as_str()? {
        "string" => Some("".into()),
        "boolean" => Some(false.into()),
        "integer" => Some(0.into()),
        "array" => Some(json!([])),
        "object" => Some(json!({})),
        _ => None,
    }
}

/// Runs a check for every type, and says for which ones it failed.
fn for_every_type(check: impl Fn(&Schema, &Type) -> Result<(), Box<dyn Error>>) {
    let schema = Schema::load();
    let failures: Vec<String> = TYPES
        .iter()
        .filter_map(|ty| Some(format!("{}: {}", ty.name, check(&schema, ty).err()?)))
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Runs a check for every field of every type.
fn for_every_field(check: impl Fn(&Schema, &Type, &str, &Value) -> Result<(), Box<dyn Error>>) {
    for_every_type(|schema, ty| {
        for (name, field) in schema.fields(ty.name) {
            check(schema, ty, name, field).map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(())
    });
}

fn expect<T: fmt::Debug + PartialEq>(got: &T, wanted: &T) -> Result<(), Box<dyn Error>> {
    if got == wanted {
        return Ok(());
    }
    Err(format!("got {got:?}, wanted {wanted:?}").into())
}

#[test]
fn the_types_are_those_of_the_schema() {
    let schema = Schema::load();
    let ours = TYPES.iter().map(|ty| ty.name);
    let scalars = SCALARS.iter().map(|(name, _)| *name);
    let mut known: Vec<&str> = ours.chain(scalars).collect();
    known.sort_unstable();
    let mut defined: Vec<&str> = schema.0.keys().map(String::as_str).collect();
    defined.sort_unstable();
    assert_eq!(known, defined);
}

#[test]
fn every_type_has_just_the_fields_of_the_schema() {
    for_every_type(|schema, ty| {
        let mut ours = (ty.fields)().to_vec();
        ours.sort_unstable();
        let mut defined: Vec<&str> = schema.fields(ty.name).map(|(name, _)| name).collect();
        defined.sort_unstable();
        expect(&ours, &defined)
    });
}

#[test]
fn every_field_of_every_type_survives_decoding_and_encoding() {
    for_every_type(|schema, ty| {
        let full = schema.full(ty.name, Sample::First);
        expect(&(ty.rewrite)(&full.to_string())?, &full)
    });
}

#[test]
fn null_is_absent_in_every_field_of_every_type() {
    for_every_type(|schema, ty| {
        let nulls: Value = schema
            .fields(ty.name)
            .map(|(name, _)| (name.to_owned(), Value::Null))
            .collect();
        expect(&(ty.is_default)(&nulls.to_string())?, &true)?;
        expect(&(ty.is_default)("{}")?, &true)?;
        expect(&(ty.is_default)("null")?, &true)
    });
}

#[test]
fn a_zero_value_is_absent_or_kept_as_it_was_given() {
    for_every_field(|_, ty, name, field| {
        let Some(zero) = zero(field) else {
            return Ok(());
        };
        let given = json!({ name: zero }).to_string();
        if (ty.is_default)(&given)? {
            return Ok(());
        }
        let reference = field["$ref"].as_str().unwrap_or_default();
        let kept = match TYPES.iter().find(|ty| ty.name == reference) {
            Some(ty) => (ty.rewrite)("{}")?,
            None => zero,
        };
        expect(&(ty.rewrite)(&given)?[name], &kept)
    });
}

#[test]
fn null_in_a_list_is_a_zero_element() {
    for_every_field(|_, ty, name, field| {
        let Some(zero) = zero(&field["items"]) else {
            return Ok(());
        };
        let zeros = (ty.rewrite)(&json!({ name: [zero, zero] }).to_string())?;
        expect(
            &(ty.rewrite)(&json!({ name: [null, null] }).to_string())?,
            &zeros,
        )
    });
}

#[test]
fn of_a_field_given_twice_the_last_one_counts() {
    for_every_field(|schema, ty, name, field| {
        let first = schema.value(name, field, Sample::First);
        let second = schema.value(name, field, Sample::Second);
        let twice = format!("{{{name:?}: {first}, {name:?}: {second}}}");
        let once = json!({ name: second }).to_string();
        expect(&(ty.rewrite)(&twice)?, &(ty.rewrite)(&once)?)
    });
}

#[test]
fn a_null_after_a_value_unsets_what_may_be_absent_and_leaves_the_rest() {
    for_every_field(|schema, ty, name, field| {
        let value = schema.value(name, field, Sample::First);
        let twice = format!("{{{name:?}: {value}, {name:?}: null}}");
        if (ty.is_default)(&twice)? {
            return Ok(());
        }
        let once = json!({ name: value }).to_string();
        expect(&(ty.rewrite)(&twice)?, &(ty.rewrite)(&once)?)
    });
}
