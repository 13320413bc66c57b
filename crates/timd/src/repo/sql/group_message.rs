//! Messages of groups: stored once, whatever the number of members.

use protocol::codes;
use protocol::conversation::{ConvId, conv_type};
use protocol::group::{SYSTEM, role};

use super::super::{
    AccountId, Alteration, ChangeMessage, Changed, ConvRef, GroupMessage, GroupSent, MarkRead,
    Marked, ReadEvents, Result, StoredMessage,
};
use super::group::{Group, lock_group, member};
use super::message::{message_row, ordered};
use super::session::{kind, lock};
use super::{Batch, Row, Sql, exactly_one, params, user};

const FIRST: &str = "SELECT seq, time FROM message WHERE sender = $1 AND msg_id = $2";
const STORE: &str = "INSERT INTO message
    (conv_id, seq, sender, msg_id, time, ord, own, content, shown)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const ADVANCE: &str = "UPDATE chat_group SET head_seq = $1, ord = $2, moved = $3,
        last_seq = CASE WHEN $4 = 1 THEN $1 ELSE last_seq END
    WHERE id = $5";
const WROTE: &str = "UPDATE group_member SET own_ord = $1, own_seq = $2
    WHERE conv_id = $3 AND account_id = $4";
/// As one statement reads it, so that the numbers belong together.
const MARKS: &str = "SELECT g.id, g.head_seq, g.ord, gm.since_seq, gm.read_seq, gm.read_ord,
        gm.own_ord, gm.own_seq
    FROM chat_group g JOIN group_member gm ON gm.conv_id = g.id AND gm.account_id = $1
    WHERE g.app_id = $2 AND g.group_id = $3 AND g.ended = 0";
const ORD: &str = "SELECT ord FROM message WHERE conv_id = $1 AND seq = $2";
/// The member's next message, and what all had written before it.
const NEXT_OWN: &str = "SELECT m.own, m.ord, b.ord FROM message m
    LEFT JOIN message b ON b.conv_id = m.conv_id AND b.seq = m.seq - 1
    WHERE m.conv_id = $1 AND m.seq > $2 AND m.sender = $3 ORDER BY m.seq LIMIT 1";
const READ: &str = "UPDATE group_member SET read_seq = $1, read_ord = $2
    WHERE conv_id = $3 AND account_id = $4";
const MESSAGE: &str =
    "SELECT m.seq, m.sender, m.msg_id, m.time, m.ord, m.content, m.rev, m.revoked, a.user_id
    FROM message m LEFT JOIN account a ON a.id = m.sender WHERE m.conv_id = $1 AND m.seq = $2";
const CHANGE: &str = "UPDATE message SET content = $1, rev = $2, revoked = $3
    WHERE conv_id = $4 AND seq = $5";
const COUNT: &str = "UPDATE chat_group SET rev = $1, moved = $2 WHERE id = $3";
const SHOWN: &str =
    "SELECT m.seq, m.sender, m.msg_id, m.time, m.ord, m.content, m.rev, m.revoked, a.user_id
    FROM message m LEFT JOIN account a ON a.id = m.sender
    WHERE m.conv_id = $1 AND m.seq > $2 AND m.seq <= $3 AND m.shown = 1
    ORDER BY m.seq DESC LIMIT 1";
const COVERING: &str = "SELECT from_seq FROM erased
    WHERE account_id = $1 AND conv_id = $2 AND to_seq >= $3 AND from_seq <= $3";
const PAIR: &str = "SELECT id, head_seq, rev FROM conv WHERE a = $1 AND b = $2";
const GROUP: &str = "SELECT g.id, g.head_seq, g.rev, gm.since_seq
    FROM chat_group g JOIN group_member gm ON gm.conv_id = g.id AND gm.account_id = $1
    WHERE g.app_id = $2 AND g.group_id = $3 AND g.ended = 0";

/// A conversation as one of its members reaches it.
pub(super) struct Reach {
    pub conv: ConvRef,
    /// The newest message.
    pub head: u64,
    /// How often messages of it have changed.
    pub rev: u64,
    /// The messages after this one are there for the member.
    pub since: u64,
    /// Senders have to be named.
    pub is_group: bool,
}

/// What becomes of a question about a conversation.
pub(super) enum Way {
    /// There is nobody of that name, or the user is not in that group.
    Nobody,
    /// Nothing has been written there.
    Nothing,
    /// This is the conversation.
    There(Reach),
}

/// Finds a conversation by the name that a user has for it.
pub(super) async fn reach<S: Sql>(
    sql: &mut S,
    app_id: u64,
    account: AccountId,
    conv: &ConvId,
) -> Result<Way> {
    if conv.kind == conv_type::GROUP {
        let key = params![account, app_id, &conv.id];
        let read = |row: &dyn Row| {
            Ok(Reach {
                conv: row.get(0)?,
                head: row.get(1)?,
                rev: row.get(2)?,
                since: row.get(3)?,
                is_group: true,
            })
        };
        let found = sql.one(GROUP, key, read).await?;
        return Ok(found.map_or(Way::Nobody, Way::There));
    }
    let Some(peer) = user::id(sql, app_id, &conv.id).await? else {
        return Ok(Way::Nobody);
    };
    let (a, b) = ordered(account, peer);
    let read = |row: &dyn Row| {
        Ok(Reach {
            conv: row.get(0)?,
            head: row.get(1)?,
            rev: row.get(2)?,
            since: 0,
            is_group: false,
        })
    };
    let found = sql.one(PAIR, params![a, b], read).await?;
    Ok(found.map_or(Way::Nothing, Way::There))
}

/// Reads what [`message_row`] reads, and the sender's user ID after it.
pub(super) fn named_row(row: &dyn Row, at: usize, viewer: AccountId) -> Result<StoredMessage> {
    let name = row.find(at + 8)?;
    Ok(StoredMessage {
        sender: name.unwrap_or_else(|| SYSTEM.to_owned()),
        ..message_row(row, at, viewer)?
    })
}

pub async fn send<S: Sql>(sql: &mut S, m: &GroupMessage) -> Result<GroupSent> {
    let Some(group) = lock_group(sql, m.app_id, &m.group_id).await? else {
        return Ok(GroupSent::Refused(codes::SVR_GROUP_NOT_FOUND));
    };
    // Under the lock, so that of two at the same instant the second one finds the first.
    let key = params![m.sender, &m.msg_id];
    let first = sql.one(FIRST, key, |row| Ok((row.get(0)?, row.get(1)?)));
    if let Some((seq, time)) = first.await? {
        return Ok(GroupSent::Repeat { seq, time });
    }
    let Some(me) = member(sql, group.id, m.sender).await? else {
        return Ok(GroupSent::Refused(codes::SVR_GROUP_PERMISSION_DENY));
    };
    let seq = group.head + 1;
    let ord = group.ord + u64::from(m.countable);
    let own = me.own_ord + u64::from(m.countable);
    let mut batch = Batch::default();
    let row = params![
        group.id,
        seq,
        m.sender,
        &m.msg_id,
        m.now_ms / 1000,
        ord,
        own,
        &m.content,
        m.may_be_last
    ];
    batch.push(STORE, row);
    batch.push(WROTE, params![own, seq, group.id, m.sender]);
    let row = params![seq, ord, m.now_ms, m.may_be_last, group.id];
    batch.push(ADVANCE, row);
    sql.run(&batch).await?;
    Ok(GroupSent::New {
        conv: group.id,
        seq,
        ord,
    })
}

/// Stores what the server tells a group, as its next message.
pub(super) async fn store_tip<S: Sql>(
    sql: &mut S,
    group: &mut Group,
    content: String,
    now_ms: u64,
) -> Result<StoredMessage> {
    group.head += 1;
    let seq = group.head;
    let tip = StoredMessage {
        seq,
        mine: false,
        sender: SYSTEM.to_owned(),
        msg_id: format!("{}-{seq}", group.id),
        time: now_ms / 1000,
        ord: group.ord,
        rev: 0,
        revoked: String::new(),
        content,
    };
    let mut batch = Batch::default();
    let row = params![
        group.id,
        seq,
        0,
        &tip.msg_id,
        tip.time,
        tip.ord,
        0,
        &tip.content,
        true
    ];
    batch.push(STORE, row);
    batch.push(ADVANCE, params![seq, group.ord, now_ms, true, group.id]);
    sql.run(&batch).await?;
    Ok(tip)
}

/// `None`: the reader is not in that group.
pub(super) async fn mark_read<S: Sql>(sql: &mut S, m: &MarkRead) -> Result<Option<Marked>> {
    let mut stream = lock(sql, m.reader).await?;
    let key = params![m.reader, m.app_id, &m.conv.id];
    let read = |row: &dyn Row| {
        let group: (ConvRef, u64, u64, u64) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let own: (u64, u64) = (row.get(6)?, row.get(7)?);
        Ok((group, (row.get(4)?, row.get(5)?), own))
    };
    let Some((group, (old_seq, old_ord), (own_ord, own_seq))) = sql.one(MARKS, key, read).await?
    else {
        return Ok(None);
    };
    let (conv, head, ord, since) = group;
    let read_seq: u64 = m.seq.min(head).max(old_seq).max(since);
    let others = if read_seq == head {
        ord.saturating_sub(own_ord)
    } else if read_seq == old_seq {
        old_ord
    } else {
        let there: u64 = exactly_one(sql, ORD, params![conv, read_seq], |row| row.get(0)).await?;
        let mut own = own_ord;
        if read_seq < own_seq {
            // The member has written since: what was written up to there is one less than the next.
            let place = params![conv, read_seq, m.reader];
            let next = |row: &dyn Row| {
                let (own, ord): (u64, u64) = (row.get(0)?, row.get(1)?);
                Ok(own - (ord - row.find::<u64>(2)?.unwrap_or(0)))
            };
            own = sql.one(NEXT_OWN, place, next).await?.unwrap_or(own_ord);
        }
        there.saturating_sub(own)
    };
    let read_ord: u64 = others.max(old_ord);
    let mut marked = Marked {
        read_seq,
        read_ord,
        moved: None,
    };
    if (read_seq, read_ord) == (old_seq, old_ord) {
        return Ok(Some(marked));
    }
    let mut batch = Batch::default();
    batch.push(READ, params![read_seq, read_ord, conv, m.reader]);
    let said = (kind::READ, read_seq, read_ord);
    let reader_event = stream.append_one(sql, conv, said, batch).await?;
    marked.moved = Some(ReadEvents {
        reader_event,
        peer: None,
    });
    Ok(Some(marked))
}

pub(super) async fn change<S: Sql>(sql: &mut S, c: &ChangeMessage) -> Result<Changed> {
    let Some(group) = lock_group(sql, c.app_id, &c.conv.id).await? else {
        return Ok(Changed::NoMessage);
    };
    let Some(me) = member(sql, group.id, c.account).await? else {
        return Ok(Changed::NoMessage);
    };
    let read = |row: &dyn Row| named_row(row, 0, c.account);
    let place = params![group.id, c.seq];
    let old = sql.one(MESSAGE, place, read).await?;
    let Some(old) = old.filter(|old| old.seq > me.since) else {
        return Ok(Changed::NoMessage);
    };
    if old.sender == SYSTEM {
        return Ok(Changed::Denied);
    }
    if matches!(c.what, Alteration::Revoke(_)) && !old.mine && me.role < role::ADMIN {
        return Ok(Changed::Denied);
    }
    let revoked = match super::change::altered(c, &old) {
        Ok(revoked) => revoked,
        Err(as_it_is) => return Ok(as_it_is(old)),
    };
    let rev = group.rev + 1;
    let mut batch = Batch::default();
    batch.push(CHANGE, params![&c.content, rev, &revoked, group.id, c.seq]);
    batch.push(COUNT, params![rev, c.now_ms, group.id]);
    sql.run(&batch).await?;
    let content = c.content.clone();
    Ok(Changed::InGroup {
        conv: group.id,
        message: StoredMessage {
            rev,
            revoked,
            content,
            ..old
        },
    })
}

/// The last message of a group's conversation for a member, who may have erased some.
pub(super) async fn last_shown<S: Sql>(
    sql: &mut S,
    account: AccountId,
    conv: ConvRef,
    mut head: u64,
    since: u64,
) -> Result<Option<StoredMessage>> {
    loop {
        let read = |row: &dyn Row| named_row(row, 0, account);
        let shown = sql.one(SHOWN, params![conv, since, head], read).await?;
        let Some(last) = shown else {
            return Ok(None);
        };
        let place = params![account, conv, last.seq];
        match sql.one(COVERING, place, |row| row.get::<u64>(0)).await? {
            Some(covered) => head = covered.saturating_sub(1),
            None => return Ok(Some(last)),
        }
    }
}
