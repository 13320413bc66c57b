//! The status of users, and who watches whom.

use protocol::frame;
use protocol::user::{EV_STATUS, UserStatus, platform, status_type};

use super::super::{Effect, Frame, Push, SessionId};
use super::{Registry, Who};
use crate::repo::{AccountId, Topic};

impl Registry {
    /// `None`: not online on this node.
    pub fn status(&self, account: AccountId) -> Option<UserStatus> {
        let online = self.online.get(&account)?;
        let mut devices: Vec<String> = self
            .sessions_of(account)
            .map(|(_, open)| platform::name(open.who.platform).to_owned())
            .collect();
        devices.sort_unstable();
        devices.dedup();
        Some(UserStatus {
            user_id: online.who.user_id.clone(),
            status_type: status_type::ONLINE,
            custom_status: online.custom_status.clone(),
            online_devices: devices,
        })
    }

    /// Sets the custom status of an online user; the caller's other sessions and the watchers
    /// learn of it.
    pub fn set_custom_status(&mut self, id: SessionId, who: &Who, text: String) -> Vec<Effect> {
        let before = self.status(who.account);
        match self.online.get_mut(&who.account) {
            Some(online) => online.custom_status = text,
            None => return Vec::new(),
        }
        let mut effects = Vec::new();
        let after = self.status(who.account);
        if let Some(status) = after.filter(|after| before.as_ref() != Some(after)) {
            effects.push(Effect::Push(Push {
                to: who.account,
                seq: None,
                except: Some(id),
                frame: status_event(&status),
            }));
            self.to_watchers(who.app_id, &status, &mut effects);
        }
        effects
    }

    /// Replaces whom an online user watches.
    pub fn set_watched(&mut self, who: &Who, topic: Topic, targets: Vec<String>) {
        let Some(online) = self.online.get_mut(&who.account) else {
            return;
        };
        let old = std::mem::replace(online.watched.of(topic), targets.clone());
        self.unwatch(who.app_id, who.account, topic, &old);
        self.watch(who.app_id, who.account, topic, &targets);
    }

    pub fn may_ask_status(&mut self, id: SessionId, now_ms: u64, max: u32) -> bool {
        let Some(session) = self.sessions.get_mut(&id) else {
            return false;
        };
        let (since, count) = &mut session.status_calls;
        if now_ms >= *since + 5_000 {
            (*since, *count) = (now_ms, 0);
        }
        *count += 1;
        *count <= max
    }

    pub(super) fn watch(
        &mut self,
        app_id: u64,
        account: AccountId,
        topic: Topic,
        targets: &[String],
    ) {
        for target in targets {
            let key = (app_id, topic, target.clone());
            self.watchers.entry(key).or_default().push(account);
        }
    }

    pub(super) fn unwatch(
        &mut self,
        app_id: u64,
        account: AccountId,
        topic: Topic,
        targets: &[String],
    ) {
        for target in targets {
            let key = (app_id, topic, target.clone());
            if let Some(watchers) = self.watchers.get_mut(&key) {
                watchers.retain(|watcher| *watcher != account);
                if watchers.is_empty() {
                    self.watchers.remove(&key);
                }
            }
        }
    }

    pub(super) fn tell_watchers(
        &self,
        account: AccountId,
        before: Option<UserStatus>,
        effects: &mut Vec<Effect>,
    ) {
        let (after, online) = (self.status(account), self.online.get(&account));
        if let (Some(after), Some(online)) = (after, online)
            && before.as_ref() != Some(&after)
        {
            self.to_watchers(online.who.app_id, &after, effects);
        }
    }

    /// Who learns of a user's status: those who subscribed to it. Friends will be told here, beside
    /// them, once there are any.
    pub(super) fn to_watchers(&self, app_id: u64, status: &UserStatus, effects: &mut Vec<Effect>) {
        let frame = || status_event(status);
        let told = self.tell_topic(app_id, Topic::Status, &status.user_id, frame);
        effects.extend(told);
    }

    /// An event for those who watch a user.
    pub fn tell_topic(
        &self,
        app_id: u64,
        topic: Topic,
        user_id: &str,
        frame: impl FnOnce() -> Frame,
    ) -> Vec<Effect> {
        let key = (app_id, topic, user_id.to_owned());
        let Some(watchers) = self.watchers.get(&key) else {
            return Vec::new();
        };
        let frame = frame();
        let push = |watcher: &AccountId| {
            Effect::Push(Push {
                to: *watcher,
                seq: None,
                except: None,
                frame: frame.clone(),
            })
        };
        watchers.iter().map(push).collect()
    }
}

fn status_event(status: &UserStatus) -> Frame {
    frame::write_event(EV_STATUS, None, &[status]).into()
}
