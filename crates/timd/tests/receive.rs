//! Receive options over real sockets and TLS.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use serde_json::{Value, json};
use support::{Client, c2c};

fn refused(client: &mut Client, op: &str, body: Value) -> Value {
    let answer = client.ask(op, body);
    answer["code"].clone()
}

fn quiet(duration: u32) -> Value {
    json!({
        "msg_all_recv_msg_opt_start_hour": 22, "msg_all_recv_msg_opt_start_minute": 30,
        "msg_all_recv_msg_opt_start_second": 0, "msg_all_recv_msg_opt_start_time_stamp": 0,
        "msg_all_recv_msg_duration": duration, "msg_all_recv_msg_opt_level": 2,
    })
}

#[test]
fn an_option_reaches_all_own_devices_and_nobody_else() {
    let server = timd::testing::start().unwrap();
    let mut alice = Client::login(&server, "alice");
    let mut phone = Client::connect(&server);
    let device = json!({"device_id": "phone", "platform": 2});
    phone.log_in(&server, "alice", device);
    let mut bob = Client::login(&server, "bob");
    let named = json!({"convs": [c2c("bob"), c2c("nobody")], "recv_opt": 1});
    let answer = alice.ok("conversation.set", named);
    let bare = json!({"version": 1, "recv_opt": 1, "is_bare": true});
    assert_eq!(answer["results"][0]["settings"], bare);
    assert_eq!(answer["results"][1]["code"], 50001);
    let told = alice.event("conversation.settings");
    assert_eq!(told["body"], json!({"conv": c2c("bob"), "settings": bare}));
    assert_eq!(phone.event("conversation.settings"), told);
    let page = phone.ok("conversation.snapshot", json!({"limit": 9}));
    assert_eq!(page["conversations"][0]["settings"], bare);
    for wrong in [-1, 4] {
        let named = json!({"convs": [c2c("bob")], "recv_opt": wrong});
        assert_eq!(refused(&mut alice, "conversation.set", named), 50002);
    }
    let beat = bob.ok("session.heartbeat", json!({}));
    assert_eq!(beat["event_seq"], 0);
}

#[test]
fn the_option_for_all_reaches_all_own_devices() {
    let server = timd::testing::start().unwrap();
    let mut alice = Client::login(&server, "alice");
    let mut phone = Client::connect(&server);
    let device = json!({"device_id": "phone", "platform": 2});
    phone.log_in(&server, "alice", device);
    let first = alice.ok("user.get_receive_all", json!({}));
    assert_eq!(first["msg_all_recv_msg_opt_level"], 0);
    alice.ok("user.set_receive_all", quiet(3600));
    let told = alice.event("user.receive_all");
    assert_eq!((&told["seq"], &told["body"]), (&json!(1), &quiet(3600)));
    assert_eq!(phone.event("user.receive_all"), told);
    assert_eq!(phone.ok("user.get_receive_all", json!({})), quiet(3600));
    // The same once more is no news.
    alice.ok("user.set_receive_all", quiet(3600));
    assert_eq!(alice.ok("session.heartbeat", json!({}))["event_seq"], 1);
    let missed = phone.ok("session.difference", json!({"after": 0, "limit": 9}));
    assert_eq!(missed["events"][0]["ev"], "user.receive_all");
    assert_eq!(missed["events"][0]["body"], quiet(3600));
    let page = phone.ok("conversation.snapshot", json!({"limit": 9}));
    assert_eq!(page["receive_all"], quiet(3600));
    for (key, wrong) in [
        ("msg_all_recv_msg_opt_level", 1),
        ("msg_all_recv_msg_opt_level", 4),
        ("msg_all_recv_msg_opt_start_hour", 24),
        ("msg_all_recv_msg_opt_start_minute", 60),
        ("msg_all_recv_msg_opt_start_second", 60),
    ] {
        let mut all = quiet(1);
        all[key] = json!(wrong);
        let code = refused(&mut alice, "user.set_receive_all", all);
        assert_eq!(code, 70402, "{key}");
    }
}
