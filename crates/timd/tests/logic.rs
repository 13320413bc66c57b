//! The logic alone: no sockets, a clock that the test sets, everything in this thread.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod node;

use std::time::Duration;

use futures_executor::block_on;
use node::{APP, KEY, World, with, world};
use protocol::usersig;
use serde_json::{Value, json};
use timd::logic::{LogicConfig, Output};
use timd::repo::{App, Repo};

fn c2c(peer: &str) -> Value {
    json!({"conv_type": 1, "conv_id": peer})
}

fn text(to: &str, msg_id: &str, extra: Value) -> Value {
    let mut content = json!({
        "message_elem_array": [{"elem_type": 0, "text_elem_content": "hi"}],
    });
    for (key, value) in extra.as_object().unwrap() {
        content[key] = value.clone();
    }
    json!({"conv": c2c(to), "msg_id": msg_id, "content": content})
}

#[test]
fn logins_refused() {
    let mut w = world();
    w.connect(1);
    let now = w.now / 1000;
    let mint = |app, user, time, key| usersig::mint(key, app, user, time, 60, None);
    let other_key = KEY.replacen('0', "1", 1);
    let cases = [
        (json!({"app_id": 5}), 70020),
        (json!({"user_sig": ""}), 70002),
        (json!({"user_sig": "garbage"}), 70003),
        (
            json!({"user_sig": mint(APP, "alice", now - 61, KEY)}),
            70001,
        ),
        (json!({"user_sig": mint(APP, "bob", now, KEY)}), 70013),
        (json!({"user_sig": mint(APP + 1, "alice", now, KEY)}), 70014),
        (
            json!({"user_sig": mint(APP, "alice", now, &other_key)}),
            70009,
        ),
        (
            json!({"user_id": "用户", "user_sig": mint(APP, "用户", now, KEY)}),
            70402,
        ),
        (json!({"device_id": ""}), 70402),
        (json!({"device_id": "a\0b"}), 70402),
    ];
    for (extra, code) in cases {
        let body = w.login("alice", extra);
        let answer = w.ask(1, "session.login", body);
        assert_eq!(answer["code"], code, "{answer}");
    }
    // Nothing else is possible meanwhile.
    let answer = w.ask(1, "message.send", text("bob", "1", json!({})));
    assert_eq!(answer["code"], -10008);
    // The last second of a ticket still counts.
    let body = w.login(
        "alice",
        json!({"user_sig": mint(APP, "alice", now - 60, KEY)}),
    );
    w.ok(1, "session.login", body);
}

#[test]
fn the_apps_own_text_stays_with_the_session() {
    let mut w = world();
    w.connect(1);
    assert_eq!(w.node.logic().user_data(1), None);
    let mut login = w.login("alice", json!({"user_data": "x".repeat(65)}));
    assert_eq!(w.ask(1, "session.login", login.clone())["code"], 70402);
    login["user_data"] = "shop 7".into();
    assert_eq!(w.ask(1, "session.login", login)["code"], 0);
    assert_eq!(w.node.logic().user_data(1), Some("shop 7".into()));
    w.join(2, "bob", json!({}));
    assert_eq!(w.node.logic().user_data(2), Some(String::new()));
}

#[test]
fn tickets_from_before_a_kick_are_refused() {
    let mut w = world();
    w.join(1, "alice", json!({}));
    let repo = w.node.logic().repo();
    let after = w.now / 1000 + 1;
    assert!(block_on(repo.refuse_tickets_before(APP, "alice".into(), after)).unwrap());
    w.connect(2);
    let body = w.login("alice", json!({}));
    assert_eq!(w.ask(2, "session.login", body)["code"], 70052);
    w.pass(1);
    let body = w.login("alice", json!({}));
    w.ok(2, "session.login", body);
}

#[test]
fn an_address_that_fails_too_often_waits() {
    let mut w = with(LogicConfig {
        login_failures: 3,
        ..LogicConfig::default()
    });
    w.connect(1);
    for _ in 0..3 {
        let bad = w.login("alice", json!({"user_sig": "bad"}));
        assert_eq!(w.ask(1, "session.login", bad)["code"], 70003);
    }
    let good = w.login("alice", json!({}));
    assert_eq!(w.ask(1, "session.login", good.clone())["code"], 70050);
    // Others are not concerned.
    w.join(2, "bob", json!({}));
    w.now += 60_000;
    w.ok(1, "session.login", good);
}

#[test]
fn a_login_on_an_open_session_renews_the_ticket() {
    let mut w = world();
    let sig = |w: &World, expire| usersig::mint(KEY, APP, "alice", w.now / 1000, expire, None);
    let short = sig(&w, 10);
    w.join(1, "alice", json!({"user_sig": short}));
    w.pass(10);
    assert!(w.events(1, "session.ticket_expired").is_empty());
    w.pass(1);
    assert_eq!(w.events(1, "session.ticket_expired").len(), 1);
    w.pass(10);
    assert!(w.events(1, "session.ticket_expired").is_empty());
    let fresh = sig(&w, 10);
    let body = w.login("alice", json!({"user_sig": fresh}));
    w.ok(1, "session.login", body);
    // Another user does not take over the session; a bad ticket leaves it as it was.
    let other = w.login("bob", json!({}));
    assert_eq!(w.ask(1, "session.login", other)["code"], 70013);
    let bad = w.login("alice", json!({"user_sig": "bad"}));
    assert_eq!(w.ask(1, "session.login", bad)["code"], 70003);
    w.ok(1, "session.heartbeat", json!({}));
    w.pass(11);
    assert_eq!(w.events(1, "session.ticket_expired").len(), 1);
    for _ in 0..3 {
        w.pass(90);
        w.ok(1, "session.heartbeat", json!({}));
    }
    assert_eq!(w.closed(1), None);
    w.pass(30);
    assert_eq!(w.closed(1), Some(4006));
}

#[test]
fn silence_and_no_login_end_a_connection() {
    let mut w = world();
    w.connect(1);
    w.join(2, "alice", json!({}));
    w.pass(9);
    assert_eq!(w.closed(1), None);
    w.pass(1);
    assert_eq!(w.closed(1), Some(4002));
    w.ok(2, "session.heartbeat", json!({}));
    w.pass(149);
    assert_eq!(w.closed(2), None);
    w.pass(1);
    assert_eq!(w.closed(2), Some(4003));
}

#[test]
fn garbage_closes_and_unknown_operations_do_not() {
    let mut w = world();
    w.join(1, "alice", json!({}));
    assert_eq!(w.ask(1, "no.such", json!({}))["code"], 5036);
    assert_eq!(w.ask(1, "message.send", json!({"conv": 3}))["code"], 5026);
    w.outputs = block_on(w.node.request(1, w.now, b"garbage"));
    assert_eq!(w.closed(1), Some(1002));
}

#[test]
fn messages_refused() {
    let mut w = world();
    w.join(1, "alice", json!({}));
    w.join(2, "bob", json!({}));
    let with_elems = |elems: Value| text("bob", "x", json!({"message_elem_array": elems}));
    let sized = |bytes: usize| {
        with_elems(json!([{"elem_type": 0, "text_elem_content": "x".repeat(bytes)}]))
    };
    let elem = json!({"elem_type": 0, "text_elem_content": ""});
    let cases = [
        (text("nobody", "x", json!({})), 20003),
        (text("bob", "", json!({})), 20001),
        (text("bob", "ä", json!({})), 20001),
        (text("bob", &"x".repeat(128), json!({})), 20001),
        (with_elems(json!([])), 90002),
        (with_elems(json!([{"elem_type": 99}])), 90002),
        (with_elems(json!(vec![elem.clone(); 101])), 90002),
        (sized(12 * 1024 + 1), 80002),
    ];
    for (body, code) in cases {
        assert_eq!(w.ask(1, "message.send", body)["code"], code);
    }
    for (kind, code) in [(2, 10010), (3, 5033)] {
        let mut other = text("bob", "x", json!({}));
        other["conv"]["conv_type"] = json!(kind);
        assert_eq!(w.ask(1, "message.send", other)["code"], code);
    }
    w.ok(1, "message.send", sized(12 * 1024));
}

#[test]
fn online_only_messages_leave_no_trace() {
    let mut w = world();
    w.join(1, "alice", json!({}));
    w.join(2, "bob", json!({}));
    let body = text("bob", "1", json!({"message_is_online_msg": true}));
    let sent = w.ok(1, "message.send", body);
    assert_eq!(sent["seq"], 0);
    let events = w.events(2, "message.new");
    assert_eq!((events.len(), &events[0]["seq"]), (1, &Value::Null));
    assert_eq!(events[0]["body"]["seq"], 0);
    assert!(w.events(1, "message.new").is_empty());
    for session in [1, 2] {
        let beat = w.ok(session, "session.heartbeat", json!({}));
        assert_eq!(beat["event_seq"], 0);
    }
}

#[test]
fn all_own_devices_get_what_one_of_them_sends_and_reads() {
    let mut w = world();
    w.join(1, "alice", json!({"features": 2}));
    w.join(2, "alice", json!({"device_id": "phone", "platform": 2}));
    w.join(3, "bob", json!({}));
    let sent = w.ok(1, "message.send", text("bob", "1", json!({})));
    // The answer is the sending session's event.
    assert_eq!(sent["event"], 1);
    assert!(w.events(1, "message.new").is_empty());
    for (session, conv) in [(2, "bob"), (3, "alice")] {
        let events = w.events(session, "message.new");
        assert_eq!(events.len(), 1, "session {session}");
        assert_eq!(
            (&events[0]["seq"], &events[0]["body"]["conv"]),
            (&json!(1), &c2c(conv))
        );
    }
    // A client that does not say that it knows this gets the event itself.
    let sent = w.ok(3, "message.send", text("alice", "1", json!({})));
    assert_eq!(sent["event"], Value::Null);
    assert_eq!(w.events(3, "message.new")[0]["seq"], 2);
    w.ok(2, "message.read", json!({"conv": c2c("bob"), "seq": 2}));
    for session in [1, 2] {
        let read = w.events(session, "message.read");
        assert_eq!(
            (&read[0]["seq"], &read[0]["body"]["read_ord"]),
            (&json!(3), &json!(1))
        );
    }
    assert_eq!(w.events(3, "message.receipt").len(), 1);
    // Once more moves nothing.
    w.ok(2, "message.read", json!({"conv": c2c("bob"), "seq": 1}));
    assert!(w.events(1, "message.read").is_empty());
    let page = w.ok(3, "conversation.snapshot", json!({"limit": 10}));
    let conv = &page["conversations"][0];
    assert_eq!(
        (&page["event_seq"], &conv["peer_read_seq"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(
        (&conv["peer_ord"], &conv["read_ord"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(conv["last"]["sender"], "bob");
}

#[test]
fn others_learn_of_a_message_before_its_sender_is_answered() {
    let mut w = world();
    w.join(1, "alice", json!({}));
    w.join(2, "alice", json!({"device_id": "phone", "platform": 2}));
    w.join(3, "bob", json!({}));
    let body = text("bob", "1", json!({}));
    let frame = json!({"id": 99, "op": "message.send", "body": body}).to_string();
    let outputs = block_on(w.node.request(1, w.now, frame.as_bytes()));
    let sessions = outputs.iter().map(|output| match output {
        Output::Send(to, _) => *to,
        Output::Close(..) => panic!("{output:?}"),
    });
    // Bob, the answer, and then alice's own sessions.
    assert_eq!(sessions.collect::<Vec<_>>(), [3, 1, 1, 2]);
}

#[test]
fn apps_are_worlds_of_their_own() {
    let mut w = world();
    let other = App {
        id: 7,
        key: "k".into(),
        name: String::new(),
        created_at: 0,
        policy: Default::default(),
    };
    assert!(block_on(w.node.logic().repo().create_app(other)).unwrap());
    w.join(1, "alice", json!({}));
    w.join(2, "bob", json!({}));
    let sig = usersig::mint("k", 7, "alice", w.now / 1000, 60, None);
    w.join(3, "alice", json!({"app_id": 7, "user_sig": sig}));
    assert_eq!(w.closed(1), None);
    assert_eq!(
        w.ask(3, "message.send", text("bob", "1", json!({})))["code"],
        20003
    );
    assert_eq!(w.status(3, "bob").0, 0);
    w.ok(2, "message.send", text("alice", "1", json!({})));
    assert!(w.events(3, "message.new").is_empty());
    // A ticket of one app is none of the other.
    let body = w.login("alice", json!({"app_id": 7}));
    w.connect(4);
    assert_eq!(w.ask(4, "session.login", body)["code"], 70014);
}

#[test]
fn status_and_those_who_watch_it() {
    let mut w = world();
    w.join(1, "alice", json!({}));
    assert_eq!(w.status(1, "bob").0, 0);
    // Before bob ever registered.
    w.ok(
        1,
        "user.subscribe_status",
        json!({"users": ["bob", "carol"]}),
    );
    let expect = |w: &mut World, kind: i64, custom: &str, devices: Value| {
        let events = w.events(1, "user.status");
        assert_eq!(events.len(), 1, "{kind} {custom}");
        let status = json!([{
            "user_status_identifier": "bob",
            "user_status_status_type": kind,
            "user_status_custom_status": custom,
            "user_status_online_devices": devices,
        }]);
        assert_eq!(events[0]["body"], status);
        assert_eq!(w.status(1, "bob"), (kind, custom.to_owned(), devices));
    };
    w.join(2, "bob", json!({"platform": 1}));
    expect(&mut w, 1, "", json!(["Windows"]));
    w.join(3, "bob", json!({"device_id": "phone", "platform": 3}));
    expect(&mut w, 1, "", json!(["Windows", "iOS"]));
    w.ok(2, "user.set_status", json!({"custom_status": "busy"}));
    assert_eq!(w.events(3, "user.status").len(), 1);
    assert!(w.events(2, "user.status").is_empty());
    expect(&mut w, 1, "busy", json!(["Windows", "iOS"]));
    // A device that replaces its own connection is no news.
    let again = w.join(4, "bob", json!({"device_id": "phone", "platform": 3}));
    assert_eq!(again["custom_status"], "busy");
    w.gone(3);
    assert!(w.events(1, "user.status").is_empty());
    w.ok(2, "session.logout", json!({}));
    expect(&mut w, 1, "busy", json!(["iOS"]));
    w.gone(4);
    expect(&mut w, 2, "", json!([]));
    let fresh = w.join(5, "bob", json!({}));
    assert_eq!(fresh.get("custom_status"), None);
    expect(&mut w, 1, "", json!(["Other"]));
    w.ok(5, "session.logout", json!({}));
    expect(&mut w, 3, "", json!([]));
    // Subscriptions outlive the session; after they end nothing comes.
    w.gone(1);
    w.join(1, "alice", json!({}));
    w.ok(5, "session.login", w.login("bob", json!({})));
    expect(&mut w, 1, "", json!(["Other"]));
    w.ok(1, "user.unsubscribe_status", json!({}));
    w.gone(5);
    assert!(w.events(1, "user.status").is_empty());
    // Gone without a word: offline again, though the session before had said goodbye.
    let found = w.ok(1, "user.get_status", json!({"users": ["bob"]}));
    assert_eq!(found["statuses"][0]["user_status_status_type"], 2);

    let refused = [
        ("user.subscribe_status", json!({"users": ["alice"]}), 70402),
        ("user.subscribe_status", json!({"users": ["a b"]}), 70402),
        ("user.subscribe_status", json!({"users": []}), 70206),
        (
            "user.subscribe_status",
            json!({"users": vec!["x"; 101]}),
            70206,
        ),
        ("user.get_status", json!({"users": vec!["x"; 501]}), 70206),
        (
            "user.set_status",
            json!({"custom_status": "x".repeat(101)}),
            70402,
        ),
        ("user.set_status", json!({"custom_status": "a\0b"}), 70402),
    ];
    for (op, body, code) in refused {
        assert_eq!(w.ask(1, op, body)["code"], code, "{op}");
    }
}

#[test]
fn the_products_rates() {
    let mut w = with(LogicConfig {
        status_calls_per_5s: 2,
        ..LogicConfig::default()
    });
    w.join(1, "alice", json!({}));
    let ask = json!({"users": ["bob"]});
    for code in [0, 0, -10113] {
        assert_eq!(w.ask(1, "user.get_status", ask.clone())["code"], code);
    }
    w.now += 5000;
    w.ok(1, "user.get_status", ask);
}

/// Two requests finish crosswise; the receiver's pushes come in the order of its stream, and a
/// login in between misses nothing.
#[test]
fn pushes_keep_the_order_of_the_stream() {
    let mut w = world();
    w.join(1, "alice", json!({}));
    w.join(2, "carol", json!({}));
    w.join(3, "bob", json!({}));
    let frame = |to: &str, id: &str| {
        json!({"id": 1, "op": "message.send", "body": text(to, id, json!({}))}).to_string()
    };
    let now = w.now;
    let first = block_on(w.node.handle(1, now, frame("bob", "1").as_bytes()));
    let second = block_on(w.node.handle(2, now, frame("bob", "2").as_bytes()));
    w.outputs.extend(w.node.apply(2, second));
    assert!(w.events(3, "message.new").is_empty());
    w.outputs.extend(w.node.apply(1, first));
    let seqs: Vec<_> = w
        .events(3, "message.new")
        .iter()
        .map(|e| e["seq"].clone())
        .collect();
    assert_eq!(seqs, [1, 2]);

    // bob's phone logs in; before its answer has gone out, a message is pushed.
    w.connect(4);
    let login = w.login("bob", json!({"device_id": "phone", "platform": 2}));
    let login = json!({"id": 1, "op": "session.login", "body": login}).to_string();
    let logged_in = block_on(w.node.handle(4, now, login.as_bytes()));
    let third = block_on(w.node.handle(1, now, frame("bob", "3").as_bytes()));
    w.outputs.extend(w.node.apply(1, third));
    assert!(w.frames(4, |_| true).is_empty());
    w.outputs.extend(w.node.apply(4, logged_in));
    let frames = w.frames(4, |_| true);
    assert_eq!(frames[0]["body"]["event_seq"], 2);
    assert_eq!(
        (&frames[1]["ev"], &frames[1]["seq"]),
        (&json!("message.new"), &json!(3))
    );
    assert_eq!(frames.len(), 2);
}

#[test]
fn shutdown_tells_when_to_come_back() {
    let mut w = world();
    w.join(1, "alice", json!({}));
    w.connect(2);
    w.outputs
        .extend(w.node.shutdown(Duration::from_millis(700)));
    let event = &w.events(1, "session.shutdown")[0];
    assert_eq!(event["body"], json!({"retry_after_ms": 700}));
    assert!(w.events(2, "session.shutdown").is_empty());
    assert!(
        w.outputs
            .contains(&Output::Close(2, 1001, "retry_after_ms=700".into()))
    );
    // Who comes too late is sent away at once.
    w.connect(3);
    w.outputs.extend(w.node.take());
    assert_eq!((w.closed(1), w.closed(3)), (Some(1001), Some(1001)));
}

#[test]
fn who_is_released_goes_and_the_others_stay_served() {
    let mut w = world();
    for session in 1..=5 {
        w.join(session, &format!("user{session}"), json!({}));
    }
    w.connect(6);
    let soon = Duration::from_millis(700);
    assert_eq!(w.node.logic().release(2, soon), 4);
    w.outputs.extend(w.node.tick(w.now));
    let gone = |w: &mut World| -> Vec<u64> {
        let is_closed = |session: &u64| w.closed(*session) == Some(1001);
        (1..=6).filter(is_closed).collect()
    };
    let first = gone(&mut w);
    assert_eq!(first.len(), 2);
    // Whoever is still here is served as ever; a newcomer is sent on.
    let stays = (1..=5).find(|session| !first.contains(session)).unwrap();
    w.ok(stays, "session.heartbeat", json!({}));
    w.connect(7);
    assert_eq!(w.node.logic().release(3, soon), 1);
    w.outputs.extend(w.node.tick(w.now));
    let close = w.close_of(7).unwrap();
    assert_eq!(close, (1001, "retry_after_ms=700".into()));
    let second = gone(&mut w);
    assert_eq!(second.len(), 3);
    assert!(second.iter().all(|session| !first.contains(session)));
    assert_eq!(w.node.logic().release(usize::MAX, soon), 0);
}
