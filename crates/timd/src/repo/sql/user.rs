//! Presence memory, custom status, subscriptions.

use protocol::user::status_type;
use rusqlite::{Connection, params};

use super::super::{Account, AccountId, Result};
use super::session::account;
use super::{int, prepare};

const CAME: &str = "UPDATE account SET presence = $1 WHERE id = $2";
const WENT: &str = "UPDATE account SET presence = $1, custom_status = '' WHERE id = $2";
const NOBODY_ONLINE: &str = "UPDATE account SET custom_status = '' WHERE custom_status <> ''";
const SET_STATUS: &str = "UPDATE account SET custom_status = $1 WHERE id = $2";
const TARGETS: &str = "SELECT target FROM subscription WHERE account_id = $1 ORDER BY n";
const NEWEST: &str = "SELECT COALESCE(MAX(n), 0) FROM subscription WHERE account_id = $1";
const SUBSCRIBE: &str = "INSERT INTO subscription (account_id, target, n) VALUES ($1, $2, $3)
    ON CONFLICT (account_id, target) DO UPDATE SET n = excluded.n";
const DROP_OLDEST: &str = "DELETE FROM subscription WHERE account_id = $1 AND n <=
    (SELECT n FROM subscription WHERE account_id = $1 ORDER BY n DESC LIMIT 1 OFFSET $2)";
const UNSUBSCRIBE: &str = "DELETE FROM subscription WHERE account_id = $1 AND target = $2";
const UNSUBSCRIBE_ALL: &str = "DELETE FROM subscription WHERE account_id = $1";

pub fn accounts(conn: &Connection, app_id: u64, users: &[String]) -> Result<Vec<Option<Account>>> {
    users
        .iter()
        .map(|user_id| account(conn, app_id, user_id))
        .collect()
}

pub fn came_online(conn: &Connection, account: AccountId) -> Result<()> {
    prepare(conn, CAME)?.execute(params![status_type::OFFLINE, account])?;
    Ok(())
}

pub fn went_away(conn: &Connection, account: AccountId, presence: i32) -> Result<()> {
    prepare(conn, WENT)?.execute(params![presence, account])?;
    Ok(())
}

pub fn nobody_online(conn: &Connection) -> Result<()> {
    prepare(conn, NOBODY_ONLINE)?.execute([])?;
    Ok(())
}

pub fn set_custom_status(conn: &Connection, account: AccountId, text: &str) -> Result<()> {
    prepare(conn, SET_STATUS)?.execute(params![text, account])?;
    Ok(())
}

/// Oldest first.
pub(super) fn subscriptions(conn: &Connection, account: AccountId) -> Result<Vec<String>> {
    let mut stmt = prepare(conn, TARGETS)?;
    let targets = stmt
        .query_map([account], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(targets)
}

pub fn subscribe(
    conn: &Connection,
    account: AccountId,
    users: &[String],
    max: usize,
) -> Result<Vec<String>> {
    let mut n: i64 = prepare(conn, NEWEST)?.query_row([account], |row| row.get(0))?;
    let mut insert = prepare(conn, SUBSCRIBE)?;
    for user_id in users {
        n += 1;
        insert.execute(params![account, user_id, n])?;
    }
    prepare(conn, DROP_OLDEST)?.execute(params![account, int(max as u64)])?;
    subscriptions(conn, account)
}

pub fn unsubscribe(conn: &Connection, account: AccountId, users: &[String]) -> Result<Vec<String>> {
    if users.is_empty() {
        prepare(conn, UNSUBSCRIBE_ALL)?.execute([account])?;
        return Ok(Vec::new());
    }
    let mut delete = prepare(conn, UNSUBSCRIBE)?;
    for user_id in users {
        delete.execute(params![account, user_id])?;
    }
    subscriptions(conn, account)
}
