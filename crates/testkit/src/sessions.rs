//! What the server's sessions must keep to: as many as the policy allows, and nobody is displaced
//! by himself.

use std::collections::{BTreeMap, BTreeSet};

use protocol::frame::close;
use protocol::session::EV_KICKED;
use timd::logic::{LEASE_MS, Output, SessionId};
use timd::policy::Policy;

use crate::world::World;

/// Whose place a session takes: by default there is one for each user and platform.
type Place = (String, i32);

/// Which devices have opened a session of each place, or asked for one. Which of two rivals that come
/// at once is the newer is decided by the database, so the order of their sessions says nothing.
#[derive(Debug, Default)]
pub(crate) struct Openers(BTreeMap<Place, BTreeSet<usize>>, BTreeMap<Place, u64>);

/// A note that says who has to go may get lost; then a heartbeat of the client finds it out, or the
/// end of the node's lease.
const DOUBLED_MS: u64 = 60_000 + LEASE_MS;

impl World {
    fn place(&self, session: SessionId) -> Option<(Place, usize)> {
        let conn = self.conns.get(&session)?;
        let platform = self.devices[conn.device].platform;
        Some(((conn.user.clone(), platform), conn.device))
    }

    /// Notes which sessions are open, and that they are not too many: not on one node, and not on
    /// several for longer than it takes to find out.
    pub(crate) fn watch_sessions(&mut self) {
        let mut open: BTreeMap<(usize, Place), SessionId> = BTreeMap::new();
        let mut places: BTreeMap<Place, u32> = BTreeMap::new();
        let sessions: Vec<SessionId> = self.conns.keys().copied().collect();
        for session in sessions {
            let is_open = self.server_of(session).logic().is_open(session);
            let Some((place, device)) = self.place(session) else {
                continue;
            };
            let openers = self.openers.0.entry(place.clone()).or_default();
            openers.insert(device);
            if !is_open {
                continue;
            }
            *places.entry(place.clone()).or_default() += 1;
            if self.policy == Policy::default()
                && let Some(other) =
                    open.insert((self.conns[&session].machine, place.clone()), session)
            {
                self.break_promise(format!("two sessions of {place:?}: {other} and {session}"));
            }
        }
        places.retain(|_, sessions| *sessions > 1);
        self.openers.1.retain(|place, _| places.contains_key(place));
        for place in places.into_keys() {
            let since = *self.openers.1.entry(place.clone()).or_insert(self.now_ms);
            if self.policy == Policy::default() && self.now_ms > since + DOUBLED_MS {
                self.break_promise(format!("{place:?} was open on two nodes for too long"));
            }
        }
    }

    /// Whoever is displaced is displaced by another device. A node that heard nothing for a while may
    /// say so to a connection that its device has left: there nobody hears it.
    pub(crate) fn watch_kicks(&mut self, outputs: &[Output]) {
        self.watch_sessions();
        for output in outputs {
            let (session, is_kick) = match output {
                Output::Close(session, code, _) => (*session, *code == close::KICKED),
                Output::Send(session, frame) => {
                    let text = String::from_utf8_lossy(frame);
                    let is_refusal = text.contains("\"code\":6208");
                    (*session, is_refusal || text.contains(EV_KICKED))
                }
            };
            let is_heard = self.conns.get(&session).is_some_and(|c| c.is_client_open);
            if is_kick
                && is_heard
                && self.policy == Policy::default()
                && let Some((place, device)) = self.place(session)
                && self.openers.0.get(&place).is_some_and(|all| all.len() == 1)
            {
                self.break_promise(format!("device {device} kicks itself from {place:?}"));
            }
        }
    }
}
