//! Devices that come and go, and the nodes that hold them.

use super::*;
use timd::repo::{Enter, Entered, Leave, NodeId, RepoError, Seat, Standing};

const NODE: NodeId = 7;

/// A repo on which a node lives, with its app and a user.
async fn world(repo: &impl Repo) -> Account {
    assert!(repo.create_app(app(APP, "k")).await.unwrap());
    repo.join(NODE, "seven".into()).await.unwrap();
    user(repo, APP, "alice").await
}

fn seat(number: u64) -> Seat {
    Seat { node: NODE, number }
}

fn enter(account: &Account, device: &str, platform: i32, seat: Seat) -> Enter {
    Enter {
        account: account.id,
        policy: Policy::default(),
        device_id: device.into(),
        platform,
        resume: false,
        place: 0,
        seat,
        presence: 2,
        day: 5,
    }
}

fn leave(account: &Account, device: &str, seat: Seat) -> Leave {
    Leave {
        account: account.id,
        device_id: device.into(),
        seat,
        is_logout: false,
        presence: 2,
        day: 6,
    }
}

/// The number of the place, and how the user stands then.
async fn go_in(repo: &impl Repo, enter: Enter) -> (u64, Standing) {
    match repo.enter(enter).await.unwrap() {
        Entered::In { number, change, .. } => (number, change.after),
        Entered::Lost => panic!("no place"),
    }
}

pub async fn standing(repo: impl Repo) {
    let alice = world(&repo).await;
    assert_eq!(
        repo.set_custom_status(alice.id, "not here".into())
            .await
            .unwrap()
            .after
            .custom_status,
        ""
    );
    let (_, there) = go_in(&repo, enter(&alice, "phone", 3, seat(1))).await;
    assert_eq!(there.platforms(), [3]);
    assert_eq!((there.presence, there.active_day), (2, 5));
    let change = repo.set_custom_status(alice.id, "busy".into()).await;
    let change = change.unwrap();
    assert_eq!(change.before, there);
    assert_eq!(change.after.custom_status, "busy");
    assert!(change.after.version > there.version);
    let (_, both) = go_in(&repo, enter(&alice, "desk", 1, seat(2))).await;
    assert_eq!(both.platforms(), [3, 1]);
    assert_eq!(both.custom_status, "busy");
    let names = || vec!["nobody".into(), "alice".into()];
    let seen = repo.seen(APP, names()).await.unwrap();
    assert!(seen[0].is_none());
    let seen = seen[1].clone().unwrap();
    assert_eq!(seen.account.custom_status, "busy");
    assert_eq!(seen.platforms.len(), 2);
    // One goes, the other stays; of a connection that was replaced nothing is heard.
    let gone = repo.leave(leave(&alice, "phone", seat(9))).await.unwrap();
    assert!(gone.is_none());
    let gone = repo.leave(leave(&alice, "phone", seat(1))).await.unwrap();
    let gone = gone.unwrap().after;
    assert_eq!(gone.platforms(), [1]);
    assert_eq!((&*gone.custom_status, gone.active_day), ("busy", 6));
    assert_eq!(repo.standing(alice.id).await.unwrap(), gone);
    assert_eq!(repo.heads(alice.id).await.unwrap().standing, gone.version);
    // The last one takes the custom status with it.
    let last = Leave {
        is_logout: true,
        presence: 3,
        ..leave(&alice, "desk", seat(2))
    };
    let change = repo.leave(last.clone()).await.unwrap().unwrap();
    assert_eq!(change.before, gone);
    assert!(change.after.platforms().is_empty());
    assert_eq!(
        (&*change.after.custom_status, change.after.presence),
        ("", 3)
    );
    assert!(repo.leave(last).await.unwrap().is_none());
    let seen = repo.seen(APP, names()).await.unwrap()[1].clone().unwrap();
    assert_eq!((seen.account.presence, seen.platforms), (3, vec![]));
}

pub async fn places(repo: impl Repo) {
    let alice = world(&repo).await;
    let held = async || {
        let view = repo.login_view(APP, "alice".into()).await.unwrap();
        let held: Vec<_> = view
            .places
            .held
            .into_iter()
            .map(|p| (p.device_id, p.platform, p.number, p.has_left))
            .collect();
        (view.places.given, held)
    };
    let place = |device: &str, platform, number, has_left| {
        (String::from(device), platform, number, has_left)
    };
    assert_eq!(held().await, (0, vec![]));
    assert_eq!(go_in(&repo, enter(&alice, "a", 1, seat(1))).await.0, 1);
    assert_eq!(go_in(&repo, enter(&alice, "b", 3, seat(2))).await.0, 2);
    let both = vec![place("a", 1, 1, false), place("b", 3, 2, false)];
    assert_eq!(held().await, (2, both));
    // A device that is there already keeps its place, over the newer connection.
    let (number, standing) = go_in(&repo, enter(&alice, "a", 1, seat(3))).await;
    assert_eq!(number, 1);
    assert_eq!(standing.places.held[0].seat, Some(seat(3)));
    // A logout is remembered, and undone by the next login.
    let out = Leave {
        is_logout: true,
        ..leave(&alice, "a", seat(3))
    };
    repo.leave(out.clone()).await.unwrap().unwrap();
    let both = vec![place("a", 1, 1, true), place("b", 3, 2, false)];
    assert_eq!(held().await, (2, both));
    assert_eq!(go_in(&repo, enter(&alice, "a", 1, seat(4))).await.0, 1);
    assert!(repo.leave(out).await.unwrap().is_none());
    // Another one on the same platform takes the place.
    let (number, standing) = go_in(&repo, enter(&alice, "c", 1, seat(5))).await;
    assert_eq!((number, standing.places.held.len()), (3, 2));
    assert!(
        repo.leave(leave(&alice, "a", seat(4)))
            .await
            .unwrap()
            .is_none()
    );
    let back = Enter {
        resume: true,
        place: 1,
        ..enter(&alice, "a", 1, seat(6))
    };
    assert_eq!(repo.enter(back).await.unwrap(), Entered::Lost);
    let both = vec![place("b", 3, 2, false), place("c", 1, 3, false)];
    assert_eq!(held().await, (3, both));
    // Again, on another platform.
    let (_, standing) = go_in(&repo, enter(&alice, "c", 3, seat(7))).await;
    assert_eq!(standing.places.held.len(), 1);
    assert_eq!(held().await, (4, vec![place("c", 3, 4, false)]));
    // A node that is not there takes nobody in.
    let nowhere = Seat { node: 8, number: 1 };
    let refused = repo.enter(enter(&alice, "d", 1, nowhere)).await;
    assert_eq!(refused, Err(RepoError::Busy));
}

pub async fn active_users(repo: impl Repo) {
    let alice = world(&repo).await;
    assert_eq!(repo.active_users().await.unwrap(), []);
    let bob = user(&repo, APP, "bob").await;
    let carol = user(&repo, 2, "carol").await;
    for (account, day) in [(&alice, 7), (&bob, 8), (&carol, 7)] {
        let enter = Enter {
            day,
            ..enter(account, "d", 1, seat(day))
        };
        go_in(&repo, enter).await;
        // A clock that was set back changes nothing.
        repo.leave(leave(account, "d", seat(day))).await.unwrap();
    }
    let mut found = repo.active_users().await.unwrap();
    found.sort_by_key(|a| (a.app_id, a.day));
    let found: Vec<_> = found.iter().map(|a| (a.app_id, a.day, a.users)).collect();
    assert_eq!(found, [(APP, 7, 1), (APP, 8, 1), (2, 7, 1)]);
    let accounts = repo.accounts(APP, vec!["alice".into()]).await.unwrap();
    assert_eq!(accounts[0].as_ref().unwrap().active_day, 7);
}

pub async fn routes(repo: impl Repo) {
    let alice = world(&repo).await;
    let bob = user(&repo, APP, "bob").await;
    let other = user(&repo, 2, "alice").await;
    let users = || vec!["carol".to_owned()];
    for account in [&alice, &bob] {
        for topic in [Topic::Status, Topic::Profile] {
            repo.subscribe(account.id, topic, users(), 9).await.unwrap();
        }
    }
    repo.subscribe(other.id, Topic::Status, users(), 9)
        .await
        .unwrap();
    let all = || vec![alice.id, bob.id, 12345];
    assert_eq!(repo.routes(all()).await.unwrap(), []);
    let watching = |topic| repo.watching_nodes(APP, topic, "carol".into());
    assert!(watching(Topic::Status).await.unwrap().is_empty());
    go_in(&repo, enter(&alice, "a", 1, seat(1))).await;
    go_in(&repo, enter(&alice, "b", 3, seat(2))).await;
    assert_eq!(repo.routes(all()).await.unwrap(), [(alice.id, NODE)]);
    assert_eq!(watching(Topic::Status).await.unwrap(), [NODE]);
    go_in(&repo, enter(&bob, "a", 1, seat(3))).await;
    assert_eq!(repo.routes(all()).await.unwrap().len(), 2);
    let mut heads = repo.heads_on(NODE).await.unwrap();
    heads.sort_by_key(|(account, _)| (*account != alice.id, *account));
    assert_eq!(heads.len(), 2);
    assert_eq!(heads[0], (alice.id, repo.heads(alice.id).await.unwrap()));
    assert_eq!(watching(Topic::Profile).await.unwrap(), [NODE]);
    for (account, device, n) in [(&alice, "a", 1), (&alice, "b", 2), (&bob, "a", 3)] {
        repo.leave(leave(account, device, seat(n))).await.unwrap();
    }
    assert_eq!(repo.routes(all()).await.unwrap(), []);
    assert!(watching(Topic::Status).await.unwrap().is_empty());
}

pub async fn nodes(repo: impl Repo) {
    let alice = world(&repo).await;
    let bob = user(&repo, APP, "bob").await;
    let lives = repo.beat(NODE).await.unwrap().unwrap();
    assert_eq!((lives.len(), lives[0].node), (1, NODE));
    assert_eq!((lives[0].name.as_str(), lives[0].beat), ("seven", Some(1)));
    assert_eq!(repo.beat(8).await.unwrap(), None, "never joined");
    for (account, device, platform, n) in
        [(&alice, "a", 1, 1), (&alice, "b", 3, 2), (&bob, "a", 1, 3)]
    {
        go_in(&repo, enter(account, device, platform, seat(n))).await;
    }
    repo.set_custom_status(bob.id, "here".into()).await.unwrap();
    // Who has moved is not dead.
    assert!(!repo.fence(NODE, 0).await.unwrap());
    assert!(repo.fence(NODE, 1).await.unwrap());
    assert_eq!(repo.beat(NODE).await.unwrap(), None);
    let refused = repo.enter(enter(&alice, "c", 1, seat(4))).await;
    assert_eq!(refused, Err(RepoError::Busy));
    let mut swept = repo.sweep(NODE, 1).await.unwrap();
    assert_eq!(swept.len(), 1);
    swept.extend(repo.sweep(NODE, 10).await.unwrap());
    assert!(repo.sweep(NODE, 10).await.unwrap().is_empty());
    swept.sort_by(|a, b| a.user_id.cmp(&b.user_id));
    let found: Vec<_> = swept
        .iter()
        .map(|s| (s.app_id, s.account, &*s.user_id))
        .collect();
    assert_eq!(found, [(APP, alice.id, "alice"), (APP, bob.id, "bob")]);
    assert_eq!(swept[0].change.before.platforms(), [1, 3]);
    for gone in &swept {
        let after = &gone.change.after;
        assert_eq!((after.platforms(), after.presence), (vec![], 2));
        assert_eq!(after.custom_status, "");
        assert_eq!(repo.standing(gone.account).await.unwrap(), *after);
    }
    repo.remove_node(NODE).await.unwrap();
    // Its places are kept for their devices.
    repo.join(9, "nine".into()).await.unwrap();
    let back = Enter {
        resume: true,
        place: 1,
        ..enter(&alice, "a", 1, Seat { node: 9, number: 1 })
    };
    assert_eq!(go_in(&repo, back).await.0, 1);
    let lives = repo.beat(9).await.unwrap().unwrap();
    assert_eq!(lives.len(), 1);
}
