//! Snapshots of a user's conversations.

use std::ops::ControlFlow;

use super::super::{AccountId, ConvRef, ConvView, Result, SnapshotPage};
use super::change::last_kept;
use super::message::message_row;
use super::session::event_head;
use super::settings::{has_groups, settings_row};
use super::user::receive_all;
use super::{Row, Sql, params};

const PAGE: &str = "SELECT c.id, p.user_id, c.head_seq, c.a, c.b, c.ord_a, c.ord_b,
        c.read_seq_a, c.read_ord_a, c.read_time_a, c.read_seq_b, c.read_ord_b, c.read_time_b,
        m.seq, m.sender, m.msg_id, m.time, m.ord, m.content, m.rev, m.revoked, c.rev, e.from_seq,
        mc.settings, mc.pinned, mc.marks, mc.custom_data, mc.hidden, mc.hidden_ord,
        mc.recv_opt, mc.bare
    FROM member_conv mc
    JOIN conv c ON c.id = mc.conv_id
    JOIN account p ON p.id = CASE WHEN c.a = mc.account_id THEN c.b ELSE c.a END
    LEFT JOIN message m ON m.conv_id = c.id AND m.seq = c.last_seq
    LEFT JOIN erased e ON e.account_id = mc.account_id AND e.conv_id = c.id
        AND e.from_seq <= c.last_seq AND e.to_seq >= c.last_seq
    WHERE mc.account_id = $1 AND mc.conv_id > $2 ORDER BY mc.conv_id LIMIT $3";

pub async fn snapshot<S: Sql>(
    sql: &mut S,
    account: AccountId,
    after: ConvRef,
    limit: u32,
    max_bytes: usize,
) -> Result<SnapshotPage> {
    let mut page = SnapshotPage {
        event_seq: event_head(sql, account).await?,
        has_groups: has_groups(sql, account).await?,
        receive_all: match after {
            0 => receive_all(sql, account).await?,
            _ => None,
        },
        ..SnapshotPage::default()
    };
    let (mut bytes, mut newest) = (0, after);
    // Conversations whose last message this member has erased.
    let mut erased = Vec::new();
    let read = |row: &dyn Row| {
        let last = match row.find::<i64>(13)? {
            Some(_) => Some(message_row(row, 13, account)?),
            None => None,
        };
        bytes += last.as_ref().map_or(0, |m| m.content.len());
        let full = page.conversations.len() == limit as usize || bytes > max_bytes;
        if full && !page.conversations.is_empty() {
            page.next = Some(newest);
            return Ok(ControlFlow::Break(()));
        }
        newest = row.get(0)?;
        if let Some(from) = row.find(22)? {
            erased.push((page.conversations.len(), newest, from));
        }
        let (a, b): (AccountId, AccountId) = (row.get(3)?, row.get(4)?);
        let (mine, theirs, their_ord) = if account == a { (7, 10, 6) } else { (10, 7, 5) };
        let alone = a == b;
        page.conversations.push(ConvView {
            peer: row.get(1)?,
            head_seq: row.get(2)?,
            peer_ord: if alone { 0 } else { row.get(their_ord)? },
            read_seq: row.get(mine)?,
            read_ord: row.get(mine + 1)?,
            peer_read_seq: if alone { 0 } else { row.get(theirs)? },
            peer_read_time: if alone { 0 } else { row.get(theirs + 2)? },
            rev: row.get(21)?,
            settings: settings_row(row, 23)?,
            last,
        });
        Ok(ControlFlow::Continue(()))
    };
    // One more than wanted tells whether there is a next page.
    let range = params![account, after, i64::from(limit) + 1];
    sql.each(PAGE, range, read).await?;
    for (at, conv, from) in erased {
        page.conversations[at].last = last_kept(sql, account, conv, from).await?;
    }
    Ok(page)
}
