//! The database in memory, whose answers take seeded time, and to which a node may lose its way.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use parking_lot::Mutex;
use rusqlite::Connection;
use timd::repo::sqlite::{Engine, Inline, SqliteRepo};
use timd::repo::{RepoError, Result, migrations};

use crate::Random;

/// An empty database whose operations others carry out, statements and all.
pub(crate) fn in_memory() -> Connection {
    let mut conn = Connection::open_in_memory().expect("a database in memory");
    conn.set_prepared_statement_cache_capacity(256);
    migrations::run(&mut conn).expect("migrations of this version");
    conn
}

/// The repo of a [`crate::World`].
pub type SimRepo = SqliteRepo<SimEngine>;

/// Operations take effect as on the real server: reads at any later moment; writes, where there is
/// one node, in the order in which they were asked for, otherwise at any moment too, and answers
/// later.
pub struct SimEngine {
    inline: Arc<Inline>,
    random: Arc<Mutex<Random>>,
    is_shared: bool,
    /// The way to the database is broken.
    pub(crate) is_cut: Arc<AtomicBool>,
}

impl SimEngine {
    /// The database of a world; `is_shared` when it has several nodes.
    pub fn repo(seed: u64, is_shared: bool) -> SimRepo {
        let inline = Inline::in_memory().expect("a database in memory");
        SqliteRepo(SimEngine {
            inline: Arc::new(inline),
            random: Arc::new(Mutex::new(Random::new(seed))),
            is_shared,
            is_cut: Arc::default(),
        })
    }

    /// The same database by a way of its own.
    pub fn another_way(&self) -> SimRepo {
        SqliteRepo(SimEngine {
            inline: self.inline.clone(),
            random: self.random.clone(),
            is_shared: self.is_shared,
            is_cut: Arc::default(),
        })
    }

    fn pause(&self) -> Pause {
        Pause(self.random.lock().below(4))
    }

    fn arrives(&self) -> Result<()> {
        if self.is_cut.load(Ordering::Relaxed) {
            return Err(RepoError::Busy);
        }
        Ok(())
    }
}

impl Engine for SimEngine {
    async fn read<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.pause().await;
        self.arrives()?;
        self.inline.read(f).await
    }

    async fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.is_shared {
            self.pause().await;
        }
        // Where the way breaks after the question, nobody learns what became of it.
        if self.arrives().is_err() && self.random.lock().chance(700) {
            return Err(RepoError::Busy);
        }
        let result = self.inline.write(f).await;
        self.pause().await;
        self.arrives()?;
        result
    }

    fn is_shared(&self) -> bool {
        self.is_shared
    }
}

/// Not ready the first few times it is asked.
struct Pause(usize);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        Poll::Pending
    }
}
