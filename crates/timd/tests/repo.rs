//! One suite that every repo has to pass.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::sync::Arc;

use futures_executor::block_on;
use futures_util::future::join_all;
use protocol::user::profile::{CustomField, ProfileUpdate, UserProfile};
use timd::metrics::Metrics;
use timd::policy::Policy;
use timd::repo::volatile::Volatile;
use timd::repo::{
    Account, App, EventKind, HistoryQuery, InlineSqlite, MarkRead, Presence, Repo, SendMessage,
    Sent, SetProfile, Sqlite, TakePlace, Topic, Watched,
};
use timd::testing::TempDir;

const APP: u64 = 1;
const MUCH: usize = 1 << 20;

fn app(id: u64, key: &str) -> App {
    App {
        id,
        key: key.into(),
        name: "test".into(),
        created_at: 7,
        policy: Default::default(),
    }
}

async fn user(repo: &impl Repo, app_id: u64, name: &str) -> Account {
    // Any number that differs from the others.
    let id = name
        .bytes()
        .fold(app_id as i64, |id, b| id * 131 + i64::from(b));
    repo.register(id, app_id, name.into(), 1).await.unwrap()
}

fn message(sender: &Account, receiver: &str, msg_id: &str) -> SendMessage {
    let new_conv = msg_id.bytes().fold(sender.id, |id, b| {
        (id.wrapping_mul(1_000_003) ^ i64::from(b)) & i64::MAX
    });
    SendMessage {
        new_conv,
        app_id: APP,
        sender: sender.id,
        receiver: receiver.into(),
        msg_id: msg_id.into(),
        time: 100,
        content: format!("{{\"n\":\"{msg_id}\"}}"),
        countable: true,
        may_be_last: true,
    }
}

async fn send(repo: &impl Repo, sender: &Account, receiver: &str, msg_id: &str) -> Sent {
    let message = message(sender, receiver, msg_id);
    repo.send_message(message).await.unwrap()
}

fn read(reader: &Account, peer: &str, seq: u64) -> MarkRead {
    MarkRead {
        app_id: APP,
        reader: reader.id,
        peer: peer.into(),
        seq,
        time: 200,
    }
}

fn query(account: &Account, peer: &str, from: u64, to: u64) -> HistoryQuery {
    HistoryQuery {
        app_id: APP,
        account: account.id,
        peer: peer.into(),
        from,
        to,
        limit: 100,
        forward: true,
        max_bytes: MUCH,
    }
}

async fn seqs(repo: &impl Repo, query: HistoryQuery) -> (Vec<u64>, bool) {
    let page = repo.history(query).await.unwrap();
    (page.messages.iter().map(|m| m.seq).collect(), page.more)
}

mod suite {
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

    pub async fn sending(repo: impl Repo) {
        let alice = user(&repo, APP, "alice").await;
        let bob = user(&repo, APP, "bob").await;
        user(&repo, 2, "carol").await;
        let sent = |seq, ord, receiver, sender_event, receiver_event| Sent::New {
            seq,
            ord,
            receiver,
            sender_event,
            receiver_event,
        };
        assert_eq!(
            send(&repo, &alice, "bob", "1").await,
            sent(1, 1, bob.id, 1, 1)
        );
        assert_eq!(
            send(&repo, &bob, "alice", "1").await,
            sent(2, 1, alice.id, 2, 2)
        );
        let mut quiet = message(&alice, "bob", "2");
        quiet.countable = false;
        let quiet = repo.send_message(quiet).await.unwrap();
        assert_eq!(quiet, sent(3, 1, bob.id, 3, 3));
        assert_eq!(
            send(&repo, &alice, "bob", "3").await,
            sent(4, 2, bob.id, 4, 4)
        );
        let repeat = Sent::Repeat { seq: 1, time: 100 };
        assert_eq!(send(&repo, &alice, "bob", "1").await, repeat);
        assert_eq!(repo.event_head(bob.id).await.unwrap(), 4);
        // Nobody of that name, and nobody of another app.
        assert_eq!(send(&repo, &alice, "nobody", "4").await, Sent::NoReceiver);
        assert_eq!(send(&repo, &alice, "carol", "4").await, Sent::NoReceiver);
        // To oneself: one event.
        let own = send(&repo, &alice, "alice", "5").await;
        assert_eq!(own, sent(1, 1, alice.id, 5, 5));
        assert_eq!(repo.event_head(alice.id).await.unwrap(), 5);
        let marked = repo
            .mark_read(read(&alice, "alice", 9))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((marked.read_seq, marked.read_ord), (1, 0));
        assert_eq!(marked.moved.unwrap().peer, None);
    }

    pub async fn sending_at_the_same_time(repo: impl Repo) {
        let alice = user(&repo, APP, "alice").await;
        let bob = user(&repo, APP, "bob").await;
        let sends = (0..600).map(|n| {
            let (from, to) = if n % 3 == 0 {
                (&bob, "alice")
            } else {
                (&alice, "bob")
            };
            // Every tenth twice.
            let msg_id = if n % 10 == 9 { n - 3 } else { n };
            repo.send_message(message(from, to, &msg_id.to_string()))
        });
        let mut seqs = Vec::new();
        for sent in join_all(sends).await {
            if let Sent::New { seq, .. } = sent.unwrap() {
                seqs.push(seq);
            }
        }
        seqs.sort_unstable();
        let whole: Vec<u64> = (1..=540).collect();
        assert_eq!(seqs, whole);
        for account in [&alice, &bob] {
            let page = repo.difference(account.id, 0, 1000, MUCH).await.unwrap();
            let events: Vec<u64> = page.events.iter().map(|e| e.seq).collect();
            assert_eq!(
                (page.head, page.too_old, events),
                (540, false, whole.clone())
            );
        }
    }

    pub async fn history(repo: impl Repo) {
        let alice = user(&repo, APP, "alice").await;
        let bob = user(&repo, APP, "bob").await;
        assert_eq!(
            seqs(&repo, query(&alice, "bob", 0, 99)).await,
            (vec![], false)
        );
        assert_eq!(
            seqs(&repo, query(&alice, "no", 0, 99)).await,
            (vec![], false)
        );
        for n in 1..=9 {
            send(&repo, &alice, "bob", &n.to_string()).await;
        }
        send(&repo, &bob, "alice", "10").await;
        let last = query(&bob, "alice", 9, u64::MAX);
        let page = repo.history(last).await.unwrap();
        let looks: Vec<_> = page.messages.iter().map(|m| (m.mine, &*m.msg_id)).collect();
        assert_eq!(looks, [(false, "9"), (true, "10")]);
        assert_eq!(page.messages[0].content, "{\"n\":\"9\"}");
        let mut some = query(&alice, "bob", 2, 8);
        some.limit = 3;
        assert_eq!(seqs(&repo, some.clone()).await, (vec![2, 3, 4], false));
        some.forward = false;
        assert_eq!(seqs(&repo, some.clone()).await, (vec![6, 7, 8], false));
        some.max_bytes = 20;
        assert_eq!(seqs(&repo, some.clone()).await, (vec![7, 8], true));
        some.max_bytes = 0;
        assert_eq!(seqs(&repo, some).await, (vec![8], true));
    }

    /// Against a model that counts.
    pub async fn reading(repo: impl Repo) {
        let users = [
            user(&repo, APP, "alice").await,
            user(&repo, APP, "bob").await,
        ];
        let names = ["alice", "bob"];
        assert_eq!(repo.mark_read(read(&users[0], "x", 1)).await.unwrap(), None);
        let none = repo
            .mark_read(read(&users[0], "bob", 1))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((none.read_seq, none.read_ord, none.moved), (0, 0, None));
        let mut log: Vec<(usize, bool)> = Vec::new();
        let mut marks = [(0, 0); 2];
        let mut heads = [0; 2];
        let mut dice = 12345_u64;
        let mut roll = |sides: u64| {
            dice = dice
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (dice >> 33) % sides
        };
        for n in 0..400 {
            let me = roll(2) as usize;
            if roll(3) > 0 {
                let mut message = message(&users[me], names[1 - me], &n.to_string());
                message.countable = roll(4) > 0;
                log.push((me, message.countable));
                repo.send_message(message).await.unwrap();
                heads = heads.map(|head| head + 1);
                continue;
            }
            let seq = roll(log.len() as u64 + 3);
            let upto = seq.min(log.len() as u64).max(marks[me].0);
            let countable = |entry: &&(usize, bool)| entry.0 != me && entry.1;
            let ord = log[..upto as usize].iter().filter(countable).count() as u64;
            let mark = read(&users[me], names[1 - me], seq);
            let marked = repo.mark_read(mark).await.unwrap().unwrap();
            assert_eq!((marked.read_seq, marked.read_ord), (upto, ord), "step {n}");
            assert_eq!(marked.moved.is_some(), marks[me] != (upto, ord), "step {n}");
            if let Some(events) = marked.moved {
                heads = heads.map(|head| head + 1);
                assert_eq!(events.reader_event, heads[me]);
                assert_eq!(events.peer, Some((users[1 - me].id, heads[1 - me])));
                marks[me] = (upto, ord);
            }
        }
        for me in [0, 1] {
            let page = repo.snapshot(users[me].id, 0, 10, MUCH).await.unwrap();
            assert_eq!(page.event_seq, heads[me]);
            let [view] = &page.conversations[..] else {
                panic!("one conversation")
            };
            let theirs = log
                .iter()
                .filter(|(who, counts)| *who != me && *counts)
                .count();
            assert_eq!(view.peer, names[1 - me]);
            assert_eq!(view.head_seq, log.len() as u64);
            assert_eq!(view.peer_ord, theirs as u64);
            assert_eq!((view.read_seq, view.read_ord), marks[me]);
            assert_eq!(view.peer_read_seq, marks[1 - me].0);
            assert_eq!(view.peer_read_time, 200);
        }
    }

    pub async fn difference(repo: impl Repo) {
        let alice = user(&repo, APP, "alice").await;
        let bob = user(&repo, APP, "bob").await;
        send(&repo, &alice, "bob", "1").await;
        send(&repo, &bob, "alice", "2").await;
        repo.mark_read(read(&bob, "alice", 1)).await.unwrap();
        let page = repo.difference(alice.id, 0, 10, MUCH).await.unwrap();
        assert_eq!((page.head, page.too_old), (3, false));
        let whats: Vec<_> = page
            .events
            .iter()
            .map(|e| (e.seq, &*e.peer, &e.what))
            .collect();
        let [
            (1, "bob", EventKind::Message(one)),
            (2, "bob", EventKind::Message(two)),
            third,
        ] = &whats[..]
        else {
            panic!("{whats:?}")
        };
        assert!(one.mine && one.msg_id == "1" && !two.mine && two.msg_id == "2");
        let receipt = EventKind::Receipt {
            peer_read_seq: 1,
            time: 200,
        };
        assert_eq!(*third, (3, "bob", &receipt));
        let page = repo.difference(bob.id, 2, 10, MUCH).await.unwrap();
        let read = EventKind::Read {
            read_seq: 1,
            read_ord: 1,
        };
        assert_eq!(page.events[0].what, read);

        let count = |page: timd::repo::Difference| (page.events.len(), page.too_old);
        assert_eq!(
            count(repo.difference(bob.id, 3, 10, MUCH).await.unwrap()),
            (0, false)
        );
        assert_eq!(
            count(repo.difference(bob.id, 4, 10, MUCH).await.unwrap()),
            (0, true)
        );
        assert_eq!(
            count(repo.difference(bob.id, 0, 2, MUCH).await.unwrap()),
            (2, false)
        );
        assert_eq!(
            count(repo.difference(bob.id, 0, 9, 0).await.unwrap()),
            (1, false)
        );
    }

    /// A stream reaches back 20,000 events, and what lies twice as far behind is removed.
    pub async fn long_streams(repo: impl Repo) {
        let alice = user(&repo, APP, "alice").await;
        for chunk in 0..45 {
            let ids: Vec<_> = (0..1000).map(|n| (chunk * 1000 + n).to_string()).collect();
            let sends = ids.iter().map(|id| send(&repo, &alice, "alice", id));
            join_all(sends).await;
        }
        let too_old = async |after| {
            repo.difference(alice.id, after, 1, MUCH)
                .await
                .unwrap()
                .too_old
        };
        assert!(!too_old(25_000).await);
        assert!(too_old(24_999).await);
        assert!(too_old(0).await);
    }

    pub async fn snapshots(repo: impl Repo) {
        let alice = user(&repo, APP, "alice").await;
        for n in 0..7 {
            let peer = format!("peer{n}");
            let other = user(&repo, APP, &peer).await;
            send(&repo, &alice, &peer, &format!("to {n}")).await;
            let mut unseen = message(&other, "alice", &format!("from {n}"));
            unseen.may_be_last = false;
            repo.send_message(unseen).await.unwrap();
        }
        let (mut after, mut peers, mut pages) = (0, Vec::new(), 0);
        loop {
            let page = repo.snapshot(alice.id, after, 3, MUCH).await.unwrap();
            assert_eq!(page.event_seq, 14);
            for view in page.conversations {
                let last = view.last.unwrap();
                assert_eq!((view.head_seq, last.seq, last.mine), (2, 1, true));
                assert_eq!((view.peer_ord, view.read_ord), (1, 0));
                peers.push(view.peer);
            }
            pages += 1;
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        peers.sort_unstable();
        assert_eq!(pages, 3);
        assert_eq!(
            peers,
            (0..7).map(|n| format!("peer{n}")).collect::<Vec<_>>()
        );
        let page = repo.snapshot(alice.id, 0, 7, MUCH).await.unwrap();
        assert_eq!((page.conversations.len(), page.next), (7, None));
        let page = repo.snapshot(alice.id, 0, 7, 0).await.unwrap();
        assert!(page.conversations.len() == 1 && page.next.is_some());
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

    pub async fn subscriptions(repo: impl Repo) {
        let alice = user(&repo, APP, "alice").await;
        repo.create_app(app(APP, "k")).await.unwrap();
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let left = repo
            .subscribe(alice.id, Topic::Status, names(&["a", "b", "c"]), 4)
            .await
            .unwrap();
        assert_eq!(left, ["a", "b", "c"]);
        // Once more makes it the youngest.
        let left = repo
            .subscribe(alice.id, Topic::Status, names(&["a", "d", "e"]), 4)
            .await
            .unwrap();
        assert_eq!(left, ["c", "a", "d", "e"]);
        // Each topic counts for itself.
        let left = repo.subscribe(alice.id, Topic::Profile, names(&["p", "a"]), 4);
        assert_eq!(left.await.unwrap(), ["p", "a"]);
        let view = repo.login_view(APP, "alice".into()).await.unwrap();
        let watched = Watched {
            statuses: names(&["c", "a", "d", "e"]),
            profiles: names(&["p", "a"]),
        };
        assert_eq!(view.watched, watched);
        let left = repo.unsubscribe(alice.id, Topic::Status, names(&["a", "x"]));
        assert_eq!(left.await.unwrap(), ["c", "d", "e"]);
        let left = repo.unsubscribe(alice.id, Topic::Status, vec![]);
        assert!(left.await.unwrap().is_empty());
        let view = repo.login_view(APP, "alice".into()).await.unwrap();
        assert_eq!(view.watched.profiles, names(&["p", "a"]));
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
        assert_eq!(repo.event_head(alice.id).await.unwrap(), 1);

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
}

macro_rules! repo_suite {
    ($engine:ident, $make:expr, [$($test:ident)*]) => {
        mod $engine {
            $(
                #[test]
                fn $test() {
                    let (repo, _guard) = $make;
                    super::block_on(super::suite::$test(repo));
                }
            )*
        }
    };
    ($engine:ident, $make:expr) => {
        repo_suite!($engine, $make, [
            apps_and_accounts sending sending_at_the_same_time history reading difference
            long_streams snapshots presence policies places active_users subscriptions profiles
        ]);
    };
}

fn on_disk() -> (Sqlite, TempDir) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let repo = Sqlite::open(&path, 2, Arc::new(Metrics::default())).unwrap();
    (repo, dir)
}

repo_suite!(
    inline_sqlite,
    (super::InlineSqlite::in_memory().unwrap(), ())
);
repo_suite!(sqlite, super::on_disk());
// What it does not forget.
repo_suite!(
    volatile,
    (
        super::Volatile::new(super::InlineSqlite::in_memory().unwrap()),
        ()
    ),
    [apps_and_accounts presence policies places active_users subscriptions]
);

#[test]
fn what_is_committed_is_there_after_reopening() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let open = || Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap();
    let repo = open();
    let alice = block_on(user(&repo, APP, "alice"));
    block_on(send(&repo, &alice, "alice", "1"));
    repo.close();
    // Closing folds the log into the file.
    assert!(!dir.path().join("db-wal").exists());
    let repo = open();
    let again = Sent::Repeat { seq: 1, time: 100 };
    assert_eq!(block_on(send(&repo, &alice, "alice", "1")), again);
}

#[test]
fn a_database_of_the_first_version_is_brought_up_to_this_one() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(include_str!("../src/repo/migrations/0001.sql"))
        .unwrap();
    conn.pragma_update(None, "user_version", 1).unwrap();
    conn.execute_batch(
        "INSERT INTO app VALUES (1, 'k', 'old', 7);
         INSERT INTO account (id, app_id, user_id, created_at) VALUES (5, 1, 'alice', 7);
         INSERT INTO subscription VALUES (5, 'bob', 1);",
    )
    .unwrap();
    drop(conn);
    let repo = Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap();
    let view = block_on(repo.login_view(1, "alice".into())).unwrap();
    assert_eq!(view.app.unwrap().policy, Policy::default());
    assert_eq!(view.watched.statuses, ["bob"]);
    assert_eq!((view.places.given, view.places.held), (0, vec![]));
    assert_eq!(view.account.unwrap().active_day, 0);
    assert!(block_on(repo.active_users()).unwrap().is_empty());
}

#[test]
fn two_processes_may_open_a_new_database_at_once() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap());
        }
    });
    let repo = Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap();
    assert!(block_on(repo.apps()).unwrap().is_empty());
}

#[test]
fn a_newer_database_is_left_alone() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 1000).unwrap();
    drop(conn);
    let error = Sqlite::open(&path, 1, Arc::new(Metrics::default()))
        .err()
        .unwrap();
    assert!(error.to_string().contains("newer timd"), "{error}");
}

#[test]
fn subscriptions_of_the_first_version_are_kept() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    let first = include_str!("../src/repo/migrations/0001.sql");
    conn.execute_batch(first).unwrap();
    conn.execute_batch(
        "INSERT INTO app VALUES (1, 'k', '', 0);
         INSERT INTO account (id, app_id, user_id, created_at) VALUES (5, 1, 'alice', 0);
         INSERT INTO subscription VALUES (5, 'bob', 2), (5, 'carol', 1);
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(conn);
    let repo = Sqlite::open(&path, 1, Arc::new(Metrics::default())).unwrap();
    let view = block_on(repo.login_view(1, "alice".into())).unwrap();
    assert_eq!(view.watched.statuses, ["carol", "bob"]);
    assert!(view.watched.profiles.is_empty());
}

#[test]
fn many_operations_share_a_commit_and_a_failed_one_does_not_spoil_it() {
    let dir = TempDir::new().unwrap();
    let metrics = Arc::new(Metrics::default());
    let repo = Sqlite::open(&dir.path().join("db"), 1, metrics.clone()).unwrap();
    let alice = block_on(user(&repo, APP, "alice"));
    let before = metrics.commit.count();
    let mut sends = Vec::new();
    for n in 0..1000 {
        let mut message = message(&alice, "alice", &n.to_string());
        if n % 100 == 50 {
            // An account that is not there: its event cannot be numbered.
            message.sender = 424_242;
        }
        sends.push(repo.send_message(message));
    }
    let results = block_on(join_all(sends));
    let failed = results.iter().filter(|r| r.is_err()).count();
    assert_eq!(failed, 10);
    let commits = metrics.commit.count() - before;
    assert!(commits < 500, "{commits} commits for 1000 messages");
    let page = block_on(repo.snapshot(alice.id, 0, 10, MUCH)).unwrap();
    assert_eq!((page.event_seq, page.conversations.len()), (990, 1));
    assert_eq!(page.conversations[0].head_seq, 990);
}
