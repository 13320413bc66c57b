//! Which devices of a user are online, and the nodes.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::{
    AccountId, Change, Enter, Entered, Leave, NodeId, NodeLife, Place, Places, RepoError, Result,
    Seat, Seen, Standing, Swept, Topic,
};
use super::session::{account, event_head, gone};
use super::{int, nat, prepare};

const STANDING: &str =
    "SELECT standing, places, custom_status, presence, active_day FROM account WHERE id = $1";
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
const ONLINE: &str = "SELECT platform FROM place WHERE account_id = $1 AND node <> 0";

const CLEAR_NODES: &str = "DELETE FROM node";
const CLEAR_SEATS: &str = "UPDATE place SET node = 0, seat = 0 WHERE node <> 0";
const CLEAR_STATUSES: &str = "UPDATE account SET custom_status = '' WHERE custom_status <> ''";
const JOIN: &str = "INSERT INTO node (number, name, beat) VALUES ($1, $2, 0)";
const BEAT: &str = "UPDATE node SET beat = beat + 1 WHERE number = $1 AND beat >= 0";
const NODES: &str = "SELECT number, name, beat FROM node ORDER BY number";
const LIVES: &str = "SELECT beat FROM node WHERE number = $1 AND beat >= 0";
const FENCE: &str = "UPDATE node SET beat = -1 WHERE number = $1 AND beat = $2";
const REMOVE: &str = "DELETE FROM node WHERE number = $1";
const SEATED: &str = "SELECT DISTINCT account_id FROM place WHERE node = $1
    ORDER BY account_id LIMIT $2";
const USER: &str = "SELECT app_id, user_id FROM account WHERE id = $1";
const ROUTES: &str = "SELECT DISTINCT node FROM place WHERE account_id = $1 AND node <> 0";
const WATCHING: &str = "SELECT DISTINCT p.node FROM watch w
    JOIN account a ON a.id = w.account_id
    JOIN place p ON p.account_id = w.account_id
    WHERE w.target = $1 AND w.topic = $2 AND a.app_id = $3 AND p.node <> 0";

fn place_row(row: &Row<'_>) -> rusqlite::Result<Place> {
    let node: NodeId = row.get(4)?;
    let number = nat(row.get(5)?);
    Ok(Place {
        device_id: row.get(0)?,
        platform: row.get(1)?,
        number: nat(row.get(2)?),
        has_left: row.get::<_, i64>(3)? != 0,
        seat: (node != 0).then_some(Seat { node, number }),
    })
}

pub fn standing(conn: &Connection, account: AccountId) -> Result<Standing> {
    let found = prepare(conn, STANDING)?
        .query_row([account], |row| {
            Ok(Standing {
                version: nat(row.get(0)?),
                places: Places {
                    given: nat(row.get(1)?),
                    held: Vec::new(),
                },
                custom_status: row.get(2)?,
                presence: row.get(3)?,
                active_day: nat(row.get(4)?),
            })
        })
        .optional()?;
    let mut standing = found.ok_or_else(gone)?;
    let mut stmt = prepare(conn, HELD)?;
    let held = stmt.query_map([account], place_row)?;
    standing.places.held = held.collect::<rusqlite::Result<_>>()?;
    Ok(standing)
}

/// Writes what differs.
fn store(conn: &Connection, account: AccountId, change: &Change) -> Result<()> {
    let (before, after) = (&change.before.places.held, &change.after.places.held);
    for place in before {
        if !after.iter().any(|p| p.device_id == place.device_id) {
            prepare(conn, LOSE)?.execute(params![account, place.device_id])?;
        }
    }
    for place in after.iter().filter(|place| !before.contains(place)) {
        let (node, seat) = place.seat.map_or((0, 0), |seat| (seat.node, seat.number));
        prepare(conn, PUT)?.execute(params![
            account,
            place.device_id,
            place.platform,
            int(place.number),
            i64::from(place.has_left),
            node,
            int(seat)
        ])?;
    }
    let after = &change.after;
    prepare(conn, SET)?.execute(params![
        int(after.version),
        int(after.places.given),
        after.custom_status,
        after.presence,
        int(after.active_day),
        account
    ])?;
    Ok(())
}

pub fn enter(conn: &Connection, enter: &Enter) -> Result<Entered> {
    let beat: Option<i64> = prepare(conn, LIVES)?
        .query_row([enter.seat.node], |row| row.get(0))
        .optional()?;
    if beat.is_none() {
        return Err(RepoError::Busy); // the node is about to begin another life
    }
    let before = standing(conn, enter.account)?;
    let Some((after, number)) = before.entered(enter) else {
        return Ok(Entered::Lost);
    };
    let change = Box::new(Change { before, after });
    store(conn, enter.account, &change)?;
    Ok(Entered::In {
        number,
        head: event_head(conn, enter.account)?,
        change,
    })
}

pub fn leave(conn: &Connection, leave: &Leave) -> Result<Option<Change>> {
    let before = standing(conn, leave.account)?;
    let Some(after) = before.left(leave) else {
        return Ok(None);
    };
    let change = Change { before, after };
    store(conn, leave.account, &change)?;
    Ok(Some(change))
}

pub fn set_custom_status(conn: &Connection, account: AccountId, text: &str) -> Result<Change> {
    let before = standing(conn, account)?;
    let mut after = before.clone();
    if !before.platforms().is_empty() {
        text.clone_into(&mut after.custom_status);
        after.version += 1;
    }
    let change = Change { before, after };
    store(conn, account, &change)?;
    Ok(change)
}

pub fn seen(conn: &Connection, app_id: u64, users: &[String]) -> Result<Vec<Option<Seen>>> {
    let mut online = prepare(conn, ONLINE)?;
    let mut seen = |user_id: &String| {
        let Some(account) = account(conn, app_id, user_id)? else {
            return Ok(None);
        };
        let platforms = online
            .query_map([account.id], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Some(Seen { account, platforms }))
    };
    users.iter().map(&mut seen).collect()
}

/// `is_alone`: no other node can be.
pub fn join(conn: &Connection, node: NodeId, name: &str, is_alone: bool) -> Result<()> {
    if is_alone {
        for sql in [CLEAR_NODES, CLEAR_SEATS, CLEAR_STATUSES] {
            prepare(conn, sql)?.execute([])?;
        }
    }
    prepare(conn, JOIN)?.execute(params![node, name])?;
    Ok(())
}

pub fn beat(conn: &Connection, node: NodeId) -> Result<Option<Vec<NodeLife>>> {
    if prepare(conn, BEAT)?.execute([node])? == 0 {
        return Ok(None);
    }
    let mut stmt = prepare(conn, NODES)?;
    let nodes = stmt.query_map([], |row| {
        Ok(NodeLife {
            node: row.get(0)?,
            name: row.get(1)?,
            beat: u64::try_from(row.get::<_, i64>(2)?).ok(),
        })
    })?;
    Ok(Some(nodes.collect::<rusqlite::Result<_>>()?))
}

pub fn fence(conn: &Connection, node: NodeId, beat: u64) -> Result<bool> {
    Ok(prepare(conn, FENCE)?.execute(params![node, int(beat)])? == 1)
}

pub fn sweep(conn: &Connection, node: NodeId, limit: u32) -> Result<Vec<Swept>> {
    let accounts: Vec<AccountId> = prepare(conn, SEATED)?
        .query_map(params![node, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut swept = Vec::new();
    for account in accounts {
        let before = standing(conn, account)?;
        // Another node may sweep the same.
        let Some(after) = before.without(node) else {
            continue;
        };
        let change = Change { before, after };
        store(conn, account, &change)?;
        let user = |row: &Row<'_>| Ok((nat(row.get(0)?), row.get(1)?));
        let (app_id, user_id) = prepare(conn, USER)?.query_row([account], user)?;
        swept.push(Swept {
            app_id,
            account,
            user_id,
            change,
        });
    }
    Ok(swept)
}

pub fn remove_node(conn: &Connection, node: NodeId) -> Result<()> {
    prepare(conn, REMOVE)?.execute([node])?;
    Ok(())
}

pub fn routes(conn: &Connection, accounts: &[AccountId]) -> Result<Vec<(AccountId, NodeId)>> {
    let mut routes = Vec::new();
    let mut stmt = prepare(conn, ROUTES)?;
    for account in accounts {
        for node in stmt.query_map([account], |row| row.get(0))? {
            routes.push((*account, node?));
        }
    }
    Ok(routes)
}

pub fn watching_nodes(
    conn: &Connection,
    app_id: u64,
    topic: Topic,
    user_id: &str,
) -> Result<Vec<NodeId>> {
    let key = params![user_id, topic as i64, int(app_id)];
    let nodes = prepare(conn, WATCHING)?
        .query_map(key, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(nodes)
}
