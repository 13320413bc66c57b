//! The table of operations, each with the handler in the file of its domain.

use protocol::Error;
use protocol::ops::Ops;

use super::{Cx, Logic};
use crate::bus::Bus;
use crate::repo::Repo;

impl<R: Repo, B: Bus> Ops<Cx> for Logic<R, B> {
    async fn session_login(
        &self,
        cx: &mut Cx,
        req: protocol::session::LoginReq,
    ) -> Result<protocol::session::LoginRes, Error> {
        self.login(cx, req).await
    }
    async fn session_logout(
        &self,
        cx: &mut Cx,
        _: protocol::session::LogoutReq,
    ) -> Result<protocol::session::LogoutRes, Error> {
        self.logout(cx).await
    }
    async fn session_heartbeat(
        &self,
        cx: &mut Cx,
        _: protocol::session::HeartbeatReq,
    ) -> Result<protocol::session::HeartbeatRes, Error> {
        self.heartbeat(cx).await
    }
    async fn session_difference(
        &self,
        cx: &mut Cx,
        req: protocol::session::DifferenceReq,
    ) -> Result<protocol::session::DifferenceRes, Error> {
        self.difference(cx, req).await
    }

    async fn message_send(
        &self,
        cx: &mut Cx,
        req: protocol::message::SendReq,
    ) -> Result<protocol::message::SendRes, Error> {
        self.send(cx, req).await
    }
    async fn message_history(
        &self,
        cx: &mut Cx,
        req: protocol::message::HistoryReq,
    ) -> Result<protocol::message::HistoryRes, Error> {
        self.history(cx, req).await
    }
    async fn message_read(
        &self,
        cx: &mut Cx,
        req: protocol::message::ReadReq,
    ) -> Result<protocol::message::ReadRes, Error> {
        self.mark_read(cx, req).await
    }
    async fn message_revoke(
        &self,
        cx: &mut Cx,
        req: protocol::message::RevokeReq,
    ) -> Result<protocol::message::ChangeRes, Error> {
        self.revoke(cx, req).await
    }
    async fn message_modify(
        &self,
        cx: &mut Cx,
        req: protocol::message::ModifyReq,
    ) -> Result<protocol::message::ChangeRes, Error> {
        self.modify(cx, req).await
    }
    async fn message_erase(
        &self,
        cx: &mut Cx,
        req: protocol::message::EraseReq,
    ) -> Result<protocol::message::EraseRes, Error> {
        self.erase(cx, req).await
    }
    async fn message_changes(
        &self,
        cx: &mut Cx,
        req: protocol::message::ChangesReq,
    ) -> Result<protocol::message::ChangesRes, Error> {
        self.changes(cx, req).await
    }

    async fn conversation_snapshot(
        &self,
        cx: &mut Cx,
        req: protocol::conversation::SnapshotReq,
    ) -> Result<protocol::conversation::SnapshotRes, Error> {
        self.snapshot(cx, req).await
    }

    async fn group_create(
        &self,
        cx: &mut Cx,
        req: protocol::group::CreateGroupReq,
    ) -> Result<protocol::group::CreateGroupRes, Error> {
        self.create_group(cx, req).await
    }
    async fn group_join(
        &self,
        cx: &mut Cx,
        req: protocol::group::GroupReq,
    ) -> Result<protocol::group::GroupRes, Error> {
        self.join_group(cx, req).await
    }
    async fn group_invite(
        &self,
        cx: &mut Cx,
        req: protocol::group::InviteReq,
    ) -> Result<protocol::group::InviteRes, Error> {
        self.invite(cx, req).await
    }
    async fn group_quit(
        &self,
        cx: &mut Cx,
        req: protocol::group::GroupReq,
    ) -> Result<protocol::group::GroupRes, Error> {
        self.quit_group(cx, req).await
    }
    async fn group_delete(
        &self,
        cx: &mut Cx,
        req: protocol::group::GroupReq,
    ) -> Result<protocol::group::GroupRes, Error> {
        self.delete_group(cx, req).await
    }
    async fn group_joined(
        &self,
        cx: &mut Cx,
        req: protocol::group::JoinedReq,
    ) -> Result<protocol::group::JoinedRes, Error> {
        self.joined_groups(cx, req).await
    }
    async fn group_members(
        &self,
        cx: &mut Cx,
        req: protocol::group::MembersReq,
    ) -> Result<protocol::group::MembersRes, Error> {
        self.members(cx, req).await
    }
    async fn group_state(
        &self,
        cx: &mut Cx,
        req: protocol::group::GroupReq,
    ) -> Result<protocol::conversation::ConvState, Error> {
        self.group_state(cx, req).await
    }
    async fn group_heads(
        &self,
        cx: &mut Cx,
        req: protocol::group::HeadsReq,
    ) -> Result<protocol::group::HeadsRes, Error> {
        self.group_heads(cx, req).await
    }

    async fn user_get_status(
        &self,
        cx: &mut Cx,
        req: protocol::user::GetStatusReq,
    ) -> Result<protocol::user::GetStatusRes, Error> {
        self.statuses(cx, req).await
    }
    async fn user_set_status(
        &self,
        cx: &mut Cx,
        req: protocol::user::SetStatusReq,
    ) -> Result<protocol::user::SetStatusRes, Error> {
        self.set_status(cx, req).await
    }
    async fn user_subscribe_status(
        &self,
        cx: &mut Cx,
        req: protocol::user::SubscribeStatusReq,
    ) -> Result<protocol::user::SubscribeStatusRes, Error> {
        self.subscribe(cx, req).await
    }
    async fn user_unsubscribe_status(
        &self,
        cx: &mut Cx,
        req: protocol::user::UnsubscribeStatusReq,
    ) -> Result<protocol::user::UnsubscribeStatusRes, Error> {
        self.unsubscribe(cx, req).await
    }
    async fn conversation_set(
        &self,
        cx: &mut Cx,
        req: protocol::conversation::settings::SetConvsReq,
    ) -> Result<protocol::conversation::settings::SetConvsRes, Error> {
        self.set_convs(cx, req).await
    }
    async fn conversation_change_group(
        &self,
        cx: &mut Cx,
        req: protocol::conversation::settings::ChangeGroupReq,
    ) -> Result<protocol::conversation::settings::ChangeGroupRes, Error> {
        self.change_group(cx, req).await
    }
    async fn conversation_groups(
        &self,
        cx: &mut Cx,
        req: protocol::conversation::settings::GroupsReq,
    ) -> Result<protocol::conversation::settings::GroupsRes, Error> {
        self.groups(cx, req).await
    }
    async fn user_get_profiles(
        &self,
        cx: &mut Cx,
        req: protocol::user::profile::GetProfilesReq,
    ) -> Result<protocol::user::profile::GetProfilesRes, Error> {
        self.profiles(cx, req).await
    }
    async fn user_set_profile(
        &self,
        cx: &mut Cx,
        req: protocol::user::profile::ProfileUpdate,
    ) -> Result<protocol::user::profile::SetProfileRes, Error> {
        self.set_profile(cx, req).await
    }
    async fn user_subscribe_profiles(
        &self,
        cx: &mut Cx,
        req: protocol::user::profile::SubscribeProfilesReq,
    ) -> Result<protocol::user::profile::SubscribeProfilesRes, Error> {
        self.subscribe_profiles(cx, req).await
    }
    async fn user_unsubscribe_profiles(
        &self,
        cx: &mut Cx,
        req: protocol::user::profile::UnsubscribeProfilesReq,
    ) -> Result<protocol::user::profile::UnsubscribeProfilesRes, Error> {
        self.unsubscribe_profiles(cx, req).await
    }
    async fn user_set_receive_all(
        &self,
        cx: &mut Cx,
        req: protocol::receive::ReceiveAll,
    ) -> Result<protocol::receive::SetReceiveAllRes, Error> {
        self.set_receive_all(cx, req).await
    }
    async fn user_get_receive_all(
        &self,
        cx: &mut Cx,
        req: protocol::receive::GetReceiveAllReq,
    ) -> Result<protocol::receive::ReceiveAll, Error> {
        self.receive_all(cx, req).await
    }
}
