//! Messages after they were sent: taken back, changed, erased by one member.

use timd::repo::{Alteration, ChangeMessage, Changed, ChangesQuery, Erase, Erasure};

use super::*;

fn change(who: &Account, peer: &str, seq: u64, content: &str, what: Alteration) -> ChangeMessage {
    ChangeMessage {
        app_id: APP,
        account: who.id,
        conv: ConvId::c2c(peer),
        seq,
        content: content.into(),
        what,
        now_ms: 1,
    }
}

fn erase(who: &Account, peer: &str, ranges: &[(u64, u64)]) -> Erase {
    Erase {
        app_id: APP,
        account: who.id,
        conv: ConvId::c2c(peer),
        ranges: ranges.to_vec(),
    }
}

fn changes(who: &Account, after: u64, erased_after: u64) -> ChangesQuery {
    ChangesQuery {
        app_id: APP,
        account: who.id,
        conv: ConvId::c2c("bob"),
        after,
        erased_after,
        max_bytes: MUCH,
    }
}

pub async fn changing(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    let none = change(&alice, "bob", 1, "{}", Alteration::Modify(0));
    assert_eq!(repo.change_message(none).await.unwrap(), Changed::NoMessage);
    for n in 1..=3 {
        send(&repo, &alice, "bob", &n.to_string()).await;
    }
    let modify = |rev, content| change(&bob, "alice", 2, content, Alteration::Modify(rev));
    let Changed::Done {
        message,
        event,
        peer,
    } = repo
        .change_message(modify(0, "{\"n\":\"a\"}"))
        .await
        .unwrap()
    else {
        panic!("it was as it had been sent");
    };
    assert_eq!((event, peer), (4, Some((alice.id, 4))));
    assert_eq!((message.rev, message.mine), (1, false));
    assert_eq!(message.content, "{\"n\":\"a\"}");
    // The same once more is the repeat of a request; another one is too late.
    let again = repo.change_message(modify(0, "{\"n\":\"a\"}")).await;
    assert_eq!(again.unwrap(), Changed::Same(message.clone()));
    let late = repo.change_message(modify(0, "{\"n\":\"b\"}")).await;
    assert_eq!(late.unwrap(), Changed::Conflict(message.clone()));
    let next = repo.change_message(modify(1, "{\"n\":\"b\"}")).await;
    assert!(matches!(next.unwrap(), Changed::Done { .. }));

    let by = || Alteration::Revoke("{\"by\":\"alice\"}".into());
    let revoke = change(&alice, "bob", 3, "{}", by());
    let Changed::Done { message, .. } = repo.change_message(revoke.clone()).await.unwrap() else {
        panic!("taken back");
    };
    assert_eq!((message.rev, &*message.revoked), (3, "{\"by\":\"alice\"}"));
    let again = repo.change_message(revoke).await.unwrap();
    assert_eq!(again, Changed::Same(message.clone()));
    let after = change(&alice, "bob", 3, "{\"n\":\"c\"}", Alteration::Modify(3));
    let after = repo.change_message(after).await.unwrap();
    assert_eq!(after, Changed::Conflict(message.clone()));

    // History, streams and snapshots have them as they stand.
    let page = repo.history(query(&bob, "alice", 1, 9)).await.unwrap();
    let looks: Vec<_> = page
        .messages
        .iter()
        .map(|m| (m.rev, &*m.content, m.revoked.is_empty()))
        .collect();
    let stand = [
        (0, "{\"n\":\"1\"}", true),
        (2, "{\"n\":\"b\"}", true),
        (3, "{}", false),
    ];
    assert_eq!(looks, stand);
    let page = repo.difference(alice.id, 3, 10, MUCH).await.unwrap();
    let told: Vec<_> = page
        .events
        .iter()
        .map(|event| match &event.what {
            EventKind::Changed(m) => (m.seq, m.rev, m.mine),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [(2, 2, true), (2, 2, true), (3, 3, true)]);
    let view = &repo
        .snapshot(bob.id, 0, 9, MUCH)
        .await
        .unwrap()
        .conversations[0];
    let last = view.last.as_ref().unwrap();
    assert_eq!((view.rev, last.seq, last.rev), (3, 3, 3));

    let page = repo.changes(changes(&alice, 0, 0)).await.unwrap();
    let revs: Vec<_> = page.messages.iter().map(|m| (m.seq, m.rev)).collect();
    assert_eq!(revs, [(2, 2), (3, 3)]);
    assert_eq!((page.rev, page.more), (3, false));
    let page = repo.changes(changes(&alice, 2, 0)).await.unwrap();
    assert_eq!((page.messages.len(), page.rev), (1, 3));
    let mut one = changes(&alice, 0, 0);
    one.max_bytes = 0;
    let page = repo.changes(one).await.unwrap();
    assert_eq!((page.messages.len(), page.rev, page.more), (1, 2, true));
}

/// Against a model that remembers each message.
pub async fn erasing(repo: impl Repo) {
    const SENT: u64 = 60;
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    assert_eq!(
        repo.erase(erase(&alice, "x", &[(1, 9)])).await.unwrap(),
        None
    );
    let none = repo.erase(erase(&alice, "bob", &[(1, 9)])).await.unwrap();
    assert_eq!(none.unwrap(), Erasure::default());
    for n in 1..=SENT {
        let mut message = message(&alice, "bob", &n.to_string());
        message.may_be_last = n % 3 > 0;
        repo.send_message(message).await.unwrap();
    }
    let mut kept: Vec<u64> = (1..=SENT).collect();
    let mut dice = 4711_u64;
    let mut roll = |sides: u64| {
        dice = dice
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (dice >> 33) % sides
    };
    let mut head = SENT;
    while !kept.is_empty() {
        let from = roll(SENT + 2);
        let to = from + roll(if kept.len() > 20 { 3 } else { 30 });
        let done = repo.erase(erase(&alice, "bob", &[(from, to)])).await;
        let done = done.unwrap().unwrap();
        let was = kept.len();
        kept.retain(|seq| !(from..=to).contains(seq));
        assert_eq!(done.head, SENT);
        for range in done.ranges {
            head += 1;
            assert_eq!((range.from, range.to), (from.max(1), to.min(SENT)));
            assert_eq!(range.event, head);
            let page = repo.difference(alice.id, head - 1, 1, MUCH).await.unwrap();
            let (from, to) = (range.from, range.to);
            assert_eq!(page.events[0].what, EventKind::Erased { from, to });
        }
        assert!(was == kept.len() || repo.heads(alice.id).await.unwrap().events == head);
        // Any page in either direction.
        let (low, limit) = (roll(SENT), 1 + roll(7) as u32);
        let high = low + roll(SENT);
        let within = |seq: &&u64| (low..=high).contains(*seq);
        let mut wanted = query(&alice, "bob", low, high);
        wanted.limit = limit;
        let up: Vec<u64> = kept
            .iter()
            .filter(within)
            .copied()
            .take(limit as usize)
            .collect();
        assert_eq!(seqs(&repo, wanted.clone()).await, (up, false));
        wanted.forward = false;
        let down = kept.iter().rev().filter(within).copied();
        let mut down: Vec<u64> = down.take(limit as usize).collect();
        down.reverse();
        assert_eq!(seqs(&repo, wanted).await, (down, false));
        let view = &repo
            .snapshot(alice.id, 0, 9, MUCH)
            .await
            .unwrap()
            .conversations[0];
        let last = kept.iter().rev().find(|seq| **seq % 3 > 0);
        assert_eq!(view.last.as_ref().map(|m| &m.seq), last);
        // What this device may still have and must not, in ranges that leave room between them.
        let page = repo.changes(changes(&alice, 0, 0)).await.unwrap();
        let mut covered = Vec::new();
        for pair in page.erased.windows(2) {
            assert!(pair[0].1 + 1 < pair[1].0, "{pair:?}");
        }
        for (from, to) in &page.erased {
            covered.extend(*from..=*to);
        }
        let gone: Vec<u64> = (1..=SENT).filter(|seq| !kept.contains(seq)).collect();
        assert_eq!(covered, gone);
    }
    let page = repo.changes(changes(&alice, 0, 1)).await.unwrap();
    assert_eq!((page.erased, page.more), (vec![], false));
    // Nobody else lost any, and what comes afterwards is there.
    let all = (1..=SENT).collect::<Vec<_>>();
    assert_eq!(seqs(&repo, query(&bob, "alice", 1, 99)).await, (all, false));
    send(&repo, &bob, "alice", "late").await;
    let left = seqs(&repo, query(&alice, "bob", 1, 99)).await;
    assert_eq!(left, (vec![SENT + 1], false));
}
