//! What every bus has to do.

use std::time::Duration;

use bytes::Bytes;
use timd::bus::{Bus, Note};
use timd::logic::{News, Push};
use timd::repo::{NodeId, Standing, Topic, Watching};
use tokio::time::timeout;

/// Longer than anything in a test takes; only a failing test waits for it.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub trait Inbox {
    async fn next(&mut self) -> Note;
}

/// Where nodes meet.
pub trait World {
    type Bus: Bus;
    type Inbox: Inbox;

    /// One more node, with what arrives there.
    async fn join(&self) -> (Self::Bus, Self::Inbox);
}

pub async fn passes(world: &impl World) {
    a_pair_keeps_its_order(world).await;
    each_kind_arrives(world).await;
    attending_moves_the_address(world).await;
    big_notes_arrive(world).await;
}

pub fn push(to: i64, seq: u64, bytes: usize) -> Note {
    let text = format!("{{\"ev\":\"x\",\"body\":\"{}\"}}", "x".repeat(bytes));
    Note::Push(Push::new(to, Some(seq), Bytes::from(text)))
}

pub async fn next(inbox: &mut impl Inbox) -> Note {
    timeout(PATIENCE, inbox.next()).await.expect("no note")
}

/// The place of the next event. That some were missed a bus may say at any time.
pub async fn next_seq(inbox: &mut impl Inbox) -> u64 {
    loop {
        match next(inbox).await {
            Note::Push(push) => return push.seq.unwrap(),
            Note::Missed => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Waits until the bus says that notes were missed.
pub async fn missed(inbox: &mut impl Inbox) {
    while !matches!(next(inbox).await, Note::Missed) {}
}

async fn a_pair_keeps_its_order(world: &impl World) {
    let (alice, _) = world.join().await;
    let (bob, mut to_bob) = world.join().await;
    let (carol, mut to_carol) = world.join().await;
    bob.attend(11).await.unwrap();
    carol.attend(12).await.unwrap();
    for seq in 0..3000 {
        alice.publish(11 + (seq % 2) as NodeId, &push(1, seq, 100));
    }
    for seq in (0..3000).step_by(2) {
        assert_eq!(next_seq(&mut to_bob).await, seq);
        assert_eq!(next_seq(&mut to_carol).await, seq + 1);
    }
}

async fn each_kind_arrives(world: &impl World) {
    let (alice, _) = world.join().await;
    let (bob, mut to_bob) = world.join().await;
    bob.attend(21).await.unwrap();
    let news = News {
        app_id: 1,
        topic: Topic::Profile,
        user_id: "alice".into(),
        version: 3,
        frame: Bytes::from_static(b"{\"ev\":\"y\",\"body\":{}}"),
    };
    let standing = Standing {
        version: 7,
        custom_status: "line\nbreak".into(),
        ..Standing::default()
    };
    let watching = Watching {
        version: 8,
        ..Watching::default()
    };
    alice.publish(21, &Note::News(news.clone()));
    alice.publish(21, &Note::Standing(5, standing.clone()));
    alice.publish(21, &Note::Watching(6, watching.clone()));
    alice.publish(21, &push(4, 9, 0));
    match next(&mut to_bob).await {
        Note::News(found) => assert_eq!((found.version, found.frame), (3, news.frame)),
        other => panic!("{other:?}"),
    }
    match next(&mut to_bob).await {
        Note::Standing(account, found) => assert_eq!((account, found), (5, standing)),
        other => panic!("{other:?}"),
    }
    match next(&mut to_bob).await {
        Note::Watching(account, found) => assert_eq!((account, found), (6, watching)),
        other => panic!("{other:?}"),
    }
    assert_eq!(next_seq(&mut to_bob).await, 9);
}

async fn attending_moves_the_address(world: &impl World) {
    let (alice, _) = world.join().await;
    let (bob, mut to_bob) = world.join().await;
    bob.attend(31).await.unwrap();
    alice.publish(31, &push(1, 1, 0));
    assert_eq!(next_seq(&mut to_bob).await, 1);
    bob.attend(32).await.unwrap();
    alice.publish(31, &push(1, 2, 0));
    // Nobody has ever listened there.
    alice.publish(39, &push(1, 3, 0));
    alice.publish(32, &push(1, 4, 0));
    assert_eq!(next_seq(&mut to_bob).await, 4);
    // Its place can be taken by another.
    let (carol, mut to_carol) = world.join().await;
    carol.attend(31).await.unwrap();
    alice.publish(31, &push(1, 5, 0));
    alice.publish(32, &push(1, 6, 0));
    assert_eq!(next_seq(&mut to_carol).await, 5);
    assert_eq!(next_seq(&mut to_bob).await, 6);
    // One may write to oneself.
    bob.publish(32, &push(1, 7, 0));
    assert_eq!(next_seq(&mut to_bob).await, 7);
}

async fn big_notes_arrive(world: &impl World) {
    let (alice, _) = world.join().await;
    let (bob, mut to_bob) = world.join().await;
    bob.attend(41).await.unwrap();
    for seq in 0..20 {
        alice.publish(41, &push(1, seq, 1_000_000));
    }
    alice.settle().await;
    // What waits is bounded; the newest are always among what comes.
    let mut seen = vec![next(&mut to_bob).await];
    while seen.len() < 20 {
        let Note::Push(last) = seen.last().unwrap() else {
            panic!()
        };
        assert!(last.frame.len() > 1_000_000);
        if last.seq == Some(19) {
            break;
        }
        seen.push(next(&mut to_bob).await);
    }
    let seqs = seen.iter().map(|note| match note {
        Note::Push(push) => push.seq.unwrap(),
        other => panic!("{other:?}"),
    });
    assert!(seqs.is_sorted());
}
