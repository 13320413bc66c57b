//! The rules of history, against a server played by hand.

mod rig;

use std::time::Duration;

use protocol::codes;
use protocol::conversation::ConvId;
use protocol::message::GetMsgListParam;
use rig::{Rig, new_message, seqs};
use serde_json::json;
use tim_core::store::Store;
use tim_core::{Command, Input, Reply};

const S: Duration = Duration::from_secs(1);

#[test]
fn history_fetches_exactly_the_hole() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let message = |n: u64| new_message("bob", "bob", &format!("m{n}"), n, n);
    rig.event(epoch, Some(1), "message.new", &message(1));
    rig.event(epoch, Some(2), "message.new", &message(6));
    assert_eq!(rig.store.gaps(&ConvId::c2c("bob")).unwrap(), [(2, 5)]);
    let local = rig.history(GetMsgListParam::default());
    assert_eq!(seqs(&local), [6, 1]);

    let param = GetMsgListParam {
        is_ramble: true,
        count: 4,
        ..Default::default()
    };
    let req = rig.command(Command::GetMessages(ConvId::c2c("bob"), param));
    let (id, body) = rig.sent_one("message.history");
    assert_eq!(
        (body["from"].as_u64(), body["to"].as_u64()),
        (Some(2), Some(5))
    );
    let answer: Vec<_> = (2..=5).map(message).collect();
    rig.answer(epoch, id, &json!({"messages": answer}));
    let Some(Ok(Reply::Messages(messages))) = rig.completion(req) else {
        panic!("messages")
    };
    assert_eq!(seqs(&messages), [6, 5, 4, 3]);
    assert_eq!(rig.store.gaps(&ConvId::c2c("bob")).unwrap(), []);
    let last_msg = serde_json::from_value(json!({"message_msg_id": "m3"})).unwrap();
    let param = GetMsgListParam {
        last_msg: Some(last_msg),
        is_forward: true,
        is_ramble: true,
        ..Default::default()
    };
    assert_eq!(seqs(&rig.history(param)), [4, 5, 6]);
}

#[test]
fn history_without_network_is_what_is_here() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let message = |n: u64| new_message("bob", "bob", &format!("m{n}"), n, n);
    rig.event(epoch, Some(1), "message.new", &message(6));
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let param = GetMsgListParam {
        is_ramble: true,
        ..Default::default()
    };
    let req = rig.command(Command::GetMessages(ConvId::c2c("bob"), param));
    rig.advance(16 * S);
    let Some(Ok(Reply::Messages(messages))) = rig.completion(req) else {
        panic!("messages")
    };
    assert_eq!(seqs(&messages), [6]);
}

#[test]
fn history_on_a_new_device_waits_for_what_is_missing() {
    let mut rig = Rig::new();
    let login = rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 2);
    assert_eq!(rig.code(login), Some(0));
    let (snapshot, _) = rig.sent_one("conversation.snapshot");
    let param = GetMsgListParam {
        is_ramble: true,
        ..Default::default()
    };
    let bob = ConvId::c2c("bob");
    let early = rig.command(Command::GetMessages(bob.clone(), param.clone()));
    assert_eq!(rig.code(early), None);
    let last = new_message("bob", "bob", "m2", 2, 2);
    let state = json!({"conv": {"conv_type": 1, "conv_id": "bob"}, "head_seq": 2, "last": last,
                       "peer_ord": 2, "read_ord": 0, "read_seq": 0});
    rig.answer(
        epoch,
        snapshot,
        &json!({"conversations": [state], "event_seq": 2}),
    );
    let (id, _) = rig.sent_one("message.history");
    let first = new_message("bob", "bob", "m1", 1, 1);
    rig.answer(epoch, id, &json!({"messages": [first]}));
    let Some(Ok(Reply::Messages(messages))) = rig.completion(early) else {
        panic!("messages")
    };
    assert_eq!(seqs(&messages), [2, 1]);

    // When it takes too long, what is here is the answer.
    let epoch = rig.reconnect(epoch, 9);
    rig.sent_one("session.difference");
    let late = rig.command(Command::GetMessages(bob, param));
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    rig.advance(16 * S);
    let Some(Ok(Reply::Messages(messages))) = rig.completion(late) else {
        panic!("messages")
    };
    assert_eq!(seqs(&messages), [2, 1]);
}

#[test]
fn references_are_checked() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let foreign = new_message("eve", "eve", "e9", 9, 9);
    rig.event(epoch, Some(1), "message.new", &foreign);
    let wanted = |json| serde_json::from_value(json).unwrap();
    let huge = GetMsgListParam {
        last_msg: Some(wanted(json!({"message_seq": u64::MAX}))),
        is_forward: true,
        is_ramble: true,
        ..Default::default()
    };
    assert!(rig.history(huge).is_empty());
    let other = GetMsgListParam {
        last_msg: Some(wanted(json!({"message_msg_id": "e9"}))),
        ..Default::default()
    };
    let bob = ConvId::c2c("bob");
    let req = rig.command(Command::GetMessages(bob.clone(), other));
    assert_eq!(rig.code(req), Some(codes::INVALID_PARAMETERS));
    let req = rig.command(Command::ReportRead(
        bob,
        Some(wanted(json!({"message_msg_id": "e9"}))),
    ));
    assert_eq!(rig.code(req), Some(codes::INVALID_PARAMETERS));
    let none = ConvId {
        kind: 3,
        id: "g".into(),
    };
    let req = rig.command(Command::ReportRead(none, None));
    assert_eq!(rig.code(req), Some(codes::INVALID_CONVERSATION));
}
