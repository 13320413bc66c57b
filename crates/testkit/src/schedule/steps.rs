//! What people, operators and machines do.

use protocol::user::platform::{ANDROID, IOS, LINUX, WEB, WINDOWS};

use timd::logic::{BEAT_MS, LEASE_MS};

use super::USERS;
use super::client::{Asked, Client};
use super::world::{World, tell};

const STEPS: usize = 20;
const PLATFORMS: [i32; 5] = [LINUX, WINDOWS, ANDROID, IOS, WEB];

impl World {
    /// The whole schedule.
    pub fn live(&mut self) -> Result<(), String> {
        let devices = 3 + self.random.below(4);
        for number in 0..devices {
            // Two users with several devices each, more often than not.
            let user = [0, 0, 0, 1, 1, 2][self.random.below(6)];
            // Rivals on a platform are what is interesting.
            let platform = PLATFORMS[self.random.below(if number % 2 == 0 { 2 } else { 5 })];
            self.clients.push(Client::new(number, user, platform));
        }
        let has_faults = self.random.chance(600);
        let eagerness = *self.random.pick(&[300, 600, 850, 950]);
        let steps = STEPS + self.random.below(STEPS);
        for _ in 0..3 {
            self.log_in();
        }
        for _ in 0..steps {
            self.met.steps += 1;
            self.step(has_faults);
            while self.random.chance(eagerness) && self.go_on() {}
            self.check()?;
        }
        self.heal()
    }

    fn step(&mut self, has_faults: bool) {
        let bound = if has_faults { 133 } else { 112 };
        match self.random.below(bound) {
            0..=15 => self.log_in(),
            16..=23 => self.come_back(),
            24..=29 => self.log_out(),
            30..=36 => {
                if let Some(client) = self.someone(|c| c.conn.is_some()) {
                    self.leave(client, true);
                }
            }
            37..=62 => self.write(),
            63..=67 => self.read(),
            68..=75 => self.set_status(),
            76..=83 => self.watch(),
            84..=87 => self.profile(),
            88..=91 => self.heartbeat(),
            92..=97 => self.beats(),
            98..=105 => {
                let ms = *self.random.pick(&[1, 50, 250, 1_000]);
                self.wait(ms);
            }
            106..=108 => self.wait(BEAT_MS),
            109..=111 => self.drain(),
            112..=117 => self.break_node(),
            118..=120 => self.start_again(),
            121..=124 => self.cut_or_mend(),
            125..=127 => self.lose_a_note(),
            128..=130 => {
                let machine = self.random.below(self.nodes.len());
                if self.nodes[machine].is_deaf {
                    self.hear_again(machine);
                } else {
                    tell!(self, "{} node {machine} hears nothing", self.now);
                    self.nodes[machine].is_deaf = true;
                }
            }
            _ => self.long_silence(),
        }
    }

    fn someone(&mut self, is_meant: impl Fn(&Client) -> bool) -> Option<usize> {
        let found: Vec<usize> = (0..self.clients.len())
            .filter(|n| is_meant(&self.clients[*n]))
            .collect();
        (!found.is_empty()).then(|| *self.random.pick(&found))
    }

    /// Somebody logs in; now and then several devices of a user at the same instant.
    fn log_in(&mut self) {
        let Some(first) = self.someone(|c| !c.wants) else {
            return;
        };
        let user = self.clients[first].user;
        let all = self.random.chance(400);
        for client in 0..self.clients.len() {
            let is_one = client == first || all && self.clients[client].user == user;
            if !is_one || self.clients[client].wants {
                continue;
            }
            // It may still be saying goodbye.
            self.leave(client, false);
            self.clients[client].wants = true;
            self.clients[client].was_in = false;
            self.clients[client].told_until = self.store.book().commits;
            self.connect_somewhere(client);
        }
    }

    pub fn connect_somewhere(&mut self, client: usize) {
        let open = self.open();
        if !open.is_empty() {
            let machine = *self.random.pick(&open);
            self.connect(client, machine);
        }
    }

    fn come_back(&mut self) {
        if let Some(client) = self.someone(|c| c.wants && c.conn.is_none()) {
            self.connect_somewhere(client);
        }
    }

    fn log_out(&mut self) {
        let Some(client) = self.someone(|c| c.wants) else {
            return;
        };
        let is_in = self.clients[client].is_in;
        self.clients[client].leaves();
        if is_in {
            self.ask(client, Asked::Logout, "session.logout", "{}");
        } else {
            self.leave(client, false);
        }
    }

    fn someone_in(&mut self) -> Option<usize> {
        self.someone(|c| c.is_in && c.wants)
    }

    fn write(&mut self) {
        let Some(client) = self.someone_in() else {
            return;
        };
        for _ in 0..=self.random.below(3) {
            let to = self.random.below(USERS.len());
            if self.store.book().now.account(to).is_none() {
                continue;
            }
            let own = &mut self.clients[client];
            own.sent += 1;
            let number = own.sent;
            own.unanswered.push((number, to));
            let frame = own.message(number, to);
            self.send(client, frame);
            self.met.messages += 1;
        }
    }

    fn read(&mut self) {
        if let Some(client) = self.someone_in() {
            let peer = USERS[self.random.below(USERS.len())];
            let seq = self.random.below(8);
            let body = format!(r#"{{"conv":{{"conv_type":1,"conv_id":"{peer}"}},"seq":{seq}}}"#);
            self.ask(client, Asked::Other, "message.read", &body);
        }
    }

    fn set_status(&mut self) {
        if let Some(client) = self.someone_in() {
            let text = self.random.below(3);
            let body = format!(r#"{{"custom_status":"{text}"}}"#);
            self.ask(client, Asked::Other, "user.set_status", &body);
        }
    }

    fn watch(&mut self) {
        let Some(client) = self.someone_in() else {
            return;
        };
        let own = self.clients[client].user;
        let whom = 1 + self.random.below(6) as u32;
        let whom = whom & !(1 << own);
        let names = USERS.iter().enumerate();
        let names: Vec<String> = names
            .filter(|(user, _)| whom >> user & 1 == 1)
            .map(|(_, name)| format!("{name:?}"))
            .collect();
        let body = format!(r#"{{"users":[{}]}}"#, names.join(","));
        let topic = if self.random.chance(800) {
            "status"
        } else {
            "profiles"
        };
        if self.random.chance(300) {
            self.ask(
                client,
                Asked::Other,
                &format!("user.unsubscribe_{topic}"),
                &body,
            );
        } else if whom != 0 {
            let asked = if topic == "status" {
                Asked::Subscribe(whom)
            } else {
                Asked::Other
            };
            self.ask(client, asked, &format!("user.subscribe_{topic}"), &body);
        }
    }

    fn profile(&mut self) {
        if let Some(client) = self.someone_in() {
            let name = self.random.below(4);
            let body = format!(r#"{{"user_profile_item_nick_name":"{name}"}}"#);
            self.ask(client, Asked::Other, "user.set_profile", &body);
        }
    }

    fn heartbeat(&mut self) {
        if let Some(client) = self.someone_in() {
            self.ask(client, Asked::Heartbeat, "session.heartbeat", "{}");
        }
    }

    fn beats(&mut self) {
        let up = self.up();
        if !up.is_empty() {
            let machine = *self.random.pick(&up);
            self.beat(machine);
        }
    }

    /// As a rule everything that waits for nothing but its turn gets it meanwhile.
    fn wait(&mut self, ms: u64) {
        if self.random.chance(700) {
            self.drain();
        } else {
            // A push that waits for an earlier one may be passed on before it.
            for client in &mut self.clients {
                client.is_order_off = true;
            }
        }
        self.pass(ms);
    }

    fn break_node(&mut self) {
        let open = self.open();
        if open.is_empty() {
            return;
        }
        let machine = *self.random.pick(&open);
        if self.random.chance(500) {
            self.stop(machine);
        } else {
            self.met.crashes += 1;
            self.is_lossy = true;
            self.crash(machine);
        }
    }

    fn start_again(&mut self) {
        for machine in 0..self.nodes.len() {
            if self.nodes[machine].server.is_none() {
                self.start(machine);
                return;
            }
        }
    }

    fn cut_or_mend(&mut self) {
        let machine = self.random.below(self.nodes.len());
        let node = &self.nodes[machine];
        if node.is_cut.load(std::sync::atomic::Ordering::Relaxed) {
            self.mend(machine);
        } else if node.server.is_some() {
            self.met.cuts += 1;
            self.is_lossy = true;
            self.cut(machine);
        }
    }

    /// Long enough for a node that is gone to be found dead.
    fn long_silence(&mut self) {
        tell!(self, "{} a long silence", self.now);
        // A machine may stand still so long, in the middle of anything.
        let sleeper = self.random.below(self.nodes.len());
        if self.random.chance(500) && self.nodes[sleeper].server.is_some() {
            tell!(self, "{} node {sleeper} falls asleep", self.now);
            self.is_lossy = true;
            self.nodes[sleeper].is_asleep = true;
            // What waits for it is passed on before it.
            for client in &mut self.clients {
                client.is_order_off = true;
            }
        }
        for _ in 0..4 {
            self.wait(LEASE_MS / 2);
            for machine in self.up() {
                self.beat(machine);
            }
            if self.random.chance(900) {
                self.drain();
            }
        }
        self.nodes[sleeper].is_asleep = false;
    }
}
