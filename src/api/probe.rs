//! DOC.

use alloc::{boxed::Box, string::String, vec::Vec};

use super::int_or_string::IntOrString;

wire_struct! {
    /// DOC.
    pub struct Probe {
        /// DOC.
        pub exec: Option<ExecAction> => "exec" omitempty,
        /// DOC.
        pub http_get: Option<Box<HTTPGetAction>> => "httpGet" omitempty,
        /// DOC.
        pub tcp_socket: Option<TCPSocketAction> => "tcpSocket" omitempty,
        /// DOC.
        pub grpc: Option<Box<GRPCAction>> => "grpc" omitempty,
        /// DOC.
        pub initial_delay_seconds: i32 => "initialDelaySeconds" omitempty,
        /// DOC.
        pub timeout_seconds: i32 => "timeoutSeconds" omitempty,
        /// DOC.
        pub period_seconds: i32 => "periodSeconds" omitempty,
        /// DOC.
        pub success_threshold: i32 => "successThreshold" omitempty,
        /// DOC.
        pub failure_threshold: i32 => "failureThreshold" omitempty,
        /// DOC.
        pub termination_grace_period_seconds: Option<i64> => "terminationGracePeriodSeconds" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct Lifecycle {
        /// DOC.
        pub post_start: Option<Box<LifecycleHandler>> => "postStart" omitempty,
        /// DOC.
        pub pre_stop: Option<Box<LifecycleHandler>> => "preStop" omitempty,
        /// DOC.
        pub stop_signal: Option<Signal> => "stopSignal" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct LifecycleHandler {
        /// DOC.
        pub exec: Option<ExecAction> => "exec" omitempty,
        /// DOC.
        pub http_get: Option<Box<HTTPGetAction>> => "httpGet" omitempty,
        /// DOC.
        pub tcp_socket: Option<TCPSocketAction> => "tcpSocket" omitempty,
        /// DOC.
        pub sleep: Option<SleepAction> => "sleep" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ExecAction {
        /// DOC.
        pub command: Vec<String> => "command" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct HTTPGetAction {
        /// DOC.
        pub path: String => "path" omitempty,
        /// DOC.
        pub port: IntOrString => "port",
        /// DOC.
        pub host: String => "host" omitempty,
        /// DOC.
        pub scheme: Option<URIScheme> => "scheme" text omitempty,
        /// DOC.
        pub http_headers: Vec<HTTPHeader> => "httpHeaders" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct HTTPHeader {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub value: String => "value",
    }
}

wire_struct! {
    /// DOC.
    pub struct TCPSocketAction {
        /// DOC.
        pub port: IntOrString => "port",
        /// DOC.
        pub host: String => "host" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct GRPCAction {
        /// DOC.
        pub port: i32 => "port",
        /// DOC.
        pub service: Option<String> => "service",
    }
}

wire_struct! {
    /// DOC.
    pub struct SleepAction {
        /// DOC.
        pub seconds: i64 => "seconds",
    }
}

open_enum! {
    /// DOC.
    pub enum URIScheme {
        /// DOC.
        Http = "HTTP",
        /// DOC.
        Https = "HTTPS",
    }
}

open_enum! {
    /// DOC.
    pub enum Signal {
        /// DOC.
        SigAbrt = "SIGABRT",
        /// DOC.
        SigAlrm = "SIGALRM",
        /// DOC.
        SigBus = "SIGBUS",
        /// DOC.
        SigChld = "SIGCHLD",
        /// DOC.
        SigCld = "SIGCLD",
        /// DOC.
        SigCont = "SIGCONT",
        /// DOC.
        SigFpe = "SIGFPE",
        /// DOC.
        SigHup = "SIGHUP",
        /// DOC.
        SigIll = "SIGILL",
        /// DOC.
        SigInt = "SIGINT",
        /// DOC.
        SigIo = "SIGIO",
        /// DOC.
        SigIot = "SIGIOT",
        /// DOC.
        SigKill = "SIGKILL",
        /// DOC.
        SigPipe = "SIGPIPE",
        /// DOC.
        SigPoll = "SIGPOLL",
        /// DOC.
        SigProf = "SIGPROF",
        /// DOC.
        SigPwr = "SIGPWR",
        /// DOC.
        SigQuit = "SIGQUIT",
        /// DOC.
        SigSegv = "SIGSEGV",
        /// DOC.
        SigStkflt = "SIGSTKFLT",
        /// DOC.
        SigStop = "SIGSTOP",
        /// DOC.
        SigSys = "SIGSYS",
        /// DOC.
        SigTerm = "SIGTERM",
        /// DOC.
        SigTrap = "SIGTRAP",
        /// DOC.
        SigTstp = "SIGTSTP",
        /// DOC.
        SigTtin = "SIGTTIN",
        /// DOC.
        SigTtou = "SIGTTOU",
        /// DOC.
        SigUrg = "SIGURG",
        /// DOC.
        SigUsr1 = "SIGUSR1",
        /// DOC.
        SigUsr2 = "SIGUSR2",
        /// DOC.
        SigVtalrm = "SIGVTALRM",
        /// DOC.
        SigWinch = "SIGWINCH",
        /// DOC.
        SigXcpu = "SIGXCPU",
        /// DOC.
        SigXfsz = "SIGXFSZ",
        /// DOC.
        SigRtmin = "SIGRTMIN",
        /// DOC.
        SigRtminPlus1 = "SIGRTMIN+1",
        /// DOC.
        SigRtminPlus2 = "SIGRTMIN+2",
        /// DOC.
        SigRtminPlus3 = "SIGRTMIN+3",
        /// DOC.
        SigRtminPlus4 = "SIGRTMIN+4",
        /// DOC.
        SigRtminPlus5 = "SIGRTMIN+5",
        /// DOC.
        SigRtminPlus6 = "SIGRTMIN+6",
        /// DOC.
        SigRtminPlus7 = "SIGRTMIN+7",
        /// DOC.
        SigRtminPlus8 = "SIGRTMIN+8",
        /// DOC.
        SigRtminPlus9 = "SIGRTMIN+9",
        /// DOC.
        SigRtminPlus10 = "SIGRTMIN+10",
        /// DOC.
        SigRtminPlus11 = "SIGRTMIN+11",
        /// DOC.
        SigRtminPlus12 = "SIGRTMIN+12",
        /// DOC.
        SigRtminPlus13 = "SIGRTMIN+13",
        /// DOC.
        SigRtminPlus14 = "SIGRTMIN+14",
        /// DOC.
        SigRtminPlus15 = "SIGRTMIN+15",
        /// DOC.
        SigRtmaxMinus14 = "SIGRTMAX-14",
        /// DOC.
        SigRtmaxMinus13 = "SIGRTMAX-13",
        /// DOC.
        SigRtmaxMinus12 = "SIGRTMAX-12",
        /// DOC.
        SigRtmaxMinus11 = "SIGRTMAX-11",
        /// DOC.
        SigRtmaxMinus10 = "SIGRTMAX-10",
        /// DOC.
        SigRtmaxMinus9 = "SIGRTMAX-9",
        /// DOC.
        SigRtmaxMinus8 = "SIGRTMAX-8",
        /// DOC.
        SigRtmaxMinus7 = "SIGRTMAX-7",
        /// DOC.
        SigRtmaxMinus6 = "SIGRTMAX-6",
        /// DOC.
        SigRtmaxMinus5 = "SIGRTMAX-5",
        /// DOC.
        SigRtmaxMinus4 = "SIGRTMAX-4",
        /// DOC.
        SigRtmaxMinus3 = "SIGRTMAX-3",
        /// DOC.
        SigRtmaxMinus2 = "SIGRTMAX-2",
        /// DOC.
        SigRtmaxMinus1 = "SIGRTMAX-1",
        /// DOC.
        SigRtmax = "SIGRTMAX",
    }
}
