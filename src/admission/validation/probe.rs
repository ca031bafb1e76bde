//! Probes and hooks.

use super::Context;
use crate::{
    api::{
        ExecAction, GRPCAction, HTTPGetAction, IntOrString, Lifecycle, LifecycleHandler, OSName,
        Probe, Signal, SleepAction, TCPSocketAction,
    },
    field::At,
    format,
};

/// What the runtime of a Windows node can do to end a container.
const WINDOWS_SIGNALS: [&str; 2] = ["SIGKILL", "SIGTERM"];

/// What a probe and a hook can do, all of it looked at.
#[derive(Default)]
struct Actions<'a> {
    exec: Option<&'a ExecAction>,
    http_get: Option<&'a HTTPGetAction>,
    tcp_socket: Option<&'a TCPSocketAction>,
    grpc: Option<&'a GRPCAction>,
    sleep: Option<&'a SleepAction>,
}

/// The first of several actions is judged, the others are forbidden.
fn actions(at: &mut At<'_>, actions: &Actions<'_>, grace: Option<i64>) {
    let mut is_first = true;
    let mut first = |at: &mut At<'_>| {
        if !is_first {
            at.forbidden("may not specify more than one handler type");
        }
        core::mem::replace(&mut is_first, false)
    };
    if let Some(exec) = actions.exec {
        let at = &mut at.field("exec");
        if first(at) && exec.command.is_empty() {
            at.field("command").required("");
        }
    }
    if let Some(get) = actions.http_get {
        let at = &mut at.field("httpGet");
        if first(at) {
            http_get(at, get);
        }
    }
    if let Some(socket) = actions.tcp_socket {
        let at = &mut at.field("tcpSocket");
        if first(at) {
            port(&mut at.field("port"), &socket.port);
        }
    }
    if let Some(grpc) = actions.grpc {
        let at = &mut at.field("grpc");
        if first(at) {
            at.field("port").in_range(grpc.port, 1..=65_535);
        }
    }
    if let Some(sleep) = actions.sleep {
        let at = &mut at.field("sleep");
        if first(at) {
            self::sleep(at, sleep, grace);
        }
    }
    if is_first {
        at.required("must specify a handler type");
    }
}

fn http_get(at: &mut At<'_>, get: &HTTPGetAction) {
    at.field("path").not_empty(&get.path);
    port(&mut at.field("port"), &get.port);
    at.field("scheme").supported(get.scheme.as_ref());
    for header in &get.http_headers {
        at.field("httpHeaders")
            .format(&header.name, format::http_header_name);
    }
}

fn port(at: &mut At<'_>, port: &IntOrString) {
    match port {
        IntOrString::Int(number) => at.in_range(*number, 1..=65_535),
        IntOrString::String(name) => at.format(name, format::port_name),
    }
}

fn sleep(at: &mut At<'_>, sleep: &SleepAction, grace: Option<i64>) {
    if let Some(grace) = grace {
        if sleep.seconds < 0 || sleep.seconds > grace {
            at.invalid(
                sleep.seconds,
                "must be between 0 and the pod's terminationGracePeriodSeconds",
            );
        }
    }
}

fn probe(at: &mut At<'_>, probe: &Probe, grace: Option<i64>) {
    let found = Actions {
        exec: probe.exec.as_ref(),
        http_get: probe.http_get.as_deref(),
        tcp_socket: probe.tcp_socket.as_ref(),
        grpc: probe.grpc.as_deref(),
        sleep: None,
    };
    actions(at, &found, grace);
    at.field("initialDelaySeconds")
        .non_negative(probe.initial_delay_seconds);
    at.field("timeoutSeconds")
        .non_negative(probe.timeout_seconds);
    at.field("periodSeconds").non_negative(probe.period_seconds);
    at.field("successThreshold")
        .non_negative(probe.success_threshold);
    at.field("failureThreshold")
        .non_negative(probe.failure_threshold);
    if let Some(own) = probe.termination_grace_period_seconds {
        at.field("terminationGracePeriodSeconds").positive(own);
    }
}

/// A probe whose failure restarts the container: liveness and startup.
pub(super) fn liveness(at: &mut At<'_>, probe: &Probe, grace: Option<i64>) {
    self::probe(at, probe, grace);
    if probe.success_threshold != 1 {
        at.field("successThreshold")
            .invalid(probe.success_threshold, "must be 1");
    }
}

pub(super) fn readiness(at: &mut At<'_>, probe: &Probe, grace: Option<i64>) {
    self::probe(at, probe, grace);
    if let Some(own) = probe.termination_grace_period_seconds {
        at.field("terminationGracePeriodSeconds")
            .invalid(own, "must not be set for readinessProbes");
    }
}

pub(super) fn lifecycle(at: &mut At<'_>, lifecycle: &Lifecycle, context: &Context<'_>) {
    for (name, hook) in [
        ("postStart", &lifecycle.post_start),
        ("preStop", &lifecycle.pre_stop),
    ] {
        if let Some(LifecycleHandler {
            exec,
            http_get,
            tcp_socket,
            sleep,
        }) = hook.as_deref()
        {
            let found = Actions {
                exec: exec.as_ref(),
                http_get: http_get.as_deref(),
                tcp_socket: tcp_socket.as_ref(),
                grpc: None,
                sleep: sleep.as_ref(),
            };
            let grace = context.spec.termination_grace_period_seconds;
            actions(&mut at.field(name), &found, grace);
        }
    }
    if let Some(signal) = &lifecycle.stop_signal {
        stop_signal(&mut at.field("stopSignal"), signal, context);
    }
}

fn stop_signal(at: &mut At<'_>, signal: &Signal, context: &Context<'_>) {
    let Some(os) = &context.spec.os else {
        at.forbidden("may not be set where `spec.os.name` is not");
        return;
    };
    match &os.name {
        Some(OSName::Linux) => at.supported(Some(signal)),
        Some(OSName::Windows) if !WINDOWS_SIGNALS.contains(&signal.as_str()) => {
            at.not_supported(signal.as_str(), &WINDOWS_SIGNALS);
        }
        Some(OSName::Windows | OSName::Other(_)) | None => {}
    }
}
