//! What the API server would say to one object.

use pod_lifecycle::{
    admission::{self, Warning, conversion, defaults, validation, warnings},
    api::Pod,
    jiff::Timestamp,
};

use crate::{
    manifest::{Complaint, Document},
    workload,
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
    let (pod, mut errors) = document.read::<Pod>()?;
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
    let (mut template, mut errors) = workload::template(document)?;
    if document.metadata("name").is_empty() && document.metadata("generateName").is_empty() {
        let what = "Required value: name or generateName is required";
        errors.push(document.complain_at("metadata.name", what));
    }
    defaults::apply_to_template(&mut template);
    conversion::normalize_spec(&mut template.spec);
    let options = validation::Options::default();
    if let Err(refused) = validation::template(&template, document.template(), &options) {
        errors.extend(document.refuse_object(&refused));
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

fn told(document: &Document, warnings: &[Warning]) -> Vec<Complaint> {
    let words = warnings.iter().map(|warning| {
        let path = warning.field.as_ref().map(ToString::to_string);
        document.complain(&path.unwrap_or_default(), &warning.message)
    });
    words.collect()
}
