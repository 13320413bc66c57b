//! Snapshots of a user's conversations.

use std::ops::ControlFlow;

use protocol::conversation::ConvId;
use protocol::group::SYSTEM;

use super::super::{AccountId, ConvRef, ConvView, Result, SnapshotPage, StoredMessage};
use super::change::last_kept;
use super::group;
use super::group_message::last_shown;
use super::message::message_row;
use super::session::event_head;
use super::settings::{has_groups, settings_row};
use super::user::receive_all;
use super::{Row, Sql, params};

const PAGE: &str = "SELECT mc.conv_id, p.user_id, c.head_seq, c.a, c.b, c.ord_a, c.ord_b,
        c.read_seq_a, c.read_ord_a, c.read_time_a, c.read_seq_b, c.read_ord_b, c.read_time_b,
        m.seq, m.sender, m.msg_id, m.time, m.ord, m.content, m.rev, m.revoked, c.rev, e.from_seq,
        mc.settings, mc.pinned, mc.marks, mc.custom_data, mc.hidden, mc.hidden_ord,
        mc.recv_opt, mc.bare, g.id, s.user_id
    FROM member_conv mc
    LEFT JOIN conv c ON c.id = mc.conv_id
    LEFT JOIN chat_group g ON g.id = mc.conv_id AND g.ended = 0
    LEFT JOIN account p ON p.id = CASE WHEN c.a = mc.account_id THEN c.b ELSE c.a END
    LEFT JOIN message m ON m.conv_id = mc.conv_id AND m.seq = COALESCE(c.last_seq, g.last_seq)
    LEFT JOIN account s ON g.id IS NOT NULL AND s.id = m.sender
    LEFT JOIN erased e ON e.account_id = mc.account_id AND e.conv_id = mc.conv_id
        AND e.from_seq <= m.seq AND e.to_seq >= m.seq
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
    let (mut bytes, mut newest, mut seen) = (0, after, 0);
    // Conversations whose last message this member has erased.
    let mut erased = Vec::new();
    // What of groups takes another look, each with its place in the page.
    let mut groups: Vec<(usize, ConvRef, Option<StoredMessage>)> = Vec::new();
    let mut views: Vec<Option<ConvView>> = Vec::new();
    let read = |row: &dyn Row| {
        let is_group = row.find::<ConvRef>(31)?.is_some();
        let last = match row.find::<i64>(13)? {
            Some(_) => Some(message_row(row, 13, account)?),
            None => None,
        };
        bytes += last.as_ref().map_or(0, |m| m.content.len());
        if seen == limit || bytes > max_bytes && seen > 0 {
            page.next = Some(newest);
            return Ok(ControlFlow::Break(()));
        }
        seen += 1;
        newest = row.get(0)?;
        if is_group {
            let last = last.map(|last| StoredMessage {
                sender: sender(row),
                ..last
            });
            // Whether it is there for the member is known later.
            let is_erased = row.find::<u64>(22)?.is_some();
            groups.push((views.len(), newest, last.filter(|_| !is_erased)));
            views.push(None);
            return Ok(ControlFlow::Continue(()));
        }
        let Some(a) = row.find::<AccountId>(3)? else {
            return Ok(ControlFlow::Continue(())); // a group that is gone
        };
        if let Some(from) = row.find(22)? {
            erased.push((views.len(), newest, from));
        }
        let (mine, theirs, their_ord) = if account == a { (7, 10, 6) } else { (10, 7, 5) };
        let alone = a == row.get::<AccountId>(4)?;
        views.push(Some(ConvView {
            conv: ConvId::c2c(row.get::<String>(1)?),
            head_seq: row.get(2)?,
            peer_ord: if alone { 0 } else { row.get(their_ord)? },
            read_seq: row.get(mine)?,
            read_ord: row.get(mine + 1)?,
            peer_read_seq: if alone { 0 } else { row.get(theirs)? },
            peer_read_time: if alone { 0 } else { row.get(theirs + 2)? },
            rev: row.get(21)?,
            settings: settings_row(row, 23)?,
            last,
            group: None,
        }));
        Ok(ControlFlow::Continue(()))
    };
    // One more than wanted tells whether there is a next page.
    let range = params![account, after, i64::from(limit) + 1];
    sql.each(PAGE, range, read).await?;
    for (at, conv, from) in erased {
        if let Some(view) = &mut views[at] {
            view.last = last_kept(sql, account, conv, from).await?;
        }
    }
    let ids: Vec<ConvRef> = groups.iter().map(|(_, conv, _)| *conv).collect();
    let mut states = group::states(sql, account, &ids).await?;
    for (at, conv, last) in groups {
        let Some(mut view) = states.remove(&conv) else {
            continue;
        };
        let since = view.group.as_ref().map_or(0, |group| group.me.since_seq);
        view.last = match last {
            Some(last) => Some(last).filter(|last| last.seq > since),
            None => last_shown(sql, account, conv, view.head_seq, since).await?,
        };
        views[at] = Some(view);
    }
    page.conversations = views.into_iter().flatten().collect();
    Ok(page)
}

/// Who has sent the last message of a group.
fn sender(row: &dyn Row) -> String {
    let name = row.text(32).ok().flatten();
    name.unwrap_or(SYSTEM).to_owned()
}
