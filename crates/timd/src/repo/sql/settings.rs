//! What users set on conversations, and their groups of conversations.

use std::ops::ControlFlow;

use protocol::conversation::settings::{ConvChange, Settings, bits, from_bits};
use protocol::conversation::{ConvId, conv_type};
use protocol::{codes, limits};

use super::super::{
    AccountId, ChangeGroup, ConvRef, ConvSet, ConvsSet, GroupAction, GroupChanged, GroupPage,
    Result, SetConvs, StoredGroup,
};
use super::change::erase_range;
use super::session::{Stream, event_head, kind, lock};
use super::{Batch, Row, Sql, all, exactly_one, params};

/// A conversation with a user, whether there is one or not, and how the asker wants it shown.
const FIND: &str = "SELECT p.id, c.id, c.head_seq, c.a, c.ord_a, c.ord_b,
        mc.settings, mc.pinned, mc.marks, mc.custom_data, mc.hidden, mc.hidden_ord,
        mc.recv_opt, mc.bare
    FROM account p
    LEFT JOIN conv c ON c.a = CASE WHEN p.id < $1 THEN p.id ELSE $1 END
        AND c.b = CASE WHEN p.id < $1 THEN $1 ELSE p.id END
    LEFT JOIN member_conv mc ON mc.account_id = $1 AND mc.conv_id = c.id
    WHERE p.app_id = $2 AND p.user_id = $3";
/// The same of a group that the asker is in.
const FIND_GROUP: &str = "SELECT g.id, g.head_seq, g.ord, gm.own_ord,
        mc.settings, mc.pinned, mc.marks, mc.custom_data, mc.hidden, mc.hidden_ord,
        mc.recv_opt, mc.bare
    FROM chat_group g
    JOIN group_member gm ON gm.conv_id = g.id AND gm.account_id = $1
    LEFT JOIN member_conv mc ON mc.account_id = $1 AND mc.conv_id = g.id
    WHERE g.app_id = $2 AND g.group_id = $3 AND g.ended = 0";
const CREATE_CONV: &str = "INSERT INTO conv (id, app_id, a, b) VALUES ($1, $2, $3, $4)";
const JOIN: &str = "INSERT INTO member_conv (account_id, conv_id) VALUES ($1, $2)
    ON CONFLICT (account_id, conv_id) DO NOTHING";
const PUT: &str = "INSERT INTO member_conv (account_id, conv_id, settings, pinned, marks,
        custom_data, hidden, hidden_ord, recv_opt, bare)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (account_id, conv_id) DO UPDATE SET settings = excluded.settings,
        pinned = excluded.pinned, marks = excluded.marks, custom_data = excluded.custom_data,
        hidden = excluded.hidden, hidden_ord = excluded.hidden_ord,
        recv_opt = excluded.recv_opt, bare = excluded.bare";
const COUNTS: &str = "SELECT COUNT(CASE WHEN pinned > 0 THEN 1 END),
        COUNT(CASE WHEN marks <> 0 THEN 1 END), COUNT(CASE WHEN custom_data <> '' THEN 1 END)
    FROM member_conv WHERE account_id = $1";
const LEAVE_ALL: &str = "DELETE FROM conv_group_member WHERE account_id = $1 AND conv_id = $2";
const NAMES: &str = "SELECT id, name FROM conv_group WHERE account_id = $1";
const CREATE_GROUP: &str = "INSERT INTO conv_group (account_id, id, name) VALUES ($1, $2, $3)";
const RENAME: &str = "UPDATE conv_group SET name = $1 WHERE account_id = $2 AND id = $3";
const DELETE_GROUP: &str = "DELETE FROM conv_group WHERE account_id = $1 AND id = $2";
const EMPTY_GROUP: &str = "DELETE FROM conv_group_member WHERE account_id = $1 AND group_id = $2";
const LAST: &str = "SELECT COALESCE(MAX(n), 0) FROM conv_group_member
    WHERE account_id = $1 AND group_id = $2";
const ADD: &str = "INSERT INTO conv_group_member (account_id, conv_id, group_id, n)
    VALUES ($1, $2, $3, $4) ON CONFLICT (account_id, conv_id, group_id) DO NOTHING";
const REMOVE: &str = "DELETE FROM conv_group_member
    WHERE account_id = $1 AND conv_id = $2 AND group_id = $3";
const PUSH_OUT: &str = "DELETE FROM conv_group_member
    WHERE account_id = $1 AND group_id = $2 AND n <=
    (SELECT n FROM conv_group_member WHERE account_id = $1 AND group_id = $2
     ORDER BY n DESC LIMIT 1 OFFSET $3)";
const HAS_GROUPS: &str = "SELECT id FROM conv_group WHERE account_id = $1 LIMIT 1";
const GROUPS: &str = "SELECT g.id, g.name, p.user_id, cg.group_id
    FROM conv_group g
    LEFT JOIN conv_group_member m ON m.account_id = g.account_id AND m.group_id = g.id
    LEFT JOIN conv c ON c.id = m.conv_id
    LEFT JOIN account p ON p.id = CASE WHEN c.a = g.account_id THEN c.b ELSE c.a END
    LEFT JOIN chat_group cg ON cg.id = m.conv_id AND cg.ended = 0
    WHERE g.account_id = $1 AND g.id > $2 ORDER BY g.id, m.n";
/// Members after which a page of groups ends with the group that they are in.
const GROUPS_PAGE: usize = 1_000;

/// Columns of `member_conv` from `at` on: settings, pinned, marks, custom_data, hidden, hidden_ord,
/// recv_opt, bare.
/// Of a conversation that nobody has set anything on they are NULL or 0.
pub(super) fn settings_row(row: &dyn Row, at: usize) -> Result<Settings> {
    let hidden: u64 = row.find(at + 4)?.unwrap_or(0);
    let marks: i64 = row.find(at + 2)?.unwrap_or(0);
    Ok(Settings {
        version: row.find(at)?.unwrap_or(0),
        is_pinned: row.find(at + 1)?.unwrap_or(false),
        marks: bits(marks.cast_unsigned()),
        custom_data: row.find(at + 3)?.unwrap_or_default(),
        hidden_seq: hidden.checked_sub(1),
        hidden_ord: row.find(at + 5)?.unwrap_or(0),
        recv_opt: row.find(at + 6)?.unwrap_or(0),
        is_bare: row.find(at + 7)?.unwrap_or(false),
    })
}

/// A conversation as it was found.
struct Found {
    /// The other one of two.
    peer: AccountId,
    /// Id, head and the other's ordinal, when there is one.
    conv: Option<(ConvRef, u64, u64)>,
    settings: Settings,
    pinned: u64,
    /// The asker has it already, by messages or by what was set on it.
    is_member: bool,
}

async fn find<S: Sql>(
    sql: &mut S,
    account: AccountId,
    app_id: u64,
    conv: &ConvId,
) -> Result<Option<Found>> {
    let key = params![account, app_id, &conv.id];
    if conv.kind == conv_type::GROUP {
        return sql.one(FIND_GROUP, key, found_group).await;
    }
    let found = |row: &dyn Row| {
        let peer: AccountId = row.get(0)?;
        let conv = match row.find::<ConvRef>(1)? {
            None => None,
            Some(conv) => {
                let is_a = row.get::<AccountId>(3)? == account;
                let ord = match peer == account {
                    true => 0, // one's own messages are never unread
                    false => row.get(if is_a { 5 } else { 4 })?,
                };
                Some((conv, row.get(2)?, ord))
            }
        };
        Ok(Found {
            peer,
            conv,
            settings: settings_row(row, 6)?,
            pinned: row.find(7)?.unwrap_or(0),
            is_member: row.int(6)?.is_some(),
        })
    };
    sql.one(FIND, key, found).await
}

/// The same of a group's conversation, which its members have.
fn found_group(row: &dyn Row) -> Result<Found> {
    let (ord, own): (u64, u64) = (row.get(2)?, row.get(3)?);
    Ok(Found {
        peer: 0,
        conv: Some((row.get(0)?, row.get(1)?, ord.saturating_sub(own))),
        settings: settings_row(row, 4)?,
        pinned: row.find(5)?.unwrap_or(0),
        is_member: true,
    })
}

/// What a user has set on how many conversations.
struct Counts {
    pinned: usize,
    marked: usize,
    custom: usize,
}

impl Counts {
    /// Goes from one state to the next, unless that is too much.
    fn change(&mut self, old: &Settings, new: &Settings) -> std::result::Result<(), i32> {
        let both = |is: fn(&Settings) -> bool| (is(old), is(new));
        let steps = [
            (
                &mut self.pinned,
                both(|s| s.is_pinned),
                limits::PINNED_CONVERSATIONS,
                codes::SVR_CONV_CONV_PIN_COUNT_EXCEED_LIMIT,
            ),
            (
                &mut self.marked,
                both(|s| !s.marks.is_empty()),
                limits::MARKED_CONVERSATIONS,
                codes::SVR_CONV_CONV_MARK_TOTAL_COUNT_EXCEED_LIMIT,
            ),
            (
                &mut self.custom,
                both(|s| !s.custom_data.is_empty()),
                limits::MARKED_CONVERSATIONS,
                codes::SVR_CONV_CONV_MARK_TOTAL_COUNT_EXCEED_LIMIT,
            ),
        ];
        for (count, (was, is), most, code) in steps {
            match (was, is) {
                (false, true) if *count >= most => return Err(code),
                (false, true) => *count += 1,
                (true, false) => *count -= 1,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Nobody is there, or the user is not in that group.
fn nobody(conv: &ConvId) -> i32 {
    match conv.kind {
        conv_type::GROUP => codes::SVR_GROUP_PERMISSION_DENY,
        _ => codes::SVR_CONV_ACCOUNT_NOT_FOUND,
    }
}

fn changed(old: &Settings, change: &ConvChange, head: u64, ord: u64) -> Settings {
    if change.delete {
        return Settings {
            version: old.version,
            hidden_seq: Some(head),
            hidden_ord: ord,
            recv_opt: old.recv_opt,
            ..Settings::default()
        };
    }
    let marks = from_bits(&old.marks) & !from_bits(&change.unmark) | from_bits(&change.mark);
    let custom_data = change.custom_data.as_ref();
    let mut new = Settings {
        is_pinned: change.pin.unwrap_or(old.is_pinned),
        marks: bits(marks),
        custom_data: custom_data.unwrap_or(&old.custom_data).clone(),
        recv_opt: change.recv_opt.unwrap_or(old.recv_opt),
        ..old.clone()
    };
    new.is_bare &= !new.is_pinned && new.marks.is_empty() && new.custom_data.is_empty();
    new
}

pub async fn set<S: Sql>(sql: &mut S, m: &SetConvs) -> Result<ConvsSet> {
    let mut stream = lock(sql, m.account).await?;
    let counts = |row: &dyn Row| {
        Ok(Counts {
            pinned: row.get::<u64>(0)? as usize,
            marked: row.get::<u64>(1)? as usize,
            custom: row.get::<u64>(2)? as usize,
        })
    };
    let mut counts = exactly_one(sql, COUNTS, params![m.account], counts).await?;
    let (mut done, mut has_left) = (ConvsSet::default(), false);
    for (named, new_conv) in &m.convs {
        let found = find(sql, m.account, m.app_id, named).await?;
        let set = match found {
            // There is nothing to delete but on the device.
            None if m.change.delete => ConvSet::Same(Settings::default()),
            None => ConvSet::Refused(nobody(named)),
            Some(Found { conv: None, .. }) if m.change.delete => ConvSet::Same(Settings::default()),
            Some(found) => {
                if let (true, Some((conv, head, _))) = (m.change.delete, found.conv) {
                    has_left |= sql.execute(LEAVE_ALL, params![m.account, conv]).await? > 0;
                    if m.change.clear {
                        let all = (1, head);
                        let erased = erase_range(sql, &mut stream, m.account, conv, all).await?;
                        done.erased
                            .extend(erased.map(|range| (done.sets.len(), range)));
                    }
                }
                set_one(sql, m, &mut stream, &mut counts, found, *new_conv).await?
            }
        };
        done.sets.push(set);
    }
    if has_left {
        let event = stream.append_one(sql, 0, (kind::CONV_GROUPS, 0, 0), Batch::default());
        done.groups_event = Some(event.await?);
    }
    Ok(done)
}

async fn set_one<S: Sql>(
    sql: &mut S,
    m: &SetConvs,
    stream: &mut Stream,
    counts: &mut Counts,
    found: Found,
    new_conv: ConvRef,
) -> Result<ConvSet> {
    let old = &found.settings;
    let (conv, head, ord) = found.conv.unwrap_or((new_conv, 0, 0));
    let mut new = changed(old, &m.change, head, ord);
    if new == *old {
        return Ok(ConvSet::Same(new));
    }
    let is_receive_only = Settings {
        recv_opt: new.recv_opt,
        ..Settings::default()
    } == new;
    new.is_bare |= is_receive_only && !found.is_member;
    if let Err(code) = counts.change(old, &new) {
        return Ok(ConvSet::Refused(code));
    }
    new.version = stream.next_place();
    let mut batch = Batch::default();
    let (a, b) = (m.account.min(found.peer), m.account.max(found.peer));
    if found.conv.is_none() {
        batch.push(CREATE_CONV, params![conv, m.app_id, a, b]);
    }
    let pinned = match (new.is_pinned, found.pinned) {
        (false, _) => 0,
        (true, 0) => m.now_ms,
        (true, before) => before,
    };
    let marks = from_bits(&new.marks).cast_signed();
    let hidden = new.hidden_seq.map_or(0, |seq| seq + 1);
    let row = params![
        m.account,
        conv,
        new.version,
        pinned,
        marks,
        &new.custom_data,
        hidden,
        new.hidden_ord,
        new.recv_opt,
        new.is_bare
    ];
    batch.push(PUT, row);
    let event = (kind::CONV_SETTINGS, 0, 0);
    stream.append_one(sql, conv, event, batch).await?;
    Ok(ConvSet::Changed(new))
}

pub async fn change_group<S: Sql>(sql: &mut S, m: &ChangeGroup) -> Result<GroupChanged> {
    let mut stream = lock(sql, m.account).await?;
    let name = |row: &dyn Row| Ok((row.get::<u64>(0)?, row.get::<String>(1)?));
    let names = all(sql, NAMES, params![m.account], name).await?;
    let id_of = |name: &str| names.iter().find(|(_, n)| n == name).map(|(id, _)| *id);
    let known = match (m.action, id_of(&m.name)) {
        (GroupAction::Create, Some(_)) => {
            return Ok(GroupChanged::Refused(codes::SVR_CONV_INVALID_PARAMETERS));
        }
        (GroupAction::Create, None) if names.len() >= limits::CONV_GROUPS => {
            let code = codes::SVR_CONV_CONV_GROUP_TOTAL_COUNT_EXCEED_LIMIT;
            return Ok(GroupChanged::Refused(code));
        }
        (GroupAction::Create, None) => None,
        (_, None) => {
            let code = codes::SVR_CONV_CONV_GROUP_NOT_EXIST;
            return Ok(GroupChanged::Refused(code));
        }
        (_, known) => known,
    };
    // A number that no group had before.
    let group = known.unwrap_or(stream.next_place());
    let (mut codes, mut has_changed) = (Vec::new(), true);
    let mut batch = Batch::default();
    match m.action {
        GroupAction::Delete => {
            batch.push(DELETE_GROUP, params![m.account, group]);
            batch.push(EMPTY_GROUP, params![m.account, group]);
        }
        GroupAction::Rename if id_of(&m.new_name) == known => has_changed = false,
        GroupAction::Rename if id_of(&m.new_name).is_some() => {
            return Ok(GroupChanged::Refused(codes::SVR_CONV_INVALID_PARAMETERS));
        }
        GroupAction::Rename => batch.push(RENAME, params![&m.new_name, m.account, group]),
        GroupAction::Create => {
            batch.push(CREATE_GROUP, params![m.account, group, &m.name]);
            codes = add(sql, m, group).await?.0;
        }
        GroupAction::Add => (codes, has_changed) = add(sql, m, group).await?,
        GroupAction::Remove => (codes, has_changed) = remove(sql, m, group).await?,
    }
    let mut event = None;
    if has_changed {
        let said = (kind::CONV_GROUPS, 0, 0);
        event = Some(stream.append_one(sql, 0, said, batch).await?);
    }
    Ok(GroupChanged::Done { codes, event })
}

/// Gives a code for each, and whether something changed.
async fn add<S: Sql>(sql: &mut S, m: &ChangeGroup, group: u64) -> Result<(Vec<i32>, bool)> {
    let key = params![m.account, group];
    let mut n: u64 = exactly_one(sql, LAST, key, |row| row.get(0)).await?;
    let (mut codes, mut has_changed) = (Vec::new(), false);
    for (named, new_conv) in &m.convs {
        let Some(found) = find(sql, m.account, m.app_id, named).await? else {
            codes.push(nobody(named));
            continue;
        };
        let conv = match found.conv {
            Some((conv, ..)) => conv,
            None => {
                let (a, b) = (m.account.min(found.peer), m.account.max(found.peer));
                let row = params![*new_conv, m.app_id, a, b];
                sql.execute(CREATE_CONV, row).await?;
                *new_conv
            }
        };
        sql.execute(JOIN, params![m.account, conv]).await?;
        n += 1;
        let row = params![m.account, conv, group, n];
        has_changed |= sql.execute(ADD, row).await? > 0;
        codes.push(0);
    }
    let most = limits::CONV_GROUP_SIZE as u64;
    sql.execute(PUSH_OUT, params![m.account, group, most])
        .await?;
    Ok((codes, has_changed))
}

async fn remove<S: Sql>(sql: &mut S, m: &ChangeGroup, group: u64) -> Result<(Vec<i32>, bool)> {
    let (mut codes, mut has_changed) = (Vec::new(), false);
    for (named, _) in &m.convs {
        let found = find(sql, m.account, m.app_id, named).await?;
        let Some(found) = found else {
            codes.push(nobody(named));
            continue;
        };
        if let Some((conv, ..)) = found.conv {
            let row = params![m.account, conv, group];
            has_changed |= sql.execute(REMOVE, row).await? > 0;
        }
        codes.push(0);
    }
    Ok((codes, has_changed))
}

pub(super) async fn has_groups<S: Sql>(sql: &mut S, account: AccountId) -> Result<bool> {
    let id = |row: &dyn Row| row.get::<u64>(0);
    Ok(sql.one(HAS_GROUPS, params![account], id).await?.is_some())
}

pub async fn groups<S: Sql>(sql: &mut S, account: AccountId, after: u64) -> Result<GroupPage> {
    let mut page = GroupPage {
        event_seq: event_head(sql, account).await?,
        ..GroupPage::default()
    };
    let mut members = 0;
    let read = |row: &dyn Row| {
        let id: u64 = row.get(0)?;
        if page.groups.last().is_none_or(|group| group.id != id) {
            if members >= GROUPS_PAGE {
                page.more = true;
                return Ok(ControlFlow::Break(()));
            }
            page.groups.push(StoredGroup {
                id,
                name: row.get(1)?,
                convs: Vec::new(),
            });
        }
        let conv = match row.find::<String>(3)? {
            Some(group) => Some(ConvId::group(group)),
            None => row.find::<String>(2)?.map(ConvId::c2c),
        };
        if let (Some(conv), Some(group)) = (conv, page.groups.last_mut()) {
            group.convs.push(conv);
            members += 1;
        }
        Ok(ControlFlow::Continue(()))
    };
    sql.each(GROUPS, params![account, after], read).await?;
    Ok(page)
}
