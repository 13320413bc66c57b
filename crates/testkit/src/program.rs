//! Programs: whole lives of devices, from a seed; run, and made smaller when they fail.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tim_core::LoginStatus;

use crate::app::{Counts, Out};
use crate::check::{self, Result, Truth};
use crate::conduct::Waits;
use crate::step::{PLATFORMS, Step, Ticket, USERS};
use crate::{Faults, Random, World};

/// So many runs are spent on making a failing program smaller.
const SHRINKING: usize = 400;

/// Steps, and the seed of everything that is chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    pub seed: u64,
    /// Of the server.
    pub nodes: usize,
    pub steps: Vec<Step>,
}

/// What a run has met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Met {
    pub steps: u64,
    /// Things that happened on the network.
    pub happenings: u64,
    pub counts: Counts,
    pub waits: Waits,
}

impl Met {
    /// Both together.
    pub fn add(&mut self, other: &Met) {
        self.steps += other.steps;
        self.happenings += other.happenings;
        self.counts.add(&other.counts);
        self.waits.add(&other.waits);
    }
}

impl Program {
    /// A life of so many steps in a world whose weather may change if `has_weather`.
    pub fn random(seed: u64, nodes: usize, length: usize, has_weather: bool) -> Self {
        let mut random = Random::new(seed ^ 0x5eed);
        let mut steps = Vec::new();
        for device in 0..PLATFORMS.len() {
            let is_polling = random.chance(300);
            let user = USERS[device % USERS.len()];
            let ticket = Ticket::Good;
            steps.push(Step::Init { device, is_polling });
            steps.push(Step::Login {
                device,
                user,
                ticket,
            });
        }
        while steps.len() < length {
            let step = Step::random(&mut random, nodes);
            let is_bad = matches!(
                step,
                Step::Weather(_)
                    | Step::Cut { .. }
                    | Step::CrashServer
                    | Step::StopServer { .. }
                    | Step::CutDatabase { .. }
                    | Step::Deafen { .. }
            );
            if has_weather || !is_bad {
                steps.push(step);
            }
        }
        Self { seed, nodes, steps }
    }

    /// Runs it. The error names the promise that was broken, and where.
    pub fn run(&self) -> Result<Met> {
        let run = || {
            let mut world = World::with_nodes(self.seed, self.nodes);
            world.is_loyal = false;
            // Nobody is refused for writing to somebody who has never been here.
            USERS.iter().for_each(|user| world.register(user));
            for (n, platform) in PLATFORMS.into_iter().enumerate() {
                world.install(USERS[n % USERS.len()], platform);
            }
            for (n, step) in self.steps.iter().enumerate() {
                world.say(step);
                world.act(step);
                world
                    .hold()
                    .map_err(|text| format!("step {n}, {step:?}: {text}"))?;
            }
            end(&mut world).map_err(|text| format!("at the end: {text}"))?;
            let mut met = Met {
                steps: self.steps.len() as u64,
                happenings: world.happenings(),
                ..Met::default()
            };
            for device in &world.devices {
                met.counts.add(&device.app.counts);
                met.waits.add(&device.waits());
            }
            Ok(met)
        };
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).into()));
            Err(format!("panicked: {}", text.unwrap_or_default()))
        })
    }

    /// A smaller program that fails alike.
    pub fn shrink(&self, text: &str) -> Self {
        let mut best = self.clone();
        let (mut runs, mut chunk) = (0, best.steps.len() / 2);
        while chunk > 0 {
            let mut at = 0;
            while at < best.steps.len() && runs < SHRINKING {
                let mut less = best.clone();
                less.steps.drain(at..(at + chunk).min(less.steps.len()));
                runs += 1;
                if less.run().is_err_and(|other| kind(&other) == kind(text)) {
                    best = less;
                } else {
                    at += chunk;
                }
            }
            chunk /= 2;
        }
        best
    }

    /// As a test would write it.
    pub fn source(&self) -> String {
        let mut text = format!(
            "Program {{\n    seed: {},\n    nodes: {},\n    steps: vec![\n",
            self.seed, self.nodes
        );
        for step in &self.steps {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "        {step:?},");
        }
        text + "    ],\n}"
    }

    /// Runs it, and panics with a small program when it fails.
    pub fn must_hold(&self) -> Met {
        self.run().unwrap_or_else(|text| {
            let small = self.shrink(&text);
            let why = small.run().err().unwrap_or_default();
            panic!(
                "TIM_SIM_SEED={}: {text}\nA smaller program, {why}:\n{}",
                self.seed,
                small.source()
            )
        })
    }
}

/// What a failure is about: its last words, which have no names and numbers in them.
fn kind(text: &str) -> String {
    let mut words: Vec<&str> = text.split_whitespace().rev().take(3).collect();
    words.retain(|word| word.chars().all(char::is_alphabetic));
    words.join(" ")
}

/// The network has healed: everybody comes to rest, then everybody who ever was anywhere comes
/// back there, sends what waits, and sees the truth.
fn end(world: &mut World) -> Result {
    world.faults = Faults::NONE;
    for device in &mut world.devices {
        device.is_polling = false;
        device.is_dying = false;
        device.app.poll(usize::MAX);
    }
    for device in 0..world.devices.len() {
        world.act(&Step::Resume { device });
    }
    // Back-offs end, heartbeats tell what was missed, tickets lapse.
    world.run_ms(500_000);
    world.hold()?;
    check::check_online(world)?;
    let truth = Truth::of(world)?;
    for n in 0..world.devices.len() {
        let app = &world.devices[n].app;
        let (status, user) = (app.status, app.told.clone());
        if !app.pending.is_empty() {
            return Err(format!(
                "device {n}: calls wait for ever: {:?}",
                app.pending
            ));
        }
        match (status, user) {
            (LoginStatus::LoggedIn, Some(user)) => check_in(world, &truth, n, &user)?,
            (LoginStatus::LoggedOut, _) => {}
            other => return Err(format!("device {n} rests in {other:?}")),
        }
    }
    // What waits in the outboxes goes out first, then the truth is settled.
    for is_settled in [false, true] {
        for n in 0..world.devices.len() {
            world.act(&Step::Logout { device: n });
        }
        world.run_ms(5_000);
        for n in 0..world.devices.len() {
            world.act(&Step::Init {
                device: n,
                is_polling: false,
            });
            for user in world.devices[n].accounts.clone() {
                come_back(world, n, &user, is_settled)?;
            }
        }
    }
    world.hold()
}

fn come_back(world: &mut World, n: usize, user: &str, is_settled: bool) -> Result {
    world.log_in(n, user, Ticket::Good);
    world.run_ms(20_000);
    if world.devices[n].app.out == Some(Out::Kicked) {
        // Its place was taken while it was away: told once.
        world.log_in(n, user, Ticket::Good);
        world.run_ms(20_000);
    }
    world.hold()?;
    let status = world.devices[n].app.status;
    if status != LoginStatus::LoggedIn {
        return Err(format!("device {n}: {user} cannot come back: {status:?}"));
    }
    if is_settled {
        let truth = Truth::of(world)?;
        check_in(world, &truth, n, user)?;
        let seen = truth.check_seen(world, n, user);
        let seen = seen.and_then(|()| truth.check_told(world, n, user));
        seen.map_err(|text| format!("device {n}, {user}: {text}"))?;
    }
    world.act(&Step::Logout { device: n });
    world.run_ms(3_000);
    world.hold()
}

/// The user is in, and what this device has is what the server has.
fn check_in(world: &mut World, truth: &Truth, n: usize, user: &str) -> Result {
    let stored = truth.check_store(world, n, user);
    stored.map_err(|text| format!("device {n}, {user}: {text}"))?;
    world.act(&Step::GetProfiles {
        device: n,
        force: false,
    });
    world.run_ms(1_000);
    let mut told = world.devices[n].app.profiles.iter();
    let told = told.rfind(|profile| profile.user_id == user);
    let (told, truly) = (told.cloned(), check::profile(world, user));
    if told != truly {
        return Err(format!(
            "device {n}: {user}'s profile is {told:?}, not {truly:?}"
        ));
    }
    Ok(())
}
