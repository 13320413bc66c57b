//! Devices of one user under every policy, in a bad world. `TIM_SIM_SEEDS=N` runs more seeds,
//! `TIM_SIM_SEED=N` one alone.

use std::time::Duration;

use protocol::user::platform::{ANDROID, IOS, LINUX, MAC, WEB, WINDOWS};
use testkit::app::Out;
use testkit::{Faults, World};
use tim_core::{Command, LoginStatus};
use timd::metrics::LoginOutcome;
use timd::policy::{Policy, Together};

fn seeds(default: u64) -> std::ops::Range<u64> {
    let number = |name| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    if let Some(seed) = number("TIM_SIM_SEED") {
        return seed..seed + 1;
    }
    0..number("TIM_SIM_SEEDS").unwrap_or(default)
}

/// Whether these may be online together: the rule once more, from the table of the documents.
fn may_be_together(policy: Policy, online: &[i32]) -> bool {
    let of = |wanted: &[i32]| -> Vec<i32> {
        let mut found: Vec<i32> = online
            .iter()
            .copied()
            .filter(|p| wanted.contains(p))
            .collect();
        found.sort_unstable();
        found
    };
    let (mobile, desktop, web) = ([ANDROID, IOS], [WINDOWS, MAC, LINUX], [WEB]);
    let platforms = |wanted: &[i32]| {
        let mut found = of(wanted);
        found.dedup();
        found.len()
    };
    let (native, all) = (
        [&mobile[..], &desktop].concat(),
        [&mobile[..], &desktop, &web].concat(),
    );
    let groups_hold = match policy.together {
        Together::Single => platforms(&all) <= 1,
        Together::Dual => platforms(&native) <= 1,
        Together::Triple => platforms(&mobile) <= 1 && platforms(&desktop) <= 1,
        Together::Multi | Together::All => true,
    };
    let (others, tabs) = match policy.together {
        Together::All => (3, 10),
        _ => (policy.instances as usize, policy.web_instances as usize),
    };
    groups_hold
        && native
            .iter()
            .all(|platform| of(&[*platform]).len() <= others)
        && of(&web).len() <= tabs
}

const DEVICES: [i32; 7] = [LINUX, LINUX, WINDOWS, ANDROID, IOS, WEB, WEB];

/// Lets time pass and looks all the while.
fn run(world: &mut World, policy: Policy, time: Duration, seed: u64) {
    let until = world.now_ms + u64::try_from(time.as_millis()).unwrap_or(0);
    while world.now_ms < until {
        world.run(Duration::from_millis(100));
        let online = world.sessions("alice");
        assert!(
            may_be_together(policy, &online),
            "seed {seed}: {policy:?}: {online:?}"
        );
    }
}

/// At rest, since a login is counted a moment after it has displaced others, and but for logins that a
/// crash of the server came upon in that moment.
fn nobody_is_told_twice(world: &World, seed: u64) {
    let told = world.devices.iter().map(|device| device.app.counts.kicks);
    let (told, kicks) = (told.sum::<u64>(), world.kicks());
    let crashed = world.uncounted * DEVICES.len() as u64;
    assert!(
        told <= kicks + crashed,
        "seed {seed}: {told} told of {kicks}"
    );
}

fn policies(seed: u64) {
    let mut world = World::new(seed);
    let together = [
        Together::Single,
        Together::Dual,
        Together::Triple,
        Together::Multi,
        Together::All,
    ];
    let policy = Policy {
        together: together[world.random.below(together.len())],
        instances: 1 + u32::from(world.random.chance(300)),
        web_instances: 1 + u32::from(world.random.chance(300)),
    };
    world.set_policy(policy);
    world.is_loyal = false;
    for platform in DEVICES {
        world.add_device("alice", platform);
    }
    world.faults = Faults::BAD;
    for _ in 0..40 {
        let device = world.random.below(DEVICES.len());
        match world.random.below(6) {
            0 => world.call(device, Command::Logout),
            1 => world.kill(device),
            2 | 3 => world.login(device),
            _ => {}
        }
        let pause = world.random.number() % 4_000;
        run(&mut world, policy, Duration::from_millis(pause), seed);
    }
    // At rest: whoever is out knows why, and nobody is out who could be in.
    world.faults = Faults::NONE;
    run(&mut world, policy, Duration::from_secs(400), seed);
    nobody_is_told_twice(&world, seed);
    let mut logged_in = Vec::new();
    for device in &world.devices {
        match (device.app.status, device.app.out) {
            (LoginStatus::LoggedIn, None) => logged_in.push(device.platform),
            (LoginStatus::LoggedOut, _) => {}
            other => panic!("seed {seed}: {other:?}"),
        }
        // An app that was logged in and is not was told, unless it died or asked for it.
        if device.app.status == LoginStatus::LoggedOut {
            assert!(device.app.out.is_some(), "seed {seed}: out without a word");
        }
    }
    let mut online = world.sessions("alice");
    online.sort_unstable();
    logged_in.sort_unstable();
    assert_eq!(online, logged_in, "seed {seed}: {policy:?}");
    // 6208 is a warning given once, not a lock: each one gets in, in the end.
    for device in 0..DEVICES.len() {
        let before = world.devices[device].app.counts.kicks;
        for attempt in 0..2 {
            world.login(device);
            run(&mut world, policy, Duration::from_secs(2), seed);
            let app = &world.devices[device].app;
            match app.out {
                None => break,
                Some(Out::Kicked) if attempt == 0 => assert_eq!(app.counts.kicks, before + 1),
                other => panic!("seed {seed}: device {device}: {other:?}"),
            }
        }
    }
}

#[test]
fn devices_of_a_user_under_every_policy() {
    for seed in seeds(60) {
        policies(seed);
    }
}

#[test]
fn nobody_kicks_himself() {
    for seed in seeds(20) {
        let mut world = World::new(seed);
        let policy = Policy {
            together: Together::Single,
            ..Policy::default()
        };
        world.set_policy(policy);
        for user in ["alice", "bob", "carol"] {
            world.add_device(user, LINUX);
        }
        world.faults = Faults::BAD;
        run(&mut world, policy, Duration::from_secs(120), seed);
        world.faults = Faults::NONE;
        run(&mut world, policy, Duration::from_secs(100), seed);
        assert_eq!(world.kicks(), 0, "seed {seed}");
        for device in &world.devices {
            assert_eq!(device.app.counts.kicks, 0, "seed {seed}");
        }
    }
}

/// Everybody comes back after a restart, never more of them in a second than are let in.
#[test]
fn a_storm_is_spread() {
    const CLIENTS: usize = 60;
    const LIMIT: u32 = 10;
    for seed in seeds(4) {
        let mut world = World::new(seed);
        for n in 0..CLIENTS {
            world.add_device(&format!("user{n}"), LINUX);
        }
        world.run(Duration::from_secs(10));
        world.config.logins_per_second = LIMIT;
        world.restart_server();
        let mut logins = Vec::new();
        while world.server().metrics().logins(LoginOutcome::Ok) < CLIENTS as u64 {
            world.run(Duration::from_millis(50));
            logins.push(world.server().metrics().logins(LoginOutcome::Ok));
            let least = CLIENTS / LIMIT as usize;
            assert!(logins.len() < 20 * 4 * least, "seed {seed}: {logins:?}");
        }
        for window in logins.windows(20) {
            let admitted = window[19] - window[0];
            assert!(admitted <= u64::from(LIMIT), "seed {seed}: {logins:?}");
        }
        let deferred = world.server().metrics().logins(LoginOutcome::Deferred);
        assert!(deferred > 0, "seed {seed}");
    }
}
