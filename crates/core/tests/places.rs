//! The device's place among those of its user: kept, lost, told once; and how tickets end.

mod rig;

use std::time::Duration;

use protocol::frame::close;
use protocol::{Error, codes, usersig};
use rig::{APP, KEY, Rig};
use serde_json::{Value, json};
use tim_core::store::Store;
use tim_core::{Command, Epoch, Event, Input, LoginStatus, Output, Reply, Why};

const S: Duration = Duration::from_secs(1);

/// Accepts the login that was sent, with a place.
fn accept(rig: &mut Rig, epoch: Epoch, place: u64) -> Value {
    let (id, body) = rig.sent_one("session.login");
    let now = rig.now().unix_ms;
    let answer = json!({"server_time_ms": now, "event_seq": 0, "heartbeat_s": 60, "place": place});
    rig.answer(epoch, id, &answer);
    rig.sent();
    body
}

/// A login over a new link; gives what was asked.
fn log_in(rig: &mut Rig, user: &str, place: u64) -> (Epoch, Value) {
    let req = rig.login(user);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    let body = accept(rig, epoch, place);
    assert_eq!(rig.completion(req), Some(Ok(Reply::Empty)));
    (epoch, body)
}

fn closed(rig: &mut Rig, epoch: Epoch, code: u16, retry_after_ms: Option<u64>) {
    let error = match code {
        close::BUSY => codes::SERVER_BUSY,
        _ => codes::SDK_NET_DISCONNECT,
    };
    let why = Why {
        error: Error::of(error),
        close_code: Some(code),
        retry_after_ms,
    };
    rig.input(Input::Disconnected(epoch, why));
}

fn kicks(rig: &Rig) -> usize {
    let events = rig.events();
    events
        .iter()
        .filter(|e| ***e == Event::KickedOffline)
        .count()
}

/// The process has died and starts again: only the store is left.
fn reborn(mut rig: Rig) -> Rig {
    rig.store.close();
    let mut next = Rig::new();
    next.store = rig.store;
    next.mono = rig.mono;
    next
}

#[test]
fn a_device_names_its_place_until_it_gives_it_up() {
    let mut rig = Rig::new();
    let (epoch, body) = log_in(&mut rig, "alice", 5);
    assert_eq!(body["place"], Value::Null);
    let epoch = rig.returned(epoch);
    assert_eq!(accept(&mut rig, epoch, 5)["place"], 5);
    // Whether it is stopped or just ends.
    rig.input(Input::Stop);
    let mut rig = reborn(rig);
    assert_eq!(log_in(&mut rig, "alice", 6).1["place"], 5);
    let mut rig = reborn(rig);
    let (epoch, body) = log_in(&mut rig, "alice", 6);
    assert_eq!(body["place"], 6);

    let logout = rig.command(Command::Logout);
    let (id, _) = rig.sent_one("session.logout");
    rig.answer(epoch, id, &json!({}));
    assert_eq!(rig.code(logout), Some(0));
    let (_, body) = log_in(&mut rig, "alice", 7);
    assert_eq!(body["place"], Value::Null, "given up by the logout");
    // An account switch is a logout of the first user.
    let bob = rig.login("bob");
    rig.sent();
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    assert_eq!(accept(&mut rig, epoch, 3)["place"], Value::Null);
    assert_eq!(rig.code(bob), Some(0));
    rig.login("alice");
    rig.sent();
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    assert_eq!(accept(&mut rig, epoch, 8)["place"], Value::Null);
}

#[test]
fn a_logout_without_a_link_gives_the_place_up_too() {
    let mut rig = Rig::new();
    let (epoch, _) = log_in(&mut rig, "alice", 5);
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let logout = rig.command(Command::Logout);
    assert_eq!(rig.code(logout), Some(0));
    assert_eq!(log_in(&mut rig, "alice", 6).1["place"], Value::Null);
}

#[test]
fn kicked_while_away_ends_one_login_with_6208() {
    let mut rig = Rig::new();
    log_in(&mut rig, "alice", 5);
    let mut rig = reborn(rig);
    let req = rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    let (id, body) = rig.sent_one("session.login");
    assert_eq!((&body["place"], &body["resume"]), (&json!(5), &Value::Null));
    rig.refuse(epoch, id, 6208);
    assert_eq!(rig.code(req), Some(6208));
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedOut));
    assert_eq!(kicks(&rig), 0, "told by the login");
    assert!(!rig.store.is_open());
    rig.outputs.clear();
    rig.advance(600 * S);
    assert!(rig.outputs.is_empty(), "no login by itself");
    // Also if the process ends in between.
    let mut rig = reborn(rig);
    assert_eq!(log_in(&mut rig, "alice", 6).1["place"], Value::Null);
}

#[test]
fn kicked_is_told_once_and_the_next_login_is_a_new_one() {
    let mut rig = Rig::new();
    let (epoch, _) = log_in(&mut rig, "alice", 5);
    rig.event(epoch, None, "session.kicked", &json!({"platform": 1}));
    closed(&mut rig, epoch, close::KICKED, None);
    assert_eq!(kicks(&rig), 1);
    rig.outputs.clear();
    assert_eq!(log_in(&mut rig, "alice", 6).1["place"], Value::Null);
    // The close alone says it as well.
    let epoch = rig.connecting();
    closed(&mut rig, epoch, close::KICKED, None);
    assert_eq!(kicks(&rig), 1);
    rig.outputs.clear();
    let (epoch, body) = log_in(&mut rig, "alice", 7);
    assert_eq!(body["place"], Value::Null);
    // And so does the answer to a return.
    let epoch = rig.returned(epoch);
    let (id, body) = rig.sent_one("session.login");
    assert_eq!((&body["place"], &body["resume"]), (&json!(7), &json!(true)));
    rig.refuse(epoch, id, 6208);
    assert_eq!(kicks(&rig), 1);
    rig.outputs.clear();
    assert_eq!(log_in(&mut rig, "alice", 8).1["place"], Value::Null);
}

#[test]
fn a_login_made_while_the_place_was_lost_tells_it_alone() {
    let mut rig = Rig::new();
    let (epoch, _) = log_in(&mut rig, "alice", 5);
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let req = rig.login("alice");
    let pending = rig.command(Command::GetUserStatus(vec!["bob".into()]));
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    let (id, _) = rig.sent_one("session.login");
    rig.refuse(epoch, id, 6208);
    assert_eq!((rig.code(req), rig.code(pending)), (Some(6208), Some(6014)));
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedOut));
    assert_eq!(kicks(&rig), 0);
    rig.outputs.clear();
    assert_eq!(log_in(&mut rig, "alice", 6).1["place"], Value::Null);
}

#[test]
fn kicked_before_the_login_was_answered() {
    for is_told in [true, false] {
        let mut rig = Rig::new();
        let req = rig.login("alice");
        let epoch = rig.connecting();
        rig.input(Input::Connected(epoch));
        rig.sent();
        if is_told {
            rig.event(epoch, None, "session.kicked", &json!({"platform": 1}));
        } else {
            closed(&mut rig, epoch, close::KICKED, None);
        }
        assert_eq!(rig.code(req), Some(6208));
        assert_eq!(kicks(&rig), 0);
        rig.outputs.clear();
        rig.advance(600 * S);
        assert!(rig.outputs.is_empty(), "it does not come back by itself");
    }
}

#[test]
fn a_server_that_has_no_room_is_left_alone_for_as_long_as_it_says() {
    let mut rig = Rig::new();
    let (epoch, _) = log_in(&mut rig, "alice", 5);
    rig.outputs.clear();
    // A session that returns, and after it a login: neither ends by this.
    closed(&mut rig, epoch, close::BUSY, Some(20_000));
    rig.advance(20 * S - Duration::from_millis(1));
    assert!(!rig.is_connecting());
    rig.advance(S);
    assert!(rig.is_connecting());

    let mut rig = Rig::new();
    let req = rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.sent();
    rig.outputs.clear();
    closed(&mut rig, epoch, close::BUSY, Some(9_000));
    rig.advance(9 * S - Duration::from_millis(1));
    assert!(!rig.is_connecting());
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    accept(&mut rig, epoch, 1);
    assert_eq!(rig.code(req), Some(0));
}

// ---- tickets that end while online ----

#[test]
fn a_ticket_that_lapsed_ends_the_session_and_messages_wait_for_the_next_login() {
    let mut rig = Rig::new();
    let (epoch, _) = log_in(&mut rig, "alice", 5);
    rig.event(epoch, None, "session.ticket_expired", &json!({}));
    assert_eq!(
        rig.login_state(),
        Some(LoginStatus::LoggedIn),
        "for the grace time"
    );
    rig.outputs.clear();
    let send = rig.send("bob", "m1");
    rig.sent_one("message.send");
    closed(&mut rig, epoch, close::TICKET_EXPIRED, None);
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedOut));
    assert_eq!(rig.code(send), Some(6014));
    let expired = |rig: &Rig| {
        let events = rig.events();
        events
            .iter()
            .filter(|e| ***e == Event::UserSigExpired)
            .count()
    };
    assert_eq!(expired(&rig), 0, "it has been told");
    rig.outputs.clear();
    rig.advance(600 * S);
    assert!(rig.outputs.is_empty(), "no loop of logins");
    let (req, ticket) = new_login(&mut rig);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    let (id, body) = rig.sent_one("session.login");
    assert_eq!(
        (&body["user_sig"], &body["place"]),
        (&json!(ticket), &json!(5))
    );
    let answer = json!({"server_time_ms": 0, "event_seq": 0, "heartbeat_s": 60, "place": 5});
    rig.answer(epoch, id, &answer);
    assert_eq!(rig.code(req), Some(0));
    let sent = rig.sent();
    assert!(
        sent.iter()
            .any(|(_, op, body)| op == "message.send" && body["msg_id"] == "m1")
    );

    // Not told before: then it is told by the end.
    closed(&mut rig, epoch, close::TICKET_EXPIRED, None);
    assert_eq!(expired(&rig), 1);
}

/// A login of alice with a ticket that is good now.
fn new_login(rig: &mut Rig) -> (tim_core::ReqId, String) {
    let user_sig = usersig::mint(KEY, APP, "alice", rig.now().unix_ms / 1000, 3600, None);
    let login = Command::Login {
        user_id: "alice".into(),
        user_sig: user_sig.clone(),
    };
    (rig.command(login), user_sig)
}

#[test]
fn a_new_ticket_loses_nothing_that_waits() {
    let mut rig = Rig::new();
    let (epoch, _) = log_in(&mut rig, "alice", 5);
    let send = rig.send("bob", "m1");
    let (send_id, _) = rig.sent_one("message.send");
    rig.event(epoch, None, "session.ticket_expired", &json!({}));
    let (login, _) = new_login(&mut rig);
    assert_eq!(accept(&mut rig, epoch, 5)["resume"], Value::Null);
    assert_eq!(rig.code(login), Some(0));
    assert!(
        !rig.outputs.iter().any(|o| matches!(o, Output::Close(_))),
        "over the open link"
    );
    rig.answer(epoch, send_id, &json!({"seq": 1, "time": 1_700_000_001u64}));
    assert_eq!(rig.code(send), Some(0));
    // The next expiry is told again.
    rig.outputs.clear();
    rig.event(epoch, None, "session.ticket_expired", &json!({}));
    assert_eq!(rig.events(), [&Event::UserSigExpired]);
}

#[test]
fn an_expiry_that_was_told_is_not_told_again_by_a_refused_return() {
    let mut rig = Rig::new();
    let (epoch, _) = log_in(&mut rig, "alice", 5);
    rig.event(epoch, None, "session.ticket_expired", &json!({}));
    let epoch = rig.returned(epoch);
    let (id, _) = rig.sent_one("session.login");
    rig.refuse(epoch, id, 70001);
    assert_eq!(rig.login_state(), Some(LoginStatus::LoggedOut));
    let events = rig.events();
    let told = events.iter().filter(|e| ***e == Event::UserSigExpired);
    assert_eq!(told.count(), 1);
    rig.outputs.clear();
    rig.advance(600 * S);
    assert!(rig.outputs.is_empty(), "no loop of logins");
}

#[test]
fn a_return_within_the_grace_time_does_not_tell_the_expiry_again() {
    let mut rig = Rig::new();
    let (epoch, _) = log_in(&mut rig, "alice", 5);
    rig.event(epoch, None, "session.ticket_expired", &json!({}));
    let epoch = rig.returned(epoch);
    accept(&mut rig, epoch, 5);
    rig.event(epoch, None, "session.ticket_expired", &json!({}));
    let expired = |rig: &Rig| {
        let events = rig.events();
        let told = events.iter().filter(|e| ***e == Event::UserSigExpired);
        told.count()
    };
    assert_eq!(expired(&rig), 1);
    // Over the next link with a new ticket, whose own expiry is news.
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let (login, _) = new_login(&mut rig);
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    accept(&mut rig, epoch, 5);
    assert_eq!(rig.code(login), Some(0));
    rig.event(epoch, None, "session.ticket_expired", &json!({}));
    assert_eq!(expired(&rig), 2);
}
