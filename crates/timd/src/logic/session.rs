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

use super::message::MessageView;
use super::registry::Who;
use super::{Cx, Effect, Logic};
use crate::bus::Bus;
use crate::metrics::LoginOutcome;
use crate::repo::{EventKind, Repo, RepoError, StoredEvent};

/// Bytes of a device id.
const DEVICE_ID_BYTES: usize = 128;

/// Content of one page of events, messages or conversations. Far from the limit of a frame, since
/// a client may ask for many pages at once.
pub(super) const PAGE_BYTES: usize = limits::FRAME_BYTES / 8;

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
        ticket.verify(&app.key, app.id, &req.user_id, cx.now_s())?;
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
            return Ok(self.login_res(cx, head, custom_status));
        }
        let account = match view.account {
            Some(account) => {
                // Else it says already that a lost connection leaves the user offline.
                if account.presence != status_type::OFFLINE {
                    self.repo.came_online(account.id);
                }
                account
            }
            None => {
                let (id, now) = (self.next_id(), cx.now_s());
                let user_id = req.user_id.clone();
                let registered = self.repo.register(id, app.id, user_id, now);
                registered.await.map_err(failed)?
            }
        };
        let id = account.id;
        let who = Who {
            app_id: app.id,
            account: id,
            user_id: req.user_id,
            device_id: req.device_id,
            platform: req.platform,
            features: req.features,
            user_data: req.user_data,
        };
        let (custom_status, effects) = self.registry.lock().open(
            cx.session,
            who,
            ticket.expires_at(),
            req.resume,
            account.custom_status,
            view.watched,
        )?;
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
        cx.effects.push(Effect::Opened(head));
        cx.effects.extend(effects);
        Ok(self.login_res(cx, head, custom_status))
    }

    fn login_res(&self, cx: &Cx, event_seq: u64, custom_status: String) -> LoginRes {
        LoginRes {
            server_time_ms: cx.now_ms,
            event_seq,
            heartbeat_s: self.config.heartbeat.as_secs().max(1) as u32,
            features: features::READ_RECEIPTS | features::ANSWER_IS_EVENT,
            custom_status,
        }
    }

    pub(super) async fn logout(&self, cx: &mut Cx) -> Result<LogoutRes, Error> {
        let (effects, gone) = self.registry.lock().logout(cx.session, cx.now_ms);
        cx.effects.extend(effects);
        if let Some(gone) = gone {
            let unlogined = status_type::UNLOGINED;
            let stored = self.repo.went_away(gone.account, unlogined).await;
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
