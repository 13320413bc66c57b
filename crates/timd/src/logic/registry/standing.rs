//! The open sessions of users, in step with how the users stand in the database.

use std::collections::HashSet;
use std::sync::Arc;

use protocol::session::{EV_HEAD, EV_KICKED, Head, Kicked};
use protocol::{Error, codes, frame};

use super::super::{Effect, Push, SessionId};
use super::{Open, Opening, Registry, State, Who};
use crate::metrics::Kick;
use crate::repo::{AccountId, Heads, NodeId, Seat, Standing, Watching};

impl Registry {
    /// As which node this process holds its sessions from here on.
    pub fn set_node(&mut self, node: NodeId) {
        self.node = node;
    }

    /// A login of a user is on its way to the database. Events that follow the head of the stream
    /// that it will find are kept from here on. Gives the seat for its session.
    pub fn begin(&mut self, app_id: u64, account: AccountId, watching: Watching) -> Seat {
        let online = self.online.entry(account).or_default();
        online.app_id = app_id;
        online.entering += 1;
        self.set_watching(account, watching);
        self.seats += 1;
        Seat {
            node: self.node,
            number: self.seats,
        }
    }

    /// That login has failed.
    pub fn give_up(&mut self, account: AccountId) {
        if let Some(online) = self.online.get_mut(&account) {
            online.entering = online.entering.saturating_sub(1);
        }
        self.forget_if_gone(account);
    }

    /// That login has entered the database: opens its session, unless another login has displaced
    /// it meanwhile. Gives what becomes of sessions that it displaced, and up to where the client has
    /// to fetch the stream: other sessions here may have been told more than the login found.
    pub fn open(
        &mut self,
        id: SessionId,
        who: Who,
        mut opening: Opening,
        standing: Standing,
    ) -> Result<(Vec<Effect>, u64), Error> {
        let account = who.account;
        let online = self.online.get(&account);
        let passed = online.map_or(0, |online| online.order.passed());
        opening.head = opening.head.max(passed);
        let opened = self.try_open(id, who, opening, standing);
        self.give_up(account);
        opened.map(|effects| (effects, opening.head))
    }

    fn try_open(
        &mut self,
        id: SessionId,
        who: Who,
        opening: Opening,
        standing: Standing,
    ) -> Result<Vec<Effect>, Error> {
        let account = who.account;
        let effects = self.stand(account, standing);
        let gone = || Error::of(codes::SVR_SSO_DISCONNECT);
        let online = self.online.get_mut(&account).ok_or_else(gone)?;
        let held = &online.standing.places.held;
        let own = held.iter().find(|place| place.device_id == who.device_id);
        if own.is_none() {
            return Err(Error::of(codes::LOGIN_KICKED_OFF_BY_OTHER));
        }
        if own.is_some_and(|place| place.seat != Some(opening.seat)) {
            return Err(gone());
        }
        let session = self.sessions.get_mut(&id).ok_or_else(gone)?;
        if !matches!(session.state, State::Waiting) {
            return Err(gone());
        }
        session.state = State::Open(Open {
            who: Arc::new(who),
            opening,
            told_expired: false,
            is_over: false,
            held: Some(Vec::new()),
        });
        online.sessions.push(id);
        self.metrics.sessions.add(1);
        Ok(effects)
    }

    /// How a user stands: sessions that are not meant to be any more end. What is older than what
    /// is known changes nothing.
    pub fn stand(&mut self, account: AccountId, standing: Standing) -> Vec<Effect> {
        let Some(online) = self.online.get_mut(&account) else {
            return Vec::new();
        };
        if standing.version <= online.standing.version {
            return Vec::new();
        }
        online.standing = standing;
        let held = &self.online[&account].standing.places.held;
        let newest = held.last().map_or(0, |place| place.platform);
        let place_of = |open: &Open| held.iter().find(|p| p.device_id == open.who.device_id);
        let over: Vec<(SessionId, bool)> = self
            .sessions_of(account)
            .map(|(id, open)| (id, place_of(open), open.opening.seat))
            .filter(|(_, place, seat)| place.and_then(|p| p.seat) != Some(*seat))
            .map(|(id, place, _)| (id, place.is_some()))
            .collect();
        let mut effects = Vec::new();
        for (id, has_place) in over {
            self.leave(id, State::Ended);
            if has_place {
                self.metrics.kick(Kick::OwnDevice);
                let (code, reason) = (frame::close::GOING_AWAY, "replaced by the same device");
                effects.push(Effect::Close(id, code, reason.into()));
            } else {
                let kicked = Kicked { platform: newest };
                let event = frame::write_event(EV_KICKED, None, &kicked);
                effects.push(Effect::Tell(id, event.into()));
                let (code, reason) = (frame::close::KICKED, "logged in on another device");
                effects.push(Effect::Close(id, code, reason.into()));
            }
        }
        self.forget_if_gone(account);
        effects
    }

    /// The nodes on which a user is online.
    pub fn nodes(&self, account: AccountId) -> Vec<NodeId> {
        let online = self.online.get(&account);
        online.map_or_else(Vec::new, |online| online.standing.nodes())
    }

    /// Whether the database is ahead of what is known here: of how the user stands, and of whom
    /// the user watches.
    pub fn is_behind(&self, account: AccountId, heads: &Heads) -> (bool, bool) {
        self.online.get(&account).map_or((false, false), |online| {
            (
                heads.standing > online.standing.version,
                heads.watching > online.watching.version,
            )
        })
    }

    /// A user's stream stands there: the sessions learn of it when less was passed on to them.
    pub fn tell_head(&mut self, account: AccountId, event_seq: u64) {
        let Some(online) = self.online.get_mut(&account) else {
            return;
        };
        let Some(ready) = online.order.skip_to(event_seq) else {
            return;
        };
        let head = frame::write_event(EV_HEAD, None, &Head { event_seq });
        self.hand_out(vec![Push::new(account, None, head.into())]);
        self.hand_out(ready);
    }

    /// The session waits for a login again.
    pub fn logout(&mut self, id: SessionId, now_ms: u64) -> Option<(Arc<Who>, Seat)> {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.since_ms = now_ms;
        }
        self.depart(id, State::Waiting)
    }

    /// The connection is gone.
    pub fn disconnected(&mut self, id: SessionId) -> Option<(Arc<Who>, Seat)> {
        let departed = self.depart(id, State::Ended);
        self.sessions.remove(&id);
        departed
    }

    fn depart(&mut self, id: SessionId, next: State) -> Option<(Arc<Who>, Seat)> {
        let open = self.leave(id, next)?;
        self.forget_if_gone(open.who.account);
        Some((open.who, open.opening.seat))
    }

    /// Takes an open session from its user; the user's entry stays until it is looked at once more
    /// by [`Registry::forget_if_gone`].
    fn leave(&mut self, id: SessionId, next: State) -> Option<Open> {
        let session = self.sessions.get_mut(&id)?;
        if !matches!(session.state, State::Open(_)) {
            return None;
        }
        let State::Open(open) = std::mem::replace(&mut session.state, next) else {
            return None;
        };
        self.metrics.sessions.add(-1);
        if let Some(online) = self.online.get_mut(&open.who.account) {
            online.sessions.retain(|other| *other != id);
            if online.sessions.is_empty() {
                online.order.stop();
            }
        }
        Some(open)
    }

    fn forget_if_gone(&mut self, account: AccountId) {
        let online = self.online.get(&account);
        if online.is_some_and(|online| online.sessions.is_empty() && online.entering == 0) {
            self.set_watched(account, Default::default());
            self.online.remove(&account);
        }
    }

    /// Who is online here.
    pub fn accounts(&self) -> HashSet<AccountId> {
        self.online.keys().copied().collect()
    }

    /// The user's open sessions: device and platform of each.
    pub fn devices(&self, account: AccountId) -> Vec<(String, i32)> {
        let sessions = self.sessions_of(account);
        sessions
            .map(|(_, open)| (open.who.device_id.clone(), open.who.platform))
            .collect()
    }

    pub(super) fn sessions_of(
        &self,
        account: AccountId,
    ) -> impl Iterator<Item = (SessionId, &Open)> {
        let ids = self.online.get(&account).into_iter();
        ids.flat_map(|online| &online.sessions).filter_map(|id| {
            match &self.sessions.get(id)?.state {
                State::Open(open) => Some((*id, open)),
                _ => None,
            }
        })
    }
}
