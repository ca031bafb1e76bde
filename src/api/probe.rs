//! How a container is asked how it does, and what runs when it starts and stops.
//!
//! A [`Probe`] is an action with its timing and its thresholds; a [`Lifecycle`] holds a hook
//! for either end. What is set as a bag of options on the wire is read as one [`Handler`].
//!
//! ```
//! use pod_lifecycle::api::{Handler, IntOrString, Probe};
//!
//! let probe: Probe = serde_json::from_str(
//!     r#"{"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 5}"#,
//! )?;
//! assert_eq!(probe.period_seconds, 5);
//! let Some(Handler::HttpGet(get)) = probe.handler() else { panic!("an HTTP probe") };
//! assert_eq!(get.port, IntOrString::Int(8080));
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{boxed::Box, string::String, vec::Vec};

use super::int_or_string::IntOrString;

wire_struct! {
    /// A question that the kubelet asks a container again and again.
    ///
    /// Exactly one of the four actions is set; [`handler`](Self::handler) says which.
    pub struct Probe {
        /// Runs a command in the container; exit code 0 is success.
        pub exec: Option<ExecAction> => "exec" omitempty,
        /// Sends a GET request; a status from 200 to 399 is success.
        pub http_get: Option<Box<HTTPGetAction>> => "httpGet" omitempty,
        /// Opens a connection; that it opens is success.
        pub tcp_socket: Option<TCPSocketAction> => "tcpSocket" omitempty,
        /// Calls the gRPC health service; `SERVING` is success.
        pub grpc: Option<Box<GRPCAction>> => "grpc" omitempty,
        /// Seconds from the container's start to the first question; 0 means none.
        pub initial_delay_seconds: i32 => "initialDelaySeconds" omitempty,
        /// Seconds to wait for the answer, after which the question counts as failed; the API
        /// server sets 1.
        pub timeout_seconds: i32 => "timeoutSeconds" omitempty,
        /// Seconds from one question to the next; the API server sets 10.
        pub period_seconds: i32 => "periodSeconds" omitempty,
        /// Successes in a row after which a failed probe counts as succeeded; the API server sets
        /// 1, and anything else is for readiness only.
        pub success_threshold: i32 => "successThreshold" omitempty,
        /// Failures in a row after which the probe counts as failed; the API server sets 3.
        pub failure_threshold: i32 => "failureThreshold" omitempty,
        /// Seconds of grace when this probe gets the container killed; absent means the pod's. Not
        /// for readiness probes.
        pub termination_grace_period_seconds: Option<i64> => "terminationGracePeriodSeconds" omitempty,
    }
}

wire_struct! {
    /// Hooks around a container's life.
    pub struct Lifecycle {
        /// Runs right after the start, beside the container's own program; if it fails, the
        /// container is killed, and until it ends the container does not count as started.
        pub post_start: Option<Box<LifecycleHandler>> => "postStart" omitempty,
        /// Runs before the stop signal when the kubelet stops a running container, inside the
        /// grace period; not when the container ends by itself.
        pub pre_stop: Option<Box<LifecycleHandler>> => "preStop" omitempty,
        /// Signal that asks the container to stop; absent means the image's, or the runtime's.
        /// Dropped at creation while the gate `ContainerStopSignals` is off, as it is by default.
        pub stop_signal: Option<Signal> => "stopSignal" omitempty,
    }
}

wire_struct! {
    /// What a hook does; exactly one of the fields is set, and [`handler`](Self::handler) says
    /// which.
    pub struct LifecycleHandler {
        /// Runs a command in the container; an exit code other than 0 fails the hook.
        pub exec: Option<ExecAction> => "exec" omitempty,
        /// Sends a GET request; whatever the answer, only its absence fails the hook.
        pub http_get: Option<Box<HTTPGetAction>> => "httpGet" omitempty,
        /// Accepted for old manifests; the kubelet fails such a hook.
        pub tcp_socket: Option<TCPSocketAction> => "tcpSocket" omitempty,
        /// Waits.
        pub sleep: Option<SleepAction> => "sleep" omitempty,
    }
}

wire_struct! {
    /// A command that is run in a container.
    pub struct ExecAction {
        /// Program and arguments, started without a shell; empty is invalid.
        pub command: Vec<String> => "command" omitempty,
    }
}

wire_struct! {
    /// A GET request to a container.
    pub struct HTTPGetAction {
        /// Path and query; the API server sets `/`.
        pub path: String => "path" omitempty,
        /// Port by number, 1 to 65535, or by its [name](super::ContainerPort::name) in the
        /// container.
        pub port: IntOrString => "port",
        /// Host to connect to; empty means the pod's address.
        pub host: String => "host" omitempty,
        /// Scheme; the API server sets [`Http`](URIScheme::Http). Certificates are not checked.
        pub scheme: Option<URIScheme> => "scheme" text omitempty,
        /// Headers of the request; names may repeat.
        pub http_headers: Vec<HTTPHeader> => "httpHeaders" omitempty,
    }
}

wire_struct! {
    /// A header of a request.
    pub struct HTTPHeader {
        /// Name of the header.
        pub name: String => "name",
        /// Its value.
        pub value: String => "value",
    }
}

wire_struct! {
    /// A connection to a container.
    pub struct TCPSocketAction {
        /// Port by number, 1 to 65535, or by its [name](super::ContainerPort::name) in the
        /// container.
        pub port: IntOrString => "port",
        /// Host to connect to; empty means the pod's address.
        pub host: String => "host" omitempty,
    }
}

wire_struct! {
    /// A call of the gRPC health service in a container.
    pub struct GRPCAction {
        /// Port number, 1 to 65535.
        pub port: i32 => "port",
        /// Service to ask about; the API server sets the empty one, which is the server as a
        /// whole, and absent is written as `null`.
        pub service: Option<String> => "service",
    }
}

wire_struct! {
    /// A wait.
    pub struct SleepAction {
        /// Seconds to wait, from 0 to the pod's grace period.
        pub seconds: i64 => "seconds",
    }
}

open_enum! {
    /// Scheme of a request.
    pub enum URIScheme {
        /// Plain HTTP.
        Http = "HTTP",
        /// HTTP over TLS.
        Https = "HTTPS",
    }
}

open_enum! {
    /// Signal that asks a container to stop.
    ///
    /// On Linux all of them are valid, on Windows `SIGTERM` and `SIGKILL`.
    pub enum Signal {
        /// Abort.
        SigAbrt = "SIGABRT",
        /// Timer.
        SigAlrm = "SIGALRM",
        /// Bad memory access.
        SigBus = "SIGBUS",
        /// Child ended.
        SigChld = "SIGCHLD",
        /// Child ended, by its older name.
        SigCld = "SIGCLD",
        /// Continue.
        SigCont = "SIGCONT",
        /// Arithmetic error.
        SigFpe = "SIGFPE",
        /// Hang-up.
        SigHup = "SIGHUP",
        /// Illegal instruction.
        SigIll = "SIGILL",
        /// Interrupt.
        SigInt = "SIGINT",
        /// Input or output possible.
        SigIo = "SIGIO",
        /// Abort, by its older name.
        SigIot = "SIGIOT",
        /// Kill, which cannot be caught.
        SigKill = "SIGKILL",
        /// Broken pipe.
        SigPipe = "SIGPIPE",
        /// Input or output possible, by its older name.
        SigPoll = "SIGPOLL",
        /// Profiling timer.
        SigProf = "SIGPROF",
        /// Power failure.
        SigPwr = "SIGPWR",
        /// Quit.
        SigQuit = "SIGQUIT",
        /// Last real-time signal.
        SigRtmax = "SIGRTMAX",
        /// Real-time signal, counted down from the last by 1.
        SigRtmaxMinus1 = "SIGRTMAX-1",
        /// Real-time signal, counted down from the last by 10.
        SigRtmaxMinus10 = "SIGRTMAX-10",
        /// Real-time signal, counted down from the last by 11.
        SigRtmaxMinus11 = "SIGRTMAX-11",
        /// Real-time signal, counted down from the last by 12.
        SigRtmaxMinus12 = "SIGRTMAX-12",
        /// Real-time signal, counted down from the last by 13.
        SigRtmaxMinus13 = "SIGRTMAX-13",
        /// Real-time signal, counted down from the last by 14.
        SigRtmaxMinus14 = "SIGRTMAX-14",
        /// Real-time signal, counted down from the last by 2.
        SigRtmaxMinus2 = "SIGRTMAX-2",
        /// Real-time signal, counted down from the last by 3.
        SigRtmaxMinus3 = "SIGRTMAX-3",
        /// Real-time signal, counted down from the last by 4.
        SigRtmaxMinus4 = "SIGRTMAX-4",
        /// Real-time signal, counted down from the last by 5.
        SigRtmaxMinus5 = "SIGRTMAX-5",
        /// Real-time signal, counted down from the last by 6.
        SigRtmaxMinus6 = "SIGRTMAX-6",
        /// Real-time signal, counted down from the last by 7.
        SigRtmaxMinus7 = "SIGRTMAX-7",
        /// Real-time signal, counted down from the last by 8.
        SigRtmaxMinus8 = "SIGRTMAX-8",
        /// Real-time signal, counted down from the last by 9.
        SigRtmaxMinus9 = "SIGRTMAX-9",
        /// First real-time signal.
        SigRtmin = "SIGRTMIN",
        /// Real-time signal, counted up from the first by 1.
        SigRtminPlus1 = "SIGRTMIN+1",
        /// Real-time signal, counted up from the first by 10.
        SigRtminPlus10 = "SIGRTMIN+10",
        /// Real-time signal, counted up from the first by 11.
        SigRtminPlus11 = "SIGRTMIN+11",
        /// Real-time signal, counted up from the first by 12.
        SigRtminPlus12 = "SIGRTMIN+12",
        /// Real-time signal, counted up from the first by 13.
        SigRtminPlus13 = "SIGRTMIN+13",
        /// Real-time signal, counted up from the first by 14.
        SigRtminPlus14 = "SIGRTMIN+14",
        /// Real-time signal, counted up from the first by 15.
        SigRtminPlus15 = "SIGRTMIN+15",
        /// Real-time signal, counted up from the first by 2.
        SigRtminPlus2 = "SIGRTMIN+2",
        /// Real-time signal, counted up from the first by 3.
        SigRtminPlus3 = "SIGRTMIN+3",
        /// Real-time signal, counted up from the first by 4.
        SigRtminPlus4 = "SIGRTMIN+4",
        /// Real-time signal, counted up from the first by 5.
        SigRtminPlus5 = "SIGRTMIN+5",
        /// Real-time signal, counted up from the first by 6.
        SigRtminPlus6 = "SIGRTMIN+6",
        /// Real-time signal, counted up from the first by 7.
        SigRtminPlus7 = "SIGRTMIN+7",
        /// Real-time signal, counted up from the first by 8.
        SigRtminPlus8 = "SIGRTMIN+8",
        /// Real-time signal, counted up from the first by 9.
        SigRtminPlus9 = "SIGRTMIN+9",
        /// Invalid memory reference.
        SigSegv = "SIGSEGV",
        /// Coprocessor stack fault.
        SigStkflt = "SIGSTKFLT",
        /// Stop, which cannot be caught.
        SigStop = "SIGSTOP",
        /// Bad system call.
        SigSys = "SIGSYS",
        /// Terminate; what most images mean by not saying.
        SigTerm = "SIGTERM",
        /// Trap of a debugger.
        SigTrap = "SIGTRAP",
        /// Stop from the terminal.
        SigTstp = "SIGTSTP",
        /// Background read from the terminal.
        SigTtin = "SIGTTIN",
        /// Background write to the terminal.
        SigTtou = "SIGTTOU",
        /// Urgent data on a socket.
        SigUrg = "SIGURG",
        /// First signal for the program's own use.
        SigUsr1 = "SIGUSR1",
        /// Second signal for the program's own use.
        SigUsr2 = "SIGUSR2",
        /// Virtual timer.
        SigVtalrm = "SIGVTALRM",
        /// Window size changed.
        SigWinch = "SIGWINCH",
        /// CPU time limit exceeded.
        SigXcpu = "SIGXCPU",
        /// File size limit exceeded.
        SigXfsz = "SIGXFSZ",
    }
}

/// What a probe or a hook does.
///
/// The same view serves both, as one host function may carry out either; which of the variants a
/// [`Probe`] or a [`LifecycleHandler`] can give is said there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Handler<'a> {
    /// Runs a command in the container.
    Exec(&'a ExecAction),
    /// Sends a GET request.
    HttpGet(&'a HTTPGetAction),
    /// Opens a connection; as a hook the kubelet fails it.
    TcpSocket(&'a TCPSocketAction),
    /// Calls the gRPC health service; not for hooks.
    Grpc(&'a GRPCAction),
    /// Waits; not for probes.
    Sleep(&'a SleepAction),
}

impl Probe {
    /// Returns what the probe does, anything but [`Handler::Sleep`]; `None` where nothing is set.
    ///
    /// Of several actions, which validation refuses, it is the one that the kubelet takes: the
    /// first of exec, HTTP, TCP, gRPC.
    ///
    /// ```
    /// use pod_lifecycle::api::{Handler, Probe};
    ///
    /// let probe: Probe = serde_json::from_str(r#"{"exec": {"command": ["cat", "/ready"]}}"#)?;
    /// let Some(Handler::Exec(exec)) = probe.handler() else { panic!("a command") };
    /// assert_eq!(exec.command, ["cat", "/ready"]);
    /// assert_eq!(Probe::default().handler(), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn handler(&self) -> Option<Handler<'_>> {
        if let Some(exec) = &self.exec {
            Some(Handler::Exec(exec))
        } else if let Some(get) = &self.http_get {
            Some(Handler::HttpGet(get))
        } else if let Some(socket) = &self.tcp_socket {
            Some(Handler::TcpSocket(socket))
        } else {
            self.grpc.as_deref().map(Handler::Grpc)
        }
    }
}

impl LifecycleHandler {
    /// Returns what the hook does, anything but [`Handler::Grpc`]; `None` where nothing is set.
    ///
    /// Of several actions, which validation refuses, it is the one that the kubelet takes: the
    /// first of exec, HTTP, sleep. It knows no TCP hook, so that one is given only where it stands
    /// alone.
    ///
    /// ```
    /// use pod_lifecycle::api::{Handler, LifecycleHandler};
    ///
    /// let hook: LifecycleHandler = serde_json::from_str(r#"{"sleep": {"seconds": 5}}"#)?;
    /// let Some(Handler::Sleep(sleep)) = hook.handler() else { panic!("a wait") };
    /// assert_eq!(sleep.seconds, 5);
    /// assert_eq!(LifecycleHandler::default().handler(), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn handler(&self) -> Option<Handler<'_>> {
        if let Some(exec) = &self.exec {
            Some(Handler::Exec(exec))
        } else if let Some(get) = &self.http_get {
            Some(Handler::HttpGet(get))
        } else if let Some(sleep) = &self.sleep {
            Some(Handler::Sleep(sleep))
        } else {
            self.tcp_socket.as_ref().map(Handler::TcpSocket)
        }
    }
}
