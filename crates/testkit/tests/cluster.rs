//! Several nodes, one promise at a time. `lives.rs` has the interleavings.

use std::time::Duration;

use protocol::conversation::ConvId;
use protocol::message::{Content, Elem, LocalCustom, TextElem};
use protocol::user::platform::{ANDROID, LINUX, WINDOWS};
use protocol::user::status_type::{OFFLINE, ONLINE};
use testkit::app::Out;
use testkit::server::ready;
use testkit::world::APP;
use testkit::{Faults, World};
use tim_core::{Command, LoginStatus};
use timd::logic::{BEAT_MS, LEASE_MS};
use timd::policy::{Policy, Together};
use timd::repo::{HistoryQuery, Repo};

/// A node whose beat stands still for so long is dead.
const DEAD_MS: u64 = LEASE_MS * 3 / 2;

/// Long enough for a few frames and notes, far too short for a heartbeat or a lease.
const SHORT: Duration = Duration::from_millis(500);

fn seeds() -> std::ops::Range<u64> {
    0..20
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A world of several nodes, and devices each on a node of its own choice.
fn world(seed: u64, nodes: usize, devices: &[(&str, i32, usize)]) -> World {
    let mut world = World::with_nodes(seed, nodes);
    for (user, platform, node) in devices {
        let device = world.devices.len();
        world.homes.insert(device, *node);
        assert_eq!(world.add_device(user, *platform), device);
    }
    world.run(SHORT);
    world
}

fn is_in(world: &World, device: usize) -> bool {
    world.devices[device].app.status == LoginStatus::LoggedIn
}

fn watch(world: &mut World, device: usize, user: &str) {
    world.call(device, Command::SubscribeUserStatus(vec![user.into()]));
    world.run(SHORT);
}

/// Status and custom status of a user, as a device was told last.
fn told(world: &World, device: usize, user: &str) -> Option<(i32, String)> {
    let status = world.devices[device].app.statuses.get(user)?;
    Some((status.status_type, status.custom_status.clone()))
}

fn send(world: &mut World, device: usize, to: &str, text: &str) {
    let text = TextElem {
        content: text.into(),
    };
    let command = Command::Send {
        conv: ConvId::c2c(to),
        msg_id: text.content.clone(),
        content: Content {
            elems: vec![Elem::Text(text)],
            ..Content::default()
        },
        local: LocalCustom::default(),
    };
    world.call(device, command);
}

/// How many messages a device has told its app.
fn messages(world: &World, device: usize) -> u64 {
    world.devices[device].app.counts.messages
}

/// The messages of two users in the order of the conversation.
fn stored(world: &World, user: &str, peer: &str) -> Vec<String> {
    let accounts = ready(world.repo().accounts(APP, vec![user.into()])).unwrap();
    let query = HistoryQuery {
        app_id: APP,
        account: accounts[0].as_ref().unwrap().id,
        conv: ConvId::c2c(peer),
        from: 0,
        to: 1_000_000,
        limit: 1_000,
        forward: true,
        max_bytes: 1 << 30,
    };
    let page = ready(world.repo().history(query)).unwrap();
    page.messages.into_iter().map(|m| m.msg_id).collect()
}

#[test]
fn messages_go_to_every_device_wherever_it_is() {
    for seed in seeds() {
        let devices = [("alice", LINUX, 0), ("bob", LINUX, 1), ("bob", ANDROID, 2)];
        let mut world = world(seed, 3, &devices);
        let heard = |world: &World| {
            let heard = |node: usize| world.node(node).metrics().notes[1].get();
            [0, 1, 2].map(heard)
        };
        let before = heard(&world);
        for n in 0..10 {
            send(&mut world, 0, "bob", &format!("m{n}"));
        }
        world.run(SHORT);
        assert_eq!((messages(&world, 1), messages(&world, 2)), (10, 10));
        // Each node hears what concerns it, once.
        let now = heard(&world);
        let more = [0, 1, 2].map(|node| now[node] - before[node]);
        assert_eq!(more, [0, 10, 10], "seed {seed}");
    }
}

/// Messages have places, not times: whose clock is wrong changes nothing, nor does a clock that is set.
#[test]
fn clocks_that_are_a_minute_apart_change_no_order() {
    for seed in seeds() {
        let mut world = world(seed, 2, &[("alice", LINUX, 0), ("bob", LINUX, 1)]);
        world.set_clock(0, -60_000);
        watch(&mut world, 0, "bob");
        let mut sent = Vec::new();
        for n in 0..20 {
            let (device, peer) = [(0, "bob"), (1, "alice")][n % 2];
            sent.push(format!("m{n}"));
            send(&mut world, device, peer, &sent[n]);
            world.run(ms(100));
            if n == 10 {
                world.set_clock(1, 60_000);
            }
        }
        assert_eq!(stored(&world, "alice", "bob"), sent, "seed {seed}");
        assert_eq!((messages(&world, 0), messages(&world, 1)), (10, 10));
        world.run(ms(2 * DEAD_MS));
        // Nobody was taken for dead, and the last word is still the last.
        world.call(1, Command::SetSelfStatus("busy".into()));
        world.run(SHORT);
        world.set_clock(1, -60_000);
        world.call(1, Command::SetSelfStatus("free".into()));
        world.run(SHORT);
        assert_eq!(told(&world, 0, "bob"), Some((ONLINE, "free".into())));
        let again = |device: usize| world.devices[device].app.counts.logins;
        assert_eq!((again(0), again(1)), (1, 1), "seed {seed}");
    }
}

#[test]
fn a_login_on_one_node_displaces_the_device_on_another_at_once() {
    for seed in seeds() {
        let mut world = world(seed, 2, &[("alice", LINUX, 0)]);
        world.homes.insert(1, 1);
        world.add_device("alice", LINUX);
        world.run(SHORT);
        assert!(is_in(&world, 1) && !is_in(&world, 0), "seed {seed}");
        assert_eq!(world.devices[0].app.out, Some(Out::Kicked));
        assert_eq!(world.devices[0].app.counts.kicks, 1);
    }
}

/// Whoever comes first: one stays, as on a single node.
#[test]
fn logins_at_the_same_instant_end_as_the_policy_says() {
    for seed in seeds() {
        let mut world = World::with_nodes(seed, 3);
        world.set_policy(Policy {
            together: Together::Single,
            ..Policy::default()
        });
        for (device, platform) in [LINUX, WINDOWS, ANDROID].into_iter().enumerate() {
            world.homes.insert(device, device);
            world.add_device("alice", platform);
        }
        world.run(ms(5_000));
        let platforms = world.online("alice");
        assert_eq!(platforms.len(), 1, "seed {seed}: {platforms:?}");
        assert_eq!(world.sessions("alice"), platforms, "seed {seed}");
        let in_there = (0..3).filter(|device| is_in(&world, *device)).count();
        assert_eq!(in_there, 1, "seed {seed}");
    }
}

/// The last word that a watcher hears is how the user stands, whichever node said it first.
#[test]
fn who_watches_from_another_node_hears_the_last_word() {
    for seed in seeds() {
        let devices = [
            ("bob", LINUX, 1),
            ("alice", LINUX, 0),
            ("alice", ANDROID, 2),
        ];
        let mut world = world(seed, 3, &devices);
        watch(&mut world, 0, "alice");
        world.call(1, Command::SetSelfStatus("busy".into()));
        world.run(SHORT);
        assert_eq!(told(&world, 0, "alice"), Some((ONLINE, "busy".into())));
        // Both go and come at once, on two nodes.
        for _ in 0..5 {
            world.call(1, Command::Logout);
            world.login(1);
            world.call(2, Command::SetSelfStatus("here".into()));
            world.run(ms(seed % 7 * 20));
        }
        world.call(1, Command::Logout);
        world.run(SHORT);
        let seen = told(&world, 0, "alice");
        assert_eq!(seen, Some((ONLINE, "here".into())), "seed {seed}");
        world.kill(2);
        world.is_loyal = false;
        world.call(2, Command::Logout);
        world.run(SHORT);
        let seen = told(&world, 0, "alice").map(|(status, _)| status);
        assert_ne!(seen, Some(ONLINE), "seed {seed}");
    }
}

/// A second device's subscriptions count on the node of the first one too.
#[test]
fn a_subscription_holds_on_all_nodes_of_its_user() {
    for seed in seeds() {
        let devices = [("bob", LINUX, 0), ("bob", ANDROID, 1), ("alice", LINUX, 0)];
        let mut world = world(seed, 2, &devices);
        watch(&mut world, 0, "alice");
        world.call(2, Command::SetSelfStatus("busy".into()));
        world.run(SHORT);
        for device in [0, 1] {
            let seen = told(&world, device, "alice");
            assert_eq!(seen, Some((ONLINE, "busy".into())), "seed {seed}");
        }
    }
}

#[test]
fn users_of_a_dead_node_are_offline_once_it_is_found_dead() {
    for seed in seeds() {
        let mut world = world(seed, 2, &[("bob", LINUX, 1), ("alice", LINUX, 0)]);
        world.is_loyal = false;
        watch(&mut world, 0, "alice");
        world.break_machine(0, ms(200_000));
        world.kill(1);
        world.run(ms(LEASE_MS));
        assert_eq!(told(&world, 0, "alice"), None, "seed {seed}: too early");
        world.run(ms(DEAD_MS - LEASE_MS + 3 * BEAT_MS));
        let seen = told(&world, 0, "alice").map(|(status, _)| status);
        assert_eq!(seen, Some(OFFLINE), "seed {seed}");
        assert!(world.online("alice").is_empty());
    }
}

/// However many users a dead node had: seeing to them must not cost the others their lease.
#[test]
fn a_beat_does_not_wait_for_what_it_finds_to_do() {
    let world = world(1, 2, &[("bob", LINUX, 1), ("alice", LINUX, 0)]);
    let node = world.node(1).logic();
    ready(node.beat(world.now_ms));
    ready(node.beat(world.now_ms + DEAD_MS));
    assert_eq!(
        world.online("alice"),
        [LINUX],
        "found dead, and not seen to"
    );
    ready(node.keep_house(world.now().unix_ms));
    assert!(world.online("alice").is_empty());
    assert_eq!(world.online("bob"), [LINUX]);
}

#[test]
fn a_node_without_the_database_lets_its_users_go_before_others_take_them_for_gone() {
    for seed in seeds() {
        let mut world = world(seed, 2, &[("bob", LINUX, 1), ("alice", LINUX, 0)]);
        watch(&mut world, 0, "alice");
        world.cut_database(0, ms(120_000));
        world.run(ms(LEASE_MS - 2 * BEAT_MS));
        assert!(world.node(0).logic().is_in(), "seed {seed}");
        assert_eq!(world.sessions("alice"), [LINUX]);
        world.run(ms(3 * BEAT_MS));
        assert!(!world.node(0).logic().is_in(), "seed {seed}");
        assert!(world.sessions("alice").is_empty(), "seed {seed}");
        // Nobody gets in there, but on the other node at once.
        world.homes.insert(1, 1);
        world.run(ms(60_000));
        assert!(is_in(&world, 1), "seed {seed}");
        assert_eq!(world.sessions("alice"), [LINUX]);
        // The node comes back, under another number.
        world.run(ms(60_000));
        assert!(world.node(0).logic().is_in(), "seed {seed}");
        world.homes.insert(1, 0);
        world.call(1, Command::Logout);
        world.login(1);
        world.run(SHORT);
        assert!(is_in(&world, 1), "seed {seed}");
        assert_eq!(world.sessions("alice"), [LINUX]);
    }
}

/// What node 1 should hear of: bob, who is there, gets a message, and alice's second device loses its
/// place there.
fn stir(world: &mut World) {
    send(world, 0, "bob", "hi");
    world.homes.insert(3, 0);
    world.add_device("alice", ANDROID);
}

const STIRRED: [(&str, i32, usize); 3] = [
    ("alice", LINUX, 0),
    ("bob", LINUX, 1),
    ("alice", ANDROID, 1),
];

/// A bus that was away tells so, and what was missed is known within two beats.
#[test]
fn what_the_bus_lost_is_caught_up_with() {
    for seed in seeds() {
        let mut world = world(seed, 2, &STIRRED);
        world.deafen(1, ms(4_000));
        stir(&mut world);
        world.run(ms(3_000));
        assert_eq!(messages(&world, 1), 0, "seed {seed}: nothing came");
        assert!(is_in(&world, 2), "seed {seed}: not heard of yet");
        world.run(ms(1_500 + 2 * BEAT_MS));
        assert_eq!(messages(&world, 1), 1, "seed {seed}");
        assert!(is_in(&world, 3) && !is_in(&world, 2), "seed {seed}");
        assert_eq!(world.devices[2].app.out, Some(Out::Kicked));
    }
}

/// Notes that get lost without anybody's knowledge are made up for by heartbeats.
#[test]
fn a_lost_note_costs_a_heartbeat() {
    for seed in seeds() {
        let mut world = world(seed, 2, &STIRRED);
        world.faults = Faults {
            lose_note: 1_000,
            ..Faults::NONE
        };
        stir(&mut world);
        world.run(SHORT);
        assert_eq!(messages(&world, 1), 0, "seed {seed}");
        world.run(ms(65_000));
        assert_eq!(messages(&world, 1), 1, "seed {seed}");
        assert!(is_in(&world, 3) && !is_in(&world, 2), "seed {seed}");
    }
}

/// A login whose answer the database could not give may be stored all the same; it is taken back.
#[test]
fn nobody_stays_online_by_a_login_of_unknown_outcome() {
    let mut taken = 0;
    for seed in 0..200 {
        let mut world = world(seed, 2, &[("bob", LINUX, 1)]);
        world.is_loyal = false;
        world.homes.insert(1, 0);
        world.faults = Faults {
            lose_database: 50,
            ..Faults::NONE
        };
        world.add_device("alice", LINUX);
        world.run(ms(100));
        if is_in(&world, 1) {
            continue;
        }
        taken += usize::from(!world.online("alice").is_empty());
        world.faults = Faults::NONE;
        world.kill(1);
        world.run(ms(5_000 + 2 * BEAT_MS));
        assert!(world.online("alice").is_empty(), "seed {seed}");
    }
    assert!(taken > 0, "it never came to that");
}

/// What a client sent after a message that the database refused does not overtake it.
#[test]
fn messages_keep_their_order_when_the_database_comes_and_goes() {
    let mut refused = 0;
    for seed in 0..60 {
        let mut world = world(seed, 2, &[("alice", LINUX, 0), ("bob", LINUX, 1)]);
        for n in 0..30 {
            send(&mut world, 0, "bob", &format!("m{n}"));
            if n % 10 == 5 {
                world.run(ms(seed % 11));
                world.cut_database(0, ms(seed % 17));
            }
        }
        world.run(ms(100));
        refused += usize::from(messages(&world, 1) < 30);
        world.run(ms(60_000));
        let sent: Vec<String> = (0..30).map(|n| format!("m{n}")).collect();
        assert_eq!(stored(&world, "alice", "bob"), sent, "seed {seed}");
    }
    assert!(refused > 0, "it never came to that");
}
