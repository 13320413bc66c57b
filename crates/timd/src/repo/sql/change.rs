//! Taking messages back, changing them, erasing them for one member.

use std::ops::ControlFlow;

use protocol::conversation::conv_type;
use protocol::limits;

use super::super::{
    AccountId, Alteration, ChangeMessage, Changed, ChangesPage, ChangesQuery, ConvRef, Erase,
    ErasedRange, Erasure, Result, StoredMessage,
};
use super::group_message::{self, Way, named_row, reach};
use super::message::{message_row, ordered};
use super::session::{Stream, kind, lock, lock_pair};
use super::{Batch, Row, Sql, all, params};

const CONV: &str = "SELECT id, rev FROM conv WHERE a = $1 AND b = $2";
const MESSAGE: &str = "SELECT seq, sender, msg_id, time, ord, content, rev, revoked FROM message
    WHERE conv_id = $1 AND seq = $2";
const CHANGE: &str = "UPDATE message SET content = $1, rev = $2, revoked = $3
    WHERE conv_id = $4 AND seq = $5";
const COUNT: &str = "UPDATE conv SET rev = $1 WHERE id = $2";
const CHANGED: &str = "SELECT seq, sender, msg_id, time, ord, content, rev, revoked FROM message
    WHERE conv_id = $1 AND rev > $2 ORDER BY rev LIMIT $3";
const CHANGED_NAMED: &str =
    "SELECT m.seq, m.sender, m.msg_id, m.time, m.ord, m.content, m.rev, m.revoked, a.user_id
    FROM message m LEFT JOIN account a ON a.id = m.sender
    WHERE m.conv_id = $1 AND m.rev > $2 ORDER BY m.rev LIMIT $3";
const TOUCHING: &str = "SELECT from_seq, to_seq FROM erased
    WHERE account_id = $1 AND conv_id = $2 AND to_seq >= $3 AND from_seq <= $4";
const FORGET: &str = "DELETE FROM erased
    WHERE account_id = $1 AND conv_id = $2 AND to_seq >= $3 AND from_seq <= $4";
const ERASE: &str = "INSERT INTO erased (account_id, conv_id, from_seq, to_seq)
    VALUES ($1, $2, $3, $4)";
const ERASED: &str = "SELECT from_seq, to_seq FROM erased
    WHERE account_id = $1 AND conv_id = $2 AND from_seq > $3 ORDER BY from_seq LIMIT $4";
const COVERING: &str = "SELECT from_seq FROM erased
    WHERE account_id = $1 AND conv_id = $2 AND to_seq >= $3 AND from_seq <= $3";
const SHOWN: &str = "SELECT seq, sender, msg_id, time, ord, content, rev, revoked FROM message
    WHERE conv_id = $1 AND seq <= $2 AND shown = 1 ORDER BY seq DESC LIMIT 1";

/// What a message that changes says of who took it back; or, when it does not change, what became of
/// it.
pub(super) fn altered(
    c: &ChangeMessage,
    old: &StoredMessage,
) -> std::result::Result<String, fn(StoredMessage) -> Changed> {
    let is_revoked = !old.revoked.is_empty();
    match &c.what {
        Alteration::Revoke(_) if is_revoked => Err(Changed::Same),
        Alteration::Revoke(by) => Ok(by.clone()),
        Alteration::Modify(_) if is_revoked => Err(Changed::Conflict),
        Alteration::Modify(_) if old.content == c.content => Err(Changed::Same),
        Alteration::Modify(rev) if *rev != old.rev => Err(Changed::Conflict),
        Alteration::Modify(_) => Ok(String::new()),
    }
}

pub async fn change<S: Sql>(sql: &mut S, c: &ChangeMessage) -> Result<Changed> {
    if c.conv.kind == conv_type::GROUP {
        return group_message::change(sql, c).await;
    }
    let Some(pair) = lock_pair(sql, c.app_id, c.account, &c.conv.id).await? else {
        return Ok(Changed::NoMessage);
    };
    let peer = pair.peer();
    let (a, b) = ordered(c.account, peer);
    let read = |row: &dyn Row| Ok((row.get(0)?, row.get(1)?));
    let found: Option<(ConvRef, u64)> = sql.one(CONV, params![a, b], read).await?;
    let Some((conv, revs)) = found else {
        return Ok(Changed::NoMessage);
    };
    let read = |row: &dyn Row| message_row(row, 0, c.account);
    let Some(old) = sql.one(MESSAGE, params![conv, c.seq], read).await? else {
        return Ok(Changed::NoMessage);
    };
    if matches!(c.what, Alteration::Revoke(_)) && !old.mine {
        return Ok(Changed::Denied);
    }
    let revoked = match altered(c, &old) {
        Ok(revoked) => revoked,
        Err(as_it_is) => return Ok(as_it_is(old)),
    };
    let rev = revs + 1;
    let mut batch = Batch::default();
    batch.push(CHANGE, params![&c.content, rev, &revoked, conv, c.seq]);
    batch.push(COUNT, params![rev, conv]);
    let event = (kind::CHANGED, c.seq, rev);
    let (event, peer_event) = pair.append(sql, conv, event, event, batch).await?;
    let content = c.content.clone();
    Ok(Changed::Done {
        message: StoredMessage {
            rev,
            revoked,
            content,
            ..old
        },
        event,
        peer: peer_event.map(|event| (peer, event)),
    })
}

pub async fn erase<S: Sql>(sql: &mut S, e: &Erase) -> Result<Option<Erasure>> {
    let mut stream = lock(sql, e.account).await?;
    let mut done = Erasure::default();
    let (conv, head) = match reach(sql, e.app_id, e.account, &e.conv).await? {
        Way::Nobody => return Ok(None),
        Way::Nothing => return Ok(Some(done)),
        Way::There(there) => (there.conv, there.head),
    };
    done.head = head;
    for &(from, to) in &e.ranges {
        let range = (from.max(1), to.min(head));
        done.ranges
            .extend(erase_range(sql, &mut stream, e.account, conv, range).await?);
    }
    Ok(Some(done))
}

/// Erases a range of a conversation for the one whose stream it is. `None`: that is so already.
pub(super) async fn erase_range<S: Sql>(
    sql: &mut S,
    stream: &mut Stream,
    account: AccountId,
    conv: ConvRef,
    (from, to): (u64, u64),
) -> Result<Option<ErasedRange>> {
    if from > to {
        return Ok(None);
    }
    // Those that touch it become one with it.
    let around = params![account, conv, from - 1, to + 1];
    let old = all(sql, TOUCHING, around, |row| Ok((row.get(0)?, row.get(1)?))).await?;
    let old: Vec<(u64, u64)> = old;
    if old
        .iter()
        .any(|(first, last)| *first <= from && to <= *last)
    {
        return Ok(None);
    }
    let first = old.iter().map(|(first, _)| *first).fold(from, u64::min);
    let last = old.iter().map(|(_, last)| *last).fold(to, u64::max);
    sql.execute(FORGET, around).await?;
    let row = params![account, conv, first, last];
    sql.execute(ERASE, row).await?;
    let said = (kind::ERASED, from, to);
    let event = stream.append_one(sql, conv, said, Batch::default()).await?;
    Ok(Some(ErasedRange { from, to, event }))
}

pub async fn changes<S: Sql>(sql: &mut S, q: &ChangesQuery) -> Result<ChangesPage> {
    let mut page = ChangesPage {
        rev: q.after,
        ..ChangesPage::default()
    };
    let Way::There(there) = reach(sql, q.app_id, q.account, &q.conv).await? else {
        return Ok(page);
    };
    let conv = there.conv;
    let mut bytes = 0;
    let read = |row: &dyn Row| {
        let message = match there.is_group {
            true => named_row(row, 0, q.account)?,
            false => message_row(row, 0, q.account)?,
        };
        if message.seq <= there.since {
            page.rev = message.rev;
            return Ok(ControlFlow::Continue(()));
        }
        bytes += message.content.len();
        let is_full = page.messages.len() == limits::HISTORY_PAGE as usize || bytes > q.max_bytes;
        if is_full && !page.messages.is_empty() {
            page.more = true;
            return Ok(ControlFlow::Break(()));
        }
        page.rev = message.rev;
        page.messages.push(message);
        Ok(ControlFlow::Continue(()))
    };
    let range = params![conv, q.after, i64::from(limits::HISTORY_PAGE) + 1];
    if there.is_group {
        sql.each(CHANGED_NAMED, range, read).await?;
    } else {
        sql.each(CHANGED, range, read).await?;
    }
    if page.more {
        return Ok(page);
    }
    page.rev = there.rev;
    let most = limits::ERASED_PAGE;
    let range = params![q.account, conv, q.erased_after, most as u64 + 1];
    page.erased = all(sql, ERASED, range, |row| Ok((row.get(0)?, row.get(1)?))).await?;
    page.more = page.erased.len() > most;
    page.erased.truncate(most);
    Ok(page)
}

/// The last message of a conversation for a member who has erased the last of all.
pub(super) async fn last_kept<S: Sql>(
    sql: &mut S,
    account: AccountId,
    conv: ConvRef,
    erased_from: u64,
) -> Result<Option<StoredMessage>> {
    let mut from = erased_from;
    loop {
        let read = |row: &dyn Row| message_row(row, 0, account);
        let shown = sql.one(SHOWN, params![conv, from - 1], read).await?;
        let Some(last) = shown else {
            return Ok(None);
        };
        let place = params![account, conv, last.seq];
        match sql.one(COVERING, place, |row| row.get(0)).await? {
            Some(covered) => from = covered,
            None => return Ok(Some(last)),
        }
    }
}
