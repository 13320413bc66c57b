//! Apps, accounts, and the users' streams.

use std::collections::HashMap;
use std::ops::ControlFlow;

use protocol::conversation::ConvId;
use protocol::limits;
use protocol::receive::ReceiveAll;
use protocol::user::profile::UserProfile;
use protocol::user::status_type;

use super::super::{
    Account, AccountId, App, ConvRef, Difference, EventKind, Heads, LoginView, Places, RepoError,
    Result, StoredEvent, Watching,
};
use super::group;
use super::message::message_row;
use super::settings::settings_row;
use super::{Batch, Row, Sql, Value, all, exactly_one, params, standing, user};
use crate::policy::Policy;

const APPS: &str = "SELECT id, secret, name, created_at, policy, instances, web_instances
    FROM app ORDER BY id";
const CREATE_APP: &str = "INSERT INTO app
    (id, secret, name, created_at, policy, instances, web_instances)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
const SET_POLICY: &str = "UPDATE app SET policy = $1, instances = $2, web_instances = $3
    WHERE id = $4";
const ROTATE_KEY: &str = "UPDATE app SET secret = $1 WHERE id = $2";

/// An app with one of its accounts, and what else the account's row holds.
const APP_AND_ACCOUNT: &str =
    "SELECT p.id, p.secret, p.name, p.created_at, p.policy, p.instances, p.web_instances,
        a.id, a.user_id, a.event_seq, a.custom_status, a.presence, a.not_before, a.active_day,
        a.watching, a.places
    FROM app p LEFT JOIN account a ON a.app_id = p.id AND a.user_id = $1 WHERE p.id = $2";
const ACCOUNTS: &str =
    "SELECT id, user_id, event_seq, custom_status, presence, not_before, active_day
    FROM account WHERE app_id = $1 AND user_id = ANY($2)";
const REGISTER: &str = "INSERT INTO account (id, app_id, user_id, created_at, presence)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (app_id, user_id) DO UPDATE SET presence = excluded.presence
    RETURNING id, user_id, event_seq, custom_status, presence, not_before, active_day";
const NOT_BEFORE: &str = "UPDATE account SET not_before = $1 WHERE app_id = $2 AND user_id = $3";

const HEAD: &str = "SELECT event_seq FROM account WHERE id = $1";
const ENDS: &str = "SELECT event_seq, (SELECT MIN(seq) FROM event WHERE account_id = $1)
    FROM account WHERE id = $1";
const HEADS: &str = "SELECT event_seq, standing, watching FROM account WHERE id = $1";
const LOCK_HEAD: &str = "SELECT event_seq FROM account WHERE id = $1 FOR UPDATE";
const LOCK_PAIR: &str = "SELECT id, event_seq, user_id FROM account
    WHERE id IN ($1, (SELECT id FROM account WHERE app_id = $2 AND user_id = $3))
    ORDER BY id FOR UPDATE";
const SET_HEAD: &str = "UPDATE account SET event_seq = $1 WHERE id = $2";
const MOVE_HEADS: &str = "UPDATE account SET event_seq = event_seq + 1 WHERE id IN ($1, $2)";
const APPEND: &str = "INSERT INTO event (account_id, seq, kind, conv_id, ref_seq, extra)
    VALUES ($1, $2, $3, $4, $5, $6)";
const APPEND_PAIR: &str = "INSERT INTO event (account_id, seq, kind, conv_id, ref_seq, extra)
    VALUES ($1, $2, $3, $4, $5, $6), ($7, $8, $9, $10, $11, $12)";
const PRUNE: &str = "DELETE FROM event WHERE account_id = $1 AND seq <= $2";
const AFTER: &str = "SELECT e.seq, e.kind, e.ref_seq, e.extra, p.user_id,
        m.seq, m.sender, m.msg_id, m.time, m.ord, m.content, m.rev, m.revoked,
        mc.settings, mc.pinned, mc.marks, mc.custom_data, mc.hidden, mc.hidden_ord,
        mc.recv_opt, mc.bare, g.group_id, e.conv_id
    FROM event e
    LEFT JOIN conv c ON c.id = e.conv_id
    LEFT JOIN account p ON p.id = CASE WHEN c.a = e.account_id THEN c.b ELSE c.a END
    LEFT JOIN chat_group g ON g.id = e.conv_id
    LEFT JOIN message m ON e.kind IN (1, 5) AND m.conv_id = e.conv_id AND m.seq = e.ref_seq
    LEFT JOIN member_conv mc ON e.kind = 7 AND mc.account_id = e.account_id
        AND mc.conv_id = e.conv_id
    WHERE e.account_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3";

/// Values of `event.kind`.
pub(super) mod kind {
    pub const MESSAGE: i64 = 1;
    pub const READ: i64 = 2;
    pub const RECEIPT: i64 = 3;
    pub const PROFILE: i64 = 4;
    pub const CHANGED: i64 = 5;
    pub const ERASED: i64 = 6;
    pub const CONV_SETTINGS: i64 = 7;
    pub const CONV_GROUPS: i64 = 8;
    pub const RECEIVE_ALL: i64 = 9;
    pub const MEMBERSHIP: i64 = 10;
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

/// Reads id, user_id, event_seq, custom_status, presence, not_before, active_day from column `at` on.
pub(super) fn account_row(row: &dyn Row, at: usize) -> Result<Account> {
    Ok(Account {
        id: row.get(at)?,
        user_id: row.get(at + 1)?,
        event_seq: row.get(at + 2)?,
        custom_status: row.get(at + 3)?,
        presence: row.get(at + 4)?,
        not_before: row.get(at + 5)?,
        active_day: row.get(at + 6)?,
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
    let both = |row: &dyn Row| {
        let account = match row.find::<i64>(7)? {
            Some(_) => Some((account_row(row, 7)?, row.get(14)?, row.get(15)?)),
            None => None,
        };
        Ok((app_row(row)?, account))
    };
    let key = params![user_id, app_id];
    let (app, account) = sql.one(APP_AND_ACCOUNT, key, both).await?.unzip();
    let mut view = LoginView {
        app,
        account: None,
        watching: Watching::default(),
        places: Places::default(),
    };
    if let Some((account, version, given)) = account.flatten() {
        let watched = user::watched(sql, account.id).await?;
        view.watching = Watching { version, watched };
        let held = standing::held(sql, account.id).await?;
        view.places = Places { given, held };
        view.account = Some(account);
    }
    Ok(view)
}

/// The accounts of users, in their order.
pub async fn accounts<S: Sql>(
    sql: &mut S,
    app_id: u64,
    users: &[String],
) -> Result<Vec<Option<Account>>> {
    let found = all(sql, ACCOUNTS, params![app_id, users], |row| {
        account_row(row, 0)
    })
    .await?;
    let by_name: HashMap<_, _> = found
        .iter()
        .map(|account| (&account.user_id, account))
        .collect();
    let in_order = users.iter().map(|user| by_name.get(user).copied().cloned());
    Ok(in_order.collect())
}

pub async fn register<S: Sql>(
    sql: &mut S,
    new_id: AccountId,
    app_id: u64,
    user_id: &str,
    now: u64,
) -> Result<Account> {
    let row = params![new_id, app_id, user_id, now, status_type::OFFLINE];
    exactly_one(sql, REGISTER, row, |row| account_row(row, 0)).await
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

/// The streams of two users, locked; of one user when that one has to do with oneself.
pub(super) struct Pair {
    own: Stream,
    peer: Option<Stream>,
}

/// Locks an account and that of a user, the lowest id first. `None`: nobody of that name has
/// registered.
pub(super) async fn lock_pair<S: Sql>(
    sql: &mut S,
    app_id: u64,
    own: AccountId,
    peer: &str,
) -> Result<Option<Pair>> {
    if S::IS_NEAR {
        let Some(id) = user::id(sql, app_id, peer).await? else {
            return Ok(None);
        };
        let low = lock(sql, own.min(id)).await?;
        if own == id {
            return Ok(Some(Pair {
                own: low,
                peer: None,
            }));
        }
        let high = lock(sql, own.max(id)).await?;
        let (own, peer) = if own < id { (low, high) } else { (high, low) };
        let peer = Some(peer);
        return Ok(Some(Pair { own, peer }));
    }
    let (mut own_stream, mut peer_stream, mut is_own_peer) = (None, None, false);
    let read = |row: &dyn Row| {
        let (account, head) = (row.get(0)?, row.get(1)?);
        if account == own {
            is_own_peer = row.text(2)? == Some(peer);
            own_stream = Some(Stream { account, head });
        } else {
            peer_stream = Some(Stream { account, head });
        }
        Ok(ControlFlow::Continue(()))
    };
    sql.each(LOCK_PAIR, params![own, app_id, peer], read)
        .await?;
    let (own, peer) = (own_stream.ok_or_else(gone)?, peer_stream);
    let is_there = is_own_peer || peer.is_some();
    Ok(is_there.then_some(Pair { own, peer }))
}

/// What an event says: kind, seq and extra.
pub(super) type Said = (i64, u64, u64);

impl Pair {
    /// The other one.
    pub(super) fn peer(&self) -> AccountId {
        self.peer.as_ref().unwrap_or(&self.own).account
    }

    /// Appends an event to each stream, of one conversation, with what else there is to write. Gives
    /// their places, the second one when there are two.
    pub(super) async fn append<S: Sql>(
        self,
        sql: &mut S,
        conv: i64,
        own_event: Said,
        peer_event: Said,
        mut batch: Batch<'_>,
    ) -> Result<(u64, Option<u64>)> {
        let Pair { mut own, peer } = self;
        let own_row = own.next(conv, own_event);
        let Some(mut peer) = peer else {
            own.append(sql, own_row, batch).await?;
            return Ok((own.head, None));
        };
        let peer_row = peer.next(conv, peer_event);
        if S::IS_NEAR {
            own.append(sql, own_row, batch).await?;
            peer.append(sql, peer_row, Batch::default()).await?;
        } else {
            batch.push(MOVE_HEADS, params![own.account, peer.account]);
            batch.push(APPEND_PAIR, &[own_row, peer_row].concat());
            sql.run(&batch).await?;
            own.prune(sql).await?;
            peer.prune(sql).await?;
        }
        Ok((own.head, Some(peer.head)))
    }
}

impl Stream {
    /// The row of the next event.
    fn next<'v>(&mut self, conv: i64, (kind, ref_seq, extra): Said) -> [Value<'v>; 6] {
        self.head += 1;
        *params![self.account, self.head, kind, conv, ref_seq, extra]
    }

    /// Appends an event, with what else there is to write.
    async fn append<S: Sql>(
        &self,
        sql: &mut S,
        row: [Value<'_>; 6],
        mut batch: Batch<'_>,
    ) -> Result<()> {
        batch.push(SET_HEAD, params![self.head, self.account]);
        batch.push(APPEND, &row);
        sql.run(&batch).await?;
        self.prune(sql).await
    }

    /// Removes old events now and then, when one was appended.
    async fn prune<S: Sql>(&self, sql: &mut S) -> Result<()> {
        // Twice the reach, so that a client in the middle of catching up keeps its footing.
        let reach = 2 * limits::DIFFERENCE_MAX_EVENTS;
        if self.head.is_multiple_of(PRUNE_EVERY) && self.head > reach {
            let old = params![self.account, self.head - reach];
            sql.execute(PRUNE, old).await?;
        }
        Ok(())
    }

    /// Whose it is.
    pub(super) fn account(&self) -> AccountId {
        self.account
    }

    /// The place of the next event.
    pub(super) fn next_place(&self) -> u64 {
        self.head + 1
    }

    /// Appends an event of no conversation, with what else there is to write. Gives its place.
    pub(super) async fn append_alone<S: Sql>(
        mut self,
        sql: &mut S,
        event: Said,
        batch: Batch<'_>,
    ) -> Result<u64> {
        self.append_one(sql, 0, event, batch).await
    }

    /// The same with an event of a conversation.
    pub(super) async fn append_one<S: Sql>(
        &mut self,
        sql: &mut S,
        conv: ConvRef,
        event: Said,
        batch: Batch<'_>,
    ) -> Result<u64> {
        let row = self.next(conv, event);
        self.append(sql, row, batch).await?;
        Ok(self.head)
    }
}

pub async fn difference<S: Sql>(
    sql: &mut S,
    account: AccountId,
    after: u64,
    limit: u32,
    max_bytes: usize,
) -> Result<Difference> {
    let key = params![account];
    let ends = sql.one(ENDS, key, |row| Ok((row.get(0)?, row.find(1)?)));
    let (head, oldest): (u64, Option<u64>) = ends.await?.ok_or_else(gone)?;
    let mut page = Difference {
        head,
        ..Difference::default()
    };
    if after == head {
        return Ok(page);
    }
    let reaches_back = oldest.is_some_and(|oldest| oldest <= after.saturating_add(1));
    if after > head || head - after > limits::DIFFERENCE_MAX_EVENTS || !reaches_back {
        page.too_old = true;
        return Ok(page);
    }
    // Events about groups, and their conversations.
    let mut joined: Vec<(usize, ConvRef)> = Vec::new();
    let mut bytes = 0;
    let read = |row: &dyn Row| {
        let event = event_row(row, account)?;
        if let EventKind::Membership(_) = event.what {
            joined.push((page.events.len(), row.get(22)?));
        }
        if let EventKind::Message(message) | EventKind::Changed(message) = &event.what {
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
    tell_receive_all(sql, account, &mut page.events).await?;
    for (at, conv) in joined {
        if let Some(event) = page.events.get_mut(at) {
            let view = group::view(sql, account, conv).await?;
            event.what = EventKind::Membership(view.map(Box::new));
        }
    }
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

/// The same of the receive option for all.
async fn tell_receive_all<S: Sql>(
    sql: &mut S,
    account: AccountId,
    events: &mut [StoredEvent],
) -> Result<()> {
    let is_it = |event: &StoredEvent| matches!(event.what, EventKind::ReceiveAll(_));
    if !events.iter().any(is_it) {
        return Ok(());
    }
    let current = user::receive_all(sql, account).await?.unwrap_or_default();
    for event in events {
        if let EventKind::ReceiveAll(all) = &mut event.what {
            *all = current;
        }
    }
    Ok(())
}

/// The profile of an event, the receive option or the group is filled in later.
fn event_row(row: &dyn Row, account: AccountId) -> Result<StoredEvent> {
    let (kind, ref_seq, extra) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let what = match kind {
        kind::MESSAGE => EventKind::Message(message_row(row, 5, account)?),
        kind::CHANGED => EventKind::Changed(message_row(row, 5, account)?),
        kind::ERASED => EventKind::Erased {
            from: ref_seq,
            to: extra,
        },
        kind::READ => EventKind::Read {
            read_seq: ref_seq,
            read_ord: extra,
        },
        kind::RECEIPT => EventKind::Receipt {
            peer_read_seq: ref_seq,
            time: extra,
        },
        kind::CONV_SETTINGS => EventKind::Settings(settings_row(row, 13)?),
        kind::CONV_GROUPS => EventKind::Groups,
        kind::RECEIVE_ALL => EventKind::ReceiveAll(ReceiveAll::default()),
        kind::MEMBERSHIP => EventKind::Membership(None),
        kind::PROFILE => EventKind::Profile(Box::new(UserProfile::new(String::new()))),
        other => return Err(RepoError::Failed(format!("an event of kind {other}"))),
    };
    Ok(StoredEvent {
        seq: row.get(0)?,
        conv: match row.find::<String>(21)? {
            Some(group) => Some(ConvId::group(group)),
            None => row.find::<String>(4)?.map(ConvId::c2c),
        },
        what,
    })
}
