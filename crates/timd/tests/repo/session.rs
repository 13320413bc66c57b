//! Apps, accounts, presence, and the places of devices.

use super::*;

pub async fn apps_and_accounts(repo: impl Repo) {
    assert!(repo.create_app(app(APP, "k1")).await.unwrap());
    assert!(!repo.create_app(app(APP, "other")).await.unwrap());
    assert!(repo.create_app(app(2, "k2")).await.unwrap());
    assert!(repo.rotate_key(2, "k3".into()).await.unwrap());
    assert!(!repo.rotate_key(3, "k".into()).await.unwrap());
    let keys: Vec<_> = repo
        .apps()
        .await
        .unwrap()
        .into_iter()
        .map(|a| a.key)
        .collect();
    assert_eq!(keys, ["k1", "k3"]);

    assert!(
        repo.login_view(9, "alice".into())
            .await
            .unwrap()
            .app
            .is_none()
    );
    let view = repo.login_view(APP, "alice".into()).await.unwrap();
    assert!(view.app.unwrap().key == "k1" && view.account.is_none());
    let alice = user(&repo, APP, "alice").await;
    let there = user(&repo, 2, "alice").await;
    assert_ne!(alice.id, there.id);
    // A second registration finds the first.
    let again = repo.register(5, APP, "alice".into(), 9).await.unwrap();
    assert_eq!(again, alice);
    assert_eq!(
        (alice.event_seq, alice.presence, alice.not_before),
        (0, 2, 0)
    );
    assert!(
        repo.refuse_tickets_before(APP, "alice".into(), 55)
            .await
            .unwrap()
    );
    assert!(
        !repo
            .refuse_tickets_before(APP, "x".into(), 55)
            .await
            .unwrap()
    );
    let view = repo.login_view(APP, "alice".into()).await.unwrap();
    assert_eq!(view.account.unwrap().not_before, 55);
}

pub async fn presence(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let status = async || {
        let names = vec!["nobody".into(), "alice".into()];
        let found = repo.accounts(APP, names).await.unwrap();
        assert!(found[0].is_none());
        let alice = found[1].clone().unwrap();
        (alice.presence, alice.custom_status)
    };
    repo.set_custom_status(alice.id, "busy".into())
        .await
        .unwrap();
    assert_eq!(status().await, (2, "busy".into()));
    let presence = |presence, day| Presence {
        account: alice.id,
        presence,
        day,
    };
    repo.went_away(presence(3, 20)).await.unwrap();
    assert_eq!(status().await, (3, String::new()));
    repo.came_online(presence(2, 20), "phone".into());
    repo.set_custom_status(alice.id, "here".into())
        .await
        .unwrap();
    repo.nobody_online().await.unwrap();
    assert_eq!(status().await, (2, String::new()));
}

pub async fn policies(repo: impl Repo) {
    assert!(repo.create_app(app(APP, "k")).await.unwrap());
    assert_eq!(repo.apps().await.unwrap()[0].policy, Policy::default());
    for together in ["single", "dual", "triple", "multi", "all"] {
        let policy = Policy {
            together: together.parse().unwrap(),
            instances: 2,
            web_instances: 9,
        };
        assert!(repo.set_policy(APP, policy).await.unwrap());
        let view = repo.login_view(APP, "alice".into()).await.unwrap();
        assert_eq!(view.app.unwrap().policy, policy);
        assert!(!repo.set_policy(APP + 1, policy).await.unwrap());
        let id = 100 + together.len() as u64;
        let created = App {
            policy,
            ..app(id, "k")
        };
        repo.create_app(created).await.unwrap();
        let apps = repo.apps().await.unwrap();
        assert!(apps.iter().any(|app| app.id == id));
    }
}

pub async fn places(repo: impl Repo) {
    assert!(repo.create_app(app(APP, "k")).await.unwrap());
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    let held = async |name: &str| {
        let view = repo.login_view(APP, name.into()).await.unwrap();
        let places = view.places.held.into_iter();
        let held: Vec<_> = places
            .map(|p| (p.device_id, p.platform, p.number, p.has_left))
            .collect();
        (view.places.given, held)
    };
    let place = |device: &str, platform, number, has_left| {
        (String::from(device), platform, number, has_left)
    };
    let take = |given, device: &str, platform, displaced: &[&str]| TakePlace {
        account: alice.id,
        given,
        device_id: device.into(),
        platform,
        displaced: displaced.iter().map(|d| (*d).into()).collect(),
    };
    assert_eq!(held("alice").await, (0, vec![]));
    let (places, is_done) = repo.take_place(take(0, "a", 1, &[])).await.unwrap();
    assert_eq!((places.given, places.held.len(), is_done), (1, 1, true));
    // Decided on what is no more: nothing happens.
    let (places, is_done) = repo.take_place(take(0, "b", 2, &["a"])).await.unwrap();
    assert_eq!((places.given, is_done), (1, false));
    assert_eq!(places.held[0].device_id, "a");
    repo.take_place(take(1, "b", 2, &[])).await.unwrap();
    let both = vec![place("a", 1, 1, false), place("b", 2, 2, false)];
    assert_eq!(held("alice").await, (2, both));
    // A logout is noted, and undone by the next login.
    let last = Presence {
        account: alice.id,
        presence: 3,
        day: 5,
    };
    repo.logged_out(alice.id, "a".into(), Some(last))
        .await
        .unwrap();
    let status = repo.accounts(APP, vec!["alice".into()]).await.unwrap();
    assert_eq!(status[0].as_ref().unwrap().presence, 3);
    repo.logged_out(alice.id, "b".into(), None).await.unwrap();
    repo.came_online(
        Presence {
            presence: 2,
            ..last
        },
        "b".into(),
    );
    repo.event_head(alice.id).await.unwrap();
    let (_, then) = repo.take_place(take(9, "x", 1, &[])).await.unwrap();
    assert!(!then, "in line behind the note");
    let both = vec![place("a", 1, 1, true), place("b", 2, 2, false)];
    assert_eq!(held("alice").await, (2, both));
    // Again, on another platform, in place of the others.
    repo.take_place(take(2, "a", 3, &["b", "x"])).await.unwrap();
    assert_eq!(held("alice").await, (3, vec![place("a", 3, 3, false)]));
    assert_eq!(held("bob").await, (0, vec![]));
    repo.logged_out(bob.id, "a".into(), None).await.unwrap();
    assert_eq!(held("alice").await.1.len(), 1);
}

pub async fn active_users(repo: impl Repo) {
    let noted = |account: &Account, day| Presence {
        account: account.id,
        presence: 2,
        day,
    };
    assert_eq!(repo.active_users().await.unwrap(), []);
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    let carol = user(&repo, 2, "carol").await;
    repo.came_online(noted(&alice, 7), "d".into());
    repo.went_away(noted(&alice, 6)).await.unwrap();
    repo.went_away(noted(&bob, 8)).await.unwrap();
    repo.logged_out(carol.id, "d".into(), Some(noted(&carol, 7)))
        .await
        .unwrap();
    let mut found = repo.active_users().await.unwrap();
    found.sort_by_key(|a| (a.app_id, a.day));
    let found: Vec<_> = found.iter().map(|a| (a.app_id, a.day, a.users)).collect();
    assert_eq!(found, [(APP, 7, 1), (APP, 8, 1), (2, 7, 1)]);
    let accounts = repo.accounts(APP, vec!["alice".into()]).await.unwrap();
    assert_eq!(accounts[0].as_ref().unwrap().active_day, 7);
}
