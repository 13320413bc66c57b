//! What the server does, without sockets, clock, threads or randomness.
//!
//! A driver (the net module, or a test harness) reports connections and frames and carries out
//! what comes back:
//!
//! ```text
//! logic.connect(session, now, peer, link);
//! let outcome = logic.handle(session, now, frame).await;   // may run beside others
//! logic.apply(session, outcome);                           // in the order of the requests
//! logic.disconnected(session, now).await;
//! logic.tick(now);                                         // a few times a second
//! ```
//!
//! `handle` decides and stores; nothing leaves the server before `apply`, which hands the answer
//! and the pushes to the [`Link`]s of the sessions concerned.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use protocol::ops::{self as table, Op};
use protocol::user::status_type;
use protocol::{Error, codes, frame, limits};
use serde::{Deserialize, Serialize};

use crate::bus::{Bus, Note};
use crate::metrics::{LoginOutcome, Metrics};
use crate::policy;
use crate::repo::{AccountId, ConvRef, NodeId, Repo, RepoError, SCHEMA, Standing, Topic, Watching};

mod activity;
mod admission;
mod change;
mod cluster;
mod conversation;
mod forecast;
mod group;
mod harness;
mod message;
mod ops;
mod order;
mod registry;
mod session;
mod user;

use activity::Activity;
use cluster::Cluster;
pub use cluster::{BEAT_MS, LEASE_MS};
pub use forecast::Forecast;
pub use harness::{Census, Harness, Output};
use registry::{Registry, Who};

/// A connection, numbered by the driver from 1 on; never reused.
pub type SessionId = u64;
/// A frame as it goes out: one text of JSON, shared between its receivers.
pub type Frame = Bytes;

const NO_SESSION: SessionId = 0;

/// The way out to one connection. Both methods only put something into a queue.
pub trait Link: Send + Sync {
    /// Sends a frame after those before it.
    fn send(&self, frame: Frame);
    /// Closes the connection once the frames before have gone out.
    fn close(&self, code: u16, reason: &str);
}

/// Settings of the logic; the defaults are those of the protocol's table.
#[derive(Debug, Clone)]
pub struct LogicConfig {
    /// Told to clients at login.
    pub heartbeat: Duration,
    /// A connection without a login is closed after this.
    pub login_timeout: Duration,
    /// A connection on which nothing is heard is closed after this.
    pub idle_timeout: Duration,
    /// A session outlives its ticket by this.
    pub ticket_grace: Duration,
    /// Failed logins from one address before it has to wait a minute; 0: no limit.
    pub login_failures: u32,
    /// Calls about status within five seconds on one connection; 0: no limit.
    pub status_calls_per_5s: u32,
    /// Logins that the node takes on in a second; 0: no limit.
    pub logins_per_second: u32,
    /// Whose users count as offline, rather than as logged out, once the connection is gone.
    pub offline_platforms: OfflinePlatforms,
    /// How many days they do.
    pub offline_days: u32,
    /// How long a client may take its message back.
    pub revoke_time: Duration,
    /// How many members a group may have.
    pub group_members: u32,
    /// How many groups a user may be in.
    pub groups_of_user: u32,
    /// A node that has had no answer to a beat for so long lets its users go.
    pub lease: Duration,
    /// What operators know this node by.
    pub node_name: String,
    /// Which version of the database it knows.
    pub schema: u64,
    /// Seed of the ids of accounts and conversations. A server takes a random one.
    pub id_seed: u64,
}

impl Default for LogicConfig {
    fn default() -> Self {
        Self {
            heartbeat: limits::HEARTBEAT,
            login_timeout: limits::LOGIN_TIMEOUT,
            idle_timeout: limits::IDLE_TIMEOUT,
            ticket_grace: limits::TICKET_GRACE,
            login_failures: 30,
            status_calls_per_5s: 0,
            logins_per_second: 2_000,
            offline_platforms: OfflinePlatforms::All,
            offline_days: 7,
            revoke_time: limits::REVOKE_TIME,
            group_members: limits::GROUP_MEMBERS,
            groups_of_user: limits::GROUPS_OF_USER,
            lease: Duration::from_millis(LEASE_MS),
            node_name: "node".to_owned(),
            schema: SCHEMA,
            id_seed: 1,
        }
    }
}

/// Platforms whose users count as offline once the connection is gone without a logout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OfflinePlatforms {
    /// Every platform.
    All,
    /// Android, iOS and iPad, as the product does it; others count as logged out.
    Mobile,
}

impl LogicConfig {
    /// What a user counts as whose last connection, on this platform, was lost.
    fn left_behind(&self, platform: i32) -> i32 {
        let is_kept = match self.offline_platforms {
            OfflinePlatforms::All => true,
            OfflinePlatforms::Mobile => policy::is_mobile(platform),
        };
        if is_kept && self.offline_days > 0 {
            status_type::OFFLINE
        } else {
            status_type::UNLOGINED
        }
    }
}

/// An event on its way to the sessions of a user.
#[derive(Debug, Clone)]
pub struct Push {
    /// Whose sessions.
    pub to: AccountId,
    /// Its place in the user's stream; none for a passing event.
    pub seq: Option<u64>,
    /// Not to this session.
    pub except: Option<SessionId>,
    /// The event.
    pub frame: Frame,
}

impl Push {
    /// To all sessions of a user.
    pub fn new(to: AccountId, seq: Option<u64>, frame: Frame) -> Self {
        Self {
            to,
            seq,
            except: None,
            frame,
        }
    }
}

/// What happened to a user, for those who watch him.
#[derive(Debug, Clone)]
pub struct News {
    /// The app.
    pub app_id: u64,
    /// What is watched.
    pub topic: Topic,
    /// Who is watched.
    pub user_id: String,
    /// It rises with each change of the topic, so that older news cannot come after newer.
    pub version: u64,
    /// The event.
    pub frame: Frame,
}

/// An event on its way to the members of a group.
#[derive(Debug, Clone)]
pub struct Fan {
    /// The group's conversation.
    pub conv: ConvRef,
    /// Only to members for whom this message is there.
    pub seq: u64,
    /// Not to this session.
    pub except: Option<SessionId>,
    /// It follows the caller's own events: of who comes into a group it is read there only after that.
    pub is_last: bool,
    /// The event.
    pub frame: Frame,
    /// Members who are online here.
    pub here: Vec<AccountId>,
    /// Members who are online on other nodes.
    pub there: Vec<(NodeId, Vec<AccountId>)>,
}

/// What a request brings about besides its answer.
#[derive(Debug, Clone)]
pub enum Effect {
    /// An event for a user, here and on these other nodes.
    Push(Push, Vec<NodeId>),
    /// An event for the members of a group.
    Fan(Fan),
    /// News for those who watch somebody, here and on these other nodes.
    News(News, Vec<NodeId>),
    /// These other nodes learn how a user stands.
    Standing(AccountId, Standing, Vec<NodeId>),
    /// These other nodes learn whom a user watches.
    Watching(AccountId, Watching, Vec<NodeId>),
    /// An event for one session.
    Tell(SessionId, Frame),
    /// The end of a connection.
    Close(SessionId, u16, String),
    /// The caller's session is open from here on.
    Opened,
}

/// What a request led to. Nobody has learned of it before [`Logic::apply`].
#[derive(Debug, Default)]
pub struct Outcome {
    /// For the caller.
    pub answer: Option<Frame>,
    /// For all, in this order: what other users learn before the answer, the rest after it.
    pub effects: Vec<Effect>,
    now_ms: u64,
}

/// What a handler knows of its caller, and where it leaves effects.
pub struct Cx {
    session: SessionId,
    peer: IpAddr,
    who: Option<Arc<Who>>,
    now_ms: u64,
    effects: Vec<Effect>,
}

impl Cx {
    fn now_s(&self) -> u64 {
        self.now_ms / 1000
    }

    fn who(&self) -> Result<Arc<Who>, Error> {
        self.who
            .clone()
            .ok_or_else(|| Error::of(codes::SVR_SSO_NO_IMEI_AND_A2))
    }

    fn push(&mut self, to: AccountId, seq: Option<u64>, frame: Frame) {
        let push = Push::new(to, seq, frame);
        self.effects.push(Effect::Push(push, Vec::new()));
    }
}

/// The logic of one node.
pub struct Logic<R, B> {
    repo: R,
    bus: B,
    config: LogicConfig,
    metrics: Arc<Metrics>,
    registry: Mutex<Registry>,
    cluster: Mutex<Cluster>,
    activity: Mutex<Activity>,
    ids: AtomicU64,
}

impl<R: Repo, B: Bus> Logic<R, B> {
    /// A node without sessions.
    pub fn new(repo: R, bus: B, config: LogicConfig, metrics: Arc<Metrics>) -> Self {
        Self {
            repo,
            bus,
            ids: AtomicU64::new(config.id_seed),
            config,
            registry: Mutex::new(Registry::new(metrics.clone())),
            cluster: Mutex::default(),
            activity: Mutex::default(),
            metrics,
        }
    }

    /// What the logic remembers with.
    pub fn repo(&self) -> &R {
        &self.repo
    }

    /// How it reaches other nodes.
    pub fn bus(&self) -> &B {
        &self.bus
    }

    /// Takes the logic apart, so that the repo can be closed.
    pub fn into_repo(self) -> R {
        self.repo
    }

    /// To be called once before the first connection.
    pub async fn start(&self) -> Result<(), String> {
        self.join().await?;
        self.count_active().await.map_err(|e| e.to_string())
    }

    /// A connection has finished its handshake.
    pub fn connect(&self, session: SessionId, now_ms: u64, peer: IpAddr, link: Arc<dyn Link>) {
        self.registry.lock().connect(session, now_ms, peer, link);
    }

    /// Something that is no request was heard, a ping for example.
    pub fn heard(&self, session: SessionId, now_ms: u64) {
        self.registry.lock().heard(session, now_ms);
    }

    /// Whether the session is logged in.
    pub fn is_open(&self, session: SessionId) -> bool {
        self.registry.lock().who(session).is_some()
    }

    /// Whether a driver may handle a frame of the session while it handles those before: when its
    /// login is done, and where the repo takes what is written in the order of asking.
    pub fn may_pipeline(&self, session: SessionId) -> bool {
        !self.repo.is_shared() && self.is_open(session)
    }

    /// The text that the app gave its login for its own server; `None` while nobody is logged in.
    pub fn user_data(&self, session: SessionId) -> Option<String> {
        let registry = self.registry.lock();
        registry.who(session).map(|who| who.user_data.clone())
    }

    /// A text frame arrived. The future has to be driven to its end even when the connection goes
    /// away meanwhile, and its outcome applied: others wait for the pushes in it.
    pub async fn handle(&self, session: SessionId, now_ms: u64, text: &[u8]) -> Outcome {
        let Some((peer, who)) = self.registry.lock().caller(session, now_ms) else {
            return Outcome::default();
        };
        let mut cx = Cx {
            session,
            peer,
            who,
            now_ms,
            effects: Vec::new(),
        };
        let answer = match frame::read_request(text) {
            None => {
                let reason = "not a request: one JSON object with id, op and body".to_owned();
                cx.effects
                    .push(Effect::Close(session, frame::close::PROTOCOL, reason));
                None
            }
            Some(request) => {
                self.metrics.request(&request.op);
                let body = request.body.map_or("{}", |body| body.get());
                if let Err(wait_ms) = self.may_log_in(&cx, &request.op) {
                    self.metrics.login(LoginOutcome::Deferred);
                    let reason = format!("retry_after_ms={wait_ms}");
                    let close = Effect::Close(session, frame::close::BUSY, reason);
                    return self.outcome(None, vec![close], now_ms).await;
                }
                Some(match self.admit(&cx, &request.op) {
                    Ok(()) => table::dispatch(self, &mut cx, request.id, &request.op, body).await,
                    Err(error) => frame::write_refusal(request.id, &error),
                })
            }
        };
        self.outcome(answer.map(Frame::from), cx.effects, now_ms)
            .await
    }

    async fn outcome(
        &self,
        answer: Option<Frame>,
        mut effects: Vec<Effect>,
        now_ms: u64,
    ) -> Outcome {
        self.route(&mut effects).await;
        Outcome {
            answer,
            effects,
            now_ms,
        }
    }

    /// Whether a login can begin now, or in how many milliseconds.
    fn may_log_in(&self, cx: &Cx, op: &str) -> Result<(), u64> {
        if op != table::Login::NAME || cx.who.is_some() {
            return Ok(());
        }
        let mut registry = self.registry.lock();
        // An address that has to wait anyway takes nobody's turn.
        if registry.is_blocked(cx.peer, cx.now_ms, self.config.login_failures) {
            return Ok(());
        }
        registry.admit(cx.now_ms, self.config.logins_per_second)
    }

    /// Checks that need not know the body.
    fn admit(&self, cx: &Cx, op: &str) -> Result<(), Error> {
        if cx.who.is_none() && op != table::Login::NAME {
            return Err(Error::of(codes::SVR_SSO_NO_IMEI_AND_A2));
        }
        let max = self.config.status_calls_per_5s;
        if max > 0 && op.ends_with("_status") {
            let mut registry = self.registry.lock();
            if !registry.may_ask_status(cx.session, cx.now_ms, max) {
                return Err(Error::of(codes::SVR_SSO_FREQ_LIMIT));
            }
        }
        Ok(())
    }

    /// Carries out what a request led to. For one session: in the order of its requests. Other
    /// users learn of it first, since somebody waits there for news, here for a confirmation.
    /// True when there were some.
    pub fn apply(&self, session: SessionId, outcome: Outcome) -> bool {
        let mut registry = self.registry.lock();
        let own = registry.who(session).map(|who| who.account);
        let is_others = |effect: &Effect| match effect {
            Effect::Push(push, _) => Some(push.to) != own,
            Effect::Fan(fan) => !fan.is_last,
            Effect::News(..) => true,
            _ => false,
        };
        let effects = outcome.effects.into_iter();
        let (others, rest): (Vec<_>, Vec<_>) = effects.partition(is_others);
        let has_told = !others.is_empty();
        for effect in others {
            self.carry_out(&mut registry, session, effect, outcome.now_ms);
        }
        if let Some(answer) = outcome.answer {
            registry.send(session, answer);
        }
        for effect in rest {
            self.carry_out(&mut registry, session, effect, outcome.now_ms);
        }
        has_told
    }

    fn carry_out(&self, registry: &mut Registry, session: SessionId, effect: Effect, now_ms: u64) {
        let publish = |nodes: Vec<NodeId>, note: Note| {
            for node in nodes {
                self.metrics.notes[0].inc();
                self.bus.publish(node, &note);
            }
        };
        match effect {
            Effect::Push(push, nodes) => {
                if !nodes.is_empty() {
                    publish(nodes, Note::Push(push.clone()));
                }
                registry.push(push, now_ms);
            }
            Effect::Fan(fan) => {
                registry.fan(&fan.here, fan.except, &fan.frame);
                for (node, accounts) in fan.there {
                    let frame = fan.frame.clone();
                    publish(vec![node], Note::Fan { accounts, frame });
                }
            }
            Effect::News(news, nodes) => {
                registry.tell(&news, now_ms);
                publish(nodes, Note::News(news));
            }
            Effect::Standing(account, standing, nodes) => {
                publish(nodes, Note::Standing(account, standing));
            }
            Effect::Watching(account, watching, nodes) => {
                publish(nodes, Note::Watching(account, watching));
            }
            Effect::Tell(to, frame) => registry.send(to, frame),
            Effect::Close(which, code, reason) => registry.close(which, code, &reason),
            Effect::Opened => registry.opened(session),
        }
    }

    /// A note from another node.
    pub fn receive(&self, note: Note, now_ms: u64) {
        self.metrics.notes[1].inc();
        match note {
            Note::Push(push) => self.registry.lock().push(push, now_ms),
            Note::News(news) => self.registry.lock().tell(&news, now_ms),
            Note::Fan { accounts, frame } => {
                self.registry.lock().fan(&accounts, None, &frame);
            }
            Note::Standing(account, standing) => {
                let mut registry = self.registry.lock();
                for effect in registry.stand(account, standing) {
                    self.carry_out(&mut registry, NO_SESSION, effect, now_ms);
                }
            }
            Note::Watching(account, watching) => {
                self.registry.lock().set_watching(account, watching);
            }
            Note::Missed => self.cluster.lock().missed = true,
        }
    }

    /// Lets out what no request of a session has brought about.
    async fn let_out(&self, effects: Vec<Effect>, now_ms: u64) {
        let outcome = self.outcome(None, effects, now_ms).await;
        self.apply(NO_SESSION, outcome);
    }

    /// Time has passed: timeouts, tickets, pushes that wait for an earlier one too long.
    pub fn tick(&self, now_ms: u64) {
        self.registry.lock().tick(now_ms, &self.config);
        let mut activity = self.activity.lock();
        activity.tick(now_ms);
        let is_silent = self.cluster.lock().is_follower;
        let gauges = (!is_silent).then(|| activity.gauges(now_ms));
        self.metrics.set_active(gauges.unwrap_or_default());
    }

    /// Tells so many of those who are still here when to come back, and closes; takes nobody new. Gives
    /// how many are left.
    pub fn release(&self, most: usize, retry_after: Duration) -> usize {
        self.registry.lock().release(most, retry_after)
    }

    /// The next random-looking positive number: a permutation of the counter (splitmix64), so no
    /// number comes twice from one seed.
    fn next_id(&self) -> i64 {
        let step = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.ids.fetch_add(step, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 1).max(1) as i64
    }

    fn repo_error(error: &RepoError, failed: i32) -> Error {
        match error {
            RepoError::Busy => Error::of(codes::SVR_SSO_OVERLOAD),
            RepoError::Failed(_) => {
                tracing::error!(%error, "repo");
                Error::of(failed)
            }
        }
    }
}
