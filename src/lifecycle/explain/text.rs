//! The causes, and what they need, as sentences.

use core::fmt;

use super::{Cause, Needs, NotRestarted, Role, Standing};
use crate::lifecycle::probe;

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Over { phase, reason: "" } => write!(f, "the pod is over: {phase}"),
            Self::Over { phase, reason } => write!(f, "the pod is over: {phase}, {reason}"),
            Self::Deleting => f.write_str("the pod is being deleted"),
            Self::SchedulingGate(gate) => write!(f, "the scheduling gate {gate} is not removed"),
            Self::Unschedulable { message: "" } => f.write_str("no node takes the pod"),
            Self::Unschedulable { message } => write!(f, "no node takes the pod: {message}"),
            Self::Unscheduled => f.write_str("nobody has given the pod a node yet"),
            Self::Unreported => f.write_str("the pod's node has not reported on it yet"),
            Self::NoSandbox => f.write_str("the pod's sandbox and its network are not ready"),
            Self::Container {
                name,
                role,
                standing,
            } => write!(f, "{role} {name} {standing}"),
            Self::ReadinessGate(type_) => write!(f, "the readiness gate {type_} is not true"),
            Self::Withdrawn => {
                f.write_str("all is ready and the pod is not; perhaps its node does not answer")
            }
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Init => "init container",
            Self::Sidecar => "sidecar",
            Self::Regular => "container",
        })
    }
}

impl fmt::Display for Standing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Unknown => f.write_str("has no status"),
            Self::Waiting {
                reason, message, ..
            } => {
                f.write_str("waits")?;
                details(f, reason, message)
            }
            Self::Ended {
                exit_code, reason, ..
            } => {
                write!(f, "has ended with exit code {exit_code}")?;
                details(f, reason, "")
            }
            Self::NotStarted => f.write_str("has not passed its startup probe"),
            Self::Unready => f.write_str("does not pass its readiness probe"),
            Self::Running => f.write_str("has not ended yet"),
        }
    }
}

impl fmt::Display for NotRestarted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Over(phase) => write!(f, "the pod is over: {phase}"),
            Self::Deleting => f.write_str("the pod is being deleted"),
            Self::Done => f.write_str("it is an init container and has done its part"),
            Self::Policy {
                exit_code,
                policy,
                own,
            } => {
                let whose = if own { "its own" } else { "the pod's" };
                write!(
                    f,
                    "{whose} restart policy {policy} does not start it again after exit code {exit_code}"
                )
            }
            Self::BackOff { until, message } => {
                f.write_str("it is started again when its back-off is over")?;
                if let Some(until) = until {
                    write!(f, ", at {until}")?;
                }
                details(f, "", message)
            }
            Self::Waits { reason, message } => {
                f.write_str("it waits to be started")?;
                details(f, reason, message)
            }
            Self::Soon { by: None } => f.write_str("it is started again soon"),
            Self::Soon { by: Some(by) } => write!(
                f,
                "it is started again when its back-off is over, by {by} at the latest"
            ),
        }
    }
}

fn details(f: &mut fmt::Formatter<'_>, reason: &str, message: &str) -> fmt::Result {
    for detail in [reason, message] {
        if !detail.is_empty() {
            write!(f, ": {detail}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Needs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Nothing => f.write_str("nothing has to happen"),
            Self::NewPod => f.write_str("this pod comes to nothing more; a new one has to take its place"),
            Self::GateRemoved(gate) => {
                write!(f, "whoever set the scheduling gate {gate} has to remove it")
            }
            Self::Room => f.write_str("a node has to be able to take the pod, or the pod has to ask for less"),
            Self::Scheduler => f.write_str("the scheduler has to give the pod a node"),
            Self::Kubelet => f.write_str("the kubelet of the pod's node has to report"),
            Self::Sandbox => f.write_str("the runtime has to make the sandbox and give it an address"),
            Self::Time { until: Some(until) } => write!(f, "time has to pass until {until}"),
            Self::Time { until: None } => f.write_str("time has to pass until the back-off is over"),
            Self::Image => f.write_str("the registry has to give the image"),
            Self::ImageOnNode => f.write_str("somebody has to put the image on the node"),
            Self::ImageName => f.write_str("somebody has to correct the name of the image"),
            Self::Configuration => f.write_str(
                "what the container's configuration names has to exist, such as a config map or a secret",
            ),
            Self::Start => f.write_str("the kubelet has to start the container"),
            Self::Success => f.write_str("the container has to end with exit code 0"),
            Self::Probe(kind) => {
                let kind = match kind {
                    probe::Kind::Liveness => "liveness",
                    probe::Kind::Readiness => "readiness",
                    probe::Kind::Startup => "startup",
                };
                write!(f, "the container's {kind} probe has to succeed")
            }
            Self::Condition(type_) => {
                write!(f, "whoever owns the condition {type_} has to set it to True")
            }
            Self::Node => f.write_str("the pod's node has to answer again"),
        }
    }
}
