//! What the API server would say to one object.

use pod_lifecycle::{
    admission::{self, Warning, conversion, defaults, validation, warnings},
    api::{LabelSelector, Pod, PodTemplateSpec, RestartPolicy},
    field::{self, BadValue, FieldErrors},
    format,
    jiff::Timestamp,
    labels::Selector,
};

use crate::{
    manifest::{Complaint, Document},
    workload::{self, Pods, Workload},
};

/// What was found in one object.
#[derive(Default)]
pub(crate) struct Verdict {
    /// Why it would be refused.
    pub(crate) errors: Vec<Complaint>,
    /// What is legal and probably not meant.
    pub(crate) warnings: Vec<Complaint>,
}

/// Judges an object, from its fields' names on.
pub(crate) fn judge(document: &Document) -> Verdict {
    let judged = match document.check_kind() {
        Ok(()) if document.template().is_empty() => pod(document),
        Ok(()) => workload(document),
        Err(complaint) => Err(complaint),
    };
    judged.unwrap_or_else(|complaint| Verdict {
        errors: vec![complaint],
        ..Verdict::default()
    })
}

fn pod(document: &Document) -> Result<Verdict, Complaint> {
    let (mut pod, mut errors) = document.read::<Pod>()?;
    // By a plugin that no API server is without.
    if pod.spec.service_account_name.is_empty() && pod.spec.service_account.is_empty() {
        pod.spec.service_account_name = "default".into();
    }
    let created = admission::create(Timestamp::UNIX_EPOCH, pod, &admission::Options::default());
    let warnings = match created {
        Ok(created) => told(document, &created.warnings),
        Err(refused) => {
            errors.extend(document.refuse_object(&refused));
            Vec::new()
        }
    };
    Ok(Verdict { errors, warnings })
}

fn workload(document: &Document) -> Result<Verdict, Complaint> {
    let (workload, mut errors) = workload::read(document)?;
    let Workload { mut template, pods } = workload;
    document.add_claims(&mut template.spec);
    if document.metadata("name").is_empty() && document.metadata("generateName").is_empty() {
        let what = "Required value: name or generateName is required";
        errors.push(document.complain_at("metadata.name", what));
    }
    defaults::apply_to_template(&mut template);
    conversion::normalize_spec(&mut template.spec);
    let options = validation::Options::default();
    let refused = [
        around(document, &template, &pods),
        validation::template(&template, document.template(), &options),
        at_the_end(document, &template, &pods),
    ];
    let before = errors.len();
    for refused in refused.iter().filter_map(|judged| judged.as_ref().err()) {
        errors.extend(document.refuse_object(refused));
    }
    if errors.len() > before {
        return Ok(Verdict {
            errors,
            warnings: Vec::new(),
        });
    }
    let mut pod = Pod {
        metadata: template.metadata,
        spec: template.spec,
        ..Pod::default()
    };
    // Pods get names of their own, about which there is nothing to say here.
    pod.metadata.name = "pod".into();
    let warnings = told(document, &warnings::create(&pod));
    Ok(Verdict { errors, warnings })
}

/// What is asked of a workload before its template is looked into.
fn around(document: &Document, template: &PodTemplateSpec, pods: &Pods) -> Result<(), FieldErrors> {
    let name = document.metadata("name");
    field::collect("", |at| {
        if !name.is_empty() {
            at.field("metadata.name")
                .format(name, format::dns_subdomain);
        }
        let matches = match pods {
            Pods::Running(None) => {
                at.field("spec.selector").required("");
                true
            }
            Pods::Running(Some(selector)) if *selector == LabelSelector::default() => {
                let detail = "empty selector is invalid";
                at.field("spec.selector").invalid(BadValue::Omitted, detail);
                true
            }
            Pods::Running(selector) => match Selector::parse(selector.as_ref()) {
                Ok(selector) => selector.matches(&template.metadata.labels),
                Err(_) => {
                    let detail = "invalid label selector";
                    at.field("spec.selector").invalid(BadValue::Omitted, detail);
                    true
                }
            },
            Pods::Labelled(labels) => {
                Selector::from_labels(labels).matches(&template.metadata.labels)
            }
            Pods::Ending | Pods::None => true,
        };
        if !matches {
            at.field("spec.template.metadata.labels").invalid(
                BadValue::Omitted,
                "`selector` does not match template `labels`",
            );
        }
    })
}

/// What is asked of a template beside what is asked of any.
fn at_the_end(
    document: &Document,
    template: &PodTemplateSpec,
    pods: &Pods,
) -> Result<(), FieldErrors> {
    let spec = &template.spec;
    let policy = spec.restart_policy.as_ref();
    field::collect(document.template(), |at| {
        let at = &mut at.field("spec");
        match (pods, policy) {
            (Pods::Running(_) | Pods::Labelled(_), policy) => {
                if let Some(policy) = policy.filter(|policy| **policy != RestartPolicy::Always) {
                    at.field("restartPolicy")
                        .not_supported(policy.as_str(), &["Always"]);
                }
                if spec.active_deadline_seconds.is_some() {
                    let detail = format!("not supported in a {}", document.kind());
                    at.field("activeDeadlineSeconds").forbidden(detail);
                }
            }
            (Pods::Ending, Some(RestartPolicy::Always)) => {
                let detail = r#"valid values: "OnFailure", "Never""#;
                at.field("restartPolicy").required(detail);
            }
            _ => {}
        }
    })
}

fn told(document: &Document, warnings: &[Warning]) -> Vec<Complaint> {
    let words = warnings.iter().map(|warning| {
        let path = warning.field.as_ref().map(ToString::to_string);
        document.complain(&path.unwrap_or_default(), &warning.message)
    });
    words.collect()
}
