//! Messages, reading, streams and snapshots.

use super::*;

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
    assert_eq!(repo.heads(bob.id).await.unwrap().events, 4);
    // Nobody of that name, and nobody of another app.
    assert_eq!(send(&repo, &alice, "nobody", "4").await, Sent::NoReceiver);
    assert_eq!(send(&repo, &alice, "carol", "4").await, Sent::NoReceiver);
    // To oneself: one event.
    let own = send(&repo, &alice, "alice", "5").await;
    assert_eq!(own, sent(1, 1, alice.id, 5, 5));
    assert_eq!(repo.heads(alice.id).await.unwrap().events, 5);
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
        assert_eq!(view.conv.id, names[1 - me]);
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
        .map(|e| (e.seq, e.conv_id(), &e.what))
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
            peers.push(view.conv.id);
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
