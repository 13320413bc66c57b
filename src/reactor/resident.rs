//! An instance on the reactor: its core, store and connection, and a turn of it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use mio::Token;
use mio::event::Event;
use protocol::{Error, codes};
use rustls::ClientConfig;
use tim_core::store::{MemoryStore, StoreError};
use tim_core::{
    Command, Core, Epoch, Input, LogLevel, LoginStatus, NetHint, Now, Output, Reply, ReqId, Why,
};

use super::link::{Farewell, Happened, Link};
use super::race::Experience;
use super::resolver::{Found, Resolver};
use super::run::Shared;
use super::submit::{Desk, Done};
use super::tls::Trust;
use super::url::ServerUrl;
use super::{Control, InstanceConfig, Outlet, Route, Storage};
use crate::store::{LocalStore, SqliteStore};

/// Frames and calls that one turn takes; others have their turn before the next ones.
const FRAMES_A_TURN: usize = 128;
const CALLS_A_TURN: usize = 128;

/// An instance on its way to the reactor.
pub(super) struct Newcomer {
    pub config: InstanceConfig,
    pub trust: Trust,
    pub desk: Arc<Desk>,
    pub outlet: Arc<dyn Outlet>,
}

pub(super) struct Resident {
    id: u64,
    desk: Arc<Desk>,
    outlet: Arc<dyn Outlet>,
    core: Core,
    store: Box<dyn LocalStore>,
    urls: Vec<ServerUrl>,
    route: Arc<Route>,
    trust: Trust,
    /// Made for the first connection, kept for the sessions that later ones resume.
    tls: Option<Arc<ClientConfig>>,
    phase: Phase,
    link: Option<Link>,
    /// By the index of the server URL.
    experiences: HashMap<usize, Experience>,
    /// An attempt or connection that ended while the core was not looking.
    fallen: Option<(Epoch, Why)>,
    farewells: Vec<Farewell>,
    /// Calls picked up and not given to the core yet.
    calls: VecDeque<(ReqId, Command)>,
    has_hint: bool,
    /// Who waits for the core to have suspended or resumed.
    controls: VecDeque<(Control, Done)>,
    /// Who waits besides until the connection's end has gone out.
    parting: Vec<Done>,
    /// Calls that the core has and that are not completed.
    pending: HashSet<ReqId>,
    /// The newest login or logout given to the core.
    session_req: ReqId,
    /// Used when the instance is gone.
    pub(super) done: Option<mpsc::Sender<()>>,
    /// When the store wants to tidy up.
    tidy_at: Option<Duration>,
    /// Something was told in this turn.
    has_told: bool,
    /// What a turn tells the app; kept for its room.
    news: Vec<Output>,
    /// It stands in the list of those who get a turn.
    pub(super) is_marked: bool,
    /// The entry in the reactor's timers.
    pub(super) alarm: Option<Duration>,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Phase {
    /// Not started yet.
    New,
    Running,
    /// A turn panicked: calls fail, nothing else happens until it is stopped.
    Broken,
    /// Asked to stop.
    Stopping,
    /// Stopped; a connection may still say goodbye.
    Stopped,
}

impl Resident {
    pub(super) fn new(id: u64, newcomer: Newcomer) -> Self {
        let Newcomer {
            config,
            trust,
            desk,
            outlet,
        } = newcomer;
        let store: Box<dyn LocalStore> = match config.storage {
            Storage::Disk(folder) => Box::new(SqliteStore::new(folder)),
            Storage::Memory => Box::new(MemoryStore::default()),
        };
        Self {
            id,
            desk,
            outlet,
            core: Core::new(config.core),
            store,
            urls: config.urls,
            route: Arc::new(config.route),
            trust,
            tls: None,
            phase: Phase::New,
            link: None,
            experiences: HashMap::new(),
            fallen: None,
            farewells: Vec::new(),
            calls: VecDeque::new(),
            has_hint: false,
            controls: VecDeque::new(),
            parting: Vec::new(),
            pending: HashSet::new(),
            session_req: ReqId(0),
            done: None,
            tidy_at: None,
            has_told: false,
            news: Vec::new(),
            is_marked: false,
            alarm: None,
        }
    }

    pub(super) fn on_event(&mut self, event: &Event) {
        match &mut self.link {
            Some(link) if link.token == event.token() => link.on_event(event),
            _ => {
                let mut farewells = self.farewells.iter_mut();
                if let Some(farewell) = farewells.find(|f| f.token == event.token()) {
                    farewell.on_event(event);
                }
            }
        }
    }

    pub(super) fn on_resolved(&mut self, token: Token, found: Found, shared: &mut Shared) {
        let experiences = &mut self.experiences;
        if let Some(link) = &mut self.link
            && link.token == token
            && let Err(why) = link.on_resolved(found, experiences.entry(link.index).or_default())
        {
            self.lose_link(why, shared);
        }
    }

    pub(super) fn stop(&mut self, done: mpsc::Sender<()>) {
        self.done = Some(done);
        if self.phase != Phase::Broken {
            self.phase = Phase::Stopping;
        }
    }

    /// The reactor can forget it.
    pub(super) fn is_gone(&self) -> bool {
        self.phase == Phase::Stopped && self.farewells.is_empty()
    }

    /// When it wants a turn even if nothing happens.
    pub(super) fn next_alarm(&self) -> Option<Duration> {
        let core = match self.phase {
            Phase::Running => self.core.next_timeout(),
            _ => None,
        };
        let tidy = self.tidy_at.filter(|_| self.phase == Phase::Running);
        let link = self.link.as_ref().and_then(Link::deadline);
        let farewells = self.farewells.iter().map(|farewell| farewell.until);
        let own = core.into_iter().chain(tidy);
        own.chain(link).chain(farewells).min()
    }

    /// One turn. True when there is more to do at once.
    pub(super) fn turn(&mut self, shared: &mut Shared) -> bool {
        self.desk.counters.turns.add(1);
        let turned = catch_unwind(AssertUnwindSafe(|| self.turn_unguarded(shared)));
        let has_more = turned.unwrap_or_else(|panic| {
            self.break_down(panic.as_ref(), shared);
            false
        });
        if self.phase == Phase::Broken {
            self.turn_broken(shared);
        }
        self.desk.counters.pending.set(self.pending.len());
        if std::mem::take(&mut self.has_told) {
            self.outlet.turn_end();
        }
        has_more
    }

    fn turn_unguarded(&mut self, shared: &mut Shared) -> bool {
        let now = shared.now();
        match self.phase {
            Phase::New => {
                self.phase = Phase::Running;
                self.feed(now, Input::Start);
            }
            Phase::Running => {}
            Phase::Stopping => {
                self.end(now, shared);
                return false;
            }
            Phase::Stopped => {
                self.drive_farewells(now.mono, shared);
                return false;
            }
            Phase::Broken => return false,
        }
        self.drive_farewells(now.mono, shared);
        if let Some(mark) = self.desk.pick_told() {
            self.feed(now, Input::Told(mark));
        }
        let mut has_more = self.drive_link(now, shared);
        has_more |= self.take_calls(now);
        self.take_controls(now);
        if std::mem::take(&mut self.has_hint) {
            self.feed(now, Input::Network(NetHint::Changed));
        }
        if self.core.next_timeout().is_some_and(|due| due <= now.mono) {
            self.feed(now, Input::Timeout);
        }
        self.finish_turn(now, shared);
        if self.farewells.iter().all(Farewell::is_sent) {
            for done in self.parting.drain(..) {
                // Whoever asked may have gone.
                let _ = done.send(Ok(()));
            }
        }
        self.tidy(now);
        has_more || self.fallen.is_some()
    }

    /// Suspends or resumes, behind all calls that were made before.
    fn take_controls(&mut self, now: Now) {
        for (control, done) in self.desk.pick_controls() {
            self.has_hint |= self.desk.pick(&mut self.calls);
            while let Some((req, command)) = self.calls.pop_front() {
                self.call(now, req, command);
            }
            self.controls.push_back((control, done));
            self.feed(
                now,
                match control {
                    Control::Suspend => Input::Suspend,
                    Control::Resume => Input::Resume,
                },
            );
        }
    }

    fn controlled(&mut self, result: Result<(), Error>) {
        match (self.controls.pop_front(), result) {
            (Some((Control::Suspend, done)), Ok(())) => self.parting.push(done),
            // Whoever asked may have gone.
            (Some((_, done)), result) => drop(done.send(result)),
            (None, _) => {}
        }
    }

    fn feed(&mut self, now: Now, input: Input<'_>) {
        self.core.handle(now, &mut *self.store, input);
    }

    fn drive_link(&mut self, now: Now, shared: &mut Shared) -> bool {
        if let Some((epoch, why)) = self.fallen.take() {
            self.feed(now, Input::Disconnected(epoch, why));
        }
        let Self {
            link,
            core,
            store,
            experiences,
            ..
        } = self;
        let Some(link) = link else {
            return false;
        };
        let epoch = link.epoch;
        let mut is_new = false;
        let driven = link.drive(
            now.mono,
            shared.registry(),
            FRAMES_A_TURN,
            &mut |happened| {
                let input = match &happened {
                    Happened::Connected => {
                        is_new = true;
                        Input::Connected(epoch)
                    }
                    Happened::Frame(text) => Input::Frame(epoch, text.as_bytes()),
                };
                core.handle(now, &mut **store, input);
            },
        );
        if is_new && let Some(peer) = link.take_peer() {
            experiences.entry(link.index).or_default().worked(peer);
        }
        match driven {
            Ok(has_more) => has_more,
            Err(why) => {
                self.drop_link(shared);
                self.feed(now, Input::Disconnected(epoch, why));
                false
            }
        }
    }

    /// Gives calls to the core. True when more wait.
    fn take_calls(&mut self, now: Now) -> bool {
        self.has_hint |= self.desk.pick(&mut self.calls);
        for _ in 0..CALLS_A_TURN {
            let Some((req, command)) = self.calls.pop_front() else {
                break;
            };
            self.call(now, req, command);
        }
        !self.calls.is_empty()
    }

    fn call(&mut self, now: Now, req: ReqId, command: Command) {
        if matches!(command, Command::Login { .. } | Command::Logout) {
            self.session_req = req;
        }
        self.desk.counters.commands.add(1);
        self.pending.insert(req);
        self.feed(now, Input::Command(req, command));
    }

    /// Commits, then tells.
    fn finish_turn(&mut self, now: Now, shared: &mut Shared) {
        self.core.settle(now, &mut *self.store);
        match self.store.commit() {
            Ok(()) => {
                // Frames leave first: who waits for them is farther away.
                let mut news = std::mem::take(&mut self.news);
                while let Some(output) = self.core.poll_output() {
                    match output {
                        Output::Send(..) | Output::Connect(..) | Output::Close(..) => {
                            self.carry_out(output, now, shared);
                        }
                        _ => news.push(output),
                    }
                }
                self.flush(shared);
                for output in news.drain(..) {
                    self.carry_out(output, now, shared);
                }
                self.news = news;
            }
            Err(error) => {
                self.tell_failed_commit(&error, now, shared);
                self.flush(shared);
            }
        }
    }

    /// What can wait until everybody has been told.
    fn tidy(&mut self, now: Now) {
        let tidied = self.store.tidy(now.mono);
        self.tidy_at = tidied.unwrap_or_else(|error| {
            self.has_told = true;
            let text = format!("the index of messages: {error}");
            self.outlet.log(LogLevel::Error, text);
            None
        });
    }

    fn flush(&mut self, shared: &mut Shared) {
        if let Some(Err(why)) = self.link.as_mut().map(Link::flush) {
            self.lose_link(why, shared);
        }
    }

    /// Nothing of what the core put out has happened: it hears of that, and the app gets errors.
    fn tell_failed_commit(&mut self, error: &StoreError, now: Now, shared: &mut Shared) {
        self.desk.counters.failed_commits.add(1);
        let mut outputs = self.take_outputs();
        let failed = outputs.len();
        self.feed(now, Input::CommitFailed(error.clone()));
        self.core.settle(now, &mut *self.store);
        let again = self.store.commit();
        outputs.extend(self.take_outputs());
        // The state of after the failure comes before what is told of before it.
        let state = outputs
            .iter()
            .rposition(|output| matches!(output, Output::LoginState { .. }));
        if let Some(state) = state {
            self.carry_out(outputs[state].clone(), now, shared);
        }
        for (index, output) in outputs.into_iter().enumerate() {
            let is_lost = index < failed || again.is_err();
            let output = match output {
                Output::LoginState { .. } => continue,
                Output::Send(..) | Output::Notify(_) | Output::Mark(_) if is_lost => continue,
                Output::Controlled(Ok(())) if is_lost => Output::Controlled(Err(error.error())),
                Output::Complete(req, Ok(_)) if is_lost => {
                    Output::Complete(req, Err(error.error()))
                }
                output => output,
            };
            self.carry_out(output, now, shared);
        }
    }

    fn take_outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.core.poll_output()).collect()
    }

    fn carry_out(&mut self, output: Output, now: Now, shared: &mut Shared) {
        let outlet = &self.outlet;
        match output {
            Output::Connect(epoch, index) => return self.connect(epoch, index, shared),
            Output::Close(epoch) => {
                if self.link.as_ref().is_some_and(|link| link.epoch == epoch) {
                    self.close_link(now.mono, shared);
                }
                return;
            }
            Output::Send(epoch, text) => {
                let link = self.link.as_mut().filter(|link| link.epoch == epoch);
                if let Some(Err(why)) = link.map(|link| link.send(text)) {
                    self.lose_link(why, shared);
                }
                return;
            }
            Output::Complete(req, result) => return self.complete(req, result),
            Output::Controlled(result) => return self.controlled(result),
            Output::Notify(event) => outlet.notify(event),
            Output::Mark(mark) => outlet.mark(mark),
            Output::LoginState {
                status,
                user_id,
                by,
            } => outlet.login_state(status, user_id, by),
            Output::ClockOffset(ms) => outlet.clock_offset(ms),
            Output::Log(level, text) => outlet.log(level, text),
        }
        self.has_told = true;
    }

    /// Completes a call, if it waits: whatever the core does, once.
    fn complete(&mut self, req: ReqId, result: Result<Reply, Error>) {
        self.has_told = true;
        if self.pending.remove(&req) {
            self.outlet.complete(req, result);
        } else {
            let text = format!("call {} was to be completed a second time", req.0);
            self.outlet.log(LogLevel::Error, text);
        }
    }

    fn connect(&mut self, epoch: Epoch, index: usize, shared: &mut Shared) {
        self.drop_link(shared);
        self.fallen = None;
        if let Err(error) = self.try_connect(epoch, index, shared) {
            self.drop_link(shared);
            self.fallen = Some((epoch, Why::new(error)));
        }
    }

    fn try_connect(
        &mut self,
        epoch: Epoch,
        index: usize,
        shared: &mut Shared,
    ) -> Result<(), Error> {
        let url = self
            .urls
            .get(index)
            .ok_or_else(|| Error::of(codes::NO_SERVER))?
            .clone();
        let tls = match url.is_tls {
            true if self.tls.is_none() => {
                self.tls = Some(shared.configs.get(&self.trust)?);
                self.tls.clone()
            }
            true => self.tls.clone(),
            false => None,
        };
        let token = shared.new_token(self.id);
        let (route, counters) = (self.route.clone(), self.desk.counters.clone());
        let link = self
            .link
            .insert(Link::new(epoch, token, (index, url), route, tls, counters));
        let hop = link.next_hop();
        match Resolver::known(&hop) {
            Some(addresses) => {
                let experience = self.experiences.entry(index).or_default();
                let started = link.on_resolved(Ok(addresses), experience);
                started.map_err(|why| why.error)
            }
            None => {
                shared.resolver.ask(hop, (self.id, token.0));
                Ok(())
            }
        }
    }

    /// The connection has ended by itself: the core hears of it in the next turn.
    fn lose_link(&mut self, why: Why, shared: &mut Shared) {
        if let Some(epoch) = self.drop_link(shared) {
            self.fallen = Some((epoch, why));
        }
    }

    fn drop_link(&mut self, shared: &mut Shared) -> Option<Epoch> {
        let mut link = self.link.take()?;
        self.learn(&mut link);
        shared.release(link.token);
        Some(link.epoch)
    }

    /// An attempt is over: an address that took the connection and made nothing of it is tried after
    /// the others next time.
    fn learn(&mut self, link: &mut Link) {
        if let Some(peer) = link.take_peer() {
            self.experiences.entry(link.index).or_default().failed(peer);
        }
    }

    fn close_link(&mut self, now: Duration, shared: &mut Shared) {
        let Some(mut link) = self.link.take() else {
            return;
        };
        self.learn(&mut link);
        let token = link.token;
        if let Some(doing) = link.doing() {
            self.has_told = true;
            let text = format!("the attempt ends while {doing}");
            self.outlet.log(LogLevel::Info, text);
        }
        match link.close(now) {
            Some(farewell) => self.farewells.push(farewell),
            None => shared.release(token),
        }
    }

    fn drive_farewells(&mut self, now: Duration, shared: &mut Shared) {
        let is_stopped = self.phase == Phase::Stopped;
        self.farewells.retain_mut(|farewell| {
            // Whoever stops the instance waits: what the system has taken is good enough.
            let is_over = farewell.drive(now) || (is_stopped && farewell.is_sent());
            if is_over {
                shared.release(farewell.token);
            }
            !is_over
        });
    }

    /// Stops: what was submitted reaches the core first, so that accepted messages are stored.
    fn end(&mut self, now: Now, shared: &mut Shared) {
        self.desk.close();
        self.desk.pick(&mut self.calls);
        while let Some((req, command)) = self.calls.pop_front() {
            self.call(now, req, command);
        }
        self.feed(now, Input::Stop);
        self.finish_turn(now, shared);
        self.leave(Error::of(codes::SDK_COMM_INTERRUPT), now.mono, shared);
        self.store.close();
        if let Err(error) = self.store.commit() {
            self.has_told = true;
            let text = format!("the last changes were not stored: {error}");
            self.outlet.log(LogLevel::Error, text);
        }
    }

    /// The end of both ways to stop: no call is left, the connection closes.
    fn leave(&mut self, error: Error, now: Duration, shared: &mut Shared) {
        self.fail_pending(&error);
        self.close_link(now, shared);
        self.phase = Phase::Stopped;
        self.drive_farewells(now, shared);
    }

    fn fail_pending(&mut self, error: &Error) {
        self.controls.extend(self.desk.pick_controls());
        let parting = self.parting.drain(..).map(|done| (done, Ok(())));
        let controls = self
            .controls
            .drain(..)
            .map(|(_, done)| (done, Err(error.clone())));
        for (done, result) in parting.chain(controls) {
            // Whoever asked may have gone.
            let _ = done.send(result);
        }
        let mut pending: Vec<ReqId> = self.pending.drain().collect();
        pending.sort_unstable();
        for req in pending {
            self.has_told = true;
            self.outlet.complete(req, Err(error.clone()));
        }
    }

    /// A turn panicked. The core is not asked for anything again.
    pub(super) fn break_down(&mut self, panic: &(dyn std::any::Any + Send), shared: &mut Shared) {
        self.drop_link(shared);
        self.fallen = None;
        for farewell in self.farewells.drain(..) {
            shared.release(farewell.token);
        }
        if self.phase == Phase::Stopped {
            return;
        }
        self.phase = Phase::Broken;
        self.has_told = true;
        // The store may be what panicked. Half a turn must not be kept.
        let _ = catch_unwind(AssertUnwindSafe(|| self.store.discard()));
        let cause = panic.downcast_ref::<&str>().copied();
        let cause = cause.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let text = format!(
            "a bug in libtim has stopped this instance: {}",
            cause.unwrap_or("a panic without a text")
        );
        let told = catch_unwind(AssertUnwindSafe(|| {
            self.outlet.log(LogLevel::Error, text);
            let by = self.session_req;
            self.outlet
                .login_state(LoginStatus::LoggedOut, String::new(), by);
        }));
        drop(told);
    }

    /// A turn of a broken instance: calls fail, and stopping works.
    fn turn_broken(&mut self, shared: &mut Shared) {
        let is_stopping = self.done.is_some();
        if is_stopping {
            self.desk.close();
        }
        self.desk.pick(&mut self.calls);
        for (req, command) in std::mem::take(&mut self.calls) {
            if matches!(command, Command::Login { .. } | Command::Logout) {
                self.session_req = req;
                self.has_told = true;
                self.outlet
                    .login_state(LoginStatus::LoggedOut, String::new(), req);
            }
            self.pending.insert(req);
        }
        let now = shared.now().mono;
        if is_stopping {
            self.leave(Error::of(codes::INTERNAL), now, shared);
        } else {
            self.fail_pending(&Error::of(codes::INTERNAL));
        }
    }
}
