//! The server's side: its futures, polled in any order, its outcomes, its restarts.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::noop_waker_ref;
use timd::bus::Note;
use timd::logic::{BEAT_MS, Harness, LogicConfig, Outcome, Output, SessionId};
use timd::metrics::Kick;
use timd::policy::Policy;
use timd::repo::Repo;

use crate::bus::SimBus;
use crate::device::is_login;
use crate::engine::SimRepo;
use crate::network::Happening;
use crate::world::{APP, World};

pub(crate) type Server = Harness<SimRepo, SimBus>;

/// A request that the server works on, or its outcome that waits for its turn.
pub(crate) enum Work {
    Running(Pin<Box<dyn Future<Output = Outcome>>>),
    Done(Outcome),
}

/// A machine on which a node of the server runs.
pub(crate) struct Machine {
    pub server: Arc<Server>,
    /// In milliseconds.
    clock_is_off_by: i64,
    /// How often the server has started here.
    pub life: u32,
    /// The way to the database.
    is_cut: Arc<AtomicBool>,
    pub cut_until: u64,
    /// No note leaves or arrives until then.
    pub deaf_until: u64,
    /// To which others notes were lost meanwhile.
    lost: BTreeSet<usize>,
    /// Nobody listens until then.
    pub down_until: u64,
    pub next_beat: u64,
    /// What the node does without having been asked.
    chores: Vec<Pin<Box<dyn Future<Output = ()>>>>,
    /// Notes from each machine arrive in their order.
    last_note: BTreeMap<usize, u64>,
}

impl Machine {
    fn kicks(&self) -> u64 {
        let metrics = self.server.metrics();
        metrics.kicks(Kick::Online) + metrics.kicks(Kick::Away)
    }
}

impl World {
    pub(crate) fn start_machines(&mut self, count: usize) {
        for n in 0..count {
            let machine = self.new_machine(n, 0);
            self.machines.push(machine);
        }
    }

    fn new_machine(&mut self, n: usize, life: u32) -> Machine {
        let id_seed = self.random.number();
        let config = LogicConfig {
            id_seed,
            node_name: format!("machine {n}"),
            ..self.config.clone()
        };
        let repo = self.repo.0.another_way();
        let is_cut = repo.0.is_cut.clone();
        let bus = SimBus {
            machine: n,
            life,
            is_shared: self.repo.is_shared(),
            wires: self.wires.clone(),
        };
        let server = Harness::with_bus(repo, bus, config);
        ready(server.logic().start()).expect("the repo is there");
        Machine {
            server: Arc::new(server),
            clock_is_off_by: 0,
            life,
            is_cut,
            cut_until: 0,
            deaf_until: 0,
            lost: BTreeSet::new(),
            down_until: 0,
            next_beat: self.now_ms + self.random.number() % BEAT_MS,
            chores: Vec::new(),
            last_note: BTreeMap::new(),
        }
    }

    /// The server of a world with one node.
    pub fn server(&self) -> &Server {
        self.node(0)
    }

    /// The server on a machine.
    pub fn node(&self, machine: usize) -> &Server {
        &self.machines[machine].server
    }

    /// What a machine takes for the time, in milliseconds since 1970.
    pub(crate) fn time_at(&self, machine: usize) -> u64 {
        let now = self.now().unix_ms;
        now.saturating_add_signed(self.machines[machine].clock_is_off_by)
    }

    /// The clock of a machine goes wrong by so many milliseconds.
    pub fn set_clock(&mut self, machine: usize, off_by: i64) {
        self.machines[machine].clock_is_off_by = off_by;
    }

    /// A machine loses its way to the database, and finds it again.
    pub fn cut_database(&mut self, machine: usize, time: Duration) {
        let until = self.now_ms + ms(time);
        self.machines[machine].cut_until = until;
        self.machines[machine].is_cut.store(true, Ordering::Relaxed);
    }

    /// A machine loses its way to the other nodes, and finds it again.
    pub fn deafen(&mut self, machine: usize, time: Duration) {
        self.machines[machine].deaf_until = self.now_ms + ms(time);
    }

    /// The node on a machine dies, and nobody reaches the next one there for a while.
    pub fn break_machine(&mut self, machine: usize, time: Duration) {
        self.restart_machine(machine);
        let until = self.now_ms + ms(time);
        self.machines[machine].down_until = until;
    }

    /// The database.
    pub fn repo(&self) -> &SimRepo {
        &self.repo
    }

    pub(crate) fn server_of(&self, session: SessionId) -> &Server {
        let machine = self.conns.get(&session).map_or(0, |conn| conn.machine);
        &self.machines[machine].server
    }

    /// Time passes on all machines.
    pub(crate) fn tick(&mut self) {
        let uptime = self.now_ms;
        for n in 0..self.machines.len() {
            let now = self.time_at(n);
            let machine = &mut self.machines[n];
            let is_cut = uptime < machine.cut_until;
            machine.is_cut.store(is_cut, Ordering::Relaxed);
            let server = machine.server.clone();
            if machine.deaf_until > 0 && uptime >= machine.deaf_until {
                machine.deaf_until = 0;
                self.say_what_was_missed(n);
            }
            let machine = &mut self.machines[n];
            if uptime >= machine.next_beat {
                machine.next_beat = uptime + BEAT_MS;
                let server = server.clone();
                machine.chores.push(Box::pin(async move {
                    server.logic().beat(uptime).await;
                    server.logic().keep_house(now).await;
                }));
            }
            server.logic().watch_lease(uptime);
            let outputs = server.tick(now);
            self.let_out(outputs);
        }
    }

    /// What was handed to the bus gets on its way, unless it is lost.
    pub(crate) fn carry_notes(&mut self) {
        let sent = self.wires.lock().take();
        for (from, (to, life), note) in sent {
            let is_deaf = |machine: &Machine| self.now_ms < machine.deaf_until;
            if is_deaf(&self.machines[from]) || is_deaf(&self.machines[to]) {
                self.machines[from].lost.insert(to);
                continue;
            }
            if self.random.chance(self.faults.lose_note) {
                continue;
            }
            let at = self.now_ms + self.delay();
            let last = self.machines[to].last_note.entry(from).or_default();
            *last = at.max(*last);
            let at = *last;
            let machine = to;
            self.later(at, Happening::Note(machine, life, note));
        }
    }

    /// The way to the others is back: they and this one know that notes were lost.
    fn say_what_was_missed(&mut self, machine: usize) {
        let mut concerned = std::mem::take(&mut self.machines[machine].lost);
        concerned.insert(machine);
        for to in concerned {
            let life = self.machines[to].life;
            let at = self.now_ms + self.delay();
            self.later(at, Happening::Note(to, life, Note::Missed));
        }
    }

    pub(crate) fn receive(&mut self, machine: usize, life: u32, note: Note) {
        let now = self.time_at(machine);
        let machine = &self.machines[machine];
        if machine.life == life {
            let outputs = machine.server.receive(note, now);
            self.let_out(outputs);
        }
    }

    /// Makes an account, as a user's first login does.
    pub(crate) fn register(&mut self, user: &str) {
        let number = i64::try_from(self.new_number()).expect("a few accounts");
        let repo = self.repo();
        let account = ready(repo.register(number, APP, user.into(), 0));
        account.expect("the repo is there");
    }

    /// Sets the policy of the app, as its operator may at any time.
    pub fn set_policy(&mut self, policy: Policy) {
        let repo = self.repo();
        assert!(ready(repo.set_policy(APP, policy)).expect("the repo is there"));
        self.policy = policy;
    }

    /// How many times a device lost its place to another one.
    pub fn kicks(&self) -> u64 {
        self.kicks + self.machines.iter().map(Machine::kicks).sum::<u64>()
    }

    /// The platforms on which a user is online, as the database has it.
    pub fn online(&self, user: &str) -> Vec<i32> {
        let seen = ready(self.repo().seen(APP, vec![user.into()])).expect("the repo is there");
        let seen = seen.into_iter().flatten();
        seen.flat_map(|seen| seen.platforms).collect()
    }

    /// The platforms of the sessions that a user has on all machines.
    pub fn sessions(&self, user: &str) -> Vec<i32> {
        let accounts = ready(self.repo().accounts(APP, vec![user.into()]));
        let accounts = accounts.expect("the repo is there").into_iter().flatten();
        let devices = accounts.flat_map(|account| {
            let machines = self.machines.iter();
            machines.flat_map(move |machine| machine.server.devices(account.id))
        });
        devices.map(|(_, platform)| platform).collect()
    }

    pub(crate) fn start_work(&mut self, session: SessionId, frame: Vec<u8>) {
        let login = login_of(&frame);
        let Some(conn) = self.conns.get(&session) else {
            return;
        };
        let now = self.time_at(conn.machine);
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        let server = self.machines[conn.machine].server.clone();
        let may_pipeline = server.logic().may_pipeline(session);
        if !may_pipeline && (!conn.work.is_empty() || !conn.held.is_empty()) {
            conn.held.push_back(frame);
            return;
        }
        if let Some(user) = login {
            conn.user = user;
        }
        let mut future: Pin<Box<dyn Future<Output = Outcome>>> =
            Box::pin(async move { server.handle(session, now, &frame).await });
        // Asked once at its start, as the real server does: writes are queued in this order.
        let work = match poll(future.as_mut()) {
            Some(outcome) => Work::Done(outcome),
            None => Work::Running(future),
        };
        conn.work.push_back(work);
        self.apply_done(session);
    }

    fn apply_done(&mut self, session: SessionId) {
        loop {
            let Some(conn) = self.conns.get_mut(&session) else {
                return;
            };
            if !matches!(conn.work.front(), Some(Work::Done(_))) {
                break;
            }
            let Some(Work::Done(outcome)) = conn.work.pop_front() else {
                return;
            };
            let outputs = self.server_of(session).apply(session, outcome);
            self.let_out(outputs);
        }
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        if conn.work.is_empty()
            && let Some(frame) = conn.held.pop_front()
        {
            let rest = std::mem::take(&mut conn.held);
            self.start_work(session, frame);
            for frame in rest {
                self.start_work(session, frame);
            }
        }
    }

    pub(crate) fn let_out(&mut self, mut outputs: Vec<Output>) {
        // The order of one session's outputs is a promise, that of the sessions is chance.
        outputs.sort_by_key(|output| match output {
            Output::Send(session, _) | Output::Close(session, ..) => *session,
        });
        self.watch_kicks(&outputs);
        self.watch_sessions();
        for output in outputs {
            match output {
                Output::Send(session, frame) => {
                    self.send_to_client(session, frame.to_vec());
                }
                Output::Close(session, code, reason) => {
                    let at = self.now_ms + self.delay();
                    let Some(conn) = self.conns.get(&session) else {
                        continue;
                    };
                    let at = conn.last_to_client.max(at);
                    self.later(at, Happening::EndAtClient(session, Some((code, reason))));
                    self.later(at, Happening::EndAtServer(session));
                }
            }
        }
    }

    /// Polls one of the server's futures, any of them.
    pub(crate) fn poll_some_work(&mut self) -> bool {
        let running: Vec<(SessionId, usize)> = self
            .conns
            .iter()
            .flat_map(|(id, conn)| {
                let work = conn.work.iter().enumerate();
                work.filter(|(_, work)| matches!(work, Work::Running(_)))
                    .map(|(n, _)| (*id, n))
            })
            .collect();
        let chores: usize = self.machines.iter().map(|m| m.chores.len()).sum();
        if running.is_empty() && chores == 0 {
            return false;
        }
        if self.random.below(running.len() + chores) >= running.len() {
            self.poll_a_chore();
            return true;
        }
        let (session, n) = *self.random.pick(&running);
        let conn = self.conns.get_mut(&session).expect("listed above");
        if let Work::Running(future) = &mut conn.work[n]
            && let Some(outcome) = poll(future.as_mut())
        {
            conn.work[n] = Work::Done(outcome);
            self.apply_done(session);
        }
        true
    }

    fn poll_a_chore(&mut self) {
        let busy: Vec<usize> = (0..self.machines.len())
            .filter(|n| !self.machines[*n].chores.is_empty())
            .collect();
        let machine = &mut self.machines[*self.random.pick(&busy)];
        let n = self.random.below(machine.chores.len());
        if poll(machine.chores[n].as_mut()).is_some() {
            drop(machine.chores.remove(n));
        }
        let outputs = machine.server.take();
        self.let_out(outputs);
    }

    pub(crate) fn finish_all_work(&mut self) {
        while self.poll_some_work() {}
    }

    /// A node dies and starts again: what was committed is there, nothing else.
    pub fn restart_server(&mut self) {
        let machine = self.random.below(self.machines.len());
        self.restart_machine(machine);
    }

    pub(crate) fn restart_machine(&mut self, machine: usize) {
        // A future that has begun a write has written it; what was not begun never happens.
        for conn in self.conns.values_mut().filter(|c| c.machine == machine) {
            self.uncounted += conn.work.len() as u64;
            conn.work.clear();
            conn.held.clear();
        }
        self.replace_server(machine);
    }

    /// A node stops as an operator stops it, and starts again after a while.
    pub fn stop_server(&mut self, retry_after_ms: u64, down_ms: u64) {
        let machine = self.random.below(self.machines.len());
        self.finish_all_work();
        let server = self.machines[machine].server.clone();
        let outputs = server.shutdown(Duration::from_millis(retry_after_ms));
        self.let_out(outputs);
        self.finish_all_work();
        finish(Box::pin(server.logic().resign(self.time_at(machine))));
        self.carry_notes();
        self.replace_server(machine);
        self.machines[machine].down_until = self.now_ms + down_ms;
    }

    fn replace_server(&mut self, machine: usize) {
        let conns = self.conns.iter().filter(|(_, c)| c.machine == machine);
        let sessions: Vec<SessionId> = conns.map(|(id, _)| *id).collect();
        for session in &sessions {
            let random = self.random.number() % 3_000;
            let conn = self.conns.get_mut(session).expect("listed above");
            conn.is_server_open = false;
            conn.held.clear();
            let at = conn.last_to_client.max(self.now_ms) + random;
            self.later(at, Happening::EndAtClient(*session, None));
        }
        self.agenda.retain(|_, happening| match happening {
            Happening::ToServer(id, _) | Happening::EndAtServer(id) => !sessions.contains(id),
            _ => true,
        });
        self.kicks += self.machines[machine].kicks();
        let life = self.machines[machine].life + 1;
        // A service manager starts it again until the database is there.
        self.machines[machine] = self.new_machine(machine, life);
    }

    pub(crate) fn end_at_server(&mut self, session: SessionId) {
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        if !std::mem::replace(&mut conn.is_server_open, false) {
            return;
        }
        let machine = conn.machine;
        // What it has begun is finished first, as the real server does.
        self.finish_all_work();
        let now = self.time_at(machine);
        let server = self.machines[machine].server.clone();
        let outputs = finish(Box::pin(
            async move { server.disconnected(session, now).await },
        ));
        self.let_out(outputs);
    }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).expect("a few minutes")
}

/// Whose login a frame is.
fn login_of(frame: &[u8]) -> Option<String> {
    if !is_login(frame) {
        return None;
    }
    let request: serde_json::Value = serde_json::from_slice(frame).ok()?;
    Some(request["body"]["user_id"].as_str()?.to_owned())
}

fn poll<T>(future: Pin<&mut (dyn Future<Output = T> + '_)>) -> Option<T> {
    match future.poll(&mut Context::from_waker(noop_waker_ref())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

fn finish<T>(mut future: Pin<Box<dyn Future<Output = T> + '_>>) -> T {
    loop {
        if let Some(value) = poll(future.as_mut()) {
            return value;
        }
    }
}

/// Runs a future of the simulated server to its end.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    finish(Box::pin(future))
}
