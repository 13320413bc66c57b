//! Profiles.

use protocol::user::profile::{
    EV_OWN_PROFILE, EV_PROFILES, GetProfilesReq, GetProfilesRes, ProfileUpdate, SetProfileRes,
    SubscribeProfilesReq, SubscribeProfilesRes, UnsubscribeProfilesReq, UnsubscribeProfilesRes,
};
use protocol::{Error, codes, frame, limits};

use crate::bus::Bus;
use crate::logic::session::PAGE_BYTES;
use crate::logic::{Cx, Effect, Logic, News};
use crate::repo::{Repo, RepoError, SetProfile, Topic};

impl<R: Repo, B: Bus> Logic<R, B> {
    pub(super) fn profile_error(error: RepoError) -> Error {
        Self::repo_error(&error, codes::SVR_PROFILE_INTERNAL_ERROR)
    }

    pub(in crate::logic) async fn profiles(
        &self,
        cx: &mut Cx,
        req: GetProfilesReq,
    ) -> Result<GetProfilesRes, Error> {
        let who = cx.who()?;
        if req.users.is_empty() || req.users.len() > limits::PROFILE_QUERY_USERS {
            return Err(Error::new(
                codes::SVR_ACCOUNT_INVALID_COUNT,
                "a query for profiles names 1 to 500 users",
            ));
        }
        let page = self.repo.profiles(who.app_id, req.users, PAGE_BYTES).await;
        let page = page.map_err(Self::profile_error)?;
        Ok(GetProfilesRes {
            profiles: page.profiles,
            answered: page.answered,
        })
    }

    pub(in crate::logic) async fn set_profile(
        &self,
        cx: &mut Cx,
        update: ProfileUpdate,
    ) -> Result<SetProfileRes, Error> {
        let who = cx.who()?;
        update.check()?;
        let set = self.repo.set_profile(who.account, update).await;
        match set.map_err(Self::profile_error)? {
            SetProfile::Changed { profile, event } => {
                let own = frame::write_event(EV_OWN_PROFILE, Some(event), &profile);
                cx.push(who.account, Some(event), own.into());
                let news = News {
                    app_id: who.app_id,
                    topic: Topic::Profile,
                    user_id: who.user_id.clone(),
                    version: event,
                    frame: frame::write_event(EV_PROFILES, None, &[&profile]).into(),
                };
                cx.effects.push(Effect::News(news, Vec::new()));
            }
            SetProfile::Same => {}
            SetProfile::Refused(error) => return Err(error),
        }
        Ok(SetProfileRes {})
    }

    pub(in crate::logic) async fn subscribe_profiles(
        &self,
        cx: &mut Cx,
        req: SubscribeProfilesReq,
    ) -> Result<SubscribeProfilesRes, Error> {
        self.watch(cx, Topic::Profile, req.users).await?;
        Ok(SubscribeProfilesRes {})
    }

    pub(in crate::logic) async fn unsubscribe_profiles(
        &self,
        cx: &mut Cx,
        req: UnsubscribeProfilesReq,
    ) -> Result<UnsubscribeProfilesRes, Error> {
        self.unwatch(cx, Topic::Profile, req.users).await?;
        Ok(UnsubscribeProfilesRes {})
    }
}
