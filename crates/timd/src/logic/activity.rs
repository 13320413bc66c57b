//! Daily and monthly active users. Each account remembers the last day on which its user was
//! online; here is counted how many users have which day, so that a login which is not the user's
//! first of the day changes nothing, here or in the database.

use std::collections::{BTreeMap, HashMap};

use crate::metrics::ActiveGauge;
use crate::repo::{AccountId, ActiveUsers};

const DAY_MS: u64 = 86_400_000;
/// Days in a month.
const MONTH: u64 = 30;
/// What was counted is in the database by then.
const NOTED_MS: u64 = 60_000;

/// Days (UTC) since 1970.
pub(super) fn day_of(now_ms: u64) -> u64 {
    now_ms / DAY_MS
}

/// Users by the day on which they were last online.
#[derive(Default)]
pub(super) struct Activity {
    /// App to day to users.
    days: BTreeMap<u64, BTreeMap<u64, u64>>,
    /// Who was counted a moment ago, and when: the account as it was read may not know it yet.
    counted: HashMap<AccountId, u64>,
}

impl Activity {
    /// What the database knows.
    pub fn load(&mut self, apps: impl Iterator<Item = u64>, found: &[ActiveUsers]) {
        self.days = apps.map(|app_id| (app_id, BTreeMap::new())).collect();
        for active in found {
            let days = self.days.entry(active.app_id).or_default();
            days.insert(active.day, active.users);
        }
    }

    /// A user is online who was last online on the day `before`.
    pub fn seen(&mut self, app_id: u64, account: AccountId, before: u64, now_ms: u64) {
        let today = day_of(now_ms);
        if before >= today || self.was_counted(account, now_ms) {
            return;
        }
        let days = self.days.entry(app_id).or_default();
        if let Some(users) = days.get_mut(&before) {
            *users = users.saturating_sub(1);
        }
        *days.entry(today).or_default() += 1;
        self.counted.insert(account, now_ms);
    }

    fn was_counted(&self, account: AccountId, now_ms: u64) -> bool {
        let at = self.counted.get(&account);
        at.is_some_and(|at| day_of(*at) == day_of(now_ms))
    }

    /// How many were counted a moment ago.
    pub fn counted(&self) -> usize {
        self.counted.len()
    }

    /// Forgets what is too old to count.
    pub fn tick(&mut self, now_ms: u64) {
        self.counted.retain(|_, at| now_ms < *at + NOTED_MS);
        let first = (day_of(now_ms) + 1).saturating_sub(MONTH);
        for days in self.days.values_mut() {
            *days = days.split_off(&first);
        }
    }

    /// Each app's figures of today.
    pub fn gauges(&self, now_ms: u64) -> Vec<ActiveGauge> {
        let today = day_of(now_ms);
        let first = (today + 1).saturating_sub(MONTH);
        let gauge = |(app_id, days): (&u64, &BTreeMap<u64, u64>)| ActiveGauge {
            app_id: *app_id,
            daily: days.get(&today).copied().unwrap_or_default(),
            monthly: days.range(first..=today).map(|(_, users)| users).sum(),
        };
        self.days.iter().map(gauge).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(day: u64) -> u64 {
        day * DAY_MS + 5
    }

    fn figures(activity: &Activity, day: u64) -> (u64, u64) {
        let gauge = &activity.gauges(now(day))[0];
        (gauge.daily, gauge.monthly)
    }

    #[test]
    fn a_user_counts_once_a_day_and_once_in_thirty() {
        let mut activity = Activity::default();
        let found = [ActiveUsers {
            app_id: 1,
            day: 99,
            users: 2,
        }];
        activity.load([1].into_iter(), &found);
        assert_eq!(figures(&activity, 100), (0, 2));
        activity.seen(1, 7, 99, now(100));
        activity.seen(1, 7, 99, now(100) + 1); // the note is still on its way
        activity.seen(1, 7, 100, now(100) + 2);
        activity.seen(1, 8, 0, now(100));
        assert_eq!(figures(&activity, 100), (2, 3));
        assert_eq!(figures(&activity, 128), (0, 3));
        assert_eq!(figures(&activity, 129), (0, 2));
        activity.tick(now(129));
        activity.seen(1, 8, 100, now(129));
        assert_eq!(figures(&activity, 129), (1, 2));
        assert_eq!(figures(&activity, 159), (0, 0));
    }
}
