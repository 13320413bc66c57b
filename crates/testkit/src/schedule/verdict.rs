//! What each commit is held to: an account of its own of what the policies say.

use protocol::user::platform::{ANDROID, IOS, IPAD, WEB};
use protocol::user::{UserStatus, platform, status_type};
use rusqlite::Connection;
use timd::policy::{MOST_INSTANCES, MOST_WEB_INSTANCES, Policy, Together};

use super::USERS;

/// A device's place, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub account: i64,
    /// Devices are called by their number.
    pub device: usize,
    pub platform: i32,
    pub number: i64,
    pub has_left: bool,
    pub node: i64,
    pub seat: i64,
}

#[derive(Debug, Clone, Default)]
struct User {
    account: i64,
    custom_status: String,
    presence: i32,
    watching: i64,
}

/// Who is online where.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    pub app_id: u64,
    pub rows: Vec<Row>,
    /// Nodes that nobody has found dead.
    pub alive: Vec<i64>,
    users: [Option<User>; USERS.len()],
}

impl Snapshot {
    pub fn read(conn: &Connection, app_id: u64) -> Self {
        Self::try_read(conn, app_id).expect("a database in memory")
    }

    fn try_read(conn: &Connection, app_id: u64) -> rusqlite::Result<Self> {
        let mut snapshot = Self {
            app_id,
            ..Self::default()
        };
        let sql = "SELECT account_id, device_id, platform, number, has_left, node, seat
            FROM place ORDER BY account_id, number";
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let device = row.get_ref(1)?.as_str()?;
            snapshot.rows.push(Row {
                account: row.get(0)?,
                device: device.parse().expect("devices have numbers here"),
                platform: row.get(2)?,
                number: row.get(3)?,
                has_left: row.get(4)?,
                node: row.get(5)?,
                seat: row.get(6)?,
            });
        }
        let sql = "SELECT number FROM node WHERE beat >= 0";
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            snapshot.alive.push(row.get(0)?);
        }
        let sql = "SELECT user_id, id, custom_status, presence, watching
            FROM account WHERE app_id = $1";
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query([app_id as i64])?;
        while let Some(row) = rows.next()? {
            let name = row.get_ref(0)?.as_str()?;
            let user = USERS.iter().position(|user| *user == name);
            snapshot.users[user.expect("one of them")] = Some(User {
                account: row.get(1)?,
                custom_status: row.get(2)?,
                presence: row.get(3)?,
                watching: row.get(4)?,
            });
        }
        Ok(snapshot)
    }

    pub fn account(&self, user: usize) -> Option<i64> {
        self.users[user].as_ref().map(|user| user.account)
    }

    /// Rises with each subscription.
    pub fn watching(&self, user: usize) -> i64 {
        self.users[user].as_ref().map_or(0, |user| user.watching)
    }

    pub fn of(&self, account: i64) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.account == account)
    }

    /// How others see a user.
    pub fn status(&self, user: usize) -> Option<UserStatus> {
        let found = self.users[user].as_ref()?;
        let online = self.of(found.account).filter(|row| row.node != 0);
        let mut names: Vec<String> = online
            .map(|row| platform::name(row.platform).to_owned())
            .collect();
        names.sort_unstable();
        names.dedup();
        let is_online = !names.is_empty();
        Some(UserStatus {
            user_id: USERS[user].to_owned(),
            status_type: if is_online {
                status_type::ONLINE
            } else {
                found.presence
            },
            custom_status: if is_online {
                found.custom_status.clone()
            } else {
                String::new()
            },
            online_devices: names,
        })
    }
}

fn group(policy: Policy, platform: i32) -> i32 {
    let is_mobile = [ANDROID, IOS, IPAD].contains(&platform);
    match policy.together {
        Together::Single => 0,
        Together::Dual => i32::from(platform == WEB),
        Together::Triple if platform == WEB => 0,
        Together::Triple => 1 + i32::from(is_mobile),
        Together::Multi | Together::All => platform,
    }
}

fn room(policy: Policy, platform: i32) -> usize {
    let (other, web) = match policy.together {
        Together::All => (MOST_INSTANCES, MOST_WEB_INSTANCES),
        _ => (policy.instances, policy.web_instances),
    };
    (if platform == WEB { web } else { other }) as usize
}

/// Whether a commit was allowed, and which devices lost their place by it.
pub(super) fn judge(
    before: &Snapshot,
    after: &Snapshot,
    policy: Policy,
) -> Result<Vec<usize>, String> {
    let mut displaced = Vec::new();
    for row in after.rows.iter().filter(|row| !before.rows.contains(row)) {
        let was = before.of(row.account).find(|r| r.device == row.device);
        let is_new = was.is_none_or(|was| was.number != row.number);
        let is_anew =
            row.node != 0 && was.is_none_or(|was| (was.node, was.seat) != (row.node, row.seat));
        if is_anew && !after.alive.contains(&row.node) {
            return Err(format!("device {} enters by a dead node", row.device));
        }
        if is_new {
            displaced.extend(may_take(before, after, row, policy)?);
        }
    }
    for row in &before.rows {
        let is_there = after.of(row.account).any(|r| r.device == row.device);
        if !is_there && after.of(row.account).all(|r| before.rows.contains(r)) {
            return Err(format!("device {} lost its place for nobody", row.device));
        }
    }
    at_most(after, policy)?;
    Ok(displaced)
}

/// A device took a place: who has to go for it has gone, and nobody else.
fn may_take(
    before: &Snapshot,
    after: &Snapshot,
    new: &Row,
    policy: Policy,
) -> Result<Vec<usize>, String> {
    let others = before.of(new.account).filter(|r| r.device != new.device);
    let (mut rivals, others): (Vec<&Row>, Vec<&Row>) =
        others.partition(|r| !r.has_left && r.platform == new.platform);
    rivals.sort_by_key(|r| (r.node != 0, r.number));
    let room = room(policy, new.platform).saturating_sub(1);
    let too_many = rivals.len().saturating_sub(room);
    let mut gone: Vec<usize> = rivals[..too_many].iter().map(|r| r.device).collect();
    let excluded = |r: &&&Row| {
        let is_other = r.platform != new.platform;
        r.has_left || is_other && group(policy, r.platform) == group(policy, new.platform)
    };
    gone.extend(others.iter().filter(excluded).map(|r| r.device));
    let mut displaced = Vec::new();
    for row in before.of(new.account).filter(|r| r.device != new.device) {
        let is_there = after.of(new.account).any(|r| r.device == row.device);
        if is_there == gone.contains(&row.device) {
            let what = if is_there { "stays beside" } else { "goes for" };
            return Err(format!(
                "device {} wrongly {what} device {}, {policy:?}",
                row.device, new.device
            ));
        }
        if !is_there && !row.has_left {
            displaced.push(row.device);
        }
    }
    Ok(displaced)
}

/// No more are online than the policy allows.
fn at_most(after: &Snapshot, policy: Policy) -> Result<(), String> {
    for row in after.rows.iter().filter(|row| row.node != 0) {
        let beside = || after.of(row.account).filter(|r| r.node != 0);
        let same = beside().filter(|r| r.platform == row.platform).count();
        let is_excluded = |r: &Row| {
            r.platform != row.platform && group(policy, r.platform) == group(policy, row.platform)
        };
        if same > room(policy, row.platform) || beside().any(is_excluded) {
            return Err(format!(
                "too many are online for {policy:?}: {:?}",
                after.rows
            ));
        }
    }
    Ok(())
}
