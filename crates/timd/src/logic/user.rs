//! Users: status; [`profile`]s are beside it.

use protocol::user::{
    GetStatusReq, GetStatusRes, SetStatusReq, SetStatusRes, SubscribeStatusReq, SubscribeStatusRes,
    UnsubscribeStatusReq, UnsubscribeStatusRes, UserStatus, is_valid_user_id, status_type,
};
use protocol::{Error, codes, limits};

use super::activity::day_of;
use super::{Cx, Logic};
use crate::bus::Bus;
use crate::repo::{Account, Repo, RepoError, Topic};

mod profile;

fn invalid(text: &'static str) -> Error {
    Error::new(codes::SVR_ACCOUNT_INVALID_PARAMETERS, text)
}

impl<R: Repo, B: Bus> Logic<R, B> {
    fn user_error(error: RepoError) -> Error {
        Self::repo_error(&error, codes::SVR_ACCOUNT_INTERNAL_ERROR)
    }

    pub(super) async fn statuses(
        &self,
        cx: &mut Cx,
        req: GetStatusReq,
    ) -> Result<GetStatusRes, Error> {
        let who = cx.who()?;
        if req.users.is_empty() || req.users.len() > limits::STATUS_QUERY_USERS {
            return Err(Error::new(
                codes::SVR_ACCOUNT_INVALID_COUNT,
                "a status query names 1 to 500 users",
            ));
        }
        let accounts = self.repo.accounts(who.app_id, req.users.clone()).await;
        let accounts = accounts.map_err(Self::user_error)?;
        let registry = self.registry.lock();
        let statuses = req.users.into_iter().zip(accounts).map(|(user_id, found)| {
            let status_type = match &found {
                None => status_type::UNKNOWN,
                Some(account) => match registry.status(account.id) {
                    Some(online) => return online,
                    None => self.away(account, cx.now_ms),
                },
            };
            UserStatus {
                user_id,
                status_type,
                ..UserStatus::default()
            }
        });
        Ok(GetStatusRes {
            statuses: statuses.collect(),
        })
    }

    /// What a user counts as who is not online: offline, until that is too long ago.
    fn away(&self, account: &Account, now_ms: u64) -> i32 {
        let days = day_of(now_ms).saturating_sub(account.active_day);
        if account.presence == status_type::OFFLINE && days > self.config.offline_days.into() {
            return status_type::UNLOGINED;
        }
        account.presence
    }

    pub(super) async fn set_status(
        &self,
        cx: &mut Cx,
        req: SetStatusReq,
    ) -> Result<SetStatusRes, Error> {
        let who = cx.who()?;
        if req.custom_status.len() > limits::CUSTOM_STATUS_BYTES {
            return Err(invalid("a custom status has at most 100 bytes"));
        }
        let text = req.custom_status.clone();
        let stored = self.repo.set_custom_status(who.account, text).await;
        stored.map_err(Self::user_error)?;
        let mut registry = self.registry.lock();
        let effects = registry.set_custom_status(cx.session, &who, req.custom_status);
        cx.effects.extend(effects);
        Ok(SetStatusRes {})
    }

    pub(super) async fn subscribe(
        &self,
        cx: &mut Cx,
        req: SubscribeStatusReq,
    ) -> Result<SubscribeStatusRes, Error> {
        self.watch(cx, Topic::Status, req.users).await?;
        Ok(SubscribeStatusRes {})
    }

    pub(super) async fn unsubscribe(
        &self,
        cx: &mut Cx,
        req: UnsubscribeStatusReq,
    ) -> Result<UnsubscribeStatusRes, Error> {
        self.unwatch(cx, Topic::Status, req.users).await?;
        Ok(UnsubscribeStatusRes {})
    }

    /// Adds subscriptions.
    async fn watch(&self, cx: &Cx, topic: Topic, users: Vec<String>) -> Result<(), Error> {
        let who = cx.who()?;
        let (most, max) = bounds(topic);
        if users.is_empty() || users.len() > most {
            let text = format!("a subscription names 1 to {most} users");
            return Err(Error::new(codes::SVR_ACCOUNT_INVALID_COUNT, text));
        }
        if !users.iter().all(|user_id| is_valid_user_id(user_id)) {
            return Err(invalid("one of these is no user ID"));
        }
        if users.contains(&who.user_id) {
            return Err(invalid("nobody has to subscribe to himself"));
        }
        let left = self.repo.subscribe(who.account, topic, users, max).await;
        let left = left.map_err(|e| Self::topic_error(topic, e))?;
        self.registry.lock().set_watched(&who, topic, left);
        Ok(())
    }

    /// Ends subscriptions; all of the topic when none is named.
    async fn unwatch(&self, cx: &Cx, topic: Topic, users: Vec<String>) -> Result<(), Error> {
        let who = cx.who()?;
        let (most, _) = bounds(topic);
        if users.len() > most {
            let text = format!("a call ends at most {most} subscriptions, or all");
            return Err(Error::new(codes::SVR_ACCOUNT_INVALID_COUNT, text));
        }
        let left = self.repo.unsubscribe(who.account, topic, users).await;
        let left = left.map_err(|e| Self::topic_error(topic, e))?;
        self.registry.lock().set_watched(&who, topic, left);
        Ok(())
    }

    fn topic_error(topic: Topic, error: RepoError) -> Error {
        match topic {
            Topic::Status => Self::user_error(error),
            Topic::Profile => Self::profile_error(error),
        }
    }
}

/// How many users a call about subscriptions may name, and how many subscriptions a user has.
fn bounds(topic: Topic) -> (usize, usize) {
    match topic {
        Topic::Status => (limits::STATUS_SUBSCRIBE_USERS, limits::STATUS_SUBSCRIPTIONS),
        Topic::Profile => (limits::PROFILE_SUBSCRIPTIONS, limits::PROFILE_SUBSCRIPTIONS),
    }
}
