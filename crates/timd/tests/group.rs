//! Groups over real sockets and TLS: who is told what, and who may do what.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use serde_json::{Value, json};
use support::Client;
use timd::testing::TestServer;

fn group(id: &str) -> Value {
    json!({"conv_type": 2, "conv_id": id})
}

/// A client that understands groups.
fn login(server: &TestServer, user: &str) -> Client {
    on(server, user, "desktop")
}

fn on(server: &TestServer, user: &str, device: &str) -> Client {
    let platform = if device == "phone" { 2 } else { 0 };
    let mut client = Client::connect(server);
    let extra = json!({"features": 7, "device_id": device, "platform": platform});
    client.log_in(server, user, extra);
    client
}

fn message(msg_id: &str, text: &str) -> Value {
    json!({"conv": group("g"), "msg_id": msg_id, "content": {
        "message_elem_array": [{"elem_type": 0, "text_elem_content": text}],
        "message_client_time": 1, "message_rand": 1}})
}

/// The event of this message.
fn message_of(client: &mut Client, seq: &Value) -> Value {
    loop {
        let event = client.event("message.new");
        if &event["body"]["seq"] == seq {
            return event;
        }
    }
}

fn public(members: &[&str]) -> Value {
    json!({"group_id": "g", "group_type": 0, "name": "Friends", "add_option": 2, "members": members})
}

#[test]
fn a_group_from_its_beginning_to_its_end() {
    let server = timd::testing::start().unwrap();
    let mut bob = login(&server, "bob");
    let mut alice = login(&server, "alice");
    let mut phone = on(&server, "alice", "phone");
    let made = alice.ok("group.create", public(&["bob", "nobody"]));
    let results = json!([{"user": "bob", "result": 1}, {"user": "nobody", "result": 0}]);
    assert_eq!(
        (&made["group_id"], &made["results"]),
        (&json!("g"), &results)
    );
    for client in [&mut alice, &mut phone, &mut bob] {
        let told = client.event("group.membership");
        assert_eq!(
            (&told["seq"], &told["body"]["conv"]),
            (&json!(1), &group("g"))
        );
        let state = &told["body"]["state"];
        assert_eq!(state["group"]["info"]["name"], "Friends");
        assert_eq!(
            (&state["head_seq"], &state["peer_ord"]),
            (&json!(1), &json!(0))
        );
        let tip = client.event("message.new");
        let elem = &tip["body"]["content"]["message_elem_array"][0];
        assert_eq!(
            (&elem["elem_type"], &elem["group_tips_elem_tip_type"]),
            (&json!(5), &json!(1))
        );
        assert_eq!(tip["body"]["sender"], "@TIM#SYSTEM");
        assert_eq!(tip["seq"], Value::Null);
    }
    // One who writes is told by the answer, all others by the event.
    let sent = alice.ok("message.send", message("m1", "hello"));
    assert_eq!((&sent["seq"], &sent["event"]), (&json!(2), &Value::Null));
    for client in [&mut phone, &mut bob] {
        let told = client.event("message.new");
        let body = &told["body"];
        assert_eq!(
            (&body["sender"], &body["seq"], &body["ord"]),
            (&json!("alice"), &json!(2), &json!(1))
        );
        assert_eq!(body["conv"], group("g"));
    }
    assert_eq!(alice.ok("message.send", message("m1", "hello"))["seq"], 2);
    let read = bob.ok("message.read", json!({"conv": group("g"), "seq": 9}));
    assert_eq!(
        (&read["read_seq"], &read["read_ord"]),
        (&json!(2), &json!(1))
    );
    // bob's mark is bob's own affair.
    assert_eq!(bob.event("message.read")["seq"], 2);
    assert_eq!(alice.ok("session.heartbeat", json!({}))["event_seq"], 1);

    // Only for who is there.
    let mut wave = message("w1", "wave");
    wave["content"]["message_is_online_msg"] = json!(true);
    assert_eq!(alice.ok("message.send", wave)["seq"], 0);
    for client in [&mut phone, &mut bob] {
        assert_eq!(client.event("message.new")["body"]["msg_id"], "w1");
    }
    assert_eq!(
        alice.ok("group.state", json!({"group_id": "g"}))["head_seq"],
        2
    );

    // Somebody comes, writes, and finds nothing of before.
    let mut carol = login(&server, "carol");
    let refused = carol.ask("message.send", message("c0", "let me in"));
    assert_eq!(refused["code"], 10007, "{refused}");
    carol.ok("group.join", json!({"group_id": "g"}));
    let told = carol.event("group.membership");
    assert_eq!(told["body"]["state"]["group"]["me"]["since_seq"], 2);
    carol.ok("message.send", message("c1", "hi"));
    let history = json!({"conv": group("g"), "from": 1, "to": 9, "limit": 9});
    let page = carol.ok("message.history", history);
    let seqs: Vec<_> = page["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["seq"])
        .collect();
    assert_eq!(seqs, [&json!(3), &json!(4)]);
    assert_eq!(page["messages"][1]["sender"], "carol");

    // What alice changes is told to all.
    let revoked = alice.ok("message.revoke", json!({"conv": group("g"), "seq": 4}));
    assert_eq!(
        revoked["message"]["change"],
        json!({"rev": 1, "revoked": {"by": "alice"}})
    );
    for client in [&mut alice, &mut bob, &mut carol] {
        let told = client.event("message.changed");
        assert_eq!(
            (&told["seq"], &told["body"]["sender"]),
            (&Value::Null, &json!("carol"))
        );
    }
    let refused = carol.ask("message.revoke", json!({"conv": group("g"), "seq": 2}));
    assert_eq!(refused["code"], 6017, "{refused}"); // it is not there for carol
    let refused = bob.ask("message.revoke", json!({"conv": group("g"), "seq": 2}));
    assert_eq!(refused["code"], 10007, "{refused}");
    let page = alice.ok("group.members", json!({"group_id": "g", "roles": [400]}));
    assert_eq!(page["members"][0]["user"], "alice");
    let page = alice.ok(
        "group.members",
        json!({"group_id": "g", "users": ["bob", "dave"]}),
    );
    assert_eq!(page["members"].as_array().unwrap().len(), 1);
    assert_eq!(page["members"][0]["role"], 200);

    // bob goes: the others are told, and nothing reaches bob any more.
    bob.ok("group.quit", json!({"group_id": "g"}));
    let told = bob.event("group.membership");
    assert_eq!(told["body"], json!({"conv": group("g")}));
    let tip = message_of(&mut carol, &json!(5));
    let elem = &tip["body"]["content"]["message_elem_array"][0];
    assert_eq!(elem["group_tips_elem_tip_type"], 2);
    let sent = alice.ok("message.send", message("m2", "gone"));
    message_of(&mut carol, &sent["seq"]);
    let refused = bob.ask(
        "message.history",
        json!({"conv": group("g"), "from": 1, "to": 9, "limit": 9}),
    );
    assert_eq!(refused["body"]["messages"], json!([]), "{refused}");
    bob.ok("session.heartbeat", json!({}));
    let is_there = |event: &Value| event["body"]["seq"] == sent["seq"];
    assert!(!bob.events.iter().any(is_there), "{:?}", bob.events);

    let refused = carol.ask("group.delete", json!({"group_id": "g"}));
    assert_eq!(refused["code"], 10007);
    alice.ok("group.delete", json!({"group_id": "g"}));
    assert_eq!(carol.event("group.gone")["body"]["conv"], group("g"));
    let heads = carol.ok("group.heads", json!({}));
    assert_eq!(heads["heads"][0]["gone"], true, "{heads}");
    let gone = carol.ask("message.send", message("c2", "anybody?"));
    assert_eq!(gone["code"], 10010);
}

#[test]
fn a_client_that_knows_no_groups_sees_none() {
    let server = timd::testing::start().unwrap();
    let mut old = Client::login(&server, "bob");
    let mut alice = login(&server, "alice");
    alice.ok("group.create", public(&["bob"]));
    alice.ok("message.send", message("m1", "hello"));
    alice.send_text("bob", "c1", "and here");
    // Its stream has no hole.
    assert_eq!(old.event("group.membership")["seq"], 1);
    assert_eq!(old.event("message.new")["seq"], 2);
    let page = old.ok("conversation.snapshot", json!({"limit": 9}));
    let convs = page["conversations"].as_array().unwrap();
    assert_eq!(convs.len(), 1, "{page}");
    assert_eq!(convs[0]["conv"]["conv_type"], 1);
    assert!(old.events.is_empty(), "{:?}", old.events);
}

#[test]
fn what_a_group_may_be() {
    let server = timd::testing::start_with(|config| config.group_members = 3).unwrap();
    for user in ["bob", "carol", "dave"] {
        login(&server, user);
    }
    let mut alice = login(&server, "alice");
    let with = |key: &str, value: Value| {
        let mut body = public(&[]);
        body[key] = value;
        body
    };
    for (body, code) in [
        (with("group_type", json!(4)), 10004),
        (with("name", json!("")), 10004),
        (with("name", json!("x".repeat(31))), 10004),
        (with("introduction", json!("x".repeat(241))), 10004),
        (with("notification", json!("x".repeat(301))), 10004),
        (with("face_url", json!("x".repeat(101))), 10004),
        (with("add_option", json!(3)), 10004),
        (with("approve_option", json!(-1)), 10004),
        (with("group_id", json!("@TGS#mine")), 10015),
        (with("group_id", json!("x".repeat(49))), 10015),
        (with("group_id", json!("a\u{e4}")), 10015),
        (with("members", json!(vec!["x"; 21])), 10005),
        (with("members", json!(["bob", "carol", "dave"])), 10038),
    ] {
        let refused = alice.ask("group.create", body);
        assert_eq!(refused["code"], code, "{refused}");
    }
    // Without an ID the server gives one.
    let made = alice.ok("group.create", with("group_id", json!("")));
    assert!(
        made["group_id"].as_str().unwrap().starts_with("@TGS#"),
        "{made}"
    );
    // No answer but by an invitation: Public groups ask by default.
    let mut body = with("group_id", json!("asks"));
    body.as_object_mut().unwrap().remove("add_option");
    alice.ok("group.create", body);
    let mut bob = login(&server, "bob");
    let refused = bob.ask("group.join", json!({"group_id": "asks"}));
    assert_eq!(refused["code"], 10007);
    let refused = alice.ask(
        "group.invite",
        json!({"group_id": "asks", "users": ["bob"]}),
    );
    assert_eq!(refused["code"], 10007);
    let refused = alice.ask("group.invite", json!({"group_id": "asks", "users": []}));
    assert_eq!(refused["code"], 10004);
    // What a group is told comes from the server.
    alice.ok("group.create", public(&[]));
    let mut tip = message("m1", "");
    tip["content"]["message_elem_array"] = json!([{"elem_type": 5, "group_tips_elem_tip_type": 1}]);
    assert_ne!(alice.ask("message.send", tip)["code"], 0);
    let page = alice.ok("group.joined", json!({}));
    assert_eq!(page["groups"].as_array().unwrap().len(), 3, "{page}");
}

#[test]
fn what_a_member_sets_on_its_conversation() {
    let server = timd::testing::start().unwrap();
    login(&server, "bob");
    let mut alice = login(&server, "alice");
    alice.ok("group.create", public(&["bob"]));
    let set = |change: Value| {
        let mut body = json!({"convs": [group("g")]});
        for (key, value) in change.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    let done = alice.ok("conversation.set", set(json!({"pin": true, "mark": [3]})));
    assert_eq!(done["results"][0]["settings"]["is_pinned"], true, "{done}");
    let told = alice.event("conversation.settings");
    assert_eq!(told["body"]["conv"], group("g"));
    let page = alice.ok("conversation.snapshot", json!({"limit": 9}));
    assert_eq!(page["conversations"][0]["settings"]["marks"], json!([3]));
    let sorted = json!({"action": "create", "name": "work", "convs": [group("g")]});
    alice.ok("conversation.change_group", sorted);
    let page = alice.ok("conversation.groups", json!({}));
    assert_eq!(page["groups"][0]["convs"], json!([group("g")]));
    // Deleted with its messages: they are gone for alice, and for nobody else.
    let gone = set(json!({"delete": true, "clear": true}));
    assert_eq!(
        alice.ok("conversation.set", gone)["results"][0]["settings"]["hidden_seq"],
        1
    );
    let history = json!({"conv": group("g"), "from": 1, "to": 9, "limit": 9});
    assert_eq!(
        alice.ok("message.history", history.clone())["messages"],
        json!([])
    );
    let mut bob = login(&server, "bob");
    assert_eq!(
        bob.ok("message.history", history)["messages"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    // Only members have it.
    let mut carol = login(&server, "carol");
    let refused = carol.ok("conversation.set", set(json!({"pin": true})));
    assert_eq!(refused["results"][0]["code"], 10007, "{refused}");
}
