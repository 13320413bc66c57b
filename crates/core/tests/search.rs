//! Searching the messages of this device.

mod rig;

use protocol::codes;
use protocol::conversation::ConvId;
use protocol::message::{
    LocalCustom, MessageRef, MessageSearchParam, MessageSearchResult, Origin, elem_type, match_type,
};
use rig::{Rig, new_message};
use serde_json::json;
use tim_core::command::KeptMessage;
use tim_core::{Command, Epoch, Reply};

/// The second in which the rig's clock starts.
const NOW_S: u64 = 1_700_000_000;

fn param(keywords: &[&str]) -> MessageSearchParam {
    MessageSearchParam {
        keywords: keywords.iter().map(ToString::to_string).collect(),
        ..MessageSearchParam::default()
    }
}

fn in_bob(keywords: &[&str]) -> MessageSearchParam {
    MessageSearchParam {
        conv_id: "bob".into(),
        conv_type: 1,
        ..param(keywords)
    }
}

fn search(rig: &mut Rig, param: MessageSearchParam) -> MessageSearchResult {
    let req = rig.command(Command::SearchMessages(Box::new(param)));
    match rig.completion(req) {
        Some(Ok(Reply::Found(found))) => *found,
        other => panic!("{other:?}"),
    }
}

fn refused(rig: &mut Rig, param: MessageSearchParam) -> Option<i32> {
    let req = rig.command(Command::SearchMessages(Box::new(param)));
    rig.code(req)
}

/// The ids on the page of the one conversation.
fn ids(found: &MessageSearchResult) -> Vec<&str> {
    let items = found.items.iter();
    let messages = items.flat_map(|item| &item.messages);
    messages.map(|message| &*message.msg_id).collect()
}

/// A message that is kept, so many seconds ago.
fn keep(rig: &mut Rig, peer: &str, id: &str, said: &str, ago_s: u64) {
    let message = KeptMessage {
        msg_id: id.into(),
        content: rig::text(said),
        local: LocalCustom::default(),
        origin: Origin {
            sender: peer.into(),
            time: NOW_S - ago_s,
        },
    };
    let req = rig.command(Command::SaveMessage(ConvId::c2c(peer), Box::new(message)));
    assert_eq!(rig.code(req), Some(0));
}

fn hear(rig: &mut Rig, epoch: Epoch, seq: u64, said: &str) {
    let mut body = new_message("bob", "bob", &format!("b{seq}"), seq, seq);
    body["content"]["message_elem_array"] =
        json!([{"elem_type": elem_type::TEXT, "text_elem_content": said}]);
    rig.event(epoch, Some(seq), "message.new", &body);
}

#[test]
fn one_conversation_gives_its_messages_newest_first_in_pages() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    for (seq, said) in (1..).zip(["hello 1", "other", "hello 2", "Hello 3", "hello 4"]) {
        hear(&mut rig, epoch, seq, said);
    }
    let found = search(&mut rig, in_bob(&["hello"]));
    assert_eq!(ids(&found), ["b5", "b4", "b3", "b1"]);
    assert_eq!((found.total, found.items[0].count), (4, 4));
    assert_eq!(
        (&*found.items[0].conv_id, found.items[0].conv_type),
        ("bob", 1)
    );
    let mut paged = in_bob(&["hello"]);
    paged.page_size = 3;
    let pages = [(0, vec!["b5", "b4", "b3"]), (1, vec!["b1"]), (2, vec![])];
    for (index, wanted) in pages {
        paged.page_index = index;
        let found = search(&mut rig, paged.clone());
        assert_eq!((ids(&found), found.total), (wanted, 4));
    }
    (paged.page_index, paged.page_size) = (u32::MAX, 10_000);
    assert_eq!(search(&mut rig, paged).total, 4);
    let nothing = search(&mut rig, in_bob(&["nothing"]));
    assert_eq!((nothing.total, nothing.items.len()), (0, 0));
}

#[test]
fn all_conversations_give_counts_and_the_message_where_it_is_the_only_one() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    keep(&mut rig, "bob", "b1", "hello", 50);
    keep(&mut rig, "bob", "b2", "hello", 20);
    keep(&mut rig, "carol", "c1", "hello", 10);
    keep(&mut rig, "dave", "d1", "hello", 30);
    keep(&mut rig, "eve", "e1", "other", 1);
    let mut wanted = param(&["hello"]);
    let found = search(&mut rig, wanted.clone());
    let items: Vec<_> = found
        .items
        .iter()
        .map(|item| (&*item.conv_id, item.count, item.messages.len()))
        .collect();
    assert_eq!(found.total, 3);
    assert_eq!(items, [("carol", 1, 1), ("bob", 2, 0), ("dave", 1, 1)]);
    assert_eq!(ids(&found), ["c1", "d1"]);
    // Without a type the id is nothing.
    wanted.conv_id = "eve".into();
    (wanted.page_size, wanted.page_index) = (2, 1);
    let found = search(&mut rig, wanted);
    assert_eq!((found.total, ids(&found)), (3, vec!["d1"]));
}

#[test]
fn any_or_all_keywords_senders_elements_and_times() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    keep(&mut rig, "bob", "b1", "red apple", 100);
    keep(&mut rig, "bob", "b2", "green apple", 50);
    keep(&mut rig, "bob", "b3", "green pear", 10);
    rig.sent();
    let mut any = in_bob(&["apple", "green"]);
    assert_eq!(ids(&search(&mut rig, any.clone())), ["b3", "b2", "b1"]);
    any.match_type = match_type::AND;
    assert_eq!(ids(&search(&mut rig, any)), ["b2"]);

    let mut from = in_bob(&["apple"]);
    from.senders = vec!["alice".into()];
    assert_eq!(search(&mut rig, from.clone()).total, 0);
    from.senders.push("bob".into());
    assert_eq!(search(&mut rig, from).total, 2);

    let mut typed = in_bob(&["apple"]);
    typed.types = vec![elem_type::FACE, elem_type::TEXT];
    assert_eq!(search(&mut rig, typed.clone()).total, 2);
    typed.types = vec![elem_type::CUSTOM];
    assert_eq!(search(&mut rig, typed).total, 0);

    for (position, period, wanted) in [
        (0, 0, &["b3", "b2", "b1"][..]),
        (0, 50, &["b3", "b2"]),
        (NOW_S - 50, 0, &["b2", "b1"]),
        (NOW_S - 50, 49, &["b2"]),
        (NOW_S - 50, 50, &["b2", "b1"]),
        (NOW_S - 200, 0, &[]),
        (1, u64::MAX, &[]),
    ] {
        let mut timed = in_bob(&["apple", "pear"]);
        (timed.time_position, timed.time_period) = (position, period);
        let found = search(&mut rig, timed);
        assert_eq!(ids(&found), wanted, "{position} {period}");
    }
}

#[test]
fn what_was_taken_back_or_deleted_is_not_found() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    for seq in 1..=3 {
        hear(&mut rig, epoch, seq, "hello");
    }
    let gone = MessageRef {
        msg_id: "b2".into(),
        seq: 0,
    };
    let delete = Command::Delete {
        conv: ConvId::c2c("bob"),
        messages: vec![gone],
        is_everywhere: false,
    };
    let req = rig.command(delete);
    assert_eq!(rig.code(req), Some(0));
    assert_eq!(ids(&search(&mut rig, in_bob(&["hello"]))), ["b3", "b1"]);

    let mut body = new_message("bob", "bob", "b3", 3, 3);
    body["content"]["message_elem_array"] = json!([]);
    body["change"] = json!({"rev": 1, "revoked": {"by": "bob"}});
    rig.event(epoch, Some(4), "message.changed", &body);
    assert_eq!(ids(&search(&mut rig, in_bob(&["hello"]))), ["b1"]);

    let mut body = new_message("bob", "bob", "b1", 1, 1);
    body["content"]["message_elem_array"] =
        json!([{"elem_type": elem_type::TEXT, "text_elem_content": "goodbye"}]);
    body["change"] = json!({"rev": 2});
    rig.event(epoch, Some(5), "message.changed", &body);
    assert_eq!(search(&mut rig, in_bob(&["hello"])).total, 0);
    assert_eq!(ids(&search(&mut rig, in_bob(&["good"]))), ["b1"]);
}

#[test]
fn a_search_wants_something_to_search() {
    let mut rig = Rig::new();
    assert_eq!(
        refused(&mut rig, param(&["hello"])),
        Some(codes::SDK_NOT_LOGGED_IN)
    );
    rig.logged_in("alice");
    let long = "x".repeat(257);
    let keywords: [&[&str]; 5] = [&[], &["a"; 6], &[""], &["ok", " ?! "], &[&long]];
    for keywords in keywords {
        let code = refused(&mut rig, param(keywords));
        assert_eq!(code, Some(codes::INVALID_PARAMETERS), "{keywords:?}");
    }
    assert_eq!(refused(&mut rig, param(&["a"; 5])), Some(0));
    let invalid: [fn(&mut MessageSearchParam); 4] = [
        |param| param.match_type = 2,
        |param| param.types = vec![elem_type::FACE],
        |param| param.senders = vec!["bob".into(); 101],
        |param| param.page_size = 10_001,
    ];
    for (at, make) in invalid.iter().enumerate() {
        let mut param = in_bob(&["a"]);
        make(&mut param);
        let code = refused(&mut rig, param);
        assert_eq!(code, Some(codes::INVALID_PARAMETERS), "{at}");
    }
    let mut somewhere = in_bob(&["a"]);
    somewhere.conv_id = "no user".into();
    assert_eq!(
        refused(&mut rig, somewhere.clone()),
        Some(codes::SDK_COMM_INVALID_IDENTIFIER)
    );
    somewhere.conv_type = 77;
    assert_eq!(
        refused(&mut rig, somewhere),
        Some(codes::INVALID_CONVERSATION)
    );
}

#[test]
fn without_a_network_it_searches_what_is_here() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    hear(&mut rig, epoch, 1, "hello");
    let req = rig.command(Command::Logout);
    let (id, _) = rig.sent_one("session.logout");
    rig.answer(epoch, id, &json!({}));
    assert_eq!(rig.code(req), Some(0));
    rig.login("alice");
    assert_eq!(ids(&search(&mut rig, in_bob(&["hello"]))), ["b1"]);
}
