//! Who watches whom.

use super::super::{News, Push, SessionId};
use super::Registry;
use crate::repo::{AccountId, Watched, Watching};

/// Those who are online on this node and watch one user.
#[derive(Default)]
pub(super) struct Watchers {
    accounts: Vec<AccountId>,
    /// Of the newest news that they were told.
    version: u64,
}

impl Watchers {
    pub fn count(&self) -> usize {
        self.accounts.len()
    }
}

impl Registry {
    /// Replaces whom an online user watches, unless that is older than what is known.
    pub fn set_watching(&mut self, account: AccountId, watching: Watching) {
        let Some(online) = self.online.get_mut(&account) else {
            return;
        };
        // Of a user who has just come nothing is known.
        if watching.version > online.watching.version || online.watching.version == 0 {
            online.watching.version = watching.version;
            self.set_watched(account, watching.watched);
        }
    }

    pub(super) fn set_watched(&mut self, account: AccountId, watched: Watched) {
        let Some(online) = self.online.get_mut(&account) else {
            return;
        };
        let app_id = online.app_id;
        let before = std::mem::replace(&mut online.watching.watched, watched.clone());
        for (topic, target) in before.each() {
            let key = (app_id, topic, target.clone());
            if let Some(watchers) = self.watchers.get_mut(&key) {
                watchers.accounts.retain(|watcher| *watcher != account);
                if watchers.accounts.is_empty() {
                    self.watchers.remove(&key);
                }
            }
        }
        for (topic, target) in watched.each() {
            let key = (app_id, topic, target.clone());
            let watchers = self.watchers.entry(key).or_default();
            watchers.accounts.push(account);
        }
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

    /// Tells those who watch a user, unless they know newer. Friends will be told here, beside
    /// them, once there are any.
    pub fn tell(&mut self, news: &News, now_ms: u64) {
        let key = (news.app_id, news.topic, news.user_id.clone());
        let Some(watchers) = self.watchers.get_mut(&key) else {
            return;
        };
        if news.version <= watchers.version {
            return;
        }
        watchers.version = news.version;
        let accounts = watchers.accounts.clone();
        for account in accounts {
            self.push(Push::new(account, None, news.frame.clone()), now_ms);
        }
    }
}
