//! Users: status; [`profile`]s are beside it.

use protocol::user::{
    EV_STATUS, GetStatusReq, GetStatusRes, SetStatusReq, SetStatusRes, SubscribeStatusReq,
    SubscribeStatusRes, UnsubscribeStatusReq, UnsubscribeStatusRes, UserStatus, is_valid_user_id,
    platform, status_type,
};
use protocol::{Error, codes, frame, limits};

use super::activity::day_of;
use super::{Cx, Effect, Frame, Logic, News, Push};
use crate::bus::Bus;
use crate::repo::{Account, AccountId, Change, Repo, RepoError, Seen, Standing, Topic, Watching};

mod profile;
mod receive;

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
        let seen = self.repo.seen(who.app_id, req.users.clone()).await;
        let seen = seen.map_err(Self::user_error)?;
        let statuses = req
            .users
            .iter()
            .zip(seen)
            .map(|(user_id, seen)| match seen {
                None => UserStatus {
                    user_id: user_id.clone(),
                    status_type: status_type::UNKNOWN,
                    ..UserStatus::default()
                },
                Some(Seen { account, platforms }) => {
                    let away = self.away(&account, cx.now_ms);
                    status(user_id, &platforms, &account.custom_status, away)
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
        if req.custom_status.contains('\0') {
            return Err(invalid("a custom status has no NUL characters"));
        }
        let set = self.repo.set_custom_status(who.account, req.custom_status);
        let change = set.await.map_err(Self::user_error)?;
        if let Some(status) = changed_status(&who.user_id, &change) {
            let push = Push {
                except: Some(cx.session),
                ..Push::new(who.account, None, status_event(&status))
            };
            cx.effects.push(Effect::Push(push, Vec::new()));
        }
        let standing = change.after.clone();
        let over = self.registry.lock().stand(who.account, standing);
        cx.effects.extend(over);
        self.tell_change(
            who.app_id,
            who.account,
            &who.user_id,
            &change,
            &mut cx.effects,
        );
        Ok(SetStatusRes {})
    }

    /// Tells of a change how a user stands: those who watch, and the other nodes concerned.
    pub(super) fn tell_change(
        &self,
        app_id: u64,
        account: AccountId,
        user_id: &str,
        change: &Change,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(status) = changed_status(user_id, change) {
            let news = News {
                app_id,
                topic: Topic::Status,
                user_id: user_id.to_owned(),
                version: change.after.version,
                frame: status_event(&status),
            };
            effects.push(Effect::News(news, Vec::new()));
        }
        let mut nodes = change.before.nodes();
        nodes.extend(change.after.nodes());
        let nodes = self.without_me(nodes);
        if !nodes.is_empty() {
            effects.push(Effect::Standing(account, change.after.clone(), nodes));
        }
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
    async fn watch(&self, cx: &mut Cx, topic: Topic, users: Vec<String>) -> Result<(), Error> {
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
        self.watches(cx, who.account, left);
        Ok(())
    }

    /// Ends subscriptions; all of the topic when none is named.
    async fn unwatch(&self, cx: &mut Cx, topic: Topic, users: Vec<String>) -> Result<(), Error> {
        let who = cx.who()?;
        let (most, _) = bounds(topic);
        if users.len() > most {
            let text = format!("a call ends at most {most} subscriptions, or all");
            return Err(Error::new(codes::SVR_ACCOUNT_INVALID_COUNT, text));
        }
        let left = self.repo.unsubscribe(who.account, topic, users).await;
        let left = left.map_err(|e| Self::topic_error(topic, e))?;
        self.watches(cx, who.account, left);
        Ok(())
    }

    /// This node and the others where the user is online learn whom the user watches.
    fn watches(&self, cx: &mut Cx, account: AccountId, watching: Watching) {
        let nodes = self.registry.lock().nodes(account);
        let nodes = self.without_me(nodes);
        if !nodes.is_empty() {
            let effect = Effect::Watching(account, watching.clone(), nodes);
            cx.effects.push(effect);
        }
        self.registry.lock().set_watching(account, watching);
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

/// What is told of a user.
fn status(user_id: &str, platforms: &[i32], custom_status: &str, away: i32) -> UserStatus {
    if platforms.is_empty() {
        return UserStatus {
            user_id: user_id.to_owned(),
            status_type: away,
            ..UserStatus::default()
        };
    }
    let names = platforms.iter().map(|platform| platform::name(*platform));
    let mut online_devices: Vec<String> = names.map(str::to_owned).collect();
    online_devices.sort_unstable();
    online_devices.dedup();
    UserStatus {
        user_id: user_id.to_owned(),
        status_type: status_type::ONLINE,
        custom_status: custom_status.to_owned(),
        online_devices,
    }
}

fn changed_status(user_id: &str, change: &Change) -> Option<UserStatus> {
    let of = |s: &Standing| status(user_id, &s.platforms(), &s.custom_status, s.presence);
    let after = of(&change.after);
    (after != of(&change.before)).then_some(after)
}

fn status_event(status: &UserStatus) -> Frame {
    frame::write_event(EV_STATUS, None, &[status]).into()
}
