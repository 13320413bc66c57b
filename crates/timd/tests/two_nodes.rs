//! Two servers on one PostgreSQL and one NATS, with clients on both.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use std::sync::{Arc, Barrier};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::process::Process;
use support::{Client, PATIENCE, Target, c2c, get, message};
use timd::config::Config;
use timd::repo::SCHEMA;
use timd::testing::nats::NatsServer;
use timd::testing::postgres::{self, Cluster};
use timd::testing::{TestServer, start_with};

const ONLINE: i64 = 1;
const OFFLINE: i64 = 2;
const WINDOWS: i32 = 1;
const ANDROID: i32 = 2;

/// In this order they are stopped.
struct Nodes {
    one: TestServer,
    two: TestServer,
    database: String,
    nats: NatsServer,
    postgres: Arc<Cluster>,
}

fn nodes() -> Nodes {
    nodes_with(|_| {})
}

fn nodes_with(change: impl Fn(&mut Config)) -> Nodes {
    let nats = NatsServer::start().unwrap();
    let postgres = postgres::shared();
    let database = postgres.database();
    let start = || {
        start_with(|config| {
            config.database = Some(database.clone());
            config.bus = Some(nats.url());
            change(config);
        })
        .unwrap()
    };
    Nodes {
        one: start(),
        two: start(),
        database,
        nats,
        postgres,
    }
}

fn on(server: &impl Target, user: &str, device: &str, platform: i32) -> Client {
    let mut client = Client::connect(server);
    let extra = json!({"device_id": device, "platform": platform});
    client.log_in(server, user, extra);
    client
}

fn status(event: &Value) -> i64 {
    event["body"][0]["user_status_status_type"]
        .as_i64()
        .unwrap()
}

fn until<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE * 3, "{what}");
        sleep(Duration::from_millis(20));
    }
}

fn readiness(server: &impl Target, wanted: impl Fn(&str) -> bool) {
    until("readiness", || {
        Some(get(server, "/readyz").1).filter(|text| wanted(text))
    });
}

#[test]
fn messages_arrive_in_order_on_all_devices() {
    let nodes = nodes();
    let mut alice = on(&nodes.one, "alice", "desk", WINDOWS);
    let mut phone = on(&nodes.two, "alice", "phone", ANDROID);
    let mut bob = on(&nodes.two, "bob", "desk", WINDOWS);
    let mut bobs_phone = on(&nodes.one, "bob", "phone", ANDROID);
    let ids: Vec<u64> = (0..200)
        .map(|n| alice.start("message.send", message("bob", &format!("m{n}"), "x")))
        .collect();
    for (n, id) in ids.into_iter().enumerate() {
        assert_eq!(alice.answer(id)["body"]["seq"], n + 1);
    }
    for n in 0..200 {
        for client in [&mut phone, &mut bob, &mut bobs_phone] {
            let event = client.event("message.new");
            assert_eq!(event["seq"], n + 1);
            assert_eq!(event["body"]["msg_id"], format!("m{n}"));
        }
    }
    // And back, with a receipt.
    let read = json!({"conv": c2c("alice"), "seq": 200});
    bob.ok("message.read", read);
    assert_eq!(bobs_phone.event("message.read")["body"]["read_seq"], 200);
    for client in [&mut alice, &mut phone] {
        let receipt = client.event("message.receipt");
        assert_eq!(receipt["body"]["peer_read_seq"], 200);
        assert_eq!(receipt["seq"], 201);
    }
    bobs_phone.send_text("alice", "back", "x");
    for client in [&mut alice, &mut phone, &mut bob] {
        assert_eq!(client.event("message.new")["body"]["msg_id"], "back");
    }
}

#[test]
fn a_group_is_told_on_both() {
    let nodes = nodes();
    let on = |server: &TestServer, user: &str| {
        let mut client = Client::connect(server);
        client.log_in(server, user, json!({"features": 7}));
        client
    };
    let mut others = [
        on(&nodes.one, "bob"),
        on(&nodes.two, "carol"),
        on(&nodes.two, "dave"),
    ];
    let mut alice = on(&nodes.one, "alice");
    let names = ["bob", "carol", "dave"];
    let new = json!({"group_id": "g", "group_type": 1, "name": "All", "members": names});
    alice.ok("group.create", new);
    for other in &mut others {
        assert_eq!(
            other.event("group.membership")["body"]["conv"]["conv_id"],
            "g"
        );
    }
    let mut hello = message("g", "m1", "hello");
    hello["conv"]["conv_type"] = json!(2);
    assert_eq!(alice.ok("message.send", hello)["seq"], 2);
    for other in &mut others {
        loop {
            let event = other.event("message.new");
            if event["body"]["msg_id"] == "m1" {
                break;
            }
        }
    }
}

#[test]
fn a_login_on_the_other_node_kicks() {
    let nodes = nodes();
    let mut first = on(&nodes.one, "alice", "first", WINDOWS);
    let mut second = on(&nodes.two, "alice", "second", WINDOWS);
    assert_eq!(first.event("session.kicked")["body"]["platform"], WINDOWS);
    assert_eq!(first.ended().unwrap().0, 4001);
    second.ok("session.heartbeat", json!({}));
    // The same device comes back on the other node: its own old connection gives way.
    let mut again = on(&nodes.one, "alice", "second", WINDOWS);
    assert!(second.ended().is_some());
    again.ok("session.heartbeat", json!({}));
}

#[test]
fn of_two_logins_at_the_same_instant_one_stays() {
    let nodes = nodes();
    for round in 0..5 {
        let user = format!("user{round}");
        let barrier = Barrier::new(2);
        let log_in = |server: &TestServer, device: &str| {
            let mut client = Client::connect(server);
            let extra = json!({"device_id": device, "platform": WINDOWS});
            let body = Client::login_body(server, &user, &extra);
            barrier.wait();
            let id = client.start("session.login", body);
            (client, id)
        };
        let both = thread::scope(|scope| {
            let one = scope.spawn(|| log_in(&nodes.one, "a"));
            let two = scope.spawn(|| log_in(&nodes.two, "b"));
            [one.join().unwrap(), two.join().unwrap()]
        });
        let mut both = both.map(|(mut client, login)| {
            if let Some(answer) = client.try_answer(login) {
                assert_eq!(answer["code"], 0, "{answer}");
            }
            client
        });
        // The one that gave way is closed; the other goes on.
        until("one of them ends", || {
            let ended = both.each_mut().map(|client| {
                let beat = client.try_start("session.heartbeat", json!({}));
                beat.is_none_or(|id| client.try_answer(id).is_none())
            });
            (ended != [false, false]).then_some(())
        });
        let mut carol = on(&nodes.one, "carol", "desk", WINDOWS);
        let found = carol.ok("user.get_status", json!({"users": [user]}));
        let devices = &found["statuses"][0]["user_status_online_devices"];
        assert_eq!(devices, &json!(["Windows"]));
        let codes = both.each_mut().map(|client| {
            let beat = client.try_start("session.heartbeat", json!({}));
            let answer = beat.and_then(|id| client.try_answer(id));
            (answer.is_some(), client.closed)
        });
        let stays = (true, None);
        let gone = (false, Some(4001));
        assert!(
            [[stays, gone], [gone, stays]].contains(&codes),
            "round {round}: {codes:?}"
        );
    }
}

#[test]
fn presence_and_profiles_reach_who_watches_elsewhere() {
    let nodes = nodes();
    let mut bob = on(&nodes.two, "bob", "desk", WINDOWS);
    // The second device of the same user, on the other node, learns of the subscription.
    let mut bobs_phone = on(&nodes.one, "bob", "phone", ANDROID);
    let heard = || nodes.one.metrics().notes[1].get();
    let before = heard();
    // On a machine with too much to do a bus may lose notes, and says so with one for all of them.
    until("notes of that", || {
        bob.ok("user.subscribe_status", json!({"users": ["alice"]}));
        bob.ok("user.subscribe_profiles", json!({"users": ["alice"]}));
        (heard() >= before + 2).then_some(())
    });
    let mut alice = on(&nodes.one, "alice", "desk", WINDOWS);
    for client in [&mut bob, &mut bobs_phone] {
        assert_eq!(status(&client.event("user.status")), ONLINE);
    }
    alice.ok("user.set_status", json!({"custom_status": "busy"}));
    for client in [&mut bob, &mut bobs_phone] {
        let told = client.event("user.status");
        assert_eq!(told["body"][0]["user_status_custom_status"], "busy");
    }
    let mut phone = on(&nodes.two, "alice", "phone", ANDROID);
    let update = json!({"user_profile_item_nick_name": "Alice"});
    alice.ok("user.set_profile", update);
    let own = phone.event("user.own_profile");
    assert_eq!(own["body"]["user_profile_nick_name"], "Alice");
    for client in [&mut bob, &mut bobs_phone] {
        assert_eq!(client.event("user.profiles")["body"][0], own["body"]);
    }
    // Only with her last device is she gone.
    alice.ok("session.logout", json!({}));
    phone.ok("session.logout", json!({}));
    for client in [&mut bob, &mut bobs_phone] {
        let told = until("gone", || {
            let told = client.event("user.status");
            (status(&told) != ONLINE).then_some(told)
        });
        assert_eq!(status(&told), 3);
    }
    bob.ok("user.unsubscribe_status", json!({"users": ["alice"]}));
    bob.ok("session.heartbeat", json!({}));
    let mut alice = on(&nodes.one, "alice", "desk", WINDOWS);
    alice.send_text("bob", "after", "x");
    for client in [&mut bob, &mut bobs_phone] {
        client.event("message.new");
        let heard = client.events.iter().any(|e| e["ev"] == "user.status");
        assert!(!heard, "{:?}", client.events);
    }
}

/// A node in a process of its own.
fn process(nodes: &Nodes, setting: &str) -> Process {
    Process::start(|command| {
        command.env("TIMD_DATABASE", &nodes.database);
        command.env("TIMD_BUS", nodes.nats.url());
        command.args(["--set", setting]);
    })
}

#[test]
fn the_users_of_a_killed_node_are_found_gone() {
    let nodes = nodes_with(|config| config.node_lease = Duration::from_secs(4));
    let mut third = process(&nodes, "node_lease=4s");
    let mut bob = on(&nodes.two, "bob", "desk", WINDOWS);
    bob.ok("user.subscribe_status", json!({"users": ["alice"]}));
    let mut alice = on(&third, "alice", "desk", WINDOWS);
    assert_eq!(status(&bob.event("user.status")), ONLINE);
    alice.send_text("bob", "last words", "x");
    assert_eq!(bob.event("message.new")["body"]["msg_id"], "last words");
    third.kill();
    // Until then she counts as online: nobody knows better.
    assert_eq!(status(&bob.event("user.status")), OFFLINE);
    // Messages to her are kept; she comes back elsewhere.
    bob.send_text("alice", "where are you", "x");
    let mut alice = on(&nodes.one, "alice", "desk", WINDOWS);
    assert_eq!(status(&bob.event("user.status")), ONLINE);
    let missed = alice.ok("session.difference", json!({"after": 1, "limit": 9}));
    assert_eq!(missed["events"][0]["body"]["msg_id"], "where are you");
    alice.send_text("bob", "here", "x");
    assert_eq!(bob.event("message.new")["body"]["msg_id"], "here");
}

#[test]
fn without_nats_messages_are_accepted_and_found() {
    let mut nodes = nodes();
    readiness(&nodes.one, |text| text == "ready\n");
    let mut alice = on(&nodes.one, "alice", "desk", WINDOWS);
    let mut bob = on(&nodes.two, "bob", "desk", WINDOWS);
    nodes.nats.stop();
    for server in [&nodes.one, &nodes.two] {
        readiness(server, |text| text.starts_with("ready\ndegraded: bus: "));
        let metrics = get(server, "/metrics").1;
        assert!(metrics.contains("\ntimd_bus_connected 0\n"), "{metrics}");
    }
    for n in 1..=20 {
        assert_eq!(alice.send_text("bob", &format!("{n}"), "x")["seq"], n);
    }
    // What no other node told, the heartbeat tells.
    let beat = bob.ok("session.heartbeat", json!({}));
    assert_eq!(beat["event_seq"], 20);
    let missed = bob.ok("session.difference", json!({"after": 0, "limit": 100}));
    assert_eq!(missed["events"].as_array().unwrap().len(), 20);
    nodes.nats.restart().unwrap();
    for server in [&nodes.one, &nodes.two] {
        readiness(server, |text| text == "ready\n");
    }
    alice.send_text("bob", "21", "x");
    until("what is new", || {
        let event = bob.event("message.new");
        (event["body"]["msg_id"] == "21").then_some(())
    });
    assert_eq!(nodes.two.metrics().bus_reconnects.get(), 1);
}

#[test]
fn clients_of_a_stopped_node_go_to_the_other() {
    let mut nodes = nodes();
    let mut alice = on(&nodes.one, "alice", "desk", WINDOWS);
    let mut bob = on(&nodes.two, "bob", "desk", WINDOWS);
    bob.ok("user.subscribe_status", json!({"users": ["alice"]}));
    let ids: Vec<u64> = (0..50)
        .map(|n| alice.start("message.send", message("bob", &format!("m{n}"), "x")))
        .collect();
    assert_eq!(alice.answer(ids[0])["code"], 0);
    nodes.one.stop();
    alice.event("session.shutdown");
    assert_eq!(alice.ended().unwrap().0, 1001);
    assert_eq!(status(&bob.event("user.status")), OFFLINE);
    let mut alice = on(&nodes.two, "alice", "desk", WINDOWS);
    assert_eq!(status(&bob.event("user.status")), ONLINE);
    // As a client does: again from the front, with the same ids.
    for n in 0..50 {
        assert_eq!(alice.send_text("bob", &format!("m{n}"), "x")["seq"], n + 1);
    }
    for n in 0..50 {
        assert_eq!(bob.event("message.new")["body"]["msg_id"], format!("m{n}"));
    }
}

#[test]
fn a_second_node_without_a_bus_is_told() {
    let postgres = postgres::shared();
    let database = postgres.database();
    let start = || {
        start_with(|config| {
            config.database = Some(database.clone());
            config.node_lease = Duration::from_secs(4);
        })
        .unwrap()
    };
    let (one, two) = (start(), start());
    for server in [&one, &two] {
        readiness(server, |text| {
            text.starts_with("ready\ndegraded: bus: there is none, and 1")
        });
    }
    drop(two);
    readiness(&one, |text| text == "ready\n");
}

#[test]
fn an_old_node_works_beside_a_new_one_until_the_floor_rises() {
    let mut nodes = nodes_with(|config| config.node_lease = Duration::from_secs(4));
    let change = |nodes: &Nodes, statements: String| {
        nodes.postgres.run(&statements, &nodes.database).unwrap();
    };
    // Who is here before has made the node prepare its statements.
    let mut dave = on(&nodes.two, "dave", "desk", WINDOWS);
    let work = |dave: &mut Client, msg_id: &str| {
        let seq = dave.send_text("bob", msg_id, "x")["seq"].clone();
        dave.ok("message.read", json!({"conv": c2c("bob"), "seq": seq}));
        dave.ok("user.set_status", json!({"custom_status": msg_id}));
        dave.ok("user.get_status", json!({"users": ["bob"]}));
        dave.ok("session.difference", json!({"after": 0, "limit": 9}));
        let range = json!({"conv": c2c("bob"), "from": 1, "to": 9, "limit": 9});
        let page = dave.ok("message.history", range);
        assert_eq!(&page["messages"].as_array().unwrap().len(), &seq);
    };
    on(&nodes.two, "bob", "desk", WINDOWS);
    work(&mut dave, "before");
    // What a newer timd does when it starts: it adds, and older ones go on.
    let newer = SCHEMA + 1;
    let expand = format!(
        "ALTER TABLE account ADD COLUMN newer BIGINT NOT NULL DEFAULT 0;
         ALTER TABLE message ADD COLUMN newer TEXT NOT NULL DEFAULT '';
         CREATE TABLE newer (id BIGINT PRIMARY KEY);
         UPDATE schema_version SET version = {newer} WHERE id = 1"
    );
    change(&nodes, expand);
    let (database, bus) = (nodes.database.clone(), nodes.nats.url());
    let new = start_with(|config| {
        (config.database, config.bus) = (Some(database), Some(bus));
        (config.node_lease, config.schema) = (Duration::from_secs(4), newer);
    })
    .unwrap();
    // An old one may even begin after it.
    nodes.one.restart().unwrap();

    let mut alice = on(&nodes.one, "alice", "desk", WINDOWS);
    let mut bob = on(&new, "bob", "desk", WINDOWS);
    for n in 0..20 {
        let (from, to, name) = match n % 2 {
            0 => (&mut alice, &mut bob, "bob"),
            _ => (&mut bob, &mut alice, "alice"),
        };
        let mut said = message(name, &format!("m{n}"), "x");
        // As a newer client may.
        said["newer"] = json!({"field": [1]});
        from.ok("message.send", said);
        assert_eq!(to.event("message.new")["body"]["msg_id"], format!("m{n}"));
    }
    bob.ok("message.read", json!({"conv": c2c("alice"), "seq": 20}));
    let receipt = alice.event("message.receipt");
    assert_eq!(receipt["body"]["peer_read_seq"], 20);
    let mut first = on(&nodes.one, "carol", "first", WINDOWS);
    let mut second = on(&new, "carol", "second", WINDOWS);
    assert_eq!(first.event("session.kicked")["body"]["platform"], WINDOWS);
    let mut third = on(&nodes.one, "carol", "third", WINDOWS);
    assert_eq!(second.event("session.kicked")["body"]["platform"], WINDOWS);
    third.ok("session.heartbeat", json!({}));

    work(&mut dave, "after");
    assert_eq!(bob.event("message.new")["body"]["msg_id"], "after");
    drop(dave);

    // A step that takes away what old nodes need: they find out, and end as when they are drained.
    let contract = format!("UPDATE schema_floor SET floor = {newer}");
    change(&nodes, contract);
    alice.event("session.shutdown");
    assert_eq!(alice.ended().unwrap().0, 1001);
    drop((alice, third));
    let reason = nodes.one.ended().unwrap();
    assert!(reason.contains("newer timd"), "{reason}");
    nodes.two.ended().unwrap();
    let error = nodes.one.restart().unwrap_err();
    assert!(error.contains("start the newer timd"), "{error}");
    let mut alice = on(&new, "alice", "desk", WINDOWS);
    alice.send_text("bob", "on the new one", "x");
    assert_eq!(bob.event("message.new")["body"]["msg_id"], "on the new one");
    assert_eq!(get(&new, "/readyz").1, "ready\n");
}
