//! A node whose connections are a list: for deterministic tests.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::{Frame, Link, Logic, LogicConfig, Outcome, SessionId};
use crate::bus::{Bus, LocalBus, Note};
use crate::metrics::Metrics;
use crate::repo::{AccountId, Repo};

/// What leaves the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A frame to a connection, after those before it.
    Send(SessionId, Frame),
    /// The end of a connection: code and reason.
    Close(SessionId, u16, String),
}

type Outputs = Arc<Mutex<Vec<Output>>>;

struct Recorder(SessionId, Outputs);

impl Link for Recorder {
    fn send(&self, frame: Frame) {
        self.1.lock().push(Output::Send(self.0, frame));
    }

    fn close(&self, code: u16, reason: &str) {
        let output = Output::Close(self.0, code, reason.to_owned());
        self.1.lock().push(output);
    }
}

/// How many of what a node holds in memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Connections.
    pub sessions: usize,
    /// Users with an open session, or one that is about to be.
    pub online: usize,
    /// Whom somebody online watches, and what of him.
    pub watched: usize,
    /// Each of those once for each user who watches.
    pub watchers: usize,
    /// Events that wait for an earlier one, or for the answer to a login.
    pub waiting: usize,
    /// Addresses whose logins failed.
    pub failures: usize,
    /// Devices that went while the database refused to hear of it.
    pub debts: usize,
    /// Other nodes, those that are being seen to among them.
    pub nodes: usize,
    /// Users who were counted as active a moment ago.
    pub counted: usize,
}

/// A [`Logic`] that collects its output. The driver decides when time passes, which future is
/// polled next, and what becomes of each output. Whatever is returned is all output since the
/// last call, of whichever session.
pub struct Harness<R, B = LocalBus> {
    logic: Logic<R, B>,
    metrics: Arc<Metrics>,
    outputs: Outputs,
}

impl<R: Repo> Harness<R> {
    /// A single node without connections. Run [`Logic::start`] on [`Harness::logic`] first.
    pub fn new(repo: R, config: LogicConfig) -> Self {
        Self::with_bus(repo, LocalBus, config)
    }
}

impl<R: Repo, B: Bus> Harness<R, B> {
    /// One node of several.
    pub fn with_bus(repo: R, bus: B, config: LogicConfig) -> Self {
        let metrics = Arc::new(Metrics::default());
        Self {
            logic: Logic::new(repo, bus, config, metrics.clone()),
            metrics,
            outputs: Outputs::default(),
        }
    }

    /// The logic itself.
    pub fn logic(&self) -> &Logic<R, B> {
        &self.logic
    }

    /// What it counts.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Takes it apart: the repo may start another node, as after a restart.
    pub fn into_repo(self) -> R {
        self.logic.into_repo()
    }

    /// The devices with an open session of an account: name and platform.
    pub fn devices(&self, account: AccountId) -> Vec<(String, i32)> {
        self.logic.registry.lock().devices(account)
    }

    /// What the node holds in memory.
    pub fn census(&self) -> Census {
        let logic = &self.logic;
        let (debts, nodes) = logic.cluster.lock().census();
        Census {
            debts,
            nodes,
            counted: logic.activity.lock().counted(),
            ..logic.registry.lock().census()
        }
    }

    /// A connection has finished its handshake.
    pub fn connect(&self, session: SessionId, now_ms: u64, peer: IpAddr) {
        let link = Arc::new(Recorder(session, self.outputs.clone()));
        self.logic.connect(session, now_ms, peer, link);
    }

    /// Handles a frame; [`Harness::apply`] has to follow, in the order of the session's frames.
    /// Unless [`Logic::may_pipeline`], frames of a session are handled one by one.
    pub async fn handle(&self, session: SessionId, now_ms: u64, frame: &[u8]) -> Outcome {
        self.logic.handle(session, now_ms, frame).await
    }

    /// Lets an outcome out.
    pub fn apply(&self, session: SessionId, outcome: Outcome) -> Vec<Output> {
        self.logic.apply(session, outcome);
        self.take()
    }

    /// Both at once.
    pub async fn request(&self, session: SessionId, now_ms: u64, frame: &[u8]) -> Vec<Output> {
        let outcome = self.handle(session, now_ms, frame).await;
        self.apply(session, outcome)
    }

    /// A connection is gone.
    pub async fn disconnected(&self, session: SessionId, now_ms: u64) -> Vec<Output> {
        self.logic.disconnected(session, now_ms).await;
        self.take()
    }

    /// Time has passed.
    pub fn tick(&self, now_ms: u64) -> Vec<Output> {
        self.logic.tick(now_ms);
        self.take()
    }

    /// A note from another node.
    pub fn receive(&self, note: Note, now_ms: u64) -> Vec<Output> {
        self.logic.receive(note, now_ms);
        self.take()
    }

    /// The server stops.
    pub fn shutdown(&self, retry_after: Duration) -> Vec<Output> {
        self.logic.release(usize::MAX, retry_after);
        self.take()
    }

    /// All output so far.
    pub fn take(&self) -> Vec<Output> {
        std::mem::take(&mut *self.outputs.lock())
    }
}
