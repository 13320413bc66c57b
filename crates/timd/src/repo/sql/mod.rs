//! The SQL of the server, one file per domain, in the dialect that SQLite and PostgreSQL share:
//! `$1`, `ON CONFLICT`, `RETURNING`. SQLite numbers parameters by first appearance, so `$1` has
//! to appear before `$2` and so on; a debug assertion watches that.

use rusqlite::{CachedStatement, Connection};

use super::RepoError;

pub(super) mod conversation;
pub(super) mod message;
pub(super) mod session;
pub(super) mod standing;
pub(super) mod user;

impl From<rusqlite::Error> for RepoError {
    fn from(error: rusqlite::Error) -> Self {
        RepoError::Failed(error.to_string())
    }
}

fn prepare<'c>(conn: &'c Connection, sql: &str) -> Result<CachedStatement<'c>, RepoError> {
    debug_assert!(parameters_appear_in_order(sql), "{sql}");
    Ok(conn.prepare_cached(sql)?)
}

fn parameters_appear_in_order(sql: &str) -> bool {
    let mut highest = 0;
    sql.split('$').skip(1).all(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = rest[..digits].parse().unwrap_or(usize::MAX);
        let fits = number <= highest + 1;
        highest = highest.max(number);
        fits
    })
}

/// Counters are far below 2^63, which is where SQL's integers end.
fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The other way round.
fn nat(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
