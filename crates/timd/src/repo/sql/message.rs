//! Sending, history, reading.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::{
    AccountId, HistoryPage, HistoryQuery, MarkRead, Marked, ReadEvents, Result, SendMessage, Sent,
    StoredMessage,
};
use super::session::{append, kind};
use super::{int, nat, prepare};

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

fn user(conn: &Connection, app_id: u64, user_id: &str) -> Result<Option<AccountId>> {
    let id = prepare(conn, USER)?
        .query_row(params![int(app_id), user_id], |row| row.get(0))
        .optional()?;
    Ok(id)
}

/// A conversation's row is keyed by its members in this order.
fn ordered(one: AccountId, other: AccountId) -> (AccountId, AccountId) {
    (one.min(other), one.max(other))
}

pub fn send(conn: &Connection, m: &SendMessage) -> Result<Sent> {
    let first = prepare(conn, FIRST_RESULT)?
        .query_row(params![m.sender, m.msg_id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    if let Some((seq, time)) = first {
        return Ok(Sent::Repeat {
            seq: nat(seq),
            time: nat(time),
        });
    }
    let Some(receiver) = user(conn, m.app_id, &m.receiver)? else {
        return Ok(Sent::NoReceiver);
    };
    let (a, b) = ordered(m.sender, receiver);
    let countable = i64::from(m.countable);
    let (plus_a, plus_b) = if m.sender == a {
        (countable, 0)
    } else {
        (0, countable)
    };
    let mut advance = prepare(conn, ADVANCE)?;
    let row = params![plus_a, plus_b, i64::from(m.may_be_last), a, b];
    if advance.execute(row)? == 0 {
        prepare(conn, CREATE)?.execute(params![m.new_conv, int(m.app_id), a, b])?;
        let mut join = prepare(conn, JOIN)?;
        join.execute([a, m.new_conv])?;
        if a != b {
            join.execute([b, m.new_conv])?;
        }
        advance.execute(row)?;
    }
    let (conv, seq, ord): (i64, i64, i64) = prepare(conn, CONV)?.query_row([a, b], |row| {
        let ord = row.get(if m.sender == a { 2 } else { 3 })?;
        Ok((row.get(0)?, row.get(1)?, ord))
    })?;
    let row = params![conv, seq, m.sender, m.msg_id, int(m.time), ord, m.content];
    prepare(conn, STORE)?.execute(row)?;
    let seq = nat(seq);
    // In the order of ids, so that concurrent transactions of other engines never lock crosswise.
    let event_a = append(conn, a, kind::MESSAGE, conv, seq, 0)?;
    let event_b = if a == b {
        event_a
    } else {
        append(conn, b, kind::MESSAGE, conv, seq, 0)?
    };
    let (sender_event, receiver_event) = if m.sender == a {
        (event_a, event_b)
    } else {
        (event_b, event_a)
    };
    Ok(Sent::New {
        seq,
        ord: nat(ord),
        receiver,
        sender_event,
        receiver_event,
    })
}

pub fn mark_read(conn: &Connection, m: &MarkRead) -> Result<Option<Marked>> {
    let Some(peer) = user(conn, m.app_id, &m.peer)? else {
        return Ok(None);
    };
    let (a, b) = ordered(m.reader, peer);
    let is_a = m.reader == a;
    let found = prepare(conn, CONV)?
        .query_row([a, b], |row| {
            // The reader's marks, and the ordinal of the peer.
            let (ord, seq_at) = if is_a { (3, 4) } else { (2, 6) };
            Ok((
                row.get::<_, i64>(0)?,
                nat(row.get(1)?),
                nat(row.get(ord)?),
                nat(row.get(seq_at)?),
                nat(row.get(seq_at + 1)?),
            ))
        })
        .optional()?;
    let Some((conv, head, peer_head_ord, old_seq, old_ord)) = found else {
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
        let ord: Option<i64> = prepare(conn, ORD_AT)?
            .query_row(params![conv, int(read_seq), peer], |row| row.get(0))
            .optional()?;
        ord.map_or(0, nat)
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
    let row = params![int(read_seq), int(read_ord), int(m.time), conv];
    prepare(conn, update)?.execute(row)?;
    let to_reader = || append(conn, m.reader, kind::READ, conv, read_seq, read_ord);
    let to_peer = || append(conn, peer, kind::RECEIPT, conv, read_seq, m.time);
    marked.moved = Some(if a == b {
        ReadEvents {
            reader_event: to_reader()?,
            peer: None,
        }
    } else if is_a {
        let reader_event = to_reader()?;
        ReadEvents {
            reader_event,
            peer: Some((peer, to_peer()?)),
        }
    } else {
        let peer_event = to_peer()?;
        ReadEvents {
            reader_event: to_reader()?,
            peer: Some((peer, peer_event)),
        }
    });
    Ok(Some(marked))
}

pub fn history(conn: &Connection, q: &HistoryQuery) -> Result<HistoryPage> {
    let mut page = HistoryPage::default();
    let Some(peer) = user(conn, q.app_id, &q.peer)? else {
        return Ok(page);
    };
    let (a, b) = ordered(q.account, peer);
    let conv: Option<i64> = prepare(conn, CONV)?
        .query_row([a, b], |row| row.get(0))
        .optional()?;
    let Some(conv) = conv else { return Ok(page) };
    let mut stmt = prepare(conn, if q.forward { OLDEST } else { NEWEST })?;
    let mut rows = stmt.query(params![conv, int(q.from), int(q.to), q.limit])?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let message = message_row(row, 0, q.account)?;
        bytes += message.content.len();
        if bytes > q.max_bytes && !page.messages.is_empty() {
            page.more = true;
            break;
        }
        page.messages.push(message);
    }
    if !q.forward {
        page.messages.reverse();
    }
    Ok(page)
}

/// Reads seq, sender, msg_id, time, ord, content from column `at` on.
pub(super) fn message_row(
    row: &Row<'_>,
    at: usize,
    viewer: AccountId,
) -> rusqlite::Result<StoredMessage> {
    Ok(StoredMessage {
        seq: nat(row.get(at)?),
        mine: row.get::<_, i64>(at + 1)? == viewer,
        msg_id: row.get(at + 2)?,
        time: nat(row.get(at + 3)?),
        ord: nat(row.get(at + 4)?),
        content: row.get(at + 5)?,
    })
}
