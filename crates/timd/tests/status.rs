//! What users count as, for how long, and how many of them there are.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod node;

use node::{World, with, world};
use protocol::limits;
use protocol::user::platform::{ANDROID, IPAD, LINUX, WEB, WINDOWS};
use serde_json::{Value, json};
use timd::logic::{LogicConfig, OfflinePlatforms};

const DAY: u64 = 86_400;
const OFFLINE: i64 = 2;
const UNLOGINED: i64 = 3;

fn on(device: &str, platform: i32) -> Value {
    json!({"device_id": device, "platform": platform})
}

/// bob is seen by whoever asks anew.
fn seen(w: &mut World) -> i64 {
    w.join(99, "carol", json!({}));
    let (kind, ..) = w.status(99, "bob");
    w.gone(99);
    kind
}

#[test]
fn offline_ends_after_so_many_days() {
    let mut w = world();
    assert_eq!(seen(&mut w), 0);
    w.join(1, "bob", on("d", LINUX));
    // Days online do not count.
    for _ in 0..20 * 24 * 60 {
        w.now += 60_000;
        w.ok(1, "session.heartbeat", json!({}));
    }
    w.gone(1);
    for _ in 0..7 {
        assert_eq!(seen(&mut w), OFFLINE);
        w.now += DAY * 1000;
    }
    assert_eq!(seen(&mut w), OFFLINE);
    w.now += DAY * 1000;
    assert_eq!(seen(&mut w), UNLOGINED);
    // Remembered by the database.
    let mut w = w.restart(LogicConfig {
        offline_days: 30,
        ..LogicConfig::default()
    });
    assert_eq!(seen(&mut w), OFFLINE);
}

#[test]
fn which_platforms_are_offline_is_a_setting() {
    let mut w = with(LogicConfig {
        offline_platforms: OfflinePlatforms::Mobile,
        ..LogicConfig::default()
    });
    w.join(9, "dave", json!({}));
    w.ok(9, "user.subscribe_status", json!({"users": ["bob"]}));
    for (n, (platform, kind)) in [
        (ANDROID, OFFLINE),
        (WINDOWS, UNLOGINED),
        (IPAD, OFFLINE),
        (WEB, UNLOGINED),
        (WEB, UNLOGINED),
        (LINUX, UNLOGINED),
    ]
    .into_iter()
    .enumerate()
    {
        let session = 10 + n as u64;
        w.join(session, "bob", on("d", platform));
        assert_eq!(seen(&mut w), 1);
        w.events(9, "user.status");
        w.gone(session);
        let told = w.events(9, "user.status");
        assert_eq!(told[0]["body"][0]["user_status_status_type"], kind);
        assert_eq!(seen(&mut w), kind, "platform {platform}");
    }
    // The last session decides, whichever came first.
    w.join(1, "bob", on("phone", ANDROID));
    w.join(2, "bob", on("tab", WEB));
    w.gone(2);
    w.gone(1);
    assert_eq!(seen(&mut w), OFFLINE);
    // Nobody at all.
    let mut w = w.restart(LogicConfig {
        offline_days: 0,
        ..LogicConfig::default()
    });
    w.join(1, "bob", on("phone", ANDROID));
    w.gone(1);
    assert_eq!(seen(&mut w), UNLOGINED);
}

#[test]
fn the_devices_of_a_user_have_names() {
    let mut w = world();
    for (session, platform) in [ANDROID, IPAD, LINUX, WEB, WINDOWS, 3, 4]
        .iter()
        .enumerate()
    {
        w.join(session as u64, "bob", on(&format!("d{session}"), *platform));
    }
    let names = json!(["Android", "Linux", "Mac", "Web", "Windows", "iOS", "iPad"]);
    assert_eq!(w.status(0, "bob").2, names);
}

#[test]
fn the_oldest_of_201_subscriptions_goes() {
    let mut w = world();
    w.join(1, "alice", json!({}));
    let names: Vec<String> = (0..=limits::STATUS_SUBSCRIPTIONS)
        .map(|n| format!("u{n}"))
        .collect();
    for users in names.chunks(limits::STATUS_SUBSCRIBE_USERS) {
        w.ok(1, "user.subscribe_status", json!({"users": users}));
    }
    for (session, (user, events)) in [("u0", 0), ("u1", 1), ("u200", 1)].iter().enumerate() {
        w.join(session as u64 + 10, user, json!({}));
        assert_eq!(w.events(1, "user.status").len(), *events, "{user}");
    }
}

#[test]
fn active_users_are_counted_once_a_day_and_after_a_restart() {
    let mut w = world();
    let figures = |w: &mut World| {
        w.outputs.extend(w.node.tick(w.now));
        let text = w.metrics().text();
        let figure = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap();
            line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
        };
        (
            figure("timd_active_users_daily{app=\"1400000001\"}"),
            figure("timd_active_users_monthly{app=\"1400000001\"}"),
        )
    };
    assert_eq!(figures(&mut w), (0, 0));
    for session in 0..3 {
        w.join(session, "alice", on("d", LINUX));
        w.gone(session);
    }
    w.join(4, "bob", on("d", LINUX));
    assert_eq!(figures(&mut w), (2, 2));
    w.now += DAY * 1000;
    assert_eq!(figures(&mut w), (0, 2));
    w.join(5, "alice", on("d", LINUX));
    assert_eq!(figures(&mut w), (1, 2));
    // bob was online today as well, as his end tells.
    w.gone(4);
    assert_eq!(figures(&mut w), (2, 2));
    let mut w = w.restart(LogicConfig::default());
    assert_eq!(figures(&mut w), (2, 2));
    w.join(6, "alice", on("d", LINUX));
    assert_eq!(figures(&mut w), (2, 2));
    w.now += 29 * DAY * 1000;
    assert_eq!(figures(&mut w), (0, 2));
    w.now += DAY * 1000;
    assert_eq!(figures(&mut w), (0, 0));
}
