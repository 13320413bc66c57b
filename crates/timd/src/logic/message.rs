//! Sending, history, reading.

use protocol::conversation::{ConvId, conv_type};
use protocol::message::{
    Change, Content, EV_NEW, EV_READ, EV_RECEIPT, Elem, HistoryReq, HistoryRes, NewMessage,
    ReadReq, ReadRes, Receipt, SendReq, SendRes,
};
use protocol::session::features;
use protocol::{Error, codes, frame, limits};
use serde::Serialize;
use serde_json::value::RawValue;

use super::group::outside;
use super::registry::Who;
use super::session::PAGE_BYTES;
use super::{Cx, Effect, Frame, Logic, Push};
use crate::bus::Bus;
use crate::repo::{HistoryQuery, MarkRead, Repo, RepoError, SendMessage, Sent, StoredMessage};

/// When a client comes back whose message could not be stored.
const RETRY_MS: u64 = 1_000;

/// A [`NewMessage`] whose content is JSON already: what is stored is passed on as it is.
#[derive(Serialize)]
pub(super) struct MessageView<'a> {
    conv: &'a ConvId,
    sender: &'a str,
    msg_id: &'a str,
    seq: u64,
    time: u64,
    #[serde(skip_serializing_if = "is_zero")]
    ord: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
    content: &'a RawValue,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// What is stored is JSON.
pub(super) fn raw(content: &str) -> Result<&RawValue, Error> {
    serde_json::from_str(content).map_err(|error| {
        tracing::error!(%error, "a stored message cannot be read");
        Error::of(codes::SVR_MSG_INTERNAL_ERROR1)
    })
}

impl<'a> MessageView<'a> {
    /// A stored message as `viewer` sees it in `conv`.
    pub fn of(
        conv: &'a ConvId,
        viewer: &'a str,
        message: &'a StoredMessage,
    ) -> Result<Self, Error> {
        Ok(Self {
            conv,
            sender: sender(conv, viewer, message),
            msg_id: &message.msg_id,
            seq: message.seq,
            time: message.time,
            ord: message.ord,
            change: change_of(message)?,
            content: raw(&message.content)?,
        })
    }

    fn event(&self, seq: Option<u64>) -> Frame {
        frame::write_event(EV_NEW, seq, self).into()
    }
}

/// User ID of who has sent a message.
fn sender<'a>(conv: &'a ConvId, viewer: &'a str, message: &'a StoredMessage) -> &'a str {
    match (&*message.sender, message.mine) {
        ("", true) => viewer,
        ("", false) => &conv.id,
        (sender, _) => sender,
    }
}

/// The same with the content read.
pub(super) fn new_message(
    conv: &ConvId,
    viewer: &str,
    message: StoredMessage,
) -> Result<NewMessage, Error> {
    let content = parse(&message)?.into();
    Ok(NewMessage {
        change: change_of(&message)?.map(Box::new),
        sender: sender(conv, viewer, &message).to_owned(),
        conv: conv.clone(),
        msg_id: message.msg_id,
        seq: message.seq,
        time: message.time,
        ord: message.ord,
        content,
    })
}

/// The content of a stored message.
pub(super) fn parse(message: &StoredMessage) -> Result<Content, Error> {
    serde_json::from_str(&message.content).map_err(|error| {
        tracing::error!(%error, seq = message.seq, "a stored message cannot be read");
        Error::of(codes::SVR_MSG_INTERNAL_ERROR1)
    })
}

fn change_of(message: &StoredMessage) -> Result<Option<Change>, Error> {
    if message.rev == 0 {
        return Ok(None);
    }
    let revoked = match &*message.revoked {
        "" => None,
        by => Some(serde_json::from_str(by).map_err(|error| {
            tracing::error!(%error, "who took a message back cannot be read");
            Error::of(codes::SVR_MSG_INTERNAL_ERROR1)
        })?),
    };
    let rev = message.rev;
    Ok(Some(Change { rev, revoked }))
}

pub(super) fn check_conv(conv: &ConvId) -> Result<(), Error> {
    if matches!(conv.kind, conv_type::C2C | conv_type::GROUP) {
        Ok(())
    } else {
        Err(Error::new(
            codes::NOT_SUPPORTED,
            "this server knows conversations of two (1) and of groups (2)",
        ))
    }
}

fn check_message(req: &SendReq) -> Result<(), Error> {
    check_conv(&req.conv)?;
    let printable = |b: u8| (0x20..=0x7e).contains(&b);
    if !(1..=127).contains(&req.msg_id.len()) || !req.msg_id.bytes().all(printable) {
        return Err(Error::new(
            codes::SVR_MSG_PKG_PARSE_FAILED,
            "msg_id has 1 to 127 bytes of printable ASCII",
        ));
    }
    check_elems(&req.content)
}

pub(super) fn check_elems(content: &Content) -> Result<(), Error> {
    let elems = &content.elems;
    if elems.is_empty() || elems.len() > limits::MESSAGE_ELEMENTS {
        return Err(Error::new(
            codes::SVR_MSG_INVALID_JSON_BODY_FORMAT,
            "a message has 1 to 100 elements",
        ));
    }
    if elems.iter().any(|elem| matches!(elem, Elem::GroupTips(_))) {
        return Err(Error::new(
            codes::SVR_MSG_INVALID_JSON_BODY_FORMAT,
            "what a group is told comes from the server",
        ));
    }
    if elems.contains(&Elem::Unknown) {
        return Err(Error::new(
            codes::SVR_MSG_INVALID_JSON_BODY_FORMAT,
            "an element has an elem_type that this server does not know",
        ));
    }
    if !content.target.is_empty() {
        let text = "this server has no messages to some members of a group only";
        return Err(Error::new(codes::NOT_SUPPORTED, text));
    }
    if content.size() > limits::MESSAGE_BYTES {
        return Err(Error::of(codes::SVR_COMM_BODY_SIZE_LIMIT));
    }
    Ok(())
}

pub(super) fn json(content: &Content) -> String {
    serde_json::to_string(content).expect("protocol types always serialise")
}

pub(super) fn failed<R: Repo, B: Bus>(error: RepoError) -> Error {
    Logic::<R, B>::repo_error(&error, codes::SVR_MSG_INTERNAL_ERROR1)
}

/// Who is named in a conversation is not there, or the user is not.
pub(super) fn nobody_in(conv: &ConvId) -> Error {
    if conv.kind == conv_type::GROUP {
        return outside();
    }
    nobody()
}

pub(super) fn nobody() -> Error {
    Error::new(
        codes::SVR_MSG_INVALID_ID,
        "there is no user of this ID; users register by their first login",
    )
}

impl<R: Repo, B: Bus> Logic<R, B> {
    pub(super) async fn send(&self, cx: &mut Cx, req: SendReq) -> Result<SendRes, Error> {
        let who = cx.who()?;
        check_message(&req)?;
        if req.conv.kind == conv_type::GROUP {
            return self.send_to_group(cx, &who, req).await;
        }
        if req.content.online_only {
            return self.pass_on(cx, &who, req).await;
        }
        let (time, content) = (cx.now_s(), json(&req.content));
        let raw_content = raw(&content)?;
        let message = SendMessage {
            new_conv: self.next_id(),
            app_id: who.app_id,
            sender: who.account,
            receiver: req.conv.id.clone(),
            msg_id: req.msg_id.clone(),
            time,
            content: content.clone(),
            countable: req.content.is_countable(),
            may_be_last: !req.content.excluded_from_last,
        };
        let sent = match self.repo.send_message(message).await {
            Ok(sent) => sent,
            Err(error) => {
                self.take_no_more(cx);
                return Err(failed::<R, B>(error));
            }
        };
        let (seq, ord, receiver, sender_event, receiver_event) = match sent {
            Sent::NoReceiver => return Err(nobody()),
            Sent::Repeat { seq, time } => {
                self.metrics.repeats.inc();
                let event = 0;
                return Ok(SendRes { seq, time, event });
            }
            Sent::New {
                seq,
                ord,
                receiver,
                sender_event,
                receiver_event,
            } => (seq, ord, receiver, sender_event, receiver_event),
        };
        self.metrics.messages.inc();
        let view = |conv| MessageView {
            conv,
            sender: &who.user_id,
            msg_id: &req.msg_id,
            seq,
            time,
            ord,
            change: None,
            content: raw_content,
        };
        let theirs = ConvId::c2c(&*who.user_id);
        if receiver != who.account {
            let event = view(&theirs).event(Some(receiver_event));
            cx.push(receiver, Some(receiver_event), event);
        }
        // The sending session takes it from the answer.
        let is_told = who.features & features::ANSWER_IS_EVENT != 0;
        let own = view(&req.conv).event(Some(sender_event));
        let push = Push {
            except: is_told.then_some(cx.session),
            ..Push::new(who.account, Some(sender_event), own)
        };
        cx.effects.push(Effect::Push(push, Vec::new()));
        let event = if is_told { sender_event } else { 0 };
        Ok(SendRes { seq, time, event })
    }

    /// A message was refused that its client will send again. What the client has sent after it must
    /// not overtake it, so the session takes nothing more, and the client comes back.
    pub(super) fn take_no_more(&self, cx: &mut Cx) {
        self.registry.lock().end(cx.session);
        let (code, reason) = (frame::close::BUSY, format!("retry_after_ms={RETRY_MS}"));
        cx.effects.push(Effect::Close(cx.session, code, reason));
    }

    /// An online-only message: not stored, not counted, only passed on.
    async fn pass_on(&self, cx: &mut Cx, who: &Who, req: SendReq) -> Result<SendRes, Error> {
        let found = self
            .repo
            .accounts(who.app_id, vec![req.conv.id.clone()])
            .await
            .map_err(failed::<R, B>)?;
        let receiver = found.into_iter().flatten().next().ok_or_else(nobody)?;
        self.metrics.messages.inc();
        let time = cx.now_s();
        let conv = ConvId::c2c(&*who.user_id);
        let content = json(&req.content);
        let view = MessageView {
            conv: &conv,
            sender: &who.user_id,
            msg_id: &req.msg_id,
            seq: 0,
            time,
            ord: 0,
            change: None,
            content: raw(&content)?,
        };
        cx.push(receiver.id, None, view.event(None));
        let (seq, event) = (0, 0);
        Ok(SendRes { seq, time, event })
    }

    pub(super) async fn history(&self, cx: &mut Cx, req: HistoryReq) -> Result<HistoryRes, Error> {
        let who = cx.who()?;
        check_conv(&req.conv)?;
        let query = HistoryQuery {
            app_id: who.app_id,
            account: who.account,
            conv: req.conv.clone(),
            from: req.from,
            to: req.to,
            limit: req.limit.clamp(1, limits::HISTORY_PAGE),
            forward: req.forward,
            max_bytes: PAGE_BYTES,
        };
        let page = self.repo.history(query).await.map_err(failed::<R, B>)?;
        let messages = page
            .messages
            .into_iter()
            .map(|message| new_message(&req.conv, &who.user_id, message));
        Ok(HistoryRes {
            messages: messages.collect::<Result<_, _>>()?,
            more: page.more,
        })
    }

    pub(super) async fn mark_read(&self, cx: &mut Cx, req: ReadReq) -> Result<ReadRes, Error> {
        let who = cx.who()?;
        check_conv(&req.conv)?;
        let time = cx.now_s();
        let mark = MarkRead {
            app_id: who.app_id,
            reader: who.account,
            conv: req.conv.clone(),
            seq: req.seq,
            time,
        };
        let marked = self.repo.mark_read(mark).await.map_err(failed::<R, B>)?;
        let marked = marked.ok_or_else(|| nobody_in(&req.conv))?;
        let res = ReadRes {
            conv: req.conv,
            read_seq: marked.read_seq,
            read_ord: marked.read_ord,
        };
        if let Some(events) = marked.moved {
            let seq = Some(events.reader_event);
            let event = frame::write_event(EV_READ, seq, &res);
            cx.push(who.account, seq, event.into());
            if let Some((peer, seq)) = events.peer {
                let receipt = Receipt {
                    conv: ConvId::c2c(&*who.user_id),
                    peer_read_seq: marked.read_seq,
                    time,
                };
                let event = frame::write_event(EV_RECEIPT, Some(seq), &receipt);
                cx.push(peer, Some(seq), event.into());
            }
        }
        Ok(res)
    }
}
