//! Presence memory, custom status, profiles, and who watches whom.

use protocol::user::profile::{ProfileUpdate, UserProfile};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::{
    Account, AccountId, ActiveUsers, ProfilePage, RepoError, Result, SetProfile, Topic, Watched,
    Watching,
};
use super::session::{account, append, kind};
use super::{int, nat, prepare};

const ACTIVE: &str = "SELECT app_id, active_day, COUNT(*) FROM account WHERE active_day > 0
    GROUP BY app_id, active_day";
const WATCHING: &str = "SELECT watching FROM account WHERE id = $1";
const WATCHES_ANEW: &str = "UPDATE account SET watching = watching + 1 WHERE id = $1";
const TARGETS: &str = "SELECT target FROM watch WHERE account_id = $1 AND topic = $2
    ORDER BY n";
const NEWEST: &str = "SELECT COALESCE(MAX(n), 0) FROM watch
    WHERE account_id = $1 AND topic = $2";
const SUBSCRIBE: &str = "INSERT INTO watch (account_id, topic, target, n)
    VALUES ($1, $2, $3, $4) ON CONFLICT (account_id, topic, target) DO UPDATE SET n = excluded.n";
const DROP_OLDEST: &str = "DELETE FROM watch WHERE account_id = $1 AND topic = $2 AND n <=
    (SELECT n FROM watch WHERE account_id = $1 AND topic = $2
     ORDER BY n DESC LIMIT 1 OFFSET $3)";
const UNSUBSCRIBE: &str = "DELETE FROM watch
    WHERE account_id = $1 AND topic = $2 AND target = $3";
const UNSUBSCRIBE_ALL: &str = "DELETE FROM watch WHERE account_id = $1 AND topic = $2";
const PROFILE: &str = "SELECT body FROM profile WHERE account_id = $1";
const PUT_PROFILE: &str = "INSERT INTO profile (account_id, body) VALUES ($1, $2)
    ON CONFLICT (account_id) DO UPDATE SET body = excluded.body";
const USER: &str = "SELECT a.id, p.body FROM account a LEFT JOIN profile p ON p.account_id = a.id
    WHERE a.app_id = $1 AND a.user_id = $2";
const USER_ID: &str = "SELECT user_id FROM account WHERE id = $1";

pub fn accounts(conn: &Connection, app_id: u64, users: &[String]) -> Result<Vec<Option<Account>>> {
    users
        .iter()
        .map(|user_id| account(conn, app_id, user_id))
        .collect()
}

pub fn active_users(conn: &Connection) -> Result<Vec<ActiveUsers>> {
    let mut stmt = prepare(conn, ACTIVE)?;
    let row = |row: &Row<'_>| {
        Ok(ActiveUsers {
            app_id: nat(row.get(0)?),
            day: nat(row.get(1)?),
            users: nat(row.get(2)?),
        })
    };
    let found = stmt.query_map([], row)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Whom a user watches, in the order of subscribing.
pub fn watching(conn: &Connection, account: AccountId) -> Result<Watching> {
    let version = prepare(conn, WATCHING)?.query_row([account], |row| row.get(0))?;
    Ok(Watching {
        version: nat(version),
        watched: Watched {
            statuses: targets(conn, account, Topic::Status)?,
            profiles: targets(conn, account, Topic::Profile)?,
        },
    })
}

fn targets(conn: &Connection, account: AccountId, topic: Topic) -> Result<Vec<String>> {
    let mut stmt = prepare(conn, TARGETS)?;
    let targets = stmt
        .query_map(params![account, topic as i64], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(targets)
}

pub fn subscribe(
    conn: &Connection,
    account: AccountId,
    topic: Topic,
    users: &[String],
    max: usize,
) -> Result<Watching> {
    prepare(conn, WATCHES_ANEW)?.execute([account])?;
    let key = params![account, topic as i64];
    let mut n: i64 = prepare(conn, NEWEST)?.query_row(key, |row| row.get(0))?;
    let mut insert = prepare(conn, SUBSCRIBE)?;
    for user_id in users {
        n += 1;
        insert.execute(params![account, topic as i64, user_id, n])?;
    }
    let oldest = params![account, topic as i64, int(max as u64)];
    prepare(conn, DROP_OLDEST)?.execute(oldest)?;
    watching(conn, account)
}

pub fn unsubscribe(
    conn: &Connection,
    account: AccountId,
    topic: Topic,
    users: &[String],
) -> Result<Watching> {
    prepare(conn, WATCHES_ANEW)?.execute([account])?;
    if users.is_empty() {
        prepare(conn, UNSUBSCRIBE_ALL)?.execute(params![account, topic as i64])?;
    }
    let mut delete = prepare(conn, UNSUBSCRIBE)?;
    for user_id in users {
        delete.execute(params![account, topic as i64, user_id])?;
    }
    watching(conn, account)
}

pub fn profiles(
    conn: &Connection,
    app_id: u64,
    users: &[String],
    max_bytes: usize,
) -> Result<ProfilePage> {
    let mut page = ProfilePage::default();
    let mut bytes = 0;
    let mut stmt = prepare(conn, USER)?;
    for user_id in users {
        let found: Option<Option<String>> = stmt
            .query_row(params![int(app_id), user_id], |row| row.get(1))
            .optional()?;
        if let Some(body) = found {
            bytes += body.as_ref().map_or(0, String::len);
            if bytes > max_bytes && page.answered > 0 {
                break;
            }
            page.profiles.push(match body {
                Some(body) => read_profile(&body)?,
                None => UserProfile::new(user_id),
            });
        }
        page.answered += 1;
    }
    Ok(page)
}

fn read_profile(body: &str) -> Result<UserProfile> {
    serde_json::from_str(body)
        .map_err(|error| RepoError::Failed(format!("a stored profile cannot be read: {error}")))
}

/// The profile of an account as it stands.
pub(super) fn profile(conn: &Connection, account: AccountId) -> Result<UserProfile> {
    let body: Option<String> = prepare(conn, PROFILE)?
        .query_row([account], |row| row.get(0))
        .optional()?;
    match body {
        Some(body) => read_profile(&body),
        None => {
            let user_id: String = prepare(conn, USER_ID)?.query_row([account], |row| row.get(0))?;
            Ok(UserProfile::new(user_id))
        }
    }
}

pub fn set_profile(
    conn: &Connection,
    account: AccountId,
    update: &ProfileUpdate,
) -> Result<SetProfile> {
    let before = profile(conn, account)?;
    let mut after = before.clone();
    if let Err(error) = after.apply(update) {
        return Ok(SetProfile::Refused(error));
    }
    if after == before {
        return Ok(SetProfile::Same);
    }
    let body = serde_json::to_string(&after).expect("protocol types always serialise");
    prepare(conn, PUT_PROFILE)?.execute(params![account, body])?;
    let event = append(conn, account, kind::PROFILE, 0, 0, 0)?;
    Ok(SetProfile::Changed {
        profile: Box::new(after),
        event,
    })
}
