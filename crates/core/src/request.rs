//! Requests to the server: their numbers, their deadlines, and what to do with the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use protocol::conversation::ConvId;

use crate::ReqId;
use crate::conversation::groups::GroupCall;
use crate::conversation::settings::SetCall;
use crate::group::GroupsCall;
use crate::message::{EraseCall, HistoryCall, Waiter};
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
        waiter: Waiter,
        message: Box<protocol::message::Message>,
    },
    History(Box<HistoryCall>),
    Read {
        req: Option<ReqId>,
        conv: ConvId,
    },
    Change {
        req: ReqId,
        msg_id: String,
        /// The change of it that this device knew.
        known_rev: u64,
    },
    /// The last message of a conversation, when the one before was erased.
    Last {
        conv: ConvId,
        range: (u64, u64),
    },
    Erase(Box<EraseCall>),
    Changes(Box<HistoryCall>),
    GetStatus {
        req: ReqId,
    },
    Profiles(Box<ProfileCall>),
    SetProfile {
        req: ReqId,
        update: Box<protocol::user::profile::ProfileUpdate>,
    },
    SetConvs(SetCall),
    ChangeConvGroup(GroupCall),
    ConvGroups,
    SetReceiveAll {
        req: ReqId,
    },
    GetReceiveAll {
        req: ReqId,
    },
    /// A call about groups whose answer has something to tell.
    Groups(Box<GroupsCall>),
    /// One that has nothing: joining, leaving, dissolving.
    GroupAct {
        req: ReqId,
    },
    /// Messages of a group that this device lacks.
    GroupMissed {
        conv: ConvId,
        to: u64,
    },
    /// How a group stands.
    GroupState(ConvId),
    /// Changes of messages of a group that this device missed.
    GroupChanges(ConvId),
    GroupHeads {
        since_ms: u64,
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
            | Kind::ConvGroups
            | Kind::GroupMissed { .. }
            | Kind::GroupState(_)
            | Kind::GroupChanges(_)
            | Kind::GroupHeads { .. }
            | Kind::Send { .. } => true,
            Kind::SendOnline { .. }
            | Kind::History(_)
            | Kind::Read { .. }
            | Kind::Change { .. }
            | Kind::Last { .. }
            | Kind::Erase(_)
            | Kind::Changes(_)
            | Kind::GetStatus { .. }
            | Kind::Profiles(_)
            | Kind::SetProfile { .. }
            | Kind::SetConvs(_)
            | Kind::ChangeConvGroup(_)
            | Kind::SetReceiveAll { .. }
            | Kind::GetReceiveAll { .. }
            | Kind::Groups(_)
            | Kind::GroupAct { .. }
            | Kind::Plain { .. } => false,
        }
    }

    /// Must not be sent twice: the first may have been carried out, and another device may have changed
    /// the same since.
    fn is_once(&self) -> bool {
        match self {
            Kind::SendOnline { .. }
            | Kind::SetConvs(_)
            | Kind::ChangeConvGroup(_)
            | Kind::SetReceiveAll { .. }
            | Kind::GroupAct { .. } => true,
            Kind::Groups(call) => call.is_once(),
            _ => false,
        }
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
    /// What its answer may take.
    pub patience: Duration,
    pub is_sent: bool,
    /// It has been sent, on this connection or one before.
    pub was_sent: bool,
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
    pub fn add(
        &mut self,
        kind: Kind,
        now: Duration,
        patience: Duration,
        frame: impl FnOnce(u64) -> String,
    ) {
        self.last_id += 1;
        let deadline = now + patience;
        let frame = frame(self.last_id);
        self.unsent.push(self.last_id);
        self.deadlines.insert((deadline, self.last_id));
        self.waiting.insert(
            self.last_id,
            Request {
                kind,
                deadline,
                patience,
                is_sent: false,
                was_sent: false,
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
            (request.is_sent, request.was_sent) = (true, true);
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

    /// A request that was taken goes on waiting.
    pub fn put_back(&mut self, id: u64, request: Request) {
        self.deadlines.insert((request.deadline, id));
        self.waiting.insert(id, request);
    }

    /// Takes the requests whose deadline has come.
    pub fn take_expired(&mut self, now: Duration) -> Vec<(u64, Request)> {
        let mut expired = Vec::new();
        while let Some((_, id)) = self.deadlines.first().filter(|(due, _)| *due <= now) {
            let id = *id;
            expired.extend(self.take(id).map(|request| (id, request)));
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
