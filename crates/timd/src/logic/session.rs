//! Login, logout, heartbeat, the user's stream.

use protocol::conversation::ConvId;
use protocol::conversation::settings::{ConvSettings, EV_GROUPS, EV_SETTINGS, GroupsChanged};
use protocol::group::{EV_MEMBERSHIP, MembershipChanged};
use protocol::receive::EV_RECEIVE_ALL;
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
use super::conversation::conv_state;
use super::message::MessageView;
use super::registry::{Opening, Who};
use super::{Cx, Effect, Logic, SessionId};
use crate::bus::Bus;
use crate::metrics::{Kick, LoginOutcome};
use crate::repo::{Change, Enter, Entered, EventKind, Leave, Repo, RepoError, Seat, StoredEvent};

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
        // No database of text takes a NUL for sure.
        let is_short = (1..=DEVICE_ID_BYTES).contains(&req.device_id.len());
        if !is_short || req.device_id.contains('\0') {
            return Err(Error::new(
                codes::SVR_ACCOUNT_INVALID_PARAMETERS,
                "device_id has 1 to 128 bytes, none of them NUL",
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
            let heads = self.repo.heads(who.account).await.map_err(failed)?;
            let mut registry = self.registry.lock();
            registry.renew(cx.session, ticket.expires_at());
            let custom_status = registry.custom_status(who.account);
            let place = registry.place(cx.session);
            return Ok(self.login_res(cx, heads.events, custom_status, place));
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
        // Events are kept from here on, so that none falls between the head and the first push.
        let seat = self.registry.lock().begin(app.id, id, view.watching);
        let who = Who {
            app_id: app.id,
            account: id,
            user_id: req.user_id,
            device_id: req.device_id,
            platform: req.platform,
            features: req.features,
            user_data: req.user_data,
        };
        let leave = self.loses(&who, seat, cx.now_ms);
        let enter = Enter {
            account: id,
            policy: app.policy,
            device_id: who.device_id.clone(),
            platform: who.platform,
            resume: req.resume,
            place: req.place,
            seat,
            presence: leave.presence,
            day: leave.day,
        };
        let entered = self.repo.enter(enter).await;
        let (number, head, change) = match entered {
            Ok(Entered::In {
                number,
                head,
                change,
            }) => (number, head, change),
            Ok(Entered::Lost) => {
                self.registry.lock().give_up(id);
                return Err(Error::of(codes::LOGIN_KICKED_OFF_BY_OTHER));
            }
            Err(error) => {
                self.registry.lock().give_up(id);
                // The database may have taken it all the same.
                self.cluster.lock().owe(who.app_id, &who.user_id, leave);
                return Err(failed(error));
            }
        };
        let opening = Opening {
            expires_at: ticket.expires_at(),
            place: number,
            seat,
            head,
        };
        let custom_status = change.after.custom_status.clone();
        self.count(&who, &change, cx.now_ms);
        let user_id = who.user_id.clone();
        let opened = {
            let standing = change.after.clone();
            self.registry
                .lock()
                .open(cx.session, who, opening, standing)
        };
        self.tell_change(app.id, id, &user_id, &change, &mut cx.effects);
        match opened {
            Ok((effects, head)) => {
                if req.resume {
                    self.metrics.reconnects.inc();
                }
                cx.effects.push(Effect::Opened);
                cx.effects.extend(effects);
                Ok(self.login_res(cx, head, custom_status, number))
            }
            Err(error) => {
                self.depart(app.id, &user_id, leave, cx.now_ms, &mut cx.effects)
                    .await;
                Err(error)
            }
        }
    }

    /// Counts the user as active, and devices that lost their place.
    fn count(&self, who: &Who, change: &Change, now_ms: u64) {
        let (before, after) = (&change.before, &change.after);
        let mut activity = self.activity.lock();
        activity.seen(who.app_id, who.account, before.active_day, now_ms);
        let has_place = |device: &str| after.places.held.iter().any(|p| p.device_id == device);
        for place in before
            .places
            .held
            .iter()
            .filter(|p| !has_place(&p.device_id))
        {
            match (place.seat, place.has_left) {
                (Some(_), _) => self.metrics.kick(Kick::Online),
                (None, false) => self.metrics.kick(Kick::Away),
                (None, true) => {}
            }
        }
    }

    fn login_res(&self, cx: &Cx, event_seq: u64, custom_status: String, place: u64) -> LoginRes {
        LoginRes {
            server_time_ms: cx.now_ms,
            event_seq,
            heartbeat_s: self.config.heartbeat.as_secs().max(1) as u32,
            features: features::READ_RECEIPTS | features::ANSWER_IS_EVENT | features::GROUPS,
            custom_status,
            place,
        }
    }

    pub(super) async fn logout(&self, cx: &mut Cx) -> Result<LogoutRes, Error> {
        let gone = self.registry.lock().logout(cx.session, cx.now_ms);
        if let Some((who, seat)) = gone {
            let leave = Leave {
                is_logout: true,
                presence: status_type::UNLOGINED,
                ..self.loses(&who, seat, cx.now_ms)
            };
            let (app_id, user_id) = (who.app_id, &who.user_id);
            self.depart(app_id, user_id, leave, cx.now_ms, &mut cx.effects)
                .await;
        }
        Ok(LogoutRes {})
    }

    /// A connection is gone.
    pub async fn disconnected(&self, session: SessionId, now_ms: u64) {
        let gone = self.registry.lock().disconnected(session);
        let Some((who, seat)) = gone else { return };
        let leave = self.loses(&who, seat, now_ms);
        let mut effects = Vec::new();
        let (app_id, user_id) = (who.app_id, &who.user_id);
        self.depart(app_id, user_id, leave, now_ms, &mut effects)
            .await;
        self.let_out(effects, now_ms).await;
    }

    /// What a lost connection leaves behind.
    fn loses(&self, who: &Who, seat: Seat, now_ms: u64) -> Leave {
        Leave {
            account: who.account,
            device_id: who.device_id.clone(),
            seat,
            is_logout: false,
            presence: self.config.left_behind(who.platform),
            day: day_of(now_ms),
        }
    }

    /// A device goes. That is stored now, or later should the database refuse.
    pub(super) async fn depart(
        &self,
        app_id: u64,
        user_id: &str,
        leave: Leave,
        now_ms: u64,
        effects: &mut Vec<Effect>,
    ) {
        let account = leave.account;
        match self.repo.leave(leave.clone()).await {
            Ok(None) => {}
            Ok(Some(change)) => {
                let before = change.before.active_day;
                self.activity.lock().seen(app_id, account, before, now_ms);
                self.tell_change(app_id, account, user_id, &change, effects);
            }
            Err(error) => {
                tracing::warn!(%error, "it was not stored that a device went; trying again");
                self.cluster.lock().owe(app_id, user_id, leave);
            }
        }
    }

    pub(super) async fn heartbeat(&self, cx: &mut Cx) -> Result<HeartbeatRes, Error> {
        let failed = |e: RepoError| Self::repo_error(&e, codes::SVR_ACCOUNT_INTERNAL_ERROR);
        let account = cx.who()?.account;
        let heads = self.repo.heads(account).await.map_err(failed)?;
        // A note of another node may have got lost.
        let looked = self.look(account, &heads, &mut cx.effects).await;
        looked.map_err(failed)?;
        Ok(HeartbeatRes {
            event_seq: heads.events,
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
    // Of no conversation: its body does not name one.
    let conv = event.conv.unwrap_or_else(|| ConvId::c2c(""));
    let (ev, body) = match event.what {
        EventKind::Message(message) => {
            let view = MessageView::of(&conv, user_id, &message)?;
            (msg::EV_NEW, raw(&view))
        }
        EventKind::Changed(message) => {
            let view = MessageView::of(&conv, user_id, &message)?;
            (msg::EV_CHANGED, raw(&view))
        }
        EventKind::Erased { from, to } => {
            let erased = msg::Erased { conv, from, to };
            (msg::EV_ERASED, raw(&erased))
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
        EventKind::Settings(settings) => (EV_SETTINGS, raw(&ConvSettings { conv, settings })),
        EventKind::Groups => (EV_GROUPS, raw(&GroupsChanged {})),
        EventKind::ReceiveAll(all) => (EV_RECEIVE_ALL, raw(&all)),
        EventKind::Membership(view) => {
            let state = view.map(|view| conv_state(*view, user_id));
            let state = state.transpose()?.map(Box::new);
            (EV_MEMBERSHIP, raw(&MembershipChanged { conv, state }))
        }
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
