//! The receive option for all. It is kept and told; nothing here acts on it.

use protocol::receive::{EV_RECEIVE_ALL, GetReceiveAllReq, ReceiveAll, SetReceiveAllRes};
use protocol::{Error, codes, frame};

use crate::bus::Bus;
use crate::logic::{Cx, Logic};
use crate::repo::Repo;

impl<R: Repo, B: Bus> Logic<R, B> {
    pub(in crate::logic) async fn set_receive_all(
        &self,
        cx: &mut Cx,
        all: ReceiveAll,
    ) -> Result<SetReceiveAllRes, Error> {
        let who = cx.who()?;
        all.check().map_err(|error| Error {
            code: codes::SVR_ACCOUNT_INVALID_PARAMETERS,
            ..error
        })?;
        let set = self.repo.set_receive_all(who.account, all).await;
        let event = set.map_err(Self::user_error)?;
        if event.is_some() {
            let frame = frame::write_event(EV_RECEIVE_ALL, event, &all);
            cx.push(who.account, event, frame.into());
        }
        Ok(SetReceiveAllRes {})
    }

    pub(in crate::logic) async fn receive_all(
        &self,
        cx: &mut Cx,
        _: GetReceiveAllReq,
    ) -> Result<ReceiveAll, Error> {
        let who = cx.who()?;
        let all = self.repo.receive_all(who.account).await;
        Ok(all.map_err(Self::user_error)?.unwrap_or_default())
    }
}
