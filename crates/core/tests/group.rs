//! Groups: coming, going, keeping up.

mod rig;

use std::time::Duration;

use protocol::codes;
use protocol::conversation::{ConvId, ConvInfo, conv_event};
use protocol::group::list::{CreateGroupParam, InviteParam, MembersOption, MembersParam};
use protocol::message::{LocalCustom, MessageRef};
use rig::{Rig, text};
use serde_json::{Value, json};
use tim_core::{Command, Epoch, Event, Reply, ReqId};

fn conv() -> Value {
    json!({"conv_type": 2, "conv_id": "g"})
}

/// The group as alice has it: `head` messages, of which others have written `others` that count.
fn state(head: u64, others: u64, own: u64) -> Value {
    json!({"conv": conv(), "head_seq": head, "peer_ord": others, "read_ord": 0, "read_seq": 0,
        "group": {
            "info": {"group_id": "g", "group_type": 1, "name": "Friends", "owner": "bob",
                "created_at": 1, "members": 3, "max_members": 9, "add_option": 0,
                "approve_option": 2, "info_seq": 0},
            "me": {"role": 200, "joined_at": 1, "since_seq": 0, "own_ord": own}}})
}

fn written(sender: &str, seq: u64, ord: u64) -> Value {
    json!({"conv": conv(), "sender": sender, "msg_id": format!("{sender}{seq}"), "seq": seq,
        "time": 1_700_000_000u64 + seq, "ord": ord, "content": text("x")})
}

/// alice, who came into the group when it had one message, which counts for nobody.
fn joined() -> (Rig, Epoch) {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let body = json!({"conv": conv(), "state": state(1, 0, 0)});
    rig.event(epoch, Some(1), "group.membership", &body);
    assert!(told(&rig, conv_event::ADD).contains(&"g".to_owned()));
    rig.outputs.clear();
    (rig, epoch)
}

fn told(rig: &Rig, what: i32) -> Vec<String> {
    let mut ids = Vec::new();
    for event in rig.events() {
        if let Event::Conversations(kind, convs) = event
            && *kind == what
        {
            ids.extend(convs.iter().map(|conv| conv.conv.id.clone()));
        }
    }
    ids
}

fn info(rig: &mut Rig) -> Option<ConvInfo> {
    let req = rig.command(Command::GetConversationInfo(vec![ConvId::group("g")]));
    match rig.completion(req) {
        Some(Ok(Reply::Conversations(mut convs))) => convs.pop(),
        other => panic!("{other:?}"),
    }
}

fn unread(rig: &mut Rig) -> u64 {
    info(rig).unwrap().unread
}

fn send(rig: &mut Rig, id: &str) -> ReqId {
    rig.command(Command::Send {
        conv: ConvId::group("g"),
        msg_id: id.into(),
        content: text(id),
        local: LocalCustom::default(),
    })
}

/// Lets the heartbeat pass, and gives the question for heads.
fn beat(rig: &mut Rig, epoch: Epoch) -> u64 {
    rig.advance(Duration::from_secs(61));
    let (id, _) = rig.sent_one("session.heartbeat");
    let now = rig.now().unix_ms;
    rig.answer(epoch, id, &json!({"event_seq": 1, "server_time_ms": now}));
    rig.sent_one("group.heads").0
}

fn head(seq: u64, rev: u64) -> Value {
    json!({"group_id": "g", "head_seq": seq, "rev": rev})
}

#[test]
fn messages_are_told_and_counted_in_their_order() {
    let (mut rig, epoch) = joined();
    let seen = info(&mut rig).unwrap();
    assert_eq!((&*seen.show_name, seen.group_type), ("Friends", Some(1)));
    rig.event(epoch, None, "message.new", &written("bob", 2, 1));
    rig.event(epoch, None, "message.new", &written("carol", 3, 2));
    // A repeat is no second message.
    rig.event(epoch, None, "message.new", &written("bob", 2, 1));
    assert_eq!(rig.told(), ["bob2", "carol3"]);
    assert_eq!(unread(&mut rig), 2);
    // One's own is not unread; another device of alice has written the second.
    let req = send(&mut rig, "a4");
    rig.accept(epoch, 4);
    assert_eq!(rig.code(req), Some(0));
    rig.event(epoch, None, "message.new", &written("alice", 5, 4));
    rig.event(epoch, None, "message.new", &written("bob", 6, 5));
    assert_eq!(rig.told(), ["bob2", "carol3", "alice5", "bob6"]);
    let seen = info(&mut rig).unwrap();
    assert_eq!(seen.unread, 3);
    let last = seen.last_msg.unwrap();
    assert_eq!((&*last.sender, last.from_self, last.seq), ("bob", false, 6));

    let read = Some(MessageRef {
        msg_id: "carol3".into(),
        seq: 0,
    });
    rig.command(Command::ReportRead(ConvId::group("g"), read));
    let (id, body) = rig.sent_one("message.read");
    assert_eq!(body["seq"], 3);
    assert_eq!(unread(&mut rig), 1);
    let marks = json!({"conv": conv(), "read_seq": 3, "read_ord": 2});
    rig.answer(epoch, id, &marks);
    rig.event(epoch, Some(2), "message.read", &marks);
    assert_eq!(unread(&mut rig), 1);
}

#[test]
fn what_is_missing_between_is_asked_for() {
    let (mut rig, epoch) = joined();
    rig.event(epoch, None, "message.new", &written("bob", 4, 3));
    let (id, body) = rig.sent_one("message.history");
    assert_eq!((&body["from"], &body["to"]), (&json!(2), &json!(4)));
    // What comes meanwhile waits for it.
    rig.event(epoch, None, "message.new", &written("bob", 5, 4));
    assert!(rig.told().is_empty());
    let page = [
        written("bob", 2, 1),
        written("alice", 3, 2),
        written("bob", 4, 3),
    ];
    rig.answer(epoch, id, &json!({"messages": page}));
    assert_eq!(rig.told(), ["bob2", "alice3", "bob4"]);
    let (id, body) = rig.sent_one("message.history");
    assert_eq!((&body["from"], &body["to"]), (&json!(5), &json!(5)));
    rig.answer(epoch, id, &json!({"messages": [written("bob", 5, 4)]}));
    assert_eq!(unread(&mut rig), 3);
    assert!(rig.sent().is_empty());
    rig.event(epoch, None, "message.new", &written("bob", 6, 5));
    assert_eq!(unread(&mut rig), 4);
}

#[test]
fn own_messages_that_overtake_others_are_settled_once() {
    let (mut rig, epoch) = joined();
    let req = send(&mut rig, "mine");
    // bob's message 2 has not arrived.
    rig.accept(epoch, 3);
    assert_eq!(rig.code(req), Some(0));
    let (id, _) = rig.sent_one("message.history");
    let mut mine = written("alice", 3, 2);
    mine["msg_id"] = json!("mine");
    rig.answer(
        epoch,
        id,
        &json!({"messages": [written("bob", 2, 1), mine]}),
    );
    assert_eq!(rig.told(), ["bob2"]);
    assert_eq!(unread(&mut rig), 1);
}

#[test]
fn a_heartbeat_finds_what_was_pushed_in_vain() {
    let (mut rig, epoch) = joined();
    let id = beat(&mut rig, epoch);
    rig.answer(epoch, id, &json!({"heads": [head(3, 0)], "now_ms": 7_000}));
    let (id, _) = rig.sent_one("message.history");
    let page = [written("bob", 2, 1), written("bob", 3, 2)];
    rig.answer(epoch, id, &json!({"messages": page}));
    assert_eq!(rig.told(), ["bob2", "bob3"]);
    // From then on only what moves later.
    rig.advance(Duration::from_secs(61));
    let (id, _) = rig.sent_one("session.heartbeat");
    rig.answer(epoch, id, &json!({"event_seq": 1, "server_time_ms": 1}));
    let (_, body) = rig.sent_one("group.heads");
    assert_eq!(body["since_ms"], 7_000);
}

#[test]
fn far_behind_the_state_says_it_all() {
    let (mut rig, epoch) = joined();
    let epoch = rig.reconnect(epoch, 1);
    let (id, body) = rig.sent_one("group.heads");
    assert_eq!(body, json!({}));
    rig.answer(epoch, id, &json!({"heads": [head(2_000, 0)], "now_ms": 1}));
    let (id, body) = rig.sent_one("group.state");
    assert_eq!(body["group_id"], "g");
    let mut now = state(2_000, 700, 200);
    now["last"] = written("bob", 2_000, 900);
    rig.answer(epoch, id, &now);
    assert_eq!(unread(&mut rig), 700);
    assert!(rig.told().is_empty());
    // And on from there: alice has written 200 of the 902.
    rig.event(epoch, None, "message.new", &written("alice", 2_001, 901));
    rig.event(epoch, None, "message.new", &written("bob", 2_002, 902));
    assert_eq!(unread(&mut rig), 701);
    assert!(rig.sent().is_empty());
}

#[test]
fn who_goes_has_it_in_the_list_no_more() {
    for gone in [false, true] {
        let (mut rig, epoch) = joined();
        rig.event(epoch, None, "message.new", &written("bob", 2, 1));
        rig.outputs.clear();
        match gone {
            true => rig.event(epoch, None, "group.gone", &json!({"conv": conv()})),
            false => rig.event(epoch, Some(2), "group.membership", &json!({"conv": conv()})),
        }
        assert_eq!(told(&rig, conv_event::DEL), ["g"]);
        assert_eq!(info(&mut rig), None);
        // Nothing of it is told any more.
        rig.event(epoch, None, "message.new", &written("bob", 3, 2));
        assert!(rig.told().is_empty());
        // Back again: what was written meanwhile is not there.
        let mut back = state(5, 4, 0);
        back["read_ord"] = json!(4);
        back["group"]["me"]["since_seq"] = json!(4);
        let seq = if gone { 2 } else { 3 };
        let body = json!({"conv": conv(), "state": back});
        rig.event(epoch, Some(seq), "group.membership", &body);
        assert_eq!(unread(&mut rig), 0);
        let gaps = rig.store().gaps(&ConvId::group("g")).unwrap();
        assert_eq!(gaps, [(1, 1), (5, 5)]);
    }
}

#[test]
fn a_group_that_ended_meanwhile_is_found_gone() {
    let (mut rig, epoch) = joined();
    let id = beat(&mut rig, epoch);
    let mut ended = head(1, 0);
    ended["gone"] = json!(true);
    rig.answer(epoch, id, &json!({"heads": [ended], "now_ms": 1}));
    assert_eq!(told(&rig, conv_event::DEL), ["g"]);
}

#[test]
fn changes_that_were_missed_are_asked_for_at_once() {
    let (mut rig, epoch) = joined();
    rig.event(epoch, None, "message.new", &written("bob", 2, 1));
    let mut changed = written("bob", 2, 1);
    changed["change"] = json!({"rev": 1, "revoked": {"by": "bob"}});
    rig.event(epoch, None, "message.changed", &changed);
    let is_revoked =
        |event: &&Event| matches!(event, Event::Revoked(messages) if messages.len() == 1);
    assert_eq!(rig.events().into_iter().filter(is_revoked).count(), 1);
    // Of two more one was not told.
    let mut changed = written("bob", 1, 0);
    changed["change"] = json!({"rev": 3});
    rig.event(epoch, None, "message.changed", &changed);
    // Nobody has to look for it: what was taken back must not stay to be read.
    let conv = ConvId::group("g");
    let (id, body) = rig.sent_one("message.changes");
    assert_eq!(body["after"], 1);
    let mut gone = written("bob", 2, 1);
    gone["change"] = json!({"rev": 2});
    rig.answer(epoch, id, &json!({"messages": [gone], "rev": 3}));
    assert!(!rig.store().conversation(&conv).unwrap().unwrap().is_stale);
}

#[test]
fn calls_about_groups() {
    let (mut rig, epoch) = joined();
    let param = CreateGroupParam {
        name: "New".into(),
        group_type: 2,
        members: vec![protocol::group::list::NamedMember { user: "bob".into() }],
        ..CreateGroupParam::default()
    };
    let req = rig.command(Command::CreateGroup(Box::new(param.clone())));
    let (id, body) = rig.sent_one("group.create");
    assert_eq!(
        body,
        json!({"group_type": 2, "name": "New", "members": ["bob"]})
    );
    let made = json!({"group_id": "@TGS#1", "results": [{"user": "bob", "result": 1}]});
    rig.answer(epoch, id, &made);
    let reply = rig.completion(req).unwrap().unwrap();
    assert_eq!(reply.json(), r#"{"create_group_result_groupid":"@TGS#1"}"#);

    let invite = InviteParam {
        group_id: "g".into(),
        users: vec!["bob".into()],
    };
    let req = rig.command(Command::InviteMembers(invite.clone()));
    let (id, _) = rig.sent_one("group.invite");
    rig.answer(
        epoch,
        id,
        &json!({"results": [{"user": "bob", "result": 2}]}),
    );
    let reply = rig.completion(req).unwrap().unwrap();
    let json = r#"[{"group_invite_member_result_identifier":"bob","group_invite_member_result_result":2}]"#;
    assert_eq!(reply.json(), json);

    // Two pages, with what this device knows of the conversation.
    rig.event(epoch, None, "message.new", &written("bob", 2, 1));
    let req = rig.command(Command::GetJoinedGroups);
    let (id, _) = rig.sent_one("group.joined");
    let group = state(1, 0, 0)["group"].clone();
    rig.answer(epoch, id, &json!({"groups": [], "next": 5}));
    let (id, body) = rig.sent_one("group.joined");
    assert_eq!(body["page"], 5);
    rig.answer(epoch, id, &json!({"groups": [group]}));
    let Some(Ok(Reply::JoinedGroups(groups))) = rig.completion(req) else {
        panic!("no groups")
    };
    assert_eq!((groups[0].latest_seq, groups[0].me.unread), (2, 1));

    let members = MembersParam {
        group_id: "g".into(),
        option: MembersOption { role_flag: 3 },
        ..MembersParam::default()
    };
    let req = rig.command(Command::GetGroupMembers(Box::new(members)));
    let (id, body) = rig.sent_one("group.members");
    assert_eq!(body, json!({"group_id": "g", "roles": [400, 300]}));
    let page = json!({"members": [{"user": "bob", "role": 400, "joined_at": 7}], "next": 9});
    rig.answer(epoch, id, &page);
    let Some(Ok(Reply::Members(page))) = rig.completion(req) else {
        panic!("no members")
    };
    assert_eq!((page.next_seq, &*page.members[0].user), (9, "bob"));

    for (command, op) in [
        (Command::JoinGroup("g".into()), "group.join"),
        (Command::QuitGroup("g".into()), "group.quit"),
        (Command::DeleteGroup("g".into()), "group.delete"),
    ] {
        let req = rig.command(command);
        let (id, _) = rig.sent_one(op);
        rig.refuse(epoch, id, codes::SVR_GROUP_PERMISSION_DENY);
        assert_eq!(rig.code(req), Some(codes::SVR_GROUP_PERMISSION_DENY));
    }

    let long = |n| "x".repeat(n);
    let with = |change: &dyn Fn(&mut CreateGroupParam)| {
        let mut param = param.clone();
        change(&mut param);
        Command::CreateGroup(Box::new(param))
    };
    for (command, code) in [
        (with(&|p| p.name.clear()), codes::SDK_GROUP_INVALID_NAME),
        (with(&|p| p.name = long(31)), codes::SDK_GROUP_INVALID_NAME),
        (
            with(&|p| p.introduction = long(241)),
            codes::SDK_GROUP_INVALID_INTRODUCTION,
        ),
        (
            with(&|p| p.notification = long(301)),
            codes::SDK_GROUP_INVALID_NOTIFICATION,
        ),
        (
            with(&|p| p.face_url = long(101)),
            codes::SDK_GROUP_INVALID_FACE_URL,
        ),
        (
            with(&|p| p.group_id = "@TGS#x".into()),
            codes::SDK_GROUP_INVALID_ID,
        ),
        (
            with(&|p| p.group_id = long(49)),
            codes::SDK_GROUP_INVALID_ID,
        ),
        (
            with(&|p| p.members = vec![Default::default(); 21]),
            codes::INVALID_PARAMETERS,
        ),
        (
            Command::JoinGroup(String::new()),
            codes::SDK_GROUP_INVALID_ID,
        ),
        (
            Command::InviteMembers(InviteParam {
                users: vec![],
                ..invite.clone()
            }),
            codes::SDK_GROUP_INVITE_NO_MEMBER,
        ),
        (
            Command::InviteMembers(InviteParam {
                users: vec![long(3); 21],
                ..invite
            }),
            codes::INVALID_PARAMETERS,
        ),
    ] {
        let req = rig.command(command);
        assert_eq!(rig.code(req), Some(code));
        assert!(rig.sent().is_empty());
    }
}

#[test]
fn a_group_is_not_made_twice() {
    let (mut rig, epoch) = joined();
    let param = CreateGroupParam {
        name: "New".into(),
        ..CreateGroupParam::default()
    };
    let req = rig.command(Command::CreateGroup(Box::new(param)));
    rig.sent_one("group.create");
    // Whether it was made nobody knows; a second one would be another group.
    let _ = rig.reconnect(epoch, 1);
    assert_eq!(
        rig.code(req),
        Some(codes::SDK_NET_WAIT_ACK_TIMEOUT_NO_NETWORK)
    );
    let sent = rig.sent();
    assert!(
        sent.iter().all(|(_, op, _)| op == "group.heads"),
        "{sent:?}"
    );
}

#[test]
fn what_is_told_of_a_group_one_is_not_in_makes_none_appear() {
    let (mut rig, epoch) = joined();
    rig.event(epoch, Some(2), "group.membership", &json!({"conv": conv()}));
    rig.outputs.clear();
    let settings = json!({"conv": conv(), "settings": {"version": 3, "is_pinned": true}});
    rig.event(epoch, Some(3), "conversation.settings", &settings);
    let read = json!({"conv": conv(), "read_seq": 1, "read_ord": 1});
    rig.event(epoch, Some(4), "message.read", &read);
    assert_eq!(info(&mut rig), None);
    // Nor does a message that the server refuses.
    let req = send(&mut rig, "a1");
    let (id, _) = rig.sent_one("message.send");
    rig.refuse(epoch, id, codes::SVR_GROUP_PERMISSION_DENY);
    assert_eq!(rig.code(req), Some(codes::SVR_GROUP_PERMISSION_DENY));
    assert_eq!(info(&mut rig), None);
}

#[test]
fn the_synchronisation_ends_with_the_groups() {
    let (mut rig, epoch) = joined();
    let epoch = rig.returned(epoch);
    rig.accept_login(epoch, 2);
    let (id, _) = rig.sent_one("session.difference");
    rig.answer(epoch, id, &json!({"events": [], "head": 1}));
    let (id, _) = rig.sent_one("group.heads");
    rig.outputs.clear();
    rig.answer(epoch, id, &json!({"heads": [head(2, 0)], "now_ms": 1}));
    let is_end = |rig: &Rig| {
        let is_it = |event: &&Event| matches!(event, Event::Conversations(kind, _) if *kind == conv_event::FINISH);
        rig.events().into_iter().any(|event| is_it(&event))
    };
    assert!(!is_end(&rig));
    let (id, _) = rig.sent_one("message.history");
    rig.answer(epoch, id, &json!({"messages": [written("bob", 2, 1)]}));
    assert!(is_end(&rig));
    assert_eq!(rig.told(), ["bob2"]);
}

#[test]
fn a_message_to_some_members_only_is_refused() {
    let (mut rig, _) = joined();
    let mut content = text("x");
    content.target = vec!["carol".into()];
    let req = rig.command(Command::Send {
        conv: ConvId::group("g"),
        msg_id: "a1".into(),
        content,
        local: LocalCustom::default(),
    });
    assert_eq!(rig.code(req), Some(codes::NOT_SUPPORTED));
}

#[test]
fn the_owner_asks_to_take_back_what_others_wrote() {
    let (mut rig, epoch) = joined();
    rig.event(epoch, None, "message.new", &written("bob", 2, 1));
    let wanted = MessageRef {
        msg_id: "bob2".into(),
        seq: 0,
    };
    rig.command(Command::Revoke(ConvId::group("g"), wanted));
    assert_eq!(rig.sent_one("message.revoke").1["seq"], 2);
}

#[test]
fn leaving_a_group_that_is_being_caught_up_with_ends_that() {
    let (mut rig, epoch) = joined();
    let epoch = rig.reconnect(epoch, 1);
    let (id, _) = rig.sent_one("group.heads");
    rig.answer(epoch, id, &json!({"heads": [head(3, 0)], "now_ms": 9}));
    let (id, _) = rig.sent_one("message.history");
    rig.event(epoch, Some(2), "group.membership", &json!({"conv": conv()}));
    let page = json!({"messages": [written("bob", 2, 1)], "more": true});
    rig.answer(epoch, id, &page);
    assert!(rig.sent().is_empty());
    assert!(rig.told().is_empty());
    let known = rig.store().meta("groups_ms").unwrap();
    assert_eq!(known.as_deref(), Some("9"));
}

#[test]
fn what_a_dead_process_had_not_told_is_told_by_the_next_one() {
    let (mut rig, epoch) = joined();
    rig.event(epoch, None, "message.new", &written("bob", 2, 1));
    let mark = rig.mark();
    rig.input(tim_core::Input::Told(mark));
    rig.advance(Duration::from_secs(1));
    for seq in 3..=4 {
        rig.event(epoch, None, "message.new", &written("bob", seq, seq - 1));
    }
    rig.event(epoch, None, "message.new", &written("alice", 5, 4));
    let mut rig = rig.died();
    rig.log_in_at("alice", 1);
    assert_eq!(rig.told(), ["bob3", "bob4"]);
    // And by no other one, when it was told.
    let mark = rig.mark();
    rig.input(tim_core::Input::Told(mark));
    rig.advance(Duration::from_secs(1));
    let mut rig = rig.died();
    rig.log_in_at("alice", 1);
    assert!(rig.told().is_empty());
    assert_eq!(unread(&mut rig), 3);
}
