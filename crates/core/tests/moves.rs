//! The machine of the login status: every way that docs/lifecycle.md draws is gone, and no other.

mod rig;

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::codes;
use rig::{APP, Rig};
use serde_json::json;
use tim_core::{Command, Config, Epoch, Input, LoginStatus, MOVES, Output, ReqId};

const S: Duration = Duration::from_secs(1);

/// A login that the server accepts.
fn enter(rig: &mut Rig, user: &str) -> Epoch {
    let req = rig.login(user);
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    let logins = rig.sent();
    let (id, op, _) = logins.last().unwrap();
    assert_eq!(op, "session.login");
    let accepted = json!({"server_time_ms": 1, "event_seq": 0, "heartbeat_s": 60});
    rig.answer(epoch, *id, &accepted);
    assert_eq!(rig.code(req), Some(0));
    epoch
}

#[test]
fn every_move_of_the_login_status_happens() {
    let mut rig = Rig::unstarted(Config::new(APP, 1));
    rig.input(Input::Start);
    rig.command(Command::Logout);

    // Two logins of one user, refused by the server; then two that a logout ends.
    rig.login("alice");
    rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    let (id, _) = rig.sent_one("session.login");
    rig.refuse(epoch, id, codes::SVR_ACCOUNT_USERSIG_EXPIRED);
    rig.login("alice");
    rig.command(Command::Logout);

    // In; renewed; another user; out, while the first logout is under way twice.
    enter(&mut rig, "alice");
    rig.login("alice");
    enter(&mut rig, "bob");
    rig.command(Command::Logout);
    rig.command(Command::Logout);
    rig.advance(3 * S);

    // Kicked.
    let epoch = enter(&mut rig, "alice");
    rig.event(epoch, None, "session.kicked", &json!({"platform": 1}));

    let mut seen = BTreeSet::new();
    let mut from = LoginStatus::LoggedOut;
    for output in &rig.outputs {
        if let Output::LoginState { status, .. } = output {
            seen.insert((from as i32, *status as i32));
            from = *status;
        }
    }
    let drawn = MOVES.iter().map(|m| (m.from as i32, m.to as i32)).collect();
    assert_eq!(seen, drawn);
}

/// The state that a call is told with, as the facade sees it: one that does not know of the newest
/// login or logout is too old to count.
fn state_at(rig: &Rig, completed: ReqId, newest: ReqId) -> Option<LoginStatus> {
    let mut state = None;
    for output in &rig.outputs {
        match output {
            Output::LoginState { status, by, .. } if *by >= newest => state = Some(*status),
            Output::Complete(req, _) if *req == completed => return state,
            _ => {}
        }
    }
    panic!("{completed:?} is not complete");
}

#[test]
fn what_a_newer_call_ends_does_not_speak_for_it() {
    let mut rig = Rig::unstarted(Config::new(APP, 1));
    rig.input(Input::Start);
    let alice = rig.login("alice");
    let bob = rig.login("bob");
    // bob's login goes on: nothing says that nobody is logging in.
    assert_eq!(state_at(&rig, alice, bob), None);
    let logout = rig.command(Command::Logout);
    assert_eq!(state_at(&rig, bob, logout), None);
    assert_eq!(state_at(&rig, logout, logout), Some(LoginStatus::LoggedOut));
    let ended = Some(codes::LOGGED_OUT_BEFORE_LOGIN_FINISHED);
    assert_eq!((rig.code(alice), rig.code(bob)), (ended, ended));
}

#[test]
fn a_login_that_uninit_ends_is_told_when_nobody_is_logging_in() {
    let mut rig = Rig::unstarted(Config::new(APP, 1));
    let alice = rig.login("alice");
    rig.input(Input::Stop);
    assert_eq!(state_at(&rig, alice, alice), Some(LoginStatus::LoggedOut));
    assert_eq!(rig.code(alice), Some(codes::SDK_COMM_INTERRUPT));
}
