//! How much room the types take.

use core::mem::size_of;

use pod_lifecycle::api;

macro_rules! print_sizes {
    ($($name:ident)*) => {
        $(println!("{:24} {:5}", stringify!($name), size_of::<api::$name>());)*
    };
}

#[test]
#[cfg(target_pointer_width = "64")]
fn the_types_that_come_in_lists_stay_small() {
    print_sizes! {
        Pod ObjectMeta PodSpec PodStatus Container EphemeralContainer ContainerStatus ContainerState
        ResourceRequirements Probe SecurityContext PodSecurityContext EnvVar VolumeMount Volume
        Affinity Toleration PodCondition Node NodeSpec NodeStatus
    }
    assert!(size_of::<api::Container>() <= 800);
    assert!(size_of::<api::EphemeralContainer>() <= 824);
    assert!(size_of::<api::Volume>() <= 320);
}
