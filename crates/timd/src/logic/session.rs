//! Login, logout, heartbeat, the user's stream.

use protocol::session::{
    DifferenceReq, DifferenceRes, HeartbeatRes, LoginReq, LoginRes, LogoutRes, StreamEvent,
    features,
};
use protocol::user::profile::EV_OWN_PROFILE;
use protocol::user::{is_valid_user_id, status_type};
use protocol::{Error, codes, limits, message as msg, usersig};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::activity::day_of;
use super::message::MessageView;
use super::registry::{Gone, Holders, Opening, Who};
use super::{Cx, Effect, Logic};
use crate::bus::Bus;
use crate::metrics::{Kick, LoginOutcome};
use crate::policy::{Claim, Newcomer};
use crate::repo::{
    AccountId, App, EventKind, Place, Places, Presence, Repo, RepoError, StoredEvent, TakePlace,
};

/// Bytes of a device id.
const DEVICE_ID_BYTES: usize = 128;

/// Content of one page of events, messages or conversations. Far from the limit of a frame, since
/// a client may ask for many pages at once.
pub(super) const PAGE_BYTES: usize = limits::FRAME_BYTES / 8;

/// How often a login looks again when other devices of the user log in at the same moment.
const PLACE_ATTEMPTS: usize = 16;

/// The place that a login has got.
struct Taken {
    number: u64,
    had_left: bool,
    holders: Holders,
}

impl Taken {
    fn of(number: u64, places: Places) -> Self {
        let own = places.held.iter().find(|place| place.number == number);
        Self {
            number,
            had_left: own.is_some_and(|place| place.has_left),
            holders: Holders {
                given: places.given,
                devices: places.held.into_iter().map(|p| p.device_id).collect(),
            },
        }
    }
}

impl<R: Repo, B: Bus> Logic<R, B> {
    pub(super) async fn login(&self, cx: &mut Cx, req: LoginReq) -> Result<LoginRes, Error> {
        let max = self.config.login_failures;
        if self.registry.lock().is_blocked(cx.peer, cx.now_ms, max) {
            self.metrics.login(LoginOutcome::Blocked);
            return Err(Error::of(codes::SVR_ACCOUNT_FREQ_LIMIT));
        }
        let renewed = cx.who.is_some();
        let (app_id, platform) = (req.app_id, req.platform);
        let result = self.try_login(cx, req).await;
        let outcome = match &result {
            Ok(_) if renewed => LoginOutcome::Renewed,
            Ok(_) => LoginOutcome::Ok,
            Err(error) => outcome_of(error.code),
        };
        self.metrics.login(outcome);
        if let Err(error) = &result {
            // A ticket that ran out is no attempt at somebody's door.
            if outcome == LoginOutcome::Refused && error.code != codes::SVR_ACCOUNT_USERSIG_EXPIRED
            {
                self.registry.lock().failed(cx.peer, cx.now_ms);
            }
        }
        let code = result.as_ref().map_or_else(|e| e.code, |_| 0);
        tracing::debug!(session = cx.session, peer = %cx.peer, app_id, platform, code, "login");
        result
    }

    async fn try_login(&self, cx: &mut Cx, req: LoginReq) -> Result<LoginRes, Error> {
        let failed = |e: RepoError| Self::repo_error(&e, codes::SVR_ACCOUNT_INTERNAL_ERROR);
        let view = self
            .repo
            .login_view(req.app_id, req.user_id.clone())
            .await
            .map_err(failed)?;
        let app = view
            .app
            .ok_or_else(|| Error::of(codes::SVR_ACCOUNT_SDKAPPID_NOT_FOUND))?;
        let ticket = usersig::read(&req.user_sig)?;
        // A session outlives its ticket by the grace time, also across a lost connection.
        let is_return = req.resume
            && view
                .places
                .held
                .iter()
                .any(|p| p.device_id == req.device_id);
        let grace = if is_return {
            self.config.ticket_grace.as_secs()
        } else {
            0
        };
        let now = cx.now_s().saturating_sub(grace);
        ticket.verify(&app.key, app.id, &req.user_id, now)?;
        if !is_valid_user_id(&req.user_id) {
            return Err(Error::new(
                codes::SVR_ACCOUNT_INVALID_PARAMETERS,
                "user IDs have 1 to 32 letters, digits, _ and -",
            ));
        }
        if req.device_id.is_empty() || req.device_id.len() > DEVICE_ID_BYTES {
            return Err(Error::new(
                codes::SVR_ACCOUNT_INVALID_PARAMETERS,
                "device_id has 1 to 128 bytes",
            ));
        }
        if req.user_data.len() > limits::USER_DATA_BYTES {
            return Err(Error::new(
                codes::SVR_ACCOUNT_INVALID_PARAMETERS,
                "user_data has at most 64 bytes",
            ));
        }
        let not_before = view.account.as_ref().map_or(0, |a| a.not_before);
        if ticket.time < not_before {
            return Err(Error::of(codes::SVR_ACCOUNT_INVALID_USERSIG));
        }
        if let Some(who) = &cx.who {
            if (who.app_id, &who.user_id) != (req.app_id, &req.user_id) {
                return Err(Error::new(
                    codes::SVR_ACCOUNT_USERSIG_MISMATCH_ID,
                    "this session belongs to another user; log out first",
                ));
            }
            let head = self.repo.event_head(who.account).await.map_err(failed)?;
            let mut registry = self.registry.lock();
            registry.renew(cx.session, ticket.expires_at());
            let custom_status = registry.custom_status(who.account);
            let place = registry.place(cx.session);
            return Ok(self.login_res(cx, head, custom_status, place));
        }
        let account = match view.account {
            Some(account) => account,
            None => {
                let (id, now) = (self.next_id(), cx.now_s());
                let user_id = req.user_id.clone();
                let registered = self.repo.register(id, app.id, user_id, now);
                registered.await.map_err(failed)?
            }
        };
        let id = account.id;
        let place = self.take_place(&app, id, view.places, &req).await?;
        let noted = Presence {
            account: id,
            presence: self.config.left_behind(req.platform),
            day: day_of(cx.now_ms).max(account.active_day),
        };
        if (noted.presence, noted.day) != (account.presence, account.active_day) || place.had_left {
            self.repo.came_online(noted, req.device_id.clone());
        }
        let who = Who {
            app_id: app.id,
            account: id,
            user_id: req.user_id,
            device_id: req.device_id,
            platform: req.platform,
            features: req.features,
            user_data: req.user_data,
        };
        let opening = Opening {
            expires_at: ticket.expires_at(),
            place: place.number,
            holders: place.holders,
            custom_status: account.custom_status,
            watched: view.watched,
            noted,
        };
        let before = account.active_day;
        let opened = self.registry.lock().open(cx.session, who, opening);
        let (custom_status, effects) = opened?;
        // The session is known from here on, so that no event falls between this head and the
        // first push.
        let head = match self.repo.event_head(id).await {
            Ok(head) => head,
            Err(error) => {
                cx.effects.extend(effects);
                let (effects, _) = self.registry.lock().logout(cx.session, cx.now_ms);
                cx.effects.extend(effects);
                return Err(failed(error));
            }
        };
        self.activity.lock().seen(app.id, id, before, cx.now_ms);
        if req.resume {
            self.metrics.reconnects.inc();
        }
        cx.effects.push(Effect::Opened(head));
        cx.effects.extend(effects);
        Ok(self.login_res(cx, head, custom_status, place.number))
    }

    /// The device keeps its place, or takes one from others, or has lost it.
    async fn take_place(
        &self,
        app: &App,
        account: AccountId,
        mut places: Places,
        req: &LoginReq,
    ) -> Result<Taken, Error> {
        let new = Newcomer {
            device_id: &req.device_id,
            platform: req.platform,
            resume: req.resume,
            place: req.place,
        };
        for _ in 0..PLACE_ATTEMPTS {
            let live = self.registry.lock().devices(account);
            let is_live = |device: &str| live.iter().any(|(d, _)| d == device);
            let displaced = match app.policy.decide(new, &places, is_live) {
                Claim::Keep(number) => return Ok(Taken::of(number, places)),
                Claim::Take(displaced) => displaced,
                Claim::Lost => return Err(Error::of(codes::LOGIN_KICKED_OFF_BY_OTHER)),
            };
            let loses = |p: &&Place| displaced.contains(&p.device_id);
            let kicks: Vec<_> = places
                .held
                .iter()
                .filter(loses)
                .filter_map(|p| match (is_live(&p.device_id), p.has_left) {
                    (true, _) => Some(Kick::Online),
                    (false, false) => Some(Kick::Away),
                    (false, true) => None,
                })
                .collect();
            let take = TakePlace {
                account,
                given: places.given,
                device_id: req.device_id.clone(),
                platform: req.platform,
                displaced,
            };
            let taken = self.repo.take_place(take).await;
            let is_done;
            (places, is_done) =
                taken.map_err(|e| Self::repo_error(&e, codes::SVR_ACCOUNT_INTERNAL_ERROR))?;
            if is_done {
                kicks.into_iter().for_each(|kick| self.metrics.kick(kick));
                return Ok(Taken::of(places.given, places));
            }
            // Another device of the user was quicker.
        }
        Err(Error::of(codes::SVR_SSO_OVERLOAD))
    }

    fn login_res(&self, cx: &Cx, event_seq: u64, custom_status: String, place: u64) -> LoginRes {
        LoginRes {
            server_time_ms: cx.now_ms,
            event_seq,
            heartbeat_s: self.config.heartbeat.as_secs().max(1) as u32,
            features: features::READ_RECEIPTS | features::ANSWER_IS_EVENT,
            custom_status,
            place,
        }
    }

    pub(super) async fn logout(&self, cx: &mut Cx) -> Result<LogoutRes, Error> {
        let (effects, gone) = self.registry.lock().logout(cx.session, cx.now_ms);
        cx.effects.extend(effects);
        if let Some(Gone { who, last }) = gone {
            let last = last.map(|last| {
                self.saw(&who, last.noted.day, cx.now_ms);
                Presence {
                    account: who.account,
                    presence: status_type::UNLOGINED,
                    day: day_of(cx.now_ms),
                }
            });
            let device_id = who.device_id.clone();
            let stored = self.repo.logged_out(who.account, device_id, last).await;
            stored.map_err(|e| Self::repo_error(&e, codes::SVR_ACCOUNT_INTERNAL_ERROR))?;
        }
        Ok(LogoutRes {})
    }

    pub(super) async fn heartbeat(&self, cx: &mut Cx) -> Result<HeartbeatRes, Error> {
        let head = self.repo.event_head(cx.who()?.account).await;
        let failed = |e: RepoError| Self::repo_error(&e, codes::SVR_ACCOUNT_INTERNAL_ERROR);
        Ok(HeartbeatRes {
            event_seq: head.map_err(failed)?,
            server_time_ms: cx.now_ms,
        })
    }

    pub(super) async fn difference(
        &self,
        cx: &mut Cx,
        req: DifferenceReq,
    ) -> Result<DifferenceRes, Error> {
        let who = cx.who()?;
        let limit = req.limit.clamp(1, limits::DIFFERENCE_PAGE);
        let page = self
            .repo
            .difference(who.account, req.after, limit, PAGE_BYTES)
            .await
            .map_err(|e| Self::repo_error(&e, codes::SVR_MSG_INTERNAL_ERROR1))?;
        Ok(DifferenceRes {
            events: page
                .events
                .into_iter()
                .map(|event| stream_event(event, &who.user_id))
                .collect::<Result<_, _>>()?,
            head: page.head,
            too_old: page.too_old,
        })
    }
}

fn outcome_of(code: i32) -> LoginOutcome {
    match code {
        codes::LOGIN_KICKED_OFF_BY_OTHER => LoginOutcome::Displaced,
        codes::SVR_ACCOUNT_INTERNAL_ERROR | codes::SVR_SSO_OVERLOAD | codes::SVR_SSO_DISCONNECT => {
            LoginOutcome::Failed
        }
        _ => LoginOutcome::Refused,
    }
}

fn stream_event(event: StoredEvent, user_id: &str) -> Result<StreamEvent, Error> {
    let conv = protocol::conversation::ConvId::c2c(event.peer);
    let (ev, body) = match event.what {
        EventKind::Message(message) => {
            let view = MessageView::of(&conv, user_id, &message)?;
            (msg::EV_NEW, raw(&view))
        }
        EventKind::Read { read_seq, read_ord } => {
            let read = msg::ReadRes {
                conv,
                read_seq,
                read_ord,
            };
            (msg::EV_READ, raw(&read))
        }
        EventKind::Receipt {
            peer_read_seq,
            time,
        } => {
            let receipt = msg::Receipt {
                conv,
                peer_read_seq,
                time,
            };
            (msg::EV_RECEIPT, raw(&receipt))
        }
        EventKind::Profile(profile) => (EV_OWN_PROFILE, raw(&profile)),
    };
    Ok(StreamEvent {
        seq: event.seq,
        ev: ev.to_owned(),
        body,
    })
}

fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("protocol types always serialise")
}
