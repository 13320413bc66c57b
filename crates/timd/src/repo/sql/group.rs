//! Groups and their members.
//!
//! The row of a group guards its members and messages. Who comes or goes is locked before the group,
//! since the stream of that one moves; who only writes is not.

use std::collections::HashMap;
use std::ops::ControlFlow;

use protocol::conversation::ConvId;
use protocol::group::{
    GroupHead, GroupInfo, GroupState, Member, Membership, add_option, group_type, join_type,
    member_result, role, tip_type,
};
use protocol::message::{Content, Elem, GroupTipsElem};
use protocol::{codes, limits};

use super::super::{
    AccountId, ConvRef, ConvView, GroupAct, GroupBody, GroupDeed, GroupDone, GroupMoved, HeadPage,
    JoinedPage, MemberMoved, MemberPage, MembersQuery, NewGroup, NodeId, Paged, RepoError, Result,
    StoredMessage,
};
use super::group_message::{last_shown, store_tip};
use super::session::{Stream, accounts, kind, lock};
use super::settings::settings_row;
use super::{Batch, Row, Sql, Value, all, params};

const FIND: &str = "SELECT id, kind, owner, body, members, head_seq, ord, rev
    FROM chat_group WHERE app_id = $1 AND group_id = $2 AND ended = 0";
const LOCK: &str = "SELECT id, kind, owner, body, members, head_seq, ord, rev
    FROM chat_group WHERE app_id = $1 AND group_id = $2 AND ended = 0 FOR UPDATE";
const CREATE: &str = "INSERT INTO chat_group
    (id, app_id, group_id, kind, owner, body, created_at, members, moved)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
const COUNT: &str = "UPDATE chat_group SET members = $1, owner = $2, moved = $3 WHERE id = $4";
const END: &str = "UPDATE chat_group SET ended = $1, moved = $1 WHERE id = $2";
const MEMBER: &str = "SELECT role, since_seq, own_ord
    FROM group_member WHERE conv_id = $1 AND account_id = $2";
const ENTER: &str = "INSERT INTO group_member
    (conv_id, account_id, role, joined_at, since_seq, read_seq, read_ord)
    VALUES ($1, $2, $3, $4, $5, $5, $6)";
const SHOW: &str = "INSERT INTO member_conv (account_id, conv_id) VALUES ($1, $2)
    ON CONFLICT (account_id, conv_id) DO NOTHING";
const LEAVE: &str = "DELETE FROM group_member WHERE conv_id = $1 AND account_id = $2";
const FORGET: &str = "DELETE FROM member_conv WHERE account_id = $1 AND conv_id = $2";
const UNGROUP: &str = "DELETE FROM conv_group_member WHERE account_id = $1 AND conv_id = $2";
const GROUPS_OF: &str = "SELECT COUNT(*) FROM group_member gm
    JOIN chat_group g ON g.id = gm.conv_id WHERE gm.account_id = $1 AND g.ended = 0";
const STATES: &str = "SELECT g.id, g.group_id, g.kind, o.user_id, g.body, g.members, g.created_at,
        g.info_seq, g.head_seq, g.ord, g.rev, gm.role, gm.joined_at, gm.since_seq, gm.own_ord,
        gm.read_seq, gm.read_ord,
        mc.settings, mc.pinned, mc.marks, mc.custom_data, mc.hidden, mc.hidden_ord,
        mc.recv_opt, mc.bare
    FROM group_member gm
    JOIN chat_group g ON g.id = gm.conv_id
    LEFT JOIN account o ON o.id = g.owner
    LEFT JOIN member_conv mc ON mc.account_id = gm.account_id AND mc.conv_id = gm.conv_id
    WHERE gm.account_id = $1 AND gm.conv_id = ANY($2) AND g.ended = 0";
const CONV_OF: &str = "SELECT g.id FROM chat_group g
    JOIN group_member gm ON gm.conv_id = g.id AND gm.account_id = $1
    WHERE g.app_id = $2 AND g.group_id = $3 AND g.ended = 0";
const JOINED: &str = "SELECT g.id FROM group_member gm JOIN chat_group g ON g.id = gm.conv_id
    WHERE gm.account_id = $1 AND gm.conv_id > $2 AND g.ended = 0 ORDER BY gm.conv_id LIMIT $3";
const MEMBERS: &str = "SELECT gm.account_id, a.user_id, gm.role, gm.joined_at
    FROM group_member gm JOIN account a ON a.id = gm.account_id
    WHERE gm.conv_id = $1 AND gm.account_id > $2 ORDER BY gm.account_id LIMIT $3";
const MEMBERS_OF_ROLES: &str = "SELECT gm.account_id, a.user_id, gm.role, gm.joined_at
    FROM group_member gm JOIN account a ON a.id = gm.account_id
    WHERE gm.conv_id = $1 AND gm.account_id > $2 AND gm.role = ANY($3)
    ORDER BY gm.account_id LIMIT $4";
const MEMBERS_NAMED: &str = "SELECT gm.account_id, a.user_id, gm.role, gm.joined_at
    FROM account a JOIN group_member gm ON gm.account_id = a.id AND gm.conv_id = $1
    WHERE a.app_id = $2 AND a.user_id = ANY($3)";
const HEADS: &str = "SELECT g.id, g.group_id, g.head_seq, g.rev, g.info_seq, g.ended
    FROM group_member gm JOIN chat_group g ON g.id = gm.conv_id
    WHERE gm.account_id = $1 AND gm.conv_id > $2 AND g.moved >= $3
    ORDER BY gm.conv_id LIMIT $4";
const AUDIENCE: &str = "SELECT DISTINCT gm.account_id, p.node FROM group_member gm
    JOIN place p ON p.account_id = gm.account_id AND p.node <> 0
    WHERE gm.conv_id = $1 AND gm.since_seq < $2";

/// A group that lives.
pub(super) struct Group {
    pub id: ConvRef,
    pub kind: i32,
    pub owner: AccountId,
    pub body: GroupBody,
    pub members: u32,
    pub head: u64,
    pub ord: u64,
    pub rev: u64,
}

/// What the database keeps of a member.
pub(super) struct MemberRow {
    pub role: i32,
    pub since: u64,
    pub own_ord: u64,
}

fn group_row(row: &dyn Row) -> Result<Group> {
    Ok(Group {
        id: row.get(0)?,
        kind: row.get(1)?,
        owner: row.get(2)?,
        body: body(row.text(3)?)?,
        members: row.get(4)?,
        head: row.get(5)?,
        ord: row.get(6)?,
        rev: row.get(7)?,
    })
}

fn body(text: Option<&str>) -> Result<GroupBody> {
    let misfit = |e| RepoError::Failed(format!("what is said of a group cannot be read: {e}"));
    serde_json::from_str(text.unwrap_or_default()).map_err(misfit)
}

pub(super) async fn find<S: Sql>(
    sql: &mut S,
    app_id: u64,
    group_id: &str,
) -> Result<Option<Group>> {
    sql.one(FIND, params![app_id, group_id], group_row).await
}

/// The same, and nobody else changes it until the transaction ends.
pub(super) async fn lock_group<S: Sql>(
    sql: &mut S,
    app_id: u64,
    group_id: &str,
) -> Result<Option<Group>> {
    sql.one(LOCK, params![app_id, group_id], group_row).await
}

pub(super) async fn member<S: Sql>(
    sql: &mut S,
    conv: ConvRef,
    account: AccountId,
) -> Result<Option<MemberRow>> {
    let read = |row: &dyn Row| {
        Ok(MemberRow {
            role: row.get(0)?,
            since: row.get(1)?,
            own_ord: row.get(2)?,
        })
    };
    sql.one(MEMBER, params![conv, account], read).await
}

/// How many groups a user is in.
async fn groups_of<S: Sql>(sql: &mut S, account: AccountId) -> Result<u32> {
    let key = params![account];
    let count = sql.one(GROUPS_OF, key, |row| row.get(0)).await?;
    Ok(count.unwrap_or(0))
}

/// Users who are to come in: their streams, locked, and what is to be said of each name.
struct Wanted {
    /// Those who can come, the lowest account first, with the places of their names.
    streams: Vec<(Stream, usize)>,
    results: Vec<i32>,
}

impl Wanted {
    /// Finds and locks users, besides one who has to be locked with them.
    async fn find<S: Sql>(
        sql: &mut S,
        app_id: u64,
        users: &[String],
        besides: Option<AccountId>,
    ) -> Result<(Self, Option<Stream>)> {
        let found = accounts(sql, app_id, users).await?;
        let mut results = vec![member_result::FAIL; users.len()];
        let mut ids: Vec<(AccountId, Option<usize>)> = Vec::with_capacity(users.len() + 1);
        ids.extend(besides.map(|account| (account, None)));
        for (at, account) in found.iter().enumerate() {
            let Some(account) = account else { continue };
            match ids.iter().any(|(id, _)| *id == account.id) {
                true => results[at] = member_result::INCLUDED,
                false => ids.push((account.id, Some(at))),
            }
        }
        ids.sort_unstable();
        let (mut streams, mut own) = (Vec::with_capacity(ids.len()), None);
        for (id, at) in ids {
            let stream = lock(sql, id).await?;
            match at {
                Some(at) => streams.push((stream, at)),
                None => own = Some(stream),
            }
        }
        Ok((Self { streams, results }, own))
    }

    /// Leaves out those who are in as many groups as one may be.
    async fn drop_full<S: Sql>(&mut self, sql: &mut S, most: u32) -> Result<()> {
        let mut kept = Vec::with_capacity(self.streams.len());
        for (stream, at) in self.streams.drain(..) {
            if groups_of(sql, stream.account()).await? < most {
                kept.push((stream, at));
            }
        }
        self.streams = kept;
        Ok(())
    }
}

pub async fn create<S: Sql>(sql: &mut S, new: &NewGroup) -> Result<GroupDone> {
    let (mut wanted, own) = Wanted::find(sql, new.app_id, &new.members, Some(new.owner)).await?;
    if groups_of(sql, new.owner).await? >= new.groups_of_user {
        return Ok(GroupDone::Refused(codes::SVR_GROUP_COUNT_LIMIT));
    }
    wanted.drop_full(sql, new.groups_of_user).await?;
    let members = wanted.streams.len() as u32 + 1;
    if members > new.body.max_members {
        return Ok(GroupDone::Refused(codes::SVR_GROUP_MEMBER_COUNT_LIMIT));
    }
    let body = serde_json::to_string(&new.body).expect("plain data always serialises");
    let row = params![
        new.conv,
        new.app_id,
        &new.group_id,
        new.kind,
        new.owner,
        &body,
        new.now_ms / 1000,
        members,
        new.now_ms
    ];
    if sql.execute(CREATE, row).await? == 0 {
        let old = find(sql, new.app_id, &new.group_id).await?;
        return Ok(GroupDone::Refused(match old {
            Some(old) if old.owner == new.owner => codes::SVR_GROUP_GROUPID_IN_USED_FOR_SUPER,
            _ => codes::SVR_GROUP_GROUPID_IN_USED,
        }));
    }
    let mut group = Group {
        id: new.conv,
        kind: new.kind,
        owner: new.owner,
        body: new.body.clone(),
        members,
        head: 0,
        ord: 0,
        rev: 0,
    };
    let Wanted { streams, results } = wanted;
    let mut comers = vec![(own.ok_or_else(super::session::gone)?, role::OWNER)];
    let mut names = Vec::with_capacity(streams.len());
    let mut moved = GroupMoved {
        conv: group.id,
        results,
        ..GroupMoved::default()
    };
    for (stream, at) in streams {
        moved.results[at] = member_result::DONE;
        names.push(new.members[at].clone());
        comers.push((stream, role::MEMBER));
    }
    for (stream, role) in &comers {
        enter(sql, &group, stream.account(), *role, new.now_ms).await?;
    }
    if !names.is_empty() {
        let by = (&*new.owner_id, join_type::INVITE, tip_type::INVITE);
        moved.tip = tip(sql, &mut group, &new.group_id, by, names, new.now_ms).await?;
    }
    for (stream, _) in comers {
        moved.members.push(tell(sql, &group, stream, true).await?);
    }
    Ok(GroupDone::Done(moved))
}

/// Whether members are told of those who come and go.
fn has_tips(kind: i32) -> bool {
    kind != group_type::MEETING
}

/// Tells all members, unless groups of this type have no such tips.
async fn tip<S: Sql>(
    sql: &mut S,
    group: &mut Group,
    group_id: &str,
    (op_user, join_type, tip_type): (&str, i32, i32),
    users: Vec<String>,
    now_ms: u64,
) -> Result<Option<StoredMessage>> {
    if !has_tips(group.kind) {
        return Ok(None);
    }
    let elem = GroupTipsElem {
        tip_type,
        join_type,
        op_user: op_user.to_owned(),
        group_id: group_id.to_owned(),
        users,
        member_num: group.members,
    };
    let content = Content {
        elems: vec![Elem::GroupTips(elem)],
        client_time: now_ms / 1000,
        excluded_from_unread: true,
        ..Content::default()
    };
    let content = serde_json::to_string(&content).expect("protocol types always serialise");
    store_tip(sql, group, content, now_ms).await.map(Some)
}

/// Somebody becomes a member: what was written before is not there for that one, nor unread.
async fn enter<S: Sql>(
    sql: &mut S,
    group: &Group,
    account: AccountId,
    role: i32,
    now_ms: u64,
) -> Result<()> {
    let joined = now_ms / 1000;
    let row = params![group.id, account, role, joined, group.head, group.ord];
    sql.execute(ENTER, row).await?;
    sql.execute(SHOW, params![account, group.id]).await?;
    Ok(())
}

/// The event in the stream of who came or went.
async fn tell<S: Sql>(
    sql: &mut S,
    group: &Group,
    mut stream: Stream,
    is_in: bool,
) -> Result<MemberMoved> {
    let account = stream.account();
    let said = (kind::MEMBERSHIP, 0, 0);
    let event = stream
        .append_one(sql, group.id, said, Batch::default())
        .await?;
    let view = match is_in {
        true => view(sql, account, group.id).await?.map(Box::new),
        false => None,
    };
    Ok(MemberMoved {
        account,
        event,
        view,
    })
}

pub async fn act<S: Sql>(sql: &mut S, act: &GroupAct) -> Result<GroupDone> {
    let refused = |code| Ok(GroupDone::Refused(code));
    // The accounts that move, before the group.
    let (wanted, own) = match &act.what {
        GroupDeed::Invite(users) => Wanted::find(sql, act.app_id, users, None).await?,
        _ => {
            let none = Wanted {
                streams: Vec::new(),
                results: Vec::new(),
            };
            (none, Some(lock(sql, act.account).await?))
        }
    };
    let Some(mut group) = lock_group(sql, act.app_id, &act.group_id).await? else {
        return refused(codes::SVR_GROUP_NOT_FOUND);
    };
    let me = member(sql, group.id, act.account).await?;
    match (&act.what, own) {
        (GroupDeed::Invite(users), _) => {
            let Some(me) = me else {
                return refused(codes::SVR_GROUP_PERMISSION_DENY);
            };
            let may = match group.body.approve_option {
                add_option::ANY => true,
                add_option::AUTH => me.role >= role::ADMIN,
                _ => false,
            };
            if !may {
                return refused(codes::SVR_GROUP_PERMISSION_DENY);
            }
            invite(sql, act, group, wanted, users).await
        }
        (_, None) => Err(super::session::gone()),
        (GroupDeed::Join, Some(own)) => {
            if me.is_some() {
                return refused(codes::SVR_GROUP_ALLREADY_MEMBER);
            }
            if group.kind == group_type::WORK || group.body.add_option != add_option::ANY {
                return refused(codes::SVR_GROUP_PERMISSION_DENY);
            }
            if group.members >= group.body.max_members {
                return refused(codes::SVR_GROUP_FULL_MEMBER_COUNT);
            }
            if groups_of(sql, act.account).await? >= act.groups_of_user {
                return refused(codes::SVR_GROUP_COUNT_LIMIT);
            }
            let comers = vec![(own, act.user_id.clone())];
            let moved = come(sql, act, &mut group, comers, join_type::APPLY).await?;
            Ok(GroupDone::Done(moved))
        }
        (GroupDeed::Quit, Some(own)) => {
            if me.is_none() {
                return refused(codes::SVR_GROUP_PERMISSION_DENY);
            }
            let is_owner = group.owner == act.account;
            if is_owner && group.kind != group_type::WORK {
                return refused(codes::SVR_GROUP_SUPER_NOT_ALLOW_QUIT);
            }
            quit(sql, act, group, own, is_owner).await
        }
        (GroupDeed::Delete, Some(_)) => {
            if group.owner != act.account || group.kind == group_type::WORK {
                return refused(codes::SVR_GROUP_PERMISSION_DENY);
            }
            sql.execute(END, params![act.now_ms, group.id]).await?;
            Ok(GroupDone::Done(GroupMoved {
                conv: group.id,
                ..GroupMoved::default()
            }))
        }
    }
}

async fn invite<S: Sql>(
    sql: &mut S,
    act: &GroupAct,
    mut group: Group,
    mut wanted: Wanted,
    users: &[String],
) -> Result<GroupDone> {
    let mut outside = Vec::with_capacity(wanted.streams.len());
    for (stream, at) in std::mem::take(&mut wanted.streams) {
        match member(sql, group.id, stream.account()).await? {
            Some(_) => wanted.results[at] = member_result::INCLUDED,
            None => outside.push((stream, at)),
        }
    }
    wanted.streams = outside;
    wanted.drop_full(sql, act.groups_of_user).await?;
    let room = group.body.max_members.saturating_sub(group.members) as usize;
    if wanted.streams.len() > room {
        return Ok(GroupDone::Refused(codes::SVR_GROUP_FULL_MEMBER_COUNT));
    }
    let Wanted {
        streams,
        mut results,
    } = wanted;
    let mut comers = Vec::with_capacity(streams.len());
    for (stream, at) in streams {
        results[at] = member_result::DONE;
        comers.push((stream, users[at].clone()));
    }
    let mut moved = come(sql, act, &mut group, comers, join_type::INVITE).await?;
    moved.results = results;
    Ok(GroupDone::Done(moved))
}

/// Users come in, each with a name.
async fn come<S: Sql>(
    sql: &mut S,
    act: &GroupAct,
    group: &mut Group,
    comers: Vec<(Stream, String)>,
    how: i32,
) -> Result<GroupMoved> {
    let mut moved = GroupMoved {
        conv: group.id,
        ..GroupMoved::default()
    };
    if comers.is_empty() {
        return Ok(moved);
    }
    group.members += comers.len() as u32;
    let row = params![group.members, group.owner, act.now_ms, group.id];
    sql.execute(COUNT, row).await?;
    let mut names = Vec::with_capacity(comers.len());
    for (stream, name) in &comers {
        enter(sql, group, stream.account(), role::MEMBER, act.now_ms).await?;
        names.push(name.clone());
    }
    let by = (&*act.user_id, how, tip_type::INVITE);
    moved.tip = tip(sql, group, &act.group_id, by, names, act.now_ms).await?;
    for (stream, _) in comers {
        moved.members.push(tell(sql, group, stream, true).await?);
    }
    Ok(moved)
}

async fn quit<S: Sql>(
    sql: &mut S,
    act: &GroupAct,
    mut group: Group,
    own: Stream,
    is_owner: bool,
) -> Result<GroupDone> {
    group.members = group.members.saturating_sub(1);
    let owner = if is_owner { 0 } else { group.owner };
    let row = params![group.members, owner, act.now_ms, group.id];
    sql.execute(COUNT, row).await?;
    let place = params![group.id, act.account];
    sql.execute(LEAVE, place).await?;
    let place = params![act.account, group.id];
    sql.execute(FORGET, place).await?;
    sql.execute(UNGROUP, place).await?;
    let mut moved = GroupMoved {
        conv: group.id,
        ..GroupMoved::default()
    };
    if group.members == 0 {
        sql.execute(END, params![act.now_ms, group.id]).await?;
    } else {
        let by = (&*act.user_id, 0, tip_type::QUIT);
        let names = vec![act.user_id.clone()];
        moved.tip = tip(sql, &mut group, &act.group_id, by, names, act.now_ms).await?;
    }
    moved.members.push(tell(sql, &group, own, false).await?);
    Ok(GroupDone::Done(moved))
}

/// The conversations of groups as a member has them, without their last messages. Groups that are gone
/// or that the user is not in are left out.
pub(super) async fn states<S: Sql>(
    sql: &mut S,
    account: AccountId,
    convs: &[ConvRef],
) -> Result<HashMap<ConvRef, ConvView>> {
    let mut found = HashMap::with_capacity(convs.len());
    if convs.is_empty() {
        return Ok(found);
    }
    let read = |row: &dyn Row| {
        let (head, ord, own_ord): (u64, u64, u64) = (row.get(8)?, row.get(9)?, row.get(14)?);
        let group_id: String = row.get(1)?;
        let info = body(row.text(4)?)?.info(GroupInfo {
            group_id: group_id.clone(),
            group_type: row.get(2)?,
            owner: row.find(3)?.unwrap_or_default(),
            members: row.get(5)?,
            created_at: row.get(6)?,
            info_seq: row.get(7)?,
            ..GroupInfo::default()
        });
        let me = Membership {
            role: row.get(11)?,
            joined_at: row.get(12)?,
            since_seq: row.get(13)?,
            own_ord,
        };
        let view = ConvView {
            conv: ConvId::group(group_id),
            head_seq: head,
            peer_ord: ord.saturating_sub(own_ord),
            read_ord: row.get(16)?,
            read_seq: row.get(15)?,
            peer_read_seq: 0,
            peer_read_time: 0,
            rev: row.get(10)?,
            settings: settings_row(row, 17)?,
            last: None,
            group: Some(Box::new(GroupState { info, me })),
        };
        found.insert(row.get(0)?, view);
        Ok(ControlFlow::Continue(()))
    };
    let convs = Value::Ints(convs);
    sql.each(STATES, &[Value::from(account), convs], read)
        .await?;
    Ok(found)
}

/// The conversation of a group as a member has it. `None`: the user is not in it, or it is gone.
pub(super) async fn view<S: Sql>(
    sql: &mut S,
    account: AccountId,
    conv: ConvRef,
) -> Result<Option<ConvView>> {
    let Some(mut view) = states(sql, account, &[conv]).await?.remove(&conv) else {
        return Ok(None);
    };
    let since = view.group.as_ref().map_or(0, |group| group.me.since_seq);
    view.last = last_shown(sql, account, conv, view.head_seq, since).await?;
    Ok(Some(view))
}

/// The same by its name.
pub async fn view_of<S: Sql>(
    sql: &mut S,
    app_id: u64,
    account: AccountId,
    group_id: &str,
) -> Result<Option<ConvView>> {
    match conv_of(sql, app_id, account, group_id).await? {
        Some(conv) => view(sql, account, conv).await,
        None => Ok(None),
    }
}

/// The conversation of a group that a user is in.
pub async fn conv_of<S: Sql>(
    sql: &mut S,
    app_id: u64,
    account: AccountId,
    group_id: &str,
) -> Result<Option<ConvRef>> {
    let key = params![account, app_id, group_id];
    sql.one(CONV_OF, key, |row| row.get(0)).await
}

pub async fn joined<S: Sql>(sql: &mut S, account: AccountId, after: ConvRef) -> Result<JoinedPage> {
    let limit = limits::GROUPS_PAGE;
    let range = params![account, after, limit as u64 + 1];
    let mut ids: Vec<ConvRef> = all(sql, JOINED, range, |row| row.get(0)).await?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let mut found = states(sql, account, &ids).await?;
    let rows = ids.iter().filter_map(|id| found.remove(id)?.group);
    Ok(Paged {
        rows: rows.map(|group| *group).collect(),
        next: ids.last().copied().filter(|_| more),
    })
}

pub async fn members<S: Sql>(sql: &mut S, q: &MembersQuery) -> Result<MemberPage> {
    let Some(group) = find(sql, q.app_id, &q.group_id).await? else {
        return Ok(None);
    };
    if member(sql, group.id, q.account).await?.is_none() {
        return Ok(None);
    }
    let read = |row: &dyn Row| {
        let found = Member {
            user: row.get(1)?,
            role: row.get(2)?,
            joined_at: row.get(3)?,
        };
        Ok((row.get(0)?, found))
    };
    let limit = q.limit as u64 + 1;
    let mut rows: Vec<(AccountId, Member)> = if !q.users.is_empty() {
        let named = params![group.id, q.app_id, q.users.as_slice()];
        all(sql, MEMBERS_NAMED, named, read).await?
    } else if q.roles.is_empty() {
        let range = params![group.id, q.after, limit];
        all(sql, MEMBERS, range, read).await?
    } else {
        let range = params![group.id, q.after, q.roles.as_slice(), limit];
        all(sql, MEMBERS_OF_ROLES, range, read).await?
    };
    let more = q.users.is_empty() && rows.len() > q.limit;
    if more {
        rows.truncate(q.limit);
    }
    Ok(Some(Paged {
        next: rows.last().map(|(id, _)| *id).filter(|_| more),
        rows: rows.into_iter().map(|(_, member)| member).collect(),
    }))
}

/// What moved since then among the groups of a user, those among them that are gone.
pub async fn heads<S: Sql>(
    sql: &mut S,
    account: AccountId,
    after: ConvRef,
    since_ms: u64,
) -> Result<HeadPage> {
    let limit = limits::GROUP_HEADS_PAGE;
    let range = params![account, after, since_ms, limit as u64 + 1];
    let read = |row: &dyn Row| {
        let head = GroupHead {
            group_id: row.get(1)?,
            head_seq: row.get(2)?,
            rev: row.get(3)?,
            info_seq: row.get(4)?,
            gone: row.get::<i64>(5)? != 0,
        };
        Ok((row.get(0)?, head))
    };
    let mut rows: Vec<(ConvRef, GroupHead)> = all(sql, HEADS, range, read).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok(Paged {
        next: rows.last().map(|(id, _)| *id).filter(|_| more),
        rows: rows.into_iter().map(|(_, head)| head).collect(),
    })
}

/// The members of a group who are online, and where, of those for whom a message is there.
pub async fn audience<S: Sql>(
    sql: &mut S,
    conv: ConvRef,
    seq: u64,
) -> Result<Vec<(AccountId, NodeId)>> {
    let place = params![conv, seq];
    all(sql, AUDIENCE, place, |row| Ok((row.get(0)?, row.get(1)?))).await
}
