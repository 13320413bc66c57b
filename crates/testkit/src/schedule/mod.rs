//! Schedules: short lives of two or three nodes at the level of the server's logic, with clients that
//! have hardly any rules, so that one takes less than a millisecond and a million can be tried.
//!
//! A schedule is drawn from its number: who does what, which transaction takes effect next, which
//! request is gone on with, which frame or note arrives, what breaks. Then all that is broken heals,
//! and what has to hold is looked at: `heal.rs` has the list, `verdict.rs` what each commit is held
//! to. `crates/testkit/tests/schedules.rs` runs them; docs/testing.md tells how to repeat one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use protocol::usersig;
use timd::policy::{Policy, Together};
use timd::repo::{App, Repo};

use crate::server::ready;
use engine::Store;
use world::World;

mod client;
mod engine;
mod heal;
mod steps;
mod verdict;
mod world;

/// The last of them has not registered when a schedule begins.
const USERS: [&str; 3] = ["alice", "bob", "carol"];
/// At most so many.
const DEVICES: usize = 8;
const KEY: &str = "a key of thirty-two bytes, or so";
/// When every schedule begins, in milliseconds since 1970.
const BEGIN_MS: u64 = 1_750_000_000_000;

/// What happened in some schedules.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Met {
    pub schedules: u64,
    pub choices: u64,
    pub steps: u64,
    pub logins: u64,
    pub displaced: u64,
    pub messages: u64,
    pub news: u64,
    pub cuts: u64,
    pub crashes: u64,
}

impl Met {
    fn add(&mut self, other: &Met) {
        self.schedules += other.schedules;
        self.choices += other.choices;
        self.steps += other.steps;
        self.logins += other.logins;
        self.displaced += other.displaced;
        self.messages += other.messages;
        self.news += other.news;
        self.cuts += other.cuts;
        self.crashes += other.crashes;
    }
}

/// A schedule in which something did not hold.
#[derive(Debug)]
pub struct Broken {
    pub seed: u64,
    pub what: String,
    /// What happened, when that was asked for.
    pub trace: Vec<String>,
}

/// Runs schedules one after the other, in one database.
pub struct Explorer {
    store: Arc<Store>,
    /// An app for each policy, with tickets of all users.
    apps: Vec<(u64, Policy, Vec<String>)>,
}

impl Default for Explorer {
    fn default() -> Self {
        Self::new()
    }
}

impl Explorer {
    pub fn new() -> Self {
        let store = Arc::new(Store::new());
        let repo = store.way();
        let all = [
            (Together::Single, 1, 1),
            (Together::Dual, 1, 1),
            (Together::Triple, 1, 1),
            (Together::Multi, 1, 1),
            (Together::Multi, 2, 2),
            (Together::All, 1, 1),
        ];
        let mut apps = Vec::new();
        for (id, (together, instances, web_instances)) in (1..).zip(all) {
            let policy = Policy {
                together,
                instances,
                web_instances,
            };
            let app = App {
                id,
                key: KEY.into(),
                name: String::new(),
                created_at: 0,
                policy,
            };
            assert!(ready(repo.create_app(app)).expect("the database is there"));
            for (number, user) in USERS[..USERS.len() - 1].iter().enumerate() {
                let account = id as i64 * 10 + number as i64;
                let registered = repo.register(account, id, (*user).into(), 0);
                ready(registered).expect("the database is there");
            }
            let (now, year) = (BEGIN_MS / 1000 - 60, 365 * 86_400);
            let ticket = |user: &&str| usersig::mint(KEY, id, user, now, year, None);
            apps.push((id, policy, USERS.iter().map(ticket).collect()));
        }
        Self { store, apps }
    }

    /// Runs one schedule.
    pub fn run(&self, seed: u64, is_traced: bool) -> Result<Met, Broken> {
        let (app_id, policy, tickets) = &self.apps[(seed % self.apps.len() as u64) as usize];
        self.store.begin(seed, *app_id, *policy);
        let mut world = World::new(seed, *app_id, self.store.clone(), tickets, is_traced);
        let ran = catch_unwind(AssertUnwindSafe(|| world.live()));
        self.store.undo();
        let what = match ran {
            Ok(Ok(())) => return Ok(world.met),
            Ok(Err(what)) => what,
            Err(panic) => panic_text(&*panic),
        };
        Err(Broken {
            seed,
            what: format!("{what} ({policy:?})"),
            trace: std::mem::take(&mut world.trace),
        })
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned()));
    format!("a panic: {}", text.unwrap_or_default())
}

/// Runs `count` schedules from `first` on, on all cores. The error is the first that was found, with
/// its trace.
pub fn explore(first: u64, count: u64) -> Result<Met, Broken> {
    const AT_ONCE: u64 = 64;
    let next = AtomicU64::new(first);
    let end = first + count;
    let is_over = AtomicBool::new(false);
    let met = Mutex::new(Met::default());
    let broken: Mutex<Option<Broken>> = Mutex::new(None);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let explorer = Explorer::new();
        loop {
            let from = next.fetch_add(AT_ONCE, Ordering::Relaxed);
            for seed in from..end.min(from + AT_ONCE) {
                match explorer.run(seed, false) {
                    Ok(one) => met.lock().add(&one),
                    Err(found) => {
                        is_over.store(true, Ordering::Relaxed);
                        let mut broken = broken.lock();
                        if broken.as_ref().is_none_or(|b| found.seed < b.seed) {
                            *broken = Some(found);
                        }
                    }
                }
            }
            if from + AT_ONCE >= end || is_over.load(Ordering::Relaxed) {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    match broken.into_inner() {
        Some(found) => Err(Explorer::new().run(found.seed, true).err().unwrap_or(found)),
        None => Ok(met.into_inner()),
    }
}
