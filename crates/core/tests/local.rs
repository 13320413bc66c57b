//! What concerns a device alone: finding messages, keeping some that were never sent, and the app's
//! own data beside them.

mod rig;

use protocol::codes;
use protocol::conversation::{ConvId, conv_event};
use protocol::message::{
    Content, GetMsgListParam, LocalCustom, LocalCustomUpdate, Message, MessageRef, MsgLocator,
    Origin, msg_status,
};
use rig::{Rig, new_message, seqs};
use serde_json::json;
use tim_core::command::KeptMessage;
use tim_core::store::Store;
use tim_core::{Command, Epoch, Event, Input, Reply};

/// The second in which the rig's clock starts.
const NOW_S: u64 = 1_700_000_000;

fn kept(id: &str, sender: &str, time: u64) -> KeptMessage {
    KeptMessage {
        msg_id: id.into(),
        content: rig::text(id),
        local: LocalCustom::default(),
        origin: Origin {
            sender: sender.into(),
            time,
        },
    }
}

fn save(rig: &mut Rig, message: KeptMessage) -> Message {
    let req = rig.command(Command::SaveMessage(ConvId::c2c("bob"), Box::new(message)));
    match rig.completion(req) {
        Some(Ok(Reply::Message(message))) => *message,
        other => panic!("{other:?}"),
    }
}

fn import(rig: &mut Rig, messages: Vec<KeptMessage>) -> Option<i32> {
    let req = rig.command(Command::ImportMessages(ConvId::c2c("bob"), messages));
    rig.code(req)
}

/// Oldest first.
fn history(rig: &mut Rig) -> Vec<String> {
    let param = GetMsgListParam {
        is_forward: true,
        count: 100,
        ..Default::default()
    };
    ids(&rig.history(param))
}

fn ids(messages: &[Message]) -> Vec<String> {
    messages.iter().map(|m| m.msg_id.clone()).collect()
}

fn last_id(rig: &mut Rig) -> String {
    rig.conversation("bob").last_msg.unwrap().msg_id
}

/// A message of bob's, so many seconds ago.
fn hear(rig: &mut Rig, epoch: Epoch, seq: u64, ago_s: u64) {
    let mut body = new_message("bob", "bob", &format!("b{seq}"), seq, seq);
    body["time"] = (NOW_S - ago_s).into();
    rig.event(epoch, Some(seq), "message.new", &body);
}

fn find(rig: &mut Rig, ids: &[&str]) -> Vec<Message> {
    let ids = ids.iter().map(|&id| id.into()).collect();
    let req = rig.command(Command::FindMessages(ids));
    match rig.completion(req) {
        Some(Ok(Reply::Messages(messages))) => messages,
        other => panic!("{other:?}"),
    }
}

fn set_custom(rig: &mut Rig, id: &str, int: Option<u32>, str: Option<&str>) -> Option<i32> {
    let wanted = MessageRef {
        msg_id: id.into(),
        seq: 0,
    };
    let str = str.map(str::to_owned);
    let req = rig.command(Command::SetLocalCustom(
        wanted,
        LocalCustomUpdate { int, str },
    ));
    rig.code(req)
}

#[test]
fn a_kept_message_is_part_of_its_conversation_here_and_counts_as_read() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let message = save(&mut rig, kept("k1", "bob", 0));
    assert_eq!((message.seq, message.status), (0, msg_status::LOCAL));
    assert_eq!((message.server_time, &*message.sender), (NOW_S, "bob"));
    assert!(!message.from_self && message.is_read && !message.is_peer_read);
    let added = rig.events().into_iter().any(|event| {
        matches!(event, Event::Conversations(conv_event::ADD, convs) if convs[0].conv.id == "bob")
    });
    assert!(added, "a conversation of its own");
    let conv = rig.conversation("bob");
    assert_eq!((conv.unread, conv.active_time / 1000), (0, NOW_S));
    assert_eq!(last_id(&mut rig), "k1");
    assert_eq!(history(&mut rig), ["k1"]);
    // Nobody hears of it, neither now nor after a reconnect.
    assert!(rig.told().is_empty() && rig.sent().is_empty());
    assert_eq!(rig.store.outbox_extent().unwrap(), (0, 0));
    let own = save(&mut rig, kept("k2", "", 0));
    assert!(own.from_self);
    assert_eq!(own.sender, "alice");
    assert_eq!(history(&mut rig), ["k1", "k2"]);
}

#[test]
fn it_stands_where_its_time_says() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    for seq in 1..=4 {
        hear(&mut rig, epoch, seq, 500 - 100 * seq);
    }
    // b1 to b4 are 400, 300, 200 and 100 seconds old.
    let messages = [
        ("old", 450),
        ("x1", 250),
        ("x2", 250),
        ("same", 200),
        ("new", 50),
    ];
    let messages = messages.map(|(id, ago_s)| kept(id, "bob", NOW_S - ago_s));
    assert_eq!(import(&mut rig, messages.to_vec()), Some(0));
    let wanted = ["old", "b1", "b2", "x1", "x2", "b3", "same", "b4", "new"];
    assert_eq!(history(&mut rig), wanted);
    assert_eq!(last_id(&mut rig), "new");
    // In another call, of the same second: behind it.
    assert_eq!(import(&mut rig, vec![kept("x3", "", NOW_S - 250)]), Some(0));
    let wanted = [
        "old", "b1", "b2", "x1", "x2", "x3", "b3", "same", "b4", "new",
    ];
    assert_eq!(history(&mut rig), wanted);
    assert_eq!(last_id(&mut rig), "new", "an older one is not the last");
    assert_eq!(
        rig.conversation("bob").unread,
        4,
        "only what was sent counts"
    );
    // A page that starts at one of them, and the one after it.
    let start = |id: &str| serde_json::from_value(json!({"message_msg_id": id})).unwrap();
    let param = GetMsgListParam {
        last_msg: Some(start("x2")),
        count: 2,
        ..Default::default()
    };
    assert_eq!(ids(&rig.history(param)), ["x1", "b2"]);
    // What comes then is the last one again.
    hear(&mut rig, epoch, 5, 0);
    assert_eq!(last_id(&mut rig), "b5");
    assert_eq!(history(&mut rig).last().unwrap(), "b5");
}

#[test]
fn a_repeat_from_the_server_does_not_become_the_last_message_again() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    hear(&mut rig, epoch, 1, 0);
    save(&mut rig, kept("tip", "", 0));
    assert_eq!(last_id(&mut rig), "tip");
    let body = new_message("bob", "bob", "b1", 1, 1);
    rig.event(epoch, Some(2), "message.new", &body);
    assert_eq!(last_id(&mut rig), "tip");
}

#[test]
fn it_stands_between_messages_that_wait_to_be_sent() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    hear(&mut rig, epoch, 1, 0);
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    rig.send("bob", "m1");
    save(&mut rig, kept("tip", "", 0));
    rig.send("bob", "m2");
    assert_eq!(history(&mut rig), ["b1", "m1", "tip", "m2"]);
    // Only messages that are to be sent wait in the outbox.
    assert_eq!(rig.store.outbox_extent().unwrap().0, 2);
}

/// The server's clock counts, however wrong the device's own is.
#[test]
fn a_wrong_clock_puts_it_where_it_belongs() {
    for offset_s in [-3600, 3600] {
        let mut rig = Rig::new();
        rig.login("alice");
        let epoch = rig.connecting();
        rig.input(Input::Connected(epoch));
        let (id, _) = rig.sent_one("session.login");
        let server_s = NOW_S.checked_add_signed(offset_s).unwrap();
        let answer = json!({"server_time_ms": server_s * 1000, "event_seq": 0, "heartbeat_s": 60});
        rig.answer(epoch, id, &answer);
        let (id, _) = rig.sent_one("conversation.snapshot");
        rig.answer(epoch, id, &json!({"conversations": [], "event_seq": 0}));
        let mut body = new_message("bob", "bob", "b1", 1, 1);
        body["time"] = (server_s - 10).into();
        rig.event(epoch, Some(1), "message.new", &body);
        rig.send("bob", "m1");
        let now = save(&mut rig, kept("now", "bob", 0));
        assert_eq!(now.server_time, server_s);
        save(&mut rig, kept("before", "bob", server_s - 5));
        save(&mut rig, kept("first", "bob", server_s - 11));
        let wanted = ["first", "b1", "before", "m1", "now"];
        assert_eq!(history(&mut rig), wanted, "{offset_s}");
    }
}

#[test]
fn history_from_the_server_is_asked_for_as_before() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    hear(&mut rig, epoch, 1, 300);
    let mut body = new_message("bob", "bob", "b5", 5, 5);
    body["time"] = (NOW_S - 100).into();
    rig.event(epoch, Some(2), "message.new", &body);
    assert_eq!(
        import(&mut rig, vec![kept("x", "bob", NOW_S - 200)]),
        Some(0)
    );
    let param = GetMsgListParam {
        is_ramble: true,
        count: 9,
        ..Default::default()
    };
    let req = rig.command(Command::GetMessages(ConvId::c2c("bob"), param));
    let (id, body) = rig.sent_one("message.history");
    assert_eq!((&body["from"], &body["to"]), (&json!(2), &json!(4)));
    let missing: Vec<_> = (2..=4)
        .map(|n| {
            let mut body = new_message("bob", "bob", &format!("b{n}"), n, n);
            body["time"] = (NOW_S - 150).into();
            body
        })
        .collect();
    rig.answer(epoch, id, &json!({"messages": missing}));
    let Some(Ok(Reply::Messages(messages))) = rig.completion(req) else {
        panic!("messages")
    };
    assert_eq!(seqs(&messages), [5, 4, 3, 2, 0, 1]);
    assert_eq!(rig.store.gaps(&ConvId::c2c("bob")).unwrap(), []);
}

#[test]
fn what_is_from_before_stands_before_what_this_device_lacks() {
    let mut rig = Rig::new();
    rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    let (id, _) = rig.sent_one("conversation.snapshot");
    let last = new_message("bob", "bob", "b50", 50, 50);
    let state = json!({"conv": {"conv_type": 1, "conv_id": "bob"}, "head_seq": 50, "last": last,
                       "peer_ord": 50, "read_ord": 0, "read_seq": 0});
    rig.answer(
        epoch,
        id,
        &json!({"conversations": [state], "event_seq": 0}),
    );
    assert_eq!(import(&mut rig, vec![kept("x", "bob", 5)]), Some(0));
    let row = rig.store.message("x").unwrap().unwrap();
    assert_eq!(row.place.seq, 0);
    assert_eq!(rig.store.gaps(&ConvId::c2c("bob")).unwrap(), [(1, 49)]);
    assert_eq!(last_id(&mut rig), "b50");
}

#[test]
fn an_import_is_all_or_nothing() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let good = || kept("good", "bob", 5);
    let mut empty = kept("empty", "", 0);
    empty.content = Content::default();
    let mut large = kept("large", "", 0);
    large.content.cloud_custom = "x".repeat(13_000);
    for (bad, code) in [
        (kept("eve", "eve", 0), codes::INVALID_PARAMETERS),
        (empty, codes::INVALID_PARAMETERS),
        (large, codes::SDK_MSG_BODY_SIZE_LIMIT),
    ] {
        assert_eq!(import(&mut rig, vec![good(), bad]), Some(code));
    }
    let wrong = Some(codes::INVALID_PARAMETERS);
    assert_eq!(import(&mut rig, vec![]), wrong);
    assert_eq!(import(&mut rig, vec![good(); 1001]), wrong);
    assert!(rig.store.conversations().unwrap().is_empty());
    for (conv, code) in [
        (ConvId::c2c("a b"), codes::SDK_COMM_INVALID_IDENTIFIER),
        (ConvId::group("\u{e4}"), codes::SDK_GROUP_INVALID_ID),
    ] {
        let req = rig.command(Command::ImportMessages(conv.clone(), vec![good()]));
        assert_eq!(rig.code(req), Some(code));
        let req = rig.command(Command::SaveMessage(conv.clone(), Box::new(good())));
        assert_eq!(rig.code(req), Some(code));
        let req = rig.command(Command::FindByLocators(conv, vec![MsgLocator::default()]));
        assert_eq!(rig.code(req), Some(code));
    }
    let many: Vec<_> = (0..1000).map(|n| kept(&format!("i{n}"), "", 5)).collect();
    assert_eq!(import(&mut rig, many), Some(0));
    assert_eq!(history(&mut rig)[..3], ["i0", "i1", "i2"]);
    assert_eq!(rig.conversation("bob").active_time, 5_000);
}

#[test]
fn messages_are_found_by_id_and_by_place() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    hear(&mut rig, epoch, 1, 20);
    hear(&mut rig, epoch, 2, 10);
    save(&mut rig, kept("k", "", 0));
    let found = find(&mut rig, &["b2", "nobody", "k", "b1"]);
    assert_eq!(ids(&found), ["b2", "k", "b1"]);
    let locator = |seq, rand, time| MsgLocator { seq, rand, time };
    let wanted = vec![
        locator(2, 0, 0),
        locator(1, 1, NOW_S - 20),
        locator(1, 2, 0),
        locator(1, 1, NOW_S),
        locator(3, 0, 0),
        locator(0, 0, 0),
    ];
    let req = rig.command(Command::FindByLocators(ConvId::c2c("bob"), wanted));
    let Some(Ok(Reply::Messages(found))) = rig.completion(req) else {
        panic!("messages")
    };
    assert_eq!(ids(&found), ["b2", "b1"]);
    let wrong = Some(codes::INVALID_PARAMETERS);
    for ids in [vec![], vec!["b1".to_owned(); 1001]] {
        let req = rig.command(Command::FindMessages(ids));
        assert_eq!(rig.code(req), wrong);
    }
    let req = rig.command(Command::FindByLocators(ConvId::c2c("bob"), vec![]));
    assert_eq!(rig.code(req), wrong);
}

#[test]
fn own_data_beside_a_message_stays_wherever_the_message_is() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    hear(&mut rig, epoch, 1, 0);
    rig.outputs.clear();
    assert_eq!(set_custom(&mut rig, "b1", Some(7), Some("seen")), Some(0));
    let told = rig.events().into_iter().any(|event| match event {
        Event::Conversations(conv_event::UPDATE, convs) => {
            convs[0].last_msg.as_ref().unwrap().custom_str == "seen"
        }
        _ => false,
    });
    assert!(told, "it is the last message");
    assert_eq!(set_custom(&mut rig, "b1", Some(8), None), Some(0));
    let found = &find(&mut rig, &["b1"])[0];
    assert_eq!((found.custom_int, &*found.custom_str), (8, "seen"));
    let wrong = Some(codes::INVALID_PARAMETERS);
    assert_eq!(set_custom(&mut rig, "nobody", Some(1), None), wrong);
    assert_eq!(set_custom(&mut rig, "", Some(1), None), wrong);
    // On its way: the answer tells it, and so does the history.
    let req = rig.send("bob", "m1");
    assert_eq!(set_custom(&mut rig, "m1", Some(9), Some("mine")), Some(0));
    rig.accept(epoch, 2);
    let Some(Ok(Reply::Message(sent))) = rig.completion(req) else {
        panic!("a message")
    };
    assert_eq!((sent.custom_int, &*sent.custom_str), (9, "mine"));
    let last = rig.conversation("bob").last_msg.unwrap();
    assert_eq!((last.custom_int, &*last.custom_str), (9, "mine"));
}

#[test]
fn nobody_is_logged_in() {
    let mut rig = Rig::new();
    let one = || kept("k", "", 0);
    for command in [
        Command::SetLocalCustom(MessageRef::default(), LocalCustomUpdate::default()),
        Command::FindMessages(vec!["m".into()]),
        Command::FindByLocators(ConvId::c2c("bob"), vec![]),
        Command::SaveMessage(ConvId::c2c("bob"), Box::new(one())),
        Command::ImportMessages(ConvId::c2c("bob"), vec![one()]),
    ] {
        let req = rig.command(command);
        assert_eq!(rig.code(req), Some(codes::SDK_NOT_LOGGED_IN));
    }
}
