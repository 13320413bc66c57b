//! The places of a user's devices.

use rusqlite::{Connection, Row, params};

use super::super::{AccountId, Place, Places, Result, TakePlace};
use super::{int, nat, prepare};

const GIVEN: &str = "SELECT places FROM account WHERE id = $1";
const HELD: &str = "SELECT device_id, platform, number, has_left FROM place
    WHERE account_id = $1 ORDER BY number";
const GIVE: &str = "UPDATE account SET places = places + 1 WHERE id = $1 AND places = $2";
const TAKE: &str = "INSERT INTO place (account_id, device_id, platform, number)
    VALUES ($1, $2, $3, $4) ON CONFLICT (account_id, device_id) DO UPDATE
    SET platform = excluded.platform, number = excluded.number, has_left = 0";
const LOSE: &str = "DELETE FROM place WHERE account_id = $1 AND device_id = $2";
const SET_LEFT: &str = "UPDATE place SET has_left = $1 WHERE account_id = $2 AND device_id = $3";

pub(super) fn places(conn: &Connection, account: AccountId) -> Result<Places> {
    let given: i64 = prepare(conn, GIVEN)?.query_row([account], |row| row.get(0))?;
    let place = |row: &Row<'_>| {
        Ok(Place {
            device_id: row.get(0)?,
            platform: row.get(1)?,
            number: nat(row.get(2)?),
            has_left: row.get::<_, i64>(3)? != 0,
        })
    };
    let mut stmt = prepare(conn, HELD)?;
    let held = stmt.query_map([account], place)?;
    Ok(Places {
        given: nat(given),
        held: held.collect::<rusqlite::Result<_>>()?,
    })
}

pub fn take(conn: &Connection, take: &TakePlace) -> Result<(Places, bool)> {
    let row = params![take.account, int(take.given)];
    let is_given = prepare(conn, GIVE)?.execute(row)? == 1;
    if is_given {
        for device_id in &take.displaced {
            prepare(conn, LOSE)?.execute(params![take.account, device_id])?;
        }
        let number = int(take.given + 1);
        let row = params![take.account, take.device_id, take.platform, number];
        prepare(conn, TAKE)?.execute(row)?;
    }
    Ok((places(conn, take.account)?, is_given))
}

pub fn leave(conn: &Connection, account: AccountId, device_id: &str) -> Result<()> {
    prepare(conn, SET_LEFT)?.execute(params![1, account, device_id])?;
    Ok(())
}

pub fn come_back(conn: &Connection, account: AccountId, device_id: &str) -> Result<()> {
    prepare(conn, SET_LEFT)?.execute(params![0, account, device_id])?;
    Ok(())
}
