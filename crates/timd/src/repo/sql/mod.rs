//! The SQL of the server, one file per domain, in the dialect that SQLite and PostgreSQL share:
//! `$1`, `ON CONFLICT`, `RETURNING`, and `= ANY($1)`, which SQLite gets in its own words. SQLite numbers parameters by first appearance, so `$1` has
//! to appear before `$2` and so on; a debug assertion watches that.
//!
//! **Locks.** SQLite runs one transaction that writes after the other. Elsewhere many run beside
//! each other, and what one of them has read, another one may change. Hence the rule: an operation
//! that writes first locks the rows of the accounts that it moves, the lowest id first, and reads
//! what it decides on after that. All that belongs to a user or to the conversation of two (streams,
//! messages, marks, places, subscriptions, profiles) is guarded by these rows. A statement that
//! reads nothing before needs no lock; of several, the one on the account comes first. Rows of
//! groups, which guard their members and messages, come after those of accounts, and rows of nodes
//! after these.

use std::fmt::Write as _;
use std::future::Future;
use std::ops::ControlFlow;

use super::{RepoError, Result};

pub(super) mod change;
pub(super) mod conversation;
pub(super) mod group;
pub(super) mod group_message;
pub(super) mod message;
pub(super) mod session;
pub(super) mod settings;
pub(super) mod standing;
pub(super) mod user;

/// What a `SELECT` ends with whose rows belong to the transaction from there on, or are to stay
/// while it lasts. An engine with one writer leaves it away.
pub(super) const LOCKS: [&str; 2] = [" FOR UPDATE", " FOR KEY SHARE"];

/// A transaction that is open. Whether its futures may move between threads is the engine's
/// matter, so the trait does not say.
pub trait Sql {
    /// Whether a journey to the database costs nothing. Then several simple statements cost less than
    /// one that does it all.
    const IS_NEAR: bool;

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

    /// Runs statements that write: one after the other, or in one journey to a database that is
    /// elsewhere.
    fn run(&mut self, batch: &Batch<'_>) -> impl Future<Output = Result<()>>;
}

/// Statements that write, each to a table of its own: engines that run them as one statement let
/// none of them see what another one did, and not all of them let two write to the same table.
pub struct Batch<'v> {
    /// With how many of the values are for it and those before.
    statements: Vec<(&'static str, usize)>,
    values: Vec<Value<'v>>,
}

impl Default for Batch<'_> {
    fn default() -> Self {
        Self {
            statements: Vec::with_capacity(4),
            values: Vec::with_capacity(32),
        }
    }
}

impl<'v> Batch<'v> {
    fn push(&mut self, sql: &'static str, params: &[Value<'v>]) {
        debug_assert!(self.statements.iter().all(|(other, _)| *other != sql));
        self.values.extend_from_slice(params);
        self.statements.push((sql, self.values.len()));
    }

    /// The statements with their parameters.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'static str, &[Value<'v>])> {
        let mut start = 0;
        self.statements.iter().map(move |&(sql, end)| {
            let params = &self.values[start..end];
            start = end;
            (sql, params)
        })
    }

    /// All of them as one statement, with the parameters in a row: `WITH w0 AS (…), w1 AS (…) …`.
    pub(super) fn as_one(&self) -> (String, &[Value<'v>]) {
        let mut text = String::with_capacity(1024);
        let mut start = 0;
        let last = self.statements.len().saturating_sub(1);
        for (n, &(sql, end)) in self.statements.iter().enumerate() {
            if n < last {
                text += if n == 0 { "WITH w" } else { ", w" };
                let _ = write!(text, "{n} AS (");
            } else if n > 0 {
                text.push(' ');
            }
            renumber(sql, start, &mut text);
            if n < last {
                text.push(')');
            }
            start = end;
        }
        (text, &self.values)
    }
}

/// Appends a statement whose first parameter is not `$1` but the one after `before`.
fn renumber(sql: &str, before: usize, text: &mut String) {
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = part[..digits].parse().unwrap_or(usize::MAX - before);
        let _ = write!(text, "${}{}", before + number, &part[digits..]);
    }
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
    /// For `= ANY($1)`.
    Ints(&'a [i64]),
    /// For `= ANY($1)`.
    Texts(&'a [String]),
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

impl<'a> From<&'a [i64]> for Value<'a> {
    fn from(ints: &'a [i64]) -> Self {
        Value::Ints(ints)
    }
}

impl<'a> From<&'a [String]> for Value<'a> {
    fn from(texts: &'a [String]) -> Self {
        Value::Texts(texts)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_one_statement() {
        let mut batch = Batch::default();
        let name = String::from("n");
        batch.push("UPDATE a SET x = $1 WHERE y = $2 OR z = $1", params![1, 2]);
        batch.push("DELETE FROM b", params![]);
        batch.push("INSERT INTO c VALUES ($1, $2)", params![3, &name]);
        let (text, values) = batch.as_one();
        assert_eq!(
            text,
            "WITH w0 AS (UPDATE a SET x = $1 WHERE y = $2 OR z = $1), w1 AS (DELETE FROM b) \
             INSERT INTO c VALUES ($3, $4)"
        );
        assert_eq!(values.len(), 4);
        let counts: Vec<_> = batch
            .each()
            .map(|(sql, params)| (sql.len(), params.len()))
            .collect();
        assert_eq!(counts, [(42, 2), (13, 0), (29, 2)]);
        let mut one = Batch::default();
        one.push("DELETE FROM b WHERE c = $1", params![7]);
        assert_eq!(one.as_one().0, "DELETE FROM b WHERE c = $1");
    }
}
