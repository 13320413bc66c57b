//! A device: a core, its store on a disk that survives it, and what its app has seen.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use protocol::message::Message;
use protocol::{Error, codes};
use tim_core::store::{MemoryStore, Store};
use tim_core::{
    Command, Config, Core, Epoch, Event, Input, LoginStatus, Now, Output, Reply, ReqId,
};

/// What a turn of a device asks of the network.
#[derive(Debug)]
pub enum Wish {
    Connect(Epoch),
    Close(Epoch),
    Send(Epoch, String),
}

/// What the app of a device knows.
#[derive(Debug, Default)]
pub struct Seen {
    /// How often each message was told as new, over all lives of the device.
    pub told: BTreeMap<String, u32>,
    /// Messages as they were told, in this order.
    pub order: Vec<Message>,
    /// Messages that the outbox has taken: `(to, msg_id)`, in the order of the calls.
    pub accepted: Vec<(String, String)>,
    /// Messages whose sending was refused for good.
    pub refused: BTreeSet<String>,
    pub login: Option<LoginStatus>,
    pub user_sig_expired: u32,
    /// Told of another device that took its place: by an event or by a login.
    pub kicked: u32,
    /// How the newest login ended, or the session after it; `None` while it holds or is pending.
    pub out: Option<Out>,
}

/// Why nobody is logged in, as the app knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Out {
    LoggedOut,
    Kicked,
    Failed(i32),
}

/// One installation of one user.
pub struct Device {
    pub user: String,
    pub platform: i32,
    pub app_id: u64,
    pub seed: u64,
    pub core: Core,
    pub store: MemoryStore,
    pub seen: Seen,
    /// Calls of this life that wait, with the message they send.
    pub calls: BTreeMap<ReqId, Option<String>>,
    logins: BTreeSet<ReqId>,
    last_req: u64,
    last_message: u64,
}

impl Device {
    pub fn new(user: &str, platform: i32, app_id: u64, seed: u64) -> Self {
        Self {
            user: user.into(),
            platform,
            app_id,
            seed,
            core: Core::new(config(app_id, platform, seed)),
            store: MemoryStore::default(),
            seen: Seen::default(),
            calls: BTreeMap::new(),
            logins: BTreeSet::new(),
            last_req: 0,
            last_message: 0,
        }
    }

    /// The process has died and starts again: only the store is left.
    pub fn restart(&mut self) {
        self.seed += 1;
        self.core = Core::new(config(self.app_id, self.platform, self.seed));
        self.store.close();
        self.calls.clear();
        self.logins.clear();
        self.seen.login = None;
    }

    pub fn new_message_id(&mut self) -> String {
        self.last_message += 1;
        format!("{}-{}-{}", self.user, self.platform, self.last_message)
    }

    /// One turn: an input, its consequences, the commit, what the app sees.
    pub fn turn(&mut self, now: Now, input: Input<'_>) -> Vec<Wish> {
        self.core.handle(now, &mut self.store, input);
        self.core.settle(now, &mut self.store);
        let mut wishes = Vec::new();
        while let Some(output) = self.core.poll_output() {
            match output {
                Output::Connect(epoch, _) => wishes.push(Wish::Connect(epoch)),
                Output::Close(epoch) => wishes.push(Wish::Close(epoch)),
                Output::Send(epoch, text) => wishes.push(Wish::Send(epoch, text)),
                Output::Complete(req, result) => self.on_complete(req, result),
                Output::Notify(event) => self.on_event(event),
                Output::LoginState { status, .. } => self.seen.login = Some(status),
                Output::ClockOffset(_) | Output::Controlled(_) | Output::Log(..) => {}
            }
        }
        wishes
    }

    /// The process dies in the middle of a turn: nothing is committed, nothing is told.
    pub fn die_in_turn(&mut self, now: Now, input: Input<'_>) {
        let committed = self.store.clone();
        self.core.handle(now, &mut self.store, input);
        self.store = committed;
        self.restart();
    }

    pub fn call(&mut self, now: Now, command: Command) -> Vec<Wish> {
        self.last_req += 1;
        let req = ReqId(self.last_req);
        let sends = match &command {
            Command::Send { conv, msg_id, .. } => Some((conv.id.clone(), msg_id.clone())),
            Command::Login { .. } => {
                self.logins.insert(req);
                self.seen.out = None;
                None
            }
            Command::Logout => {
                self.seen.out = Some(Out::LoggedOut);
                None
            }
            _ => None,
        };
        self.calls
            .insert(req, sends.as_ref().map(|(_, id)| id.clone()));
        let wishes = self.turn(now, Input::Command(req, command));
        // Accepted: it stands in the store as of this turn's commit.
        if let Some((to, id)) = sends
            && self.store.is_open()
            && self
                .store
                .message(&id)
                .expect("a store in memory")
                .is_some()
        {
            self.seen.accepted.push((to, id));
        }
        wishes
    }

    pub fn next_timeout(&self) -> Option<Duration> {
        self.core.next_timeout()
    }

    fn on_complete(&mut self, req: ReqId, result: Result<Reply, Error>) {
        let call = self.calls.remove(&req);
        let sends = call.unwrap_or_else(|| panic!("call {req:?} was completed twice: {result:?}"));
        if self.logins.remove(&req) {
            match &result {
                // Several calls that were one login all get its result.
                Err(error)
                    if error.code == codes::LOGIN_KICKED_OFF_BY_OTHER
                        && self.seen.out != Some(Out::Kicked) =>
                {
                    self.on_kicked();
                }
                Err(error) if self.logins.is_empty() => {
                    self.seen.out.get_or_insert(Out::Failed(error.code));
                }
                _ => {}
            }
        }
        if let (Some(id), Err(error)) = (sends, result)
            && (20000..30000).contains(&error.code)
        {
            self.seen.refused.insert(id);
        }
    }

    fn on_kicked(&mut self) {
        self.seen.kicked += 1;
        self.seen.out = Some(Out::Kicked);
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::NewMessages(messages) => {
                for message in messages {
                    *self.seen.told.entry(message.msg_id.clone()).or_default() += 1;
                    self.seen.order.push(message);
                }
            }
            Event::UserSigExpired => self.seen.user_sig_expired += 1,
            Event::KickedOffline => self.on_kicked(),
            _ => {}
        }
    }
}

fn config(app_id: u64, platform: i32, seed: u64) -> Config {
    Config {
        platform,
        ..Config::new(app_id, seed)
    }
}
