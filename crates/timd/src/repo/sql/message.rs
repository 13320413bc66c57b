//! Sending, history, reading.

use std::ops::ControlFlow;

use super::super::{
    AccountId, HistoryPage, HistoryQuery, MarkRead, Marked, ReadEvents, Result, SendMessage, Sent,
    StoredMessage,
};
use super::session::{kind, lock_both};
use super::{Row, Sql, exactly_one, params};

const USER: &str = "SELECT id FROM account WHERE app_id = $1 AND user_id = $2";
const FIRST_RESULT: &str = "SELECT seq, time FROM message WHERE sender = $1 AND msg_id = $2";
/// Then [`CONV`] reads what it made: SQLite keeps the rows of a RETURNING in a tree of its own,
/// which costs more than the statement.
const ADVANCE: &str = "UPDATE conv SET head_seq = head_seq + 1, ord_a = ord_a + $1,
        ord_b = ord_b + $2, last_seq = CASE WHEN $3 = 1 THEN head_seq + 1 ELSE last_seq END
    WHERE a = $4 AND b = $5";
const CREATE: &str = "INSERT INTO conv (id, app_id, a, b) VALUES ($1, $2, $3, $4)";
const JOIN: &str = "INSERT INTO member_conv (account_id, conv_id) VALUES ($1, $2)";
const STORE: &str = "INSERT INTO message (conv_id, seq, sender, msg_id, time, ord, content)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const CONV: &str = "SELECT id, head_seq, ord_a, ord_b, read_seq_a, read_ord_a, read_seq_b,
        read_ord_b
    FROM conv WHERE a = $1 AND b = $2";
const ORD_AT: &str = "SELECT ord FROM message WHERE conv_id = $1 AND seq <= $2 AND sender = $3
    ORDER BY seq DESC LIMIT 1";
const READ_A: &str = "UPDATE conv SET read_seq_a = $1, read_ord_a = $2, read_time_a = $3
    WHERE id = $4";
const READ_B: &str = "UPDATE conv SET read_seq_b = $1, read_ord_b = $2, read_time_b = $3
    WHERE id = $4";
const NEWEST: &str = "SELECT seq, sender, msg_id, time, ord, content FROM message
    WHERE conv_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq DESC LIMIT $4";
const OLDEST: &str = "SELECT seq, sender, msg_id, time, ord, content FROM message
    WHERE conv_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq LIMIT $4";

async fn user<S: Sql>(sql: &mut S, app_id: u64, user_id: &str) -> Result<Option<AccountId>> {
    sql.one(USER, params![app_id, user_id], |row| row.get(0))
        .await
}

/// A conversation's row is keyed by its members in this order.
fn ordered(one: AccountId, other: AccountId) -> (AccountId, AccountId) {
    (one.min(other), one.max(other))
}

pub async fn send<S: Sql>(sql: &mut S, m: &SendMessage) -> Result<Sent> {
    let Some(receiver) = user(sql, m.app_id, &m.receiver).await? else {
        return Ok(Sent::NoReceiver);
    };
    let (mut own, mut peer) = lock_both(sql, m.sender, receiver).await?;
    // Under the lock, so that of two at the same instant the second one finds the first.
    let key = params![m.sender, &m.msg_id];
    let first = sql.one(FIRST_RESULT, key, |row| Ok((row.get(0)?, row.get(1)?)));
    if let Some((seq, time)) = first.await? {
        return Ok(Sent::Repeat { seq, time });
    }
    let (a, b) = ordered(m.sender, receiver);
    let (plus_a, plus_b) = if m.sender == a {
        (m.countable, false)
    } else {
        (false, m.countable)
    };
    let row = params![plus_a, plus_b, m.may_be_last, a, b];
    if sql.execute(ADVANCE, row).await? == 0 {
        let new = params![m.new_conv, m.app_id, a, b];
        sql.execute(CREATE, new).await?;
        sql.execute(JOIN, params![a, m.new_conv]).await?;
        if a != b {
            sql.execute(JOIN, params![b, m.new_conv]).await?;
        }
        sql.execute(ADVANCE, row).await?;
    }
    let ord_at = if m.sender == a { 2 } else { 3 };
    let (conv, seq, ord): (i64, u64, u64) = exactly_one(sql, CONV, params![a, b], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(ord_at)?))
    })
    .await?;
    let row = params![conv, seq, m.sender, &m.msg_id, m.time, ord, &m.content];
    sql.execute(STORE, row).await?;
    let sender_event = own.append(sql, kind::MESSAGE, conv, seq, 0).await?;
    let receiver_event = match &mut peer {
        Some(peer) => peer.append(sql, kind::MESSAGE, conv, seq, 0).await?,
        None => sender_event,
    };
    Ok(Sent::New {
        seq,
        ord,
        receiver,
        sender_event,
        receiver_event,
    })
}

pub async fn mark_read<S: Sql>(sql: &mut S, m: &MarkRead) -> Result<Option<Marked>> {
    let Some(peer) = user(sql, m.app_id, &m.peer).await? else {
        return Ok(None);
    };
    let (mut own_stream, mut peer_stream) = lock_both(sql, m.reader, peer).await?;
    let (a, b) = ordered(m.reader, peer);
    let is_a = m.reader == a;
    // The reader's marks, and the ordinal of the peer.
    let (ord_at, seq_at) = if is_a { (3, 4) } else { (2, 6) };
    let pair = params![a, b];
    let found = sql.one(CONV, pair, |row| {
        let (head, ord): (u64, u64) = (row.get(1)?, row.get(ord_at)?);
        let marks: (u64, u64) = (row.get(seq_at)?, row.get(seq_at + 1)?);
        Ok((row.get::<i64>(0)?, head, ord, marks))
    });
    let Some((conv, head, peer_head_ord, (old_seq, old_ord))) = found.await? else {
        return Ok(Some(Marked {
            read_seq: 0,
            read_ord: 0,
            moved: None,
        }));
    };
    let read_seq = old_seq.max(m.seq.min(head));
    let ord_there = if a == b {
        0 // one's own messages are never unread
    } else if read_seq == head {
        peer_head_ord
    } else {
        let place = params![conv, read_seq, peer];
        let ord = sql.one(ORD_AT, place, |row| row.get(0)).await?;
        ord.unwrap_or(0)
    };
    let read_ord = old_ord.max(ord_there);
    let mut marked = Marked {
        read_seq,
        read_ord,
        moved: None,
    };
    if (read_seq, read_ord) == (old_seq, old_ord) {
        return Ok(Some(marked));
    }
    let update = if is_a { READ_A } else { READ_B };
    let row = params![read_seq, read_ord, m.time, conv];
    sql.execute(update, row).await?;
    let reader_event = own_stream.append(sql, kind::READ, conv, read_seq, read_ord);
    marked.moved = Some(ReadEvents {
        reader_event: reader_event.await?,
        peer: match &mut peer_stream {
            Some(stream) => {
                let event = stream.append(sql, kind::RECEIPT, conv, read_seq, m.time);
                Some((peer, event.await?))
            }
            None => None,
        },
    });
    Ok(Some(marked))
}

pub async fn history<S: Sql>(sql: &mut S, q: &HistoryQuery) -> Result<HistoryPage> {
    let mut page = HistoryPage::default();
    let Some(peer) = user(sql, q.app_id, &q.peer).await? else {
        return Ok(page);
    };
    let (a, b) = ordered(q.account, peer);
    let pair = params![a, b];
    let Some(conv) = sql.one(CONV, pair, |row| row.get::<i64>(0)).await? else {
        return Ok(page);
    };
    let mut bytes = 0;
    let read = |row: &dyn Row| {
        let message = message_row(row, 0, q.account)?;
        bytes += message.content.len();
        if bytes > q.max_bytes && !page.messages.is_empty() {
            page.more = true;
            return Ok(ControlFlow::Break(()));
        }
        page.messages.push(message);
        Ok(ControlFlow::Continue(()))
    };
    let range = if q.forward { OLDEST } else { NEWEST };
    sql.each(range, params![conv, q.from, q.to, q.limit], read)
        .await?;
    if !q.forward {
        page.messages.reverse();
    }
    Ok(page)
}

/// Reads seq, sender, msg_id, time, ord, content from column `at` on.
pub(super) fn message_row(row: &dyn Row, at: usize, viewer: AccountId) -> Result<StoredMessage> {
    Ok(StoredMessage {
        seq: row.get(at)?,
        mine: row.get::<i64>(at + 1)? == viewer,
        msg_id: row.get(at + 2)?,
        time: row.get(at + 3)?,
        ord: row.get(at + 4)?,
        content: row.get(at + 5)?,
    })
}
