//! Apps, accounts, and the users' streams.

use protocol::{limits, user::status_type};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::{
    Account, AccountId, App, Difference, EventKind, Heads, LoginView, RepoError, Result,
    StoredEvent, StoredMessage,
};
use super::{int, nat, prepare, standing, user};
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
/// Then [`HEAD`] reads it; see `ADVANCE` of messages.
const NEXT: &str = "UPDATE account SET event_seq = event_seq + 1 WHERE id = $1";
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

fn app_row(row: &Row<'_>) -> rusqlite::Result<App> {
    Ok(App {
        id: nat(row.get(0)?),
        key: row.get(1)?,
        name: row.get(2)?,
        created_at: nat(row.get(3)?),
        policy: Policy {
            // Only words of `Together` are ever written.
            together: row.get::<_, String>(4)?.parse().unwrap_or_default(),
            instances: row.get(5)?,
            web_instances: row.get(6)?,
        },
    })
}

pub(super) fn account_row(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        user_id: row.get(1)?,
        event_seq: nat(row.get(2)?),
        custom_status: row.get(3)?,
        presence: row.get(4)?,
        not_before: nat(row.get(5)?),
        active_day: nat(row.get(6)?),
    })
}

pub fn apps(conn: &Connection) -> Result<Vec<App>> {
    let mut stmt = prepare(conn, APPS)?;
    let apps = stmt
        .query_map([], app_row)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(apps)
}

pub fn create_app(conn: &Connection, app: &App) -> Result<bool> {
    let policy = app.policy;
    let row = params![
        int(app.id),
        app.key,
        app.name,
        int(app.created_at),
        policy.together.to_string(),
        policy.instances,
        policy.web_instances
    ];
    Ok(prepare(conn, CREATE_APP)?.execute(row)? == 1)
}

pub fn set_policy(conn: &Connection, app_id: u64, policy: Policy) -> Result<bool> {
    let row = params![
        policy.together.to_string(),
        policy.instances,
        policy.web_instances,
        int(app_id)
    ];
    Ok(prepare(conn, SET_POLICY)?.execute(row)? == 1)
}

pub fn rotate_key(conn: &Connection, app_id: u64, key: &str) -> Result<bool> {
    Ok(prepare(conn, ROTATE_KEY)?.execute(params![key, int(app_id)])? == 1)
}

pub fn login_view(conn: &Connection, app_id: u64, user_id: &str) -> Result<LoginView> {
    let app = prepare(conn, APP)?
        .query_row([int(app_id)], app_row)
        .optional()?;
    let account = match app {
        Some(_) => account(conn, app_id, user_id)?,
        None => None,
    };
    let (watching, places) = match &account {
        Some(account) => (
            user::watching(conn, account.id)?,
            standing::standing(conn, account.id)?.places,
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

pub(super) fn account(conn: &Connection, app_id: u64, user_id: &str) -> Result<Option<Account>> {
    let found = prepare(conn, ACCOUNT)?
        .query_row(params![int(app_id), user_id], account_row)
        .optional()?;
    Ok(found)
}

pub fn register(
    conn: &Connection,
    new_id: AccountId,
    app_id: u64,
    user_id: &str,
    now: u64,
) -> Result<Account> {
    let row = params![new_id, int(app_id), user_id, int(now), status_type::OFFLINE];
    Ok(prepare(conn, REGISTER)?.query_row(row, account_row)?)
}

pub fn refuse_tickets_before(
    conn: &Connection,
    app_id: u64,
    user_id: &str,
    not_before: u64,
) -> Result<bool> {
    let row = params![int(not_before), int(app_id), user_id];
    Ok(prepare(conn, NOT_BEFORE)?.execute(row)? == 1)
}

/// A session holds an account, and accounts stay.
pub(super) fn gone() -> RepoError {
    RepoError::Failed("a session of an account that is gone".into())
}

pub(super) fn event_head(conn: &Connection, account: AccountId) -> Result<u64> {
    let head = prepare(conn, HEAD)?
        .query_row([account], |row| row.get(0))
        .optional()?;
    head.map(nat).ok_or_else(gone)
}

pub fn heads(conn: &Connection, account: AccountId) -> Result<Heads> {
    let heads = |row: &Row<'_>| {
        Ok(Heads {
            events: nat(row.get(0)?),
            standing: nat(row.get(1)?),
            watching: nat(row.get(2)?),
        })
    };
    let found = prepare(conn, HEADS)?.query_row([account], heads);
    found.optional()?.ok_or_else(gone)
}

/// Appends an event to a user's stream and gives its place.
pub(super) fn append(
    conn: &Connection,
    account: AccountId,
    kind: i64,
    conv: i64,
    ref_seq: u64,
    extra: u64,
) -> Result<u64> {
    prepare(conn, NEXT)?.execute([account])?;
    let seq: i64 = prepare(conn, HEAD)?.query_row([account], |row| row.get(0))?;
    let row = params![account, seq, kind, conv, int(ref_seq), int(extra)];
    prepare(conn, APPEND)?.execute(row)?;
    let seq = nat(seq);
    // Twice the reach, so that a client in the middle of catching up keeps its footing.
    let reach = 2 * limits::DIFFERENCE_MAX_EVENTS;
    if seq.is_multiple_of(PRUNE_EVERY) && seq > reach {
        prepare(conn, PRUNE)?.execute(params![account, int(seq - reach)])?;
    }
    Ok(seq)
}

pub fn difference(
    conn: &Connection,
    account: AccountId,
    after: u64,
    limit: u32,
    max_bytes: usize,
) -> Result<Difference> {
    let head = event_head(conn, account)?;
    let mut page = Difference {
        head,
        ..Difference::default()
    };
    if after == head {
        return Ok(page);
    }
    let oldest: Option<i64> = prepare(conn, OLDEST)?.query_row([account], |row| row.get(0))?;
    let reaches_back = oldest.is_some_and(|oldest| nat(oldest) <= after.saturating_add(1));
    if after > head || head - after > limits::DIFFERENCE_MAX_EVENTS || !reaches_back {
        page.too_old = true;
        return Ok(page);
    }
    let mut stmt = prepare(conn, AFTER)?;
    let mut rows = stmt.query(params![account, int(after), limit])?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let event = event_row(conn, row, account)?;
        if let EventKind::Message(message) = &event.what {
            bytes += message.content.len();
        }
        if bytes > max_bytes && !page.events.is_empty() {
            break;
        }
        page.events.push(event);
    }
    Ok(page)
}

fn event_row(conn: &Connection, row: &Row<'_>, account: AccountId) -> Result<StoredEvent> {
    let (kind, ref_seq, extra) = (row.get(1)?, nat(row.get(2)?), nat(row.get(3)?));
    let what = match kind {
        kind::MESSAGE => EventKind::Message(StoredMessage {
            seq: ref_seq,
            mine: row.get::<_, i64>(5)? == account,
            msg_id: row.get(6)?,
            time: nat(row.get(7)?),
            ord: nat(row.get(8)?),
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
        kind::PROFILE => EventKind::Profile(Box::new(user::profile(conn, account)?)),
        other => return Err(RepoError::Failed(format!("an event of kind {other}"))),
    };
    Ok(StoredEvent {
        seq: nat(row.get(0)?),
        peer: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        what,
    })
}
