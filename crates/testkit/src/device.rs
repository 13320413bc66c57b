//! A device: a core that comes and goes, a store that stays, and its app.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use tim_core::store::{MemoryStore, Store};
use tim_core::{
    Command, Config, Core, Epoch, Event, Input, LoginStatus, NetworkStatus, Now, Output, ReqId,
};

use crate::app::{App, Call};
use crate::conduct::{Conduct, Waits};
use crate::step::Ticket;

/// What a turn of a device asks of the network.
#[derive(Debug)]
pub enum Wish {
    Connect(Epoch),
    Close(Epoch),
    Send(Epoch, String),
}

/// One installation.
pub struct Device {
    /// Whose it is; others may log in on it as well.
    pub user: String,
    pub platform: i32,
    pub address: IpAddr,
    app_id: u64,
    seed: u64,
    /// None before init and after uninit.
    core: Option<Core>,
    /// How many lives it has had.
    pub life: u32,
    pub store: MemoryStore,
    pub app: App,
    /// The app takes its callbacks when the program says so.
    pub is_polling: bool,
    /// The process dies in its next turn.
    pub is_dying: bool,
    /// Suspended: whether the store was open, and has to be afterwards.
    suspended: Option<bool>,
    /// Answers to [`Input::Suspend`] and [`Input::Resume`].
    controlled: u32,
    /// Who has been in here.
    pub accounts: BTreeSet<String>,
    conduct: Conduct,
    /// The waits of earlier lives.
    waits: Waits,
    last_req: u64,
    last_message: u64,
    broken: Option<String>,
}

impl Device {
    pub fn new(user: &str, number: u8, platform: i32, app_id: u64, seed: u64) -> Self {
        Self {
            user: user.into(),
            platform,
            address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, number)),
            app_id,
            seed,
            core: None,
            life: 0,
            store: MemoryStore::default(),
            app: App::default(),
            is_polling: false,
            is_dying: false,
            suspended: None,
            controlled: 0,
            accounts: BTreeSet::new(),
            conduct: Conduct::default(),
            waits: Waits::default(),
            last_req: 0,
            last_message: 0,
            broken: None,
        }
    }

    pub fn is_on(&self) -> bool {
        self.core.is_some()
    }

    /// The first promise that this device broke.
    pub fn broken(&self) -> Option<&String> {
        let parts = [&self.broken, &self.app.broken, &self.conduct.broken];
        parts.into_iter().flatten().next()
    }

    /// All its waits for another attempt to connect.
    pub fn waits(&self) -> Waits {
        let mut waits = self.waits;
        waits.add(&self.conduct.waits);
        waits
    }

    pub fn init(&mut self, now: Now) -> Vec<Wish> {
        self.seed += 1;
        self.core = Some(Core::new(Config {
            platform: self.platform,
            ..Config::new(self.app_id, self.seed)
        }));
        self.conduct.on_start();
        self.turn(now, Input::Start)
    }

    /// Stops the instance: what it says from then on is heard by nobody, so it must not say it.
    pub fn uninit(&mut self, now: Now) -> Vec<Wish> {
        let wishes = self.turn(now, Input::Stop);
        self.app.run_out();
        if let Some(mut core) = self.core.take() {
            let is_silent = core.next_timeout().is_none();
            core.handle(now, &mut self.store, Input::Timeout);
            core.settle(now, &mut self.store);
            let output = core.poll_output();
            if !is_silent || output.is_some() {
                self.break_promise(format!("after uninit: {output:?}"));
            }
        }
        self.end_of_life();
        wishes
    }

    /// The process has died: only the store is left.
    pub fn crash(&mut self) {
        self.core = None;
        self.app.die();
        self.end_of_life();
    }

    fn end_of_life(&mut self) {
        self.store.close();
        self.life += 1;
        self.is_dying = false;
        self.suspended = None;
        self.waits = self.waits();
        let conduct = std::mem::take(&mut self.conduct);
        if let Some(text) = conduct.broken {
            self.break_promise(text);
        }
    }

    /// A message's id tells from whom it is, and to whom.
    pub fn new_message_id(&mut self, from: &str, to: &str) -> String {
        self.last_message += 1;
        format!("{from}>{to}#{}-{}", self.address, self.last_message)
    }

    /// The process dies in the middle of a turn: nothing is committed, nothing is told.
    pub fn die_in_turn(&mut self, now: Now, input: Input<'_>) {
        let committed = self.store.clone();
        if let Some(core) = &mut self.core {
            core.handle(now, &mut self.store, input);
        }
        self.store = committed;
        self.crash();
    }

    /// One turn: an input, its consequences, the commit, what the app is told.
    pub fn turn(&mut self, now: Now, input: Input<'_>) -> Vec<Wish> {
        let at = now.mono.as_millis() as u64;
        let Some(core) = &mut self.core else {
            return Vec::new();
        };
        if let Some(mark) = self.app.take_mark() {
            core.handle(now, &mut self.store, Input::Told(mark));
        }
        core.handle(now, &mut self.store, input);
        core.settle(now, &mut self.store);
        let outputs: Vec<Output> = std::iter::from_fn(|| core.poll_output()).collect();
        let mut wishes = Vec::new();
        for output in outputs {
            match output {
                Output::Connect(epoch, _) => {
                    self.conduct.on_connect(at);
                    wishes.push(Wish::Connect(epoch));
                }
                Output::Close(epoch) => {
                    self.conduct.on_gone(at);
                    wishes.push(Wish::Close(epoch));
                }
                Output::Send(epoch, text) => {
                    if is_login(text.as_bytes()) {
                        self.conduct.on_login_sent();
                    }
                    wishes.push(Wish::Send(epoch, text));
                }
                Output::Complete(req, result) => self.app.complete(req, result),
                Output::Notify(event) => self.on_event(at, event),
                Output::Mark(mark) => self.app.mark(mark),
                Output::LoginState {
                    status,
                    user_id,
                    by,
                } => {
                    self.conduct.on_status(status);
                    if status == LoginStatus::LoggedIn {
                        self.accounts.insert(user_id.clone());
                    }
                    self.app.state(status, user_id, by);
                }
                Output::Log(tim_core::LogLevel::Error, text) => self.break_promise(text),
                Output::Controlled(result) => {
                    self.controlled += 1;
                    if let Err(error) = result {
                        self.break_promise(format!("a store in memory: {error}"));
                    }
                }
                Output::ClockOffset(_) | Output::Log(..) => {}
            }
        }
        self.check_suspended(&wishes);
        self.conduct.settle(at);
        if !self.is_polling {
            self.app.poll(usize::MAX);
        }
        wishes
    }

    fn on_event(&mut self, at: u64, event: Event) {
        if let Event::Network(status) = &event {
            match status {
                NetworkStatus::Connected => self.conduct.on_connected(at),
                NetworkStatus::Disconnected(_) | NetworkStatus::ConnectFailed(_) => {
                    self.conduct.on_gone(at);
                }
                NetworkStatus::Connecting => {}
            }
        }
        self.app.notify(event);
    }

    /// `ticket`: what a login goes with.
    pub fn call(&mut self, now: Now, command: Command, ticket: Ticket) -> Vec<Wish> {
        if !self.is_on() {
            return Vec::new();
        }
        self.last_req += 1;
        let req = ReqId(self.last_req);
        let mut sends = None;
        let call = match &command {
            Command::Login { user_id, .. } => {
                self.conduct.on_login_call();
                Call::Login(user_id.clone(), ticket)
            }
            Command::Logout => Call::Logout,
            Command::Send { conv, msg_id, .. } => {
                sends = Some((conv.id.clone(), msg_id.clone()));
                Call::Send(self.app.sender().unwrap_or_default(), msg_id.clone())
            }
            _ => Call::Other,
        };
        let is_logout = matches!(call, Call::Logout);
        self.app.call(req, call);
        let wishes = self.turn(now, Input::Command(req, command));
        if let Some(has_store) = &mut self.suspended {
            // When it leaves nobody in, what was opened for a login stays closed.
            *has_store &= !(is_logout && self.conduct.is_out());
            if !self.app.is_answered(req) {
                self.break_promise(format!("suspended, and {req:?} waits"));
            }
        }
        // Accepted: it stands in the store as of this turn's commit.
        if let Some((to, id)) = sends
            && self.store.is_open()
            && let Ok(Some(row)) = self.store.message(&id)
        {
            self.app.of(&row.sender).accepted.push((to, id));
        }
        wishes
    }

    /// Suspended, nothing is open, nothing is due, and no connection is wanted.
    fn check_suspended(&mut self, wishes: &[Wish]) {
        if self.suspended.is_none() {
            return;
        }
        let is_connecting = wishes.iter().any(|wish| matches!(wish, Wish::Connect(_)));
        let (is_open, due) = (self.store.is_open(), self.next_timeout());
        if is_open || due.is_some() || is_connecting {
            let text = format!("suspended, open: {is_open}, due: {due:?}, {wishes:?}");
            self.break_promise(text);
        }
    }

    /// Suspends or resumes, which is answered at once.
    pub fn control(&mut self, now: Now, input: Input<'_>) -> Vec<Wish> {
        if !self.is_on() {
            return Vec::new();
        }
        let before = self.controlled;
        let wanted = match input {
            Input::Suspend => {
                self.conduct.on_suspend();
                let has_store = self.store.is_open();
                self.suspended.get_or_insert(has_store);
                None
            }
            _ => self.suspended.take(),
        };
        if matches!(input, Input::Resume) && wanted.is_some() {
            self.conduct.on_resume();
        }
        let wishes = self.turn(now, input);
        if self.suspended.is_some()
            && let Some(req) = self.app.waits_for_answer()
        {
            self.break_promise(format!("suspended, and {req:?} waits on"));
        }
        if self.controlled != before + 1 {
            self.break_promise("suspending or resuming was not answered once".into());
        }
        if wanted.is_some_and(|has_store| has_store != self.store.is_open()) {
            self.break_promise(format!("resumed, and the store was {wanted:?}"));
        }
        wishes
    }

    pub fn hint(&mut self, now: Now) -> Vec<Wish> {
        self.conduct.on_hint();
        self.turn(now, Input::Network(tim_core::NetHint::Changed))
    }

    /// The server has said how long to stay away.
    pub fn on_retry_after(&mut self, ms: u64) {
        self.conduct.on_retry_after(ms);
    }

    pub fn next_timeout(&self) -> Option<Duration> {
        let core = self.core.as_ref()?;
        let is_due = self.app.has_mark() && self.suspended.is_none();
        is_due.then_some(Duration::ZERO).or(core.next_timeout())
    }

    pub fn break_promise(&mut self, text: String) {
        self.broken.get_or_insert(text);
    }
}

/// Whether a frame of a client is a login.
pub fn is_login(frame: &[u8]) -> bool {
    let head = &frame[..frame.len().min(60)];
    let name = b"\"op\":\"session.login\"";
    head.windows(name.len()).any(|window| window == name)
}
