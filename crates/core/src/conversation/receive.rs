//! Receive options: of users, which are settings of their conversations, and for all, which the server
//! keeps and tells. What an option means for messages and counts is beside these.

use protocol::conversation::ConvId;
use protocol::conversation::settings::ConvChange;
use protocol::receive::{
    GetReceiveAllReq, ReceiveAll, SetReceiveAllRes, UserReceiveOpt, is_opt, opt,
};
use protocol::{Error, codes, limits, ops};

use crate::request::Kind;
use crate::store::{self, ConvRow, Store};
use crate::user::check_users;
use crate::{Core, Event, Reply, ReqId};

const LIST: &str = "json_identifier_array";

impl ConvRow {
    /// What it adds to totals: nothing where notifications are off.
    pub fn counted(&self) -> u64 {
        match self.recv_opt {
            opt::RECEIVE => self.unread(),
            _ => 0,
        }
    }
}

impl Core {
    pub(crate) fn set_receive_opt(&mut self, req: ReqId, users: Vec<String>, opt: i32) {
        let checked = match is_opt(opt) {
            true => check_users(LIST, &users, limits::RECEIVE_OPT_USERS),
            false => {
                let text = "opt: 0, 1, 2 or 3";
                Err(Error::new(codes::INVALID_PARAMETERS, text))
            }
        };
        match checked {
            Ok(()) => {
                let convs = users.into_iter().map(ConvId::c2c).collect();
                let change = ConvChange {
                    recv_opt: Some(opt),
                    ..ConvChange::default()
                };
                self.set_named(req, convs, change);
            }
            Err(error) => self.complete(req, Err(error)),
        }
    }

    pub(crate) fn get_receive_opt(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        users: Vec<String>,
    ) -> store::Result<()> {
        if let Err(error) = check_users(LIST, &users, limits::RECEIVE_OPT_USERS) {
            self.complete(req, Err(error));
            return Ok(());
        }
        let mut options = Vec::with_capacity(users.len());
        for user_id in users {
            let opt = self.conv(store, &ConvId::c2c(&*user_id))?.recv_opt;
            options.push(UserReceiveOpt { user_id, opt });
        }
        self.complete(req, Ok(Reply::ReceiveOpts(options)));
        Ok(())
    }

    // ---- for all ----

    pub(crate) fn set_receive_all(&mut self, req: ReqId, all: &ReceiveAll) {
        match all.check() {
            Ok(()) => self.request::<ops::SetReceiveAll>(Kind::SetReceiveAll { req }, all),
            Err(error) => self.complete(req, Err(error)),
        }
    }

    pub(crate) fn get_receive_all(&mut self, req: ReqId) {
        let kind = Kind::GetReceiveAll { req };
        self.request::<ops::GetReceiveAll>(kind, &GetReceiveAllReq {});
    }

    pub(crate) fn on_set_receive_all_answer(
        &mut self,
        req: ReqId,
        answer: Result<SetReceiveAllRes, Error>,
    ) -> store::Result<()> {
        self.complete(req, answer.map(|_| Reply::Empty));
        Ok(())
    }

    pub(crate) fn on_receive_all_answer(
        &mut self,
        req: ReqId,
        answer: Result<ReceiveAll, Error>,
    ) -> store::Result<()> {
        self.complete(req, answer.map(Reply::ReceiveAll));
        Ok(())
    }

    /// Part of the turn's end: of several changes the last one is told.
    pub(super) fn settle_receive_all(&mut self) {
        if let Some(all) = self.notices.receive_all.take() {
            self.notify(Event::ReceiveAll(all));
        }
    }
}
