//! Requests to the server: their numbers, their deadlines, and what to do with the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use protocol::conversation::ConvId;

use crate::ReqId;
use crate::message::HistoryCall;
use crate::user::profile::ProfileCall;

/// What an answer is for.
#[derive(Debug)]
pub(crate) enum Kind {
    Login {
        ticket: String,
    },
    Logout,
    Heartbeat,
    Difference,
    Snapshot,
    Send {
        msg_id: String,
    },
    SendOnline {
        req: ReqId,
        message: Box<protocol::message::Message>,
    },
    History(Box<HistoryCall>),
    Read {
        req: Option<ReqId>,
        conv: ConvId,
    },
    GetStatus {
        req: ReqId,
    },
    Profiles(Box<ProfileCall>),
    SetProfile {
        req: ReqId,
        update: Box<protocol::user::profile::ProfileUpdate>,
    },
    /// An app's call whose answer carries nothing.
    Plain {
        req: ReqId,
    },
}

impl Kind {
    /// Bound to one connection: forgotten when it is lost, made anew after the next login. The
    /// others are the app's calls, sent again until their deadline.
    pub fn is_of_connection(&self) -> bool {
        match self {
            Kind::Login { .. }
            | Kind::Logout
            | Kind::Heartbeat
            | Kind::Difference
            | Kind::Snapshot
            | Kind::Send { .. } => true,
            Kind::SendOnline { .. }
            | Kind::History(_)
            | Kind::Read { .. }
            | Kind::GetStatus { .. }
            | Kind::Profiles(_)
            | Kind::SetProfile { .. }
            | Kind::Plain { .. } => false,
        }
    }

    /// Must not be sent twice.
    fn is_once(&self) -> bool {
        matches!(self, Kind::SendOnline { .. })
    }

    /// Needs no finished login.
    fn is_of_login(&self) -> bool {
        matches!(self, Kind::Login { .. } | Kind::Logout)
    }
}

#[derive(Debug)]
pub(crate) struct Request {
    pub kind: Kind,
    pub deadline: Duration,
    pub is_sent: bool,
    /// When it was sent on the present connection.
    pub sent_at: Duration,
    frame: String,
}

/// All requests that wait for an answer.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    last_id: u64,
    waiting: BTreeMap<u64, Request>,
    /// Those that the present connection has not seen, oldest first; some may be gone.
    unsent: Vec<u64>,
    /// Of all that wait.
    deadlines: BTreeSet<(Duration, u64)>,
}

impl Requests {
    /// Adds a request; its frame is made with the id that it gets.
    pub fn add(&mut self, kind: Kind, deadline: Duration, frame: impl FnOnce(u64) -> String) {
        self.last_id += 1;
        let frame = frame(self.last_id);
        self.unsent.push(self.last_id);
        self.deadlines.insert((deadline, self.last_id));
        self.waiting.insert(
            self.last_id,
            Request {
                kind,
                deadline,
                is_sent: false,
                sent_at: Duration::ZERO,
                frame,
            },
        );
    }

    /// Takes the frames that may go out now: before the login is finished, only its own.
    pub fn take_frames(&mut self, now: Duration, is_logged_in: bool) -> Vec<String> {
        let mut frames = Vec::new();
        self.unsent.retain(|id| {
            let Some(request) = self.waiting.get_mut(id) else {
                return false;
            };
            if !is_logged_in && !request.kind.is_of_login() {
                return true;
            }
            request.is_sent = true;
            request.sent_at = now;
            // Only the app's calls may have to be sent once more.
            frames.push(if request.kind.is_of_connection() {
                std::mem::take(&mut request.frame)
            } else {
                request.frame.clone()
            });
            false
        });
        frames
    }

    pub fn take(&mut self, id: u64) -> Option<Request> {
        let request = self.waiting.remove(&id)?;
        self.deadlines.remove(&(request.deadline, id));
        Some(request)
    }

    /// The connection is gone: what was bound to it is forgotten, the rest waits for the next.
    /// Tells what was sent and must not be sent again.
    pub fn on_disconnect(&mut self) -> Vec<Kind> {
        let once = self
            .waiting
            .extract_if(.., |_, request| request.is_sent && request.kind.is_once());
        let once = once.map(|(_, request)| request.kind).collect();
        self.waiting
            .retain(|_, request| !request.kind.is_of_connection());
        for request in self.waiting.values_mut() {
            request.is_sent = false;
        }
        self.unsent = self.waiting.keys().copied().collect();
        let deadlines = self.waiting.iter();
        self.deadlines = deadlines
            .map(|(id, request)| (request.deadline, *id))
            .collect();
        once
    }

    /// Takes them all, oldest first.
    pub fn take_all(&mut self) -> Vec<Kind> {
        self.unsent.clear();
        self.deadlines.clear();
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_values().map(|request| request.kind).collect()
    }

    /// Whether one of these will be answered, or have failed, by then.
    pub fn has_by(&self, by: Duration, is_it: impl Fn(&Kind) -> bool) -> bool {
        let mut waiting = self.waiting.values();
        waiting.any(|request| request.deadline <= by && is_it(&request.kind))
    }

    /// Takes the requests whose deadline has come.
    pub fn take_expired(&mut self, now: Duration) -> Vec<Request> {
        let mut expired = Vec::new();
        while let Some((_, id)) = self.deadlines.first().filter(|(due, _)| *due <= now) {
            let id = *id;
            expired.extend(self.take(id));
        }
        expired
    }

    pub fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    pub fn has(&self, is_it: impl Fn(&Kind) -> bool) -> bool {
        self.waiting.values().any(|request| is_it(&request.kind))
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
        self.unsent.clear();
        self.deadlines.clear();
    }
}
