//! The server's database in memory, whose answers take seeded time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use parking_lot::Mutex;
use rusqlite::Connection;
use timd::repo::Result;
use timd::repo::sqlite::{Engine, Inline, SqliteRepo};

use crate::Random;

/// The repo of a [`crate::World`].
pub type SimRepo = SqliteRepo<SimEngine>;

/// Operations take effect as on the real server: writes in the order in which they were asked
/// for, their answers later; reads at any later moment.
pub struct SimEngine {
    inline: Inline,
    random: Mutex<Random>,
}

impl SimEngine {
    pub fn repo(seed: u64) -> SimRepo {
        let inline = Inline::in_memory().expect("a database in memory");
        SqliteRepo(SimEngine {
            inline,
            random: Mutex::new(Random::new(seed)),
        })
    }

    fn pause(&self) -> Pause {
        Pause(self.random.lock().below(4))
    }
}

impl Engine for SimEngine {
    async fn read<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.pause().await;
        self.inline.read(f).await
    }

    async fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let result = self.inline.write(f).await;
        self.pause().await;
        result
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
