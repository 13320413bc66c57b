//! Messages after they were sent: taken back, changed, deleted, called off.

mod rig;

use std::time::Duration;

use protocol::codes;
use protocol::conversation::{ConvId, ConvInfo, conv_event};
use protocol::message::{Elem, GetMsgListParam, MessageRef, TextElem, msg_status};
use rig::{Rig, new_message, seqs};
use serde_json::{Value, json};
use tim_core::command::Modification;
use tim_core::{Command, Epoch, Event, Reply, ReqId};

fn bob() -> ConvId {
    ConvId::c2c("bob")
}

fn by_id(msg_id: &str) -> MessageRef {
    MessageRef {
        msg_id: msg_id.into(),
        seq: 0,
    }
}

/// alice, with the messages 1 (hers), 2 and 3 (bob's).
fn talked() -> (Rig, Epoch) {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.send("bob", "a1");
    rig.accept(epoch, 1);
    rig.event(
        epoch,
        Some(1),
        "message.new",
        &new_message("bob", "alice", "a1", 1, 1),
    );
    for seq in 2..=3 {
        let body = new_message("bob", "bob", &format!("b{seq}"), seq, seq - 1);
        rig.event(epoch, Some(seq), "message.new", &body);
    }
    rig.outputs.clear();
    (rig, epoch)
}

/// A message as the server has it after a change.
fn changed(id: &str, sender: &str, seq: u64, rev: u64, text: &str) -> Value {
    let mut body = new_message("bob", sender, id, seq, seq);
    body["content"] = json!(rig::text(text));
    body["change"] = json!({"rev": rev});
    body
}

fn revoked(id: &str, sender: &str, seq: u64, rev: u64) -> Value {
    let mut body = changed(id, sender, seq, rev, "");
    body["content"] = json!(rig::text("").emptied());
    body["change"]["revoked"] = json!({"by": sender});
    body
}

fn find(rig: &mut Rig, id: &str) -> Option<protocol::message::Message> {
    let req = rig.command(Command::FindMessages(vec![id.into()]));
    match rig.completion(req) {
        Some(Ok(Reply::Messages(mut messages))) => messages.pop(),
        other => panic!("{other:?}"),
    }
}

fn elem(text: &str) -> Vec<Elem> {
    let content = text.into();
    vec![Elem::Text(TextElem { content })]
}

fn modify(rig: &mut Rig, id: &str, rev: Option<u64>, text: &str) -> ReqId {
    rig.command(Command::Modify(Box::new(Modification {
        conv: bob(),
        message: by_id(id),
        rev,
        elems: elem(text),
        cloud_custom: String::new(),
    })))
}

fn delete(rig: &mut Rig, ids: &[&str], is_everywhere: bool) -> ReqId {
    rig.command(Command::Delete {
        conv: bob(),
        messages: ids.iter().map(|id| by_id(id)).collect(),
        is_everywhere,
    })
}

fn history(rig: &mut Rig) -> Vec<u64> {
    let param = GetMsgListParam {
        is_forward: true,
        count: 100,
        ..Default::default()
    };
    seqs(&rig.history(param))
}

fn told_revoked(rig: &Rig) -> Vec<(u64, String, bool)> {
    let mut told = Vec::new();
    for event in rig.events() {
        if let Event::Revoked(messages) = event {
            told.extend(
                messages
                    .iter()
                    .map(|m| (m.seq, m.revoker.clone(), m.is_self)),
            );
        }
    }
    told
}

fn told_modified(rig: &Rig) -> Vec<(String, u64)> {
    let mut told = Vec::new();
    for event in rig.events() {
        if let Event::Modified(messages) = event {
            let rev = |m: &protocol::message::Message| m.change.as_ref().map_or(0, |c| c.rev);
            told.extend(messages.iter().map(|m| (m.msg_id.clone(), rev(m))));
        }
    }
    told
}

fn told_last(rig: &Rig) -> Option<ConvInfo> {
    let mut updates = rig
        .events()
        .into_iter()
        .rev()
        .filter_map(|event| match event {
            Event::Conversations(conv_event::UPDATE, convs) => convs.first().cloned(),
            _ => None,
        });
    updates.next()
}

#[test]
fn the_sender_takes_a_message_back() {
    let (mut rig, epoch) = talked();
    for wrong in ["b2", "nothing"] {
        let req = rig.command(Command::Revoke(bob(), by_id(wrong)));
        assert_eq!(rig.code(req), Some(codes::INVALID_PARAMETERS), "{wrong}");
    }
    let req = rig.command(Command::Revoke(bob(), by_id("a1")));
    let (id, body) = rig.sent_one("message.revoke");
    assert_eq!(body["seq"], 1);
    // The event may be there before the answer, and is no news to who asked.
    rig.event(
        epoch,
        Some(4),
        "message.changed",
        &revoked("a1", "alice", 1, 1),
    );
    rig.answer(epoch, id, &json!({"message": revoked("a1", "alice", 1, 1)}));
    assert_eq!(rig.completion(req), Some(Ok(Reply::Empty)));
    assert!(told_revoked(&rig).is_empty());
    let message = find(&mut rig, "a1").unwrap();
    assert_eq!(message.status, msg_status::REVOKED);
    // Its author may want to write it again.
    assert_eq!(message.content.elems, elem("a1"));
    let json: Value = serde_json::from_str(&tim_core::command::json(&message)).unwrap();
    assert_eq!(json["message_revoker_user_id"], "alice");
    assert_eq!(json["message_version"], 1);
    assert_eq!(rig.known(), "4");

    let req = rig.command(Command::Revoke(bob(), by_id("a1")));
    let (id, _) = rig.sent_one("message.revoke");
    rig.refuse(epoch, id, codes::SVR_MSG_REVOKE_TIME_LIMIT);
    assert_eq!(rig.code(req), Some(codes::SVR_MSG_REVOKE_TIME_LIMIT));
}

#[test]
fn others_hear_of_it() {
    let (mut rig, epoch) = talked();
    rig.event(
        epoch,
        Some(4),
        "message.changed",
        &revoked("b3", "bob", 3, 1),
    );
    assert_eq!(told_revoked(&rig), [(3, "bob".into(), false)]);
    let last = told_last(&rig).unwrap().last_msg.unwrap();
    assert_eq!(
        (last.status, last.content.elems.len()),
        (msg_status::REVOKED, 0)
    );
    rig.outputs.clear();
    // The same once more, and one that is older than what is here.
    rig.event(
        epoch,
        Some(5),
        "message.changed",
        &revoked("b3", "bob", 3, 1),
    );
    assert!(rig.events().is_empty(), "{:?}", rig.events());
    // From another device of the user: the content is not kept where the message never was.
    rig.event(
        epoch,
        Some(6),
        "message.changed",
        &revoked("x", "alice", 9, 2),
    );
    assert!(rig.events().is_empty() && find(&mut rig, "x").is_none());
    // One that was taken back before this device heard of it is no new message.
    let mut gone = revoked("b4", "bob", 4, 3);
    gone["ord"] = 3.into();
    rig.event(epoch, Some(7), "message.new", &gone);
    assert_eq!(rig.told(), Vec::<String>::new());
    assert_eq!(find(&mut rig, "b4").unwrap().status, msg_status::REVOKED);
    assert_eq!(rig.conversation("bob").unread, 3);
}

#[test]
fn a_message_is_changed() {
    let (mut rig, epoch) = talked();
    let req = modify(&mut rig, "b2", None, "better");
    let (id, body) = rig.sent_one("message.modify");
    assert_eq!((&body["seq"], body.get("rev")), (&json!(2), None));
    rig.answer(
        epoch,
        id,
        &json!({"message": changed("b2", "bob", 2, 1, "better")}),
    );
    let Some(Ok(Reply::Message(message))) = rig.completion(req) else {
        panic!("it was changed");
    };
    assert_eq!(message.content.elems, elem("better"));
    rig.event(
        epoch,
        Some(4),
        "message.changed",
        &changed("b2", "bob", 2, 1, "better"),
    );
    assert!(told_modified(&rig).is_empty());
    rig.event(
        epoch,
        Some(5),
        "message.changed",
        &changed("b2", "bob", 2, 2, "best"),
    );
    assert_eq!(told_modified(&rig), [("b2".into(), 2)]);
    assert_eq!(find(&mut rig, "b2").unwrap().content.elems, elem("best"));

    // What the app has seen is what counts, when it says so; the newer state is the outcome.
    let req = modify(&mut rig, "b2", Some(1), "mine");
    let (id, body) = rig.sent_one("message.modify");
    assert_eq!(body["rev"], 1);
    let conflict = json!({"message": changed("b2", "bob", 2, 3, "theirs"), "is_conflict": true});
    rig.answer(epoch, id, &conflict);
    let Some(Ok(Reply::Refused(error, message))) = rig.completion(req) else {
        panic!("somebody was faster");
    };
    assert_eq!(error.code, codes::SDK_MSG_MODIFY_CONFLICT);
    assert_eq!(message.content.elems, elem("theirs"));
    let req = modify(&mut rig, "b2", None, &"x".repeat(12 * 1024 + 1));
    assert_eq!(rig.code(req), Some(codes::SDK_MSG_BODY_SIZE_LIMIT));
}

#[test]
fn a_message_is_deleted_here_or_everywhere() {
    let (mut rig, epoch) = talked();
    let req = delete(&mut rig, &["b3"], false);
    assert_eq!(rig.completion(req), Some(Ok(Reply::Empty)));
    assert!(rig.sent().is_empty());
    assert_eq!(history(&mut rig), [1, 2]);
    // The one before is the last one now.
    assert_eq!(told_last(&rig).unwrap().last_msg.unwrap().msg_id, "b2");

    let req = delete(&mut rig, &["b2", "a1"], true);
    let (id, body) = rig.sent_one("message.erase");
    assert_eq!(body["ranges"], json!([[1, 2]]));
    assert_eq!(history(&mut rig), [1, 2]);
    rig.answer(epoch, id, &json!({"head": 3}));
    assert_eq!(rig.completion(req), Some(Ok(Reply::Empty)));
    assert!(history(&mut rig).is_empty());
    let info = rig.conversation("bob");
    assert!(!info.has_last_msg && info.unread == 2);
    let erased = json!({"conv": bob(), "from": 1, "to": 2});
    rig.event(epoch, Some(4), "message.erased", &erased);
    assert_eq!(rig.known(), "4");

    let many = vec![by_id("a1"); 51];
    for messages in [vec![], many] {
        let req = rig.command(Command::Delete {
            conv: bob(),
            messages,
            is_everywhere: true,
        });
        assert_eq!(rig.code(req), Some(codes::INVALID_PARAMETERS));
    }
    // What is gone already need not go; who knows its place can erase it without having it.
    let req = delete(&mut rig, &["gone"], true);
    assert_eq!(rig.code(req), Some(0));
    let nameless = delete(&mut rig, &[""], true);
    assert_eq!(rig.code(nameless), Some(codes::INVALID_PARAMETERS));
    assert!(rig.sent().is_empty());
    let there = MessageRef {
        msg_id: "b3".into(),
        seq: 3,
    };
    let req = rig.command(Command::Delete {
        conv: bob(),
        messages: vec![there],
        is_everywhere: true,
    });
    let (id, body) = rig.sent_one("message.erase");
    assert_eq!(body["ranges"], json!([[3, 3]]));
    rig.answer(epoch, id, &json!({"head": 3}));
    assert_eq!(rig.code(req), Some(0));
}

/// A message that came between the deletion and its answer is not gone, though its place was named.
#[test]
fn what_came_since_is_not_deleted() {
    let (mut rig, epoch) = talked();
    let named = |seq: u64| MessageRef {
        msg_id: String::new(),
        seq,
    };
    let req = rig.command(Command::Delete {
        conv: bob(),
        messages: vec![named(3), named(4)],
        is_everywhere: true,
    });
    let (id, body) = rig.sent_one("message.erase");
    assert_eq!(body["ranges"], json!([[3, 4]]));
    rig.event(
        epoch,
        Some(4),
        "message.new",
        &new_message("bob", "bob", "b4", 4, 3),
    );
    rig.answer(epoch, id, &json!({"head": 3}));
    assert_eq!(rig.code(req), Some(0));
    assert_eq!(history(&mut rig), [1, 2, 4]);
}

/// Of a conversation that this device does not have, nothing appears.
#[test]
fn a_deletion_elsewhere_brings_no_conversation() {
    let (mut rig, epoch) = talked();
    let there = MessageRef {
        msg_id: String::new(),
        seq: 3,
    };
    let req = rig.command(Command::Delete {
        conv: ConvId::c2c("carol"),
        messages: vec![there],
        is_everywhere: true,
    });
    let (id, _) = rig.sent_one("message.erase");
    rig.answer(epoch, id, &json!({"head": 3}));
    assert_eq!(rig.code(req), Some(0));
    assert!(rig.events().is_empty(), "{:?}", rig.events());
    let req = rig.command(Command::GetConversations);
    assert!(matches!(rig.completion(req), Some(Ok(Reply::Conversations(all))) if all.len() == 1));
}

#[test]
fn a_refused_deletion_deletes_nothing() {
    let (mut rig, epoch) = talked();
    let req = delete(&mut rig, &["b2"], true);
    let (id, _) = rig.sent_one("message.erase");
    rig.refuse(epoch, id, codes::SVR_MSG_DEL_RAMBLE_INTERNAL_ERROR);
    assert_eq!(
        rig.code(req),
        Some(codes::SVR_MSG_DEL_RAMBLE_INTERNAL_ERROR)
    );
    let req = rig.command(Command::ClearHistory(bob()));
    let (id, _) = rig.sent_one("message.erase");
    rig.refuse(epoch, id, codes::SVR_MSG_DEL_RAMBLE_INTERNAL_ERROR);
    assert!(rig.code(req).is_some_and(|code| code != 0));
    assert!(rig.sent().is_empty());
    assert_eq!(rig.conversation("bob").unread, 2);
    let req = delete(&mut rig, &["b3"], true);
    rig.advance(Duration::from_secs(20));
    assert!(rig.code(req).is_some_and(|code| code != 0));
    assert_eq!(history(&mut rig), [1, 2, 3]);
}

#[test]
fn another_device_deletes() {
    let (mut rig, epoch) = talked();
    // What is missing here and gone there is not missing any more.
    rig.event(
        epoch,
        Some(4),
        "message.new",
        &new_message("bob", "bob", "b6", 6, 5),
    );
    assert_eq!(rig.store().gaps(&bob()).unwrap(), [(4, 5)]);
    let erased = json!({"conv": bob(), "from": 3, "to": 6});
    rig.event(epoch, Some(5), "message.erased", &erased);
    assert!(rig.store().gaps(&bob()).unwrap().is_empty());
    assert_eq!(history(&mut rig), [1, 2]);
    assert_eq!(told_last(&rig).unwrap().last_msg.unwrap().msg_id, "b2");
}

/// This device has only the last message, and that is erased.
#[test]
fn the_one_before_the_last_is_asked_for() {
    let mut rig = Rig::new();
    rig.login("alice");
    let epoch = rig.connecting();
    rig.input(tim_core::Input::Connected(epoch));
    rig.accept_login(epoch, 7);
    let (id, _) = rig.sent_one("conversation.snapshot");
    let state = json!({"conv": bob(), "head_seq": 5, "peer_ord": 5, "read_ord": 0, "read_seq": 0,
        "last": new_message("bob", "bob", "b5", 5, 5)});
    rig.answer(
        epoch,
        id,
        &json!({"conversations": [state], "event_seq": 7}),
    );
    let erased = json!({"conv": bob(), "from": 5, "to": 5});
    rig.event(epoch, Some(8), "message.erased", &erased);
    let (id, body) = rig.sent_one("message.history");
    assert_eq!(
        (&body["from"], &body["to"], &body["limit"]),
        (&json!(1), &json!(4), &json!(1))
    );
    // One that is no last message is not it.
    let mut hidden = new_message("bob", "bob", "b4", 4, 4);
    hidden["content"]["message_excluded_from_last_message"] = true.into();
    rig.answer(epoch, id, &json!({"messages": [hidden]}));
    let (id, body) = rig.sent_one("message.history");
    assert_eq!((&body["from"], &body["to"]), (&json!(1), &json!(3)));
    rig.answer(
        epoch,
        id,
        &json!({"messages": [new_message("bob", "bob", "b3", 3, 3)]}),
    );
    assert!(rig.sent().is_empty());
    assert_eq!(rig.conversation("bob").last_msg.unwrap().msg_id, "b3");
    assert_eq!(rig.store().gaps(&bob()).unwrap(), [(1, 2)]);
}

/// What came while this device was away, and is gone again, is no news.
#[test]
fn what_was_deleted_meanwhile_is_not_told_as_new() {
    let (mut rig, epoch) = talked();
    let epoch = rig.reconnect(epoch, 6);
    let (id, _) = rig.sent_one("session.difference");
    let event = |seq: u64, ev: &str, body: Value| json!({"seq": seq, "ev": ev, "body": body});
    let new = |seq: u64| new_message("bob", "bob", &format!("b{seq}"), seq, seq);
    let events = json!([
        event(4, "message.new", new(4)),
        event(5, "message.new", new(5)),
        event(
            6,
            "message.erased",
            json!({"conv": bob(), "from": 4, "to": 4})
        )
    ]);
    rig.answer(epoch, id, &json!({"head": 6, "events": events}));
    assert_eq!(rig.told(), ["b5"]);
    assert_eq!(history(&mut rig), [1, 2, 3, 5]);
}

/// The listener of the one who lost a race hears what the other one did.
#[test]
fn who_is_too_late_is_told() {
    let (mut rig, epoch) = talked();
    modify(&mut rig, "b2", None, "mine");
    let (id, _) = rig.sent_one("message.modify");
    rig.event(
        epoch,
        Some(4),
        "message.changed",
        &revoked("b2", "bob", 2, 1),
    );
    assert!(told_revoked(&rig).is_empty());
    let conflict = json!({"message": revoked("b2", "bob", 2, 1), "is_conflict": true});
    rig.answer(epoch, id, &conflict);
    assert_eq!(told_revoked(&rig), [(2, "bob".into(), false)]);
}

/// A process that died before its app had heard of it leaves that to the next one.
#[test]
fn what_was_taken_back_is_told_after_a_crash() {
    let (mut rig, epoch) = talked();
    rig.event(
        epoch,
        Some(4),
        "message.changed",
        &revoked("b3", "bob", 3, 1),
    );
    let mut rig = rig.died();
    let epoch = rig.log_in_at("alice", 4);
    let (id, body) = rig.sent_one("session.difference");
    assert!(body["after"].as_u64().unwrap() < 4, "{body}");
    let event = json!({"seq": 4, "ev": "message.changed", "body": revoked("b3", "bob", 3, 1)});
    let after = body["after"].as_u64().unwrap();
    let mut events: Vec<Value> = (after + 1..4)
        .map(|seq| {
            let sender = if seq == 1 { "alice" } else { "bob" };
            let id = if seq == 1 {
                "a1".into()
            } else {
                format!("b{seq}")
            };
            json!({"seq": seq, "ev": "message.new",
                "body": new_message("bob", sender, &id, seq, 1)})
        })
        .collect();
    events.push(event);
    rig.answer(epoch, id, &json!({"head": 4, "events": events}));
    assert_eq!(told_revoked(&rig), [(3, "bob".into(), false)]);
    let mark = rig.mark();
    rig.input(tim_core::Input::Told(mark));
    rig.advance(Duration::from_secs(1));
    assert_eq!(rig.store().meta("cursor").unwrap().unwrap(), "4");
}

#[test]
fn history_is_cleared_but_for_what_is_on_its_way() {
    let (mut rig, epoch) = talked();
    let failed = rig.send("bob", "a2");
    let (id, _) = rig.sent_one("message.send");
    rig.refuse(epoch, id, codes::SVR_MSG_PUSH_DENY);
    assert_eq!(rig.code(failed), Some(codes::SVR_MSG_PUSH_DENY));
    let epoch = rig.returned(epoch);
    rig.send("bob", "a3");
    rig.accept_login(epoch, 3);
    let sent = rig.sent();
    assert_eq!(sent[0].1, "message.send");
    let req = rig.command(Command::ClearHistory(bob()));
    let sent = rig.sent();
    assert_eq!((sent.len(), &*sent[0].1), (1, "message.erase"));
    assert_eq!(sent[0].2["ranges"], json!([[1, 3]]));
    assert_eq!(rig.conversation("bob").unread, 2);
    rig.answer(epoch, sent[0].0, &json!({"head": 3}));
    assert_eq!(rig.sent_one("message.read").1["seq"], 3);
    assert_eq!(rig.completion(req), Some(Ok(Reply::Empty)));
    let info = rig.conversation("bob");
    assert_eq!(
        (info.unread, info.last_msg.unwrap().msg_id.as_str()),
        (0, "a3")
    );
    assert!(find(&mut rig, "a2").is_none() && find(&mut rig, "a3").is_some());
    let req = delete(&mut rig, &["a3"], true);
    assert_eq!(rig.code(req), Some(codes::INVALID_PARAMETERS));
}

#[test]
fn what_waits_can_be_called_off() {
    let (mut rig, epoch) = talked();
    let epoch = rig.returned(epoch);
    let sending = rig.send("bob", "a2");
    rig.send("bob", "a3");
    let cancel = |rig: &mut Rig, id: &str| {
        let req = rig.command(Command::CancelSend(bob(), id.into()));
        rig.code(req)
    };
    assert_eq!(cancel(&mut rig, "a2"), Some(0));
    let called_off = codes::SDK_SEND_MESSAGE_FAILED_WITH_CANCEL;
    assert_eq!(rig.code(sending), Some(called_off));
    assert_eq!(find(&mut rig, "a2").unwrap().status, msg_status::CANCELLED);
    let nothing = Some(codes::SDK_INVALID_CANCEL_MESSAGE);
    assert_eq!(cancel(&mut rig, "a2"), nothing);
    assert_eq!(cancel(&mut rig, "a1"), nothing);
    let nobody = ConvId::c2c("no user");
    let req = rig.command(Command::CancelSend(nobody, "a1".into()));
    assert_eq!(rig.code(req), Some(codes::SDK_COMM_INVALID_IDENTIFIER));
    rig.accept_login(epoch, 3);
    let sent = rig.sent();
    let ids: Vec<_> = sent.iter().map(|(_, _, body)| &body["msg_id"]).collect();
    assert_eq!(ids, ["a3"]);
    // On its way, it cannot be held back.
    assert_eq!(cancel(&mut rig, "a3"), nothing);
    // It had gone out before, over a link that was lost: the stream knows better.
    rig.event(
        epoch,
        Some(4),
        "message.new",
        &new_message("bob", "alice", "a2", 4, 2),
    );
    let message = find(&mut rig, "a2").unwrap();
    assert_eq!((message.status, message.seq), (msg_status::SENT, 4));
}

/// A message that is told once more, since the process had died, comes as it stands now.
#[test]
fn a_repeat_brings_what_changed() {
    let (mut rig, _) = talked();
    rig.store().set_meta("cursor", "1 3").unwrap();
    let mut rig = rig.died();
    let epoch = rig.log_in_at("alice", 3);
    let (id, body) = rig.sent_one("session.difference");
    assert_eq!(body["after"], 1);
    let body = revoked("b2", "bob", 2, 1);
    let events = json!([{"seq": 2, "ev": "message.new", "body": body},
        {"seq": 3, "ev": "message.new", "body": new_message("bob", "bob", "b3", 3, 2)}]);
    rig.answer(epoch, id, &json!({"head": 3, "events": events}));
    assert_eq!(rig.told(), ["b3"]);
    assert_eq!(told_revoked(&rig), [(2, "bob".into(), false)]);
    assert_eq!(find(&mut rig, "b2").unwrap().status, msg_status::REVOKED);
}

/// The stream does not reach back: what changed meanwhile is asked for before history is shown, and
/// only then.
#[test]
fn what_was_missed_is_asked_for() {
    let (mut rig, epoch) = talked();
    rig.event(
        epoch,
        Some(4),
        "message.changed",
        &changed("a1", "alice", 1, 1, "new"),
    );
    let epoch = rig.reconnect(epoch, 90_000);
    let (id, _) = rig.sent_one("session.difference");
    rig.answer(
        epoch,
        id,
        &json!({"head": 90_000, "too_old": true, "events": []}),
    );
    let (id, _) = rig.sent_one("conversation.snapshot");
    let state = json!({"conv": bob(), "head_seq": 3, "peer_ord": 2, "read_ord": 0, "read_seq": 0,
        "last": changed("b2", "bob", 2, 3, "new"), "rev": 4});
    rig.outputs.clear();
    rig.answer(
        epoch,
        id,
        &json!({"conversations": [state], "event_seq": 90_000}),
    );
    // The last message there is not the one that this device had for it: that one has been erased.
    assert_eq!(rig.conversation("bob").last_msg.unwrap().msg_id, "b2");
    assert_eq!(told_modified(&rig), [("b2".into(), 3)]);
    assert!(rig.sent().is_empty());

    let param = GetMsgListParam {
        is_ramble: true,
        is_forward: true,
        ..Default::default()
    };
    let ask = |rig: &mut Rig| rig.command(Command::GetMessages(bob(), param.clone()));
    let req = ask(&mut rig);
    let (id, body) = rig.sent_one("message.changes");
    assert_eq!(body["after"], 1);
    let first = json!({"messages": [revoked("a1", "alice", 1, 2)], "rev": 2, "more": true});
    rig.answer(epoch, id, &first);
    // An event that comes in between must not hide what is still missing.
    rig.event(
        epoch,
        Some(90_001),
        "message.changed",
        &changed("b2", "bob", 2, 5, "x"),
    );
    let (id, body) = rig.sent_one("message.changes");
    assert_eq!(body["after"], 2);
    let rest = json!({"messages": [], "rev": 4, "erased": [[3, 3]]});
    rig.answer(epoch, id, &rest);
    match rig.completion(req) {
        Some(Ok(Reply::Messages(messages))) => assert_eq!(seqs(&messages), [1, 2]),
        other => panic!("{other:?}"),
    }
    assert_eq!(told_revoked(&rig), [(1, "alice".into(), true)]);
    let req = ask(&mut rig);
    assert!(rig.sent().is_empty() && rig.completion(req).is_some());
}

/// What was taken back is not shown by a question that stays on the device either.
#[test]
fn local_history_asks_for_what_was_missed_too() {
    let (mut rig, epoch) = talked();
    let epoch = rig.reconnect(epoch, 90_000);
    let (id, _) = rig.sent_one("session.difference");
    rig.answer(
        epoch,
        id,
        &json!({"head": 90_000, "too_old": true, "events": []}),
    );
    let (id, _) = rig.sent_one("conversation.snapshot");
    let state = json!({"conv": bob(), "head_seq": 3, "peer_ord": 2, "read_ord": 0, "read_seq": 0,
        "last": new_message("bob", "bob", "b3", 3, 2), "rev": 1});
    rig.answer(
        epoch,
        id,
        &json!({"conversations": [state], "event_seq": 90_000}),
    );
    let param = GetMsgListParam::default();
    let req = rig.command(Command::GetMessages(bob(), param));
    let (id, _) = rig.sent_one("message.changes");
    let missed = json!({"messages": [revoked("b2", "bob", 2, 1)], "rev": 1});
    rig.answer(epoch, id, &missed);
    let Some(Ok(Reply::Messages(messages))) = rig.completion(req) else {
        panic!("history")
    };
    let b2 = messages.iter().find(|m| m.msg_id == "b2").unwrap();
    assert_eq!(
        (b2.status, b2.content.elems.len()),
        (msg_status::REVOKED, 0)
    );
}

/// It may have been carried out: the code says that it went out, whatever became of the link.
#[test]
fn what_went_out_over_a_lost_link_is_not_said_to_have_stayed() {
    let (mut rig, epoch) = talked();
    let gone_out = delete(&mut rig, &["b2"], true);
    rig.sent_one("message.erase");
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let stayed = delete(&mut rig, &["b3"], true);
    rig.advance(Duration::from_secs(20));
    let maybe = codes::SDK_NET_WAIT_ACK_TIMEOUT_NO_NETWORK;
    assert_eq!(rig.code(gone_out), Some(maybe));
    let never = codes::SDK_NET_WAIT_SEND_TIMEOUT_NO_NETWORK;
    assert_eq!(rig.code(stayed), Some(never));
}

/// A device that has just met the user's conversations has missed nothing.
#[test]
fn a_new_device_asks_for_no_changes() {
    let mut rig = Rig::new();
    rig.login("alice");
    let epoch = rig.connecting();
    rig.input(tim_core::Input::Connected(epoch));
    rig.accept_login(epoch, 7);
    let (id, _) = rig.sent_one("conversation.snapshot");
    let state = json!({"conv": bob(), "head_seq": 1, "peer_ord": 1, "read_ord": 0, "read_seq": 0,
        "last": changed("b1", "bob", 1, 4, "new"), "rev": 4});
    rig.answer(
        epoch,
        id,
        &json!({"conversations": [state], "event_seq": 7}),
    );
    let param = GetMsgListParam {
        is_ramble: true,
        ..Default::default()
    };
    assert_eq!(seqs(&rig.history(param)), [1]);
    assert!(rig.sent().is_empty());
    let known = find(&mut rig, "b1").unwrap();
    assert_eq!(known.change.unwrap().rev, 4);
}
