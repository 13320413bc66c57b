//! Profiles: one's own and those of others, remembered on this device.
//!
//! What is young enough is answered from the store, the rest by the server. Changes of one's own
//! profile come in the stream, those of subscribed users as they happen; both renew the memory.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::user::profile::{
    GetProfilesReq, GetProfilesRes, ProfileUpdate, SetProfileRes, SubscribeProfilesReq,
    UnsubscribeProfilesReq, UserProfile,
};
use protocol::{Error, codes, limits, ops, reader};

use super::{check_left, check_users};
use crate::request::Kind;
use crate::store::{self, Store};
use crate::{Core, Event, LogLevel, Reply, ReqId};

const LIST: &str = "json_user_id_list";

/// A profile that was fetched no longer ago is not asked for again.
const FRESH: Duration = Duration::from_secs(10 * 60);

/// `tim_profile_get_user_profile_list` on its way.
#[derive(Debug)]
pub(crate) struct ProfileCall {
    pub req: ReqId,
    /// As the app named them.
    users: Vec<String>,
    /// What is known so far.
    found: BTreeMap<String, UserProfile>,
    /// Whom the server has not answered yet.
    missing: Vec<String>,
}

/// Changes that are told at the turn's end.
#[derive(Debug, Default)]
pub(crate) struct ProfileNotices {
    own: Option<Box<UserProfile>>,
    others: BTreeMap<String, UserProfile>,
}

impl Core {
    pub(crate) fn get_profiles(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        users: Vec<String>,
        force: bool,
    ) -> store::Result<()> {
        let place = "friendship_getprofilelist_param_identifier_array";
        if let Err(error) = check_users(place, &users, limits::PROFILE_QUERY_USERS) {
            self.complete(req, Err(error));
            return Ok(());
        }
        let mut call = ProfileCall {
            req,
            users,
            found: BTreeMap::new(),
            missing: Vec::new(),
        };
        for user in &call.users {
            if call.found.contains_key(user) || call.missing.contains(user) {
                continue;
            }
            match self.remembered(store, user, Some(FRESH))? {
                Some(profile) if !force => {
                    call.found.insert(user.clone(), profile);
                }
                _ => call.missing.push(user.clone()),
            }
        }
        self.ask_for_profiles(Box::new(call));
        Ok(())
    }

    /// A profile that was fetched at most so long ago, or at any time.
    fn remembered(
        &mut self,
        store: &mut dyn Store,
        user: &str,
        age: Option<Duration>,
    ) -> store::Result<Option<UserProfile>> {
        // A clock that was set back makes it old.
        let is_young = |fetched: u64| {
            let passed = self.now.unix_ms.checked_sub(fetched);
            age.is_none_or(|age| passed.is_some_and(|ms| Duration::from_millis(ms) <= age))
        };
        let known = store.profile(user)?;
        Ok(known.and_then(|(profile, fetched)| is_young(fetched).then_some(profile)))
    }

    fn remember(&mut self, store: &mut dyn Store, profile: &UserProfile) -> store::Result<()> {
        store.put_profile(profile, self.now.unix_ms)
    }

    /// Asks the server for who is missing, or completes the call.
    fn ask_for_profiles(&mut self, mut call: Box<ProfileCall>) {
        if !call.missing.is_empty() {
            let users = call.missing.clone();
            self.request::<ops::GetProfiles>(Kind::Profiles(call), &GetProfilesReq { users });
            return;
        }
        let users = std::mem::take(&mut call.users).into_iter();
        let profiles = users.filter_map(|user| call.found.get(&user).cloned());
        let reply = Reply::Profiles(profiles.collect());
        self.complete(call.req, Ok(reply));
    }

    pub(crate) fn on_profiles(
        &mut self,
        store: &mut dyn Store,
        mut call: Box<ProfileCall>,
        answer: Result<GetProfilesRes, Error>,
    ) -> store::Result<()> {
        let answer = match answer {
            // A server that answers for nobody would be asked for ever.
            Ok(answer) if answer.answered == 0 => Err(Error::of(codes::PARSE_RESPONSE_FAILED)),
            answer => answer,
        };
        match answer {
            Ok(answer) => {
                for profile in answer.profiles {
                    self.remember(store, &profile)?;
                    call.found.insert(profile.user_id.clone(), profile);
                }
                let answered = (answer.answered as usize).min(call.missing.len());
                call.missing.drain(..answered);
                self.ask_for_profiles(call);
            }
            Err(error) => self.complete(call.req, Err(error)),
        }
        Ok(())
    }

    /// No answer in time: an old profile is better than none.
    pub(crate) fn on_profiles_missing(
        &mut self,
        store: &mut dyn Store,
        mut call: Box<ProfileCall>,
        error: Error,
    ) -> store::Result<()> {
        for user in std::mem::take(&mut call.missing) {
            let Some(profile) = self.remembered(store, &user, None)? else {
                self.complete(call.req, Err(error));
                return Ok(());
            };
            call.found.insert(user, profile);
        }
        self.ask_for_profiles(call);
        Ok(())
    }

    pub(crate) fn set_profile(&mut self, req: ReqId, mut update: ProfileUpdate) {
        update.complete_names();
        match update.check() {
            Ok(()) => {
                let kind = Kind::SetProfile {
                    req,
                    update: Box::new(update.clone()),
                };
                self.request::<ops::SetProfile>(kind, &update);
            }
            Err(error) => self.complete(req, Err(error)),
        }
    }

    /// Who asks right after the completion gets what was set, also before its event has come.
    pub(crate) fn on_set_profile_answer(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        update: &ProfileUpdate,
        answer: Result<SetProfileRes, Error>,
    ) -> store::Result<()> {
        if answer.is_ok()
            && let Some((mut own, fetched)) = store.profile(self.account.user_id())?
            && own.apply(update).is_ok()
        {
            store.put_profile(&own, fetched)?;
        }
        self.complete(req, answer.map(|_| Reply::Empty));
        Ok(())
    }

    pub(crate) fn subscribe_profiles(&mut self, req: ReqId, users: Vec<String>) {
        match self.check_watched(LIST, &users, limits::PROFILE_SUBSCRIPTIONS) {
            Ok(()) => self.request::<ops::SubscribeProfiles>(
                Kind::Plain { req },
                &SubscribeProfilesReq { users },
            ),
            Err(error) => self.complete(req, Err(error)),
        }
    }

    pub(crate) fn unsubscribe_profiles(&mut self, req: ReqId, users: Vec<String>) {
        match check_left(LIST, &users, limits::PROFILE_SUBSCRIPTIONS) {
            Ok(()) => self.request::<ops::UnsubscribeProfiles>(
                Kind::Plain { req },
                &UnsubscribeProfilesReq { users },
            ),
            Err(error) => self.complete(req, Err(error)),
        }
    }

    /// One's own profile changed, here or on another device.
    pub(crate) fn on_own_profile(
        &mut self,
        store: &mut dyn Store,
        profile: UserProfile,
    ) -> store::Result<()> {
        self.remember(store, &profile)?;
        self.notices.profiles.own = Some(Box::new(profile));
        Ok(())
    }

    /// Profiles of subscribed users changed.
    pub(crate) fn on_profiles_event(
        &mut self,
        store: &mut dyn Store,
        body: &str,
    ) -> store::Result<()> {
        let Ok(profiles) = reader::read_text::<Vec<UserProfile>>(body) else {
            let text = "an event of changed profiles could not be read; skipped";
            self.log(LogLevel::Warn, text);
            return Ok(());
        };
        for profile in profiles {
            self.remember(store, &profile)?;
            let others = &mut self.notices.profiles.others;
            others.insert(profile.user_id.clone(), profile);
        }
        Ok(())
    }

    /// Part of the turn's end: a burst of changes is told as it ends.
    pub(crate) fn settle_profiles(&mut self) {
        let notices = std::mem::take(&mut self.notices.profiles);
        if let Some(own) = notices.own {
            self.notify(Event::SelfInfo(own));
        }
        if !notices.others.is_empty() {
            let profiles = notices.others.into_values().collect();
            self.notify(Event::UserInfo(profiles));
        }
    }
}
