//! Receive options, of users and for all: what is told, what is counted, what is in the list.

mod rig;

use std::time::Duration;

use protocol::conversation::settings::ConvChange;
use protocol::conversation::{ConvId, conv_event};
use protocol::receive::{ReceiveAll, opt};
use protocol::{codes, limits};
use rig::{Rig, new_message};
use serde_json::{Value, json};
use tim_core::{Command, Epoch, Event, Reply, ReqId};

fn c2c(user: &str) -> Value {
    json!({"conv_type": 1, "conv_id": user})
}

fn set(rig: &mut Rig, users: &[&str], opt: i32) -> ReqId {
    let users = users.iter().map(|user| (*user).to_owned()).collect();
    rig.command(Command::SetReceiveOpt(users, opt))
}

fn get(rig: &mut Rig, users: &[&str]) -> Vec<i32> {
    let users = users.iter().map(|user| (*user).to_owned()).collect();
    let req = rig.command(Command::GetReceiveOpt(users));
    match rig.completion(req) {
        Some(Ok(Reply::ReceiveOpts(options))) => options.iter().map(|o| o.opt).collect(),
        other => panic!("{other:?}"),
    }
}

fn settings(rig: &mut Rig, epoch: Epoch, event: u64, peer: &str, settings: Value) {
    let mut settings = settings;
    settings["version"] = event.into();
    let body = json!({"conv": c2c(peer), "settings": settings});
    rig.event(epoch, Some(event), "conversation.settings", &body);
}

fn message(rig: &mut Rig, epoch: Epoch, event: u64, peer: &str, seq: u64, ord: u64) {
    let message = new_message(peer, peer, &format!("{peer}{seq}"), seq, ord);
    rig.event(epoch, Some(event), "message.new", &message);
}

fn names(rig: &mut Rig) -> Vec<String> {
    let req = rig.command(Command::GetConversations);
    match rig.completion(req) {
        Some(Ok(Reply::Conversations(convs))) => convs.into_iter().map(|c| c.conv.id).collect(),
        other => panic!("{other:?}"),
    }
}

fn total(rig: &mut Rig) -> u64 {
    let req = rig.command(Command::GetTotalUnread);
    match rig.completion(req) {
        Some(Ok(Reply::TotalUnread(count))) => count,
        other => panic!("{other:?}"),
    }
}

fn totals(rig: &Rig) -> Vec<u64> {
    let totals = rig.events().into_iter().filter_map(|event| match event {
        Event::TotalUnread(count) => Some(*count),
        _ => None,
    });
    totals.collect()
}

fn told_of_all(rig: &Rig) -> Vec<u32> {
    let told = rig.events().into_iter().filter_map(|event| match event {
        Event::ReceiveAll(all) => Some(all.duration),
        _ => None,
    });
    told.collect()
}

#[test]
fn an_option_is_set_for_users_and_read_back_here() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    message(&mut rig, epoch, 1, "bob", 1, 1);
    rig.outputs.clear();
    let req = set(&mut rig, &["bob", "eve"], opt::NOT_NOTIFY);
    let (id, body) = rig.sent_one("conversation.set");
    assert_eq!(
        body,
        json!({"convs": [c2c("bob"), c2c("eve")], "recv_opt": 2})
    );
    assert_eq!(get(&mut rig, &["bob"]), [0], "not before the server has it");
    let bob = json!({"conv": c2c("bob"), "settings": {"version": 2, "recv_opt": 2}});
    let eve = json!({"version": 3, "recv_opt": 2, "is_bare": true});
    let eve = json!({"conv": c2c("eve"), "settings": eve});
    rig.answer(epoch, id, &json!({"results": [bob, eve]}));
    assert_eq!(rig.completion(req), Some(Ok(Reply::Empty)));
    assert_eq!(get(&mut rig, &["eve", "bob", "carol"]), [2, 2, 0]);
    assert_eq!(rig.conversation("bob").recv_opt, 2);
    settings(&mut rig, epoch, 2, "bob", json!({"recv_opt": 2}));
    let eve = json!({"recv_opt": 2, "is_bare": true});
    settings(&mut rig, epoch, 3, "eve", eve);
    let told = rig.events().into_iter().filter_map(|event| match event {
        Event::Conversations(kind, convs) => Some((*kind, convs.len(), convs[0].recv_opt)),
        _ => None,
    });
    let told: Vec<_> = told.collect();
    assert_eq!(
        told,
        [(conv_event::UPDATE, 1, 2)],
        "told once, and bob only"
    );
    // Another device sets it back.
    settings(&mut rig, epoch, 4, "bob", json!({}));
    assert_eq!(get(&mut rig, &["bob"]), [0]);
}

#[test]
fn users_that_are_not_there_fail_the_call_and_the_others_are_set() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let req = set(&mut rig, &["bob", "nobody"], opt::NOT_RECEIVE);
    let (id, _) = rig.sent_one("conversation.set");
    let bob = json!({"version": 1, "recv_opt": 1, "is_bare": true});
    let bob = json!({"conv": c2c("bob"), "settings": bob});
    let nobody = json!({"conv": c2c("nobody"), "code": codes::SVR_CONV_ACCOUNT_NOT_FOUND});
    rig.answer(epoch, id, &json!({"results": [bob, nobody]}));
    assert_eq!(rig.code(req), Some(codes::SVR_CONV_ACCOUNT_NOT_FOUND));
    assert_eq!(get(&mut rig, &["bob", "nobody"]), [1, 0]);
    // What can be seen here is not asked for.
    let many: Vec<String> = (0..=limits::RECEIVE_OPT_USERS)
        .map(|n| format!("u{n}"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (users, opt, code) in [
        (&many[..], 2, codes::INVALID_PARAMETERS),
        (&[], 2, codes::INVALID_PARAMETERS),
        (&["bob"], 4, codes::INVALID_PARAMETERS),
        (&["bob"], -1, codes::INVALID_PARAMETERS),
        (&["bob", "no user"], 2, codes::SDK_COMM_INVALID_IDENTIFIER),
    ] {
        let req = set(&mut rig, users, opt);
        assert_eq!(rig.code(req), Some(code), "{users:?} {opt}");
    }
    let req = rig.command(Command::GetReceiveOpt(Vec::new()));
    assert_eq!(rig.code(req), Some(codes::INVALID_PARAMETERS));
    assert_eq!(rig.sent(), []);
    set(&mut rig, &many[1..], 0);
    rig.sent_one("conversation.set");
}

#[test]
fn a_server_that_knows_no_options_is_no_success() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let req = set(&mut rig, &["bob"], opt::NOT_NOTIFY);
    let (id, _) = rig.sent_one("conversation.set");
    let bob = json!({"conv": c2c("bob"), "settings": {"version": 0}});
    rig.answer(epoch, id, &json!({"results": [bob]}));
    assert_eq!(rig.code(req), Some(codes::UNKNOWN_OP));
}

#[test]
fn an_option_puts_nothing_into_the_list_and_what_comes_later_does() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    for (event, peer) in [(1, "bob"), (2, "eve"), (3, "dan"), (4, "fay")] {
        let bare = json!({"recv_opt": 2, "is_bare": true});
        settings(&mut rig, epoch, event, peer, bare);
    }
    assert_eq!(names(&mut rig), [""; 0]);
    // Nor does a conversation group.
    rig.event(epoch, Some(5), "conversation.groups", &json!({}));
    let (id, _) = rig.sent_one("conversation.groups");
    let group = json!({"id": 5, "name": "g", "convs": [c2c("bob")]});
    rig.answer(epoch, id, &json!({"groups": [group], "event_seq": 5}));
    assert_eq!(names(&mut rig), [""; 0]);
    // A message, something that is set, and what is written here.
    message(&mut rig, epoch, 6, "bob", 1, 1);
    assert_eq!(names(&mut rig), ["bob"]);
    let pinned = json!({"recv_opt": 2, "is_pinned": true});
    settings(&mut rig, epoch, 7, "eve", pinned);
    assert_eq!(names(&mut rig), ["eve", "bob"]);
    rig.send("dan", "a1");
    assert_eq!(names(&mut rig), ["eve", "dan", "bob"]);
    let draft = protocol::conversation::list::Draft::default();
    rig.command(Command::SetDraft(ConvId::c2c("fay"), Some(draft)));
    assert_eq!(names(&mut rig).len(), 4);
    rig.command(Command::SetDraft(ConvId::c2c("fay"), None));
    assert_eq!(names(&mut rig).len(), 3, "it was there for the draft only");
    // What is there already stays, with what this device has of it.
    rig.command(Command::CreateConversation(ConvId::c2c("gil")));
    let bare = json!({"recv_opt": 1, "is_bare": true});
    settings(&mut rig, epoch, 8, "gil", bare);
    assert!(names(&mut rig).contains(&"gil".to_owned()));
    // Deleted, it keeps its option, and is gone.
    let gone = json!({"recv_opt": 2, "hidden_seq": 1, "hidden_ord": 1});
    settings(&mut rig, epoch, 9, "bob", gone.clone());
    assert!(!names(&mut rig).contains(&"bob".to_owned()));
    let mut gone = gone;
    gone["recv_opt"] = json!(3);
    settings(&mut rig, epoch, 10, "bob", gone);
    assert!(!names(&mut rig).contains(&"bob".to_owned()));
    assert_eq!(get(&mut rig, &["bob"]), [3]);
}

#[test]
fn a_new_device_learns_all_options_and_lists_what_there_is() {
    let mut rig = Rig::new();
    rig.login("alice");
    let epoch = rig.connecting();
    rig.input(tim_core::Input::Connected(epoch));
    rig.accept_login(epoch, 9);
    let (id, _) = rig.sent_one("conversation.snapshot");
    let state = |peer: &str, head: u64| {
        json!({"conv": c2c(peer), "head_seq": head, "peer_ord": head, "read_ord": 0, "read_seq": 0,
            "settings": {"version": 5, "recv_opt": 2, "is_bare": true}})
    };
    let page = json!({"conversations": [state("bob", 0), state("eve", 1)], "event_seq": 9,
        "receive_all": {"msg_all_recv_msg_duration": 60, "msg_all_recv_msg_opt_level": 2}});
    rig.answer(epoch, id, &page);
    assert_eq!(names(&mut rig), ["eve"]);
    assert_eq!(get(&mut rig, &["bob", "eve"]), [2, 2]);
    assert_eq!(told_of_all(&rig), [60]);
}

#[test]
fn totals_leave_out_what_is_not_notified_of() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    message(&mut rig, epoch, 1, "bob", 1, 1);
    message(&mut rig, epoch, 2, "eve", 1, 1);
    assert_eq!(total(&mut rig), 2);
    let filter = protocol::conversation::list::ConvFilter::default();
    rig.command(Command::WatchUnread(filter.clone()));
    rig.outputs.clear();
    for (event, opt) in [(3, 2), (4, 3), (5, 0), (6, 1)] {
        settings(&mut rig, epoch, event, "bob", json!({"recv_opt": opt}));
        let req = rig.command(Command::GetUnreadByFilter(filter.clone()));
        let counted = if opt == 0 { 2 } else { 1 };
        let reply = Some(Ok(Reply::TotalUnread(counted)));
        assert_eq!(rig.completion(req), reply);
        assert_eq!(total(&mut rig), counted);
        assert_eq!(rig.conversation("bob").unread, 1, "its own count stays");
    }
    assert_eq!(totals(&rig), [1, 2, 1]);
    let by_filter = rig.events().into_iter().filter_map(|event| match event {
        Event::UnreadByFilter(_, count) => Some(*count),
        _ => None,
    });
    assert_eq!(by_filter.collect::<Vec<_>>(), [1, 2, 1]);
    rig.outputs.clear();
    message(&mut rig, epoch, 7, "bob", 2, 1);
    message(&mut rig, epoch, 8, "eve", 2, 2);
    assert_eq!(totals(&rig), [2]);
    // Marking all as read means them, too.
    let all = Command::CleanUnread {
        whose: String::new(),
        time: 0,
        seq: 0,
    };
    rig.command(all);
    assert_eq!(rig.conversation("bob").unread, 0);
    assert_eq!(total(&mut rig), 0);
}

#[test]
fn what_is_not_wanted_is_in_the_history_and_not_told() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    settings(&mut rig, epoch, 1, "bob", json!({"recv_opt": 1}));
    rig.outputs.clear();
    // The server has not counted it.
    message(&mut rig, epoch, 2, "bob", 1, 0);
    let passing = new_message("bob", "bob", "now", 0, 0);
    rig.event(epoch, None, "message.new", &passing);
    // One's own, from another device, is told.
    let own = new_message("bob", "alice", "own", 2, 0);
    rig.event(epoch, Some(3), "message.new", &own);
    assert_eq!(rig.told(), ["own"]);
    let bob = rig.conversation("bob");
    assert_eq!((bob.unread, bob.has_last_msg), (0, true));
    let list = rig.history(protocol::message::GetMsgListParam {
        count: 9,
        ..Default::default()
    });
    assert_eq!(rig::seqs(&list), [2, 1]);
    // Wanted again, what comes is told, and what came is not.
    rig.outputs.clear();
    settings(&mut rig, epoch, 4, "bob", json!({}));
    message(&mut rig, epoch, 5, "bob", 3, 1);
    assert_eq!(rig.told(), ["bob3"]);
    assert_eq!(rig.conversation("bob").unread, 1);
}

#[test]
fn the_option_for_all_is_the_servers_and_each_device_is_told() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let all = ReceiveAll {
        start_hour: 22,
        duration: 3600,
        opt: opt::NOT_NOTIFY_EXCEPT_AT,
        ..ReceiveAll::default()
    };
    let req = rig.command(Command::SetReceiveAll(all));
    let (id, body) = rig.sent_one("user.set_receive_all");
    assert_eq!(body, serde_json::to_value(all).unwrap());
    rig.answer(epoch, id, &json!({}));
    assert_eq!(rig.completion(req), Some(Ok(Reply::Empty)));
    rig.event(epoch, Some(1), "user.receive_all", &body);
    assert_eq!(told_of_all(&rig), [3600]);
    let req = rig.command(Command::GetReceiveAll);
    let (id, _) = rig.sent_one("user.get_receive_all");
    rig.answer(epoch, id, &body);
    let reply = rig.completion(req);
    assert_eq!(reply, Some(Ok(Reply::ReceiveAll(all))));
    // Away for several changes: told once, as it stands.
    rig.outputs.clear();
    let epoch = rig.reconnect(epoch, 3);
    let (id, _) = rig.sent_one("session.difference");
    let event = |seq: u64| {
        let body = json!({"msg_all_recv_msg_duration": 7});
        json!({"seq": seq, "ev": "user.receive_all", "body": body})
    };
    rig.answer(
        epoch,
        id,
        &json!({"events": [event(2), event(3)], "head": 3}),
    );
    assert_eq!(told_of_all(&rig), [7]);

    let wrong = ReceiveAll {
        start_hour: 24,
        ..all
    };
    let req = rig.command(Command::SetReceiveAll(wrong));
    assert_eq!(rig.code(req), Some(codes::INVALID_PARAMETERS));
    assert_eq!(rig.sent(), []);
}

#[test]
fn what_is_set_without_a_link_fails_in_time_and_is_not_repeated() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let one = set(&mut rig, &["bob"], opt::NOT_NOTIFY);
    let all = rig.command(Command::SetReceiveAll(ReceiveAll::default()));
    assert_eq!(rig.sent().len(), 2);
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let code = Some(codes::SDK_NET_WAIT_ACK_TIMEOUT_NO_NETWORK);
    assert_eq!((rig.code(one), rig.code(all)), (code, code));
    let late = [
        set(&mut rig, &["bob"], opt::NOT_NOTIFY),
        rig.command(Command::SetReceiveAll(ReceiveAll::default())),
        rig.command(Command::GetReceiveAll),
    ];
    // What this device knows needs none.
    assert_eq!(get(&mut rig, &["bob"]), [0]);
    rig.advance(Duration::from_secs(30));
    let code = Some(codes::SDK_NET_WAIT_SEND_TIMEOUT_NO_NETWORK);
    assert_eq!(late.map(|req| rig.code(req)), [code; 3]);
}

#[test]
fn deleting_says_nothing_of_the_option() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let change = ConvChange {
        delete: true,
        ..ConvChange::default()
    };
    rig.command(Command::SetConversations(vec!["c2c_bob".into()], change));
    let (_, body) = rig.sent_one("conversation.set");
    assert_eq!(body, json!({"convs": [c2c("bob")], "delete": true}));
}
