//! New messages are told once, and again only when a process died before its app had surely heard of
//! them.
#![allow(clippy::unwrap_used)]

mod rig;

use std::time::Duration;

use protocol::codes;
use rig::{Rig, new_message};
use serde_json::{Value, json};
use tim_core::store::Store;
use tim_core::{Command, Epoch, Input, Reply};

const S: Duration = Duration::from_secs(1);

fn message(n: u64) -> Value {
    new_message("bob", "bob", &format!("b{n}"), n, n)
}

fn arrive(rig: &mut Rig, epoch: Epoch, n: u64) {
    rig.event(epoch, Some(n), "message.new", &message(n));
}

fn told_up_to_now(rig: &mut Rig) {
    let mark = rig.mark();
    rig.input(Input::Told(mark));
    rig.advance(S);
}

fn cursor(rig: &mut Rig) -> String {
    rig.store.meta("cursor").unwrap().unwrap()
}

/// Answers the difference that has been asked for, after this event.
fn difference(rig: &mut Rig, epoch: Epoch, after: u64, events: &[u64]) {
    let (id, body) = rig.sent_one("session.difference");
    assert_eq!(body["after"], after);
    let event = |n: &u64| json!({"seq": n, "ev": "message.new", "body": message(*n)});
    let events: Vec<Value> = events.iter().map(event).collect();
    let head = events
        .last()
        .map_or(after, |last| last["seq"].as_u64().unwrap());
    rig.answer(epoch, id, &json!({"events": events, "head": head}));
}

#[test]
fn what_a_dead_process_had_not_told_is_told_by_the_next_one() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    arrive(&mut rig, epoch, 1);
    told_up_to_now(&mut rig);
    arrive(&mut rig, epoch, 2);
    arrive(&mut rig, epoch, 3);
    assert_eq!(rig.told(), ["b1", "b2", "b3"]);
    assert_eq!(cursor(&mut rig), "1 3");

    let mut rig = rig.died();
    let epoch = rig.log_in_at("alice", 3);
    difference(&mut rig, epoch, 1, &[2, 3]);
    assert_eq!(rig.told(), ["b2", "b3"]);
    assert_eq!(rig.conversation("bob").unread, 3);
    told_up_to_now(&mut rig);
    assert_eq!(cursor(&mut rig), "3");

    let mut rig = rig.died();
    let epoch = rig.log_in_at("alice", 3);
    assert_eq!((rig.sent(), rig.told()), (vec![], vec![]));
    rig.lost(epoch, codes::SDK_NET_DISCONNECT);
}

#[test]
fn a_link_that_is_lost_tells_nothing_twice() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    arrive(&mut rig, epoch, 1);
    let epoch = rig.reconnect(epoch, 2);
    difference(&mut rig, epoch, 1, &[2]);
    assert_eq!(rig.told(), ["b1", "b2"]);
    assert_eq!(cursor(&mut rig), "0 2");
}

#[test]
fn what_waits_when_a_session_ends_counts_as_told() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    arrive(&mut rig, epoch, 1);
    let logout = rig.command(Command::Logout);
    let (id, _) = rig.sent_one("session.logout");
    rig.answer(epoch, id, &json!({}));
    assert_eq!(rig.completion(logout), Some(Ok(Reply::Empty)));
    // Of a session that is over: it means nothing for the next one.
    let mark = rig.mark();
    rig.outputs.clear();
    rig.log_in_at("alice", 1);
    rig.input(Input::Told(mark));
    assert_eq!((rig.sent(), rig.told()), (vec![], vec![]));
    assert_eq!(cursor(&mut rig), "1");
}

/// A message was told while the device was suspended.
fn told_while_suspended() -> Rig {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    arrive(&mut rig, epoch, 1);
    rig.input(Input::Suspend);
    let mark = rig.mark();
    rig.input(Input::Told(mark));
    rig
}

#[test]
fn what_is_told_while_suspended_is_written_afterwards() {
    let mut rig = told_while_suspended();
    rig.input(Input::Resume);
    let epoch = rig.connecting();
    rig.input(Input::Connected(epoch));
    rig.accept_login(epoch, 1);
    rig.advance(S);
    assert_eq!(cursor(&mut rig), "1");
}

#[test]
fn stopped_while_suspended_it_is_written_too() {
    let mut rig = told_while_suspended();
    rig.input(Input::Stop);
    assert!(!rig.store.is_open());

    let mut rig = rig.died();
    rig.log_in_at("alice", 1);
    assert_eq!((rig.sent(), rig.told()), (vec![], vec![]));
}

#[test]
fn what_came_during_the_first_login_is_told_although_a_snapshot_had_it() {
    let mut rig = Rig::new();
    let mut epoch = rig.log_in_at("alice", 5);
    // b2 has come as event 6 since, and is in the snapshot. The process dies after its first page,
    // and when it has it all.
    let state = json!({"conv": {"conv_type": 1, "conv_id": "bob"}, "head_seq": 2,
        "last": message(2), "peer_ord": 2, "read_ord": 0, "read_seq": 0, "peer_read_seq": 0});
    for next in ["more", ""] {
        let (id, _) = rig.sent_one("conversation.snapshot");
        let page = json!({"conversations": [state], "event_seq": 6, "next": next});
        rig.answer(epoch, id, &page);
        rig = rig.died();
        epoch = rig.log_in_at("alice", 6);
    }
    let (id, body) = rig.sent_one("session.difference");
    assert_eq!(body["after"], 5);
    let event = json!({"seq": 6, "ev": "message.new", "body": message(2)});
    rig.answer(epoch, id, &json!({"events": [event], "head": 6}));
    assert_eq!(rig.told(), ["b2"]);
}

#[test]
fn a_commit_that_failed_moves_nothing() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let before = rig.store.clone();
    arrive(&mut rig, epoch, 1);
    rig.store = before;
    let error = tim_core::store::StoreError::Failed("the disk is full".into());
    rig.input(Input::CommitFailed(error));
    rig.outputs.clear();
    let epoch = rig.log_in_at("alice", 1);
    difference(&mut rig, epoch, 0, &[1]);
    assert_eq!(rig.told(), ["b1"]);
}
