//! The world: a node, devices, the network between them, and time.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::noop_waker_ref;
use protocol::{Error, codes, usersig};
use tim_core::{Command, Epoch, Input, Now, Why};
use timd::logic::{Harness, LogicConfig, Outcome, Output as ServerOutput, SessionId};
use timd::repo::{App, Repo};

use crate::Random;
use crate::device::{Device, Wish};
use crate::engine::{SimEngine, SimRepo};

pub const APP: u64 = 1400000001;
const KEY: &str = "a key of the simulation";
const START_MS: u64 = 1_700_000_000_000;

/// How bad the network and the machines are, in thousandths a step.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// A connection is cut at a frame.
    pub cut: u32,
    /// A connection attempt fails.
    pub refuse: u32,
    /// A device's process dies, between turns or within one.
    pub die: u32,
    /// The server restarts.
    pub restart: u32,
    /// Longest delay of a frame.
    pub delay_ms: u64,
}

impl Faults {
    /// A good network.
    pub const NONE: Faults = Faults {
        cut: 0,
        refuse: 0,
        die: 0,
        restart: 0,
        delay_ms: 20,
    };
    /// A train in a tunnel.
    pub const BAD: Faults = Faults {
        cut: 30,
        refuse: 200,
        die: 4,
        restart: 2,
        delay_ms: 900,
    };
}

type Server = Harness<SimRepo>;

/// A request that the server works on, or its outcome that waits for its turn.
enum Work {
    Running(Pin<Box<dyn Future<Output = Outcome>>>),
    Done(Outcome),
}

/// A connection between a device and the server. Both ends may see its end at different times.
struct Conn {
    device: usize,
    epoch: Epoch,
    /// The device still has it.
    is_client_open: bool,
    /// The server still has it.
    is_server_open: bool,
    /// The wire is broken: nothing that is sent from now on arrives.
    is_cut: bool,
    /// Frames keep their order: nothing arrives before what was sent earlier.
    last_to_server: u64,
    last_to_client: u64,
    work: VecDeque<Work>,
    /// Frames that wait until the login before them is done.
    held: VecDeque<Vec<u8>>,
}

enum Happening {
    Connected(SessionId),
    ConnectFailed { device: usize, epoch: Epoch },
    ToServer(SessionId, Vec<u8>),
    ToClient(SessionId, Vec<u8>),
    EndAtServer(SessionId),
    EndAtClient(SessionId, Option<u16>),
}

pub struct World {
    pub random: Random,
    pub faults: Faults,
    pub now_ms: u64,
    pub devices: Vec<Device>,
    server: Option<Arc<Server>>,
    conns: BTreeMap<SessionId, Conn>,
    last_session: SessionId,
    agenda: BTreeMap<(u64, u64), Happening>,
    last_happening: u64,
    seed: u64,
    next_tick: u64,
    /// Set by `TIM_SIM_TRACE`: what happens is printed.
    is_traced: bool,
}

impl World {
    /// A world with one app and nobody in it.
    pub fn new(seed: u64) -> Self {
        let repo = SimEngine::repo(seed);
        let app = App {
            id: APP,
            key: KEY.into(),
            name: "sim".into(),
            created_at: 0,
        };
        assert!(ready(repo.create_app(app)).expect("an empty database"));
        let mut world = Self {
            random: Random::new(seed),
            faults: Faults::NONE,
            now_ms: 0,
            devices: Vec::new(),
            server: None,
            conns: BTreeMap::new(),
            last_session: 0,
            agenda: BTreeMap::new(),
            last_happening: 0,
            seed,
            next_tick: 0,
            is_traced: std::env::var_os("TIM_SIM_TRACE").is_some(),
        };
        world.start_server(repo);
        world
    }

    fn start_server(&mut self, repo: SimRepo) {
        let config = LogicConfig {
            id_seed: self.seed ^ self.now_ms,
            ..LogicConfig::default()
        };
        let server = Harness::new(repo, config);
        ready(server.logic().start()).expect("the repo is there");
        self.server = Some(Arc::new(server));
    }

    pub fn server(&self) -> &Server {
        self.server
            .as_deref()
            .expect("the server is only gone while it restarts")
    }

    pub fn now(&self) -> Now {
        Now {
            mono: Duration::from_millis(self.now_ms),
            unix_ms: START_MS + self.now_ms,
        }
    }

    pub fn ticket(&self, user: &str) -> String {
        usersig::mint(KEY, APP, user, self.now().unix_ms / 1000, 86400, None)
    }

    /// Adds a device that logs in at once.
    pub fn add_device(&mut self, user: &str, platform: i32) -> usize {
        let seed = self.random.number();
        self.devices.push(Device::new(user, platform, APP, seed));
        let device = self.devices.len() - 1;
        self.login(device);
        device
    }

    pub fn login(&mut self, device: usize) {
        let user_id = self.devices[device].user.clone();
        let user_sig = self.ticket(&user_id);
        self.call(device, Command::Login { user_id, user_sig });
    }

    pub fn call(&mut self, device: usize, command: Command) {
        let now = self.now();
        let wishes = self.devices[device].call(now, command);
        self.carry_out(device, wishes);
    }

    fn turn(&mut self, device: usize, input: Input<'_>) {
        let now = self.now();
        if self.random.chance(self.faults.die) {
            self.devices[device].die_in_turn(now, input);
            self.after_death(device);
            return;
        }
        let wishes = self.devices[device].turn(now, input);
        self.carry_out(device, wishes);
    }

    /// Kills a device's process between two turns and starts it again.
    pub fn kill(&mut self, device: usize) {
        self.devices[device].restart();
        self.after_death(device);
    }

    fn after_death(&mut self, device: usize) {
        let sessions: Vec<SessionId> = self
            .conns
            .iter()
            .filter(|(_, conn)| conn.device == device && conn.is_client_open)
            .map(|(id, _)| *id)
            .collect();
        for session in sessions {
            self.close_client_end(session);
        }
        self.login(device);
    }

    fn carry_out(&mut self, device: usize, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::Connect(epoch) => self.connect(device, epoch),
                Wish::Close(epoch) => {
                    if let Some(session) = self.session_of(device, epoch) {
                        self.close_client_end(session);
                    }
                }
                Wish::Send(epoch, text) => {
                    if let Some(session) = self.session_of(device, epoch) {
                        self.send_to_server(session, text.into_bytes());
                    }
                }
            }
        }
    }

    fn session_of(&self, device: usize, epoch: Epoch) -> Option<SessionId> {
        let mut conns = self.conns.iter();
        let found = conns
            .find(|(_, conn)| conn.device == device && conn.epoch == epoch && conn.is_client_open);
        found.map(|(id, _)| *id)
    }

    fn delay(&mut self) -> u64 {
        let most = self.faults.delay_ms.max(1);
        // Mostly quick, sometimes slow.
        let bound = if self.random.chance(800) {
            most.div_ceil(10)
        } else {
            most
        };
        self.random.number() % bound + 1
    }

    fn later(&mut self, at: u64, happening: Happening) {
        self.last_happening += 1;
        self.agenda.insert((at, self.last_happening), happening);
    }

    fn connect(&mut self, device: usize, epoch: Epoch) {
        let at = self.now_ms + self.delay();
        if self.random.chance(self.faults.refuse) {
            self.later(at, Happening::ConnectFailed { device, epoch });
            return;
        }
        self.last_session += 1;
        let conn = Conn {
            device,
            epoch,
            is_client_open: true,
            is_server_open: false,
            is_cut: false,
            last_to_server: at,
            last_to_client: at,
            work: VecDeque::new(),
            held: VecDeque::new(),
        };
        self.conns.insert(self.last_session, conn);
        self.later(at, Happening::Connected(self.last_session));
    }

    fn send_to_server(&mut self, session: SessionId, frame: Vec<u8>) {
        let at = self.now_ms + self.delay();
        let conn = self.conns.get_mut(&session);
        let Some(conn) = conn.filter(|conn| !conn.is_cut) else {
            return;
        };
        conn.last_to_server = at.max(conn.last_to_server);
        let at = conn.last_to_server;
        self.later(at, Happening::ToServer(session, frame));
        if self.random.chance(self.faults.cut) {
            self.cut(session);
        }
    }

    fn send_to_client(&mut self, session: SessionId, frame: Vec<u8>) {
        let at = self.now_ms + self.delay();
        let conn = self.conns.get_mut(&session);
        let Some(conn) = conn.filter(|conn| !conn.is_cut) else {
            return;
        };
        conn.last_to_client = at.max(conn.last_to_client);
        let at = conn.last_to_client;
        self.later(at, Happening::ToClient(session, frame));
        if self.random.chance(self.faults.cut) {
            self.cut(session);
        }
    }

    /// The wire breaks. Of what is under way a part still arrives, maybe long after the device
    /// has a new connection; each end notices in its own time.
    fn cut(&mut self, session: SessionId) {
        let (keep_up, keep_down) = (self.random.below(4), self.random.below(4));
        let (mut up, mut down) = (0, 0);
        self.agenda.retain(|_, happening| match happening {
            Happening::ToServer(id, _) if *id == session => {
                up += 1;
                up <= keep_up
            }
            Happening::ToClient(id, _) if *id == session => {
                down += 1;
                down <= keep_down
            }
            _ => true,
        });
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        conn.is_cut = true;
        let (server, client) = (conn.last_to_server, conn.last_to_client);
        let at_server = server.max(self.now_ms) + self.random.number() % 5_000;
        let at_client = client.max(self.now_ms) + self.random.number() % 2_000;
        self.later(at_server, Happening::EndAtServer(session));
        self.later(at_client, Happening::EndAtClient(session, None));
    }

    fn close_client_end(&mut self, session: SessionId) {
        let at = self.now_ms + self.delay();
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        conn.is_client_open = false;
        let at = conn.last_to_server.max(at);
        self.later(at, Happening::EndAtServer(session));
    }

    // ---- the server's side ----

    fn start_work(&mut self, session: SessionId, frame: Vec<u8>) {
        let server = Arc::clone(self.server.as_ref().expect("the server runs"));
        let is_open = server.logic().is_open(session);
        let now = self.now().unix_ms;
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        if !is_open && (!conn.work.is_empty() || !conn.held.is_empty()) {
            conn.held.push_back(frame);
            return;
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
            let outputs = self.server().apply(session, outcome);
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

    fn let_out(&mut self, outputs: Vec<ServerOutput>) {
        for output in outputs {
            match output {
                ServerOutput::Send(session, frame) => {
                    self.send_to_client(session, frame.to_vec());
                }
                ServerOutput::Close(session, code, _) => {
                    let at = self.now_ms + self.delay();
                    let Some(conn) = self.conns.get(&session) else {
                        continue;
                    };
                    let at = conn.last_to_client.max(at);
                    self.later(at, Happening::EndAtClient(session, Some(code)));
                    self.later(at, Happening::EndAtServer(session));
                }
            }
        }
    }

    /// Polls one of the server's futures, any of them.
    fn poll_some_work(&mut self) -> bool {
        let running: Vec<(SessionId, usize)> = self
            .conns
            .iter()
            .flat_map(|(id, conn)| {
                let work = conn.work.iter().enumerate();
                work.filter(|(_, work)| matches!(work, Work::Running(_)))
                    .map(|(n, _)| (*id, n))
            })
            .collect();
        if running.is_empty() {
            return false;
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

    fn finish_all_work(&mut self) {
        while self.poll_some_work() {}
    }

    /// The server stops, with what it had accepted on disk, and starts again.
    pub fn restart_server(&mut self) {
        // A future that has begun a write has written it; what was not begun never happens.
        for conn in self.conns.values_mut() {
            conn.work.clear();
            conn.held.clear();
        }
        let sessions: Vec<SessionId> = self.conns.keys().copied().collect();
        for session in sessions {
            let conn = self.conns.get_mut(&session).expect("listed above");
            conn.is_server_open = false;
            let at = self.now_ms + self.random.number() % 3_000;
            self.later(at, Happening::EndAtClient(session, None));
        }
        self.agenda.retain(|_, happening| {
            !matches!(
                happening,
                Happening::ToServer(..) | Happening::EndAtServer(_)
            )
        });
        let server = self.server.take().expect("it runs");
        let Ok(server) = Arc::try_unwrap(server) else {
            panic!("no future is left")
        };
        self.start_server(server.into_repo());
    }

    // ---- time ----

    /// One step: some of the server's work, or the next thing on the agenda or a timer.
    fn step(&mut self, until: u64) -> bool {
        if self.random.chance(700) && self.poll_some_work() {
            return true;
        }
        let next_event = self.agenda.keys().next().map(|(at, _)| *at);
        let timers = self.devices.iter().enumerate().filter_map(|(n, device)| {
            let at = u64::try_from(device.next_timeout()?.as_micros().div_ceil(1000)).ok()?;
            Some((at.max(self.now_ms), n))
        });
        let next_timer = timers.min();
        let next = [
            next_event,
            next_timer.map(|(at, _)| at),
            Some(self.next_tick),
        ];
        let at = next.into_iter().flatten().min().unwrap_or(until);
        if at > until {
            if self.poll_some_work() {
                return true;
            }
            self.now_ms = until;
            return false;
        }
        if at > self.now_ms {
            // Time only passes when the server has nothing to do at this moment.
            self.finish_all_work();
        }
        if self.agenda.keys().next().map(|(at, _)| *at) < Some(at)
            && self.agenda.keys().next().is_some()
        {
            return true;
        }
        self.now_ms = self.now_ms.max(at);
        if self.next_tick <= self.now_ms {
            self.next_tick = self.now_ms + 100;
            let now = self.now().unix_ms;
            let outputs = self.server().tick(now);
            self.let_out(outputs);
        } else if next_event == Some(at) {
            let (_, happening) = self.agenda.pop_first().expect("it is next");
            self.happen(happening);
        } else if let Some((_, device)) = next_timer {
            self.turn(device, Input::Timeout);
        }
        self.misfortune();
        true
    }

    fn misfortune(&mut self) {
        if !self.devices.is_empty() && self.random.chance(self.faults.die / 4) {
            let device = self.random.below(self.devices.len());
            self.kill(device);
        }
        if self.random.chance(self.faults.restart) {
            self.restart_server();
        }
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        let until = self.now_ms + u64::try_from(time.as_millis()).expect("a few minutes");
        while self.step(until) {}
    }

    fn happen(&mut self, happening: Happening) {
        if self.is_traced {
            self.trace(&happening);
        }
        match happening {
            Happening::Connected(session) => {
                let Some(conn) = self.conns.get_mut(&session) else {
                    return;
                };
                if !conn.is_client_open {
                    return;
                }
                conn.is_server_open = true;
                let (device, epoch) = (conn.device, conn.epoch);
                let now = self.now().unix_ms;
                let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
                self.server().connect(session, now, peer);
                self.turn(device, Input::Connected(epoch));
            }
            Happening::ConnectFailed { device, epoch } => {
                let why = Why::new(Error::of(codes::SDK_NET_NET_UNREACH));
                self.turn(device, Input::Disconnected(epoch, why));
            }
            Happening::ToServer(session, frame) => {
                if self
                    .conns
                    .get(&session)
                    .is_some_and(|conn| conn.is_server_open)
                {
                    self.start_work(session, frame);
                }
            }
            Happening::ToClient(session, frame) => {
                let Some(conn) = self.conns.get(&session) else {
                    return;
                };
                if conn.is_client_open {
                    let (device, epoch) = (conn.device, conn.epoch);
                    self.turn(device, Input::Frame(epoch, &frame));
                }
            }
            Happening::EndAtServer(session) => self.end_at_server(session),
            Happening::EndAtClient(session, close_code) => {
                let Some(conn) = self.conns.get_mut(&session) else {
                    return;
                };
                if !std::mem::replace(&mut conn.is_client_open, false) {
                    return;
                }
                let (device, epoch) = (conn.device, conn.epoch);
                let error = Error::of(codes::SDK_NET_DISCONNECT);
                let why = Why {
                    error,
                    close_code,
                    retry_after_ms: None,
                };
                self.turn(device, Input::Disconnected(epoch, why));
            }
        }
    }

    fn trace(&self, happening: &Happening) {
        let (session, what, frame) = match happening {
            Happening::Connected(id) => (*id, "connected", &[][..]),
            Happening::ConnectFailed { device, .. } => {
                eprintln!("{:>7} device {device} cannot connect", self.now_ms);
                return;
            }
            Happening::ToServer(id, frame) => (*id, ">", &frame[..]),
            Happening::ToClient(id, frame) => (*id, "<", &frame[..]),
            Happening::EndAtServer(id) => (*id, "ends at the server", &[][..]),
            Happening::EndAtClient(id, _) => (*id, "ends at the device", &[][..]),
        };
        let Some(conn) = self.conns.get(&session) else {
            return;
        };
        let name = &self.devices[conn.device];
        let frame = String::from_utf8_lossy(frame);
        let (at, user, platform) = (self.now_ms, &name.user, name.platform);
        let ends = (conn.is_client_open, conn.is_server_open);
        eprintln!("{at:>7} {user}/{platform} #{session} {ends:?} {what} {frame}");
    }

    fn end_at_server(&mut self, session: SessionId) {
        let Some(conn) = self.conns.get_mut(&session) else {
            return;
        };
        if !std::mem::replace(&mut conn.is_server_open, false) {
            return;
        }
        // What it has begun is finished first, as the real server does.
        self.finish_all_work();
        let now = self.now().unix_ms;
        let server = Arc::clone(self.server.as_ref().expect("the server runs"));
        let outputs = finish(Box::pin(
            async move { server.disconnected(session, now).await },
        ));
        self.let_out(outputs);
    }
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
