//! Whether an image is pulled.

use pod_lifecycle::{
    api::PullPolicy,
    lifecycle::{
        back_off::{BackOff, BackOffs},
        image::{self, ImageDecision, ImageRequest, LocalImage, PullFailure},
    },
};
use serde::Deserialize;

use super::back_off::{at, nanos};
use crate::case::Case;

pub(crate) fn image_pull(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Input {
        steps: Vec<Step>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Step {
        at_nanos: i64,
        policy: Option<PullPolicy>,
        image: String,
        pod_uid: Option<String>,
        #[serde(default)]
        present: bool,
        #[serde(default)]
        inspect_error: bool,
        #[serde(default)]
        credential_check_fails: bool,
        pull_result: String,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Output {
        steps: Vec<Answer>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        pulled: bool,
        pulled_image: Option<String>,
        reason: String,
        delay_nanos: u64,
    }
    let input: Input = case.input()?;
    let mut pulls = BackOffs::new(BackOff::IMAGE_PULL);
    let mut steps = Vec::new();
    for step in &input.steps {
        let now = at(step.at_nanos);
        let pod_uid = step.pod_uid.as_deref().unwrap_or("p1");
        let request = ImageRequest {
            policy: step.policy.as_ref(),
            image: &step.image,
            pod_uid,
            local: match (
                step.inspect_error,
                step.present,
                step.credential_check_fails,
            ) {
                (true, _, _) => LocalImage::Unknown,
                (_, false, _) => LocalImage::Absent,
                (_, true, true) => LocalImage::Unverified,
                (_, true, false) => LocalImage::Present,
            },
        };
        let mut pulled_image = None;
        let reason = match image::decide(&pulls, now, &request) {
            ImageDecision::Use => "",
            ImageDecision::Refuse(reason) => reason,
            ImageDecision::BackOff { .. } => "ImagePullBackOff",
            ImageDecision::Pull(name) => {
                pulled_image = Some(name.into_owned());
                let failure = match &*step.pull_result {
                    "ok" => None,
                    "error" => Some(PullFailure::Other),
                    "RegistryUnavailable" => Some(PullFailure::RegistryUnavailable),
                    "SignatureValidationFailed" => Some(PullFailure::SignatureValidationFailed),
                    other => return Err(format!("unknown result {other}")),
                };
                if let Some(failure) = failure {
                    image::on_failure(&mut pulls, now, pod_uid, &step.image, failure)
                } else {
                    image::on_success(&mut pulls, now);
                    ""
                }
            }
        };
        let entry = pulls.get(&image::back_off_key(pod_uid, &step.image));
        steps.push(Answer {
            pulled: pulled_image.is_some(),
            pulled_image,
            reason: reason.to_owned(),
            delay_nanos: entry.map_or(0, |entry| nanos(entry.delay)),
        });
    }
    case.expect(&Output { steps })
}
