//! The rules of the session, against a server played by hand.

mod rig;

use std::time::Duration;

use protocol::{codes, usersig};
use rig::{APP, KEY, Rig, ticket};
use serde_json::json;
use tim_core::store::Store;
use tim_core::{Command, Event, Input, LoginStatus, Output, Reply};

const S: Duration = Duration::from_secs(1);

#[test]
fn bad_names_and_tickets_are_refused_without_a_packet() {
    let mut rig = Rig::new();
    let now = rig.now().unix_ms / 1000;
    let old = |age: u64| usersig::mint(KEY, APP, "alice", now - age, 0, None);
    for (user, sig, code) in [
        ("alice bob", ticket("alice"), 7003),
        (&"a".repeat(33), ticket("alice"), 7003),
        ("alice", "garbage".into(), 70003),
        ("alice", ticket("bob"), 70013),
        (
            "alice",
            usersig::mint(KEY, APP + 1, "alice", now, 60, None),
            70014,
        ),
        ("alice", old(301), 6206),
    ] {
        let req = rig.command(Command::Login {
            user_id: user.into(),
            user_sig: sig,
        });
        assert_eq!(rig.code(req), Some(code), "{user}");
        assert_eq!(rig.login_state(), Some(LoginStatus::LoggedOut));
        assert!(!rig.is_connecting());
    }
    // Within the skew of clocks the server decides.
    rig.command(Command::Login {
        user_id: "alice".into(),
        user_sig: old(299),
    });
    assert!(rig.is_connecting());
}

#[test]
fn login_then_calls_then_logout() {
    let mut rig = Rig::new();
    let early = rig.command(Command::GetTotalUnread);
    assert_eq!(rig.code(early), Some(6014));
    let list = rig.command(Command::GetConversations);
    assert_eq!(rig.code(list), Some(6014));

    let req = rig.login("alice");
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggingIn));
    let list = rig.command(Command::GetConversations);
    assert_eq!(rig.completion(list), Some(Ok(Reply::Conversations(vec![]))));
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedIn));
    assert_eq!(rig.code(req), Some(0));
    rig.sent();

    let logout = rig.command(Command::Logout);
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggingOut));
    let again = rig.command(Command::Logout);
    assert_eq!(rig.code(again), Some(7502));
    let (id, _) = rig.sent_one("session.logout");
    rig.answer(epoch, id, &json!({}));
    assert_eq!(rig.code(logout), Some(0));
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedOut));
    assert!(rig.outputs.contains(&Output::Close(epoch)));
    assert!(!rig.store.is_open());
    let none = rig.command(Command::Logout);
    assert_eq!(rig.code(none), Some(0));
}

#[test]
fn a_logout_does_not_wait_long_for_a_mute_server() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let logout = rig.command(Command::Logout);
    rig.advance(3 * S);
    assert_eq!(rig.code(logout), Some(0));
}

#[test]
fn a_second_login_of_the_same_user_joins_the_first() {
    let mut rig = Rig::new();
    let first = rig.login("alice");
    let second = rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    assert_eq!((rig.code(first), rig.code(second)), (Some(0), Some(0)));
}

#[test]
fn the_newer_ticket_is_used_when_the_older_one_is_refused() {
    let mut rig = Rig::new();
    let first = rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    let (id, _) = rig.sent_one("session.login");
    let newer = usersig::mint(KEY, APP, "alice", 1_700_000_000, 7200, None);
    let second = rig.command(Command::Login {
        user_id: "alice".into(),
        user_sig: newer.clone(),
    });
    rig.refuse(epoch, id, 70001);
    let (id, body) = rig.sent_one("session.login");
    assert_eq!(body["user_sig"], newer);
    rig.refuse(epoch, id, 70009);
    assert_eq!(
        (rig.code(first), rig.code(second)),
        (Some(70009), Some(70009))
    );
    assert!(
        !rig.store.is_open(),
        "a refused ticket closes the local store"
    );
}

#[test]
fn another_user_ends_a_pending_login_and_logout_ends_it_too() {
    let mut rig = Rig::new();
    let alice = rig.login("alice");
    let bob = rig.login("bob");
    assert_eq!(rig.code(alice), Some(6023));
    let logout = rig.command(Command::Logout);
    assert_eq!((rig.code(bob), rig.code(logout)), (Some(6023), Some(0)));
}

#[test]
fn an_account_switch_completes_what_the_first_user_waits_for() {
    let mut rig = Rig::new();
    let old = rig.logged_in("alice");
    let pending = rig.command(Command::GetUserStatus(vec!["bob".into()]));
    rig.sent();
    let bob = rig.login("bob");
    assert_eq!(rig.code(pending), Some(7009));
    assert_eq!(rig.sent()[0].1, "session.logout");
    assert!(rig.outputs.contains(&Output::Close(old)));
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    assert_eq!(rig.code(bob), Some(0));
    rig.outputs.clear();
    let late = rig::new_message("carol", "carol", "m1", 1, 1);
    rig.event(old, Some(1), "message.new", &late);
    assert!(
        rig.outputs.is_empty(),
        "an input of an old connection is dropped"
    );
}

#[test]
fn a_login_ends_within_its_deadline() {
    let mut rig = Rig::new();
    let req = rig.login("alice");
    for _ in 0..100 {
        if rig.is_connecting() {
            let epoch = rig.connecting();
            rig.outputs
                .retain(|output| !matches!(output, Output::Connect(..)));
            rig.lost(epoch, codes::SDK_NET_NET_UNREACH);
        }
        rig.advance(S / 2);
        if rig.mono < 29 * S {
            assert_eq!(rig.code(req), None);
        }
    }
    assert_eq!(rig.code(req), Some(9523), "no network");

    let mut rig = Rig::new();
    let req = rig.login("alice");
    rig.advance(31 * S);
    assert_eq!(rig.code(req), Some(9519), "silence");
}

#[test]
fn kicked_offline_once() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let pending = rig.command(Command::GetUserStatus(vec!["bob".into()]));
    rig.sent();
    rig.event(epoch, None, "session.kicked", &json!({"platform": 1}));
    assert_eq!(rig.code(pending), Some(6014));
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedOut));
    rig.lost(epoch, codes::SDK_NET_DISCONNECT);
    assert_eq!(rig.events(), [&Event::KickedOffline]);
    let late = rig.command(Command::GetTotalUnread);
    assert_eq!(rig.code(late), Some(6014));
    rig.outputs.clear();
    rig.advance(600 * S);
    assert!(rig.outputs.is_empty(), "no login by itself");
}

#[test]
fn an_expired_ticket_is_told_once_and_a_new_one_renews_the_open_session() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.event(epoch, None, "session.ticket_expired", &json!({}));
    rig.event(epoch, None, "session.ticket_expired", &json!({}));
    assert_eq!(rig.events(), [&Event::UserSigExpired]);
    let renewed = rig.login("alice");
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedIn));
    let (id, body) = rig.sent_one("session.login");
    assert_eq!(body["resume"], serde_json::Value::Null);
    rig.refuse(epoch, id, 70009);
    assert_eq!(
        rig.code(renewed),
        Some(70009),
        "refused, and the session is as it was"
    );
    let renewed = rig.login("alice");
    let (id, _) = rig.sent_one("session.login");
    let answer = json!({"server_time_ms": 0, "event_seq": 0, "heartbeat_s": 60});
    rig.answer(epoch, id, &answer);
    assert_eq!(rig.code(renewed), Some(0));
}

#[test]
fn a_ticket_that_came_during_the_login_is_adopted_only_when_accepted() {
    let mut rig = Rig::new();
    let first = rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    let newer = usersig::mint(KEY, APP, "alice", 1_700_000_000, 7200, None);
    let second = rig.command(Command::Login {
        user_id: "alice".into(),
        user_sig: newer.clone(),
    });
    rig.accept_login(epoch, 0);
    assert_eq!((rig.code(first), rig.code(second)), (Some(0), Some(0)));
    let logins: Vec<_> = rig.sent();
    let (id, _, body) = logins
        .into_iter()
        .find(|(_, op, _)| op == "session.login")
        .unwrap();
    assert_eq!(body["user_sig"], newer);
    rig.refuse(epoch, id, 70009);
    rig.returned(epoch);
    let (_, body) = rig.sent_one("session.login");
    assert_eq!(body["user_sig"], ticket("alice"));
}

#[test]
fn a_refused_renewal_leaves_the_ticket_as_it_was() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let newer = usersig::mint(KEY, APP, "alice", 1_700_000_000, 7200, None);
    let renewed = rig.command(Command::Login {
        user_id: "alice".into(),
        user_sig: newer.clone(),
    });
    let (id, body) = rig.sent_one("session.login");
    assert_eq!(body["user_sig"], newer);
    rig.refuse(epoch, id, 70009);
    assert_eq!(rig.code(renewed), Some(70009));
    rig.returned(epoch);
    let (_, body) = rig.sent_one("session.login");
    assert_eq!(
        body["user_sig"],
        ticket("alice"),
        "the one that was accepted"
    );
}

#[test]
fn each_of_several_renewals_is_sent_once() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let calls: Vec<_> = (1..=3)
        .map(|hours| {
            let user_sig = usersig::mint(KEY, APP, "alice", 1_700_000_000, hours * 7200, None);
            let user_id = "alice".into();
            rig.command(Command::Login { user_id, user_sig })
        })
        .collect();
    let sent = rig.sent();
    assert_eq!(sent.len(), 3);
    let answer = json!({"server_time_ms": 0, "event_seq": 0, "heartbeat_s": 60});
    for (id, _, _) in &sent {
        rig.answer(epoch, *id, &answer);
    }
    assert!(rig.sent().iter().all(|(_, op, _)| op != "session.login"));
    for call in calls {
        assert_eq!(rig.code(call), Some(0));
    }
}

#[test]
fn a_newer_ticket_is_tried_when_the_older_one_is_refused_on_the_return() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let epoch = rig.returned(epoch);
    let (id, _) = rig.sent_one("session.login");
    let newer = usersig::mint(KEY, APP, "alice", 1_700_000_000, 7200, None);
    let renewed = rig.command(Command::Login {
        user_id: "alice".into(),
        user_sig: newer.clone(),
    });
    rig.refuse(epoch, id, 70001);
    let (id, body) = rig.sent_one("session.login");
    assert_eq!(body["user_sig"], newer);
    let answer = json!({"server_time_ms": 0, "event_seq": 0, "heartbeat_s": 60});
    rig.answer(epoch, id, &answer);
    assert_eq!(rig.code(renewed), Some(0));
    assert!(!rig.events().contains(&&Event::UserSigExpired));
}

#[test]
fn a_renewal_without_a_link_ends_within_its_deadline() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let renewed = rig.login("alice");
    rig.advance(31 * S);
    assert_eq!(rig.code(renewed), Some(9523));
    let still = rig.command(Command::GetTotalUnread);
    assert_eq!(rig.code(still), Some(0), "the session is as it was");
}

#[test]
fn a_session_refused_on_its_return_stops_and_says_so() {
    for (code, event) in [(70001, Event::UserSigExpired), (6208, Event::KickedOffline)] {
        let mut rig = Rig::new();
        let epoch = rig.logged_in("alice");
        let epoch = rig.returned(epoch);
        let (id, _) = rig.sent_one("session.login");
        rig.outputs.clear();
        rig.refuse(epoch, id, code);
        assert_eq!(rig.events(), [&event]);
        assert_eq!(rig.login_state(), Some(LoginStatus::LoggedOut));
        rig.outputs.clear();
        rig.advance(600 * S);
        assert!(rig.outputs.is_empty(), "no loop of logins");
    }
}

#[test]
fn stop_completes_everything_with_7009() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let sends: Vec<_> = (0..50).map(|n| rig.send("bob", &format!("m{n}"))).collect();
    let status = rig.command(Command::GetUserStatus(vec!["bob".into()]));
    rig.input(Input::Stop);
    for req in sends.into_iter().chain([status]) {
        assert_eq!(rig.code(req), Some(7009));
    }
    assert!(rig.outputs.contains(&Output::Close(epoch)));
    assert!(!rig.store.is_open());
}
