//! The rules of sending and receiving, against a server played by hand.

mod rig;

use std::time::Duration;

use protocol::codes;
use protocol::conversation::{ConvId, conv_event};
use protocol::message::{Content, Elem, GetMsgListParam, LocalCustom, TextElem};
use rig::{Rig, new_message, seqs};
use serde_json::json;
use tim_core::store::Store;
use tim_core::{Command, Event, Input, Reply};

const S: Duration = Duration::from_secs(1);

#[test]
fn a_message_is_sent_answered_and_echoed_once() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let req = rig.send("bob", "m1");
    let (id, body) = rig.sent_one("message.send");
    assert_eq!(body["conv"], json!({"conv_type": 1, "conv_id": "bob"}));
    rig.answer(epoch, id, &json!({"seq": 1, "time": 1_700_000_001u64}));
    let Some(Ok(Reply::Message(message))) = rig.completion(req) else {
        panic!("a message")
    };
    assert_eq!(
        (message.seq, message.server_time, message.status),
        (1, 1_700_000_001, 2)
    );
    assert!(message.from_self && message.is_read && !message.is_peer_read);
    rig.outputs.clear();
    rig.event(
        epoch,
        Some(1),
        "message.new",
        &new_message("bob", "alice", "m1", 1, 1),
    );
    assert!(rig.told().is_empty(), "one's own message is not new");
    assert_eq!(rig.store.outbox_extent().unwrap(), (0, 0));
    assert_eq!(rig.conversation("bob").unread, 0);
}

#[test]
fn an_echo_before_the_answer_completes_the_call_once() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let req = rig.send("bob", "m1");
    let (id, _) = rig.sent_one("message.send");
    rig.event(
        epoch,
        Some(1),
        "message.new",
        &new_message("bob", "alice", "m1", 1, 1),
    );
    assert_eq!(rig.code(req), Some(0));
    rig.answer(epoch, id, &json!({"seq": 1, "time": 1}));
    assert_eq!(rig.code(req), None);
}

#[test]
fn an_answer_that_stands_for_the_echo_takes_its_place_in_the_stream() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let cursor: u64 = rig.known().parse().unwrap();
    // Event cursor + 1 is overtaken by the answer that stands for cursor + 2.
    let req = rig.send("bob", "m1");
    let (id, _) = rig.sent_one("message.send");
    let sent = json!({"seq": 2, "time": 1_700_000_001u64, "event": cursor + 2});
    rig.answer(epoch, id, &sent);
    assert!(matches!(rig.completion(req), Some(Ok(_))), "at once");
    assert_eq!(rig.known(), cursor.to_string());
    let first = new_message("bob", "bob", "b1", 1, 1);
    rig.event(epoch, Some(cursor + 1), "message.new", &first);
    assert_eq!(rig.known(), (cursor + 2).to_string());
    let third = new_message("bob", "bob", "b3", 3, 2);
    rig.event(epoch, Some(cursor + 3), "message.new", &third);
    assert_eq!(rig.told(), ["b1", "b3"]);
    let all = GetMsgListParam {
        count: 9,
        ..Default::default()
    };
    assert_eq!(seqs(&rig.history(all)), [3, 2, 1]);
    // Nothing was missed, so nothing is asked for.
    rig.advance(10 * S);
    let ops: Vec<String> = rig.sent().into_iter().map(|(_, op, _)| op).collect();
    assert_eq!(ops, Vec::<String>::new());
}

#[test]
fn messages_written_offline_go_out_once_and_in_order() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let reqs: Vec<_> = (1..=3).map(|n| rig.send("bob", &format!("m{n}"))).collect();
    assert!(rig.sent().is_empty());
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    let sent = rig.sent();
    let ids: Vec<_> = sent
        .iter()
        .map(|(_, _, body)| body["msg_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["m1", "m2", "m3"]);
    // The first is answered, then the link is lost with the other two on their way.
    rig.answer(epoch, sent[0].0, &json!({"seq": 1, "time": 1}));
    assert_eq!(rig.code(reqs[0]), Some(0));
    let epoch = rig.reconnect(epoch, 0);
    let sent = rig.sent();
    let ids: Vec<_> = sent
        .iter()
        .map(|(_, _, body)| body["msg_id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        ["m2", "m3"],
        "the same ids, from the first unanswered one on"
    );
    for (n, (id, _, _)) in sent.iter().enumerate() {
        rig.answer(epoch, *id, &json!({"seq": n + 2, "time": 1}));
    }
    assert_eq!((rig.code(reqs[1]), rig.code(reqs[2])), (Some(0), Some(0)));
}

#[test]
fn the_outbox_survives_a_logout() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let req = rig.send("bob", "m1");
    rig.command(Command::Logout);
    assert_eq!(rig.code(req), Some(7009));
    rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    assert_eq!(rig.accept(epoch, 1), "m1");
    assert_eq!(rig.store.outbox_extent().unwrap(), (0, 0));
}

#[test]
fn a_refused_message_fails_and_the_next_ones_go_on() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let bad = rig.send("nobody", "m1");
    let (id, _) = rig.sent_one("message.send");
    rig.refuse(epoch, id, codes::SVR_MSG_INVALID_ID);
    assert_eq!(rig.code(bad), Some(20003));
    assert_eq!(rig.store.message("m1").unwrap().unwrap().status, 3);
    let good = rig.send("bob", "m2");
    rig.accept(epoch, 1);
    assert_eq!(rig.code(good), Some(0));
}

#[test]
fn trouble_of_the_server_keeps_the_order() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let first = rig.send("bob", "m1");
    rig.send("bob", "m2");
    let sent = rig.sent();
    rig.refuse(epoch, sent[0].0, codes::SERVER_BUSY);
    assert_eq!(rig.code(first), None, "not failed: it is tried again");
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    let ids: Vec<_> = rig
        .sent()
        .into_iter()
        .map(|(_, _, body)| body["msg_id"].clone())
        .collect();
    assert_eq!(ids, ["m1", "m2"]);
}

#[test]
fn content_is_checked_before_it_is_accepted() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let mut send_to = |kind: i32, id: &str, content: Content| {
        let conv = ConvId {
            kind,
            id: id.into(),
        };
        let local = LocalCustom::default();
        let req = rig.command(Command::Send {
            conv,
            msg_id: "m".into(),
            content,
            local,
        });
        rig.code(req)
    };
    let text = |len: usize| {
        Elem::Text(TextElem {
            content: "x".repeat(len),
        })
    };
    let content = |elems| Content {
        elems,
        ..Content::default()
    };
    for id in ["a b", "b\u{f6}b", "bob@x", &"b".repeat(33)] {
        assert_eq!(send_to(1, id, content(vec![text(1)])), Some(7003), "{id:?}");
    }
    let group = send_to(2, "\u{e4}", content(vec![text(1)]));
    assert_eq!(group, Some(codes::SDK_GROUP_INVALID_ID));
    let mut send = |kind, content| send_to(kind, "bob", content);
    let wrong = Some(codes::INVALID_PARAMETERS);
    assert_eq!(send(1, content(vec![])), wrong);
    assert_eq!(send(1, content(vec![text(1); 101])), wrong);
    assert_eq!(
        send(1, content(vec![Elem::Unknown])),
        Some(codes::INVALID_MSG_ELEM)
    );
    assert_eq!(send(1, content(vec![text(12_289)])), Some(8001));
    assert_eq!(send(1, content(vec![text(12_000), text(289)])), Some(8001));
    assert_eq!(
        send(77, content(vec![text(1)])),
        Some(codes::INVALID_CONVERSATION)
    );
    assert_eq!(send(1, content(vec![text(12_288)])), None, "accepted");
    let kept = rig.store.conversations().unwrap();
    assert_eq!(kept.len(), 1, "{kept:?}");
}

#[test]
fn an_id_that_is_nobodys_is_refused_wherever_it_stands() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let (good, bad) = (ConvId::c2c("bob"), ConvId::c2c("a b"));
    let users = || vec!["bob".to_owned(), "a b".to_owned()];
    for command in [
        Command::GetMessages(bad.clone(), GetMsgListParam::default()),
        Command::ReportRead(bad.clone(), None),
        Command::GetConversationInfo(vec![good, bad]),
        Command::GetUserStatus(users()),
        Command::SubscribeUserStatus(users()),
        Command::UnsubscribeUserStatus(users()),
        Command::GetUserStatus(vec![String::new()]),
    ] {
        let req = rig.command(command.clone());
        assert_eq!(rig.code(req), Some(7003), "{command:?}");
    }
    assert!(rig.store.conversations().unwrap().is_empty());
}

#[test]
fn pushes_are_applied_in_order_once_and_holes_are_fetched() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let message = |n: u64| new_message("bob", "bob", &format!("m{n}"), n, n);
    rig.event(epoch, Some(1), "message.new", &message(1));
    rig.event(epoch, Some(1), "message.new", &message(1));
    rig.event(epoch, Some(3), "message.new", &message(3));
    assert_eq!(rig.told(), ["m1"]);
    rig.event(epoch, Some(2), "message.new", &message(2));
    assert_eq!(rig.told(), ["m1", "m2", "m3"]);
    rig.outputs.clear();

    rig.event(epoch, Some(6), "message.new", &message(6));
    rig.advance(S);
    let (id, body) = rig.sent_one("session.difference");
    assert_eq!(body["after"], 3);
    rig.event(epoch, Some(7), "message.new", &message(7));
    let event = |n: u64| json!({"seq": n, "ev": "message.new", "body": message(n)});
    let events: Vec<_> = (4..=6).map(event).collect();
    rig.answer(epoch, id, &json!({"events": events, "head": 7}));
    let (id, body) = rig.sent_one("session.difference");
    assert_eq!(body["after"], 6);
    rig.answer(epoch, id, &json!({"events": [event(7)], "head": 7}));
    assert_eq!(rig.told(), ["m4", "m5", "m6", "m7"]);
    assert_eq!(rig.known(), "7");
    assert_eq!(rig.conversation("bob").unread, 7);
}

#[test]
fn what_was_missed_comes_after_the_login_between_start_and_finish() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let epoch = rig.reconnect(epoch, 1);
    let (id, _) = rig.sent_one("session.difference");
    let body = new_message("bob", "bob", "m1", 1, 1);
    rig.outputs
        .retain(|output| !matches!(output, tim_core::Output::Notify(Event::Network(_))));
    rig.answer(
        epoch,
        id,
        &json!({"events": [{"seq": 1, "ev": "message.new", "body": body}], "head": 1}),
    );
    let kinds: Vec<_> = rig
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Conversations(kind, _) => *kind,
            Event::NewMessages(_) => 100,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [conv_event::START, 100, conv_event::ADD, conv_event::FINISH]
    );
}

/// On a new device the login succeeds a moment before the conversations come. What arrives between
/// is in the snapshot already, and all the same new to the app, also when the link breaks there.
#[test]
fn what_comes_after_the_first_login_is_told_whatever_the_snapshot_holds() {
    for is_lost in [false, true] {
        let mut rig = Rig::new();
        rig.login("alice");
        let mut epoch = rig.connecting();
        rig.input(Input::Connected(epoch));
        rig.accept_login(epoch, 5);
        let (mut id, _) = rig.sent_one("conversation.snapshot");
        let message = new_message("bob", "bob", "m2", 2, 2);
        rig.event(epoch, Some(6), "message.new", &message);
        if is_lost {
            epoch = rig.reconnect(epoch, 6);
            (id, _) = rig.sent_one("conversation.snapshot");
        }
        let state = json!({"conv": {"conv_type": 1, "conv_id": "bob"}, "head_seq": 2,
            "last": message, "peer_ord": 2, "read_ord": 1, "read_seq": 1});
        let snapshot = json!({"conversations": [state], "event_seq": 6});
        rig.answer(epoch, id, &snapshot);
        let (id, body) = rig.sent_one("session.difference");
        assert_eq!(body["after"], 5);
        let event = json!({"seq": 6, "ev": "message.new", "body": message});
        rig.answer(epoch, id, &json!({"events": [event], "head": 6}));
        assert_eq!(rig.told(), ["m2"], "lost: {is_lost}");
        assert_eq!(rig.conversation("bob").unread, 1);
        // From here on it is a repeat.
        rig.event(epoch, Some(7), "message.new", &message);
        assert_eq!(rig.told(), ["m2"]);
    }
}

#[test]
fn a_stream_that_is_too_old_becomes_a_snapshot_with_gaps() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.event(
        epoch,
        Some(1),
        "message.new",
        &new_message("bob", "bob", "m1", 1, 1),
    );
    let epoch = rig.reconnect(epoch, 90_000);
    let (id, _) = rig.sent_one("session.difference");
    rig.answer(
        epoch,
        id,
        &json!({"events": [], "head": 90_000, "too_old": true}),
    );
    let (id, _) = rig.sent_one("conversation.snapshot");
    let last = new_message("bob", "bob", "m50", 50, 40);
    let state = json!({"conv": {"conv_type": 1, "conv_id": "bob"}, "head_seq": 50, "last": last,
                       "peer_ord": 40, "read_ord": 30, "read_seq": 35});
    rig.answer(
        epoch,
        id,
        &json!({"conversations": [state], "event_seq": 90_000}),
    );
    assert_eq!(rig.store.gaps(&ConvId::c2c("bob")).unwrap(), [(2, 49)]);
    assert_eq!(rig.conversation("bob").unread, 10);
    assert_eq!(rig.known(), "90000");
}

#[test]
fn online_only_messages_are_told_and_not_kept() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let mut body = new_message("bob", "bob", "typing", 0, 0);
    body["content"]["message_is_online_msg"] = true.into();
    rig.event(epoch, None, "message.new", &body);
    assert_eq!(rig.told(), ["typing"]);
    assert!(rig.store.conversations().unwrap().is_empty());

    let content = Content {
        online_only: true,
        ..rig::text("x")
    };
    let (conv, local) = (ConvId::c2c("bob"), LocalCustom::default());
    let req = rig.command(Command::Send {
        conv,
        msg_id: "o1".into(),
        content,
        local,
    });
    rig.accept(epoch, 0);
    assert_eq!(rig.code(req), Some(0));
    assert_eq!(rig.store.message("o1").unwrap(), None);
}

#[test]
fn online_only_messages_are_never_sent_twice() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let send = |rig: &mut Rig, id: &str| {
        let content = Content {
            online_only: true,
            ..rig::text("x")
        };
        rig.command(Command::Send {
            conv: ConvId::c2c("bob"),
            msg_id: id.into(),
            content,
            local: LocalCustom::default(),
        })
    };
    let sent = send(&mut rig, "o1");
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    assert_eq!(rig.code(sent), Some(9524));
    let unsent = send(&mut rig, "o2");
    rig.sent();
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    let (id, body) = rig.sent_one("message.send");
    assert_eq!(body["msg_id"], "o2");
    rig.answer(epoch, id, &json!({"seq": 0, "time": 1}));
    assert_eq!(rig.code(unsent), Some(0));
}

#[test]
fn an_event_is_fetched_when_history_was_faster_than_the_answer() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.send("bob", "m1");
    let (id, _) = rig.sent_one("message.send");
    let later = new_message("bob", "bob", "b5", 5, 1);
    rig.event(epoch, Some(1), "message.new", &later);
    let param = GetMsgListParam {
        count: 9,
        is_ramble: true,
        ..Default::default()
    };
    rig.command(Command::GetMessages(ConvId::c2c("bob"), param));
    let (history, _) = rig.sent_one("message.history");
    let own = new_message("bob", "alice", "m1", 4, 1);
    rig.answer(epoch, history, &json!({"messages": [own], "more": false}));
    let sent = json!({"seq": 4, "time": 1_700_000_001u64, "event": 2});
    rig.answer(epoch, id, &sent);
    let (_, body) = rig.sent_one("session.difference");
    assert_eq!(body["after"], 1);
}
