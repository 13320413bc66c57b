//! The SQL of the server, one file per domain, in the dialect that SQLite and PostgreSQL share:
//! `$1`, `ON CONFLICT`, `RETURNING`. SQLite numbers parameters by first appearance, so `$1` has
//! to appear before `$2` and so on; a debug assertion watches that.
//!
//! **Locks.** SQLite runs one transaction that writes after the other. Elsewhere many run beside
//! each other, and what one of them has read, another one may change. Hence the rule: an operation
//! that writes first locks the rows of the accounts that it moves, the lowest id first, and reads
//! what it decides on after that. All that belongs to a user or to the conversation of two (streams,
//! messages, marks, places, subscriptions, profiles) is guarded by these rows. A statement that
//! reads nothing before needs no lock; of several, the one on the account comes first. Rows of
//! nodes come after those of accounts.

use std::future::Future;
use std::ops::ControlFlow;

use super::{RepoError, Result};

pub(super) mod conversation;
pub(super) mod message;
pub(super) mod session;
pub(super) mod standing;
pub(super) mod user;

/// What a `SELECT` ends with whose rows belong to the transaction from there on, or are to stay
/// while it lasts. An engine with one writer leaves it away.
pub(super) const LOCKS: [&str; 2] = [" FOR UPDATE", " FOR KEY SHARE"];

/// A transaction that is open. Whether its futures may move between threads is the engine's
/// matter, so the trait does not say.
pub trait Sql {
    /// Runs a statement and gives how many rows it changed.
    fn execute(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> impl Future<Output = Result<u64>>;

    /// Reads the first row, if there is one.
    fn one<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        read: impl FnOnce(&dyn Row) -> Result<T>,
    ) -> impl Future<Output = Result<Option<T>>>;

    /// Reads row after row until told to stop.
    fn each(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        read: impl FnMut(&dyn Row) -> Result<ControlFlow<()>>,
    ) -> impl Future<Output = Result<()>>;
}

/// Reads all rows.
async fn all<S: Sql, T>(
    sql: &mut S,
    statement: &'static str,
    params: &[Value<'_>],
    read: fn(&dyn Row) -> Result<T>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    let push = |row: &dyn Row| {
        found.push(read(row)?);
        Ok(ControlFlow::Continue(()))
    };
    sql.each(statement, params, push).await?;
    Ok(found)
}

/// Reads a row that has to be there.
async fn exactly_one<S: Sql, T>(
    sql: &mut S,
    statement: &'static str,
    params: &[Value<'_>],
    read: impl FnOnce(&dyn Row) -> Result<T>,
) -> Result<T> {
    let found = sql.one(statement, params, read).await?;
    found.ok_or_else(|| RepoError::Failed(format!("no row: {statement}")))
}

/// A parameter of a statement.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    Int(i64),
    Text(&'a str),
}

macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$(crate::repo::sql::Value::from($value)),*]
    };
}
use params;

impl From<i64> for Value<'_> {
    fn from(n: i64) -> Self {
        Value::Int(n)
    }
}

impl From<i32> for Value<'_> {
    fn from(n: i32) -> Self {
        Value::Int(n.into())
    }
}

impl From<u32> for Value<'_> {
    fn from(n: u32) -> Self {
        Value::Int(n.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(b: bool) -> Self {
        Value::Int(b.into())
    }
}

/// Counters are far below 2^63, which is where SQL's integers end.
impl From<u64> for Value<'_> {
    fn from(n: u64) -> Self {
        Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(text)
    }
}

/// A row of an answer; columns count from 0. `None` is SQL's NULL.
pub trait Row {
    fn int(&self, at: usize) -> Result<Option<i64>>;
    fn text(&self, at: usize) -> Result<Option<&str>>;
}

impl dyn Row + '_ {
    /// What a column holds.
    pub fn get<T: Column>(&self, at: usize) -> Result<T> {
        T::read(self, at)?.ok_or_else(|| misfit(at))
    }

    /// The same of one that may be NULL.
    pub fn find<T: Column>(&self, at: usize) -> Result<Option<T>> {
        T::read(self, at)
    }
}

/// A type that a column can be read as.
pub trait Column: Sized {
    fn read(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>>;
}

/// A column does not hold what the program has to find in it.
fn misfit(at: usize) -> RepoError {
    RepoError::Failed(format!("column {at} of a row does not hold what it should"))
}

impl Column for i64 {
    fn read(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>> {
        row.int(at)
    }
}

impl Column for String {
    fn read(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>> {
        Ok(row.text(at)?.map(str::to_owned))
    }
}

impl Column for bool {
    fn read(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>> {
        Ok(row.int(at)?.map(|n| n != 0))
    }
}

macro_rules! narrower {
    ($($type:ty)*) => {$(
        impl Column for $type {
            fn read(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>> {
                let fit = |n| Self::try_from(n).map_err(|_| misfit(at));
                row.int(at)?.map(fit).transpose()
            }
        }
    )*};
}
narrower!(u64 i32 u32);

/// What [`Sql`] promises its engines of each statement.
pub(super) fn parameters_appear_in_order(sql: &str) -> bool {
    let mut highest = 0;
    sql.split('$').skip(1).all(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = rest[..digits].parse().unwrap_or(usize::MAX);
        let fits = number <= highest + 1;
        highest = highest.max(number);
        fits
    })
}
