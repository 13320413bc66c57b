//! Chatting over real sockets and TLS.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use serde_json::json;
use support::{Client, c2c, message};

#[test]
fn send_push_read_receipt() {
    chat(&timd::testing::start().unwrap());
}

#[test]
fn the_same_on_postgres_and_after_a_restart_all_is_there() {
    let cluster = timd::testing::postgres::Cluster::start().unwrap();
    let url = cluster.database();
    let mut server =
        timd::testing::start_with(|config| config.database = Some(url.clone())).unwrap();
    chat(&server);
    server.restart().unwrap();
    let mut bob = Client::login(&server, "bob");
    let page = bob.ok("session.difference", json!({"after": 0, "limit": 100}));
    assert_eq!(page["head"], 2);
    // The command line finds the same app.
    let policy = timd::policy::Policy {
        instances: 2,
        ..Default::default()
    };
    server.set_policy(policy).unwrap();
    // The database goes, and the answer is one that clients wait and try again for.
    cluster.stop();
    let refused = bob.ask("message.send", message("alice", "late", "x"));
    assert_eq!(refused["code"], -10114, "{refused}");
    assert_eq!(bob.ended().unwrap().0, 4008);
    cluster.resume().unwrap();
    let mut bob = Client::login(&server, "bob");
    let sent = bob.send_text("alice", "late", "x");
    assert_eq!(sent["seq"], 2);
}

fn chat(server: &timd::testing::TestServer) {
    let mut alice = Client::login(server, "alice");
    let mut bob = Client::login(server, "bob");

    let sent = alice.send_text("bob", "m1", "hello");
    assert_eq!(sent["seq"], 1);
    let pushed = bob.event("message.new");
    assert_eq!(pushed["seq"], 1);
    let body = &pushed["body"];
    assert_eq!(body["conv"], c2c("alice"));
    assert_eq!(
        (&body["sender"], &body["msg_id"]),
        (&json!("alice"), &json!("m1"))
    );
    assert_eq!((&body["seq"], &body["ord"]), (&json!(1), &json!(1)));
    let text = &body["content"]["message_elem_array"][0]["text_elem_content"];
    assert_eq!(text, "hello");
    // The sender's own stream has it too: the answer stands for the event.
    assert_eq!(sent["event"], 1);

    let read = bob.ok("message.read", json!({"conv": c2c("alice"), "seq": 99}));
    assert_eq!(
        read,
        json!({"conv": c2c("alice"), "read_seq": 1, "read_ord": 1})
    );
    let receipt = alice.event("message.receipt");
    assert_eq!(receipt["seq"], 2);
    assert_eq!(receipt["body"]["conv"], c2c("bob"));
    assert_eq!(receipt["body"]["peer_read_seq"], 1);
    assert_eq!(bob.event("message.read")["seq"], 2);

    let beat = alice.ok("session.heartbeat", json!({}));
    assert_eq!(beat["event_seq"], 2);
    let missed = alice.ok("session.difference", json!({"after": 0, "limit": 100}));
    assert_eq!(missed["head"], 2);
    let names: Vec<_> = missed["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["ev"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["message.new", "message.receipt"]);
    let own = &missed["events"][0]["body"];
    assert_eq!(
        (&own["conv"], &own["content"]),
        (&c2c("bob"), &body["content"])
    );
    assert_eq!(missed["events"][1]["body"], receipt["body"]);
}

#[test]
fn pipelined_messages_arrive_in_order_once() {
    let server = timd::testing::start().unwrap();
    let mut alice = Client::login(&server, "alice");
    let mut bob = Client::login(&server, "bob");
    let ids: Vec<u64> = (0..500)
        .map(|n| alice.start("message.send", message("bob", &format!("m{n}"), "x")))
        .collect();
    // The answers come in the order of the requests.
    for (n, id) in ids.into_iter().enumerate() {
        let answer = alice.answer(id);
        assert_eq!(answer["body"]["seq"], n + 1, "{answer}");
    }
    for n in 0..500 {
        let event = bob.event("message.new");
        assert_eq!(event["seq"], n + 1);
        assert_eq!(event["body"]["msg_id"], format!("m{n}"));
    }
    // A repeat gets the first answer and is pushed to nobody.
    let repeat = alice.send_text("bob", "m7", "x");
    assert_eq!(repeat["seq"], 8);
    alice.send_text("bob", "last", "x");
    assert_eq!(bob.event("message.new")["body"]["msg_id"], "last");
    assert_eq!(server.metrics().repeats.get(), 1);
}
