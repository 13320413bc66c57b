//! What a user sets on conversations, here and on other devices, and groups of conversations.

mod rig;

use std::time::Duration;

use protocol::codes;
use protocol::conversation::settings::{ConvChange, ConvOperationResult, group_action};
use protocol::conversation::{ConvId, conv_event};
use rig::{Rig, new_message};
use serde_json::{Value, json};
use tim_core::store::{Place, Store};
use tim_core::{Command, ConvGroupEvent, Epoch, Event, Reply, ReqId};

fn c2c(user: &str) -> Value {
    json!({"conv_type": 1, "conv_id": user})
}

fn names(rig: &mut Rig) -> Vec<String> {
    let req = rig.command(Command::GetConversations);
    match rig.completion(req) {
        Some(Ok(Reply::Conversations(convs))) => convs.into_iter().map(|c| c.conv.id).collect(),
        other => panic!("{other:?}"),
    }
}

fn results(rig: &mut Rig, req: ReqId) -> Vec<(String, i32)> {
    match rig.completion(req) {
        Some(Ok(Reply::ConversationResults(results))) => {
            let pair = |r: ConvOperationResult| (r.conversation_id, r.code);
            results.into_iter().map(pair).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn told(rig: &Rig, wanted: i32) -> Vec<String> {
    let mut told = Vec::new();
    for event in rig.events() {
        if let Event::Conversations(kind, convs) = event
            && *kind == wanted
        {
            told.extend(convs.iter().map(|conv| conv.conv.id.clone()));
        }
    }
    told
}

/// bob, then eve have written.
fn with_two() -> (Rig, Epoch) {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    for (event, peer) in [(1, "bob"), (2, "eve")] {
        let message = new_message(peer, peer, &format!("{peer}1"), 1, 1);
        rig.event(epoch, Some(event), "message.new", &message);
    }
    rig.outputs.clear();
    (rig, epoch)
}

#[test]
fn a_pin_is_the_servers_and_comes_once() {
    let (mut rig, epoch) = with_two();
    let pin = rig.command(Command::PinConversation(ConvId::c2c("bob"), true));
    let (id, body) = rig.sent_one("conversation.set");
    assert_eq!(body, json!({"convs": [c2c("bob")], "pin": true}));
    assert_eq!(rig.completion(pin), None);
    assert_eq!(
        names(&mut rig),
        ["eve", "bob"],
        "not before the server has it"
    );
    let settings = json!({"version": 3, "is_pinned": true});
    let result = json!({"conv": c2c("bob"), "settings": settings});
    rig.answer(epoch, id, &json!({"results": [result]}));
    assert_eq!(rig.completion(pin), Some(Ok(Reply::Empty)));
    assert_eq!(names(&mut rig), ["bob", "eve"]);
    let event = json!({"conv": c2c("bob"), "settings": settings});
    rig.event(epoch, Some(3), "conversation.settings", &event);
    assert_eq!(told(&rig, conv_event::UPDATE), ["bob"], "told once");
    // Another device has unpinned it meanwhile; an answer that is older changes nothing.
    let event = json!({"conv": c2c("bob"), "settings": {"version": 5}});
    let late = rig.command(Command::PinConversation(ConvId::c2c("bob"), true));
    let (id, _) = rig.sent_one("conversation.set");
    rig.event(epoch, Some(4), "conversation.settings", &event);
    let result = json!({"conv": c2c("bob"), "settings": {"version": 4, "is_pinned": true}});
    rig.answer(epoch, id, &json!({"results": [result]}));
    assert_eq!(rig.code(late), Some(0));
    assert!(!rig.conversation("bob").is_pinned);
    let full = rig.command(Command::PinConversation(ConvId::c2c("bob"), true));
    let (id, _) = rig.sent_one("conversation.set");
    let code = codes::SVR_CONV_CONV_PIN_COUNT_EXCEED_LIMIT;
    rig.answer(
        epoch,
        id,
        &json!({"results": [{"conv": c2c("bob"), "code": code}]}),
    );
    assert_eq!(rig.code(full), Some(code));
}

#[test]
fn what_is_set_offline_is_refused_in_time() {
    let (mut rig, epoch) = with_two();
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let pin = rig.command(Command::PinConversation(ConvId::c2c("bob"), true));
    assert_eq!(rig.completion(pin), None);
    rig.advance(Duration::from_secs(30));
    let code = rig.code(pin);
    assert_eq!(code, Some(codes::SDK_NET_WAIT_SEND_TIMEOUT_NO_NETWORK));
    assert!(!rig.conversation("bob").is_pinned);
}

#[test]
fn each_conversation_of_a_call_has_its_result() {
    let (mut rig, epoch) = with_two();
    let named = ["c2c_bob", "bob", "c2c_eve", "c2c_no user"].map(String::from);
    let mark = ConvChange {
        mark: vec![0, 40],
        ..ConvChange::default()
    };
    let req = rig.command(Command::SetConversations(named.into(), mark.clone()));
    let (id, body) = rig.sent_one("conversation.set");
    assert_eq!(
        body,
        json!({"convs": [c2c("bob"), c2c("eve")], "mark": [0, 40]})
    );
    let settings = json!({"version": 3, "marks": [0, 40]});
    let ok = json!({"conv": c2c("bob"), "settings": settings});
    let refused = json!({"conv": c2c("eve"), "code": 51008});
    rig.answer(epoch, id, &json!({"results": [ok, refused]}));
    let wanted = [
        ("c2c_bob", 0),
        ("bob", codes::INVALID_PARAMETERS),
        ("c2c_eve", 51008),
        ("c2c_no user", codes::SDK_COMM_INVALID_IDENTIFIER),
    ];
    assert_eq!(
        results(&mut rig, req),
        wanted.map(|(id, code)| (id.into(), code))
    );
    assert_eq!(rig.conversation("bob").marks, [1, 1 << 40]);
    let too_many = vec!["c2c_bob".to_owned(); 101];
    for (named, code) in [(Vec::new(), codes::INVALID_PARAMETERS), (too_many, 51006)] {
        let req = rig.command(Command::SetConversations(named, mark.clone()));
        assert_eq!(rig.code(req), Some(code));
    }
    let long = ConvChange {
        custom_data: Some("x".repeat(257)),
        ..ConvChange::default()
    };
    let req = rig.command(Command::SetConversations(vec!["c2c_bob".into()], long));
    assert_eq!(rig.code(req), Some(codes::INVALID_PARAMETERS));
    assert!(rig.sent().is_empty());
}

#[test]
fn a_deleted_conversation_is_gone_until_its_next_message() {
    let (mut rig, epoch) = with_two();
    let total = rig.command(Command::GetTotalUnread);
    assert_eq!(rig.completion(total), Some(Ok(Reply::TotalUnread(2))));
    let settings = json!({"version": 3, "hidden_seq": 1, "hidden_ord": 1});
    let event = json!({"conv": c2c("bob"), "settings": settings});
    rig.event(epoch, Some(3), "conversation.settings", &event);
    assert_eq!(told(&rig, conv_event::DEL), ["bob"]);
    assert_eq!(names(&mut rig), ["eve"]);
    assert!(rig.events().contains(&&Event::TotalUnread(1)));
    rig.outputs.clear();
    let message = new_message("bob", "bob", "bob2", 2, 2);
    rig.event(epoch, Some(4), "message.new", &message);
    assert_eq!(told(&rig, conv_event::ADD), ["bob"]);
    assert_eq!(names(&mut rig), ["bob", "eve"]);
    assert_eq!(
        rig.conversation("bob").unread,
        1,
        "what was deleted is not unread"
    );
}

/// Another device may have changed the same since: what may have been carried out is not sent again.
#[test]
fn a_lost_answer_is_an_error_and_no_repeat() {
    let (mut rig, epoch) = with_two();
    let pin = rig.command(Command::PinConversation(ConvId::c2c("bob"), true));
    let group = change(&mut rig, group_action::CREATE, "g", Some(&["c2c_bob"]));
    assert_eq!(rig.sent().len(), 2);
    let epoch = rig.returned(epoch);
    let lost = Some(codes::SDK_NET_WAIT_ACK_TIMEOUT_NO_NETWORK);
    assert_eq!((rig.code(pin), rig.code(group)), (lost, lost));
    // What has not gone out waits for the link.
    let later = rig.command(Command::PinConversation(ConvId::c2c("eve"), true));
    rig.accept_login(epoch, 2);
    let (id, body) = rig.sent_one("conversation.set");
    assert_eq!(body["convs"][0]["conv_id"], "eve");
    rig.answer(
        epoch,
        id,
        &json!({"results": [{"conv": c2c("eve"), "settings": {"version": 3}}]}),
    );
    assert_eq!(rig.code(later), Some(0));
}

/// None of those named can be a conversation: no group is made for nothing.
#[test]
fn a_group_of_nothing_is_not_made() {
    let (mut rig, _) = with_two();
    let req = change(
        &mut rig,
        group_action::CREATE,
        "g",
        Some(&["bob", "group_\u{e4}"]),
    );
    assert!(matches!(rig.completion(req), Some(Ok(Reply::ConversationResults(r))) if r.len() == 2));
    assert!(rig.sent().is_empty());
}

/// With its messages, also where the server has never heard of it.
#[test]
fn a_conversation_goes_with_what_only_this_device_has() {
    let (mut rig, epoch) = with_two();
    let req = rig.command(Command::DeleteConversation(ConvId::c2c("bob")));
    let (id, body) = rig.sent_one("conversation.set");
    assert_eq!(
        (&body["delete"], &body["clear"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(names(&mut rig).len(), 2);
    let settings = json!({"version": 4, "hidden_seq": 1, "hidden_ord": 1});
    let result = json!({"results": [{"conv": c2c("bob"), "settings": settings}]});
    rig.answer(epoch, id, &result);
    assert_eq!(rig.completion(req), Some(Ok(Reply::Empty)));
    assert_eq!(told(&rig, conv_event::DEL), ["bob"]);
    assert_eq!(names(&mut rig), ["eve"]);
    let page = rig.store().page(&ConvId::c2c("bob"), Place::START, true, 9);
    assert_eq!(page.unwrap(), []);

    let req = rig.command(Command::CreateConversation(ConvId::c2c("new")));
    assert!(rig.completion(req).is_some());
    assert_eq!(names(&mut rig).len(), 2);
    rig.outputs.clear();
    let named = vec!["c2c_new".into(), "c2c_unheard".into()];
    let change = ConvChange {
        delete: true,
        ..ConvChange::default()
    };
    let req = rig.command(Command::SetConversations(named, change));
    let (id, _) = rig.sent_one("conversation.set");
    let here_only = |peer: &str| json!({"conv": c2c(peer), "settings": {"version": 0}});
    rig.answer(
        epoch,
        id,
        &json!({"results": [here_only("new"), here_only("unheard")]}),
    );
    assert!(matches!(rig.completion(req), Some(Ok(Reply::ConversationResults(r))) if r.len() == 2));
    assert_eq!(told(&rig, conv_event::DEL), ["new"]);
    assert_eq!(names(&mut rig), ["eve"]);
}

#[test]
fn a_fresh_device_does_not_see_what_was_deleted() {
    let mut rig = Rig::new();
    rig.login("alice");
    let epoch = rig.connecting();
    rig.input(tim_core::Input::Connected(epoch));
    rig.accept_login(epoch, 9);
    let (id, _) = rig.sent_one("conversation.snapshot");
    let state = |peer: &str, settings: Value| {
        let last = new_message(peer, peer, &format!("{peer}3"), 3, 3);
        json!({"conv": c2c(peer), "head_seq": 3, "last": last, "peer_ord": 3, "read_ord": 0,
               "read_seq": 0, "settings": settings})
    };
    let hidden = |seq: u64| json!({"version": 8, "hidden_seq": seq, "hidden_ord": seq});
    let pinned = json!({"version": 7, "is_pinned": true, "custom_data": "vip"});
    let states = json!([
        state("gone", hidden(3)),
        state("pinned", pinned),
        state("back", hidden(2))
    ]);
    rig.answer(epoch, id, &json!({"conversations": states, "event_seq": 9}));
    assert_eq!(names(&mut rig), ["pinned", "back"]);
    assert_eq!(rig.conversation("pinned").custom_data, "vip");
    assert_eq!(rig.conversation("back").unread, 1);
    assert_eq!(rig.store.total_unread().unwrap(), 4);
}

fn change(rig: &mut Rig, action: &'static str, name: &str, convs: Option<&[&str]>) -> ReqId {
    rig.command(Command::ChangeConvGroup {
        action,
        name: name.into(),
        new_name: String::new(),
        convs: convs.map(|convs| convs.iter().map(|id| id.to_string()).collect()),
    })
}

fn group_names(rig: &mut Rig) -> Vec<String> {
    let req = rig.command(Command::GetConvGroups);
    match rig.completion(req) {
        Some(Ok(Reply::Names(names))) => names,
        other => panic!("{other:?}"),
    }
}

/// What was told of groups: names, and whom it concerns.
fn group_events(rig: &mut Rig) -> Vec<String> {
    let mut told = Vec::new();
    let ids = |convs: &[protocol::conversation::ConvInfo]| {
        let ids: Vec<_> = convs.iter().map(|conv| conv.conv.id.clone()).collect();
        ids.join(",")
    };
    for event in rig.events() {
        let Event::ConvGroup(event) = event else {
            continue;
        };
        told.push(match event {
            ConvGroupEvent::Created(name, convs) => format!("+{name} {}", ids(convs)),
            ConvGroupEvent::Deleted(name) => format!("-{name}"),
            ConvGroupEvent::Renamed(old, new) => format!("{old}>{new}"),
            ConvGroupEvent::Added(name, convs) => format!("{name}+{}", ids(convs)),
            ConvGroupEvent::Removed(name, convs, reason) => {
                format!("{name}-{} {reason}", ids(convs))
            }
        });
    }
    rig.outputs
        .retain(|o| !matches!(o, tim_core::Output::Notify(_)));
    told
}

#[test]
fn groups_are_told_as_they_change_and_calls_end_when_they_are_known() {
    let (mut rig, epoch) = with_two();
    let req = change(&mut rig, "create", "work", Some(&["c2c_bob", "x"]));
    let (id, body) = rig.sent_one("conversation.change_group");
    assert_eq!(
        body,
        json!({"action": "create", "name": "work", "convs": [c2c("bob")]})
    );
    let result = json!({"conv": c2c("bob")});
    rig.answer(epoch, id, &json!({"results": [result], "event": 3}));
    let (id, _) = rig.sent_one("conversation.groups");
    // The event of the same change asks no second time.
    rig.event(epoch, Some(3), "conversation.groups", &json!({}));
    assert!(rig.sent().is_empty());
    assert_eq!(rig.completion(req), None);
    let group = |id: u64, name: &str, convs: &[&str]| {
        let convs: Vec<_> = convs.iter().map(|user| c2c(user)).collect();
        json!({"id": id, "name": name, "convs": convs})
    };
    rig.answer(
        epoch,
        id,
        &json!({"groups": [group(1, "work", &["bob"])], "event_seq": 3}),
    );
    let wanted = [
        ("c2c_bob".into(), 0),
        ("x".into(), codes::INVALID_PARAMETERS),
    ];
    assert_eq!(results(&mut rig, req), wanted);
    assert_eq!(group_names(&mut rig), ["work"]);
    assert_eq!(rig.conversation("bob").groups, ["work"]);
    assert_eq!(told(&rig, conv_event::UPDATE), ["bob"]);
    assert_eq!(group_events(&mut rig), ["+work bob"]);

    // Another device does a lot; it comes in two pages.
    rig.event(epoch, Some(4), "conversation.groups", &json!({}));
    let (id, _) = rig.sent_one("conversation.groups");
    let page = json!({"groups": [group(1, "job", &["eve"])], "event_seq": 4, "next": 2});
    rig.answer(epoch, id, &page);
    let (id, body) = rig.sent_one("conversation.groups");
    assert_eq!(body["page"], 2);
    rig.event(epoch, Some(5), "conversation.groups", &json!({}));
    let page = json!({"groups": [group(2, "new", &["eve", "bob"])], "event_seq": 5});
    rig.answer(epoch, id, &page);
    let events = group_events(&mut rig);
    assert_eq!(events, ["work>job", "job+eve", "job-bob 0", "+new bob,eve"]);
    assert_eq!(rig.conversation("eve").groups, ["job", "new"]);

    // It moved between the pages: asked once more.
    let (id, _) = rig.sent_one("conversation.groups");
    rig.answer(epoch, id, &json!({"groups": [], "event_seq": 5}));
    assert_eq!(group_events(&mut rig), ["-job", "-new"]);
    assert!(rig.conversation("eve").groups.is_empty());
    assert!(rig.sent().is_empty());
}

/// The name of a group is part of its conversations.
#[test]
fn a_renamed_group_changes_its_conversations() {
    let (mut rig, epoch) = with_two();
    let group = |name: &str| json!([{"id": 1, "name": name, "convs": [c2c("bob")]}]);
    for (event, name) in [(3, "work"), (4, "job")] {
        rig.outputs.clear();
        rig.event(epoch, Some(event), "conversation.groups", &json!({}));
        let (id, _) = rig.sent_one("conversation.groups");
        rig.answer(
            epoch,
            id,
            &json!({"groups": group(name), "event_seq": event}),
        );
        assert_eq!(told(&rig, conv_event::UPDATE), ["bob"], "{name}");
    }
    assert_eq!(rig.conversation("bob").groups, ["job"]);
}

#[test]
fn a_change_of_groups_whose_fetch_was_cut_is_fetched_after_the_return() {
    let (mut rig, epoch) = with_two();
    let req = change(&mut rig, "delete", "old", None);
    let (id, _) = rig.sent_one("conversation.change_group");
    rig.answer(epoch, id, &json!({"event": 3}));
    rig.sent_one("conversation.groups");
    assert_eq!(rig.completion(req), None);
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    assert_eq!(rig.completion(req), Some(Ok(Reply::Empty)), "it is done");
    let mut rig = rig.died();
    let epoch = rig.log_in_at("alice", 2);
    let (id, _) = rig.sent_one("session.difference");
    rig.answer(epoch, id, &json!({"events": [], "head": 2}));
    let (id, _) = rig.sent_one("conversation.groups");
    rig.answer(
        epoch,
        id,
        &json!({"groups": [{"id": 3, "name": "a"}], "event_seq": 3}),
    );
    assert_eq!(group_names(&mut rig), ["a"]);
}

#[test]
fn calls_about_groups_that_cannot_be_meant_are_refused_here() {
    let (mut rig, epoch) = with_two();
    let long = "x".repeat(33);
    let req = change(&mut rig, "create", &long, Some(&["c2c_bob"]));
    assert_eq!(
        rig.code(req),
        Some(codes::SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH)
    );
    let req = change(&mut rig, "add", "work", Some(&[]));
    assert_eq!(rig.code(req), Some(codes::INVALID_PARAMETERS));
    let req = change(&mut rig, "add", "work", Some(&["x"]));
    assert_eq!(
        results(&mut rig, req),
        [("x".into(), codes::INVALID_PARAMETERS)]
    );
    assert!(rig.sent().is_empty());
    let req = change(&mut rig, "delete", "work", None);
    let (id, _) = rig.sent_one("conversation.change_group");
    rig.refuse(epoch, id, codes::SVR_CONV_CONV_GROUP_NOT_EXIST);
    assert_eq!(rig.code(req), Some(codes::SVR_CONV_CONV_GROUP_NOT_EXIST));
}
