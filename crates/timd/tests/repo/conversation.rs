//! What users set on conversations, and their groups of conversations.

use protocol::conversation::settings::{ConvChange, Settings};
use protocol::{codes, limits};
use timd::repo::{ChangeGroup, ConvSet, ConvsSet, GroupAction, GroupChanged, SetConvs};

use super::*;

pub fn change() -> ConvChange {
    ConvChange::default()
}

pub fn pin(is_pinned: bool) -> ConvChange {
    ConvChange {
        pin: Some(is_pinned),
        ..change()
    }
}

pub fn delete() -> ConvChange {
    ConvChange {
        delete: true,
        ..change()
    }
}

fn ids(convs: &[ConvId]) -> Vec<&str> {
    convs.iter().map(|conv| &*conv.id).collect()
}

fn peers(names: &[&str]) -> Vec<(ConvId, i64)> {
    let id = |name: &str| name.bytes().fold(77, |id, b| id * 131 + i64::from(b));
    let named = names.iter().map(|name| (ConvId::c2c(*name), id(name)));
    named.collect()
}

async fn set(repo: &impl Repo, user: &Account, names: &[&str], change: ConvChange) -> ConvsSet {
    let set = SetConvs {
        app_id: APP,
        account: user.id,
        convs: peers(names),
        change,
        now_ms: 5,
    };
    repo.set_convs(set).await.unwrap()
}

/// How one conversation stands afterwards.
pub async fn set_one(repo: &impl Repo, user: &Account, name: &str, change: ConvChange) -> ConvSet {
    let mut done = set(repo, user, &[name], change).await;
    assert_eq!(done.sets.len(), 1);
    done.sets.remove(0)
}

pub async fn conv_settings(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    user(&repo, APP, "carol").await;
    // Before the first message: the other one sees nothing of it.
    let pinned = Settings {
        version: 1,
        is_pinned: true,
        ..Settings::default()
    };
    let done = set_one(&repo, &alice, "bob", pin(true)).await;
    assert_eq!(done, ConvSet::Changed(pinned.clone()));
    let again = set_one(&repo, &alice, "bob", pin(true)).await;
    assert_eq!(again, ConvSet::Same(pinned.clone()));
    let theirs = repo.snapshot(bob.id, 0, 9, MUCH).await.unwrap();
    assert!(theirs.conversations.is_empty());
    let Sent::New { seq, .. } = send(&repo, &bob, "alice", "1").await else {
        panic!("new")
    };
    assert_eq!(seq, 1);
    let theirs = repo.snapshot(bob.id, 0, 9, MUCH).await.unwrap();
    assert_eq!(theirs.conversations[0].settings, Settings::default());

    // Each change leaves the rest; a stream tells how it stands now.
    let mark = |on: &[u32], off: &[u32]| ConvChange {
        mark: on.into(),
        unmark: off.into(),
        ..change()
    };
    set_one(&repo, &alice, "bob", mark(&[1, 63], &[])).await;
    set_one(&repo, &alice, "bob", mark(&[2], &[1])).await;
    let vip = ConvChange {
        custom_data: Some("vip".into()),
        ..change()
    };
    let now = Settings {
        version: 5,
        marks: vec![2, 63],
        custom_data: "vip".into(),
        ..pinned
    };
    let done = set_one(&repo, &alice, "bob", vip).await;
    assert_eq!(done, ConvSet::Changed(now.clone()));
    let missed = repo.difference(alice.id, 2, 9, MUCH).await.unwrap();
    for event in &missed.events {
        assert_eq!(event.what, EventKind::Settings(now.clone()));
        assert_eq!(event.conv_id(), "bob");
    }
    assert_eq!(missed.events.len(), 3);
    let mine = repo.snapshot(alice.id, 0, 9, MUCH).await.unwrap();
    assert_eq!(mine.conversations[0].settings, now);

    let nobody = set(&repo, &alice, &["carol", "nobody"], pin(true)).await;
    assert!(matches!(nobody.sets[0], ConvSet::Changed(_)));
    let missing = ConvSet::Refused(codes::SVR_CONV_ACCOUNT_NOT_FOUND);
    assert_eq!(nobody.sets[1], missing);
}

pub async fn conv_deletion(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    for n in 0..3 {
        send(&repo, &bob, "alice", &format!("{n}")).await;
    }
    send(&repo, &alice, "bob", "a").await;
    set_one(&repo, &alice, "bob", pin(true)).await;
    let group = create(&repo, &alice, "g", &["bob"]).await;
    assert!(matches!(group, GroupChanged::Done { event: Some(6), .. }));
    let done = set(&repo, &alice, &["bob"], delete()).await;
    let gone = Settings {
        version: 7,
        hidden_seq: Some(4),
        hidden_ord: 3,
        ..Settings::default()
    };
    let wanted = ConvsSet {
        sets: vec![ConvSet::Changed(gone.clone())],
        groups_event: Some(8),
        erased: Vec::new(),
    };
    assert_eq!(done, wanted);
    assert!(
        repo.groups(alice.id, 0).await.unwrap().groups[0]
            .convs
            .is_empty()
    );
    let again = set(&repo, &alice, &["bob", "nobody"], delete()).await;
    let here_only = ConvSet::Same(Settings::default());
    assert_eq!(again.sets, [ConvSet::Same(gone), here_only]);
    assert_eq!(again.groups_event, None);
    // A message later it can be deleted again.
    send(&repo, &bob, "alice", "next").await;
    let ConvSet::Changed(next) = set_one(&repo, &alice, "bob", delete()).await else {
        panic!("changed")
    };
    assert_eq!((next.hidden_seq, next.hidden_ord), (Some(5), 4));
    // The messages stay until they are cleared, too; the other one keeps them.
    let all = (vec![1, 2, 3, 4, 5], false);
    assert_eq!(seqs(&repo, query(&alice, "bob", 1, 9)).await, all);
    let clear = ConvChange {
        clear: true,
        ..delete()
    };
    let done = set(&repo, &alice, &["nobody", "bob"], clear.clone()).await;
    let [(1, range)] = done.erased[..] else {
        panic!("{done:?}")
    };
    assert_eq!((range.from, range.to), (1, 5));
    assert_eq!(repo.heads(alice.id).await.unwrap().events, range.event);
    assert_eq!(
        seqs(&repo, query(&alice, "bob", 1, 9)).await,
        (vec![], false)
    );
    assert_eq!(seqs(&repo, query(&bob, "alice", 1, 9)).await, all);
    let again = set(&repo, &alice, &["bob"], clear).await;
    assert_eq!(again.erased, []);
}

pub async fn conv_limits(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let names: Vec<String> = (0..=limits::PINNED_CONVERSATIONS)
        .map(|n| format!("peer{n}"))
        .collect();
    for name in &names {
        user(&repo, APP, name).await;
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let done = set(&repo, &alice, &names, pin(true)).await;
    let code = codes::SVR_CONV_CONV_PIN_COUNT_EXCEED_LIMIT;
    let (last, before) = done.sets.split_last().unwrap();
    assert!(before.iter().all(|set| matches!(set, ConvSet::Changed(_))));
    assert_eq!(*last, ConvSet::Refused(code));
    // What is unpinned makes room; a pin that is there stays.
    set_one(&repo, &alice, names[0], pin(false)).await;
    let done = set(&repo, &alice, &[names[50], names[1], names[0]], pin(true)).await;
    assert!(matches!(done.sets[0], ConvSet::Changed(_)));
    assert!(matches!(done.sets[1], ConvSet::Same(_)));
    assert_eq!(done.sets[2], ConvSet::Refused(code));

    for n in 0..limits::CONV_GROUPS {
        let done = create(&repo, &alice, &format!("g{n}"), &[]).await;
        assert!(matches!(done, GroupChanged::Done { .. }), "{done:?}");
    }
    let full = create(&repo, &alice, "one more", &[]).await;
    let code = codes::SVR_CONV_CONV_GROUP_TOTAL_COUNT_EXCEED_LIMIT;
    assert_eq!(full, GroupChanged::Refused(code));
}

async fn group(
    repo: &impl Repo,
    user: &Account,
    action: GroupAction,
    names: (&str, &str),
    members: &[&str],
) -> GroupChanged {
    let change = ChangeGroup {
        app_id: APP,
        account: user.id,
        action,
        name: names.0.into(),
        new_name: names.1.into(),
        convs: peers(members),
    };
    repo.change_group(change).await.unwrap()
}

async fn create(repo: &impl Repo, user: &Account, name: &str, members: &[&str]) -> GroupChanged {
    group(repo, user, GroupAction::Create, (name, ""), members).await
}

pub async fn conv_groups(repo: impl Repo) {
    use GroupAction::{Add, Delete, Remove, Rename};
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    user(&repo, APP, "carol").await;
    let done = |codes: &[i32], event: u64| GroupChanged::Done {
        codes: codes.into(),
        event: (event > 0).then_some(event),
    };
    let missing = codes::SVR_CONV_ACCOUNT_NOT_FOUND;
    let made = create(&repo, &alice, "work", &["bob", "nobody"]).await;
    assert_eq!(made, done(&[0, missing], 1));
    let refused = GroupChanged::Refused(codes::SVR_CONV_INVALID_PARAMETERS);
    assert_eq!(create(&repo, &alice, "work", &[]).await, refused);
    assert_eq!(create(&repo, &alice, "fun", &[]).await, done(&[], 2));
    // Who has conversations of no message still gets the first one.
    let theirs = repo.snapshot(bob.id, 0, 9, MUCH).await.unwrap();
    assert!(theirs.conversations.is_empty() && !theirs.has_groups);
    let change =
        async |action, names, members: &[&str]| group(&repo, &alice, action, names, members).await;
    assert_eq!(change(Add, ("work", ""), &["bob"]).await, done(&[0], 0));
    assert_eq!(
        change(Add, ("work", ""), &["carol", "alice"]).await,
        done(&[0, 0], 3)
    );
    assert_eq!(change(Add, ("fun", ""), &["carol"]).await, done(&[0], 4));
    assert_eq!(change(Remove, ("work", ""), &["bob"]).await, done(&[0], 5));
    assert_eq!(change(Remove, ("work", ""), &["bob"]).await, done(&[0], 0));
    assert_eq!(change(Rename, ("work", "fun"), &[]).await, refused);
    assert_eq!(change(Rename, ("work", "job"), &[]).await, done(&[], 6));
    let gone = GroupChanged::Refused(codes::SVR_CONV_CONV_GROUP_NOT_EXIST);
    assert_eq!(change(Delete, ("work", ""), &[]).await, gone);

    let page = repo.groups(alice.id, 0).await.unwrap();
    let groups: Vec<_> = page
        .groups
        .iter()
        .map(|group| (group.id, &*group.name, ids(&group.convs).join(" ")))
        .collect();
    let wanted = [(1, "job", "carol alice"), (2, "fun", "carol")];
    assert_eq!(groups, wanted.map(|(id, name, p)| (id, name, p.to_owned())));
    assert_eq!((page.event_seq, page.more), (6, false));
    assert_eq!(repo.groups(alice.id, 1).await.unwrap().groups[0].id, 2);
    assert!(repo.groups(bob.id, 0).await.unwrap().groups.is_empty());
    assert!(
        repo.snapshot(alice.id, 0, 9, MUCH)
            .await
            .unwrap()
            .has_groups
    );
    let missed = repo.difference(alice.id, 5, 9, MUCH).await.unwrap();
    assert_eq!(missed.events[0].what, EventKind::Groups);

    assert_eq!(change(Delete, ("job", ""), &[]).await, done(&[], 7));
    let left = repo.groups(alice.id, 0).await.unwrap().groups;
    assert_eq!(left.len(), 1);
    // The number of a group that is gone is not used again.
    create(&repo, &alice, "new", &["carol"]).await;
    assert_eq!(repo.groups(alice.id, 2).await.unwrap().groups[0].id, 8);
}

/// A group that is full lets the one go that came first.
pub async fn full_conv_groups(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let names: Vec<String> = (0..=limits::CONV_GROUP_SIZE)
        .map(|n| format!("peer{n}"))
        .collect();
    for name in &names {
        user(&repo, APP, name).await;
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    create(&repo, &alice, "full", &[]).await;
    create(&repo, &alice, "next", &[names[7]]).await;
    for some in names.chunks(100) {
        group(&repo, &alice, GroupAction::Add, ("full", ""), some).await;
    }
    let page = repo.groups(alice.id, 0).await.unwrap();
    let members = ids(&page.groups[0].convs);
    assert_eq!(members.len(), limits::CONV_GROUP_SIZE);
    assert_eq!(members[0], names[1]);
    assert_eq!(members.last(), names.last());
    assert!(
        page.more && page.groups.len() == 1,
        "pages end with a group"
    );
    let rest = repo.groups(alice.id, page.groups[0].id).await.unwrap();
    assert_eq!(ids(&rest.groups[0].convs), [names[7]]);
}
