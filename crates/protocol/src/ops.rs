//! The table of operations: what a client may ask for, one line each.
//!
//! The server implements [`Ops`], so an operation without a handler does not compile; the client
//! sends [`Op`]s, so request and answer types cannot be mixed up.

use std::future::Future;

use serde::{Serialize, de::DeserializeOwned};

use crate::conversation::{self as conv, settings};
use crate::user::{self, profile};
use crate::{Error, codes, frame, group, message, receive, session};

/// One operation: its wire name and both its types.
pub trait Op {
    /// The name on the wire, `domain.verb`.
    const NAME: &'static str;
    /// What the client sends.
    type Req: Serialize + DeserializeOwned + Send;
    /// What the server answers.
    type Res: Serialize + DeserializeOwned + Send;
}

macro_rules! ops {
    ($( $(#[$doc:meta])* $method:ident $op:ident $name:literal ($req:ty) -> $res:ty; )*) => {
        $( $(#[$doc])*
           pub struct $op;
           impl Op for $op {
               const NAME: &'static str = $name;
               type Req = $req;
               type Res = $res;
           } )*

        /// The names of all operations, in the order of the table.
        pub const NAMES: &[&str] = &[$($name),*];

        /// A handler for every operation. `Cx` is what the server knows of the caller, and where
        /// a handler leaves what shall happen besides its answer.
        pub trait Ops<Cx: Send>: Sync {
            $( $(#[$doc])*
               fn $method(&self, cx: &mut Cx, req: $req)
                   -> impl Future<Output = Result<$res, Error>> + Send; )*
        }

        /// Runs one request and writes its answer, or its refusal, as a frame.
        pub async fn dispatch<Cx: Send>(
            ops: &impl Ops<Cx>, cx: &mut Cx, id: u64, name: &str, body: &str,
        ) -> String {
            match name {
                $( $name => match serde_json::from_str::<$req>(body) {
                    Ok(req) => match ops.$method(cx, req).await {
                        Ok(res) => frame::write_answer(id, &res),
                        Err(error) => frame::write_refusal(id, &error),
                    },
                    Err(error) => frame::write_refusal(id, &bad_body($name, &error)),
                }, )*
                _ => frame::write_refusal(id, &Error::of(codes::UNKNOWN_OP)),
            }
        }
    };
}

/// The text names the place, never the content.
fn bad_body(op: &str, error: &serde_json::Error) -> Error {
    let place = format!(
        "body of {op}, column {}: not of the documented form",
        error.column()
    );
    Error::new(codes::PROTOCOL, place)
}

ops! {
    /// Opens the session, or renews its ticket when one is open.
    session_login Login "session.login" (session::LoginReq) -> session::LoginRes;
    /// Ends the session on purpose.
    session_logout Logout "session.logout" (session::LogoutReq) -> session::LogoutRes;
    /// Says that the client lives; the answer carries the heads.
    session_heartbeat Heartbeat "session.heartbeat" (session::HeartbeatReq) -> session::HeartbeatRes;
    /// One page of the user's stream after a cursor.
    session_difference Difference "session.difference" (session::DifferenceReq) -> session::DifferenceRes;

    /// Sends a message.
    message_send SendMessage "message.send" (message::SendReq) -> message::SendRes;
    /// One page of a conversation's history.
    message_history History "message.history" (message::HistoryReq) -> message::HistoryRes;
    /// Marks a conversation read up to a message.
    message_read ReadMessages "message.read" (message::ReadReq) -> message::ReadRes;
    /// Takes a message back, for everybody.
    message_revoke Revoke "message.revoke" (message::RevokeReq) -> message::ChangeRes;
    /// Changes a message, for everybody.
    message_modify Modify "message.modify" (message::ModifyReq) -> message::ChangeRes;
    /// Erases messages for oneself.
    message_erase Erase "message.erase" (message::EraseReq) -> message::EraseRes;
    /// What changed in a conversation, and what oneself erased there.
    message_changes Changes "message.changes" (message::ChangesReq) -> message::ChangesRes;

    /// One page of the user's conversations as they stand.
    conversation_snapshot Snapshot "conversation.snapshot" (conv::SnapshotReq) -> conv::SnapshotRes;
    /// Pins, marks, gives custom data to or deletes conversations.
    conversation_set SetConversations "conversation.set" (settings::SetConvsReq) -> settings::SetConvsRes;
    /// Creates, renames, deletes, fills or empties a conversation group.
    conversation_change_group ChangeConvGroup "conversation.change_group" (settings::ChangeGroupReq) -> settings::ChangeGroupRes;
    /// One page of the user's conversation groups.
    conversation_groups ConvGroups "conversation.groups" (settings::GroupsReq) -> settings::GroupsRes;

    /// Creates a group.
    group_create CreateGroup "group.create" (group::CreateGroupReq) -> group::CreateGroupRes;
    /// Comes into a group.
    group_join JoinGroup "group.join" (group::GroupReq) -> group::GroupRes;
    /// Brings others into a group.
    group_invite Invite "group.invite" (group::InviteReq) -> group::InviteRes;
    /// Leaves a group.
    group_quit QuitGroup "group.quit" (group::GroupReq) -> group::GroupRes;
    /// Dissolves a group.
    group_delete DeleteGroup "group.delete" (group::GroupReq) -> group::GroupRes;
    /// One page of the user's groups.
    group_joined JoinedGroups "group.joined" (group::JoinedReq) -> group::JoinedRes;
    /// One page of a group's members.
    group_members Members "group.members" (group::MembersReq) -> group::MembersRes;
    /// A group's conversation as it stands.
    group_state GroupStateOf "group.state" (group::GroupReq) -> conv::ConvState;
    /// How far the user's groups have come.
    group_heads GroupHeads "group.heads" (group::HeadsReq) -> group::HeadsRes;

    /// Status of users.
    user_get_status GetStatus "user.get_status" (user::GetStatusReq) -> user::GetStatusRes;
    /// Sets one's own custom status.
    user_set_status SetStatus "user.set_status" (user::SetStatusReq) -> user::SetStatusRes;
    /// Subscribes to the status of users.
    user_subscribe_status SubscribeStatus "user.subscribe_status" (user::SubscribeStatusReq) -> user::SubscribeStatusRes;
    /// Ends subscriptions.
    user_unsubscribe_status UnsubscribeStatus "user.unsubscribe_status" (user::UnsubscribeStatusReq) -> user::UnsubscribeStatusRes;
    /// Profiles of users.
    user_get_profiles GetProfiles "user.get_profiles" (profile::GetProfilesReq) -> profile::GetProfilesRes;
    /// Changes one's own profile.
    user_set_profile SetProfile "user.set_profile" (profile::ProfileUpdate) -> profile::SetProfileRes;
    /// Subscribes to changes of the profiles of users.
    user_subscribe_profiles SubscribeProfiles "user.subscribe_profiles" (profile::SubscribeProfilesReq) -> profile::SubscribeProfilesRes;
    /// Ends these subscriptions.
    user_unsubscribe_profiles UnsubscribeProfiles "user.unsubscribe_profiles" (profile::UnsubscribeProfilesReq) -> profile::UnsubscribeProfilesRes;
    /// Sets one's own receive option for all.
    user_set_receive_all SetReceiveAll "user.set_receive_all" (receive::ReceiveAll) -> receive::SetReceiveAllRes;
    /// One's own receive option for all.
    user_get_receive_all GetReceiveAll "user.get_receive_all" (receive::GetReceiveAllReq) -> receive::ReceiveAll;
}
