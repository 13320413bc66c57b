//! Who is connected to this node, with which sessions, and who watches whom.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use protocol::session::{EV_KICKED, EV_SHUTDOWN, EV_TICKET_EXPIRED, Kicked, Shutdown};
use protocol::user::{UserStatus, status_type};
use protocol::{Error, codes, frame};

use super::admission::{Admission, spacing_us};
use super::order::Order;
use super::{Effect, Frame, Link, LogicConfig, Push, SessionId};
use crate::metrics::{Kick, Metrics};
use crate::repo::{AccountId, Presence, Topic, Watched};

mod watch;

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
    state: State,
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
    /// The ticket's last second.
    expires_at: u64,
    told_expired: bool,
    place: u64,
    /// While the answer to the login has not gone out: what has to follow it.
    held: Option<Vec<(Option<u64>, Frame)>>,
}

/// A user with at least one open session.
struct Online {
    who: Arc<Who>,
    sessions: Vec<SessionId>,
    custom_status: String,
    /// Whom the user watches.
    watched: Watched,
    order: Order,
    holders: Holders,
    noted: Presence,
}

/// Who may be online: the devices that hold a place, as of the number of places given so far.
pub(super) struct Holders {
    pub given: u64,
    pub devices: Vec<String>,
}

/// What a session opens with, besides its owner.
pub(super) struct Opening {
    /// The ticket's last second.
    pub expires_at: u64,
    /// The number of the device's place.
    pub place: u64,
    pub holders: Holders,
    pub custom_status: String,
    pub watched: Watched,
    /// What the database says of the user, or will say in a moment.
    pub noted: Presence,
}

/// A session that has gone, and if it was the user's last one what there was to the user.
pub(super) struct Gone {
    pub who: Arc<Who>,
    pub last: Option<Last>,
}

/// See [`Gone`].
pub(super) struct Last {
    pub custom_status: String,
    pub noted: Presence,
}

#[derive(Default)]
struct Failures {
    count: u32,
    since_ms: u64,
}

pub(super) struct Registry {
    sessions: HashMap<SessionId, Session>,
    online: HashMap<AccountId, Online>,
    /// (app, topic, user ID) to the online users who watch it.
    watchers: HashMap<(u64, Topic, String), Vec<AccountId>>,
    failures: HashMap<IpAddr, Failures>,
    admission: Admission,
    /// The server stops: what newcomers are told.
    stopping: Option<String>,
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

    /// Opens a session for a device that holds a place; sessions of devices that hold none any more
    /// end. Gives the user's custom status and what others learn.
    pub fn open(
        &mut self,
        id: SessionId,
        who: Who,
        opening: Opening,
    ) -> Result<(String, Vec<Effect>), Error> {
        let gone = || Error::of(codes::SVR_SSO_DISCONNECT);
        let session = self.sessions.get(&id).ok_or_else(gone)?;
        if !matches!(session.state, State::Waiting) {
            return Err(gone());
        }
        let who = Arc::new(who);
        let account = who.account;
        let before = self.status(account);
        let Opening { holders, noted, .. } = opening;
        if let Some(online) = self.online.get_mut(&account) {
            // Logins finish in any order: a newer one may have displaced this device already.
            if holders.given >= online.holders.given {
                online.holders = holders;
            } else if !online.holders.devices.contains(&who.device_id) {
                return Err(Error::of(codes::LOGIN_KICKED_OFF_BY_OTHER));
            }
            online.noted = noted;
        } else {
            let watched = opening.watched;
            self.watch(who.app_id, account, Topic::Status, &watched.statuses);
            self.watch(who.app_id, account, Topic::Profile, &watched.profiles);
            let online = Online {
                who: who.clone(),
                sessions: Vec::with_capacity(1),
                custom_status: opening.custom_status,
                watched,
                order: Order::default(),
                holders,
                noted,
            };
            self.online.insert(account, online);
        }
        let mut effects = self.make_way(&who);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.state = State::Open(Open {
                who,
                expires_at: opening.expires_at,
                told_expired: false,
                place: opening.place,
                held: Some(Vec::new()),
            });
            self.metrics.sessions.add(1);
        }
        let mut custom = String::new();
        if let Some(online) = self.online.get_mut(&account) {
            online.sessions.push(id);
            custom.clone_from(&online.custom_status);
        }
        self.tell_watchers(account, before, &mut effects);
        Ok((custom, effects))
    }

    /// Ends the sessions that give way to a new one of `who`.
    fn make_way(&mut self, who: &Who) -> Vec<Effect> {
        let Some(online) = self.online.get(&who.account) else {
            return Vec::new();
        };
        let devices = &online.holders.devices;
        let rivals: Vec<_> = self
            .sessions_of(who.account)
            .map(|(rival, open)| (rival, &open.who.device_id))
            .filter(|(_, device)| **device == who.device_id || !devices.contains(device))
            .map(|(rival, device)| (rival, *device == who.device_id))
            .collect();
        let mut effects = Vec::new();
        for (rival, is_same_device) in rivals {
            self.leave(rival, State::Ended);
            if is_same_device {
                self.metrics.kick(Kick::OwnDevice);
                let (code, reason) = (frame::close::GOING_AWAY, "replaced by the same device");
                effects.push(Effect::Close(rival, code, reason.into()));
            } else {
                let kicked = Kicked {
                    platform: who.platform,
                };
                let event = frame::write_event(EV_KICKED, None, &kicked);
                effects.push(Effect::Tell(rival, event.into()));
                let (code, reason) = (frame::close::KICKED, "logged in on another device");
                effects.push(Effect::Close(rival, code, reason.into()));
            }
        }
        effects
    }

    /// The answer to the login has gone out: what came meanwhile may follow.
    pub fn opened(&mut self, id: SessionId, head: u64) {
        let Some(State::Open(open)) = self.sessions.get_mut(&id).map(|s| &mut s.state) else {
            return;
        };
        let account = open.who.account;
        let held = open.held.take().unwrap_or_default();
        for (seq, frame) in held {
            // The client fetches what is not beyond the head that the answer told.
            if seq.is_none_or(|seq| seq > head) {
                self.send(id, frame);
            }
        }
        if let Some(online) = self.online.get_mut(&account) {
            let ready = online.order.start(head);
            self.hand_out(ready);
        }
    }

    /// A new ticket on an open session.
    pub fn renew(&mut self, id: SessionId, expires_at: u64) {
        if let Some(State::Open(open)) = self.sessions.get_mut(&id).map(|s| &mut s.state) {
            open.expires_at = expires_at;
            open.told_expired = false;
        }
    }

    /// The number of its device's place.
    pub fn place(&self, id: SessionId) -> u64 {
        match self.sessions.get(&id).map(|session| &session.state) {
            Some(State::Open(open)) => open.place,
            _ => 0,
        }
    }

    pub fn custom_status(&self, account: AccountId) -> String {
        let online = self.online.get(&account);
        online.map_or_else(String::new, |o| o.custom_status.clone())
    }

    /// The session waits for a login again.
    pub fn logout(&mut self, id: SessionId, now_ms: u64) -> (Vec<Effect>, Option<Gone>) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.since_ms = now_ms;
        }
        self.depart(id, State::Waiting, |_| status_type::UNLOGINED)
    }

    /// `left_behind`: what a user counts as whose last session on a platform was lost.
    pub fn disconnected(
        &mut self,
        id: SessionId,
        left_behind: impl Fn(i32) -> i32,
    ) -> (Vec<Effect>, Option<Gone>) {
        let departed = self.depart(id, State::Ended, left_behind);
        self.sessions.remove(&id);
        departed
    }

    fn depart(
        &mut self,
        id: SessionId,
        next: State,
        left_behind: impl Fn(i32) -> i32,
    ) -> (Vec<Effect>, Option<Gone>) {
        let Some(who) = self.who(id).cloned() else {
            return (Vec::new(), None);
        };
        let before = self.status(who.account);
        self.leave(id, next);
        let mut effects = Vec::new();
        let last = self
            .online
            .get(&who.account)
            .is_some_and(|online| online.sessions.is_empty());
        if !last {
            self.tell_watchers(who.account, before, &mut effects);
            return (effects, Some(Gone { who, last: None }));
        }
        let Some(online) = self.online.remove(&who.account) else {
            return (effects, None);
        };
        let watched = &online.watched;
        self.unwatch(who.app_id, who.account, Topic::Status, &watched.statuses);
        self.unwatch(who.app_id, who.account, Topic::Profile, &watched.profiles);
        let status = UserStatus {
            user_id: who.user_id.clone(),
            status_type: left_behind(who.platform),
            ..UserStatus::default()
        };
        self.to_watchers(who.app_id, &status, &mut effects);
        let last = Last {
            custom_status: online.custom_status,
            noted: online.noted,
        };
        let gone = Gone {
            who,
            last: Some(last),
        };
        (effects, Some(gone))
    }

    /// Takes an open session from its user; the user's entry stays, even without sessions.
    fn leave(&mut self, id: SessionId, next: State) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        if let State::Open(open) = std::mem::replace(&mut session.state, next) {
            self.metrics.sessions.add(-1);
            if let Some(online) = self.online.get_mut(&open.who.account) {
                online.sessions.retain(|other| *other != id);
            }
        }
    }

    // Pushes.

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

    fn hand_out(&mut self, pushes: Vec<Push>) {
        for push in pushes {
            let Some(online) = self.online.get(&push.to) else {
                continue;
            };
            for id in &online.sessions {
                let Some(session) = self.sessions.get_mut(id) else {
                    continue;
                };
                let State::Open(open) = &mut session.state else {
                    continue;
                };
                if push.except == Some(*id) {
                    continue;
                }
                self.metrics.pushes.inc();
                match &mut open.held {
                    Some(held) => held.push((push.seq, push.frame.clone())),
                    None => session.link.send(push.frame.clone()),
                }
            }
        }
    }

    // Sessions of a user.

    /// The user's open sessions: device and platform of each.
    pub fn devices(&self, account: AccountId) -> Vec<(String, i32)> {
        let sessions = self.sessions_of(account);
        sessions
            .map(|(_, open)| (open.who.device_id.clone(), open.who.platform))
            .collect()
    }

    fn sessions_of(&self, account: AccountId) -> impl Iterator<Item = (SessionId, &Open)> {
        let ids = self.online.get(&account).into_iter();
        ids.flat_map(|online| &online.sessions).filter_map(|id| {
            match &self.sessions.get(id)?.state {
                State::Open(open) => Some((*id, open)),
                _ => None,
            }
        })
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
                    let expiry = (open.expires_at.saturating_add(1)).saturating_mul(1000);
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
        let reason = |us: u64| format!("retry_after_ms={}", us / 1000);
        self.stopping = Some(reason(retry_after_us));
        for session in self.sessions.values() {
            let reason = reason(retry_after_us);
            if matches!(session.state, State::Open(_)) {
                let shutdown = Shutdown {
                    retry_after_ms: retry_after_us / 1000,
                };
                let event = frame::write_event(EV_SHUTDOWN, None, &shutdown);
                session.link.send(event.into());
                retry_after_us += spacing_us(logins_per_second);
            }
            session.link.close(frame::close::GOING_AWAY, &reason);
        }
    }
}

/// `{}`
#[derive(serde::Serialize)]
struct Empty {}
