//! Subscriptions and profiles.

use super::*;

pub async fn subscriptions(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    repo.create_app(app(APP, "k")).await.unwrap();
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let left = repo
        .subscribe(alice.id, Topic::Status, names(&["a", "b", "c"]), 4)
        .await
        .unwrap();
    assert_eq!(left.watched.statuses, ["a", "b", "c"]);
    assert_eq!(left.version, 1);
    // Once more makes it the youngest.
    let left = repo
        .subscribe(alice.id, Topic::Status, names(&["a", "d", "e"]), 4)
        .await
        .unwrap();
    assert_eq!(left.watched.statuses, ["c", "a", "d", "e"]);
    // Each topic counts for itself.
    let left = repo.subscribe(alice.id, Topic::Profile, names(&["p", "a"]), 4);
    assert_eq!(left.await.unwrap().watched.profiles, ["p", "a"]);
    let view = repo.login_view(APP, "alice".into()).await.unwrap();
    let watched = Watched {
        statuses: names(&["c", "a", "d", "e"]),
        profiles: names(&["p", "a"]),
    };
    assert_eq!(view.watching.watched, watched);
    assert_eq!(view.watching, repo.watching(alice.id).await.unwrap());
    let left = repo.unsubscribe(alice.id, Topic::Status, names(&["a", "x"]));
    assert_eq!(left.await.unwrap().watched.statuses, ["c", "d", "e"]);
    let left = repo.unsubscribe(alice.id, Topic::Status, vec![]);
    assert!(left.await.unwrap().watched.statuses.is_empty());
    let view = repo.login_view(APP, "alice".into()).await.unwrap();
    assert_eq!(view.watching.watched.profiles, names(&["p", "a"]));
    assert_eq!(view.watching.version, 5);
    assert_eq!(repo.heads(alice.id).await.unwrap().watching, 5);
}

pub async fn profiles(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    user(&repo, APP, "bob").await;
    user(&repo, APP + 1, "carol").await;
    let named = |nick: &str| ProfileUpdate {
        nick_name: Some(nick.into()),
        ..ProfileUpdate::default()
    };
    let set = repo.set_profile(alice.id, named("Al")).await.unwrap();
    let profile = UserProfile {
        nick_name: "Al".into(),
        ..UserProfile::new("alice")
    };
    let changed = SetProfile::Changed {
        profile: Box::new(profile.clone()),
        event: 1,
    };
    assert_eq!(set, changed);
    let again = repo.set_profile(alice.id, named("Al")).await.unwrap();
    assert_eq!(again, SetProfile::Same);
    let full = ProfileUpdate {
        custom: (b'a'..=b'z')
            .map(|name| CustomField {
                key: char::from(name).into(),
                value: "x".into(),
            })
            .collect(),
        ..named("Alice")
    };
    let refused = repo.set_profile(alice.id, full).await.unwrap();
    assert!(matches!(refused, SetProfile::Refused(_)), "{refused:?}");
    assert_eq!(repo.heads(alice.id).await.unwrap().events, 1);

    let names = || {
        ["alice", "nobody", "carol", "bob"]
            .map(String::from)
            .to_vec()
    };
    let page = repo.profiles(APP, names(), MUCH).await.unwrap();
    assert_eq!(page.profiles, [profile.clone(), UserProfile::new("bob")]);
    assert_eq!(page.answered, 4);
    // Cut where it grows too large, but never down to nothing.
    repo.set_profile(bob_of(&repo).await, named("Bob"))
        .await
        .unwrap();
    let page = repo.profiles(APP, names(), 1).await.unwrap();
    assert_eq!((page.profiles, page.answered), (vec![profile], 3));

    // In the stream stands the profile as it is, beside what else is there.
    send(&repo, &alice, "bob", "m1").await;
    repo.set_profile(alice.id, named("Alice")).await.unwrap();
    let page = repo.difference(alice.id, 0, 10, MUCH).await.unwrap();
    let told: Vec<_> = page
        .events
        .iter()
        .map(|event| (event.seq, &event.what))
        .collect();
    let is_profile =
        |what: &EventKind| matches!(what, EventKind::Profile(p) if p.nick_name == "Alice");
    assert_eq!(told.len(), 3);
    assert!(is_profile(told[0].1) && is_profile(told[2].1), "{told:?}");
    assert!(matches!(told[1].1, EventKind::Message(_)), "{told:?}");
}

async fn bob_of(repo: &impl Repo) -> i64 {
    let found = repo.accounts(APP, vec!["bob".into()]).await.unwrap();
    found[0].as_ref().unwrap().id
}
