//! What the server's sessions must keep to: as many as the policy allows, and nobody is displaced
//! by himself.

use std::collections::{BTreeMap, BTreeSet};

use protocol::frame::close;
use protocol::session::EV_KICKED;
use timd::logic::{Output, SessionId};
use timd::policy::Policy;

use crate::world::World;

/// Whose place a session takes: by default there is one for each user and platform.
type Place = (String, i32);

/// Which devices have opened a session of each place, or asked for one. Which of two rivals that come
/// at once is the newer is decided by the database, so the order of their sessions says nothing.
#[derive(Debug, Default)]
pub(crate) struct Openers(BTreeMap<Place, BTreeSet<usize>>);

impl World {
    fn place(&self, session: SessionId) -> Option<(Place, usize)> {
        let conn = self.conns.get(&session)?;
        let platform = self.devices[conn.device].platform;
        Some(((conn.user.clone(), platform), conn.device))
    }

    /// Notes which sessions are open, and that they are not too many.
    pub(crate) fn watch_sessions(&mut self) {
        let mut open: BTreeMap<Place, SessionId> = BTreeMap::new();
        let sessions: Vec<SessionId> = self.conns.keys().copied().collect();
        for session in sessions {
            let is_open = self.server().logic().is_open(session);
            let Some((place, device)) = self.place(session) else {
                continue;
            };
            let openers = self.openers.0.entry(place.clone()).or_default();
            openers.insert(device);
            if is_open
                && self.policy == Policy::default()
                && let Some(other) = open.insert(place.clone(), session)
            {
                self.break_promise(format!("two sessions of {place:?}: {other} and {session}"));
            }
        }
    }

    /// Whoever is displaced is displaced by another device.
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
            if is_kick
                && self.policy == Policy::default()
                && let Some((place, device)) = self.place(session)
                && self.openers.0.get(&place).is_some_and(|all| all.len() == 1)
            {
                self.break_promise(format!("device {device} kicks itself from {place:?}"));
            }
        }
    }
}
