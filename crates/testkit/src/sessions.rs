//! What the server's sessions must keep to: as many as the policy allows, and nobody is displaced
//! by himself.

use std::collections::BTreeMap;

use protocol::frame::close;
use protocol::session::EV_KICKED;
use timd::logic::{Output, SessionId};
use timd::policy::Policy;

use crate::world::World;

/// Whose place a session takes: by default there is one for each user and platform.
type Place = (String, i32);

/// Which device opened the newest session of each place.
#[derive(Debug, Default)]
pub(crate) struct Openers(BTreeMap<Place, usize>);

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
            let Some(conn) = self.conns.get_mut(&session) else {
                continue;
            };
            if !std::mem::replace(&mut conn.is_open, is_open) && is_open {
                self.openers.0.insert(place.clone(), device);
            }
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
                && self.openers.0.get(&place) == Some(&device)
            {
                self.break_promise(format!("device {device} kicks itself from {place:?}"));
            }
        }
    }
}
