//! One database for many schedules. Each schedule is a transaction that is rolled back at its end,
//! and each operation of a node a savepoint within it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use parking_lot::Mutex;
use rusqlite::Connection;
use timd::policy::Policy;
use timd::repo::sqlite::{Engine, SqliteRepo};
use timd::repo::{RepoError, Result};

use super::verdict::{Snapshot, judge};
use crate::Random;
use crate::engine;

pub(super) type Database = SqliteRepo<Way>;

/// What is stored, and what was seen to happen to it.
pub(super) struct Store {
    conn: Mutex<Connection>,
    book: Mutex<Book>,
}

/// What each commit is held to.
pub(super) struct Book {
    random: Random,
    pub policy: Policy,
    pub now: Snapshot,
    /// Commits so far.
    pub commits: u64,
    /// The commit that last changed how a user is seen by others.
    pub changed: [u64; super::USERS.len()],
    /// The commit that last changed whom a user watches.
    pub subscribed: [u64; super::USERS.len()],
    /// The commit by which each device lost its place last.
    pub displaced: [u64; super::DEVICES],
    pub broken: Option<String>,
}

impl Store {
    pub fn new() -> Self {
        Self {
            conn: Mutex::new(engine::in_memory()),
            book: Mutex::new(Book {
                random: Random::new(0),
                policy: Policy::default(),
                now: Snapshot::default(),
                commits: 0,
                changed: Default::default(),
                subscribed: Default::default(),
                displaced: [0; super::DEVICES],
                broken: None,
            }),
        }
    }

    /// A way to the database from one node.
    pub fn way(self: &Arc<Self>) -> Database {
        SqliteRepo(Way {
            store: self.clone(),
            is_cut: Arc::default(),
        })
    }

    pub fn begin(&self, seed: u64, app_id: u64, policy: Policy) {
        let conn = self.conn.lock();
        run(&conn, "BEGIN");
        *self.book.lock() = Book {
            random: Random::new(seed),
            policy,
            now: Snapshot::read(&conn, app_id),
            commits: 1,
            changed: Default::default(),
            subscribed: Default::default(),
            displaced: [0; super::DEVICES],
            broken: None,
        };
    }

    pub fn undo(&self) {
        run(&self.conn.lock(), "ROLLBACK");
    }

    pub fn book(&self) -> parking_lot::MutexGuard<'_, Book> {
        self.book.lock()
    }

    /// Looks into the tables.
    pub fn look<T>(&self, f: impl FnOnce(&Connection) -> T) -> T {
        f(&self.conn.lock())
    }

    fn commit<T>(&self, f: &impl Fn(&Connection) -> Result<T>) -> Result<T> {
        let conn = self.conn.lock();
        let mut book = self.book.lock();
        let before = conn.total_changes();
        run(&conn, "SAVEPOINT op");
        // What another transaction got in the way of is begun again.
        if book.random.chance(30) {
            let _ = f(&conn);
            run(&conn, "ROLLBACK TO op");
        }
        let result = f(&conn);
        if result.is_err() {
            run(&conn, "ROLLBACK TO op");
        }
        run(&conn, "RELEASE op");
        let is_beat = std::any::type_name_of_val(f).contains("::beat::");
        if result.is_ok() && conn.total_changes() != before && !is_beat {
            book.see(&conn);
        }
        result
    }
}

impl Book {
    fn see(&mut self, conn: &Connection) {
        self.commits += 1;
        let after = Snapshot::read(conn, self.now.app_id);
        match judge(&self.now, &after, self.policy) {
            Ok(displaced) => {
                for device in displaced {
                    self.displaced[device] = self.commits;
                }
            }
            Err(text) => {
                self.broken.get_or_insert(text);
            }
        }
        for (user, changed) in self.changed.iter_mut().enumerate() {
            if after.status(user) != self.now.status(user) {
                *changed = self.commits;
            }
        }
        for (user, subscribed) in self.subscribed.iter_mut().enumerate() {
            if after.watching(user) != self.now.watching(user) {
                *subscribed = self.commits;
            }
        }
        self.now = after;
    }
}

fn run(conn: &Connection, sql: &str) {
    let done = conn.prepare_cached(sql).and_then(|mut s| s.execute([]));
    done.expect("a database in memory");
}

/// A node's way to the database. An operation takes effect some time after it was asked for, and is
/// answered some time after that; the driver chooses when.
pub struct Way {
    store: Arc<Store>,
    pub(super) is_cut: Arc<AtomicBool>,
}

impl Way {
    fn arrives(&self) -> Result<()> {
        if self.is_cut.load(Ordering::Relaxed) {
            return Err(RepoError::Busy);
        }
        Ok(())
    }
}

impl Engine for Way {
    async fn read<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        Pause(false).await;
        self.arrives()?;
        let result = f(&self.store.conn.lock());
        Pause(false).await;
        self.arrives()?;
        result
    }

    async fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        Pause(false).await;
        if self.arrives().is_err() {
            // Where the way breaks after the question, nobody learns what became of it.
            if self.store.book().random.chance(300) {
                let _ = self.store.commit(&f);
            }
            return Err(RepoError::Busy);
        }
        let result = self.store.commit(&f);
        Pause(false).await;
        self.arrives()?;
        result
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// Once not ready.
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}
