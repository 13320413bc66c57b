//! The local database: one SQLite file per app and user, written by the reactor thread alone.
//!
//! All writes of a turn are one transaction: it begins with the first write and ends with
//! [`LocalStore::commit`]. When any write fails, nothing of the turn is kept and the commit says so.

use std::path::PathBuf;
use std::time::Duration;

use protocol::conversation::ConvId;
use protocol::group::GroupState;
use protocol::user::profile::UserProfile;
use tim_core::search::{FoundIn, Search};
use tim_core::store::{ConvRow, MemoryStore, MessageRow, Opened, Place, Result, Store, StoreError};

mod conversation;
mod file;
mod group;
mod message;
mod search;
mod session;
#[cfg(test)]
mod tests;
mod user;

use session::Session;

/// A store as the reactor drives it.
pub trait LocalStore: Store {
    /// Makes the writes since the last call durable, all or none. An error means none, also when
    /// the store has been closed meanwhile.
    fn commit(&mut self) -> Result<()>;
    /// Closes without the writes since the last commit.
    fn discard(&mut self);
    /// After a commit: some milliseconds of work that can wait, if it is time for it by the monotonic
    /// clock. Says when to call this again; none: when there was another commit.
    fn tidy(&mut self, now: Duration) -> Result<Option<Duration>>;
}

impl LocalStore for MemoryStore {
    fn commit(&mut self) -> Result<()> {
        Ok(())
    }

    fn discard(&mut self) {
        self.close();
    }

    fn tidy(&mut self, _: Duration) -> Result<Option<Duration>> {
        Ok(None)
    }
}

/// The store on disk.
pub struct SqliteStore {
    /// The config path; files are in a folder per app below.
    root: PathBuf,
    session: Option<Session>,
    /// Writes that were lost since the last commit, by closing.
    lost: Option<StoreError>,
    /// A file that was found damaged while open, and what it was renamed to. The next opening
    /// reports it.
    moved: Option<(PathBuf, String)>,
}

impl SqliteStore {
    /// A store whose files are below a folder, not open yet.
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            session: None,
            lost: None,
            moved: None,
        }
    }

    fn session(&mut self) -> Result<&mut Session> {
        self.session
            .as_mut()
            .ok_or_else(|| StoreError::Failed("it is not open".into()))
    }
}

impl LocalStore for SqliteStore {
    fn commit(&mut self) -> Result<()> {
        let committed = self.session.as_mut().map_or(Ok(()), Session::commit);
        self.lost.take().map_or(committed, Err)
    }

    fn discard(&mut self) {
        if let Some(session) = &mut self.session {
            session.fail(StoreError::Failed("the turn was given up".into()));
        }
        self.close();
        self.lost = None;
    }

    fn tidy(&mut self, now: Duration) -> Result<Option<Duration>> {
        let session = self.session.as_mut();
        session.map_or(Ok(None), |session| session.tidy(now))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}

impl Store for SqliteStore {
    fn open(&mut self, app_id: u64, user_id: &str) -> Result<Opened> {
        self.close();
        let (session, mut opened) = Session::open(&self.root, app_id, user_id)?;
        if let Some((path, name)) = self.moved.take()
            && path == session.path()
        {
            opened.reset.get_or_insert(name);
        }
        self.session = Some(session);
        Ok(opened)
    }

    fn close(&mut self) {
        let Some(mut session) = self.session.take() else {
            return;
        };
        if let Err(error) = session.commit() {
            self.lost = Some(error);
        }
        if let Some(moved) = session.close() {
            self.moved = Some(moved);
        }
    }

    fn is_open(&self) -> bool {
        self.session.is_some()
    }

    fn meta(&mut self, key: &str) -> Result<Option<String>> {
        self.session()?.meta(key)
    }

    fn set_meta(&mut self, key: &str, value: &str) -> Result<()> {
        self.session()?.set_meta(key, value)
    }

    fn insert_message(&mut self, row: &MessageRow) -> Result<bool> {
        self.session()?.insert_message(row)
    }

    fn message(&mut self, msg_id: &str) -> Result<Option<MessageRow>> {
        self.session()?.message(msg_id)
    }

    fn message_at(&mut self, conv: &ConvId, seq: u64) -> Result<Option<MessageRow>> {
        self.session()?.message_at(conv, seq)
    }

    fn set_message_sent(&mut self, msg_id: &str, seq: u64, time: u64, ord: u64) -> Result<()> {
        self.session()?.set_message_sent(msg_id, seq, time, ord)
    }

    fn set_message_status(&mut self, msg_id: &str, status: i32) -> Result<()> {
        self.session()?.set_message_status(msg_id, status)
    }

    fn set_message_custom(&mut self, msg_id: &str, int: u32, str: &str) -> Result<()> {
        self.session()?.set_message_custom(msg_id, int, str)
    }

    fn change_message(&mut self, row: &MessageRow) -> Result<()> {
        self.session()?.change_message(row)
    }

    fn delete_message(&mut self, msg_id: &str) -> Result<()> {
        self.session()?.delete_message(msg_id)
    }

    fn delete_range(&mut self, conv: &ConvId, from: u64, to: u64, is_all: bool) -> Result<()> {
        self.session()?.delete_range(conv, from, to, is_all)
    }

    fn page(
        &mut self,
        conv: &ConvId,
        from: Place,
        forward: bool,
        limit: usize,
    ) -> Result<Vec<MessageRow>> {
        self.session()?.page(conv, from, forward, limit)
    }

    fn peer_ord_at(&mut self, conv: &ConvId, user: &str, seq: u64) -> Result<u64> {
        self.session()?.peer_ord_at(conv, user, seq)
    }

    fn seq_at_time(&mut self, conv: &ConvId, time: u64) -> Result<u64> {
        self.session()?.seq_at_time(conv, time)
    }

    fn search(&mut self, search: &Search) -> Result<Option<Vec<FoundIn>>> {
        self.session()?.search(search)
    }

    fn gaps(&mut self, conv: &ConvId) -> Result<Vec<(u64, u64)>> {
        self.session()?.gaps(conv)
    }

    fn add_gap(&mut self, conv: &ConvId, from: u64, to: u64) -> Result<()> {
        self.session()?.add_gap(conv, from, to)
    }

    fn close_gap(&mut self, conv: &ConvId, from: u64, to: u64) -> Result<()> {
        self.session()?.close_gap(conv, from, to)
    }

    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<MessageRow>> {
        self.session()?.outbox(after, limit)
    }

    fn outbox_extent(&mut self) -> Result<(usize, u64)> {
        self.session()?.outbox_extent()
    }

    fn conversation(&mut self, conv: &ConvId) -> Result<Option<ConvRow>> {
        self.session()?.conversation(conv)
    }

    fn conversations(&mut self) -> Result<Vec<ConvRow>> {
        self.session()?.conversations()
    }

    fn conversations_below(&mut self, rank: u64, limit: usize) -> Result<Vec<(u64, ConvRow)>> {
        self.session()?.conversations_below(rank, limit)
    }

    fn unread_conversations(&mut self) -> Result<Vec<ConvRow>> {
        self.session()?.unread_conversations()
    }

    fn grouped_conversations(&mut self) -> Result<Vec<ConvRow>> {
        self.session()?.grouped_conversations()
    }

    fn dirty_conversations(&mut self) -> Result<Vec<ConvRow>> {
        self.session()?.dirty_conversations()
    }

    fn put_conversation(&mut self, row: &ConvRow) -> Result<()> {
        self.session()?.put_conversation(row)
    }

    fn total_unread(&mut self) -> Result<u64> {
        self.session()?.total_unread()
    }

    fn group(&mut self, group_id: &str) -> Result<Option<GroupState>> {
        self.session()?.group(group_id)
    }

    fn put_group(&mut self, state: &GroupState) -> Result<()> {
        self.session()?.put_group(state)
    }

    fn delete_group(&mut self, group_id: &str) -> Result<()> {
        self.session()?.delete_group(group_id)
    }

    fn has_groups(&mut self) -> Result<bool> {
        self.session()?.has_groups()
    }

    fn profile(&mut self, user_id: &str) -> Result<Option<(UserProfile, u64)>> {
        self.session()?.profile(user_id)
    }

    fn put_profile(&mut self, profile: &UserProfile, fetched_ms: u64) -> Result<()> {
        self.session()?.put_profile(profile, fetched_ms)
    }
}

/// An unsigned number as SQLite keeps it. What does not fit is beyond everything that exists.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The way back. The schema holds no negative number.
fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
