//! Sending, history, reading.

use std::ops::ControlFlow;

use protocol::conversation::conv_type;
use protocol::receive::opt;

use super::super::{
    AccountId, ConvRef, HistoryPage, HistoryQuery, MarkRead, Marked, ReadEvents, Result,
    SendMessage, Sent, StoredMessage,
};
use super::group_message::{self, Reach, Way, named_row, reach};
use super::session::{kind, lock_pair};
use super::{Batch, Row, Sql, all, exactly_one, params};

const FIRST: &str = "SELECT seq, time FROM message WHERE sender = $1 AND msg_id = $2";
/// A conversation, and how a member wants it received.
const CONV_TO: &str = "SELECT c.id, c.head_seq, c.ord_a, c.ord_b, mc.recv_opt
    FROM conv c
    LEFT JOIN member_conv mc ON mc.account_id = $1 AND mc.conv_id = c.id
    WHERE c.a = $2 AND c.b = $3";
/// Both of them.
const CONV_AND_FIRST: &str = "SELECT c.id, c.head_seq, c.ord_a, c.ord_b, mc.recv_opt,
        m.seq, m.time
    FROM (SELECT 1) one
    LEFT JOIN conv c ON c.a = $1 AND c.b = $2
    LEFT JOIN message m ON m.sender = $3 AND m.msg_id = $4
    LEFT JOIN member_conv mc ON mc.account_id = $5 AND mc.conv_id = c.id";
const ADVANCE: &str = "UPDATE conv SET head_seq = $1, ord_a = $2, ord_b = $3,
        last_seq = CASE WHEN $4 = 1 THEN $1 ELSE last_seq END
    WHERE id = $5";
const CREATE: &str = "INSERT INTO conv (head_seq, ord_a, ord_b, last_seq, id, app_id, a, b)
    VALUES ($1, $2, $3, CASE WHEN $4 = 1 THEN $1 ELSE 0 END, $5, $6, $7, $8)";
const JOIN: &str = "INSERT INTO member_conv (account_id, conv_id) VALUES ($1, $2)";
const JOIN_BOTH: &str = "INSERT INTO member_conv (account_id, conv_id) VALUES ($1, $2), ($3, $2)";
/// The same where a member has set something on the conversation before its first message.
const JOIN_BOTH_LATE: &str = "INSERT INTO member_conv (account_id, conv_id)
    VALUES ($1, $2), ($3, $2) ON CONFLICT (account_id, conv_id) DO NOTHING";
const STORE: &str = "INSERT INTO message (conv_id, seq, sender, msg_id, time, ord, content, shown)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const CONV: &str = "SELECT id, head_seq, ord_a, ord_b, read_seq_a, read_ord_a, read_seq_b,
        read_ord_b
    FROM conv WHERE a = $1 AND b = $2";
const ORD_AT: &str = "SELECT ord FROM message WHERE conv_id = $1 AND seq <= $2 AND sender = $3
    ORDER BY seq DESC LIMIT 1";
const READ_A: &str = "UPDATE conv SET read_seq_a = $1, read_ord_a = $2, read_time_a = $3
    WHERE id = $4";
const READ_B: &str = "UPDATE conv SET read_seq_b = $1, read_ord_b = $2, read_time_b = $3
    WHERE id = $4";
const NEWEST: &str = "SELECT seq, sender, msg_id, time, ord, content, rev, revoked FROM message
    WHERE conv_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq DESC LIMIT $4";
const OLDEST: &str = "SELECT seq, sender, msg_id, time, ord, content, rev, revoked FROM message
    WHERE conv_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq LIMIT $4";
/// The same in a group, with the senders' names.
const NEWEST_NAMED: &str =
    "SELECT m.seq, m.sender, m.msg_id, m.time, m.ord, m.content, m.rev, m.revoked, a.user_id
    FROM message m LEFT JOIN account a ON a.id = m.sender
    WHERE m.conv_id = $1 AND m.seq >= $2 AND m.seq <= $3 ORDER BY m.seq DESC LIMIT $4";
const OLDEST_NAMED: &str =
    "SELECT m.seq, m.sender, m.msg_id, m.time, m.ord, m.content, m.rev, m.revoked, a.user_id
    FROM message m LEFT JOIN account a ON a.id = m.sender
    WHERE m.conv_id = $1 AND m.seq >= $2 AND m.seq <= $3 ORDER BY m.seq LIMIT $4";

/// What a member has erased in a range: the oldest first, or the newest.
const ERASED_UP: &str = "SELECT from_seq, to_seq FROM erased
    WHERE account_id = $1 AND conv_id = $2 AND to_seq >= $3 AND from_seq <= $4
    ORDER BY from_seq LIMIT $5";
const ERASED_DOWN: &str = "SELECT from_seq, to_seq FROM erased
    WHERE account_id = $1 AND conv_id = $2 AND to_seq >= $3 AND from_seq <= $4
    ORDER BY from_seq DESC LIMIT $5";

/// A conversation's row is keyed by its members in this order.
pub(super) fn ordered(one: AccountId, other: AccountId) -> (AccountId, AccountId) {
    (one.min(other), one.max(other))
}

/// A conversation that a message comes into.
struct Destination {
    conv: ConvRef,
    head: u64,
    ord_a: u64,
    ord_b: u64,
    /// The receiver wants nothing of it.
    is_unwanted: bool,
}

/// The conversation, and seq and time of the same message, should it be there already.
async fn conv_and_first<S: Sql>(
    sql: &mut S,
    m: &SendMessage,
    receiver: AccountId,
) -> Result<(Option<Destination>, Option<(u64, u64)>)> {
    let conv = |row: &dyn Row| {
        Ok(Destination {
            conv: row.get(0)?,
            head: row.get(1)?,
            ord_a: row.get(2)?,
            ord_b: row.get(3)?,
            is_unwanted: row.find(4)? == Some(opt::NOT_RECEIVE),
        })
    };
    let (a, b) = ordered(m.sender, receiver);
    if S::IS_NEAR {
        let key = params![m.sender, &m.msg_id];
        let first = sql.one(FIRST, key, |row| Ok((row.get(0)?, row.get(1)?)));
        let first = first.await?;
        let key = params![receiver, a, b];
        return Ok((sql.one(CONV_TO, key, conv).await?, first));
    }
    let key = params![a, b, m.sender, &m.msg_id, receiver];
    let both = |row: &dyn Row| {
        let is_conv = row.int(0)?.is_some();
        let conv = is_conv.then(|| conv(row)).transpose()?;
        Ok((conv, row.find(5)?.zip(row.find(6)?)))
    };
    exactly_one(sql, CONV_AND_FIRST, key, both).await
}

pub async fn send<S: Sql>(sql: &mut S, m: &SendMessage) -> Result<Sent> {
    let Some(pair) = lock_pair(sql, m.app_id, m.sender, &m.receiver).await? else {
        return Ok(Sent::NoReceiver);
    };
    let receiver = pair.peer();
    let (a, b) = ordered(m.sender, receiver);
    // Under the lock, so that of two at the same instant the second one finds the first.
    let (conv, first) = conv_and_first(sql, m, receiver).await?;
    if let Some((seq, time)) = first {
        return Ok(Sent::Repeat { seq, time });
    }
    let is_new = conv.is_none();
    let Destination {
        conv,
        head,
        mut ord_a,
        mut ord_b,
        is_unwanted,
    } = conv.unwrap_or(Destination {
        conv: m.new_conv,
        head: 0,
        ord_a: 0,
        ord_b: 0,
        is_unwanted: false,
    });
    let (seq, ord) = (
        head + 1,
        if m.sender == a {
            &mut ord_a
        } else {
            &mut ord_b
        },
    );
    // What its receiver does not want is in the history, and never unread.
    *ord += u64::from(m.countable && !is_unwanted);
    let ord = *ord;
    let mut batch = Batch::default();
    let row = params![seq, ord_a, ord_b, m.may_be_last, conv, m.app_id, a, b];
    if is_new {
        batch.push(CREATE, row);
        if a == b {
            batch.push(JOIN, params![a, conv]);
        } else {
            batch.push(JOIN_BOTH, params![a, conv, b]);
        }
    } else {
        batch.push(ADVANCE, &row[..5]);
        if head == 0 && a != b {
            batch.push(JOIN_BOTH_LATE, params![a, conv, b]);
        }
    }
    let row = params![
        conv,
        seq,
        m.sender,
        &m.msg_id,
        m.time,
        ord,
        &m.content,
        m.may_be_last
    ];
    batch.push(STORE, row);
    let event = (kind::MESSAGE, seq, 0);
    let (sender_event, receiver_event) = pair.append(sql, conv, event, event, batch).await?;
    Ok(Sent::New {
        seq,
        ord,
        receiver,
        sender_event,
        receiver_event: receiver_event.unwrap_or(sender_event),
    })
}

pub async fn mark_read<S: Sql>(sql: &mut S, m: &MarkRead) -> Result<Option<Marked>> {
    if m.conv.kind == conv_type::GROUP {
        return group_message::mark_read(sql, m).await;
    }
    let Some(pair) = lock_pair(sql, m.app_id, m.reader, &m.conv.id).await? else {
        return Ok(None);
    };
    let peer = pair.peer();
    let (a, b) = ordered(m.reader, peer);
    let is_a = m.reader == a;
    // The reader's marks, and the ordinal of the peer.
    let (ord_at, seq_at) = if is_a { (3, 4) } else { (2, 6) };
    let key = params![a, b];
    let found = sql.one(CONV, key, |row| {
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
    let mut batch = Batch::default();
    batch.push(update, params![read_seq, read_ord, m.time, conv]);
    let read = (kind::READ, read_seq, read_ord);
    let receipt = (kind::RECEIPT, read_seq, m.time);
    let (reader_event, peer_event) = pair.append(sql, conv, read, receipt, batch).await?;
    marked.moved = Some(ReadEvents {
        reader_event,
        peer: peer_event.map(|event| (peer, event)),
    });
    Ok(Some(marked))
}

pub async fn history<S: Sql>(sql: &mut S, q: &HistoryQuery) -> Result<HistoryPage> {
    let mut page = HistoryPage::default();
    let Way::There(there) = reach(sql, q.app_id, q.account, &q.conv).await? else {
        return Ok(page);
    };
    let conv = there.conv;
    let mut bytes = 0;
    for (from, to) in kept(sql, q, &there).await? {
        let left = q.limit - page.messages.len() as u32;
        if left == 0 || page.more {
            break;
        }
        let read = |row: &dyn Row| {
            let message = match there.is_group {
                true => named_row(row, 0, q.account)?,
                false => message_row(row, 0, q.account)?,
            };
            bytes += message.content.len();
            if bytes > q.max_bytes && !page.messages.is_empty() {
                page.more = true;
                return Ok(ControlFlow::Break(()));
            }
            page.messages.push(message);
            Ok(ControlFlow::Continue(()))
        };
        let range = match (q.forward, there.is_group) {
            (true, false) => OLDEST,
            (false, false) => NEWEST,
            (true, true) => OLDEST_NAMED,
            (false, true) => NEWEST_NAMED,
        };
        sql.each(range, params![conv, from, to, left], read).await?;
    }
    if !q.forward {
        page.messages.reverse();
    }
    Ok(page)
}

/// The ranges that the one who asks has not erased, in the order in which messages are wanted. Each but
/// the last holds a message at least, so that no more are looked at than the page can have.
async fn kept<S: Sql>(sql: &mut S, q: &HistoryQuery, there: &Reach) -> Result<Vec<(u64, u64)>> {
    let start = q.from.max(there.since + 1);
    // One more, since the first may leave nothing before it.
    let range = params![q.account, there.conv, start, q.to, i64::from(q.limit) + 1];
    let erased = if q.forward { ERASED_UP } else { ERASED_DOWN };
    let erased = all(sql, erased, range, |row| Ok((row.get(0)?, row.get(1)?))).await?;
    let (mut from, mut to, mut kept) = (start, q.to, Vec::new());
    for (first, last) in erased {
        let (first, last): (u64, u64) = (first, last);
        let before = if q.forward {
            let before = (from, first.saturating_sub(1));
            from = from.max(last.saturating_add(1));
            before
        } else {
            let before = (last.saturating_add(1), to);
            to = to.min(first.saturating_sub(1));
            before
        };
        kept.push(before);
    }
    kept.push((from, to));
    kept.retain(|(from, to)| from <= to);
    Ok(kept)
}

/// Reads seq, sender, msg_id, time, ord, content, rev, revoked from column `at` on.
pub(super) fn message_row(row: &dyn Row, at: usize, viewer: AccountId) -> Result<StoredMessage> {
    Ok(StoredMessage {
        seq: row.get(at)?,
        mine: row.get::<i64>(at + 1)? == viewer,
        sender: String::new(),
        msg_id: row.get(at + 2)?,
        time: row.get(at + 3)?,
        ord: row.get(at + 4)?,
        content: row.get(at + 5)?,
        rev: row.get(at + 6)?,
        revoked: row.get(at + 7)?,
    })
}
