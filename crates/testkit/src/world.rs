//! The world: a node, devices, the network between them, and time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tim_core::{Command, Input, Now};
use timd::logic::{LogicConfig, SessionId};
use timd::policy::Policy;
use timd::repo::{App, Repo};

use crate::Random;
use crate::bus::Wires;
use crate::device::{Device, Wish};
use crate::engine::{SimEngine, SimRepo};
use crate::network::{Conn, Faults, Happening};
use crate::server::{Machine, ready};
use crate::sessions::Openers;
use crate::step::{Step, Ticket};

pub const APP: u64 = 1400000001;
pub(crate) const KEY: &str = "a key of the simulation";
/// More than this happens in no millisecond, unless something turns in circles.
const BUSY: u32 = 100_000;
const START_MS: u64 = 1_700_000_000_000;

pub struct World {
    pub random: Random,
    pub faults: Faults,
    pub now_ms: u64,
    pub devices: Vec<Device>,
    pub(crate) repo: SimRepo,
    pub(crate) machines: Vec<Machine>,
    pub(crate) wires: Arc<Mutex<Wires>>,
    /// To which machine a device connects; one of them by chance, if not said.
    pub homes: BTreeMap<usize, usize>,
    pub(crate) conns: BTreeMap<SessionId, Conn>,
    pub(crate) last_session: SessionId,
    pub(crate) agenda: BTreeMap<(u64, u64), Happening>,
    last_happening: u64,
    next_tick: u64,
    last_number: u64,
    pub(crate) openers: Openers,
    broken: Option<String>,
    /// An app whose process died logs in again at once.
    pub is_loyal: bool,
    /// Of the server that starts next.
    pub config: LogicConfig,
    pub(crate) policy: Policy,
    /// Who has at any time wanted nothing of whom.
    pub(crate) unwanted: BTreeSet<(String, &'static str)>,
    /// Devices that lost their places at servers before the present one.
    pub(crate) kicks: u64,
    /// Requests that were under way when a server crashed: what they had stored was not counted.
    pub uncounted: u64,
    /// Set by `TIM_SIM_TRACE`: what happens is printed.
    pub(crate) is_traced: bool,
}

impl World {
    /// A world with one app and nobody in it, on one node.
    pub fn new(seed: u64) -> Self {
        Self::with_nodes(seed, 1)
    }

    /// The same on several nodes.
    pub fn with_nodes(seed: u64, nodes: usize) -> Self {
        let repo = SimEngine::repo(seed, nodes > 1);
        let app = App {
            id: APP,
            key: KEY.into(),
            name: "sim".into(),
            created_at: 0,
            policy: Policy::default(),
        };
        assert!(ready(repo.create_app(app)).expect("an empty database"));
        let mut world = Self {
            random: Random::new(seed),
            faults: Faults::NONE,
            now_ms: 0,
            devices: Vec::new(),
            repo,
            machines: Vec::new(),
            wires: Arc::default(),
            homes: BTreeMap::new(),
            conns: BTreeMap::new(),
            last_session: 0,
            agenda: BTreeMap::new(),
            last_happening: 0,
            next_tick: 0,
            last_number: 0,
            openers: Openers::default(),
            broken: None,
            is_loyal: true,
            config: LogicConfig::default(),
            policy: Policy::default(),
            unwanted: BTreeSet::new(),
            kicks: 0,
            uncounted: 0,
            is_traced: std::env::var_os("TIM_SIM_TRACE").is_some(),
        };
        world.start_machines(nodes);
        world
    }

    pub fn now(&self) -> Now {
        Now {
            mono: Duration::from_millis(self.now_ms),
            unix_ms: START_MS + self.now_ms,
        }
    }

    /// Adds a device, which is off.
    pub(crate) fn install(&mut self, user: &str, platform: i32) -> usize {
        let seed = self.random.number();
        let number = self.devices.len();
        let address = u8::try_from(number).expect("a few devices");
        let device = Device::new(user, address, platform, APP, seed);
        self.devices.push(device);
        number
    }

    /// Adds a device that logs in at once.
    pub fn add_device(&mut self, user: &str, platform: i32) -> usize {
        let device = self.install(user, platform);
        self.login(device);
        device
    }

    /// Logs a device's own user in.
    pub fn login(&mut self, device: usize) {
        self.init(device, false);
        let user = self.devices[device].user.clone();
        self.log_in(device, &user, Ticket::Good);
    }

    pub(crate) fn init(&mut self, device: usize, is_polling: bool) {
        if !self.devices[device].is_on() {
            self.devices[device].is_polling = is_polling;
            let now = self.now();
            let wishes = self.devices[device].init(now);
            self.carry_out(device, wishes);
        }
    }

    pub(crate) fn uninit(&mut self, device: usize) {
        if self.devices[device].is_on() {
            let now = self.now();
            let wishes = self.devices[device].uninit(now);
            self.carry_out(device, wishes);
        }
    }

    /// Whether a user has at any time wanted nothing of a peer.
    pub(crate) fn is_unwanted(&self, user: &str, peer: &str) -> bool {
        let mut unwanted = self.unwanted.iter();
        unwanted.any(|(who, whom)| who == user && *whom == peer)
    }

    pub fn call(&mut self, device: usize, command: Command) {
        let now = self.now();
        let wishes = self.devices[device].call(now, command, Ticket::Good);
        self.carry_out(device, wishes);
    }

    pub(crate) fn hint(&mut self, device: usize) {
        let now = self.now();
        let wishes = self.devices[device].hint(now);
        self.carry_out(device, wishes);
    }

    /// Suspends or resumes.
    pub(crate) fn control(&mut self, device: usize, input: Input<'_>) {
        let now = self.now();
        let wishes = self.devices[device].control(now, input);
        self.carry_out(device, wishes);
    }

    /// How much has been on the agenda.
    pub(crate) fn happenings(&self) -> u64 {
        self.last_happening
    }

    /// A number that nobody has been given before.
    pub(crate) fn new_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    pub(crate) fn break_promise(&mut self, text: String) {
        self.broken.get_or_insert(text);
    }

    /// The first promise that was broken anywhere, if one was.
    pub fn hold(&self) -> std::result::Result<(), String> {
        self.broken().map_or(Ok(()), Err)
    }

    /// Prints a step of the program, when what happens is printed.
    pub(crate) fn say(&self, step: &Step) {
        if self.is_traced {
            eprintln!("{:>7} {step:?}", self.now_ms);
        }
    }

    fn broken(&self) -> Option<String> {
        let of_device = |(n, device): (usize, &Device)| {
            let text = device.broken()?;
            Some(format!("device {n}: {text}"))
        };
        let found = self.devices.iter().enumerate().find_map(of_device);
        found.or_else(|| self.broken.clone())
    }

    pub(crate) fn turn(&mut self, device: usize, input: Input<'_>) {
        let now = self.now();
        if self.devices[device].is_dying || self.random.chance(self.faults.die) {
            self.devices[device].die_in_turn(now, input);
            self.after_death(device);
            return;
        }
        let wishes = self.devices[device].turn(now, input);
        self.carry_out(device, wishes);
    }

    /// A device's process dies between two turns.
    pub fn kill(&mut self, device: usize) {
        if self.devices[device].is_on() {
            self.devices[device].crash();
            self.after_death(device);
        }
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
        if self.is_loyal {
            self.login(device);
        }
    }

    pub(crate) fn carry_out(&mut self, device: usize, wishes: Vec<Wish>) {
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

    pub(crate) fn later(&mut self, at: u64, happening: Happening) {
        self.last_happening += 1;
        self.agenda.insert((at, self.last_happening), happening);
    }

    // ---- time ----

    /// One step: some of the server's work, or the next thing on the agenda or a timer.
    fn step(&mut self, until: u64) -> bool {
        self.carry_notes();
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
            self.tick();
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
        if self.machines.len() > 1 && self.random.chance(self.faults.lose_database) {
            let machine = self.random.below(self.machines.len());
            let time = self.random.number() % 5_000;
            self.cut_database(machine, Duration::from_millis(time));
        }
    }

    /// Lets time pass. Panics when a promise is broken.
    pub fn run(&mut self, time: Duration) {
        self.run_ms(u64::try_from(time.as_millis()).expect("a few minutes"));
        self.hold().expect("all promises are kept");
    }

    pub(crate) fn run_ms(&mut self, ms: u64) {
        let until = self.now_ms + ms;
        let (mut moment, mut steps) = (self.now_ms, 0);
        while self.step(until) && self.broken().is_none() {
            steps = if moment == self.now_ms { steps + 1 } else { 0 };
            moment = self.now_ms;
            if steps > BUSY {
                self.break_promise(format!("{BUSY} steps within a millisecond"));
            }
        }
    }
}
