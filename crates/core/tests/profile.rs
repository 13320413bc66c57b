//! The rules of profiles, against a server played by hand.

mod rig;

use std::time::Duration;

use protocol::codes;
use protocol::user::profile::{CustomField, ProfileUpdate, UserProfile};
use rig::Rig;
use serde_json::json;
use tim_core::store::Store;
use tim_core::{Command, Event, Reply, ReqId};

const S: Duration = Duration::from_secs(1);
const MINUTE_MS: u64 = 60_000;

fn named(user: &str, nick: &str) -> UserProfile {
    UserProfile {
        nick_name: nick.into(),
        ..UserProfile::new(user)
    }
}

fn get(rig: &mut Rig, users: &[&str], force: bool) -> ReqId {
    let users = users.iter().map(|user| (*user).into()).collect();
    rig.command(Command::GetProfiles { users, force })
}

fn answer(rig: &mut Rig, req: ReqId) -> Vec<UserProfile> {
    match rig.completion(req) {
        Some(Ok(Reply::Profiles(profiles))) => profiles,
        other => panic!("{other:?}"),
    }
}

fn told(rig: &Rig) -> Vec<&Event> {
    let is_info = |event: &&Event| matches!(event, Event::SelfInfo(_) | Event::UserInfo(_));
    rig.events().into_iter().filter(is_info).collect()
}

#[test]
fn the_server_is_asked_for_what_is_not_remembered() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let req = get(&mut rig, &["bob", "alice", "bob", "nobody"], false);
    let (id, body) = rig.sent_one("user.get_profiles");
    assert_eq!(body["users"], json!(["bob", "alice", "nobody"]));
    // Answered in parts: the rest is asked for again.
    let bob = named("bob", "Bob");
    rig.answer(epoch, id, &json!({"profiles": [bob], "answered": 1}));
    assert_eq!(rig.completion(req), None);
    let (id, body) = rig.sent_one("user.get_profiles");
    assert_eq!(body["users"], json!(["alice", "nobody"]));
    let alice = named("alice", "Al");
    rig.answer(epoch, id, &json!({"profiles": [alice], "answered": 2}));
    assert_eq!(
        answer(&mut rig, req),
        [bob.clone(), alice.clone(), bob.clone()]
    );

    let req = get(&mut rig, &["alice", "bob"], false);
    assert_eq!(answer(&mut rig, req), [alice, bob.clone()]);
    assert!(rig.sent().is_empty(), "both are young");
    get(&mut rig, &["bob"], true);
    let (_, body) = rig.sent_one("user.get_profiles");
    assert_eq!(body["users"], json!(["bob"]));

    let req = get(&mut rig, &["carol"], false);
    let (id, _) = rig.sent_one("user.get_profiles");
    rig.refuse(epoch, id, codes::SVR_PROFILE_INTERNAL_ERROR);
    assert_eq!(rig.code(req), Some(codes::SVR_PROFILE_INTERNAL_ERROR));
    let req = get(&mut rig, &["carol"], false);
    let (id, _) = rig.sent_one("user.get_profiles");
    rig.answer(epoch, id, &json!({"profiles": [], "answered": 0}));
    assert_eq!(rig.code(req), Some(codes::PARSE_RESPONSE_FAILED), "no loop");
}

#[test]
fn an_old_profile_is_asked_for_again_and_is_better_than_none() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let now = rig.now().unix_ms;
    // The last one's clock has been set back since.
    let [young, old, ahead] = [
        (named("young", "1"), now - 10 * MINUTE_MS),
        (named("old", "2"), now - 10 * MINUTE_MS - 1),
        (named("ahead", "3"), now + 60 * MINUTE_MS),
    ];
    for (profile, fetched) in [&young, &old, &ahead] {
        rig.store.put_profile(profile, *fetched).unwrap();
    }
    let req = get(&mut rig, &["young", "old", "ahead"], false);
    let (_, body) = rig.sent_one("user.get_profiles");
    assert_eq!(body["users"], json!(["old", "ahead"]));
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    rig.advance(16 * S);
    let all = [young.0, old.0, ahead.0];
    assert_eq!(answer(&mut rig, req), all);
    let req = get(&mut rig, &["young", "old", "ahead"], true);
    rig.advance(16 * S);
    assert_eq!(answer(&mut rig, req), all);
    let req = get(&mut rig, &["old", "unknown"], false);
    rig.advance(16 * S);
    assert_eq!(rig.code(req), Some(9523));
}

#[test]
fn what_was_set_is_seen_at_once_and_told_once() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    let now = rig.now().unix_ms;
    rig.store.put_profile(&named("alice", "Al"), now).unwrap();
    let update = ProfileUpdate {
        gender: Some(2),
        custom: vec![CustomField {
            key: "team".into(),
            value: "red".into(),
        }],
        ..ProfileUpdate::default()
    };
    let req = rig.command(Command::SetProfile(Box::new(update)));
    let (id, body) = rig.sent_one("user.set_profile");
    let field = json!({
        "user_profile_custom_string_info_key": "Tag_Profile_Custom_team",
        "user_profile_custom_string_info_value": "red",
    });
    let wanted = json!({
        "user_profile_item_gender": 2,
        "user_profile_item_custom_string_array": [field],
    });
    assert_eq!(body, wanted);
    rig.answer(epoch, id, &json!({}));
    assert_eq!(rig.completion(req), Some(Ok(Reply::Empty)));
    let req = get(&mut rig, &["alice"], false);
    let own = answer(&mut rig, req).remove(0);
    assert_eq!(
        (&*own.nick_name, own.gender, own.custom.len()),
        ("Al", 2, 1)
    );
    assert!(told(&rig).is_empty());
    rig.event(epoch, Some(1), "user.own_profile", &json!(own));
    assert_eq!(told(&rig), [&Event::SelfInfo(Box::new(own))]);
}

#[test]
fn changes_are_remembered_and_a_burst_is_told_as_it_ends() {
    let mut rig = Rig::new();
    let epoch = rig.logged_in("alice");
    rig.lost(epoch, codes::SDK_NET_RESET_BY_PEER);
    let epoch = {
        rig.advance(S);
        let epoch = rig.connecting();
        rig.input(tim_core::Input::Connected(epoch));
        rig.accept_login(epoch, 2);
        epoch
    };
    let (id, _) = rig.sent_one("session.difference");
    let event = |seq: u64, nick: &str| json!({"seq": seq, "ev": "user.own_profile", "body": named("alice", nick)});
    let missed = json!({"events": [event(1, "new"), event(2, "newest")], "head": 2});
    rig.answer(epoch, id, &missed);
    let own = named("alice", "newest");
    assert_eq!(told(&rig), [&Event::SelfInfo(Box::new(own.clone()))]);
    rig.outputs.clear();

    let others = [named("bob", "B"), named("carol", "C")];
    rig.event(epoch, None, "user.profiles", &json!(others));
    assert_eq!(told(&rig), [&Event::UserInfo(others.to_vec())]);
    let req = get(&mut rig, &["carol", "alice"], false);
    assert_eq!(answer(&mut rig, req), [others[1].clone(), own]);
}

#[test]
fn limits() {
    let mut rig = Rig::new();
    rig.logged_in("alice");
    let too_many = vec!["x".to_owned(); 501];
    let some = too_many[..201].to_vec();
    let force = false;
    let long = ProfileUpdate {
        nick_name: Some("x".repeat(501)),
        ..ProfileUpdate::default()
    };
    let own = vec!["alice".to_owned()];
    let bad = vec!["a b".to_owned()];
    let cases = [
        (
            Command::GetProfiles {
                users: vec![],
                force,
            },
            6017,
        ),
        (
            Command::GetProfiles {
                users: too_many,
                force,
            },
            6017,
        ),
        (
            Command::GetProfiles {
                users: bad.clone(),
                force,
            },
            7003,
        ),
        (Command::SetProfile(Box::new(long)), 40601),
        (Command::SubscribeUserInfo(vec![]), 6017),
        (Command::SubscribeUserInfo(some.clone()), 6017),
        (Command::SubscribeUserInfo(own), 6017),
        (Command::SubscribeUserInfo(bad.clone()), 7003),
        (Command::UnsubscribeUserInfo(some), 6017),
        (Command::UnsubscribeUserInfo(bad), 7003),
    ];
    for (command, code) in cases {
        let name = format!("{command:?}");
        let req = rig.command(command);
        assert_eq!(rig.code(req), Some(code), "{name}");
    }
    assert!(rig.sent().is_empty());
    rig.command(Command::UnsubscribeUserInfo(vec![]));
    rig.sent_one("user.unsubscribe_profiles");
}
