//! What an app does besides chatting: a store without a login, its own text in the login,
//! suspending, hints about the network.

mod rig;

use std::time::Duration;

use protocol::conversation::{ConvId, conv_event};
use protocol::message::{GetMsgListParam, msg_status};
use protocol::{Error, codes};
use rig::{APP, Rig};
use serde_json::json;
use tim_core::store::Store;
use tim_core::{Command, Config, Epoch, Event, Input, LoginStatus, NetHint, Output, Reply};

const S: Duration = Duration::from_secs(1);

fn open(rig: &mut Rig, user: &str) -> Option<i32> {
    let req = rig.command(Command::OpenStorage(user.into()));
    rig.code(req)
}

#[test]
fn a_store_can_be_read_without_a_login() {
    let mut rig = Rig::new();
    let early = rig.command(Command::GetConversations);
    assert_eq!(rig.code(early), Some(codes::SDK_NOT_LOGGED_IN));
    let epoch = rig.logged_in("alice");
    rig.send("bob", "m1");
    rig.accept(epoch, 1);
    rig.send("alice", "m2");
    rig.accept(epoch, 1);
    let logout = rig.command(Command::Logout);
    let (id, _) = rig.sent_one("session.logout");
    rig.answer(epoch, id, &json!({}));
    assert_eq!(rig.code(logout), Some(0));

    assert_eq!(open(&mut rig, "a b"), Some(7003));
    assert_eq!(open(&mut rig, "alice"), Some(0));
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedOut));
    let list = rig.command(Command::GetConversations);
    match rig.completion(list) {
        Some(Ok(Reply::Conversations(conversations))) => assert_eq!(conversations.len(), 2),
        other => panic!("{other:?}"),
    }
    assert!(rig.history(GetMsgListParam::default())[0].from_self);
    // In the conversation with oneself only the owner tells.
    let own = Command::GetMessages(ConvId::c2c("alice"), GetMsgListParam::default());
    let own = rig.command(own);
    match rig.completion(own) {
        Some(Ok(Reply::Messages(messages))) => assert!(messages[0].from_self),
        other => panic!("{other:?}"),
    }
    let send = rig.send("bob", "m3");
    assert_eq!(rig.code(send), Some(codes::SDK_NOT_LOGGED_IN));
    assert!(!rig.is_connecting() || rig.sent().is_empty());

    // Another one takes its place, a login too.
    assert_eq!(open(&mut rig, "carol"), Some(0));
    let list = rig.command(Command::GetConversations);
    assert_eq!(rig.completion(list), Some(Ok(Reply::Conversations(vec![]))));
    rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    assert_eq!(open(&mut rig, "alice"), Some(0));
    assert_eq!(open(&mut rig, "carol"), Some(codes::INVALID_PARAMETERS));
    assert_eq!(rig.conversation("bob").unread, 0);
}

#[test]
fn a_logout_closes_a_store_that_was_opened_without_a_login() {
    let mut rig = Rig::new();
    assert_eq!(open(&mut rig, "alice"), Some(0));
    assert!(rig.store.is_open());
    let logout = rig.command(Command::Logout);
    assert_eq!(rig.code(logout), Some(0));
    assert!(!rig.store.is_open());
}

#[test]
fn every_login_takes_the_apps_own_text_along() {
    let mut config = Config::new(APP, 1);
    config.user_data = "shop 7".into();
    let mut rig = Rig::unstarted(config);
    rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    let (id, body) = rig.sent_one("session.login");
    assert_eq!(body["user_data"], "shop 7");
    let now = rig.now().unix_ms;
    let answer = json!({"server_time_ms": now, "event_seq": 0, "heartbeat_s": 60});
    rig.answer(epoch, id, &answer);
    rig.sent();
    let epoch = rig.returned(epoch);
    let (_, body) = rig.sent_one("session.login");
    assert_eq!(
        (&body["user_data"], &body["resume"]),
        (&"shop 7".into(), &true.into())
    );
    rig.lost(epoch, codes::SDK_NET_DISCONNECT);
}

fn control(rig: &mut Rig, input: Input<'_>) -> Option<i32> {
    rig.input(input);
    let mut codes = Vec::new();
    rig.outputs.retain(|output| match output {
        Output::Controlled(result) => {
            codes.push(result.as_ref().map_or_else(|error| error.code, |()| 0));
            false
        }
        _ => true,
    });
    assert!(codes.len() <= 1);
    codes.pop()
}

fn suspend(rig: &mut Rig) {
    assert_eq!(control(rig, Input::Suspend), Some(0));
}

fn resume(rig: &mut Rig) {
    assert_eq!(control(rig, Input::Resume), Some(0));
}

/// The new link stands, and the server takes the session back.
fn back(rig: &mut Rig, head: u64) -> Epoch {
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, head);
    epoch
}

#[test]
fn suspended_nothing_is_open_and_nothing_is_due() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    suspend(&mut rig);
    assert!(rig.outputs.contains(&Output::Close(epoch)));
    assert!(!rig.store.is_open());
    assert_eq!(rig.network(), [(1, codes::SUSPENDED)]);
    assert_eq!(rig.core.next_timeout(), None);
    rig.outputs.clear();
    // Twice is once, and hints and late news of the connection are nothing.
    suspend(&mut rig);
    rig.input(Input::Network(NetHint::Changed));
    rig.lost(epoch, codes::SDK_NET_DISCONNECT);
    rig.input(Input::Timeout);
    assert_eq!(rig.outputs, []);

    resume(&mut rig);
    assert!(rig.store.is_open());
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    let (_, body) = rig.sent_one("session.login");
    assert_eq!(body["resume"], true);
    rig.outputs.clear();
    resume(&mut rig);
    assert_eq!(rig.outputs, []);
}

#[test]
fn calls_made_meanwhile_are_answered_at_once() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    suspend(&mut rig);
    let calls = [
        rig.command(Command::GetConversations),
        rig.command(Command::GetUserStatus(vec!["bob".into()])),
        rig.command(Command::Foreground),
        rig.command(Command::OpenStorage("alice".into())),
        rig.send("bob", "m1"),
        rig.login("alice"),
        rig.login("carol"),
    ];
    for req in calls {
        assert_eq!(rig.code(req), Some(codes::SUSPENDED));
    }
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedIn));
    assert!(!rig.store.is_open());
    resume(&mut rig);
    back(&mut rig, 0);
    let list = rig.command(Command::GetConversations);
    assert_eq!(rig.completion(list), Some(Ok(Reply::Conversations(vec![]))));
}

#[test]
fn an_accepted_message_goes_out_afterwards_once() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let (first, second) = (rig.send("bob", "m1"), rig.send("bob", "m2"));
    // The first has reached the server, whose answer is lost.
    suspend(&mut rig);
    rig.sent();
    assert_eq!((rig.code(first), rig.code(second)), (None, None));
    rig.answer(epoch, 1, &json!({"seq": 1, "time": 1_700_000_001u64}));
    resume(&mut rig);
    let epoch = back(&mut rig, 0);
    let sent = rig.sent();
    let ids: Vec<_> = sent.iter().map(|(_, _, body)| &body["msg_id"]).collect();
    assert_eq!(ids, ["m1", "m2"]);
    for (seq, (id, ..)) in sent.iter().enumerate() {
        let answer = json!({"seq": seq + 1, "time": 1_700_000_001u64});
        rig.answer(epoch, *id, &answer);
    }
    assert_eq!((rig.code(first), rig.code(second)), (Some(0), Some(0)));
}

#[test]
fn what_another_process_did_to_the_outbox_counts() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let calls = ["m1", "m2", "m3"].map(|id| rig.send("bob", id));
    suspend(&mut rig);
    rig.sent();
    // It had the same file open.
    rig.store.open(APP, "alice").unwrap();
    rig.store
        .set_message_sent("m1", 7, 1_700_000_001, 0)
        .unwrap();
    rig.store
        .set_message_status("m2", msg_status::FAILED)
        .unwrap();
    rig.store.set_meta("cursor", "5").unwrap();
    rig.store.close();
    resume(&mut rig);
    match rig.completion(calls[0]) {
        Some(Ok(Reply::Message(message))) => assert_eq!(message.seq, 7),
        other => panic!("{other:?}"),
    }
    assert_eq!(rig.code(calls[1]), Some(codes::SDK_COMM_INTERRUPT));
    assert_eq!(rig.code(calls[2]), None);
    let epoch = back(&mut rig, 5);
    let (_, body) = rig.sent_one("message.send");
    assert_eq!(body["msg_id"], "m3");
    rig.lost(epoch, codes::SDK_NET_DISCONNECT);
}

#[test]
fn calls_that_wait_for_the_server_are_answered_from_what_is_here() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.send("bob", "m1");
    rig.accept(epoch, 1);
    let param: GetMsgListParam =
        serde_json::from_str(r#"{"msg_getmsglist_param_is_ramble":true}"#).unwrap();
    rig.event(
        epoch,
        Some(3),
        "message.new",
        &rig::new_message("bob", "bob", "b5", 5, 1),
    );
    let history = rig.command(Command::GetMessages(ConvId::c2c("bob"), param));
    let status = rig.command(Command::GetUserStatus(vec!["bob".into()]));
    let read = rig.command(Command::ReportRead(ConvId::c2c("bob"), None));
    suspend(&mut rig);
    match rig.completion(history) {
        Some(Ok(Reply::Messages(messages))) => assert!(!messages.is_empty()),
        other => panic!("{other:?}"),
    }
    assert_eq!(rig.code(status), Some(codes::SUSPENDED));
    assert_eq!(rig.code(read), Some(0));
}

#[test]
fn history_that_waits_until_this_device_has_caught_up_is_answered_too() {
    let mut rig = Rig::new();
    rig.login("alice");
    back(&mut rig, 3);
    let param = GetMsgListParam {
        is_ramble: true,
        ..GetMsgListParam::default()
    };
    let history = rig.command(Command::GetMessages(ConvId::c2c("bob"), param));
    assert_eq!(rig.completion(history), None);
    suspend(&mut rig);
    assert_eq!(rig.completion(history), Some(Ok(Reply::Messages(vec![]))));
}

#[test]
fn what_came_in_the_same_turn_is_written_and_told() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let (now, body) = (rig.now(), rig::new_message("bob", "bob", "b1", 1, 1));
    let text = protocol::frame::write_event("message.new", Some(1), &body);
    let frame = Input::Frame(epoch, text.as_bytes());
    rig.core.handle(now, &mut rig.store, frame);
    suspend(&mut rig);
    assert_eq!(rig.told(), ["b1"]);
    assert_eq!(rig.login_state(), None);
    resume(&mut rig);
    assert_eq!(
        rig.store.meta("cursor"),
        Ok(Some("0 1".into())),
        "told up to, known up to"
    );
    // Resumed, it goes on where it was.
    let epoch = back(&mut rig, 1);
    assert_eq!((rig.sent().len(), rig.told()), (0, vec!["b1".into()]));
    let mark = rig.mark();
    rig.input(Input::Told(mark));
    rig.advance(S);
    assert_eq!(rig.store.meta("cursor"), Ok(Some("1".into())));
    rig.lost(epoch, codes::SDK_NET_DISCONNECT);
}

#[test]
fn a_login_goes_on_with_its_whole_time() {
    let mut rig = Rig::new();
    let login = rig.login("alice");
    rig.outputs.clear();
    suspend(&mut rig);
    assert_eq!(rig.network(), [(3, codes::SUSPENDED)]);
    rig.mono += 600 * S;
    resume(&mut rig);
    rig.advance(5 * S);
    assert_eq!(rig.completion(login), None);
    back(&mut rig, 0);
    assert_eq!(rig.code(login), Some(0));

    let mut rig = Rig::new();
    let login = rig.login("alice");
    suspend(&mut rig);
    resume(&mut rig);
    rig.advance(31 * S);
    assert_eq!(rig.code(login), Some(codes::SDK_NET_WAIT_SEND_TIMEOUT));
}

#[test]
fn a_logout_waits_for_the_resuming_and_stopping_works() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let send = rig.send("bob", "m1");
    // Neither the server nor the file could be told of it.
    suspend(&mut rig);
    let logout = rig.command(Command::Logout);
    assert_eq!(rig.code(logout), Some(codes::SUSPENDED));
    assert_eq!(rig.code(send), None);
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedIn));
    rig.outputs.clear();
    resume(&mut rig);
    let epoch = back(&mut rig, 0);
    let logout = rig.command(Command::Logout);
    assert_eq!(rig.code(send), Some(codes::SDK_COMM_INTERRUPT));
    let sent = rig.sent();
    let (id, ..) = sent
        .iter()
        .find(|(_, op, _)| op == "session.logout")
        .unwrap();
    rig.answer(epoch, *id, &json!({}));
    assert_eq!(rig.code(logout), Some(0));
    rig.outputs.clear();

    // A pending login ends: the server need not know.
    let mut rig = Rig::new();
    let login = rig.login("alice");
    suspend(&mut rig);
    let logout = rig.command(Command::Logout);
    assert_eq!(rig.code(login), Some(6023));
    assert_eq!(rig.code(logout), Some(0));
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedOut));
    rig.outputs.clear();
    resume(&mut rig);
    assert!(!rig.store.is_open());
    assert!(!rig.is_connecting());

    let mut rig = Rig::new();
    rig.logged_in("alice");
    let send = rig.send("bob", "m1");
    suspend(&mut rig);
    rig.input(Input::Stop);
    assert_eq!(rig.code(send), Some(codes::SDK_COMM_INTERRUPT));

    // A logout that is under way is over with it.
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let logout = rig.command(Command::Logout);
    suspend(&mut rig);
    assert_eq!(rig.code(logout), Some(0));
    rig.outputs.clear();
    resume(&mut rig);
    assert!(!rig.is_connecting());
}

#[test]
fn nobody_logged_in_is_suspended_too() {
    let mut rig = Rig::unstarted(Config::new(APP, 1));
    rig.input(Input::Start);
    suspend(&mut rig);
    assert_eq!(rig.network(), [(2, 0), (3, codes::SUSPENDED)]);

    let mut rig = Rig::new();
    suspend(&mut rig);
    resume(&mut rig);
    assert_eq!(rig.outputs, []);
    assert_eq!(open(&mut rig, "alice"), Some(0));
    suspend(&mut rig);
    assert!(!rig.store.is_open());
    resume(&mut rig);
    assert!(rig.store.is_open());
}

#[test]
fn a_catching_up_that_was_announced_ends_once() {
    let mut rig = Rig::new();
    let login = rig.login("alice");
    back(&mut rig, 0);
    assert_eq!(rig.code(login), Some(0));
    rig.sent();
    suspend(&mut rig);
    resume(&mut rig);
    let epoch = back(&mut rig, 0);
    let (id, _) = rig.sent_one("conversation.snapshot");
    rig.answer(epoch, id, &json!({"conversations": [], "event_seq": 0}));
    let kinds: Vec<_> = rig
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Conversations(kind, _) => Some(*kind),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, [conv_event::START, conv_event::FINISH]);
}

#[test]
fn a_hint_begins_an_old_attempt_anew_and_leaves_a_young_one() {
    let mut rig = Rig::new();
    rig.login("alice");
    let first = rig.connecting();
    rig.input(Input::Network(NetHint::Changed));
    assert_eq!(rig.connecting(), first);
    rig.advance(2 * S);
    for _ in 0..3 {
        rig.input(Input::Network(NetHint::Changed));
    }
    let second = rig.connecting();
    assert_ne!(second, first);
    assert!(rig.outputs.contains(&Output::Close(first)));
    let attempts = rig.outputs.iter();
    let attempts = attempts.filter(|output| matches!(output, Output::Connect(..)));
    assert_eq!(attempts.count(), 2);
    rig.input(Input::Connected(first));
    assert!(rig.sent().is_empty());
    rig.input(Input::Connected(second));
    rig.sent_one("session.login");
}

#[test]
fn many_hints_are_one_probe_and_the_foreground_is_a_hint() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let background = rig.command(Command::Background);
    assert_eq!(rig.code(background), Some(0));
    assert!(rig.sent().is_empty());
    let foreground = rig.command(Command::Foreground);
    assert_eq!(rig.code(foreground), Some(0));
    rig.input(Input::Network(NetHint::Changed));
    rig.sent_one("session.heartbeat");
    rig.outputs.clear();
    rig.advance(5 * S);
    let silence = Error::of(codes::SDK_NET_WAIT_ACK_TIMEOUT).code;
    assert_eq!(rig.network()[0], (1, silence));

    let mut rig = Rig::new();
    for command in [Command::Background, Command::Foreground] {
        let early = rig.command(command);
        assert_eq!(rig.code(early), Some(codes::SDK_NOT_LOGGED_IN));
    }
}
