//! What must hold once a world has come to rest: nothing lost, nothing twice, in order, and every
//! count equal to the truth.

use std::collections::{BTreeMap, BTreeSet};

use protocol::conversation::ConvId;
use protocol::message::msg_status;
use tim_core::LoginStatus;
use tim_core::store::{Place, Store};
use timd::repo::{HistoryQuery, Repo};

use crate::server::ready;
use crate::world::{APP, World};

/// Ids of messages that are excluded from the unread count end in this.
pub const UNCOUNTED: &str = "-uncounted";

/// A message as the server has it.
struct Stored {
    seq: u64,
    sender: String,
    msg_id: String,
}

/// Panics, naming the seed, when the world broke a promise.
pub fn check(world: &mut World, seed: u64) {
    let users: BTreeSet<String> = world
        .devices
        .iter()
        .map(|device| device.user.clone())
        .collect();
    let mut truth: BTreeMap<(String, String), Vec<Stored>> = BTreeMap::new();
    for a in &users {
        for b in &users {
            truth.insert((a.clone(), b.clone()), stored(world, a, b));
        }
    }
    for ((a, b), messages) in &truth {
        let ids: BTreeSet<&str> = messages.iter().map(|message| &*message.msg_id).collect();
        assert_eq!(
            ids.len(),
            messages.len(),
            "seed {seed}: {a}-{b} holds a message twice"
        );
        for (n, message) in messages.iter().enumerate() {
            assert_eq!(message.seq, n as u64 + 1, "seed {seed}: {a}-{b} has a hole");
        }
    }
    for n in 0..world.devices.len() {
        check_device(world, n, &truth, seed);
    }
}

fn check_device(
    world: &mut World,
    n: usize,
    truth: &BTreeMap<(String, String), Vec<Stored>>,
    seed: u64,
) {
    let views = views(world, n);
    let device = &mut world.devices[n];
    let name = format!(
        "seed {seed}: {} on platform {}",
        device.user, device.platform
    );
    assert_eq!(
        device.seen.login,
        Some(LoginStatus::LoggedIn),
        "{name}: still logged in"
    );
    assert!(
        device.calls.is_empty(),
        "{name}: calls wait for ever: {:?}",
        device.calls
    );
    assert_eq!(
        device.store.outbox_extent(),
        Ok((0, 0)),
        "{name}: the outbox is empty"
    );
    assert_eq!(
        (device.seen.kicked, device.seen.user_sig_expired),
        (0, 0),
        "{name}"
    );

    // Every accepted message has arrived, once, in the order of the calls.
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    for (to, msg_id) in &device.seen.accepted {
        if device.seen.refused.contains(msg_id) {
            continue;
        }
        let messages = &truth[&(device.user.clone(), to.clone())];
        let found = messages.iter().find(|message| message.msg_id == *msg_id);
        let found = found.unwrap_or_else(|| panic!("{name}: {msg_id} to {to} is lost"));
        let before = last.insert(to, found.seq).unwrap_or(0);
        assert!(
            before < found.seq,
            "{name}: {msg_id} to {to} overtook another"
        );
    }

    // Nothing is told twice.
    for (msg_id, times) in &device.seen.told {
        assert_eq!(*times, 1, "{name}: {msg_id} was told {times} times");
    }
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    for message in device.seen.order.iter().filter(|message| message.seq > 0) {
        let before = told
            .insert(message.conv.id.clone(), message.seq)
            .unwrap_or(0);
        assert!(
            before < message.seq,
            "{name}: {} was told out of order",
            message.msg_id
        );
    }

    for (peer, view) in views {
        let messages = &truth[&(device.user.clone(), peer.clone())];
        let conv = ConvId::c2c(&peer);
        let row = device.store.conversation(&conv).expect("a store in memory");
        if messages.is_empty() {
            assert!(
                row.is_none_or(|row| row.head_seq == 0),
                "{name}: {peer} from nowhere"
            );
            continue;
        }
        let row = row.unwrap_or_else(|| panic!("{name}: no conversation with {peer}"));
        assert_eq!(
            row.head_seq,
            messages.len() as u64,
            "{name}: head of {peer}"
        );
        assert!(
            !row.read_dirty,
            "{name}: a read mark for {peer} was never told"
        );

        // What is here, with the gaps, is what the server has.
        let page = device
            .store
            .page(&conv, Place::START, true, usize::MAX)
            .expect("in memory");
        let here: Vec<(u64, &str)> = page
            .iter()
            .filter(|row| row.status == msg_status::SENT)
            .map(|row| (row.place.seq, &*row.msg_id))
            .collect();
        let gaps = device.store.gaps(&conv).expect("a store in memory");
        let is_gap = |seq| gaps.iter().any(|(from, to)| (*from..=*to).contains(&seq));
        let there: Vec<(u64, &str)> = messages
            .iter()
            .filter(|message| !is_gap(message.seq))
            .map(|message| (message.seq, &*message.msg_id))
            .collect();
        assert_eq!(here, there, "{name}: messages with {peer}");

        // Unread is the truth, on this device and at the server.
        let from_peer = messages.iter().filter(|message| message.sender == peer);
        let is_self = peer == device.user;
        let truly = from_peer
            .filter(|message| !is_self && message.seq > row.read_seq)
            .filter(|message| !message.msg_id.ends_with(UNCOUNTED))
            .count();
        assert_eq!(row.unread(), truly as u64, "{name}: unread from {peer}");
        assert_eq!(row.read_seq, view.0, "{name}: read mark for {peer}");
        assert_eq!(
            row.unread(),
            view.1,
            "{name}: unread from {peer} at the server"
        );
        assert_eq!(row.peer_read_seq, view.2, "{name}: how far {peer} has read");
    }
    let total = device.store.total_unread().expect("a store in memory");
    let rows = device.store.conversations().expect("a store in memory");
    assert_eq!(
        total,
        rows.iter().map(|row| row.unread()).sum::<u64>(),
        "{name}"
    );
}

/// What the server thinks of the device's user: peer to (read up to, unread, peer's read mark).
fn views(world: &World, device: usize) -> BTreeMap<String, (u64, u64, u64)> {
    let user = world.devices[device].user.clone();
    let repo = world.server().logic().repo();
    let accounts = ready(repo.accounts(APP, vec![user])).expect("the repo is there");
    let account = accounts[0].as_ref().expect("registered by its login").id;
    let page = ready(repo.snapshot(account, 0, 1000, usize::MAX)).expect("the repo is there");
    assert!(page.next.is_none());
    let views = page.conversations.into_iter();
    let views = views.map(|view| {
        let unread = view.peer_ord.saturating_sub(view.read_ord);
        (view.peer, (view.read_seq, unread, view.peer_read_seq))
    });
    views.collect()
}

/// The conversation of two users as the server has it.
fn stored(world: &World, user: &str, peer: &str) -> Vec<Stored> {
    let repo = world.server().logic().repo();
    let accounts = ready(repo.accounts(APP, vec![user.into()])).expect("the repo is there");
    let Some(account) = accounts[0].as_ref() else {
        return Vec::new();
    };
    let query = HistoryQuery {
        app_id: APP,
        account: account.id,
        peer: peer.into(),
        from: 0,
        to: u64::MAX >> 1,
        limit: 1_000_000,
        forward: true,
        max_bytes: usize::MAX >> 1,
    };
    let page = ready(repo.history(query)).expect("the repo is there");
    let messages = page.messages.into_iter().map(|message| Stored {
        seq: message.seq,
        sender: if message.mine {
            user.into()
        } else {
            peer.into()
        },
        msg_id: message.msg_id,
    });
    messages.collect()
}
