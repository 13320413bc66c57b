//! Apps and accounts.

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
