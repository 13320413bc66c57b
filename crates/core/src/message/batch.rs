//! Whoever waits for a message: a call of its own, or one that sends to many.

use protocol::conversation::ConvId;
use protocol::message::{BatchSendResult, Content, LocalCustom, Message};
use protocol::{Error, codes};

use super::check_content;
use crate::command::BatchMessage;
use crate::store::{self, Store};
use crate::{Core, Reply, ReqId};

/// Receivers of one call.
const BATCH_RECEIVERS: usize = 500;

/// Who is told what became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Waiter {
    /// A call that sends this message alone.
    Call(ReqId),
    /// A call that sends to many: the receiver's place among them.
    Batch(ReqId, usize),
}

/// A call that sends to many: what became of the messages so far.
#[derive(Debug)]
pub(crate) struct Batch {
    results: Vec<BatchSendResult>,
    /// Messages that nothing is known of yet.
    open: usize,
}

impl Core {
    pub(crate) fn send_batch(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        messages: Vec<BatchMessage>,
        content: &Content,
        local: &LocalCustom,
    ) -> store::Result<()> {
        let checked = match messages.len() {
            1..=BATCH_RECEIVERS => check_content(content),
            count => {
                let text = format!(
                    "msg_batch_send_param_identifier_array: {count} users, it must name 1 to \
                     {BATCH_RECEIVERS}"
                );
                Err(Error::new(codes::INVALID_PARAMETERS, text))
            }
        };
        if let Err(error) = checked {
            self.complete(req, Err(error));
            return Ok(());
        }
        let results = messages.iter().map(|message| BatchSendResult {
            user: message.user.clone(),
            code: 0,
            desc: String::new(),
            message: None,
        });
        let (results, open) = (results.collect(), messages.len());
        self.outbox.batches.insert(req, Batch { results, open });
        for (at, message) in messages.into_iter().enumerate() {
            let content = Content {
                rand: message.rand,
                ..content.clone()
            };
            let (conv, waiter) = (ConvId::c2c(message.user), Waiter::Batch(req, at));
            self.accept_message(store, waiter, conv, message.msg_id, content, local.clone())?;
        }
        Ok(())
    }

    /// Tells what became of a message. Once for each.
    pub(crate) fn complete_send(&mut self, waiter: Waiter, sent: Result<Box<Message>, Error>) {
        let (req, at) = match waiter {
            Waiter::Call(req) => return self.complete(req, sent.map(Reply::Message)),
            Waiter::Batch(req, at) => (req, at),
        };
        let Some(batch) = self.outbox.batches.get_mut(&req) else {
            return;
        };
        let result = &mut batch.results[at];
        match sent {
            Ok(message) => result.message = Some(message),
            Err(error) => (result.code, result.desc) = (error.code, error.desc.into_owned()),
        }
        batch.open -= 1;
        if batch.open == 0
            && let Some(batch) = self.outbox.batches.remove(&req)
        {
            self.complete(req, Ok(Reply::BatchSent(batch.results)));
        }
    }
}
