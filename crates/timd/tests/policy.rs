//! Which devices of a user are online together, who gives way, and who is told of it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod node;

use std::collections::HashSet;

use node::{World, with, world};
use protocol::user::platform::{ANDROID, IOS, LINUX, MAC, WEB, WINDOWS};
use serde_json::{Value, json};
use timd::logic::{LogicConfig, SessionId};
use timd::metrics::{Kick, LoginOutcome};

/// A login of alice as a client makes it: with the place that it remembers.
struct Device {
    name: &'static str,
    platform: i32,
    place: Value,
}

impl Device {
    fn new(name: &'static str, platform: i32) -> Self {
        let place = json!(0);
        Self {
            name,
            platform,
            place,
        }
    }

    /// The code of the answer.
    fn ask(&mut self, w: &mut World, session: SessionId, resume: bool) -> i64 {
        w.connect(session);
        let extra = json!({
            "device_id": self.name,
            "platform": self.platform,
            "place": self.place,
            "resume": resume,
        });
        let body = w.login("alice", extra);
        let answer = w.ask(session, "session.login", body);
        match answer["code"].as_i64().unwrap() {
            0 => self.place = answer["body"]["place"].clone(),
            6208 => self.place = json!(0),
            _ => {}
        }
        answer["code"].as_i64().unwrap()
    }

    fn login(&mut self, w: &mut World, session: SessionId) -> i64 {
        self.ask(w, session, false)
    }

    fn resume(&mut self, w: &mut World, session: SessionId) -> i64 {
        self.ask(w, session, true)
    }
}

/// The app has been told by the event.
fn was_kicked(w: &mut World, session: SessionId, device: &mut Device) -> bool {
    let events = w.events(session, "session.kicked").len();
    let is_closed = w.closed(session) == Some(4001);
    assert_eq!(is_closed, events == 1, "an event and a close, or neither");
    if is_closed {
        device.place = json!(0);
        w.gone(session);
    }
    is_closed
}

fn metric(w: &World, line: &str) -> bool {
    w.metrics().text().lines().any(|l| l == line)
}

#[test]
fn one_session_a_platform_the_newest_wins() {
    let mut w = world();
    let (mut a, mut b) = (Device::new("a", LINUX), Device::new("b", LINUX));
    let mut phone = Device::new("phone", ANDROID);
    assert_eq!((a.login(&mut w, 1), phone.login(&mut w, 2)), (0, 0));
    assert_eq!(w.closed(1), None);
    assert_eq!(b.login(&mut w, 3), 0);
    let kicked = w.events(1, "session.kicked");
    assert_eq!(kicked[0]["body"], json!({"platform": LINUX}));
    assert_eq!((w.closed(1), w.closed(2)), (Some(4001), None));
    // It may log in again, and does the same to the other one.
    a.place = json!(0);
    assert_eq!(a.login(&mut w, 4), 0);
    assert!(was_kicked(&mut w, 3, &mut b));
    assert_eq!(w.closed(2), None);
    assert_eq!(w.metrics().kicks(Kick::Online), 2);
}

#[test]
fn policies_by_platform() {
    // Logins one after the other, and who is online in the end.
    for (policy, logins, online) in [
        ("single", vec![WINDOWS, ANDROID, WEB], vec![WEB]),
        ("dual", vec![WEB, WINDOWS, ANDROID], vec![WEB, ANDROID]),
        (
            "triple",
            vec![WEB, IOS, ANDROID, MAC, LINUX],
            vec![WEB, ANDROID, LINUX],
        ),
        (
            "multi",
            vec![WEB, IOS, ANDROID, LINUX],
            vec![WEB, IOS, ANDROID, LINUX],
        ),
        ("all", vec![LINUX, LINUX, LINUX], vec![LINUX, LINUX, LINUX]),
    ] {
        let mut w = world();
        w.policy(policy, 1, 1);
        let names = ["d0", "d1", "d2", "d3", "d4"];
        for (n, platform) in logins.iter().enumerate() {
            let mut device = Device::new(names[n], *platform);
            assert_eq!(device.login(&mut w, n as u64), 0);
        }
        let mut left = Vec::new();
        for (n, platform) in logins.iter().enumerate() {
            if w.closed(n as u64).is_none() {
                left.push(*platform);
            }
        }
        assert_eq!(left, online, "{policy}");
    }
}

#[test]
fn instances_are_a_setting_that_holds_from_the_next_login_on() {
    let mut w = world();
    w.policy("multi", 1, 2);
    let mut tabs = ["t1", "t2", "t3"].map(|name| Device::new(name, WEB));
    for (n, tab) in tabs.iter_mut().enumerate() {
        assert_eq!(tab.login(&mut w, n as u64 + 1), 0);
    }
    assert!(was_kicked(&mut w, 1, &mut tabs[0]));
    // Narrower: nobody goes who is online or comes back, until somebody logs in.
    w.policy("single", 1, 1);
    w.gone(3);
    assert_eq!(tabs[2].resume(&mut w, 4), 0);
    assert_eq!(w.closed(2), None);
    let mut phone = Device::new("phone", ANDROID);
    assert_eq!(phone.login(&mut w, 5), 0);
    assert!(was_kicked(&mut w, 2, &mut tabs[1]) && was_kicked(&mut w, 4, &mut tabs[2]));
}

#[test]
fn a_device_never_kicks_itself() {
    let mut w = world();
    w.policy("single", 1, 1);
    let mut a = Device::new("a", LINUX);
    assert_eq!(a.login(&mut w, 1), 0);
    let place = a.place.clone();
    // Its old connection still hangs when it comes back, or when its app starts again.
    assert_eq!(a.resume(&mut w, 2), 0);
    assert_eq!(a.login(&mut w, 3), 0);
    assert_eq!(a.place, place);
    for old in [1, 2] {
        assert!(w.events(old, "session.kicked").is_empty());
        assert_eq!(w.closed(old), Some(1001));
        // What it still sends is not heard.
        let frame = json!({"id": 1, "op": "session.heartbeat"}).to_string();
        let heard = futures_executor::block_on(w.node.request(old, w.now, frame.as_bytes()));
        assert!(heard.is_empty());
    }
    // The ends of the old ones say nothing about the new one.
    w.gone(1);
    w.gone(2);
    w.ok(3, "session.heartbeat", json!({}));
    assert_eq!(w.metrics().kicks(Kick::OwnDevice), 2);
    assert_eq!(w.metrics().kicks(Kick::Online), 0);
    assert!(metric(&w, "timd_reconnects_total 1"));
}

#[test]
fn kicked_while_away_is_told_once_by_the_next_login() {
    let mut w = world();
    w.policy("dual", 1, 1);
    let (mut a, mut b) = (Device::new("a", LINUX), Device::new("b", ANDROID));
    assert_eq!(a.login(&mut w, 1), 0);
    w.gone(1);
    assert_eq!(b.login(&mut w, 2), 0);
    assert_eq!(w.metrics().kicks(Kick::Away), 1);
    // Remembered beyond a restart of the server.
    let mut w = w.restart(LogicConfig::default());
    assert_eq!(b.resume(&mut w, 2), 0);
    assert_eq!(a.login(&mut w, 3), 6208);
    assert_eq!(w.closed(2), None, "it takes nothing away");
    assert_eq!(w.metrics().logins(LoginOutcome::Displaced), 1);
    assert_eq!(a.login(&mut w, 3), 0);
    assert!(was_kicked(&mut w, 2, &mut b));
    // Who was told of the kick is not told again.
    assert_eq!(b.login(&mut w, 4), 0);
    assert!(was_kicked(&mut w, 3, &mut a));
}

#[test]
fn it_is_told_even_if_the_place_has_become_free() {
    let mut w = world();
    let (mut a, mut b) = (Device::new("a", LINUX), Device::new("b", LINUX));
    assert_eq!(a.login(&mut w, 1), 0);
    w.gone(1);
    assert_eq!(b.login(&mut w, 2), 0);
    w.ok(2, "session.logout", json!({}));
    assert_eq!(a.resume(&mut w, 3), 6208);
    assert_eq!(a.login(&mut w, 3), 0);
}

#[test]
fn a_logout_gives_the_place_up() {
    let mut w = world();
    let (mut a, mut b) = (Device::new("a", LINUX), Device::new("b", LINUX));
    assert_eq!(a.login(&mut w, 1), 0);
    w.ok(1, "session.logout", json!({}));
    a.place = json!(0);
    // Nobody has been kicked by this, and nobody is told.
    assert_eq!(b.login(&mut w, 2), 0);
    assert_eq!(w.metrics().kicks(Kick::Away), 0);
    assert_eq!(a.login(&mut w, 1), 0);
    assert!(was_kicked(&mut w, 2, &mut b));
    // Back after a logout: as if it had stayed, and its place can be lost again.
    w.ok(1, "session.logout", json!({}));
    a.place = json!(0);
    assert_eq!(a.login(&mut w, 1), 0);
    w.gone(1);
    assert_eq!(b.login(&mut w, 3), 0);
    assert_eq!(w.metrics().kicks(Kick::Away), 1);
    assert_eq!(a.login(&mut w, 4), 6208);
}

#[test]
fn devices_that_reconnect_at_the_same_time_leave_each_other_alone() {
    // A policy that allows both, and one that allows one.
    for (policy, both) in [("multi", true), ("single", false)] {
        let mut w = world();
        w.policy(policy, 1, 1);
        let mut devices = [Device::new("a", LINUX), Device::new("b", ANDROID)];
        for (n, device) in devices.iter_mut().enumerate() {
            assert_eq!(device.login(&mut w, n as u64), 0);
        }
        assert_eq!(was_kicked(&mut w, 0, &mut devices[0]), !both);
        for round in 1..50 {
            for (n, device) in devices.iter_mut().enumerate() {
                if device.place == 0 {
                    continue; // told; its app has not called
                }
                let (old, new) = (2 * (round - 1) + n as u64, 2 * round + n as u64);
                // Sometimes the new connection is there before the old one has gone.
                if round % 3 == 0 {
                    assert_eq!(device.resume(&mut w, new), 0);
                    w.gone(old);
                } else {
                    w.gone(old);
                    assert_eq!(device.resume(&mut w, new), 0);
                }
                assert!(w.events(old, "session.kicked").is_empty());
            }
        }
        let kicks = w.metrics().kicks(Kick::Online) + w.metrics().kicks(Kick::Away);
        assert_eq!(kicks, u64::from(!both), "{policy}");
    }
}

/// The loser of two logins whose handling crosses does not stay.
#[test]
fn two_logins_that_cross_leave_one() {
    for first in [1, 2] {
        let mut w = world();
        w.connect(1);
        w.connect(2);
        let login = |w: &World, device: &str| {
            let body = w.login("alice", json!({"device_id": device}));
            json!({"id": 1, "op": "session.login", "body": body}).to_string()
        };
        let texts = [login(&w, "a"), login(&w, "b")];
        let now = w.now;
        // Handled one after the other; their answers go out in either order.
        let outcomes = texts.iter().zip(1..).map(|(text, session)| {
            let outcome = w.node.handle(session, now, text.as_bytes());
            Some(futures_executor::block_on(outcome))
        });
        let mut outcomes: Vec<_> = outcomes.collect();
        for session in [first, 3 - first] {
            let outcome = outcomes[session as usize - 1].take().unwrap();
            let out = w.node.apply(session, outcome);
            w.outputs.extend(out);
        }
        assert_eq!((w.closed(1), w.closed(2)), (Some(4001), None));
        assert_eq!(w.events(1, "session.kicked").len(), 1);
    }
}

#[test]
fn logins_beyond_the_limit_come_back_one_after_the_other() {
    const LIMIT: u32 = 20;
    let mut w = with(LogicConfig {
        logins_per_second: LIMIT,
        ..LogicConfig::default()
    });
    // 100 users at once; who is told to wait comes back then.
    let mut due: Vec<(u64, u64)> = (0..100).map(|user| (w.now, user)).collect();
    let (start, mut session) = (w.now, 0);
    let mut let_in: Vec<u64> = Vec::new();
    let mut waits = HashSet::new();
    while !due.is_empty() {
        due.sort_unstable();
        let (at, user) = due.remove(0);
        w.now = w.now.max(at);
        session += 1;
        w.connect(session);
        let body = w.login(&format!("user{user}"), json!({}));
        let frame = json!({"id": 1, "op": "session.login", "body": body}).to_string();
        let out = futures_executor::block_on(w.node.request(session, w.now, frame.as_bytes()));
        w.outputs.extend(out);
        if !w.frames(session, |frame| frame["code"] == 0).is_empty() {
            let_in.push(w.now);
            continue;
        }
        assert!(w.frames(session, |_| true).is_empty(), "no answer");
        let (code, reason) = w.close_of(session).unwrap();
        assert_eq!(code, 4008);
        let wait: u64 = reason
            .strip_prefix("retry_after_ms=")
            .unwrap()
            .parse()
            .unwrap();
        waits.insert((w.now, wait));
        due.push((w.now + wait, user));
    }
    assert_eq!(let_in.len(), 100);
    for at in &let_in {
        let in_second = let_in.iter().filter(|t| (*at..at + 1000).contains(*t));
        assert!(in_second.count() <= LIMIT as usize);
    }
    // Nobody waits longer than the others need, and no two were told the same.
    let took = let_in.last().unwrap() - start;
    assert!((4_000..=6_000).contains(&took), "{took} ms");
    let deferred = w.metrics().logins(LoginOutcome::Deferred);
    assert_eq!(waits.len() as u64, deferred);
    // A new ticket for an open session is no login.
    for _ in 0..LIMIT + 1 {
        let body = w.login("user0", json!({}));
        w.ok(1, "session.login", body);
    }
}

/// Only a device that is logged in returns with a ticket that has run out, and not for long.
#[test]
fn a_return_is_let_in_within_the_grace_time_of_its_ticket() {
    let mut w = world();
    let sig = protocol::usersig::mint(node::KEY, node::APP, "alice", w.now / 1000, 10, None);
    let body = |w: &World, device: &str, resume: bool| {
        w.login(
            "alice",
            json!({"device_id": device, "user_sig": sig, "resume": resume}),
        )
    };
    w.connect(1);
    let first = body(&w, "a", false);
    w.ok(1, "session.login", first);
    w.gone(1);
    w.pass(200);
    w.connect(2);
    for (device, resume) in [("a", false), ("b", true), ("b", false)] {
        let refused = body(&w, device, resume);
        assert_eq!(
            w.ask(2, "session.login", refused)["code"],
            70001,
            "{device}"
        );
    }
    let back = body(&w, "a", true);
    w.ok(2, "session.login", back);
    w.pass(1);
    assert_eq!(w.events(2, "session.ticket_expired").len(), 1);
    w.ok(2, "session.heartbeat", json!({}));
    w.pass(109);
    assert_eq!(w.closed(2), None);
    w.pass(1);
    assert_eq!(w.closed(2), Some(4006));
    w.gone(2);
    w.connect(3);
    let late = body(&w, "a", true);
    assert_eq!(w.ask(3, "session.login", late)["code"], 70001);
}
