//! Presence memory, custom status, profiles, and who watches whom.

use std::collections::HashMap;
use std::ops::ControlFlow;

use protocol::receive::ReceiveAll;
use protocol::user::profile::{ProfileUpdate, UserProfile};

use super::super::{
    AccountId, ActiveUsers, ProfilePage, RepoError, Result, SetProfile, Topic, Watched, Watching,
};
use super::session::{kind, lock};
use super::{Batch, Row, Sql, all, exactly_one, params};

const ACTIVE: &str = "SELECT app_id, active_day, COUNT(*) FROM account WHERE active_day > 0
    GROUP BY app_id, active_day";
const WATCHING: &str = "SELECT watching FROM account WHERE id = $1";
/// With it the account is locked.
const WATCHES_ANEW: &str = "UPDATE account SET watching = watching + 1 WHERE id = $1";
const TARGETS: &str = "SELECT topic, target FROM watch WHERE account_id = $1 ORDER BY n";
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
const PROFILES: &str = "SELECT a.user_id, p.body FROM account a
    LEFT JOIN profile p ON p.account_id = a.id WHERE a.app_id = $1 AND a.user_id = ANY($2)";
/// What is read in vain when a page is full before.
const PROFILES_AT_ONCE: usize = 100;
const RECEIVE_ALL: &str = "SELECT start_hour, start_minute, start_second, start_time, duration, opt
    FROM receive_all WHERE account_id = $1";
const PUT_RECEIVE_ALL: &str = "INSERT INTO receive_all
        (account_id, start_hour, start_minute, start_second, start_time, duration, opt)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (account_id) DO UPDATE SET start_hour = excluded.start_hour,
        start_minute = excluded.start_minute, start_second = excluded.start_second,
        start_time = excluded.start_time, duration = excluded.duration, opt = excluded.opt";
const ID: &str = "SELECT id FROM account WHERE app_id = $1 AND user_id = $2";
const USER_ID: &str = "SELECT user_id FROM account WHERE id = $1";

/// The account of a user.
pub(super) async fn id<S: Sql>(
    sql: &mut S,
    app_id: u64,
    user_id: &str,
) -> Result<Option<AccountId>> {
    let key = params![app_id, user_id];
    sql.one(ID, key, |row| row.get(0)).await
}

pub async fn active_users<S: Sql>(sql: &mut S) -> Result<Vec<ActiveUsers>> {
    let row = |row: &dyn Row| {
        Ok(ActiveUsers {
            app_id: row.get(0)?,
            day: row.get(1)?,
            users: row.get(2)?,
        })
    };
    all(sql, ACTIVE, params![], row).await
}

pub async fn watching<S: Sql>(sql: &mut S, account: AccountId) -> Result<Watching> {
    let version = exactly_one(sql, WATCHING, params![account], |row| row.get(0)).await?;
    let watched = watched(sql, account).await?;
    Ok(Watching { version, watched })
}

/// Whom a user watches, in the order of subscribing.
pub(super) async fn watched<S: Sql>(sql: &mut S, account: AccountId) -> Result<Watched> {
    let mut watched = Watched::default();
    let read = |row: &dyn Row| {
        let topic: u32 = row.get(0)?;
        match u8::try_from(topic).ok().and_then(Topic::from_number) {
            Some(Topic::Status) => watched.statuses.push(row.get(1)?),
            Some(Topic::Profile) => watched.profiles.push(row.get(1)?),
            None => return Err(RepoError::Failed(format!("a watch of topic {topic}"))),
        }
        Ok(ControlFlow::Continue(()))
    };
    sql.each(TARGETS, params![account], read).await?;
    Ok(watched)
}

pub async fn subscribe<S: Sql>(
    sql: &mut S,
    account: AccountId,
    topic: Topic,
    users: &[String],
    max: usize,
) -> Result<Watching> {
    sql.execute(WATCHES_ANEW, params![account]).await?;
    let key = params![account, topic as i64];
    let mut n: i64 = exactly_one(sql, NEWEST, key, |row| row.get(0)).await?;
    for user_id in users {
        n += 1;
        let row = params![account, topic as i64, user_id, n];
        sql.execute(SUBSCRIBE, row).await?;
    }
    let oldest = params![account, topic as i64, max as u64];
    sql.execute(DROP_OLDEST, oldest).await?;
    watching(sql, account).await
}

pub async fn unsubscribe<S: Sql>(
    sql: &mut S,
    account: AccountId,
    topic: Topic,
    users: &[String],
) -> Result<Watching> {
    sql.execute(WATCHES_ANEW, params![account]).await?;
    if users.is_empty() {
        let key = params![account, topic as i64];
        sql.execute(UNSUBSCRIBE_ALL, key).await?;
    }
    for user_id in users {
        let row = params![account, topic as i64, user_id];
        sql.execute(UNSUBSCRIBE, row).await?;
    }
    watching(sql, account).await
}

pub async fn profiles<S: Sql>(
    sql: &mut S,
    app_id: u64,
    users: &[String],
    max_bytes: usize,
) -> Result<ProfilePage> {
    let mut page = ProfilePage::default();
    let mut bytes = 0;
    for users in users.chunks(PROFILES_AT_ONCE) {
        let row = |row: &dyn Row| Ok((row.get::<String>(0)?, row.find::<String>(1)?));
        let found = all(sql, PROFILES, params![app_id, users], row).await?;
        let found: HashMap<_, _> = found.into_iter().collect();
        for user_id in users {
            if let Some(body) = found.get(user_id) {
                bytes += body.as_ref().map_or(0, String::len);
                if bytes > max_bytes && page.answered > 0 {
                    return Ok(page);
                }
                page.profiles.push(match body {
                    Some(body) => read_profile(body)?,
                    None => UserProfile::new(user_id),
                });
            }
            page.answered += 1;
        }
    }
    Ok(page)
}

fn read_profile(body: &str) -> Result<UserProfile> {
    serde_json::from_str(body)
        .map_err(|error| RepoError::Failed(format!("a stored profile cannot be read: {error}")))
}

/// The profile of an account as it stands.
pub(super) async fn profile<S: Sql>(sql: &mut S, account: AccountId) -> Result<UserProfile> {
    let key = params![account];
    if let Some(body) = sql.one(PROFILE, key, |row| row.get::<String>(0)).await? {
        return read_profile(&body);
    }
    let user_id: String = exactly_one(sql, USER_ID, key, |row| row.get(0)).await?;
    Ok(UserProfile::new(user_id))
}

pub async fn set_profile<S: Sql>(
    sql: &mut S,
    account: AccountId,
    update: &ProfileUpdate,
) -> Result<SetProfile> {
    let stream = lock(sql, account).await?;
    let before = profile(sql, account).await?;
    let mut after = before.clone();
    if let Err(error) = after.apply(update) {
        return Ok(SetProfile::Refused(error));
    }
    if after == before {
        return Ok(SetProfile::Same);
    }
    let body = serde_json::to_string(&after).expect("protocol types always serialise");
    let mut batch = Batch::default();
    batch.push(PUT_PROFILE, params![account, &body]);
    let event = stream.append_alone(sql, (kind::PROFILE, 0, 0), batch);
    let event = event.await?;
    Ok(SetProfile::Changed {
        profile: Box::new(after),
        event,
    })
}

/// The receive option for all, if the user has ever set one.
pub async fn receive_all<S: Sql>(sql: &mut S, account: AccountId) -> Result<Option<ReceiveAll>> {
    let read = |row: &dyn Row| {
        Ok(ReceiveAll {
            start_hour: row.get(0)?,
            start_minute: row.get(1)?,
            start_second: row.get(2)?,
            start_time: row.get(3)?,
            duration: row.get(4)?,
            opt: row.get(5)?,
        })
    };
    sql.one(RECEIVE_ALL, params![account], read).await
}

/// Gives the place of the event; `None`: it was so already.
pub async fn set_receive_all<S: Sql>(
    sql: &mut S,
    account: AccountId,
    all: ReceiveAll,
) -> Result<Option<u64>> {
    let stream = lock(sql, account).await?;
    if receive_all(sql, account).await?.unwrap_or_default() == all {
        return Ok(None);
    }
    let mut batch = Batch::default();
    let row = params![
        account,
        all.start_hour,
        all.start_minute,
        all.start_second,
        all.start_time,
        all.duration,
        all.opt
    ];
    batch.push(PUT_RECEIVE_ALL, row);
    let event = stream.append_alone(sql, (kind::RECEIVE_ALL, 0, 0), batch);
    Ok(Some(event.await?))
}
