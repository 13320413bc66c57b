//! Apps, accounts, and the users' streams.

use std::ops::ControlFlow;

use protocol::limits;
use protocol::user::profile::UserProfile;
use protocol::user::status_type;

use super::super::{
    Account, AccountId, App, Difference, EventKind, Heads, LoginView, RepoError, Result,
    StoredEvent, StoredMessage,
};
use super::{Row, Sql, all, exactly_one, params, standing, user};
use crate::policy::Policy;

const APPS: &str = "SELECT id, secret, name, created_at, policy, instances, web_instances
    FROM app ORDER BY id";
const APP: &str = "SELECT id, secret, name, created_at, policy, instances, web_instances
    FROM app WHERE id = $1";
const CREATE_APP: &str = "INSERT INTO app
    (id, secret, name, created_at, policy, instances, web_instances)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
const SET_POLICY: &str = "UPDATE app SET policy = $1, instances = $2, web_instances = $3
    WHERE id = $4";
const ROTATE_KEY: &str = "UPDATE app SET secret = $1 WHERE id = $2";

const ACCOUNT: &str =
    "SELECT id, user_id, event_seq, custom_status, presence, not_before, active_day
    FROM account WHERE app_id = $1 AND user_id = $2";
const REGISTER: &str = "INSERT INTO account (id, app_id, user_id, created_at, presence)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (app_id, user_id) DO UPDATE SET presence = excluded.presence
    RETURNING id, user_id, event_seq, custom_status, presence, not_before, active_day";
const NOT_BEFORE: &str = "UPDATE account SET not_before = $1 WHERE app_id = $2 AND user_id = $3";

const HEAD: &str = "SELECT event_seq FROM account WHERE id = $1";
const HEADS: &str = "SELECT event_seq, standing, watching FROM account WHERE id = $1";
const LOCK_HEAD: &str = "SELECT event_seq FROM account WHERE id = $1 FOR UPDATE";
const SET_HEAD: &str = "UPDATE account SET event_seq = $1 WHERE id = $2";
const APPEND: &str = "INSERT INTO event (account_id, seq, kind, conv_id, ref_seq, extra)
    VALUES ($1, $2, $3, $4, $5, $6)";
const PRUNE: &str = "DELETE FROM event WHERE account_id = $1 AND seq <= $2";
const OLDEST: &str = "SELECT MIN(seq) FROM event WHERE account_id = $1";
const AFTER: &str = "SELECT e.seq, e.kind, e.ref_seq, e.extra, p.user_id,
        m.sender, m.msg_id, m.time, m.ord, m.content
    FROM event e
    LEFT JOIN conv c ON c.id = e.conv_id
    LEFT JOIN account p ON p.id = CASE WHEN c.a = e.account_id THEN c.b ELSE c.a END
    LEFT JOIN message m ON e.kind = 1 AND m.conv_id = e.conv_id AND m.seq = e.ref_seq
    WHERE e.account_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3";

/// Values of `event.kind`.
pub(super) mod kind {
    pub const MESSAGE: i64 = 1;
    pub const READ: i64 = 2;
    pub const RECEIPT: i64 = 3;
    pub const PROFILE: i64 = 4;
}

/// Every so many events the old ones of the stream are removed.
const PRUNE_EVERY: u64 = 1024;

fn app_row(row: &dyn Row) -> Result<App> {
    Ok(App {
        id: row.get(0)?,
        key: row.get(1)?,
        name: row.get(2)?,
        created_at: row.get(3)?,
        policy: Policy {
            // Only words of `Together` are ever written.
            together: row.get::<String>(4)?.parse().unwrap_or_default(),
            instances: row.get(5)?,
            web_instances: row.get(6)?,
        },
    })
}

fn account_row(row: &dyn Row) -> Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        user_id: row.get(1)?,
        event_seq: row.get(2)?,
        custom_status: row.get(3)?,
        presence: row.get(4)?,
        not_before: row.get(5)?,
        active_day: row.get(6)?,
    })
}

pub async fn apps<S: Sql>(sql: &mut S) -> Result<Vec<App>> {
    all(sql, APPS, params![], app_row).await
}

pub async fn create_app<S: Sql>(sql: &mut S, app: &App) -> Result<bool> {
    let policy = app.policy;
    let together = policy.together.to_string();
    let row = params![
        app.id,
        &app.key,
        &app.name,
        app.created_at,
        &together,
        policy.instances,
        policy.web_instances
    ];
    Ok(sql.execute(CREATE_APP, row).await? == 1)
}

pub async fn set_policy<S: Sql>(sql: &mut S, app_id: u64, policy: Policy) -> Result<bool> {
    let together = policy.together.to_string();
    let row = params![&together, policy.instances, policy.web_instances, app_id];
    Ok(sql.execute(SET_POLICY, row).await? == 1)
}

pub async fn rotate_key<S: Sql>(sql: &mut S, app_id: u64, key: &str) -> Result<bool> {
    Ok(sql.execute(ROTATE_KEY, params![key, app_id]).await? == 1)
}

pub async fn login_view<S: Sql>(sql: &mut S, app_id: u64, user_id: &str) -> Result<LoginView> {
    let app = sql.one(APP, params![app_id], app_row).await?;
    let account = match app {
        Some(_) => account(sql, app_id, user_id).await?,
        None => None,
    };
    let (watching, places) = match &account {
        Some(account) => (
            user::watching(sql, account.id).await?,
            standing::standing(sql, account.id).await?.places,
        ),
        None => Default::default(),
    };
    Ok(LoginView {
        app,
        account,
        watching,
        places,
    })
}

pub(super) async fn account<S: Sql>(
    sql: &mut S,
    app_id: u64,
    user_id: &str,
) -> Result<Option<Account>> {
    sql.one(ACCOUNT, params![app_id, user_id], account_row)
        .await
}

pub async fn register<S: Sql>(
    sql: &mut S,
    new_id: AccountId,
    app_id: u64,
    user_id: &str,
    now: u64,
) -> Result<Account> {
    let row = params![new_id, app_id, user_id, now, status_type::OFFLINE];
    exactly_one(sql, REGISTER, row, account_row).await
}

pub async fn refuse_tickets_before<S: Sql>(
    sql: &mut S,
    app_id: u64,
    user_id: &str,
    not_before: u64,
) -> Result<bool> {
    let row = params![not_before, app_id, user_id];
    Ok(sql.execute(NOT_BEFORE, row).await? == 1)
}

/// A session holds an account, and accounts stay.
pub(super) fn gone() -> RepoError {
    RepoError::Failed("a session of an account that is gone".into())
}

pub(super) async fn event_head<S: Sql>(sql: &mut S, account: AccountId) -> Result<u64> {
    let head = sql.one(HEAD, params![account], |row| row.get(0)).await?;
    head.ok_or_else(gone)
}

pub async fn heads<S: Sql>(sql: &mut S, account: AccountId) -> Result<Heads> {
    let heads = |row: &dyn Row| {
        Ok(Heads {
            events: row.get(0)?,
            standing: row.get(1)?,
            watching: row.get(2)?,
        })
    };
    let found = sql.one(HEADS, params![account], heads).await?;
    found.ok_or_else(gone)
}

/// A user's stream, and with it the account: nobody else moves it until the transaction ends.
pub(super) struct Stream {
    account: AccountId,
    head: u64,
}

/// Locks an account.
pub(super) async fn lock<S: Sql>(sql: &mut S, account: AccountId) -> Result<Stream> {
    let head = sql
        .one(LOCK_HEAD, params![account], |row| row.get(0))
        .await?;
    let head = head.ok_or_else(gone)?;
    Ok(Stream { account, head })
}

/// Locks two accounts, the lowest first; gives them in the order asked for. One when a user has
/// to do with oneself.
pub(super) async fn lock_both<S: Sql>(
    sql: &mut S,
    own: AccountId,
    peer: AccountId,
) -> Result<(Stream, Option<Stream>)> {
    let low = lock(sql, own.min(peer)).await?;
    if own == peer {
        return Ok((low, None));
    }
    let high = lock(sql, own.max(peer)).await?;
    Ok(if own < peer {
        (low, Some(high))
    } else {
        (high, Some(low))
    })
}

impl Stream {
    /// Appends an event and gives its place.
    pub(super) async fn append<S: Sql>(
        &mut self,
        sql: &mut S,
        kind: i64,
        conv: i64,
        ref_seq: u64,
        extra: u64,
    ) -> Result<u64> {
        self.head += 1;
        let (account, seq) = (self.account, self.head);
        sql.execute(SET_HEAD, params![seq, account]).await?;
        let row = params![account, seq, kind, conv, ref_seq, extra];
        sql.execute(APPEND, row).await?;
        // Twice the reach, so that a client in the middle of catching up keeps its footing.
        let reach = 2 * limits::DIFFERENCE_MAX_EVENTS;
        if seq.is_multiple_of(PRUNE_EVERY) && seq > reach {
            sql.execute(PRUNE, params![account, seq - reach]).await?;
        }
        Ok(seq)
    }
}

pub async fn difference<S: Sql>(
    sql: &mut S,
    account: AccountId,
    after: u64,
    limit: u32,
    max_bytes: usize,
) -> Result<Difference> {
    let head = event_head(sql, account).await?;
    let mut page = Difference {
        head,
        ..Difference::default()
    };
    if after == head {
        return Ok(page);
    }
    let oldest: Option<u64> = exactly_one(sql, OLDEST, params![account], |row| row.find(0)).await?;
    let reaches_back = oldest.is_some_and(|oldest| oldest <= after.saturating_add(1));
    if after > head || head - after > limits::DIFFERENCE_MAX_EVENTS || !reaches_back {
        page.too_old = true;
        return Ok(page);
    }
    let mut bytes = 0;
    let read = |row: &dyn Row| {
        let event = event_row(row, account)?;
        if let EventKind::Message(message) = &event.what {
            bytes += message.content.len();
        }
        if bytes > max_bytes && !page.events.is_empty() {
            return Ok(ControlFlow::Break(()));
        }
        page.events.push(event);
        Ok(ControlFlow::Continue(()))
    };
    sql.each(AFTER, params![account, after, limit], read)
        .await?;
    tell_profile(sql, account, &mut page.events).await?;
    Ok(page)
}

/// An event says that the profile changed; what is told is how it stands.
async fn tell_profile<S: Sql>(
    sql: &mut S,
    account: AccountId,
    events: &mut [StoredEvent],
) -> Result<()> {
    let is_profile = |event: &StoredEvent| matches!(event.what, EventKind::Profile(_));
    if !events.iter().any(is_profile) {
        return Ok(());
    }
    let current = user::profile(sql, account).await?;
    for event in events {
        if let EventKind::Profile(profile) = &mut event.what {
            **profile = current.clone();
        }
    }
    Ok(())
}

/// The profile of an event is filled in later.
fn event_row(row: &dyn Row, account: AccountId) -> Result<StoredEvent> {
    let (kind, ref_seq, extra) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let what = match kind {
        kind::MESSAGE => EventKind::Message(StoredMessage {
            seq: ref_seq,
            mine: row.get::<i64>(5)? == account,
            msg_id: row.get(6)?,
            time: row.get(7)?,
            ord: row.get(8)?,
            content: row.get(9)?,
        }),
        kind::READ => EventKind::Read {
            read_seq: ref_seq,
            read_ord: extra,
        },
        kind::RECEIPT => EventKind::Receipt {
            peer_read_seq: ref_seq,
            time: extra,
        },
        kind::PROFILE => EventKind::Profile(Box::new(UserProfile::new(String::new()))),
        other => return Err(RepoError::Failed(format!("an event of kind {other}"))),
    };
    Ok(StoredEvent {
        seq: row.get(0)?,
        peer: row.find(4)?.unwrap_or_default(),
        what,
    })
}
