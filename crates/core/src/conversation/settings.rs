//! What the user sets on conversations, the same on all devices: the server keeps it, and tells it in
//! the stream. What is set offline is refused when no link comes in time.

use protocol::conversation::ConvId;
use protocol::conversation::settings::{
    ConvChange, ConvOperationResult, ConvResult, SetConvsReq, SetConvsRes, Settings,
};
use protocol::{Error, codes, limits, ops};

use super::list::parse_conv;
use crate::message::{check_conv, forget};
use crate::request::Kind;
use crate::store::{self, Store};
use crate::{Core, Reply, ReqId};

/// A call about several conversations on its way.
#[derive(Debug)]
pub(crate) struct ConvCall {
    pub req: ReqId,
    /// In the order of the app.
    results: Vec<ConvOperationResult>,
    /// Places in `results` of those that the server was asked for, in this order.
    sent: Vec<usize>,
}

impl ConvCall {
    /// Looks at what the app has named; gives what to ask the server for.
    pub(super) fn new(req: ReqId, named: Vec<String>) -> Result<(Self, Vec<ConvId>), Error> {
        if named.is_empty() {
            let text = "conversation_id_array: name at least one conversation";
            return Err(Error::new(codes::INVALID_PARAMETERS, text));
        }
        if named.len() > limits::CONVERSATIONS_A_CALL {
            return Err(Error::of(codes::SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT));
        }
        let mut call = Self {
            req,
            results: Vec::with_capacity(named.len()),
            sent: Vec::new(),
        };
        let mut convs = Vec::new();
        for name in named {
            let (code, info) = match parse_conv(&name) {
                Ok(conv) => {
                    call.sent.push(call.results.len());
                    convs.push(conv);
                    (0, String::new())
                }
                Err(error) => (error.code, error.desc.into_owned()),
            };
            call.results.push(ConvOperationResult {
                conversation_id: name,
                code,
                info,
            });
        }
        Ok((call, convs))
    }

    /// Fills in what the server says.
    pub(super) fn finish(mut self, told: &[ConvResult]) -> Vec<ConvOperationResult> {
        for (at, told) in self.sent.iter().zip(told) {
            let result = &mut self.results[*at];
            result.code = told.code;
            if told.code != 0 {
                result.info = Error::of(told.code).desc.into_owned();
            }
        }
        self.results
    }
}

/// Who waits for `conversation.set`.
#[derive(Debug)]
pub(crate) struct SetCall {
    caller: Caller,
    /// They are deleted, with their messages or without.
    deletion: Option<Deletion>,
    /// They get this receive option.
    recv_opt: Option<i32>,
}

#[derive(Debug)]
enum Caller {
    /// Of which all is done or the first refusal is that of the call.
    Whole(ReqId),
    /// Of several.
    Several(Box<ConvCall>),
}

#[derive(Debug, Clone, Copy)]
struct Deletion {
    clear: bool,
}

impl SetCall {
    fn new(caller: Caller, change: &ConvChange) -> Self {
        let clear = change.clear;
        let deletion = change.delete.then_some(Deletion { clear });
        Self {
            caller,
            deletion,
            recv_opt: change.recv_opt,
        }
    }

    /// Why one was not changed. A server of before there were receive options says nothing of them.
    fn refusal(recv_opt: Option<i32>, result: &ConvResult) -> Option<i32> {
        let is_opt_missed = result
            .settings
            .as_ref()
            .is_some_and(|settings| recv_opt.is_some_and(|recv_opt| recv_opt != settings.recv_opt));
        match result.code {
            0 => is_opt_missed.then_some(codes::UNKNOWN_OP),
            code => Some(code),
        }
    }

    pub fn req(&self) -> ReqId {
        match &self.caller {
            Caller::Whole(req) => *req,
            Caller::Several(call) => call.req,
        }
    }
}

impl Core {
    pub(crate) fn pin_conversation(&mut self, req: ReqId, conv: ConvId, pin: bool) {
        let change = ConvChange {
            pin: Some(pin),
            ..ConvChange::default()
        };
        self.set_conversation(req, conv, change);
    }

    pub(crate) fn delete_conversation(&mut self, req: ReqId, conv: ConvId) {
        let change = ConvChange {
            delete: true,
            clear: true,
            ..ConvChange::default()
        };
        self.set_conversation(req, conv, change);
    }

    fn set_conversation(&mut self, req: ReqId, conv: ConvId, change: ConvChange) {
        match check_conv(&conv) {
            Ok(()) => self.set_named(req, vec![conv], change),
            Err(error) => self.complete(req, Err(error)),
        }
    }

    /// Of conversations that can be ones, for a call that has one outcome.
    pub(super) fn set_named(&mut self, req: ReqId, convs: Vec<ConvId>, change: ConvChange) {
        let call = SetCall::new(Caller::Whole(req), &change);
        let set = SetConvsReq { convs, change };
        self.request::<ops::SetConversations>(Kind::SetConvs(call), &set);
    }

    pub(crate) fn set_conversations(&mut self, req: ReqId, named: Vec<String>, change: ConvChange) {
        let custom = change.custom_data.as_ref();
        let wrong = if custom.is_some_and(|data| data.len() > limits::CONV_CUSTOM_BYTES) {
            Some("custom_data: more than 256 bytes")
        } else if change == ConvChange::default() {
            Some("mark_type: no mark is named")
        } else {
            None
        };
        let checked = match wrong {
            Some(text) => Err(Error::new(codes::INVALID_PARAMETERS, text)),
            None => ConvCall::new(req, named),
        };
        match checked {
            Ok((call, convs)) if convs.is_empty() => {
                self.complete(req, Ok(Reply::ConversationResults(call.finish(&[]))));
            }
            Ok((call, convs)) => {
                let call = SetCall::new(Caller::Several(Box::new(call)), &change);
                let set = SetConvsReq { convs, change };
                self.request::<ops::SetConversations>(Kind::SetConvs(call), &set);
            }
            Err(error) => self.complete(req, Err(error)),
        }
    }

    pub(crate) fn on_set_convs_answer(
        &mut self,
        store: &mut dyn Store,
        call: SetCall,
        answer: Result<SetConvsRes, Error>,
    ) -> store::Result<()> {
        let told = match answer {
            Ok(answer) => answer.results,
            Err(error) => {
                self.complete(call.req(), Err(error));
                return Ok(());
            }
        };
        for result in &told {
            if let Some(settings) = &result.settings {
                self.on_settings(store, &result.conv, settings)?;
            }
            if let (0, Some(deletion)) = (result.code, call.deletion) {
                let settings = result.settings.as_ref();
                let up_to = settings.and_then(|settings| settings.hidden_seq);
                self.drop_conversation(store, &result.conv, up_to.unwrap_or(0), deletion)?;
            }
        }
        let (req, reply) = match call.caller {
            Caller::Whole(req) => {
                let mut refused = told.iter();
                let refused = refused.find_map(|result| SetCall::refusal(call.recv_opt, result));
                (
                    req,
                    refused.map_or(Ok(Reply::Empty), |code| Err(Error::of(code))),
                )
            }
            Caller::Several(call) => {
                let req = call.req;
                (req, Ok(Reply::ConversationResults(call.finish(&told))))
            }
        };
        self.complete(req, reply);
        Ok(())
    }

    /// It is deleted at the server, where it may never have been; here goes what only this device has.
    fn drop_conversation(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        up_to: u64,
        deletion: Deletion,
    ) -> store::Result<()> {
        if !self.is_known(store, conv)? {
            return Ok(());
        }
        if deletion.clear {
            forget(store, conv, 0, up_to, true)?;
            self.find_last(store, conv)?;
        }
        self.change_conv(store, conv, |_| {})?;
        self.note_conv(store, conv, |row| {
            if row.head_seq <= up_to {
                row.is_hidden = true;
                (row.draft, row.draft_ms) = (None, 0);
            }
        })
    }

    /// How a conversation stands, as the server tells it.
    pub(crate) fn on_settings(
        &mut self,
        store: &mut dyn Store,
        conv: &ConvId,
        settings: &Settings,
    ) -> store::Result<()> {
        if self.is_foreign(store, conv)? {
            return Ok(());
        }
        let old = self.conv(store, conv)?;
        if settings.version <= old.settings_version {
            return Ok(());
        }
        let mut row = old.clone();
        row.is_hidden |= settings.is_bare && !self.is_known(store, conv)?;
        row.apply(settings.clone());
        self.change_conv(store, conv, |old| *old = row)
    }
}
