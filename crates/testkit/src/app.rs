//! The app of a device, and the queue between it and the core: what it sees is checked in the
//! order of its callbacks, however late it takes them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use protocol::message::Message;
use protocol::receive::ReceiveAll;
use protocol::user::UserStatus;
use protocol::user::profile::UserProfile;
use protocol::{Error, codes};
use tim_core::{Event, LoginStatus, NetworkStatus, Reply, ReqId};

use crate::step::{GROUP, Ticket};

/// What waits for the app's thread.
#[derive(Debug)]
enum Job {
    Complete(ReqId, Result<Reply, Error>),
    Event(Event),
    /// The core wants to know when the app is here.
    Mark(u64),
    /// Makes a state true, before the job behind it.
    State(LoginStatus, String, ReqId),
}

/// A call that was accepted and not completed yet.
#[derive(Debug)]
pub enum Call {
    Login(String, Ticket),
    Logout,
    /// The sender and the message.
    Send(String, String),
    Other,
}

/// What the app has seen as one user, over all lives of the device.
#[derive(Debug, Default)]
pub struct Seen {
    /// How often each message was told as new.
    pub told: BTreeMap<String, u32>,
    /// Where messages stand, as they were told since the process started.
    order: BTreeMap<String, u64>,
    /// Messages that waited for an app that died after it had logged out.
    pub died_with: BTreeSet<String>,
    /// Messages that the outbox has taken: `(to, msg_id)`, in the order of the calls.
    pub accepted: Vec<(String, String)>,
    /// Messages whose sending was refused for good.
    pub refused: BTreeSet<String>,
    /// The receive option for all, as it was told last.
    pub receive_all: Option<ReceiveAll>,
}

/// The app, with what the facade of the library keeps for it.
#[derive(Debug)]
pub struct App {
    queue: VecDeque<Job>,
    pub pending: BTreeMap<ReqId, Call>,
    pub status: LoginStatus,
    user: String,
    /// The newest mark that the app has come to, until the core hears of it.
    mark: Option<u64>,
    /// How often the process died.
    pub deaths: u32,
    /// A change of the receive option for all waited when the instance stopped.
    pub has_missed: bool,
    /// The newest login or logout.
    newest: ReqId,
    /// Who is in, as the callbacks have told.
    pub told: Option<String>,
    /// A session has been told of, and not its end.
    has_session: bool,
    is_expiry_told: bool,
    network: Option<i32>,
    pub seen: BTreeMap<String, Seen>,
    /// The last answer about profiles.
    pub profiles: Vec<UserProfile>,
    /// What was told last of others.
    pub statuses: BTreeMap<String, UserStatus>,
    /// How the newest login ended, or the session after it; `None` while it holds or is pending.
    pub out: Option<Out>,
    pub counts: Counts,
    /// The first promise that was broken.
    pub broken: Option<String>,
}

/// Why nobody is logged in, as the app knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Out {
    LoggedOut,
    /// Another device took the place: said by an event or by a login.
    Kicked,
    Failed(i32),
    Died,
}

/// What the app has met, so that a test can tell that it met everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub logins: u64,
    pub failed_logins: u64,
    pub switches: u64,
    pub kicks: u64,
    pub expiries: u64,
    pub messages: u64,
    pub completions: u64,
    pub interrupted: u64,
    /// Calls that were refused because the device was suspended.
    pub suspended: u64,
}

impl Counts {
    pub fn add(&mut self, other: &Counts) {
        self.logins += other.logins;
        self.failed_logins += other.failed_logins;
        self.switches += other.switches;
        self.kicks += other.kicks;
        self.expiries += other.expiries;
        self.messages += other.messages;
        self.completions += other.completions;
        self.interrupted += other.interrupted;
        self.suspended += other.suspended;
    }
}

impl Default for App {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            pending: BTreeMap::new(),
            status: LoginStatus::LoggedOut,
            user: String::new(),
            mark: None,
            deaths: 0,
            has_missed: false,
            newest: ReqId(0),
            told: None,
            has_session: false,
            is_expiry_told: false,
            network: None,
            seen: BTreeMap::new(),
            profiles: Vec::new(),
            statuses: BTreeMap::new(),
            out: None,
            counts: Counts::default(),
            broken: None,
        }
    }
}

impl App {
    /// A call is accepted.
    pub fn call(&mut self, req: ReqId, call: Call) {
        match &call {
            Call::Login(user, _) => {
                self.newest = req;
                self.out = None;
                if self.status != LoginStatus::LoggedIn || self.user != *user {
                    self.user.clear();
                    self.status = LoginStatus::LoggingIn;
                }
            }
            Call::Logout => {
                self.newest = req;
                self.out = Some(Out::LoggedOut);
                self.status = LoginStatus::LoggingOut;
            }
            Call::Send(..) | Call::Other => {}
        }
        self.pending.insert(req, call);
    }

    pub fn complete(&mut self, req: ReqId, result: Result<Reply, Error>) {
        self.queue.push_back(Job::Complete(req, result));
    }

    pub fn notify(&mut self, event: Event) {
        self.queue.push_back(Job::Event(event));
    }

    pub fn mark(&mut self, mark: u64) {
        self.queue.push_back(Job::Mark(mark));
    }

    /// Whether the core is to be told how far the app is.
    pub fn has_mark(&self) -> bool {
        self.mark.is_some()
    }

    pub fn take_mark(&mut self) -> Option<u64> {
        self.mark.take()
    }

    pub fn state(&mut self, status: LoginStatus, user: String, by: ReqId) {
        self.queue.push_back(Job::State(status, user, by));
    }

    /// The call has been completed, whether the app has heard of it or not.
    pub fn is_answered(&self, req: ReqId) -> bool {
        let is_it = |job: &Job| matches!(job, Job::Complete(other, _) if *other == req);
        !self.pending.contains_key(&req) || self.queue.iter().any(is_it)
    }

    /// A call that has not been completed, other than a login and a message.
    pub fn waits_for_answer(&self) -> Option<ReqId> {
        let others = self.pending.iter();
        let mut others = others.filter(|(_, call)| matches!(call, Call::Other | Call::Logout));
        let found = others.find(|(req, _)| !self.is_answered(**req));
        found.map(|(req, _)| *req)
    }

    /// The app takes its callbacks, at most so many.
    pub fn poll(&mut self, mut jobs: usize) {
        let is_mark = |job: &Job| matches!(job, Job::Mark(_));
        while (jobs > 0 || self.queue.front().is_some_and(is_mark))
            && let Some(job) = self.queue.pop_front()
        {
            match job {
                Job::Mark(mark) => {
                    self.mark = Some(mark);
                    continue;
                }
                Job::State(status, user, by) => {
                    self.apply(status, user, by);
                    continue;
                }
                Job::Complete(req, result) => self.on_complete(req, result),
                Job::Event(event) => self.on_event(event),
            }
            jobs -= 1;
        }
    }

    /// The instance has stopped: completions and messages still come, other events do not.
    pub fn run_out(&mut self) {
        for job in std::mem::take(&mut self.queue) {
            match job {
                Job::Complete(req, result) => self.on_complete(req, result),
                Job::State(status, user, by) => self.apply(status, user, by),
                Job::Event(event @ Event::NewMessages(_)) => self.on_event(event),
                Job::Event(Event::ReceiveAll(_)) => self.has_missed = true,
                Job::Event(_) | Job::Mark(_) => {}
            }
        }
        let left = self.pending.len();
        self.must(left == 0, || format!("uninit left {left} calls waiting"));
        self.end();
    }

    /// The process has died, with what it had not told.
    pub fn die(&mut self) {
        self.deaths += 1;
        // A session that had ended takes what was still to be told of it along.
        let is_end = |job: &Job| match job {
            Job::State(status, ..) => *status != LoginStatus::LoggedIn,
            _ => false,
        };
        let ended = self.queue.iter().rposition(is_end).unwrap_or(0);
        for job in self.queue.drain(..ended).collect::<Vec<_>>() {
            if let Job::Event(Event::NewMessages(messages)) = job {
                for message in messages {
                    let Some(owner) = owner(&message) else {
                        continue;
                    };
                    let owner = owner.to_owned();
                    self.of(&owner).died_with.insert(message.msg_id);
                }
            }
        }
        for seen in self.seen.values_mut() {
            seen.order.clear();
        }
        self.end();
    }

    fn end(&mut self) {
        self.queue.clear();
        self.mark = None;
        self.pending.clear();
        self.status = LoginStatus::LoggedOut;
        self.out = Some(Out::Died);
        (self.told, self.network) = (None, None);
        self.has_session = false;
        self.user.clear();
    }

    pub fn of(&mut self, user: &str) -> &mut Seen {
        self.seen.entry(user.to_owned()).or_default()
    }

    /// As whom a message goes out, when there is no doubt.
    pub fn sender(&self) -> Option<String> {
        let pending = self.pending.values().filter_map(|call| match call {
            Call::Login(user, _) => Some(user),
            _ => None,
        });
        let mut all = pending.chain(&self.told);
        let one = all.next()?;
        all.all(|other| other == one).then(|| one.clone())
    }

    fn must(&mut self, holds: bool, text: impl FnOnce() -> String) {
        if !holds && self.broken.is_none() {
            self.broken = Some(text());
        }
    }

    fn apply(&mut self, status: LoginStatus, user: String, by: ReqId) {
        use LoginStatus::{LoggedIn, LoggedOut, LoggingIn, LoggingOut};
        if by < self.newest {
            return;
        }
        let is_login_pending = self.is_pending(|call| matches!(call, Call::Login(..)));
        let is_drawn = match (self.status, status) {
            (LoggingIn, LoggedIn | LoggedOut) | (LoggedIn | LoggingOut, LoggedOut) => true,
            // The session had ended before this call of the same user reached the core.
            (LoggedIn, LoggingIn) => is_login_pending,
            (LoggedIn, LoggedIn) => self.user == user,
            // A logout that was refused at once: suspended, nobody could be told of it.
            (LoggingOut, LoggedIn) => self.is_pending(|call| matches!(call, Call::Logout)),
            // A login that was refused at once leaves a logout as it is.
            (LoggingIn, LoggingOut) => self.is_pending(|call| matches!(call, Call::Logout)),
            (from, to) => from == to,
        };
        let from = self.status;
        self.must(is_drawn, || {
            format!("the status went from {from:?} to {status:?}")
        });
        self.status = status;
        self.user = match status {
            LoggedIn => user,
            LoggingIn | LoggedOut | LoggingOut => String::new(),
        };
    }

    fn is_pending(&self, is_it: impl Fn(&Call) -> bool) -> bool {
        self.pending.values().any(is_it)
    }

    fn on_complete(&mut self, req: ReqId, result: Result<Reply, Error>) {
        self.counts.completions += 1;
        let Some(call) = self.pending.remove(&req) else {
            self.must(false, || format!("{req:?} was completed twice: {result:?}"));
            return;
        };
        if let Err(error) = &result {
            self.counts.interrupted += u64::from(error.code == codes::SDK_COMM_INTERRUPT);
            self.counts.suspended += u64::from(error.code == codes::SUSPENDED);
        }
        match (call, result) {
            (Call::Login(user, ticket), result) => self.on_login(req, &user, ticket, &result),
            (Call::Logout, Ok(_)) => {
                let status = self.status;
                self.must(
                    req != self.newest || status == LoginStatus::LoggedOut,
                    || format!("logout is over, and the status is {status:?}"),
                );
                self.told = None;
                self.has_session = false;
            }
            (Call::Logout, Err(_)) if self.status == LoginStatus::LoggedIn => {
                self.out = None;
            }
            (Call::Send(user, id), Err(error)) if (10000..30000).contains(&error.code) => {
                self.of(&user).refused.insert(id);
            }
            (Call::Other, Ok(Reply::Profiles(profiles))) => self.profiles = profiles,
            _ => {}
        }
    }

    fn on_login(&mut self, req: ReqId, user: &str, ticket: Ticket, result: &Result<Reply, Error>) {
        let is_newest = req == self.newest;
        let status = (self.status, self.user.clone());
        if result.is_ok() {
            self.counts.logins += 1;
            self.counts.switches += u64::from(self.told.as_ref().is_some_and(|old| old != user));
            self.must(!ticket.is_hopeless(), || {
                format!("{user} is in with a ticket {ticket:?}")
            });
            self.must(
                !is_newest || status == (LoginStatus::LoggedIn, user.to_owned()),
                || format!("{user} is in, and the status is {status:?}"),
            );
            self.told = Some(user.to_owned());
            self.has_session = true;
            self.is_expiry_told = false;
        } else {
            self.counts.failed_logins += 1;
            let code = result.as_ref().err().map_or(0, |error| error.code);
            let is_last = !self.is_pending(|call| matches!(call, Call::Login(..)));
            // Several calls that were one login all get its result.
            if code == codes::LOGIN_KICKED_OFF_BY_OTHER && self.out != Some(Out::Kicked) {
                self.on_kicked();
            } else if is_last && status.0 == LoginStatus::LoggedOut {
                self.out.get_or_insert(Out::Failed(code));
            }
            // Refused at once, it leaves things as they were.
            let has_stayed = match status.0 {
                LoginStatus::LoggedOut => true,
                LoginStatus::LoggedIn => self.told.as_ref() == Some(&status.1),
                LoginStatus::LoggingIn => !is_last,
                LoginStatus::LoggingOut => self.is_pending(|call| matches!(call, Call::Logout)),
            };
            self.must(!is_newest || has_stayed, || {
                format!("{user}'s login failed, and the status is {status:?}")
            });
            if status.0 == LoginStatus::LoggedOut {
                self.told = None;
            }
        }
    }

    fn on_kicked(&mut self) {
        self.counts.kicks += 1;
        self.out = Some(Out::Kicked);
    }

    /// Whether the last login or logout has been completed, so that the status is what was told.
    fn is_settled(&self) -> bool {
        !self.pending.contains_key(&self.newest)
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::NewMessages(messages) => {
                for message in messages {
                    self.on_message(&message);
                }
            }
            Event::KickedOffline => {
                self.ends_with("kicked offline");
                self.on_kicked();
                self.told = None;
            }
            Event::UserSigExpired => {
                self.counts.expiries += 1;
                self.must(!self.is_expiry_told, || {
                    "the same ticket expired twice".into()
                });
                self.is_expiry_told = true;
                if self.status == LoginStatus::LoggedOut {
                    self.ends_with("the ticket lapsed");
                    self.told = None;
                }
            }
            Event::UserStatus(statuses) => {
                let told = statuses.into_iter().map(|s| (s.user_id.clone(), s));
                self.statuses.extend(told);
            }
            Event::SelfInfo(profile) => self.content(&profile.user_id, "a profile of"),
            Event::Conversations(_, convs) => {
                let messages = convs.iter().filter_map(|conv| conv.last_msg.as_ref());
                for message in messages {
                    self.concerns(message);
                }
            }
            Event::ReceiveAll(all) => {
                if let Some(user) = self.told.clone() {
                    self.of(&user).receive_all = Some(all);
                }
            }
            Event::Network(status) => self.on_network(&status),
            _ => {}
        }
    }

    /// A session ended by itself: somebody was in, and the status says that nobody is.
    fn ends_with(&mut self, what: &str) {
        let (had_session, status) = (self.has_session, self.status);
        self.has_session = false;
        self.must(had_session, || format!("{what}, but nobody was in"));
        let agrees = !self.is_settled() || status == LoginStatus::LoggedOut;
        self.must(agrees, || format!("{what}, and the status is {status:?}"));
    }

    fn on_message(&mut self, message: &Message) {
        self.counts.messages += 1;
        self.concerns(message);
        let Some(user) = self.told.clone() else {
            return;
        };
        let (conv, seq) = (message.conv.id.clone(), message.seq);
        let seen = self.of(&user);
        *seen.told.entry(message.msg_id.clone()).or_default() += 1;
        if seq > 0 {
            let before = seen.order.insert(conv.clone(), seq).unwrap_or(0);
            self.must(before < seq, || {
                format!("{seq} of {conv} was told out of order")
            });
        }
    }

    /// The message is one of who is in. Ids of messages say from whom they are, and to whom.
    fn concerns(&mut self, message: &Message) {
        if let Some(owner) = owner(message) {
            self.content(owner, "a message of");
        }
    }

    fn content(&mut self, owner: &str, what: &str) {
        let (told, status) = (self.told.clone(), self.status);
        let is_in = told.as_deref() == Some(owner) && status != LoginStatus::LoggedOut;
        self.must(is_in, || {
            format!("{what} {owner} while {told:?} is in, {status:?}")
        });
    }

    fn on_network(&mut self, status: &NetworkStatus) {
        let (from, to) = (self.network.replace(status.number()), status.number());
        let is_drawn = match to {
            0 | 3 => from == Some(2),
            1 => from == Some(0),
            // What the app itself gives up ends without a word.
            _ => true,
        };
        self.must(is_drawn, || {
            format!("the network went from {from:?} to {to}")
        });
    }
}

/// In whose account a message is: its id says from whom it is, and to whom.
fn owner(message: &Message) -> Option<&str> {
    let (ends, _) = message.msg_id.split_once('#')?;
    let (from, to) = ends.split_once('>')?;
    // Those of the group are everybody's.
    if to == GROUP {
        return None;
    }
    Some(if from == message.conv.id { to } else { from })
}
