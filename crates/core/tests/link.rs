//! The link: coming back, waiting, beating, noticing that it is gone; against a server played by hand.

mod rig;

use std::time::Duration;

use protocol::codes;
use rig::{APP, Rig, new_message};
use serde_json::json;
use tim_core::store::Store;
use tim_core::{Command, Config, Event, Input, NetHint, Output, Reply};

const S: Duration = Duration::from_secs(1);

#[test]
fn the_network_is_reported_after_init_without_a_login() {
    let mut rig = Rig::unstarted(Config::new(APP, 1));
    rig.input(Input::Start);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    assert_eq!(rig.network(), [(2, 0), (0, 0)]);
    rig.outputs.clear();
    rig.advance(600 * S);
    assert!(
        rig.outputs.is_empty(),
        "nothing more happens: {:?}",
        rig.outputs
    );

    let mut rig = Rig::unstarted(Config::new(APP, 1));
    rig.input(Input::Start);
    let epoch = rig.connecting();
    rig.lost(epoch, codes::SDK_NET_CONN_REFUSE);
    rig.advance(600 * S);
    assert_eq!(rig.network(), [(2, 0), (3, 9511)]);
}

#[test]
fn a_silent_server_is_a_failed_connection_after_the_timeout() {
    let mut rig = Rig::unstarted(Config::new(APP, 1));
    rig.input(Input::Start);
    rig.advance(9 * S);
    assert_eq!(rig.network(), [(2, 0)]);
    rig.advance(2 * S);
    assert_eq!(rig.network(), [(2, 0), (3, codes::SDK_NET_CONN_TIMEOUT)]);
}

#[test]
fn a_refused_connection_fails_the_login_at_once() {
    let mut rig = Rig::new();
    let req = rig.login("alice");
    let epoch = rig.connecting();
    rig.lost(epoch, codes::SDK_NET_CONN_REFUSE);
    assert_eq!(rig.code(req), Some(9511));
    assert!(
        rig.store.is_open(),
        "only the network failed: local reads stay open"
    );
    let list = rig.command(Command::GetConversations);
    assert_eq!(rig.code(list), Some(0));
    let send = rig.send("bob", "m1");
    assert_eq!(rig.code(send), Some(6014));
}

#[test]
fn every_address_is_tried_before_a_refusal_counts() {
    let mut rig = Rig::unstarted(Config {
        endpoints: 2,
        ..Config::new(APP, 1)
    });
    let req = rig.login("alice");
    let epoch = rig.connecting();
    rig.lost(epoch, codes::SDK_NET_CONN_REFUSE);
    assert_eq!(rig.code(req), None);
    rig.outputs.clear();
    rig.advance(S);
    let epoch = rig.connecting();
    assert!(
        rig.outputs.contains(&Output::Connect(epoch, 1)),
        "the other address"
    );
    rig.lost(epoch, codes::TLS_UNKNOWN_ISSUER);
    assert_eq!(rig.code(req), Some(codes::TLS_UNKNOWN_ISSUER));
}

#[test]
fn a_node_that_goes_or_takes_no_login_is_not_asked_again_first() {
    let mut rig = Rig::unstarted(Config {
        endpoints: 2,
        ..Config::new(APP, 1)
    });
    rig.login("alice");
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    let next = |rig: &mut Rig, epoch, code| {
        rig.outputs.clear();
        rig.lost(epoch, code);
        rig.advance(2 * S);
        let epoch = rig.connecting();
        let is_asked = |n: &usize| rig.outputs.contains(&Output::Connect(epoch, *n));
        (epoch, (0..2).find(is_asked).unwrap())
    };
    // A link that broke comes back where it was.
    let (epoch, which) = next(&mut rig, epoch, codes::SDK_NET_RESET_BY_PEER);
    assert_eq!(which, 0);
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    let (epoch, which) = next(&mut rig, epoch, codes::SERVER_SHUTDOWN);
    assert_eq!(which, 1);
    // Connected, but the login had no answer.
    rig.input(Input::Connected(epoch));
    let (_, which) = next(&mut rig, epoch, codes::SERVER_BUSY);
    assert_eq!(which, 0);
}

#[test]
fn no_server_is_said_at_once() {
    let mut rig = Rig::unstarted(Config {
        endpoints: 0,
        ..Config::new(APP, 1)
    });
    let req = rig.login("alice");
    rig.advance(Duration::ZERO);
    assert_eq!(rig.code(req), Some(codes::NO_SERVER));
}

#[test]
fn a_lost_link_comes_back_by_itself_and_never_kicks() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    assert_eq!(rig.network(), [(1, 9514)]);
    rig.outputs.clear();
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    assert_eq!(rig.network(), [(2, 0), (0, 0)]);
    let (id, body) = rig.sent_one("session.login");
    assert_eq!(body["resume"], true);
    let answer = json!({"server_time_ms": 0, "event_seq": 0, "heartbeat_s": 60});
    rig.answer(epoch, id, &answer);
    assert_eq!(
        rig.login_state(),
        None,
        "the app sees no change of its login"
    );
}

#[test]
fn the_back_off_doubles_has_jitter_and_is_forgiven_after_a_stable_minute() {
    let mut waits = Vec::new();
    for seed in 0..20 {
        let mut rig = Rig::unstarted(Config::new(APP, seed));
        let mut epoch = rig.logged_in("alice");
        rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
        for attempt in 0..12 {
            let wait = rig.core.next_timeout().unwrap() - rig.mono;
            let most = (Duration::from_millis(500) * (1 << attempt)).min(45 * S);
            assert!(wait <= most, "attempt {attempt}: {wait:?}");
            waits.push((attempt, wait));
            rig.advance(wait);
            epoch = rig.connecting();
            rig.lost(epoch, codes::SDK_NET_NET_UNREACH);
        }
    }
    let longest = |n| {
        waits
            .iter()
            .filter(|(a, _)| *a == n)
            .map(|(_, wait)| *wait)
            .max()
            .unwrap()
    };
    assert!(longest(0) > S / 4 && longest(9) > 22 * S, "it does grow");
    let spread: std::collections::BTreeSet<_> = waits
        .iter()
        .filter(|(a, _)| *a == 9)
        .map(|(_, wait)| *wait)
        .collect();
    assert!(spread.len() > 10, "jitter");

    // Forgiven is what failed before a connection that lasted.
    for (time, is_forgiven) in [(59 * S, false), (61 * S, true)] {
        let waits = (0..20).map(|seed| {
            let mut rig = after_failures(seed);
            let epoch = rig.connecting();
            rig.input(Input::Connected(epoch));
            rig.accept_login(epoch, 0);
            rig.advance(time);
            rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
            rig.core.next_timeout().unwrap() - rig.mono
        });
        assert_eq!(waits.max().unwrap() <= S / 2, is_forgiven, "{time:?}");
    }
}

/// Alice is logged in, and the latest of many attempts to come back is under way.
fn after_failures(seed: u64) -> Rig {
    let mut rig = Rig::unstarted(Config::new(APP, seed));
    let mut epoch = rig.logged_in("alice");
    for _ in 0..9 {
        rig.lost(epoch, codes::SDK_NET_NET_UNREACH);
        rig.advance(rig.core.next_timeout().unwrap() - rig.mono);
        epoch = rig.connecting();
    }
    rig
}

#[test]
fn a_login_and_a_resuming_owe_nothing_for_failures_before_them() {
    for seed in 0..20 {
        for is_login in [true, false] {
            let mut rig = after_failures(seed);
            if is_login {
                rig.login("carol");
            } else {
                rig.input(Input::Suspend);
                rig.input(Input::Resume);
            }
            let epoch = rig.connecting();
            rig.lost(epoch, codes::SDK_NET_NET_UNREACH);
            let wait = rig.core.next_timeout().unwrap() - rig.mono;
            assert!(wait <= S / 2, "{wait:?}");
        }
    }
}

#[test]
fn a_hint_about_the_network_ends_the_wait_or_probes() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.input(Input::Network(NetHint::Changed));
    rig.sent_one("session.heartbeat");
    rig.advance(6 * S);
    assert!(
        rig.outputs.contains(&Output::Close(epoch)),
        "the probe was not answered"
    );
    rig.outputs.clear();
    rig.advance(S);
    rig.outputs.clear();
    for _ in 0..8 {
        rig.advance(60 * S);
    }
    rig.outputs.clear();
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    rig.outputs.clear();
    rig.input(Input::Network(NetHint::Changed));
    assert!(rig.is_connecting());
}

#[test]
fn an_idle_session_beats_and_notices_a_lost_push() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.advance(59 * S);
    assert!(rig.outputs.is_empty());
    rig.advance(2 * S);
    let (id, _) = rig.sent_one("session.heartbeat");
    rig.answer(epoch, id, &json!({"event_seq": 3, "server_time_ms": 0}));
    let (_, body) = rig.sent_one("session.difference");
    assert_eq!(body["after"], 0);
}

#[test]
fn an_unanswered_heartbeat_is_a_lost_link() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.advance(61 * S);
    rig.sent_one("session.heartbeat");
    rig.advance(16 * S);
    assert!(rig.outputs.contains(&Output::Close(epoch)));
    assert_eq!(rig.network()[0], (1, codes::SDK_NET_WAIT_ACK_TIMEOUT));
}

/// A server that has much to do answers late, and talks meanwhile.
#[test]
fn a_slow_server_is_no_lost_link() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.send("bob", "m1");
    let (id, _) = rig.sent_one("message.send");
    let call = rig.command(Command::GetUserStatus(vec!["bob".into()]));
    rig.sent();
    for n in 1..=3 {
        rig.advance(10 * S);
        let name = format!("b{n}");
        rig.event(
            epoch,
            Some(n),
            "message.new",
            &new_message("bob", "bob", &name, n, n),
        );
    }
    // The app's call had its time; the message waits.
    assert_eq!(rig.code(call), Some(codes::SDK_NET_WAIT_ACK_TIMEOUT));
    assert!(!rig.outputs.contains(&Output::Close(epoch)));
    rig.answer(epoch, id, &json!({"seq": 4, "time": 1_700_000_001u64}));
    assert!(
        rig.outputs
            .iter()
            .any(|o| matches!(o, Output::Complete(_, Ok(Reply::Message(_)))))
    );
    // Silence is another matter.
    rig.send("bob", "m2");
    rig.advance(14 * S);
    assert!(!rig.outputs.contains(&Output::Close(epoch)));
    rig.advance(2 * S);
    assert!(rig.outputs.contains(&Output::Close(epoch)));
}

/// An answer that never comes ends the link, however much it talks.
#[test]
fn a_server_that_owes_one_answer_for_ever_is_left() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.send("bob", "m1");
    for n in 1..=5 {
        rig.advance(11 * S);
        let name = format!("b{n}");
        rig.event(
            epoch,
            Some(n),
            "message.new",
            &new_message("bob", "bob", &name, n, n),
        );
    }
    assert!(!rig.outputs.contains(&Output::Close(epoch)));
    rig.advance(6 * S);
    assert!(rig.outputs.contains(&Output::Close(epoch)));
}

#[test]
fn a_locked_address_comes_back_later_and_stays_logged_in() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let epoch = rig.returned(epoch);
    let (id, _) = rig.sent_one("session.login");
    rig.outputs.clear();
    rig.refuse(epoch, id, codes::SVR_ACCOUNT_FREQ_LIMIT);
    rig.advance(29 * S);
    assert!(!rig.is_connecting());
    rig.advance(10 * S);
    assert!(rig.is_connecting());
    assert!(!rig.events().contains(&&Event::UserSigExpired));
}

#[test]
fn an_address_that_refuses_twice_is_one_address() {
    let mut rig = Rig::unstarted(Config {
        endpoints: 2,
        ..Config::new(APP, 1)
    });
    let req = rig.login("alice");
    for code in [
        codes::SDK_NET_CONN_REFUSE,
        codes::SDK_NET_CONN_TIMEOUT,
        codes::SDK_NET_CONN_REFUSE,
    ] {
        let epoch = rig.connecting();
        rig.lost(epoch, code);
        rig.advance(5 * S);
    }
    assert_eq!(rig.code(req), None);
}

#[test]
fn a_request_that_was_sent_again_does_not_end_the_new_link() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let req = rig.command(Command::GetUserStatus(vec!["bob".into()]));
    rig.advance(14 * S);
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    rig.sent();
    rig.advance(S / 2);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    rig.outputs.clear();
    rig.advance(2 * S);
    assert!(rig.code(req).is_some());
    assert!(!rig.outputs.contains(&Output::Close(epoch)));
}

#[test]
fn requests_that_wait_offline_fail_by_their_deadline_or_go_out_after_the_return() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let req = rig.command(Command::GetUserStatus(vec!["bob".into()]));
    rig.advance(S);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 0);
    let (id, _) = rig.sent_one("user.get_status");
    rig.answer(epoch, id, &json!({"statuses": []}));
    assert_eq!(rig.code(req), Some(0));

    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let req = rig.command(Command::GetUserStatus(vec!["bob".into()]));
    rig.advance(16 * S);
    assert_eq!(rig.code(req), Some(9523));
}

#[test]
fn a_probe_has_its_own_short_time_also_behind_an_older_request() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.send("bob", "m1");
    rig.sent_one("message.send");
    rig.advance(S);
    rig.input(Input::Network(NetHint::Changed));
    rig.sent_one("session.heartbeat");
    rig.advance(6 * S);
    assert!(rig.outputs.contains(&Output::Close(epoch)));
}

#[test]
fn garbage_from_the_server_ends_the_connection_only() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.input(Input::Frame(epoch, b"\xff\x00garbage"));
    assert!(rig.outputs.contains(&Output::Close(epoch)));
    assert_eq!(rig.network(), [(1, codes::PROTOCOL)]);
    rig.advance(S);
    assert!(rig.is_connecting());
}
