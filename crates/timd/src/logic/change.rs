//! What becomes of messages after they were sent: taken back, changed, erased by one member.

use protocol::conversation::{ConvId, conv_type};
use protocol::message::{
    ChangeRes, ChangesReq, ChangesRes, Content, EV_CHANGED, EV_ERASED, Elem, EraseReq, EraseRes,
    Erased, ModifyReq, RevokeReq, Revoked, elem_type,
};
use protocol::{Error, codes, frame, limits};

use super::group::fan;
use super::message::{
    MessageView, check_conv, check_elems, failed, json, new_message, nobody_in, parse,
};
use super::registry::Who;
use super::session::PAGE_BYTES;
use super::{Cx, Logic};
use crate::bus::Bus;
use crate::repo::{
    Alteration, ChangeMessage, Changed, ChangesQuery, Erase, HistoryQuery, Repo, StoredMessage,
};

/// It is somebody else's, or nobody's.
fn denied(conv: &ConvId) -> Error {
    if conv.kind == conv_type::GROUP {
        let text = "its sender, the owner and admins take a message of a group back; tips stay";
        return Error::new(codes::SVR_GROUP_PERMISSION_DENY, text);
    }
    let text = "only its sender may take a message back";
    Error::new(codes::INVALID_PARAMETERS, text)
}

fn no_message() -> Error {
    let text = "there is no such message in this conversation";
    Error::new(codes::INVALID_PARAMETERS, text)
}

/// Elements that may be changed once they were sent.
fn may_change(elem: &Elem) -> bool {
    matches!(
        elem.elem_type(),
        elem_type::TEXT | elem_type::CUSTOM | elem_type::FACE | elem_type::LOCATION
    )
}

fn check_alterable(elems: &[Elem]) -> Result<(), Error> {
    if elems.iter().all(may_change) {
        return Ok(());
    }
    let text = "text, custom, face and location elements may change, others may not";
    Err(Error::new(codes::INVALID_PARAMETERS, text))
}

impl<R: Repo, B: Bus> Logic<R, B> {
    pub(super) async fn revoke(&self, cx: &mut Cx, req: RevokeReq) -> Result<ChangeRes, Error> {
        let who = cx.who()?;
        let (message, content) = self.stored(&who, &req.conv, req.seq).await?;
        let is_group = req.conv.kind == conv_type::GROUP;
        if !message.mine && !is_group {
            return Err(denied(&req.conv));
        }
        // Who runs a group takes messages of others back at any time.
        let age = cx.now_s().saturating_sub(message.time);
        let is_late = message.mine && age > self.config.revoke_time.as_secs();
        if is_late && message.revoked.is_empty() {
            return Err(Error::of(match is_group {
                true => codes::SVR_GROUP_REVOKE_MSG_TIME_LIMIT,
                false => codes::SVR_MSG_REVOKE_TIME_LIMIT,
            }));
        }
        let by = Revoked {
            by: who.user_id.to_string(),
            reason: String::new(),
        };
        let by = serde_json::to_string(&by).expect("protocol types always serialise");
        let content = json(&content.emptied());
        let what = Alteration::Revoke(by);
        self.change(cx, &who, req.conv, req.seq, content, what)
            .await
    }

    /// Everybody in a conversation may change a message.
    pub(super) async fn modify(&self, cx: &mut Cx, req: ModifyReq) -> Result<ChangeRes, Error> {
        let who = cx.who()?;
        let (_, mut content) = self.stored(&who, &req.conv, req.seq).await?;
        check_alterable(&content.elems)?;
        check_alterable(&req.elems)?;
        content.elems = req.elems;
        content.cloud_custom = req.cloud_custom;
        check_elems(&content)?;
        let what = Alteration::Modify(req.rev);
        let content = json(&content);
        self.change(cx, &who, req.conv, req.seq, content, what)
            .await
    }

    /// A message that the user has.
    async fn stored(
        &self,
        who: &Who,
        conv: &ConvId,
        seq: u64,
    ) -> Result<(StoredMessage, Content), Error> {
        check_conv(conv)?;
        let query = HistoryQuery {
            app_id: who.app_id,
            account: who.account,
            conv: conv.clone(),
            from: seq,
            to: seq,
            limit: 1,
            forward: true,
            max_bytes: PAGE_BYTES,
        };
        let page = self.repo.history(query).await.map_err(failed::<R, B>)?;
        let message = page.messages.into_iter().next().ok_or_else(no_message)?;
        let content = parse(&message)?;
        Ok((message, content))
    }

    async fn change(
        &self,
        cx: &mut Cx,
        who: &Who,
        conv: ConvId,
        seq: u64,
        content: String,
        what: Alteration,
    ) -> Result<ChangeRes, Error> {
        let change = ChangeMessage {
            app_id: who.app_id,
            account: who.account,
            conv: conv.clone(),
            seq,
            content,
            what,
            now_ms: cx.now_ms,
        };
        let changed = self.repo.change_message(change).await;
        let changed = changed.map_err(failed::<R, B>)?;
        let (message, is_conflict) = match changed {
            Changed::NoMessage => return Err(no_message()),
            Changed::Denied => return Err(denied(&conv)),
            Changed::InGroup {
                conv: group,
                message,
            } => {
                let view = MessageView::of(&conv, &who.user_id, &message)?;
                let event = frame::write_event(EV_CHANGED, None, &view);
                fan(cx, group, message.seq, event.into());
                (message, false)
            }
            Changed::Same(message) => (message, false),
            Changed::Conflict(message) => (message, true),
            Changed::Done {
                message,
                event,
                peer,
            } => {
                let own = MessageView::of(&conv, &who.user_id, &message)?;
                let own = frame::write_event(EV_CHANGED, Some(event), &own);
                cx.push(who.account, Some(event), own.into());
                if let Some((peer, event)) = peer {
                    let theirs = ConvId::c2c(&*who.user_id);
                    let mut message = message.clone();
                    message.mine = !message.mine;
                    let view = MessageView::of(&theirs, &conv.id, &message)?;
                    let view = frame::write_event(EV_CHANGED, Some(event), &view);
                    cx.push(peer, Some(event), view.into());
                }
                (message, false)
            }
        };
        let message = new_message(&conv, &who.user_id, message)?;
        Ok(ChangeRes {
            message,
            is_conflict,
        })
    }

    pub(super) async fn erase(&self, cx: &mut Cx, req: EraseReq) -> Result<EraseRes, Error> {
        let who = cx.who()?;
        check_conv(&req.conv)?;
        if !(1..=limits::ERASE_RANGES).contains(&req.ranges.len()) {
            let text = format!("name 1 to {} ranges", limits::ERASE_RANGES);
            return Err(Error::new(codes::PROTOCOL, text));
        }
        let erase = Erase {
            app_id: who.app_id,
            account: who.account,
            conv: req.conv.clone(),
            ranges: req.ranges,
        };
        let erased = self.repo.erase(erase).await;
        let failed = |e| Self::repo_error(&e, codes::SVR_MSG_DEL_RAMBLE_INTERNAL_ERROR);
        let erased = erased
            .map_err(failed)?
            .ok_or_else(|| nobody_in(&req.conv))?;
        for range in erased.ranges {
            let body = Erased {
                conv: req.conv.clone(),
                from: range.from,
                to: range.to,
            };
            let seq = Some(range.event);
            let event = frame::write_event(EV_ERASED, seq, &body);
            cx.push(who.account, seq, event.into());
        }
        Ok(EraseRes { head: erased.head })
    }

    pub(super) async fn changes(&self, cx: &mut Cx, req: ChangesReq) -> Result<ChangesRes, Error> {
        let who = cx.who()?;
        check_conv(&req.conv)?;
        let query = ChangesQuery {
            app_id: who.app_id,
            account: who.account,
            conv: req.conv.clone(),
            after: req.after,
            erased_after: req.erased_after,
            max_bytes: PAGE_BYTES,
        };
        let page = self.repo.changes(query).await.map_err(failed::<R, B>)?;
        let messages = page.messages.into_iter();
        let messages = messages.map(|message| new_message(&req.conv, &who.user_id, message));
        Ok(ChangesRes {
            messages: messages.collect::<Result<_, _>>()?,
            rev: page.rev,
            erased: page.erased,
            more: page.more,
        })
    }
}
