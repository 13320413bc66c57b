//! The world: a node, devices, the network between them, and time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use protocol::usersig;
use tim_core::{Command, Input, Now};
use timd::logic::{LogicConfig, SessionId};
use timd::policy::Policy;
use timd::repo::{App, Repo};

use crate::Random;
use crate::device::{Device, Wish};
use crate::engine::SimEngine;
use crate::network::{Conn, Faults, Happening};
use crate::server::{Server, ready};

pub const APP: u64 = 1400000001;
const KEY: &str = "a key of the simulation";
const START_MS: u64 = 1_700_000_000_000;

pub struct World {
    pub random: Random,
    pub faults: Faults,
    pub now_ms: u64,
    pub devices: Vec<Device>,
    pub(crate) server: Option<Arc<Server>>,
    pub(crate) conns: BTreeMap<SessionId, Conn>,
    pub(crate) last_session: SessionId,
    pub(crate) agenda: BTreeMap<(u64, u64), Happening>,
    last_happening: u64,
    pub(crate) seed: u64,
    next_tick: u64,
    /// An app whose process died logs in again at once.
    pub is_loyal: bool,
    /// Of the server that starts next.
    pub config: LogicConfig,
    /// Devices that lost their places at servers before the present one.
    pub(crate) kicks: u64,
    /// Set by `TIM_SIM_TRACE`: what happens is printed.
    pub(crate) is_traced: bool,
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
            policy: Policy::default(),
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
            is_loyal: true,
            config: LogicConfig::default(),
            kicks: 0,
            is_traced: std::env::var_os("TIM_SIM_TRACE").is_some(),
        };
        world.start_server(repo);
        world
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

    pub(crate) fn turn(&mut self, device: usize, input: Input<'_>) {
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
        if self.is_loyal {
            self.login(device);
        }
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

    pub(crate) fn later(&mut self, at: u64, happening: Happening) {
        self.last_happening += 1;
        self.agenda.insert((at, self.last_happening), happening);
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
}
