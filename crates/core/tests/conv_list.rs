//! The list of conversations: order, drafts, filters and pages, counts by filter, marking as read.

mod rig;

use std::time::Duration;

use protocol::codes;
use protocol::conversation::list::{ConvFilter, ConvListResult, Draft};
use protocol::conversation::{ConvId, conv_event};
use rig::{Rig, new_message};
use serde_json::{Value, json};
use tim_core::store::{ConvRow, Store};
use tim_core::{Command, Event, Reply};

const S: Duration = Duration::from_secs(1);

fn names(rig: &mut Rig) -> Vec<String> {
    let req = rig.command(Command::GetConversations);
    match rig.completion(req) {
        Some(Ok(Reply::Conversations(convs))) => convs.into_iter().map(|c| c.conv.id).collect(),
        other => panic!("{other:?}"),
    }
}

fn page(rig: &mut Rig, filter: Value, next_seq: u64, count: u32) -> ConvListResult {
    let filter = serde_json::from_value(filter).unwrap();
    let req = rig.command(Command::GetConversationPage {
        filter,
        next_seq,
        count,
    });
    match rig.completion(req) {
        Some(Ok(Reply::ConversationPage(page))) => *page,
        other => panic!("{other:?}"),
    }
}

fn on_page(page: &ConvListResult) -> Vec<&str> {
    let convs = page.conversations.iter();
    convs.map(|conv| conv.conv.id.as_str()).collect()
}

fn unread(rig: &mut Rig, filter: Value) -> u64 {
    let filter = serde_json::from_value(filter).unwrap();
    let req = rig.command(Command::GetUnreadByFilter(filter));
    match rig.completion(req) {
        Some(Ok(Reply::TotalUnread(count))) => count,
        other => panic!("{other:?}"),
    }
}

fn told(rig: &mut Rig, wanted: i32) -> Vec<String> {
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

/// Users u0, u1, … have each written as many messages as their number says.
fn with_conversations(n: u64) -> (Rig, tim_core::Epoch) {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let mut event = 0;
    for user in 1..=n {
        for seq in 1..=user {
            event += 1;
            let peer = format!("u{user}");
            let message = new_message(&peer, &peer, &format!("m{user}-{seq}"), seq, seq);
            rig.event(epoch, Some(event), "message.new", &message);
        }
    }
    rig.outputs.clear();
    (rig, epoch)
}

#[test]
fn a_draft_lifts_its_conversation_and_ends() {
    let (mut rig, _) = with_conversations(3);
    assert_eq!(names(&mut rig), ["u3", "u2", "u1"]);
    rig.advance(S);
    let draft: Draft = serde_json::from_value(
        json!({"draft_msg": {"message_elem_array": []}, "draft_user_define": "half",
               "draft_edit_time": 5}),
    )
    .unwrap();
    let set = Command::SetDraft(ConvId::c2c("u1"), Some(draft.clone()));
    let set = rig.command(set);
    assert_eq!(rig.code(set), Some(0));
    assert_eq!(told(&mut rig, conv_event::UPDATE), ["u1"]);
    assert_eq!(names(&mut rig), ["u1", "u3", "u2"]);
    let info = rig.conversation("u1");
    assert!(info.has_draft);
    let kept = info.draft.unwrap();
    assert_eq!(kept.message, draft.message);
    assert_eq!(kept.user_define, "half");
    assert_eq!(kept.edit_time, rig.now().unix_ms / 1000, "libtim's own");
    let cancel = rig.command(Command::SetDraft(ConvId::c2c("u1"), None));
    assert_eq!(rig.code(cancel), Some(0));
    assert_eq!(names(&mut rig), ["u3", "u2", "u1"]);
    assert!(!rig.conversation("u1").has_draft);
}

#[test]
fn a_draft_to_somebody_new_is_a_conversation_while_it_lasts() {
    let (mut rig, _) = with_conversations(1);
    let draft = Some(Draft::default());
    rig.command(Command::SetDraft(ConvId::c2c("bob"), draft));
    assert_eq!(told(&mut rig, conv_event::ADD), ["bob"]);
    assert_eq!(names(&mut rig), ["bob", "u1"]);
    rig.command(Command::SetDraft(ConvId::c2c("bob"), None));
    assert_eq!(told(&mut rig, conv_event::DEL), ["bob"]);
    assert_eq!(names(&mut rig), ["u1"]);
}

#[test]
fn a_created_conversation_is_in_the_list_once() {
    let (mut rig, _) = with_conversations(2);
    rig.advance(S);
    for round in 0..2 {
        let req = rig.command(Command::CreateConversation(ConvId::c2c("bob")));
        match rig.completion(req) {
            Some(Ok(Reply::Conversation(info))) => assert_eq!(info.conv.id, "bob"),
            other => panic!("{other:?}"),
        }
        assert_eq!(names(&mut rig), ["bob", "u2", "u1"]);
        assert_eq!(told(&mut rig, conv_event::ADD).len(), 1, "round {round}");
    }
    assert!(told(&mut rig, conv_event::UPDATE).is_empty());
    let bad = rig.command(Command::CreateConversation(ConvId::c2c("no user")));
    assert_eq!(rig.code(bad), Some(codes::SDK_COMM_INVALID_IDENTIFIER));
}

#[test]
fn pages_have_each_conversation_once_while_the_list_moves() {
    let (mut rig, epoch) = with_conversations(7);
    let first = page(&mut rig, json!({}), 0, 3);
    assert_eq!(on_page(&first), ["u7", "u6", "u5"]);
    assert!(!first.is_finished);
    // One of the page goes up, and one of the next does.
    rig.advance(S);
    for (n, user) in [(29, 6), (30, 3)] {
        let peer = format!("u{user}");
        let message = new_message(&peer, &peer, &format!("new{n}"), user + 1, user + 1);
        rig.event(epoch, Some(n), "message.new", &message);
    }
    let second = page(&mut rig, json!({}), first.next_seq, 3);
    assert_eq!(on_page(&second), ["u4", "u2", "u1"], "u3 was told");
    assert!(second.is_finished);
    assert_eq!(second.next_seq, 0);
    assert_eq!(told(&mut rig, conv_event::UPDATE), ["u6", "u3"]);
    let exact = page(&mut rig, json!({}), 0, 7);
    assert!(exact.is_finished, "no empty page behind it");
    let none = rig.command(Command::GetConversationPage {
        filter: ConvFilter::default(),
        next_seq: 0,
        count: 0,
    });
    assert_eq!(rig.code(none), Some(codes::INVALID_PARAMETERS));
}

#[test]
fn filters_tell_conversations_apart() {
    let (mut rig, _) = with_conversations(3);
    let read = Command::CleanUnread {
        whose: "c2c_u2".into(),
        time: 0,
        seq: 0,
    };
    rig.command(read);
    for (user, marks, groups) in [("u1", 1 << 40 | 1, vec![]), ("u3", 1, vec![4])] {
        let mut row: ConvRow = rig.store.conversation(&ConvId::c2c(user)).unwrap().unwrap();
        (row.marks, row.groups) = (marks, groups);
        rig.store.put_conversation(&row).unwrap();
    }
    rig.store
        .set_meta(
            "conv_groups",
            r#"{"names":[[4,"work"]],"known":1,"wanted":1}"#,
        )
        .unwrap();
    // As after a start: what is remembered is read from the store.
    let mut rig = rig.died();
    rig.log_in_at("alice", 6);
    let filter =
        |key: &str, value: Value| json!({format!("conversation_list_filter_{key}"): value});
    for (filter, wanted) in [
        (json!({}), "u3 u2 u1"),
        (filter("conv_type", json!(1)), "u3 u2 u1"),
        (filter("conv_type", json!(0)), "u3 u2 u1"),
        (filter("conv_type", json!(2)), ""),
        (filter("has_unread_count", json!(true)), "u3 u1"),
        (filter("has_unread_count", json!(false)), "u2"),
        (filter("has_group_at_info", json!(true)), ""),
        (filter("has_group_at_info", json!(false)), "u3 u2 u1"),
        (filter("mark_type", json!(1)), "u3 u1"),
        (filter("mark_type", json!(1u64 << 40 | 1)), "u1"),
        (filter("mark_type", json!(0)), "u2"),
        (filter("conversation_group", json!("work")), "u3"),
        (filter("conversation_group", json!("")), "u2 u1"),
        (filter("conversation_group", json!("unknown")), ""),
    ] {
        let found = page(&mut rig, filter.clone(), 0, 10);
        assert_eq!(on_page(&found).join(" "), wanted, "{filter}");
    }
    assert_eq!(rig.conversation("u3").groups, ["work"]);
    assert_eq!(rig.conversation("u1").marks, [1, 1 << 40]);
    assert_eq!(unread(&mut rig, filter("mark_type", json!(1))), 4);
    assert_eq!(
        unread(&mut rig, filter("conversation_group", json!("work"))),
        3
    );
}

#[test]
fn a_watched_count_is_told_once_for_what_comes_together() {
    let (mut rig, epoch) = with_conversations(2);
    let watched = |rig: &Rig| -> Vec<(Option<i32>, u64)> {
        let events = rig.events().into_iter();
        events
            .filter_map(|event| match event {
                Event::UnreadByFilter(filter, count) => Some((filter.conv_type, *count)),
                _ => None,
            })
            .collect()
    };
    let filter = |kind| ConvFilter {
        conv_type: Some(kind),
        ..ConvFilter::default()
    };
    for kind in [1, 2, 1] {
        rig.command(Command::WatchUnread(filter(kind)));
    }
    assert_eq!(watched(&rig), [], "nothing has changed");
    let message = new_message("u1", "u1", "new", 2, 2);
    rig.event(epoch, Some(4), "message.new", &message);
    assert_eq!(watched(&rig), [(Some(1), 4)]);
    rig.outputs.clear();
    let all = Command::CleanUnread {
        whose: String::new(),
        time: 0,
        seq: 0,
    };
    rig.command(all);
    assert_eq!(
        watched(&rig),
        [(Some(1), 0)],
        "two conversations, told once"
    );
    rig.outputs.clear();
    rig.command(Command::UnwatchUnread(filter(1)));
    let message = new_message("u1", "u1", "newer", 3, 3);
    rig.event(epoch, Some(5), "message.new", &message);
    assert_eq!(watched(&rig), []);
}

#[test]
fn filters_that_are_the_same_in_type_group_and_marks_are_one_subscription() {
    let (mut rig, epoch) = with_conversations(1);
    let c2c = |has_unread, group: Option<&str>| ConvFilter {
        conv_type: Some(1),
        group: group.map(Into::into),
        has_unread,
        ..ConvFilter::default()
    };
    let last = c2c(Some(false), None);
    for filter in [c2c(None, None), c2c(None, Some("")), last.clone()] {
        rig.command(Command::WatchUnread(filter));
    }
    // No type is type 0.
    for conv_type in [None, Some(0)] {
        let all = ConvFilter {
            conv_type,
            ..ConvFilter::default()
        };
        rig.command(Command::WatchUnread(all));
    }
    let message = new_message("u1", "u1", "new", 2, 2);
    rig.event(epoch, Some(2), "message.new", &message);
    let told = rig.events().into_iter().filter_map(|event| match event {
        Event::UnreadByFilter(filter, count) => Some((filter.clone(), *count)),
        _ => None,
    });
    let all = ConvFilter {
        conv_type: Some(0),
        ..ConvFilter::default()
    };
    let wanted = [(c2c(None, Some("")), 2), (last, 2), (all, 2)];
    assert_eq!(
        told.collect::<Vec<_>>(),
        wanted,
        "each as it was named last"
    );
}

#[test]
fn the_total_is_told_from_the_question_to_the_end_of_the_session() {
    let (mut rig, epoch) = with_conversations(1);
    let totals = |rig: &mut Rig| -> Vec<u64> {
        let events = rig.events().into_iter();
        let totals = events.filter_map(|event| match event {
            Event::TotalUnread(total) => Some(*total),
            _ => None,
        });
        let totals = totals.collect();
        rig.outputs.clear();
        totals
    };
    let no_totals: [u64; 0] = [];
    let arrive = |rig: &mut Rig, epoch, seq: u64| {
        let message = new_message("u1", "u1", &format!("n{seq}"), seq, seq);
        rig.event(epoch, Some(seq), "message.new", &message);
    };
    arrive(&mut rig, epoch, 2);
    assert_eq!(totals(&mut rig), no_totals);
    let asked = rig.command(Command::GetTotalUnread);
    assert_eq!(rig.completion(asked), Some(Ok(Reply::TotalUnread(2))));
    assert_eq!(totals(&mut rig), no_totals);
    arrive(&mut rig, epoch, 3);
    assert_eq!(totals(&mut rig), [3]);
    rig.command(Command::Logout);
    let (id, _) = rig.sent_one("session.logout");
    rig.answer(epoch, id, &json!({}));
    let epoch = rig.log_in_at("alice", 3);
    arrive(&mut rig, epoch, 4);
    assert_eq!(totals(&mut rig), no_totals, "another session");
}

#[test]
fn unread_is_cleaned_up_to_a_time() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    for seq in 1..=3 {
        let mut message = new_message("bob", "bob", &format!("m{seq}"), seq, seq);
        message["time"] = json!(1_700_000_000 + 10 * seq);
        rig.event(epoch, Some(seq), "message.new", &message);
    }
    let mut clean = |whose: &str, time: u64| {
        let req = rig.command(Command::CleanUnread {
            whose: whose.into(),
            time,
            seq: 0,
        });
        let sent = rig.sent();
        for (id, op, body) in &sent {
            assert_eq!(op, "message.read");
            let conv = json!({"conv_type": 1, "conv_id": "bob"});
            let seq = &body["seq"];
            let state = json!({"conv": conv, "read_seq": seq, "read_ord": seq});
            rig.answer(epoch, *id, &state);
        }
        (rig.code(req), rig.conversation("bob").unread, sent.len())
    };
    assert_eq!(clean("c2c_bob", 1_700_000_005), (Some(0), 3, 0));
    assert_eq!(clean("c2c_bob", 1_700_000_020), (Some(0), 1, 1));
    assert_eq!(clean("group", 0), (Some(0), 1, 0));
    assert_eq!(clean("bob", 0).0, Some(codes::INVALID_PARAMETERS));
    assert_eq!(
        clean("c2c_no user", 0).0,
        Some(codes::SDK_COMM_INVALID_IDENTIFIER)
    );
    assert_eq!(clean("c2c", 1_700_000_020), (Some(0), 1, 0));
    assert_eq!(clean("", 1_700_000_029), (Some(0), 1, 0));
    assert_eq!(clean("c2c", 0), (Some(0), 0, 1));
}
