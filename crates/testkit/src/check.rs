//! What must hold once a world has come to rest: nothing lost, nothing twice, in order, and every
//! count equal to the truth.

use std::collections::{BTreeMap, BTreeSet};

use protocol::conversation::ConvId;
use protocol::conversation::settings::Settings;
use protocol::group::SYSTEM;
use protocol::message::{Content, Elem, msg_status};
use protocol::user::profile::UserProfile;
use tim_core::LoginStatus;
use tim_core::store::{ConvRow, MessageRow, Place, Store};
use timd::repo::sqlite::Engine;
use timd::repo::{AccountId, ConvView, EventKind, Repo, StoredMessage};

use crate::app::Seen;
use crate::device::Device;
use crate::server::ready;
use crate::step::{GROUP, USERS};
use crate::world::{APP, World};

/// Ids of messages that are excluded from the unread count end in this.
pub const UNCOUNTED: &str = "-uncounted";

/// The promise that was broken.
pub type Result<T = ()> = std::result::Result<T, String>;

macro_rules! ensure {
    ($holds:expr, $($text:tt)+) => {
        if !$holds {
            return Err(format!($($text)+));
        }
    };
}

/// A message as the server has it.
struct Stored {
    seq: u64,
    sender: String,
    msg_id: String,
    /// The change by which it last changed.
    rev: u64,
    is_revoked: bool,
    /// The server has counted it.
    is_counted: bool,
    content: String,
}

/// What two have said, and what one of them has erased of it.
#[derive(Default)]
struct Talk {
    messages: Vec<Stored>,
    erased: Vec<(u64, u64)>,
}

impl Talk {
    /// Whether this member still has a message.
    fn has(&self, seq: u64) -> bool {
        !self
            .erased
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&seq))
    }
}

/// All conversations as the server has them, by both ends; and the group's messages.
pub struct Truth(BTreeMap<(String, String), Talk>, Vec<Stored>);

/// How a message stands: place, id, change, whether it was taken back, and the text of its content
/// where everybody has the same.
type Look = (u64, String, u64, bool, String);

fn look_here(row: &MessageRow) -> Look {
    let rev = row.change.as_ref().map_or(0, |change| change.rev);
    let is_revoked = row.status == msg_status::REVOKED;
    let text = if is_revoked {
        String::new()
    } else {
        first_text(&row.content)
    };
    (row.place.seq, row.msg_id.clone(), rev, is_revoked, text)
}

fn look_there(message: &Stored) -> Look {
    let content = serde_json::from_str(&message.content).expect("content is JSON");
    (
        message.seq,
        message.msg_id.clone(),
        message.rev,
        message.is_revoked,
        first_text(&content),
    )
}

fn first_text(content: &Content) -> String {
    match content.elems.first() {
        Some(Elem::Text(text)) => text.content.clone(),
        _ => String::new(),
    }
}

/// What the server says of a conversation: its user has read up to, unread, its peer has read up to;
/// what its user has set on it; the ids of the conversation groups that it is in.
#[derive(Default)]
struct View {
    marks: (u64, u64, u64),
    settings: Settings,
    groups: Vec<u64>,
}

impl Truth {
    /// Asks the server. A conversation holds each message once, and has no hole.
    pub fn of(world: &World) -> Result<Self> {
        let mut all = BTreeMap::new();
        for a in USERS {
            for b in USERS {
                let talk = stored(world, a, b);
                let messages = &talk.messages;
                let ids: BTreeSet<&str> = messages.iter().map(|m| &*m.msg_id).collect();
                ensure!(ids.len() == messages.len(), "{a}-{b} holds a message twice");
                for (n, message) in messages.iter().enumerate() {
                    ensure!(message.seq == n as u64 + 1, "{a}-{b} has a hole");
                }
                all.insert((a.to_owned(), b.to_owned()), talk);
            }
        }
        let group = stored_in_group(world);
        for (n, message) in group.iter().enumerate() {
            ensure!(message.seq == n as u64 + 1, "the group has a hole");
        }
        Ok(Self(all, group))
    }

    fn talk(&self, user: &str, peer: &str) -> &Talk {
        let ends = (user.to_owned(), peer.to_owned());
        self.0.get(&ends).expect("all that there are")
    }

    fn with(&self, user: &str, peer: &str) -> &[Stored] {
        &self.talk(user, peer).messages
    }

    /// What this device has seen and sent as this user, whoever is in now.
    pub fn check_seen(&self, world: &World, n: usize, user: &str) -> Result {
        let Some(seen) = world.devices[n].app.seen.get(user) else {
            return Ok(());
        };
        // Every accepted message has arrived, once, in the order of the calls.
        let mut last: BTreeMap<&str, u64> = BTreeMap::new();
        for (to, msg_id) in &seen.accepted {
            if seen.refused.contains(msg_id) {
                continue;
            }
            let messages = match to == GROUP {
                true => &self.1[..],
                false => self.with(user, to),
            };
            let found = messages.iter().find(|m| m.msg_id == *msg_id);
            let Some(found) = found else {
                // Who was not in the group was refused, maybe when nobody waited for it any more.
                if to == GROUP {
                    continue;
                }
                return Err(format!("{msg_id} is lost"));
            };
            let before = last.insert(to, found.seq).unwrap_or(0);
            // One that was refused while its sender was no member, without an answer, goes out again.
            ensure!(
                to == GROUP || before < found.seq,
                "{msg_id} overtook another"
            );
        }
        // Told once, and again at most when the process died.
        let deaths = world.devices[n].app.deaths;
        for (msg_id, times) in &seen.told {
            ensure!(*times <= 1 + deaths, "{msg_id} was told {times} times");
        }
        Ok(())
    }

    /// What has come to the user who is in since the first login on this device has been told as new.
    /// What another device of the user sent is, too, but not when the process dies before it was told,
    /// or the connection while a new device takes its first snapshot.
    pub fn check_told(&self, world: &mut World, n: usize, user: &str) -> Result {
        let since = world.devices[n].store.meta("since").map_err(text)?;
        let since = since.and_then(|since| since.parse().ok()).unwrap_or(0);
        let nothing = Seen::default();
        let seen = world.devices[n].app.seen.get(user).unwrap_or(&nothing);
        for (peer, message) in events(world, user, since) {
            let is_excused = message.mine
                || !self.talk(user, &peer).has(message.seq)
                || !message.revoked.is_empty()
                || world.is_unwanted(user, &peer)
                || seen.died_with.contains(&message.msg_id);
            let is_told = seen.told.contains_key(&message.msg_id);
            ensure!(is_told || is_excused, "{} was never told", message.msg_id);
        }
        Ok(())
    }

    /// What a device has of the user who is in is what the server has.
    pub fn check_store(&self, world: &mut World, n: usize, user: &str) -> Result {
        let (views, own) = (views(world, user)?, profile(world, user));
        let unwanted: BTreeSet<&str> = USERS
            .into_iter()
            .filter(|peer| world.is_unwanted(user, peer))
            .collect();
        check_receive_all(world, n, user)?;
        let store = &mut world.devices[n].store;
        let waiting = store.outbox_extent().map_err(text)?.0;
        ensure!(waiting == 0, "{waiting} wait in the outbox");
        for peer in USERS {
            let nothing = View::default();
            let view = views.get(peer).unwrap_or(&nothing);
            self.check_conversation(store, user, peer, view, unwanted.contains(peer))?;
            check_settings(store, peer, view)?;
        }
        let group = view_of_group(world, user)?;
        let store = &mut world.devices[n].store;
        self.check_group(store, user, group)?;
        // One's own profile is kept in step, however long ago it was fetched.
        let kept = store.profile(user).map_err(text)?.map(|(kept, _)| kept);
        ensure!(
            kept.is_none() || kept == own,
            "{user}'s profile is kept as {kept:?}, not {own:?}"
        );
        let total = store.total_unread().map_err(text)?;
        let rows = store.conversations().map_err(text)?;
        let sum: u64 = rows.iter().map(|row| row.counted()).sum();
        ensure!(
            total == sum,
            "{total} unread in all, {sum} in conversations"
        );
        Ok(())
    }

    /// The group is in the list of its members, with what the server has.
    fn check_group(&self, store: &mut impl Store, user: &str, view: Option<ConvView>) -> Result {
        let conv = ConvId::group(GROUP);
        let row = store.conversation(&conv).map_err(text)?;
        let here = store.group(GROUP).map_err(text)?;
        let Some(view) = view else {
            let is_gone = here.is_none() && row.is_none_or(|row| row.is_hidden);
            ensure!(is_gone, "{user} has left the group, and has it");
            return Ok(());
        };
        let (Some(row), Some(here)) = (row, here) else {
            return Err(format!("{user} is in the group, and has it not"));
        };
        let there = *view.group.expect("it is a group");
        ensure!(here == there, "the group is {here:?}, not {there:?}");
        ensure!(!row.is_hidden, "the group is not in the list");
        let (head, since) = (self.1.len() as u64, there.me.since_seq);
        ensure!(
            row.head_seq == head,
            "head of the group is {}, not {head}",
            row.head_seq
        );
        let page = store
            .page(&conv, Place::START, true, usize::MAX)
            .map_err(text)?;
        let is_accepted = |row: &&MessageRow| row.place.sub == 0 && row.place.seq > since;
        let here: Vec<Look> = page.iter().filter(is_accepted).map(look_here).collect();
        let gaps = store.gaps(&conv).map_err(text)?;
        let is_gap = |seq| gaps.iter().any(|(from, to)| (*from..=*to).contains(&seq));
        let theirs = self.1.iter().filter(|m| m.seq > since && !is_gap(m.seq));
        let there: Vec<Look> = theirs.map(look_there).collect();
        ensure!(here == there, "in the group: {here:?}, not {there:?}");
        let is_unread = |m: &&Stored| {
            let is_others = m.sender != user && m.sender != SYSTEM;
            is_others && m.seq > row.read_seq.max(since) && !m.msg_id.ends_with(UNCOUNTED)
        };
        let truly = self.1.iter().filter(is_unread).count() as u64;
        let marks = (row.read_seq, row.unread());
        let said = (view.read_seq, view.peer_ord.saturating_sub(view.read_ord));
        ensure!(
            marks == said && marks.1 == truly,
            "read and unread in the group: {marks:?}, at the server {said:?}, truly {truly}"
        );
        Ok(())
    }

    fn check_conversation(
        &self,
        store: &mut impl Store,
        user: &str,
        peer: &str,
        view: &View,
        was_unwanted: bool,
    ) -> Result {
        let talk = self.talk(user, peer);
        let messages = &talk.messages;
        let conv = ConvId::c2c(peer);
        let row = store.conversation(&conv).map_err(text)?;
        if messages.is_empty() {
            let is_new = row.is_none_or(|row| row.head_seq == 0);
            ensure!(is_new, "{peer} from nowhere");
            return Ok(());
        }
        let Some(row) = row else {
            return Err(format!("no conversation with {peer}"));
        };
        let (here, there) = (row.head_seq, messages.len() as u64);
        ensure!(here == there, "head of {peer} is {here}, not {there}");
        ensure!(!row.read_dirty, "a read mark for {peer} was never told");

        // What is here, with the gaps, is what the server has.
        let page = store
            .page(&conv, Place::START, true, usize::MAX)
            .map_err(text)?;
        let is_accepted = |row: &&MessageRow| row.place.sub == 0;
        let here: Vec<Look> = page.iter().filter(is_accepted).map(look_here).collect();
        let gaps = store.gaps(&conv).map_err(text)?;
        let is_gap = |seq| gaps.iter().any(|(from, to)| (*from..=*to).contains(&seq));
        let there: Vec<Look> = messages
            .iter()
            .filter(|message| talk.has(message.seq) && !is_gap(message.seq))
            .map(look_there)
            .collect();
        ensure!(
            row.is_stale || here == there,
            "with {peer}: {here:?}, not {there:?}"
        );
        let rev = messages.iter().map(|m| m.rev).max().unwrap_or(0);
        ensure!(
            row.is_stale || row.rev == rev,
            "changes with {peer} up to {}, not {rev}",
            row.rev
        );
        let last = messages.iter().rev().find(|m| talk.has(m.seq));
        let last = last.map_or("", |last| &last.msg_id);
        ensure!(
            !gaps.is_empty() || page.iter().any(|row| row.place.sub > 0) || row.last_msg_id == last,
            "the last message with {peer} is {}, not {last}",
            row.last_msg_id
        );

        // Unread is the truth, on this device and at the server.
        let from_peer = messages.iter().filter(|message| message.sender == peer);
        let counts = |message: &&Stored| match was_unwanted {
            // When it was, the server knows.
            true => message.is_counted,
            false => !message.msg_id.ends_with(UNCOUNTED),
        };
        let truly = from_peer
            .filter(|message| peer != user && message.seq > row.read_seq)
            .filter(|message| Some(message.seq) > row.hidden_seq)
            .filter(counts)
            .count();
        let unread = row.unread();
        ensure!(
            unread == truly as u64,
            "{unread} unread from {peer}, not {truly}"
        );
        let here = (row.read_seq, unread, row.peer_read_seq);
        ensure!(
            here == view.marks,
            "read marks with {peer}: {here:?}, at the server {:?}",
            view.marks
        );
        Ok(())
    }
}

/// What the user has set on a conversation is the same here as at the server.
fn check_settings(store: &mut impl Store, peer: &str, view: &View) -> Result {
    let row = store.conversation(&ConvId::c2c(peer)).map_err(text)?;
    let row = row.unwrap_or_else(|| ConvRow::new(ConvId::c2c(peer)));
    let here = row.settings();
    ensure!(
        here == view.settings,
        "set on {peer}: {here:?}, at the server {:?}",
        view.settings
    );
    ensure!(
        row.groups == view.groups,
        "{peer} is in {:?}, at the server in {:?}",
        row.groups,
        view.groups
    );
    let is_bare = row.is_bare && row.head_seq == 0;
    let is_gone = is_bare || row.hidden_seq >= Some(row.head_seq);
    ensure!(is_gone || !row.is_hidden, "{peer} is missing in the list");
    Ok(())
}

/// What was told last of the receive option for all is how it stands. An instance takes what waits
/// with it when it stops, or its process dies.
fn check_receive_all(world: &World, n: usize, user: &str) -> Result {
    let account = account(world, user).unwrap_or_default();
    let there = ready(world.repo().receive_all(account)).expect("the repo is there");
    let app = &world.devices[n].app;
    let here = app.seen.get(user).and_then(|seen| seen.receive_all);
    ensure!(
        here == there || app.deaths > 0 || app.has_missed,
        "{user}'s option for all was told as {here:?}, it is {there:?}"
    );
    Ok(())
}

fn text(error: tim_core::store::StoreError) -> String {
    error.error().to_string()
}

/// Who is online is the same for the database, for the nodes, and for the devices; and no node is
/// remembered that is dead.
pub fn check_online(world: &World) -> Result {
    for user in USERS {
        let is_in = |device: &&Device| {
            device.app.status == LoginStatus::LoggedIn && device.app.told.as_deref() == Some(user)
        };
        let devices = world.devices.iter().filter(is_in);
        let mut devices: Vec<i32> = devices.map(|device| device.platform).collect();
        let (mut stored, mut sessions) = (world.online(user), world.sessions(user));
        devices.sort_unstable();
        stored.sort_unstable();
        sessions.sort_unstable();
        ensure!(
            devices == sessions && sessions == stored,
            "{user} is online on {devices:?}, at the nodes on {sessions:?}, stored as {stored:?}"
        );
    }
    let nodes = world.repo().0.read(|conn| {
        let count = "SELECT COUNT(*), COALESCE(MIN(beat), 0) FROM node";
        Ok(conn.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    });
    let (nodes, least): (i64, i64) = ready(nodes).map_err(|e| e.to_string())?;
    ensure!(
        nodes == world.machines.len() as i64,
        "{nodes} nodes are remembered"
    );
    ensure!(least >= 0, "a node was found dead and not seen to");
    Ok(())
}

/// The profile of a user as the server has it.
pub fn profile(world: &World, user: &str) -> Option<UserProfile> {
    let repo = world.repo();
    let page = ready(repo.profiles(APP, vec![user.into()], usize::MAX >> 1)).ok()?;
    page.profiles.into_iter().next()
}

fn views(world: &World, user: &str) -> Result<BTreeMap<String, View>> {
    let repo = world.repo();
    let Some(account) = account(world, user) else {
        return Err(format!("{user} is not registered"));
    };
    let page = ready(repo.snapshot(account, 0, 1000, usize::MAX)).expect("the repo is there");
    let groups = ready(repo.groups(account, 0)).expect("the repo is there");
    let views = page.conversations.into_iter();
    let views = views.filter(|view| view.group.is_none());
    let views = views.map(|view| {
        let read_ord = view.read_ord.max(view.settings.hidden_ord);
        let unread = view.peer_ord.saturating_sub(read_ord);
        let groups = groups.groups.iter();
        let groups = groups.filter(|group| group.convs.contains(&view.conv));
        let seen = View {
            marks: (view.read_seq, unread, view.peer_read_seq),
            settings: view.settings,
            groups: groups.map(|group| group.id).collect(),
        };
        (view.conv.id, seen)
    });
    Ok(views.collect())
}

/// The group as its member has it at the server.
fn view_of_group(world: &World, user: &str) -> Result<Option<ConvView>> {
    let account = account(world, user).ok_or("not registered")?;
    let view = world.repo().group_view(APP, account, GROUP.into());
    Ok(ready(view).expect("the repo is there"))
}

/// The messages of the group as the database has them.
fn stored_in_group(world: &World) -> Vec<Stored> {
    let messages = world.repo().0.read(|conn| {
        let mut statement = conn.prepare(
            "SELECT m.seq, a.user_id, m.msg_id, m.rev, m.revoked, m.content
             FROM chat_group g JOIN message m ON m.conv_id = g.id
             LEFT JOIN account a ON a.id = m.sender WHERE g.ended = 0 ORDER BY m.seq",
        )?;
        let messages = statement.query_map([], |row| {
            Ok(Stored {
                seq: row.get::<_, i64>(0)?.unsigned_abs(),
                sender: row
                    .get::<_, Option<String>>(1)?
                    .unwrap_or_else(|| SYSTEM.into()),
                msg_id: row.get(2)?,
                rev: row.get::<_, i64>(3)?.unsigned_abs(),
                is_revoked: !row.get::<_, String>(4)?.is_empty(),
                is_counted: false,
                content: row.get(5)?,
            })
        })?;
        Ok(messages.collect::<rusqlite::Result<Vec<_>>>()?)
    });
    ready(messages).expect("the repo is there")
}

/// The messages of a user's stream after a cursor.
fn events(world: &World, user: &str, since: u64) -> Vec<(String, StoredMessage)> {
    let repo = world.repo();
    let Some(account) = account(world, user) else {
        return Vec::new();
    };
    let page = repo.difference(account, since, 1_000_000, usize::MAX >> 1);
    let events = ready(page).expect("the repo is there").events.into_iter();
    let messages = events.filter_map(|event| match event.what {
        EventKind::Message(message) => Some((event.conv?.id, message)),
        _ => None,
    });
    messages.collect()
}

/// The account of a user, once registered.
fn account(world: &World, user: &str) -> Option<AccountId> {
    let accounts = ready(world.repo().accounts(APP, vec![user.into()]));
    let accounts = accounts.expect("the repo is there");
    accounts[0].as_ref().map(|account| account.id)
}

/// The conversation of two users as the database has it, and what the first one has erased there.
fn stored(world: &World, user: &str, peer: &str) -> Talk {
    let (Some(one), Some(other)) = (account(world, user), account(world, peer)) else {
        return Talk::default();
    };
    let messages = world.repo().0.read(move |conn| {
        let mut statement = conn.prepare(
            "SELECT m.seq, a.user_id, m.msg_id, m.rev, m.revoked, m.content,
                 m.ord > COALESCE((SELECT MAX(ord) FROM message o WHERE o.conv_id = m.conv_id
                     AND o.sender = m.sender AND o.seq < m.seq), 0)
             FROM conv c JOIN message m ON m.conv_id = c.id JOIN account a ON a.id = m.sender
             WHERE c.a = ?1 AND c.b = ?2 ORDER BY m.seq",
        )?;
        let messages = statement.query_map([one.min(other), one.max(other)], |row| {
            Ok(Stored {
                seq: row.get::<_, i64>(0)?.unsigned_abs(),
                sender: row.get(1)?,
                msg_id: row.get(2)?,
                rev: row.get::<_, i64>(3)?.unsigned_abs(),
                is_revoked: !row.get::<_, String>(4)?.is_empty(),
                content: row.get(5)?,
                is_counted: row.get(6)?,
            })
        })?;
        Ok(messages.collect::<rusqlite::Result<Vec<_>>>()?)
    });
    let erased = world.repo().0.read(move |conn| {
        let mut statement = conn.prepare(
            "SELECT e.from_seq, e.to_seq FROM conv c
             JOIN erased e ON e.conv_id = c.id AND e.account_id = ?3
             WHERE c.a = ?1 AND c.b = ?2",
        )?;
        let pair = [one.min(other), one.max(other), one];
        let ranges = statement.query_map(pair, |row| {
            let (from, to): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok((from.unsigned_abs(), to.unsigned_abs()))
        })?;
        Ok(ranges.collect::<rusqlite::Result<Vec<_>>>()?)
    });
    Talk {
        messages: ready(messages).expect("the repo is there"),
        erased: ready(erased).expect("the repo is there"),
    }
}
