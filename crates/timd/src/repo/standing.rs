//! Which devices of a user are online, on which node, and who the nodes are.

use super::{Account, AccountId, Watched};
use crate::policy::{Claim, Newcomer, Policy};

/// One life of one node: a random number, never used again.
pub type NodeId = i64;

/// The connection over which a device is online.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// The node that holds it.
    pub node: NodeId,
    /// What that node calls it; each login gets a number of its own.
    pub number: u64,
}

/// The place of a device among those of its user; see [`crate::policy`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The device.
    pub device_id: String,
    /// What it runs on.
    pub platform: i32,
    /// Places are numbered as they are given; the client knows its device's.
    pub number: u64,
    /// The device has logged out.
    pub has_left: bool,
    /// Where the device is online.
    pub seat: Option<Seat>,
}

/// The places of one user's devices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// How many were given so far: it rises with each change.
    pub given: u64,
    /// Those that are held.
    pub held: Vec<Place>,
}

/// How a user stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// It rises with each change.
    pub version: u64,
    /// The devices.
    pub places: Places,
    /// The text that the user set; empty when none, and when no device is online.
    pub custom_status: String,
    /// What the user counts as while no device is online: offline or unlogined.
    pub presence: i32,
    /// When the user was last online, in days (UTC) since 1970.
    pub active_day: u64,
}

impl Standing {
    /// What the devices run on that are online, in the order of their places.
    pub fn platforms(&self) -> Vec<i32> {
        let online = self.places.held.iter().filter(|p| p.seat.is_some());
        online.map(|place| place.platform).collect()
    }

    /// The node of each device that is online.
    pub fn nodes(&self) -> Vec<NodeId> {
        let seats = self.places.held.iter().filter_map(|place| place.seat);
        seats.map(|seat| seat.node).collect()
    }

    /// How the user stands after a device came online, and the number of its place. `None`: the
    /// place was lost.
    pub fn entered(&self, enter: &Enter) -> Option<(Self, u64)> {
        let new = Newcomer {
            device_id: &enter.device_id,
            platform: enter.platform,
            resume: enter.resume,
            place: enter.place,
        };
        let mut after = self.clone();
        let held = &mut after.places.held;
        let number = match enter.policy.decide(new, &self.places) {
            Claim::Lost => return None,
            Claim::Keep(number) => number,
            Claim::Take(displaced) => {
                after.places.given += 1;
                held.retain(|place| !displaced.contains(&place.device_id));
                after.places.given
            }
        };
        held.retain(|place| place.device_id != enter.device_id);
        held.push(Place {
            device_id: enter.device_id.clone(),
            platform: enter.platform,
            number,
            has_left: false,
            seat: Some(enter.seat),
        });
        held.sort_by_key(|place| place.number);
        after.version += 1;
        after.presence = enter.presence;
        after.active_day = after.active_day.max(enter.day);
        Some((after, number))
    }

    /// How the user stands after a device went. `None`: it is not online over that connection.
    pub fn left(&self, leave: &Leave) -> Option<Self> {
        let mut after = self.clone();
        let is_meant =
            |p: &&mut Place| p.device_id == leave.device_id && p.seat == Some(leave.seat);
        let place = after.places.held.iter_mut().find(is_meant)?;
        place.seat = None;
        place.has_left = leave.is_logout;
        after.version += 1;
        after.active_day = after.active_day.max(leave.day);
        after.settle(leave.presence);
        Some(after)
    }

    /// How the user stands after a node died. `None`: the user was not online there.
    pub fn without(&self, node: NodeId) -> Option<Self> {
        let mut after = self.clone();
        let is_there = |place: &&mut Place| place.seat.is_some_and(|seat| seat.node == node);
        let there = after.places.held.iter_mut().filter(is_there);
        if there.map(|place| place.seat = None).count() == 0 {
            return None;
        }
        after.version += 1;
        after.settle(self.presence);
        Some(after)
    }

    /// What the last device leaves behind.
    fn settle(&mut self, presence: i32) {
        if self.places.held.iter().all(|place| place.seat.is_none()) {
            self.custom_status.clear();
            self.presence = presence;
        }
    }
}

/// How a user stood, and stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Before.
    pub before: Standing,
    /// Now.
    pub after: Standing,
}

/// A device comes online.
#[derive(Debug, Clone)]
pub struct Enter {
    /// The user.
    pub account: AccountId,
    /// The app's policy.
    pub policy: Policy,
    /// The device.
    pub device_id: String,
    /// What it runs on.
    pub platform: i32,
    /// It returns by itself after a lost connection.
    pub resume: bool,
    /// The place that it believes to have; 0 for none.
    pub place: u64,
    /// Its connection.
    pub seat: Seat,
    /// What the user counts as should that connection be lost.
    pub presence: i32,
    /// Today, in days (UTC) since 1970.
    pub day: u64,
}

/// What became of an [`Enter`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entered {
    /// It is online.
    In {
        /// The number of its place.
        number: u64,
        /// Head of the user's stream, read in the same transaction.
        head: u64,
        /// What changed.
        change: Box<Change>,
    },
    /// Its place was lost to another device.
    Lost,
}

/// A device goes.
#[derive(Debug, Clone)]
pub struct Leave {
    /// The user.
    pub account: AccountId,
    /// The device.
    pub device_id: String,
    /// The connection that ended. Nothing happens when the device is online over another one.
    pub seat: Seat,
    /// It has logged out, rather than lost its connection.
    pub is_logout: bool,
    /// What the user counts as from here on, if this was the last device online.
    pub presence: i32,
    /// Today, in days (UTC) since 1970.
    pub day: u64,
}

/// A user whose devices were online on a node that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swept {
    /// The app.
    pub app_id: u64,
    /// The account.
    pub account: AccountId,
    /// The user.
    pub user_id: String,
    /// What changed.
    pub change: Change,
}

/// A user as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The account.
    pub account: Account,
    /// What the devices run on that are online.
    pub platforms: Vec<i32>,
}

/// How far a user has come: each of these rises.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heads {
    /// The user's stream.
    pub events: u64,
    /// [`Standing::version`].
    pub standing: u64,
    /// [`Watching::version`].
    pub watching: u64,
}

/// Whom a user watches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watching {
    /// It rises with each change.
    pub version: u64,
    /// The users.
    pub watched: Watched,
}

/// A node as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeLife {
    /// The node.
    pub node: NodeId,
    /// For the operator.
    pub name: String,
    /// A node that lives counts this up; none: it was found to be dead, and is being swept away.
    pub beat: Option<u64>,
}
