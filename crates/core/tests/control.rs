//! What an app does besides chatting: a store without a login, its own text in the login.

mod rig;

use protocol::codes;
use protocol::message::GetMsgListParam;
use rig::{APP, Rig};
use tim_core::store::Store;
use tim_core::{Command, Config, Input, LoginStatus, Reply};

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
    rig.answer(epoch, id, &serde_json::json!({}));
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
    let own = Command::GetMessages(
        protocol::conversation::ConvId::c2c("alice"),
        GetMsgListParam::default(),
    );
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
    let answer = serde_json::json!({"server_time_ms": now, "event_seq": 0, "heartbeat_s": 60});
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
