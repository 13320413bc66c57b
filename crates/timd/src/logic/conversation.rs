//! Snapshots.

use protocol::conversation::{ConvId, ConvState, SnapshotReq, SnapshotRes};
use protocol::{Error, codes, limits};

use super::message::new_message;
use super::session::PAGE_BYTES;
use super::{Cx, Logic};
use crate::bus::Bus;
use crate::repo::{ConvView, Repo};

impl<R: Repo, B: Bus> Logic<R, B> {
    pub(super) async fn snapshot(
        &self,
        cx: &mut Cx,
        req: SnapshotReq,
    ) -> Result<SnapshotRes, Error> {
        let who = cx.who()?;
        let after = match &*req.page {
            "" => 0,
            page => page.parse().map_err(|_| {
                let text = "page is the token of the page before, or empty";
                Error::new(codes::PROTOCOL, text)
            })?,
        };
        let limit = req.limit.clamp(1, limits::SNAPSHOT_PAGE);
        let page = self
            .repo
            .snapshot(who.account, after, limit, PAGE_BYTES)
            .await
            .map_err(|e| Self::repo_error(&e, codes::SVR_MSG_INTERNAL_ERROR1))?;
        let conversations = page
            .conversations
            .into_iter()
            .map(|view| conv_state(view, &who.user_id));
        Ok(SnapshotRes {
            conversations: conversations.collect::<Result<_, _>>()?,
            event_seq: page.event_seq,
            next: page.next.map(|at| at.to_string()).unwrap_or_default(),
        })
    }
}

fn conv_state(view: ConvView, user_id: &str) -> Result<ConvState, Error> {
    let conv = ConvId::c2c(view.peer);
    let last = view.last.map(|m| new_message(&conv, user_id, m));
    Ok(ConvState {
        last: last.transpose()?,
        head_seq: view.head_seq,
        peer_ord: view.peer_ord,
        read_ord: view.read_ord,
        read_seq: view.read_seq,
        peer_read_seq: view.peer_read_seq,
        peer_read_time: view.peer_read_time,
        conv,
    })
}
