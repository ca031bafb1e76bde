//! Whether an image is to be pulled before a container starts.
//!
//! Follows `imageManager.EnsureImageExists` of Kubernetes v1.36. The host looks for
//! the image where [`needs_inspection`] says so, asks [`decide`], pulls, and reports
//! what came of it with [`on_failure`] or [`on_success`].

use alloc::{borrow::Cow, format, string::String};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{back_off::BackOffs, reason};
use crate::{api::PullPolicy, image::with_default_tag, time::later};

/// An image that a container needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ImageRequest<'a> {
    /// The container's pull policy. What is neither `IfNotPresent` nor `Never` pulls, even where it is not set.
    pub policy: Option<&'a PullPolicy>,
    /// The image, as the container names it.
    pub image: &'a str,
    /// The pod.
    pub pod_uid: &'a str,
    /// What the node has of it; it does not matter where nothing [needs to be inspected](needs_inspection).
    pub local: LocalImage,
}

/// What a node has of an image.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum LocalImage {
    /// Nothing.
    #[default]
    Absent,
    /// The image, and the pod may use it.
    Present,
    /// The image, but nobody has shown by a pull that the pod's credentials give access to it.
    Unverified,
    /// Looking for it failed.
    Unknown,
}

/// What is to be done about an image.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ImageDecision<'a> {
    /// It is there: start the container.
    Use,
    /// Pull it, under this name.
    Pull(Cow<'a, str>),
    /// A pull failed lately: wait, with the reason `ImagePullBackOff`.
    BackOff {
        /// Until when.
        until: Timestamp,
    },
    /// The container cannot start, for that reason.
    Refuse(&'static str),
}

/// Why a pull failed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum PullFailure {
    /// For any other reason.
    #[default]
    Other,
    /// The registry does not answer.
    RegistryUnavailable,
    /// The image's signature is not accepted.
    SignatureValidationFailed,
}

impl PullFailure {
    /// Returns the reason that the container then waits with.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::image::PullFailure;
    ///
    /// assert_eq!(PullFailure::Other.reason(), "ErrImagePull");
    /// ```
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Other => reason::ERR_IMAGE_PULL,
            Self::RegistryUnavailable => reason::REGISTRY_UNAVAILABLE,
            Self::SignatureValidationFailed => reason::SIGNATURE_VALIDATION_FAILED,
        }
    }
}

/// Whether a policy asks what the node has of an image.
///
/// ```
/// use pod_lifecycle::{api::PullPolicy, lifecycle::image};
///
/// assert!(image::needs_inspection(Some(&PullPolicy::IfNotPresent)));
/// assert!(!image::needs_inspection(Some(&PullPolicy::Always)));
/// ```
#[must_use]
pub fn needs_inspection(policy: Option<&PullPolicy>) -> bool {
    matches!(policy, Some(PullPolicy::IfNotPresent | PullPolicy::Never))
}

/// Says what is to be done about an image.
///
/// ```
/// use pod_lifecycle::{
///     api::PullPolicy,
///     jiff::Timestamp,
///     lifecycle::{
///         back_off::{BackOff, BackOffs},
///         image::{self, ImageDecision, ImageRequest, LocalImage},
///     },
/// };
///
/// let pulls = BackOffs::new(BackOff::IMAGE_PULL);
/// let mut request = ImageRequest {
///     policy: Some(&PullPolicy::IfNotPresent),
///     image: "nginx",
///     pod_uid: "7b1f",
///     local: LocalImage::Absent,
/// };
/// let now = Timestamp::UNIX_EPOCH;
/// assert_eq!(image::decide(&pulls, now, &request), ImageDecision::Pull("nginx:latest".into()));
/// request.policy = Some(&PullPolicy::Never);
/// assert_eq!(image::decide(&pulls, now, &request), ImageDecision::Refuse("ErrImageNeverPull"));
/// ```
#[must_use]
pub fn decide<'a>(
    pulls: &BackOffs,
    now: Timestamp,
    request: &ImageRequest<'a>,
) -> ImageDecision<'a> {
    let Ok(image) = with_default_tag(request.image) else {
        return ImageDecision::Refuse(reason::INVALID_IMAGE_NAME);
    };
    if needs_inspection(request.policy) {
        match request.local {
            LocalImage::Unknown => return ImageDecision::Refuse(reason::IMAGE_INSPECT_ERROR),
            LocalImage::Present => return ImageDecision::Use,
            LocalImage::Absent | LocalImage::Unverified => {}
        }
        if request.policy == Some(&PullPolicy::Never) {
            return ImageDecision::Refuse(reason::ERR_IMAGE_NEVER_PULL);
        }
    }
    let key = back_off_key(request.pod_uid, request.image);
    if pulls.is_waiting_since_update(&key, now) {
        let entry = pulls.get(&key);
        return ImageDecision::BackOff {
            until: entry.map_or(now, |entry| later(entry.last_update, entry.delay)),
        };
    }
    ImageDecision::Pull(image)
}

/// Remembers that a pull has failed, and returns the reason that the container then waits with.
///
/// ```
/// use pod_lifecycle::{
///     jiff::Timestamp,
///     lifecycle::{back_off::{BackOff, BackOffs}, image::{self, PullFailure}},
/// };
///
/// let now = Timestamp::UNIX_EPOCH;
/// let mut pulls = BackOffs::new(BackOff::IMAGE_PULL);
/// let reason = image::on_failure(&mut pulls, now, "7b1f", "nginx", PullFailure::Other);
/// assert_eq!(reason, "ErrImagePull");
/// assert!(pulls.is_waiting_since_update(&image::back_off_key("7b1f", "nginx"), now));
/// ```
pub fn on_failure(
    pulls: &mut BackOffs,
    now: Timestamp,
    pod_uid: &str,
    image: &str,
    failure: PullFailure,
) -> &'static str {
    pulls.next(&back_off_key(pod_uid, image), now, now);
    failure.reason()
}

/// Notes that a pull has succeeded.
///
/// That does not forget the failures before it, which only age; it forgets those of all pods that are old enough.
///
/// ```
/// use pod_lifecycle::{jiff::Timestamp, lifecycle::{back_off::{BackOff, BackOffs}, image}};
///
/// let mut pulls = BackOffs::new(BackOff::IMAGE_PULL);
/// image::on_success(&mut pulls, Timestamp::UNIX_EPOCH);
/// ```
pub fn on_success(pulls: &mut BackOffs, now: Timestamp) {
    pulls.collect_garbage(now);
}

/// Returns the key under which the failed pulls of an image, as a pod names it, are remembered.
///
/// ```
/// use pod_lifecycle::lifecycle::image;
///
/// assert_eq!(image::back_off_key("7b1f", "nginx"), "7b1f_nginx");
/// ```
#[must_use]
pub fn back_off_key(pod_uid: &str, image: &str) -> String {
    format!("{pod_uid}_{image}")
}
