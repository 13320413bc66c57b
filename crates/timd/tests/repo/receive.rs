//! Receive options.

use protocol::codes;
use protocol::conversation::settings::{ConvChange, Settings};
use protocol::receive::{ReceiveAll, opt};
use timd::repo::ConvSet;

use super::conversation::{change, delete, pin, set_one};
use super::*;

fn receive(opt: i32) -> ConvChange {
    ConvChange {
        recv_opt: Some(opt),
        ..change()
    }
}

/// What a user has of a conversation: settings, and countable messages of the peer.
async fn seen(repo: &impl Repo, user: &Account, peer: &str) -> (Settings, u64) {
    let page = repo.snapshot(user.id, 0, 9, MUCH).await.unwrap();
    let mut views = page.conversations.into_iter();
    let view = views.find(|view| view.conv.id == peer).unwrap();
    (view.settings, view.peer_ord)
}

pub async fn receive_opts(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    user(&repo, APP, "carol").await;
    // Before there is anything between them.
    let bare = Settings {
        version: 1,
        recv_opt: opt::NOT_NOTIFY,
        is_bare: true,
        ..Settings::default()
    };
    let done = set_one(&repo, &alice, "bob", receive(opt::NOT_NOTIFY)).await;
    assert_eq!(done, ConvSet::Changed(bare.clone()));
    let again = set_one(&repo, &alice, "bob", receive(opt::NOT_NOTIFY)).await;
    assert_eq!(again, ConvSet::Same(bare.clone()));
    assert_eq!(seen(&repo, &alice, "bob").await, (bare.clone(), 0));
    let theirs = repo.snapshot(bob.id, 0, 9, MUCH).await.unwrap();
    assert!(theirs.conversations.is_empty());
    let missed = repo.difference(alice.id, 0, 9, MUCH).await.unwrap();
    assert_eq!(missed.events[0].what, EventKind::Settings(bare));
    // What it is from the start needs no row, nor does somebody who is not there.
    let done = set_one(&repo, &alice, "carol", receive(opt::RECEIVE)).await;
    assert_eq!(done, ConvSet::Same(Settings::default()));
    let done = set_one(&repo, &alice, "nobody", receive(opt::NOT_NOTIFY)).await;
    assert_eq!(done, ConvSet::Refused(codes::SVR_CONV_ACCOUNT_NOT_FOUND));
    let page = repo.snapshot(alice.id, 0, 9, MUCH).await.unwrap();
    assert_eq!(page.conversations.len(), 1);
}

pub async fn receive_opts_stay(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    user(&repo, APP, "bob").await;
    set_one(&repo, &alice, "bob", receive(opt::NOT_NOTIFY)).await;
    // What else is set ends that, and a deletion leaves the option.
    set_one(&repo, &alice, "bob", pin(true)).await;
    let (settings, _) = seen(&repo, &alice, "bob").await;
    assert_eq!(
        (settings.is_bare, settings.recv_opt),
        (false, opt::NOT_NOTIFY)
    );
    set_one(&repo, &alice, "bob", delete()).await;
    let (settings, _) = seen(&repo, &alice, "bob").await;
    let gone = (settings.is_pinned, settings.hidden_seq, settings.recv_opt);
    assert_eq!(gone, (false, Some(0), opt::NOT_NOTIFY));
    // Nor is there a step back to nothing but the option.
    set_one(&repo, &alice, "bob", receive(opt::NOT_NOTIFY_EXCEPT_AT)).await;
    let (settings, _) = seen(&repo, &alice, "bob").await;
    assert_eq!(settings.recv_opt, opt::NOT_NOTIFY_EXCEPT_AT);
    assert!(!settings.is_bare);
}

pub async fn unwanted(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    // In the history and in the stream, and never counted.
    send(&repo, &bob, "alice", "1").await;
    set_one(&repo, &alice, "bob", receive(opt::NOT_RECEIVE)).await;
    let sent = send(&repo, &bob, "alice", "2").await;
    assert!(matches!(sent, Sent::New { seq: 2, ord: 1, .. }), "{sent:?}");
    send(&repo, &alice, "bob", "3").await;
    set_one(&repo, &alice, "bob", receive(opt::RECEIVE)).await;
    assert_eq!(seen(&repo, &alice, "bob").await.1, 1);
    send(&repo, &bob, "alice", "4").await;
    assert_eq!(seen(&repo, &alice, "bob").await.1, 2);
    assert_eq!(seen(&repo, &bob, "alice").await.1, 1, "one of alice");
    let all = (vec![1, 2, 3, 4], false);
    assert_eq!(seqs(&repo, query(&alice, "bob", 1, 9)).await, all);
    let missed = repo.difference(alice.id, 0, 99, MUCH).await.unwrap();
    let messages = missed.events.iter().filter_map(|event| match &event.what {
        EventKind::Message(message) => Some(message.seq),
        _ => None,
    });
    assert_eq!(messages.collect::<Vec<_>>(), [1, 2, 3, 4]);
    let marked = repo.mark_read(read(&alice, "bob", 3)).await.unwrap();
    assert_eq!(marked.unwrap().read_ord, 1);
}

pub async fn unwanted_at_first(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    // The first message may come to somebody who does not want it, and to oneself.
    let carol = user(&repo, APP, "carol").await;
    set_one(&repo, &carol, "alice", receive(opt::NOT_RECEIVE)).await;
    send(&repo, &alice, "carol", "5").await;
    assert_eq!(seen(&repo, &carol, "alice").await.1, 0);
    set_one(&repo, &carol, "carol", receive(opt::NOT_RECEIVE)).await;
    let sent = send(&repo, &carol, "carol", "6").await;
    assert!(matches!(sent, Sent::New { seq: 1, .. }), "{sent:?}");
}

pub async fn receive_all(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    assert_eq!(repo.receive_all(alice.id).await.unwrap(), None);
    let none = ReceiveAll::default();
    let set = repo.set_receive_all(alice.id, none).await.unwrap();
    assert_eq!(set, None, "it is so");
    let night = ReceiveAll {
        start_hour: 23,
        start_minute: 59,
        start_second: 58,
        start_time: 0,
        duration: 86_399,
        opt: opt::NOT_NOTIFY,
    };
    let set = repo.set_receive_all(alice.id, night).await.unwrap();
    assert_eq!(set, Some(1));
    let again = repo.set_receive_all(alice.id, night).await.unwrap();
    assert_eq!(again, None);
    assert_eq!(repo.receive_all(alice.id).await.unwrap(), Some(night));
    let once = ReceiveAll {
        start_time: u32::MAX,
        duration: u32::MAX,
        opt: opt::NOT_NOTIFY_EXCEPT_AT,
        ..none
    };
    let set = repo.set_receive_all(alice.id, once).await.unwrap();
    assert_eq!(set, Some(2));
    // Both events tell how it stands.
    let missed = repo.difference(alice.id, 0, 9, MUCH).await.unwrap();
    let told: Vec<_> = missed.events.into_iter().map(|event| event.what).collect();
    assert_eq!(
        told,
        [EventKind::ReceiveAll(once), EventKind::ReceiveAll(once)]
    );
    // The first page of a snapshot has it.
    send(&repo, &alice, "bob", "1").await;
    send(&repo, &alice, "alice", "2").await;
    let page = repo.snapshot(alice.id, 0, 1, MUCH).await.unwrap();
    assert_eq!(page.receive_all, Some(once));
    let next = page.next.unwrap();
    let page = repo.snapshot(alice.id, next, 1, MUCH).await.unwrap();
    assert_eq!(page.receive_all, None);
    let page = repo.snapshot(bob.id, 0, 1, MUCH).await.unwrap();
    assert_eq!(page.receive_all, None);
    assert_eq!(repo.receive_all(bob.id).await.unwrap(), None);
}
