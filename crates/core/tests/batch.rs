//! One message to many users.

mod rig;

use protocol::codes;
use protocol::message::{BatchSendResult, Content, LocalCustom};
use rig::Rig;
use serde_json::json;
use tim_core::command::BatchMessage;
use tim_core::store::Store;
use tim_core::{Command, Input, Reply, ReqId};

fn batch(rig: &mut Rig, users: &[&str], content: Content) -> ReqId {
    let messages = users.iter().enumerate().map(|(at, &user)| BatchMessage {
        user: user.into(),
        msg_id: format!("m{at}"),
        rand: at as u32 + 1,
    });
    rig.command(Command::SendBatch {
        messages: messages.collect(),
        content: Box::new(content),
        local: LocalCustom {
            int: 7,
            str: "mine".into(),
        },
    })
}

fn results(rig: &mut Rig, req: ReqId) -> Vec<BatchSendResult> {
    match rig.completion(req) {
        Some(Ok(Reply::BatchSent(results))) => results,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_is_completed_once_when_something_is_known_of_all() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let req = batch(
        &mut rig,
        &["bob", "no user", "carol", "nobody"],
        rig::text("x"),
    );
    let sent = rig.sent();
    let names = sent.iter().map(|(_, op, body)| {
        assert_eq!(op, "message.send");
        (
            body["conv"]["conv_id"].as_str(),
            body["content"]["message_rand"].as_u64(),
        )
    });
    let wanted = [("bob", 1), ("carol", 3), ("nobody", 4)];
    let wanted = wanted.map(|(user, rand)| (Some(user), Some(rand)));
    assert_eq!(names.collect::<Vec<_>>(), wanted);
    rig.answer(epoch, sent[0].0, &json!({"seq": 1, "time": 5}));
    rig.answer(epoch, sent[1].0, &json!({"seq": 9, "time": 5}));
    assert_eq!(rig.code(req), None, "one is open");
    rig.refuse(epoch, sent[2].0, codes::SVR_MSG_INVALID_ID);
    let results = results(&mut rig, req);
    let told = results.iter().map(|result| (&*result.user, result.code));
    let wanted = [
        ("bob", 0),
        ("no user", 7003),
        ("carol", 0),
        ("nobody", 20003),
    ];
    assert_eq!(told.collect::<Vec<_>>(), wanted);
    let carol = results[2].message.as_ref().unwrap();
    assert_eq!(
        (carol.seq, &*carol.conv.id, carol.custom_int),
        (9, "carol", 7)
    );
    assert!(results[3].message.is_none() && !results[3].desc.is_empty());
    assert_eq!(rig.store.outbox_extent().unwrap().0, 0);
}

#[test]
fn it_waits_for_the_link_as_every_message_does() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let req = batch(&mut rig, &["bob", "carol"], rig::text("x"));
    let sent = rig.sent();
    rig.answer(epoch, sent[0].0, &json!({"seq": 1, "time": 5}));
    let epoch = rig.reconnect(epoch, 0);
    let again: Vec<_> = rig.sent();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].2["msg_id"], "m1");
    rig.answer(epoch, again[0].0, &json!({"seq": 1, "time": 5}));
    let codes: Vec<_> = results(&mut rig, req).iter().map(|r| r.code).collect();
    assert_eq!(codes, [0, 0]);
}

#[test]
fn online_only_is_for_those_who_are_there_and_never_repeated() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let content = Content {
        online_only: true,
        ..rig::text("x")
    };
    let req = batch(&mut rig, &["bob", "carol"], content);
    let sent = rig.sent();
    rig.answer(epoch, sent[0].0, &json!({"seq": 0, "time": 5}));
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let codes: Vec<_> = results(&mut rig, req).iter().map(|r| r.code).collect();
    assert_eq!(codes, [0, 9524]);
}

#[test]
fn suspended_and_stopped_it_is_completed_all_the_same() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let req = batch(&mut rig, &["bob", "carol"], rig::text("x"));
    let sent = rig.sent();
    rig.answer(epoch, sent[0].0, &json!({"seq": 1, "time": 5}));
    rig.input(Input::Suspend);
    assert_eq!(rig.code(req), None);
    rig.input(Input::Resume);
    assert_eq!(rig.code(req), None);
    rig.input(Input::Stop);
    assert_eq!(rig.code(req), Some(codes::SDK_COMM_INTERRUPT));
}

#[test]
fn what_is_wrong_with_all_of_them_is_said_once() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let many: Vec<_> = vec!["bob"; 501];
    let large = Content {
        cloud_custom: "x".repeat(13_000),
        ..rig::text("x")
    };
    for (users, content, code) in [
        (&many[..0], rig::text("x"), codes::INVALID_PARAMETERS),
        (&many, rig::text("x"), codes::INVALID_PARAMETERS),
        (&many[..1], Content::default(), codes::INVALID_PARAMETERS),
        (&many[..1], large, codes::SDK_MSG_BODY_SIZE_LIMIT),
    ] {
        let req = batch(&mut rig, users, content);
        assert_eq!(rig.code(req), Some(code));
    }
    assert!(rig.sent().is_empty() && rig.store.conversations().unwrap().is_empty());
    let req = batch(&mut rig, &many[..500], rig::text("x"));
    assert_eq!(rig.code(req), None, "accepted");
    assert_eq!(rig.store.outbox_extent().unwrap().0, 500);
}
