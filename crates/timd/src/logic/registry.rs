//! Who is connected to this node, with which sessions, and who watches whom.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use protocol::frame;
use protocol::session::{EV_SHUTDOWN, EV_TICKET_EXPIRED, Shutdown, features};

use super::admission::{Admission, spacing_us};
use super::order::Order;
use super::{Census, Frame, Link, LogicConfig, Push, SessionId};
use crate::metrics::Metrics;
use crate::repo::{AccountId, NodeId, Seat, Standing, Topic, Watching};

mod standing;
mod watch;

use watch::Watchers;

/// A failing address has to wait this long.
const PENALTY_MS: u64 = 60_000;
/// So many failing addresses are remembered.
const FAILING_ADDRESSES: usize = 100_000;

/// The owner of an open session.
#[derive(Debug)]
pub(super) struct Who {
    pub app_id: u64,
    pub account: AccountId,
    pub user_id: String,
    pub device_id: String,
    pub platform: i32,
    /// Bits of [`protocol::session::features`] that the client announced.
    pub features: u64,
    /// The app's own text, for whoever tells its server of this session.
    pub user_data: String,
}

struct Session {
    link: Arc<dyn Link>,
    peer: IpAddr,
    /// Connected, or logged out.
    since_ms: u64,
    heard_ms: u64,
    /// Start and number of the calls about status in the present five seconds.
    status_calls: (u64, u32),
    /// Told to go elsewhere.
    is_released: bool,
    state: State,
}

impl Session {
    /// Tells it to come back, and closes it. True: somebody is logged in there.
    fn release(&mut self, retry_after_ms: u64) -> bool {
        let is_open = matches!(self.state, State::Open(_));
        if is_open {
            let shutdown = Shutdown { retry_after_ms };
            let event = frame::write_event(EV_SHUTDOWN, None, &shutdown);
            self.link.send(event.into());
        }
        let reason = come_back(retry_after_ms);
        self.link.close(frame::close::GOING_AWAY, &reason);
        self.is_released = true;
        is_open
    }
}

/// The reason of a close that tells when to come back.
fn come_back(ms: u64) -> String {
    format!("retry_after_ms={ms}")
}

enum State {
    /// No login yet, or logged out.
    Waiting,
    Open(Open),
    /// Closed by the server; the driver has not reported the end yet.
    Ended,
}

struct Open {
    who: Arc<Who>,
    opening: Opening,
    told_expired: bool,
    /// Its requests are not heard any more.
    is_over: bool,
    /// While the answer to the login has not gone out: what has to follow it.
    held: Option<Vec<Frame>>,
}

/// What a session opens with, besides its owner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    /// The ticket's last second.
    pub expires_at: u64,
    /// The number of the device's place.
    pub place: u64,
    /// What the database knows the session by.
    pub seat: Seat,
    /// Where the user's stream stood.
    pub head: u64,
}

/// A user with at least one open session, or one that is about to be.
#[derive(Default)]
struct Online {
    app_id: u64,
    sessions: Vec<SessionId>,
    /// Logins that are on their way.
    entering: u32,
    standing: Standing,
    watching: Watching,
    order: Order,
}

#[derive(Default)]
struct Failures {
    count: u32,
    since_ms: u64,
}

/// Hands an event to a session that is open and that it is for.
fn give(
    sessions: &mut HashMap<SessionId, Session>,
    id: SessionId,
    frame: &Frame,
    metrics: &Metrics,
    is_for: impl FnOnce(&Open) -> bool,
) {
    let Some(session) = sessions.get_mut(&id) else {
        return;
    };
    let State::Open(open) = &mut session.state else {
        return;
    };
    if !is_for(open) {
        return;
    }
    metrics.pushes.inc();
    match &mut open.held {
        Some(held) => held.push(frame.clone()),
        None => session.link.send(frame.clone()),
    }
}

pub(super) struct Registry {
    sessions: HashMap<SessionId, Session>,
    online: HashMap<AccountId, Online>,
    /// (app, topic, user ID) to the online users who watch it.
    watchers: HashMap<(u64, Topic, String), Watchers>,
    failures: HashMap<IpAddr, Failures>,
    admission: Admission,
    /// The server stops: what newcomers are told.
    stopping: Option<String>,
    /// As which node this process holds its sessions.
    node: NodeId,
    /// How many it has given out.
    seats: u64,
    metrics: Arc<Metrics>,
}

impl Registry {
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            sessions: HashMap::new(),
            online: HashMap::new(),
            watchers: HashMap::new(),
            failures: HashMap::new(),
            admission: Admission::default(),
            stopping: None,
            node: 0,
            seats: 0,
            metrics,
        }
    }

    pub fn connect(&mut self, id: SessionId, now_ms: u64, peer: IpAddr, link: Arc<dyn Link>) {
        if let Some(reason) = &self.stopping {
            link.close(frame::close::GOING_AWAY, reason);
        }
        let session = Session {
            link,
            peer,
            since_ms: now_ms,
            heard_ms: now_ms,
            status_calls: (0, 0),
            is_released: self.stopping.is_some(),
            state: State::Waiting,
        };
        self.sessions.insert(id, session);
    }

    pub fn heard(&mut self, id: SessionId, now_ms: u64) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.heard_ms = now_ms;
        }
    }

    /// Who sends this request. `None`: the session is over.
    pub fn caller(&mut self, id: SessionId, now_ms: u64) -> Option<(IpAddr, Option<Arc<Who>>)> {
        let session = self.sessions.get_mut(&id)?;
        session.heard_ms = now_ms;
        match &session.state {
            State::Waiting => Some((session.peer, None)),
            State::Open(open) if open.is_over => None,
            State::Open(open) => Some((session.peer, Some(open.who.clone()))),
            State::Ended => None,
        }
    }

    pub fn who(&self, id: SessionId) -> Option<&Arc<Who>> {
        match &self.sessions.get(&id)?.state {
            State::Open(open) => Some(&open.who),
            _ => None,
        }
    }

    /// Hears no more requests of a session, which will be closed.
    pub fn end(&mut self, id: SessionId) {
        if let Some(State::Open(open)) = self.sessions.get_mut(&id).map(|s| &mut s.state) {
            open.is_over = true;
        }
    }

    pub fn send(&self, id: SessionId, frame: Frame) {
        if let Some(session) = self.sessions.get(&id) {
            session.link.send(frame);
        }
    }

    pub fn close(&self, id: SessionId, code: u16, reason: &str) {
        if let Some(session) = self.sessions.get(&id) {
            session.link.close(code, reason);
        }
    }

    // Logins.

    pub fn is_blocked(&self, peer: IpAddr, now_ms: u64, max: u32) -> bool {
        max > 0
            && self
                .failures
                .get(&peer)
                .is_some_and(|f| f.count >= max && now_ms < f.since_ms + PENALTY_MS)
    }

    pub fn failed(&mut self, peer: IpAddr, now_ms: u64) {
        if self.failures.len() >= FAILING_ADDRESSES && !self.failures.contains_key(&peer) {
            return;
        }
        let failures = self.failures.entry(peer).or_default();
        if now_ms >= failures.since_ms + PENALTY_MS {
            *failures = Failures::default();
        }
        failures.count += 1;
        failures.since_ms = now_ms;
    }

    /// Lets a login from this address begin, or says how many milliseconds it has to wait.
    pub fn admit(&mut self, now_ms: u64, per_second: u32) -> Result<(), u64> {
        self.admission.admit(now_ms, per_second)
    }

    // Events.

    /// The answer to the login has gone out: what came meanwhile may follow.
    pub fn opened(&mut self, id: SessionId) {
        let Some(State::Open(open)) = self.sessions.get_mut(&id).map(|s| &mut s.state) else {
            return;
        };
        let account = open.who.account;
        let held = open.held.take().unwrap_or_default();
        for frame in held {
            self.send(id, frame);
        }
        // Another session that is about to open may have begun before this one.
        let heads = self.sessions_of(account).map(|(_, open)| open.opening.head);
        let head = heads.min().unwrap_or(0);
        if let Some(online) = self.online.get_mut(&account) {
            let ready = online.order.start(head);
            self.hand_out(ready);
        }
    }

    /// A new ticket on an open session.
    pub fn renew(&mut self, id: SessionId, expires_at: u64) {
        if let Some(State::Open(open)) = self.sessions.get_mut(&id).map(|s| &mut s.state) {
            open.opening.expires_at = expires_at;
            open.told_expired = false;
        }
    }

    /// The text that an online user has set.
    pub fn custom_status(&self, account: AccountId) -> String {
        let online = self.online.get(&account);
        online.map_or_else(String::new, |o| o.standing.custom_status.clone())
    }

    /// The number of its device's place.
    pub fn place(&self, id: SessionId) -> u64 {
        match self.sessions.get(&id).map(|session| &session.state) {
            Some(State::Open(open)) => open.opening.place,
            _ => 0,
        }
    }

    /// Passes a push on to the user's sessions, in the order of the user's stream.
    pub fn push(&mut self, push: Push, now_ms: u64) {
        let Some(online) = self.online.get_mut(&push.to) else {
            return;
        };
        let ready = match push.seq {
            Some(seq) => online.order.take(seq, push, now_ms),
            None => vec![push],
        };
        self.hand_out(ready);
    }

    /// Passes an event of a group on to the sessions of members, of those that understand groups.
    pub fn fan(&mut self, accounts: &[AccountId], except: Option<SessionId>, frame: &Frame) {
        for account in accounts {
            let Some(online) = self.online.get(account) else {
                continue;
            };
            for id in &online.sessions {
                let is_for =
                    |open: &Open| except != Some(*id) && open.who.features & features::GROUPS != 0;
                give(&mut self.sessions, *id, frame, &self.metrics, is_for);
            }
        }
    }

    fn hand_out(&mut self, pushes: Vec<Push>) {
        for push in pushes {
            let Some(online) = self.online.get(&push.to) else {
                continue;
            };
            for id in &online.sessions {
                let is_for = |open: &Open| {
                    // What the answer to the login told of the client fetches.
                    let is_known = push.seq.is_some_and(|seq| seq <= open.opening.head);
                    push.except != Some(*id) && !is_known
                };
                give(&mut self.sessions, *id, &push.frame, &self.metrics, is_for);
            }
        }
    }

    /// What there is of each.
    pub fn census(&self) -> Census {
        let held = |session: &Session| match &session.state {
            State::Open(open) => open.held.as_ref().map_or(0, Vec::len),
            _ => 0,
        };
        let held: usize = self.sessions.values().map(held).sum();
        let early = self.online.values().map(|online| online.order.waiting());
        let watchers = self.watchers.values().map(Watchers::count);
        Census {
            sessions: self.sessions.len(),
            online: self.online.len(),
            watched: self.watchers.len(),
            watchers: watchers.sum(),
            waiting: held + early.sum::<usize>(),
            failures: self.failures.len(),
            ..Census::default()
        }
    }

    // Time.

    pub fn tick(&mut self, now_ms: u64, config: &LogicConfig) {
        let ms = |duration: Duration| duration.as_millis() as u64;
        let login_timeout = ms(config.login_timeout);
        let idle_timeout = ms(config.idle_timeout);
        let grace = ms(config.ticket_grace);
        for session in self.sessions.values_mut() {
            match &mut session.state {
                State::Waiting if now_ms >= session.since_ms + login_timeout => {
                    let code = frame::close::LOGIN_TIMEOUT;
                    session.link.close(code, "no login in time");
                    session.state = State::Ended;
                }
                State::Open(open) => {
                    // The ticket's last second still counts.
                    let expiry = (open.opening.expires_at.saturating_add(1)).saturating_mul(1000);
                    if now_ms >= session.heard_ms + idle_timeout {
                        session.link.close(frame::close::IDLE, "nothing heard");
                    } else if now_ms >= expiry.saturating_add(grace) {
                        let code = frame::close::TICKET_EXPIRED;
                        session.link.close(code, "the ticket has expired");
                    } else if now_ms >= expiry && !open.told_expired && open.held.is_none() {
                        open.told_expired = true;
                        let event = frame::write_event(EV_TICKET_EXPIRED, None, &Empty {});
                        session.link.send(event.into());
                    }
                }
                _ => {}
            }
        }
        let overdue: Vec<Push> = self
            .online
            .values_mut()
            .flat_map(|online| online.order.overdue(now_ms))
            .collect();
        self.hand_out(overdue);
        self.failures
            .retain(|_, failures| now_ms < failures.since_ms + PENALTY_MS);
    }

    /// Everybody is told to come back, no more of them in a second than are let in.
    pub fn shutdown(&mut self, retry_after: Duration, logins_per_second: u32) {
        let mut retry_after_us = retry_after.as_micros() as u64;
        self.stopping = Some(come_back(retry_after_us / 1000));
        for session in self.sessions.values_mut() {
            if session.release(retry_after_us / 1000) {
                retry_after_us += spacing_us(logins_per_second);
            }
        }
    }

    /// The same for so many of them at most, one batch after the other: the others go on meanwhile.
    /// Nobody new comes in. Gives how many are left.
    pub fn release(&mut self, most: usize, retry_after: Duration) -> usize {
        let ms = retry_after.as_millis() as u64;
        self.stopping = Some(come_back(ms));
        let staying = |session: &&mut Session| !session.is_released;
        let mut left = self.sessions.values_mut().filter(staying);
        for session in left.by_ref().take(most) {
            session.release(ms);
        }
        left.count()
    }

    /// Newcomers are welcome again.
    pub fn reopen(&mut self) {
        self.stopping = None;
    }
}

/// `{}`
#[derive(serde::Serialize)]
struct Empty {}
