//! Messages after they were sent, over real sockets and TLS: taken back, changed, erased.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{Client, c2c};

fn place(peer: &str, seq: u64) -> Value {
    json!({"conv": c2c(peer), "seq": seq})
}

fn text(text: &str) -> Value {
    json!([{"elem_type": 0, "text_elem_content": text}])
}

fn phone_of(server: &timd::testing::TestServer, user: &str) -> Client {
    let mut phone = Client::connect(server);
    phone.log_in(server, user, json!({"device_id": "phone", "platform": 2}));
    phone
}

#[test]
fn a_message_is_taken_back_for_everybody() {
    let server = timd::testing::start().unwrap();
    let mut alice = Client::login(&server, "alice");
    let mut phone = phone_of(&server, "alice");
    let mut bob = Client::login(&server, "bob");
    alice.send_text("bob", "m1", "a slip");
    bob.event("message.new");

    let refused = bob.ask("message.revoke", place("alice", 1));
    assert_eq!(refused["code"], 6017, "{refused}");
    let refused = alice.ask("message.revoke", place("bob", 2));
    assert_eq!(refused["code"], 6017, "{refused}");
    let done = alice.ok("message.revoke", place("bob", 1));
    let revoked = json!({"rev": 1, "revoked": {"by": "alice"}});
    assert_eq!(done["message"]["change"], revoked);
    for (client, peer) in [
        (&mut alice, "bob"),
        (&mut phone, "bob"),
        (&mut bob, "alice"),
    ] {
        let told = client.event("message.changed");
        let body = &told["body"];
        assert_eq!((&told["seq"], &body["conv"]), (&json!(2), &c2c(peer)));
        assert_eq!((&body["msg_id"], &body["change"]), (&json!("m1"), &revoked));
        assert_eq!(body["sender"], "alice");
        let content = &body["content"];
        assert_eq!(content["message_elem_array"], json!([]), "{content}");
        assert!(!told.to_string().contains("slip"));
    }
    // The repeat of a request.
    assert_eq!(alice.ok("message.revoke", place("bob", 1)), done);
    assert_eq!(bob.ok("session.heartbeat", json!({}))["event_seq"], 2);
    // Whoever comes later sees nothing of it either.
    let missed = bob.ok("session.difference", json!({"after": 0, "limit": 9}));
    assert!(!missed.to_string().contains("slip"), "{missed}");
    assert_eq!(missed["events"][1]["ev"], "message.changed");
    let history = json!({"conv": c2c("alice"), "from": 1, "to": 9, "limit": 9});
    let page = bob.ok("message.history", history);
    assert_eq!(page["messages"][0]["change"], revoked);
}

#[test]
fn only_for_a_while() {
    let server = timd::testing::start_with(|config| {
        config.revoke_time = Duration::ZERO;
    })
    .unwrap();
    let mut alice = Client::login(&server, "alice");
    Client::login(&server, "bob");
    let first = alice.send_text("bob", "m0", "x");
    // The server's clock counts seconds.
    for n in 1.. {
        let sent = alice.send_text("bob", &format!("m{n}"), "x");
        if sent["time"] != first["time"] {
            break;
        }
    }
    let refused = alice.ask("message.revoke", place("bob", 1));
    assert_eq!(refused["code"], 20016, "{refused}");
}

#[test]
fn whoever_changes_what_is_not_there_any_more_is_told() {
    let server = timd::testing::start().unwrap();
    let mut alice = Client::login(&server, "alice");
    let mut bob = Client::login(&server, "bob");
    alice.send_text("bob", "m1", "one");
    bob.event("message.new");
    let modify = |peer: &str, rev: u64, new: &str| {
        let mut body = place(peer, 1);
        body["rev"] = rev.into();
        body["elems"] = text(new);
        body["cloud_custom"] = "by both".into();
        body
    };
    let done = bob.ok("message.modify", modify("alice", 0, "two"));
    assert_eq!(done["message"]["change"], json!({"rev": 1}));
    let told = alice.event("message.changed");
    let content = &told["body"]["content"];
    assert_eq!(content["message_elem_array"], text("two"));
    assert_eq!(content["message_cloud_custom_str"], "by both");
    // The sender's other fields stay.
    assert_eq!(told["body"]["sender"], "alice");

    let late = alice.ok("message.modify", modify("bob", 0, "three"));
    assert_eq!(
        (&late["is_conflict"], &late["message"]["change"]["rev"]),
        (&json!(true), &json!(1))
    );
    alice.ok("message.modify", modify("bob", 1, "three"));
    let mut none = modify("bob", 2, "four");
    none["elems"] = json!([]);
    let refused = alice.ask("message.modify", none);
    assert_eq!(refused["code"], 90002, "{refused}");
}

#[test]
fn who_erases_does_so_for_oneself_on_all_devices() {
    let server = timd::testing::start().unwrap();
    let mut alice = Client::login(&server, "alice");
    let mut phone = phone_of(&server, "alice");
    let mut bob = Client::login(&server, "bob");
    for n in 1..=4 {
        alice.send_text("bob", &format!("m{n}"), "x");
        bob.event("message.new");
    }
    let erase = |ranges: Value| json!({"conv": c2c("bob"), "ranges": ranges});
    alice.ok("message.erase", erase(json!([[2, 3], [9, 10]])));
    let told = phone.event("message.erased");
    let range = json!({"conv": c2c("bob"), "from": 2, "to": 3});
    assert_eq!((&told["seq"], &told["body"]), (&json!(5), &range));
    assert_eq!(alice.event("message.erased"), told);
    let history = |peer: &str| json!({"conv": c2c(peer), "from": 1, "to": 9, "limit": 9});
    let seqs = |page: Value| -> Vec<u64> {
        let messages = page["messages"].as_array().unwrap().iter();
        messages.map(|m| m["seq"].as_u64().unwrap()).collect()
    };
    assert_eq!(seqs(phone.ok("message.history", history("bob"))), [1, 4]);
    assert_eq!(
        seqs(bob.ok("message.history", history("alice"))),
        [1, 2, 3, 4]
    );
    assert!(bob.events.is_empty(), "{:?}", bob.events);

    let asked = json!({"conv": c2c("bob"), "after": 0});
    let changes = phone.ok("message.changes", asked);
    assert_eq!(changes["erased"], json!([[2, 3]]));
    let many: Vec<_> = (0..51).map(|n| [2 * n + 1, 2 * n + 1]).collect();
    for wrong in [json!([]), json!(many)] {
        let refused = alice.ask("message.erase", erase(wrong));
        assert_eq!(refused["code"], 5026, "{refused}");
    }
}
