//! The store in memory: for instances that run with storage off, and for the simulations.

use std::collections::{BTreeMap, HashMap};

use protocol::conversation::ConvId;
use protocol::group::GroupState;
use protocol::message::msg_status;
use protocol::user::profile::UserProfile;

use crate::search::{FoundIn, Search};

use super::{ConvRow, KEPT_PROFILES, MessageRow, Opened, Place, Result, Store};

/// Messages that a conversation keeps; older ones are asked from the server again.
const KEPT_PER_CONVERSATION: usize = 1_000;

/// Forgets everything with the process, and a conversation's older messages before that.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    user: Option<(u64, String)>,
    /// Other users of this process, so that an account switch and back finds its outbox.
    parked: HashMap<(u64, String), Data>,
    data: Data,
}

#[derive(Debug, Clone, Default)]
struct Data {
    meta: HashMap<String, String>,
    messages: HashMap<String, MessageRow>,
    places: HashMap<ConvId, BTreeMap<Place, String>>,
    gaps: HashMap<ConvId, Vec<(u64, u64)>>,
    /// By [`Place::sub`].
    outbox: BTreeMap<u64, String>,
    /// With the numbers that tell them apart in the order of the list.
    conversations: HashMap<ConvId, (u64, ConvRow)>,
    profiles: HashMap<String, (UserProfile, u64)>,
    groups: HashMap<String, GroupState>,
}

impl MemoryStore {
    fn place(&mut self, conv: &ConvId) -> &mut BTreeMap<Place, String> {
        self.data.places.entry(conv.clone()).or_default()
    }

    /// The conversations that are it.
    fn rows(&self, is_it: impl Fn(&ConvRow) -> bool) -> Vec<ConvRow> {
        let rows = self.data.conversations.values();
        rows.filter(|(_, row)| is_it(row))
            .map(|(_, row)| row.clone())
            .collect()
    }

    /// What stood at the place before gives way.
    fn put_at(&mut self, conv: &ConvId, place: Place, msg_id: &str) {
        if let Some(old) = self.place(conv).insert(place, msg_id.to_owned())
            && old != msg_id
        {
            self.data.messages.remove(&old);
        }
    }

    /// Drops the oldest messages beyond the bound; what is dropped becomes a gap.
    fn trim(&mut self, conv: &ConvId) -> Result<()> {
        let places = self.place(conv);
        if places.len() <= KEPT_PER_CONVERSATION {
            return Ok(());
        }
        let Some((place, msg_id)) = places.pop_first() else {
            return Ok(());
        };
        if self.data.outbox.get(&place.sub) == Some(&msg_id) {
            self.place(conv).insert(place, msg_id);
            return Ok(());
        }
        self.data.messages.remove(&msg_id);
        if place.sub > 0 {
            return Ok(());
        }
        self.close_gap(conv, place.seq, place.seq)?;
        self.add_gap(conv, place.seq, place.seq)
    }
}

impl Store for MemoryStore {
    fn open(&mut self, app_id: u64, user_id: &str) -> Result<Opened> {
        self.close();
        let user = (app_id, user_id.to_owned());
        self.data = self.parked.remove(&user).unwrap_or_default();
        self.user = Some(user);
        Ok(Opened::default())
    }

    fn close(&mut self) {
        if let Some(user) = self.user.take() {
            self.parked.insert(user, std::mem::take(&mut self.data));
        }
    }

    fn is_open(&self) -> bool {
        self.user.is_some()
    }

    fn meta(&mut self, key: &str) -> Result<Option<String>> {
        Ok(self.data.meta.get(key).cloned())
    }

    fn set_meta(&mut self, key: &str, value: &str) -> Result<()> {
        self.data.meta.insert(key.into(), value.into());
        Ok(())
    }

    fn insert_message(&mut self, row: &MessageRow) -> Result<bool> {
        if self.data.messages.contains_key(&row.msg_id) {
            return Ok(false);
        }
        self.data.messages.insert(row.msg_id.clone(), row.clone());
        if row.status == msg_status::SENDING {
            self.data.outbox.insert(row.place.sub, row.msg_id.clone());
        }
        self.put_at(&row.conv, row.place, &row.msg_id);
        self.trim(&row.conv)?;
        Ok(true)
    }

    fn message(&mut self, msg_id: &str) -> Result<Option<MessageRow>> {
        Ok(self.data.messages.get(msg_id).cloned())
    }

    fn message_at(&mut self, conv: &ConvId, seq: u64) -> Result<Option<MessageRow>> {
        let Some(msg_id) = self.place(conv).get(&Place { seq, sub: 0 }).cloned() else {
            return Ok(None);
        };
        self.message(&msg_id)
    }

    fn set_message_sent(&mut self, msg_id: &str, seq: u64, time: u64, ord: u64) -> Result<()> {
        let Some(row) = self.data.messages.get_mut(msg_id) else {
            return Ok(());
        };
        let (conv, old) = (row.conv.clone(), row.place);
        row.place = Place { seq, sub: 0 };
        row.time = time;
        row.ord = row.ord.max(ord);
        row.status = msg_status::SENT;
        let place = row.place;
        self.data.outbox.remove(&old.sub);
        self.place(&conv).remove(&old);
        self.put_at(&conv, place, msg_id);
        Ok(())
    }

    fn set_message_status(&mut self, msg_id: &str, status: i32) -> Result<()> {
        if let Some(row) = self.data.messages.get_mut(msg_id) {
            row.status = status;
            if status == msg_status::SENDING {
                self.data.outbox.insert(row.place.sub, msg_id.into());
            } else {
                self.data.outbox.remove(&row.place.sub);
            }
        }
        Ok(())
    }

    fn set_message_custom(&mut self, msg_id: &str, int: u32, str: &str) -> Result<()> {
        if let Some(row) = self.data.messages.get_mut(msg_id) {
            row.custom_int = int;
            row.custom_str = str.into();
        }
        Ok(())
    }

    fn change_message(&mut self, row: &MessageRow) -> Result<()> {
        if let Some(old) = self.data.messages.get_mut(&row.msg_id) {
            old.content.clone_from(&row.content);
            old.change.clone_from(&row.change);
            old.status = row.status;
        }
        Ok(())
    }

    fn delete_message(&mut self, msg_id: &str) -> Result<()> {
        if let Some(row) = self.data.messages.remove(msg_id) {
            self.place(&row.conv).remove(&row.place);
        }
        Ok(())
    }

    fn delete_range(&mut self, conv: &ConvId, from: u64, to: u64, is_all: bool) -> Result<()> {
        let (first, last) = (
            Place { seq: from, sub: 0 },
            Place {
                seq: to,
                sub: Place::END.sub,
            },
        );
        let all = self.place(conv).range(first..=last);
        let all: Vec<_> = all.map(|(place, id)| (*place, id.clone())).collect();
        for (place, msg_id) in all {
            let row = self.data.messages.get(&msg_id);
            let is_sending = row.is_some_and(|row| row.status == msg_status::SENDING);
            if place.sub == 0 || (is_all && !is_sending) {
                self.delete_message(&msg_id)?;
            }
        }
        Ok(())
    }

    fn page(
        &mut self,
        conv: &ConvId,
        from: Place,
        forward: bool,
        limit: usize,
    ) -> Result<Vec<MessageRow>> {
        use std::ops::Bound::{Excluded, Unbounded};
        let Some(places) = self.data.places.get(conv) else {
            return Ok(Vec::new());
        };
        let ids: Vec<&String> = if forward {
            places
                .range((Excluded(from), Unbounded))
                .map(|(_, id)| id)
                .take(limit)
                .collect()
        } else {
            places
                .range((Unbounded, Excluded(from)))
                .rev()
                .map(|(_, id)| id)
                .take(limit)
                .collect()
        };
        Ok(ids
            .into_iter()
            .filter_map(|id| self.data.messages.get(id).cloned())
            .collect())
    }

    fn peer_ord_at(&mut self, conv: &ConvId, user: &str, seq: u64) -> Result<u64> {
        let Some(places) = self.data.places.get(conv) else {
            return Ok(0);
        };
        let up_to = Place { seq, sub: u64::MAX };
        let rows = places
            .range(..=up_to)
            .filter_map(|(_, id)| self.data.messages.get(id));
        Ok(rows
            .filter(|row| row.sender != user)
            .map(|row| row.ord)
            .max()
            .unwrap_or(0))
    }

    fn seq_at_time(&mut self, conv: &ConvId, time: u64) -> Result<u64> {
        let Some(places) = self.data.places.get(conv) else {
            return Ok(0);
        };
        let accepted = places.iter().rev().filter(|(place, _)| place.sub == 0);
        let mut found = accepted.filter(|(_, id)| {
            let row = self.data.messages.get(*id);
            row.is_some_and(|row| row.time <= time)
        });
        Ok(found.next().map_or(0, |(place, _)| place.seq))
    }

    fn search(&mut self, search: &Search) -> Result<Option<Vec<FoundIn>>> {
        let mut found: HashMap<&ConvId, BTreeMap<Place, u64>> = HashMap::new();
        for row in self.data.messages.values().filter(|row| search.finds(row)) {
            let places = found.entry(&row.conv).or_default();
            places.insert(row.place, row.shown_time());
        }
        let found = found.into_iter().map(|(conv, places)| FoundIn {
            conv: conv.clone(),
            time: places.last_key_value().map_or(0, |(_, time)| *time),
            places: places.into_keys().rev().collect(),
        });
        Ok(Some(found.collect()))
    }

    fn gaps(&mut self, conv: &ConvId) -> Result<Vec<(u64, u64)>> {
        Ok(self.data.gaps.get(conv).cloned().unwrap_or_default())
    }

    fn add_gap(&mut self, conv: &ConvId, from: u64, to: u64) -> Result<()> {
        let gaps = self.data.gaps.entry(conv.clone()).or_default();
        gaps.push((from, to));
        gaps.sort_unstable();
        // Neighbours become one, so that trimming message by message does not pile up rows.
        gaps.dedup_by(|next, gap| {
            let adjacent = next.0 <= gap.1 + 1;
            if adjacent {
                gap.1 = gap.1.max(next.1);
            }
            adjacent
        });
        Ok(())
    }

    fn close_gap(&mut self, conv: &ConvId, from: u64, to: u64) -> Result<()> {
        let Some(gaps) = self.data.gaps.get_mut(conv) else {
            return Ok(());
        };
        let mut left = Vec::new();
        for &(start, end) in gaps.iter() {
            if end < from || start > to {
                left.push((start, end));
                continue;
            }
            if start < from {
                left.push((start, from - 1));
            }
            if end > to {
                left.push((to + 1, end));
            }
        }
        *gaps = left;
        Ok(())
    }

    fn outbox(&mut self, after: u64, limit: usize) -> Result<Vec<MessageRow>> {
        let waiting = self.data.outbox.range(after + 1..).take(limit);
        Ok(waiting
            .filter_map(|(_, id)| self.data.messages.get(id).cloned())
            .collect())
    }

    fn outbox_extent(&mut self) -> Result<(usize, u64)> {
        let last = self.data.outbox.last_key_value();
        Ok((self.data.outbox.len(), last.map_or(0, |(sub, _)| *sub)))
    }

    fn conversation(&mut self, conv: &ConvId) -> Result<Option<ConvRow>> {
        let found = self.data.conversations.get(conv);
        Ok(found.map(|(_, row)| row.clone()))
    }

    fn conversations(&mut self) -> Result<Vec<ConvRow>> {
        let all = self.conversations_below(u64::MAX, usize::MAX)?;
        Ok(all.into_iter().map(|(_, row)| row).collect())
    }

    fn conversations_below(&mut self, rank: u64, limit: usize) -> Result<Vec<(u64, ConvRow)>> {
        let listed = self.data.conversations.values();
        let listed = listed.filter(|(_, row)| !row.is_hidden);
        let mut ranked: Vec<_> = listed
            .map(|(number, row)| (row.rank(*number), row))
            .filter(|(at, _)| *at < rank)
            .collect();
        ranked.sort_unstable_by_key(|(at, _)| std::cmp::Reverse(*at));
        ranked.truncate(limit);
        Ok(ranked
            .into_iter()
            .map(|(at, row)| (at, row.clone()))
            .collect())
    }

    fn unread_conversations(&mut self) -> Result<Vec<ConvRow>> {
        Ok(self.rows(|row| row.unread() > 0))
    }

    fn grouped_conversations(&mut self) -> Result<Vec<ConvRow>> {
        Ok(self.rows(|row| !row.groups.is_empty()))
    }

    fn dirty_conversations(&mut self) -> Result<Vec<ConvRow>> {
        Ok(self.rows(|row| row.read_dirty))
    }

    fn put_conversation(&mut self, row: &ConvRow) -> Result<()> {
        let all = &mut self.data.conversations;
        let number = all.len() as u64;
        let entry = all.entry(row.conv.clone());
        entry.or_insert_with(|| (number, row.clone())).1 = row.clone();
        Ok(())
    }

    fn total_unread(&mut self) -> Result<u64> {
        let rows = self.data.conversations.values();
        Ok(rows.map(|(_, row)| row.counted()).sum())
    }

    fn group(&mut self, group_id: &str) -> Result<Option<GroupState>> {
        Ok(self.data.groups.get(group_id).cloned())
    }

    fn put_group(&mut self, state: &GroupState) -> Result<()> {
        let group_id = state.info.group_id.clone();
        self.data.groups.insert(group_id, state.clone());
        Ok(())
    }

    fn delete_group(&mut self, group_id: &str) -> Result<()> {
        self.data.groups.remove(group_id);
        Ok(())
    }

    fn has_groups(&mut self) -> Result<bool> {
        Ok(!self.data.groups.is_empty())
    }

    fn profile(&mut self, user_id: &str) -> Result<Option<(UserProfile, u64)>> {
        Ok(self.data.profiles.get(user_id).cloned())
    }

    fn put_profile(&mut self, profile: &UserProfile, fetched_ms: u64) -> Result<()> {
        let profiles = &mut self.data.profiles;
        profiles.insert(profile.user_id.clone(), (profile.clone(), fetched_ms));
        if profiles.len() > KEPT_PROFILES
            && let Some(oldest) = profiles.iter().min_by_key(|(_, (_, fetched))| *fetched)
        {
            let oldest = oldest.0.clone();
            profiles.remove(&oldest);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::store_suite!(MemoryStore::default);

    #[test]
    fn what_is_trimmed_becomes_a_gap() {
        let mut store = MemoryStore::default();
        store.open(1, "alice").unwrap();
        let conv = ConvId::c2c("bob");
        for seq in 1..=KEPT_PER_CONVERSATION as u64 + 3 {
            let row = crate::store::suite_row("bob", &format!("m{seq}"), seq, 0);
            assert!(store.insert_message(&row).unwrap());
        }
        assert_eq!(store.gaps(&conv).unwrap(), [(1, 3)]);
        assert!(store.message("m3").unwrap().is_none());
        assert!(store.message("m4").unwrap().is_some());
    }
}
