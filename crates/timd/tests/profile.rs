//! Profiles over real sockets and TLS.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use serde_json::{Value, json};
use support::Client;

fn names(answer: &Value) -> Vec<&str> {
    let profiles = answer["profiles"].as_array().unwrap();
    profiles
        .iter()
        .map(|profile| profile["user_profile_identifier"].as_str().unwrap())
        .collect()
}

/// Who hears of a change: every own device by the stream, and those who subscribed.
#[test]
fn a_change_reaches_own_devices_and_subscribers() {
    let server = timd::testing::start().unwrap();
    let mut alice = Client::login(&server, "alice");
    let mut phone = Client::connect(&server);
    phone.log_in(
        &server,
        "alice",
        json!({"device_id": "phone", "platform": 2}),
    );
    let mut bob = Client::login(&server, "bob");
    let mut carol = Client::login(&server, "carol");
    // Also before the user has registered.
    let users = json!({"users": ["alice", "dave"]});
    bob.ok("user.subscribe_profiles", users);

    let update = json!({
        "user_profile_item_nick_name": "Alice",
        "user_profile_item_custom_string_array": [{
            "user_profile_custom_string_info_key": "Tag_Profile_Custom_team",
            "user_profile_custom_string_info_value": "red",
        }],
    });
    alice.ok("user.set_profile", update.clone());
    let own = alice.event("user.own_profile");
    assert_eq!(own["seq"], 1);
    assert_eq!(own["body"]["user_profile_nick_name"], "Alice");
    assert_eq!(phone.event("user.own_profile"), own);
    let told = bob.event("user.profiles");
    assert_eq!(
        (&told["seq"], &told["body"]),
        (&Value::Null, &json!([own["body"]]))
    );

    // The same once more is no news.
    alice.ok("user.set_profile", update);
    let beat = alice.ok("session.heartbeat", json!({}));
    assert_eq!(beat["event_seq"], 1);
    // Whoever was away finds it in the stream.
    let missed = phone.ok("session.difference", json!({"after": 0, "limit": 9}));
    assert_eq!(missed["events"][0]["ev"], "user.own_profile");
    assert_eq!(missed["events"][0]["body"], own["body"]);

    let asked = json!({"users": ["carol", "nobody", "alice"]});
    let found = carol.ok("user.get_profiles", asked);
    assert_eq!(names(&found), ["carol", "alice"]);
    assert_eq!(
        (&found["answered"], &found["profiles"][1]),
        (&json!(3), &own["body"])
    );

    // Subscriptions outlive the session, and end when they are ended.
    drop(bob);
    let mut bob = Client::login(&server, "bob");
    alice.ok("user.set_profile", json!({"user_profile_item_level": 7}));
    assert_eq!(
        bob.event("user.profiles")["body"][0]["user_profile_level"],
        7
    );
    bob.ok("user.unsubscribe_profiles", json!({"users": ["alice"]}));
    alice.ok("user.set_profile", json!({"user_profile_item_level": 8}));
    let mut dave = Client::login(&server, "dave");
    dave.ok("user.set_profile", json!({"user_profile_item_role": 1}));
    let next = bob.event("user.profiles");
    assert_eq!(next["body"][0]["user_profile_identifier"], "dave");
    assert!(carol.events.is_empty(), "{:?}", carol.events);
}

#[test]
fn what_a_profile_may_not_hold_is_refused() {
    let server = timd::testing::start().unwrap();
    let mut alice = Client::login(&server, "alice");
    let custom = |key: &str, value: &str| {
        json!({"user_profile_item_custom_string_array": [{
            "user_profile_custom_string_info_key": key,
            "user_profile_custom_string_info_value": value,
        }]})
    };
    let long = "x".repeat(501);
    let subscribe = "user.subscribe_profiles";
    let cases = [
        (
            "user.set_profile",
            json!({"user_profile_item_nick_name": long}),
            40601,
        ),
        (
            "user.set_profile",
            custom("Tag_Profile_Custom_a", &long),
            40601,
        ),
        (
            "user.set_profile",
            json!({"user_profile_item_gender": 3}),
            40605,
        ),
        // The prefix is the client's to add.
        ("user.set_profile", custom("a", "x"), 9001),
        (
            "user.set_profile",
            json!({"user_profile_item_gender": -1}),
            5026,
        ),
        ("user.get_profiles", json!({"users": []}), 70206),
        ("user.get_profiles", json!({"users": vec!["x"; 501]}), 70206),
        (subscribe, json!({"users": []}), 70206),
        (subscribe, json!({"users": vec!["x"; 201]}), 70206),
        (subscribe, json!({"users": ["alice"]}), 70402),
        (subscribe, json!({"users": ["a b"]}), 70402),
        (
            "user.unsubscribe_profiles",
            json!({"users": vec!["x"; 201]}),
            70206,
        ),
    ];
    for (op, body, code) in cases {
        let answer = alice.ask(op, body);
        assert_eq!(answer["code"], code, "{op}: {answer}");
    }
    let found = alice.ok("user.get_profiles", json!({"users": ["alice"]}));
    assert_eq!(found["profiles"][0]["user_profile_nick_name"], "");
}

/// Many large profiles do not fit into one frame.
#[test]
fn a_long_list_comes_in_parts() {
    let server = timd::testing::start().unwrap();
    let full = "ab".repeat(250);
    let fields: Vec<Value> = (b'a'..b'u')
        .map(|name| {
            json!({
                "user_profile_custom_string_info_key": format!("Tag_Profile_Custom_{}", char::from(name)),
                "user_profile_custom_string_info_value": full,
            })
        })
        .collect();
    let users: Vec<String> = (0..20).map(|n| format!("user{n}")).collect();
    for user in &users {
        let mut client = Client::login(&server, user);
        let update = json!({"user_profile_item_custom_string_array": fields});
        client.ok("user.set_profile", update);
    }
    let mut client = Client::login(&server, "alice");
    let mut left = &users[..];
    let mut parts = 0;
    while !left.is_empty() {
        let found = client.ok("user.get_profiles", json!({"users": left}));
        let answered = found["answered"].as_u64().unwrap() as usize;
        assert_eq!(names(&found), left[..answered]);
        left = &left[answered..];
        parts += 1;
    }
    assert!(parts > 1, "{parts}");
}
