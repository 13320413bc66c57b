//! The rules of conversations and reading, against a server played by hand.

mod rig;

use std::time::Duration;

use protocol::codes;
use protocol::conversation::ConvId;
use protocol::message::GetMsgListParam;
use rig::{Rig, new_message};
use serde_json::json;
use tim_core::store::Store;
use tim_core::{Command, Event, Input, Reply};

const S: Duration = Duration::from_secs(1);

#[test]
fn unread_is_counted_and_reading_is_told_once() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let total = rig.command(Command::GetTotalUnread);
    assert_eq!(rig.completion(total), Some(Ok(Reply::TotalUnread(0))));
    for n in 1..=3 {
        let message = new_message("bob", "bob", &format!("m{n}"), n, n);
        rig.event(epoch, Some(n), "message.new", &message);
    }
    assert!(rig.events().contains(&&Event::TotalUnread(3)));
    assert_eq!(rig.conversation("bob").unread, 3);
    let up_to = serde_json::from_value(json!({"message_msg_id": "m2"})).unwrap();
    let read = rig.command(Command::ReportRead(ConvId::c2c("bob"), Some(up_to)));
    assert_eq!(rig.conversation("bob").unread, 1, "at once");
    let (id, body) = rig.sent_one("message.read");
    assert_eq!(body["seq"], 2);
    let state = json!({"conv": {"conv_type": 1, "conv_id": "bob"}, "read_seq": 2, "read_ord": 2});
    rig.answer(epoch, id, &state);
    assert_eq!(rig.code(read), Some(0));
    rig.event(epoch, Some(4), "message.read", &state);
    assert_eq!(rig.conversation("bob").unread, 1);
    assert!(rig.store.dirty_conversations().unwrap().is_empty());
    let all = rig.command(Command::ReportRead(ConvId::c2c(""), None));
    assert_eq!(rig.code(all), Some(0));
    assert_eq!(rig.conversation("bob").unread, 0);
    assert_eq!(rig.sent_one("message.read").1["seq"], 3);
}

#[test]
fn a_read_mark_made_offline_reaches_the_server_later() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.event(
        epoch,
        Some(1),
        "message.new",
        &new_message("bob", "bob", "m1", 1, 1),
    );
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let read = rig.command(Command::ReportRead(ConvId::c2c("bob"), None));
    assert_eq!(rig.code(read), Some(0));
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 1);
    let (id, body) = rig.sent_one("message.read");
    assert_eq!(body["seq"], 1);
    let state = json!({"conv": {"conv_type": 1, "conv_id": "bob"}, "read_seq": 1, "read_ord": 1});
    rig.answer(epoch, id, &state);
    assert!(rig.store.dirty_conversations().unwrap().is_empty());
}

#[test]
fn a_read_mark_that_moves_while_an_older_one_waits_is_told_too() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let message = |n: u64| new_message("bob", "bob", &format!("m{n}"), n, n);
    rig.event(epoch, Some(1), "message.new", &message(1));
    rig.event(epoch, Some(2), "message.new", &message(2));
    let first = serde_json::from_value(json!({"message_msg_id": "m1"})).unwrap();
    rig.command(Command::ReportRead(ConvId::c2c("bob"), Some(first)));
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    rig.sent();
    rig.command(Command::ReportRead(ConvId::c2c("bob"), None));
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 2);
    for seq in [1, 2] {
        let (id, body) = rig.sent_one("message.read");
        assert_eq!(body["seq"], seq);
        let conv = json!({"conv_type": 1, "conv_id": "bob"});
        rig.answer(
            epoch,
            id,
            &json!({"conv": conv, "read_seq": seq, "read_ord": seq}),
        );
    }
    assert!(rig.store.dirty_conversations().unwrap().is_empty());
}

#[test]
fn a_receipt_marks_own_messages_as_read_by_the_peer() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.send("bob", "m1");
    rig.accept(epoch, 1);
    rig.event(
        epoch,
        Some(1),
        "message.new",
        &new_message("bob", "alice", "m1", 1, 1),
    );
    rig.outputs.clear();
    let receipt =
        json!({"conv": {"conv_type": 1, "conv_id": "bob"}, "peer_read_seq": 1, "time": 77});
    rig.event(epoch, Some(2), "message.receipt", &receipt);
    let Some(Event::Receipts(receipts)) = rig
        .events()
        .into_iter()
        .find(|event| matches!(event, Event::Receipts(_)))
    else {
        panic!("a receipt")
    };
    assert_eq!(
        (receipts[0].conv_id.as_str(), receipts[0].time),
        ("bob", 77)
    );
    let messages = rig.history(GetMsgListParam::default());
    assert!(messages[0].is_peer_read);
}

#[test]
fn the_conversation_that_moved_last_comes_first_also_within_a_second() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let order = |rig: &mut Rig| {
        let req = rig.command(Command::GetConversations);
        match rig.completion(req) {
            Some(Ok(Reply::Conversations(convs))) => {
                let names = convs.into_iter().map(|conv| conv.conv.id);
                names.collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        }
    };
    rig.send("bob", "m1");
    let foreign = new_message("eve", "eve", "e1", 1, 1);
    rig.event(epoch, Some(1), "message.new", &foreign);
    assert_eq!(order(&mut rig), ["eve", "bob"]);
    rig.send("bob", "m2");
    assert_eq!(order(&mut rig), ["bob", "eve"]);
}

#[test]
fn a_read_mark_whose_request_ran_out_of_time_is_told_again() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let first = new_message("bob", "bob", "m1", 1, 1);
    rig.event(epoch, Some(1), "message.new", &first);
    rig.command(Command::ReportRead(ConvId::c2c("bob"), None));
    rig.sent();
    rig.advance(13 * S);
    let epoch = rig.reconnect(epoch, 1);
    rig.sent_one("message.read");
    rig.advance(2 * S);
    let (id, body) = rig.sent_one("message.read");
    assert_eq!(body["seq"], 1);
    let conv = json!({"conv_type": 1, "conv_id": "bob"});
    rig.answer(
        epoch,
        id,
        &json!({"conv": conv, "read_seq": 1, "read_ord": 1}),
    );
    assert!(rig.store.dirty_conversations().unwrap().is_empty());
}

#[test]
fn the_read_time_stays_while_an_own_message_waits() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let first = new_message("bob", "bob", "b1", 1, 1);
    rig.event(epoch, Some(1), "message.new", &first);
    rig.command(Command::ReportRead(ConvId::c2c("bob"), None));
    let before = rig.conversation("bob").c2c_read_time;
    assert!(before > 0);
    rig.send("bob", "m1");
    assert_eq!(rig.conversation("bob").c2c_read_time, before);
}

#[test]
fn the_total_follows_from_turn_to_turn() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let req = rig.command(Command::GetTotalUnread);
    assert_eq!(rig.completion(req), Some(Ok(Reply::TotalUnread(0))));
    let mut totals = Vec::new();
    for (seq, peer) in [(1, "bob"), (2, "bob"), (3, "eve"), (4, "bob")] {
        let (place, ord) = if peer == "eve" {
            (1, 1)
        } else {
            (seq.min(3), seq.min(3))
        };
        let message = new_message(peer, peer, &format!("{peer}{seq}"), place, ord);
        rig.event(epoch, Some(seq), "message.new", &message);
    }
    rig.command(Command::ReportRead(ConvId::c2c("bob"), None));
    for event in rig.events() {
        if let Event::TotalUnread(total) = event {
            totals.push(*total);
        }
    }
    assert_eq!(totals, [1, 2, 3, 4, 1]);
}

#[test]
fn the_last_message_is_told_in_its_latest_state() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let last = |rig: &mut Rig| {
        let last = rig.conversation("bob").last_msg.unwrap();
        (last.msg_id, last.status, last.seq)
    };
    rig.send("bob", "m1");
    assert_eq!(last(&mut rig), ("m1".into(), 1, 0));
    rig.accept(epoch, 1);
    assert_eq!(last(&mut rig), ("m1".into(), 2, 1));
    rig.send("bob", "m2");
    let (id, _) = rig.sent_one("message.send");
    rig.refuse(epoch, id, codes::SVR_MSG_INVALID_ID);
    assert_eq!(last(&mut rig), ("m2".into(), 3, 0));
    let next = new_message("bob", "bob", "b1", 2, 1);
    rig.event(epoch, Some(1), "message.new", &next);
    assert_eq!(last(&mut rig), ("b1".into(), 2, 2));
}
