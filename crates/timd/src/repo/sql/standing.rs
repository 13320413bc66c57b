//! Which devices of a user are online, and the nodes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::ControlFlow;

use super::super::{
    AccountId, Change, Enter, Entered, Heads, Leave, NodeId, NodeLife, Place, Places, RepoError,
    Result, Seat, Seen, Standing, Swept, Topic,
};
use super::session::{account_row, gone};
use super::{Batch, Row, Sql, all, exactly_one, params};

const STANDING: &str = "SELECT standing, places, custom_status, presence, active_day, event_seq
    FROM account WHERE id = $1";
const LOCK_STANDING: &str =
    "SELECT standing, places, custom_status, presence, active_day, event_seq
    FROM account WHERE id = $1 FOR UPDATE";
const HELD: &str = "SELECT device_id, platform, number, has_left, node, seat FROM place
    WHERE account_id = $1 ORDER BY number";
const LOSE: &str = "DELETE FROM place WHERE account_id = $1 AND device_id = $2";
const PUT: &str = "INSERT INTO place
        (account_id, device_id, platform, number, has_left, node, seat)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (account_id, device_id) DO UPDATE
    SET platform = excluded.platform, number = excluded.number, has_left = excluded.has_left,
        node = excluded.node, seat = excluded.seat";
const SET: &str =
    "UPDATE account SET standing = $1, places = $2, custom_status = $3, presence = $4,
        active_day = $5
    WHERE id = $6";
const SEEN: &str = "SELECT a.id, a.user_id, a.event_seq, a.custom_status, a.presence,
        a.not_before, a.active_day, p.platform
    FROM account a LEFT JOIN place p ON p.account_id = a.id AND p.node <> 0
    WHERE a.app_id = $1 AND a.user_id = ANY($2)";

const SCHEMA_FLOOR: &str = "SELECT floor FROM schema_floor WHERE id = 1";
const CLEAR_NODES: &str = "DELETE FROM node";
const CLEAR_SEATS: &str = "UPDATE place SET node = 0, seat = 0 WHERE node <> 0";
const CLEAR_STATUSES: &str = "UPDATE account SET custom_status = '' WHERE custom_status <> ''";
const JOIN: &str = "INSERT INTO node (number, name, beat) VALUES ($1, $2, 0)";
const BEAT: &str = "UPDATE node SET beat = beat + 1 WHERE number = $1 AND beat >= 0";
const NODES: &str = "SELECT number, name, beat FROM node ORDER BY number";
/// The node may count up meanwhile, but nobody may find it dead before the login is to be seen.
const LIVES: &str = "SELECT beat FROM node WHERE number = $1 AND beat >= 0 FOR KEY SHARE";
/// Waits for those logins; the `UPDATE` alone would not.
const LOCK_NODE: &str = "SELECT beat FROM node WHERE number = $1 FOR UPDATE";
const FENCE: &str = "UPDATE node SET beat = -1 WHERE number = $1 AND beat = $2";
const REMOVE: &str = "DELETE FROM node WHERE number = $1";
const SEATED: &str = "SELECT DISTINCT account_id FROM place WHERE node = $1
    ORDER BY account_id LIMIT $2";
const USER: &str = "SELECT app_id, user_id FROM account WHERE id = $1";
const ROUTES: &str = "SELECT DISTINCT account_id, node FROM place
    WHERE account_id = ANY($1) AND node <> 0";
const HEADS_ON: &str = "SELECT DISTINCT a.id, a.event_seq, a.standing, a.watching FROM place p
    JOIN account a ON a.id = p.account_id WHERE p.node = $1";
const WATCHING: &str = "SELECT DISTINCT p.node FROM watch w
    JOIN account a ON a.id = w.account_id
    JOIN place p ON p.account_id = w.account_id
    WHERE w.target = $1 AND w.topic = $2 AND a.app_id = $3 AND p.node <> 0";

fn place_row(row: &dyn Row) -> Result<Place> {
    let (node, number) = (row.get(4)?, row.get(5)?);
    Ok(Place {
        device_id: row.get(0)?,
        platform: row.get(1)?,
        number: row.get(2)?,
        has_left: row.get(3)?,
        seat: (node != 0).then_some(Seat { node, number }),
    })
}

pub async fn schema_floor<S: Sql>(sql: &mut S) -> Result<u64> {
    exactly_one(sql, SCHEMA_FLOOR, params![], |row| row.get(0)).await
}

pub async fn standing<S: Sql>(sql: &mut S, account: AccountId) -> Result<Standing> {
    Ok(read(sql, STANDING, account).await?.0)
}

/// How a user stands who is about to stand otherwise, and the head of the user's stream.
async fn lock<S: Sql>(sql: &mut S, account: AccountId) -> Result<(Standing, u64)> {
    read(sql, LOCK_STANDING, account).await
}

async fn read<S: Sql>(
    sql: &mut S,
    statement: &'static str,
    account: AccountId,
) -> Result<(Standing, u64)> {
    let key = params![account];
    let found = sql.one(statement, key, |row| {
        let standing = Standing {
            version: row.get(0)?,
            places: Places {
                given: row.get(1)?,
                held: Vec::new(),
            },
            custom_status: row.get(2)?,
            presence: row.get(3)?,
            active_day: row.get(4)?,
        };
        Ok((standing, row.get(5)?))
    });
    let (mut standing, head) = found.await?.ok_or_else(gone)?;
    standing.places.held = held(sql, account).await?;
    Ok((standing, head))
}

/// The places of a user's devices.
pub(super) async fn held<S: Sql>(sql: &mut S, account: AccountId) -> Result<Vec<Place>> {
    all(sql, HELD, params![account], place_row).await
}

/// Writes what differs.
async fn store<S: Sql>(sql: &mut S, account: AccountId, change: &Change) -> Result<()> {
    let (before, after) = (&change.before.places.held, &change.after.places.held);
    for place in before {
        if !after.iter().any(|p| p.device_id == place.device_id) {
            let key = params![account, &place.device_id];
            sql.execute(LOSE, key).await?;
        }
    }
    let mut batch = Batch::default();
    for place in after.iter().filter(|place| !before.contains(place)) {
        // The one before.
        sql.run(&std::mem::take(&mut batch)).await?;
        let (node, seat) = place.seat.map_or((0, 0), |seat| (seat.node, seat.number));
        let row = params![
            account,
            &place.device_id,
            place.platform,
            place.number,
            place.has_left,
            node,
            seat
        ];
        batch.push(PUT, row);
    }
    let after = &change.after;
    let row = params![
        after.version,
        after.places.given,
        &after.custom_status,
        after.presence,
        after.active_day,
        account
    ];
    batch.push(SET, row);
    sql.run(&batch).await
}

pub async fn enter<S: Sql>(sql: &mut S, enter: &Enter) -> Result<Entered> {
    let (before, head) = lock(sql, enter.account).await?;
    let node = params![enter.seat.node];
    let beat: Option<i64> = sql.one(LIVES, node, |row| row.get(0)).await?;
    if beat.is_none() {
        return Err(RepoError::Busy); // the node is about to begin another life
    }
    let Some((after, number)) = before.entered(enter) else {
        return Ok(Entered::Lost);
    };
    let change = Box::new(Change { before, after });
    store(sql, enter.account, &change).await?;
    Ok(Entered::In {
        number,
        head,
        change,
    })
}

pub async fn leave<S: Sql>(sql: &mut S, leave: &Leave) -> Result<Option<Change>> {
    let (before, _) = lock(sql, leave.account).await?;
    let Some(after) = before.left(leave) else {
        return Ok(None);
    };
    let change = Change { before, after };
    store(sql, leave.account, &change).await?;
    Ok(Some(change))
}

pub async fn set_custom_status<S: Sql>(
    sql: &mut S,
    account: AccountId,
    text: &str,
) -> Result<Change> {
    let (before, _) = lock(sql, account).await?;
    let mut after = before.clone();
    if !before.platforms().is_empty() {
        text.clone_into(&mut after.custom_status);
        after.version += 1;
    }
    let change = Change { before, after };
    store(sql, account, &change).await?;
    Ok(change)
}

pub async fn seen<S: Sql>(sql: &mut S, app_id: u64, users: &[String]) -> Result<Vec<Option<Seen>>> {
    let mut found: HashMap<String, Seen> = HashMap::with_capacity(users.len());
    let read = |row: &dyn Row| {
        let platform: Option<i32> = row.find(7)?;
        let seen = match found.entry(row.get(1)?) {
            Entry::Occupied(seen) => seen.into_mut(),
            Entry::Vacant(place) => place.insert(Seen {
                account: account_row(row, 0)?,
                platforms: Vec::new(),
            }),
        };
        seen.platforms.extend(platform);
        Ok(ControlFlow::Continue(()))
    };
    sql.each(SEEN, params![app_id, users], read).await?;
    Ok(users.iter().map(|user| found.get(user).cloned()).collect())
}

/// `is_alone`: no other node can be.
pub async fn join<S: Sql>(sql: &mut S, node: NodeId, name: &str, is_alone: bool) -> Result<()> {
    if is_alone {
        for statement in [CLEAR_NODES, CLEAR_SEATS, CLEAR_STATUSES] {
            sql.execute(statement, params![]).await?;
        }
    }
    sql.execute(JOIN, params![node, name]).await.map(drop)
}

pub async fn beat<S: Sql>(sql: &mut S, node: NodeId) -> Result<Option<Vec<NodeLife>>> {
    if sql.execute(BEAT, params![node]).await? == 0 {
        return Ok(None);
    }
    let life = |row: &dyn Row| {
        Ok(NodeLife {
            node: row.get(0)?,
            name: row.get(1)?,
            beat: u64::try_from(row.get::<i64>(2)?).ok(),
        })
    };
    all(sql, NODES, params![], life).await.map(Some)
}

pub async fn fence<S: Sql>(sql: &mut S, node: NodeId, beat: u64) -> Result<bool> {
    let found: Option<i64> = sql.one(LOCK_NODE, params![node], |row| row.get(0)).await?;
    Ok(found.is_some() && sql.execute(FENCE, params![node, beat]).await? == 1)
}

pub async fn sweep<S: Sql>(sql: &mut S, node: NodeId, limit: u32) -> Result<Vec<Swept>> {
    let seated = params![node, limit];
    let accounts: Vec<AccountId> = all(sql, SEATED, seated, |row| row.get(0)).await?;
    let mut swept = Vec::new();
    for account in accounts {
        let (before, _) = lock(sql, account).await?;
        // Another node may sweep the same.
        let Some(after) = before.without(node) else {
            continue;
        };
        let change = Change { before, after };
        store(sql, account, &change).await?;
        let user = |row: &dyn Row| Ok((row.get(0)?, row.get(1)?));
        let (app_id, user_id) = exactly_one(sql, USER, params![account], user).await?;
        swept.push(Swept {
            app_id,
            account,
            user_id,
            change,
        });
    }
    Ok(swept)
}

pub async fn remove_node<S: Sql>(sql: &mut S, node: NodeId) -> Result<()> {
    sql.execute(REMOVE, params![node]).await.map(drop)
}

pub async fn routes<S: Sql>(
    sql: &mut S,
    accounts: &[AccountId],
) -> Result<Vec<(AccountId, NodeId)>> {
    let route = |row: &dyn Row| Ok((row.get(0)?, row.get(1)?));
    all(sql, ROUTES, params![accounts], route).await
}

pub async fn heads_on<S: Sql>(sql: &mut S, node: NodeId) -> Result<Vec<(AccountId, Heads)>> {
    let head = |row: &dyn Row| {
        let heads = Heads {
            events: row.get(1)?,
            standing: row.get(2)?,
            watching: row.get(3)?,
        };
        Ok((row.get(0)?, heads))
    };
    all(sql, HEADS_ON, params![node], head).await
}

pub async fn watching_nodes<S: Sql>(
    sql: &mut S,
    app_id: u64,
    topic: Topic,
    user_id: &str,
) -> Result<Vec<NodeId>> {
    let key = params![user_id, topic as i64, app_id];
    all(sql, WATCHING, key, |row| row.get(0)).await
}
