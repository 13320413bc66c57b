//! What the app asks ([`Command`]), what it gets for it ([`Reply`]), and what it is told besides
//! ([`Event`]).

use protocol::Error;
use protocol::conversation::list::{ConvFilter, ConvListResult, Draft};
use protocol::conversation::settings::{ConvChange, ConvOperationResult, group_action};
use protocol::conversation::{ConvId, ConvInfo};
use protocol::group::list::{
    CreateGroupParam, CreateGroupResult, GroupBaseInfo, InviteParam, InviteResult, MembersParam,
    MembersResult,
};
use protocol::message::{
    BatchSendResult, Content, Elem, GetMsgListParam, LocalCustom, LocalCustomUpdate, Message,
    MessageReceipt, MessageRef, MessageSearchParam, MessageSearchResult, MsgLocator, Origin,
    RevokedMessage,
};
use protocol::receive::{ReceiveAll, UserReceiveOpt};
use protocol::user::UserStatus;
use protocol::user::profile::{ProfileUpdate, UserProfile};

pub use crate::conversation::groups::ConvGroupEvent;

/// A call of the app, numbered by the facade in rising order. Every accepted call is completed
/// exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReqId(pub u64);

/// A call whose syntax has been checked. Whether the user is logged in is checked here in the
/// core, before the values are.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `tim_login`
    Login {
        /// Not empty.
        user_id: String,
        /// Not empty.
        user_sig: String,
    },
    /// `tim_logout`
    Logout,
    /// `internal_operation_init_local_storage`: opens the store of this user.
    OpenStorage(String),
    /// `tim_msg_send_message`
    Send {
        /// To whom.
        conv: ConvId,
        /// Made by the facade before the call returns.
        msg_id: String,
        /// With `client_time`, `rand` and `platform` filled in by the facade.
        content: Content,
        /// Stays on this device.
        local: LocalCustom,
    },
    /// `tim_msg_batch_send`
    SendBatch {
        /// One for each receiver.
        messages: Vec<BatchMessage>,
        /// As of [`Command::Send`]; `rand` is each message's own.
        content: Box<Content>,
        /// Stays on this device.
        local: LocalCustom,
    },
    /// `tim_msg_get_msg_list`
    GetMessages(ConvId, GetMsgListParam),
    /// `tim_msg_report_readed`; an empty conversation ID means all of that type.
    ReportRead(ConvId, Option<MessageRef>),
    /// `tim_msg_set_local_custom_data`
    SetLocalCustom(MessageRef, LocalCustomUpdate),
    /// `tim_msg_revoke`
    Revoke(ConvId, MessageRef),
    /// `tim_msg_modify_message`
    Modify(Box<Modification>),
    /// `tim_msg_delete`, `tim_msg_list_delete`
    Delete {
        /// Of which conversation.
        conv: ConvId,
        /// Which.
        messages: Vec<MessageRef>,
        /// At the server and on all devices of the user; else on this device.
        is_everywhere: bool,
    },
    /// `tim_msg_cancel_send`
    CancelSend(ConvId, String),
    /// `tim_msg_clear_history_message`
    ClearHistory(ConvId),
    /// `tim_msg_find_messages`
    FindMessages(Vec<String>),
    /// `tim_msg_find_by_msg_locator_list`
    FindByLocators(ConvId, Vec<MsgLocator>),
    /// `tim_msg_search_local_messages`
    SearchMessages(Box<MessageSearchParam>),
    /// `tim_msg_save_msg`
    SaveMessage(ConvId, Box<KeptMessage>),
    /// `tim_msg_import_msg_list`
    ImportMessages(ConvId, Vec<KeptMessage>),
    /// `tim_conv_get_conv_list`
    GetConversations,
    /// `tim_conv_get_conv_info`
    GetConversationInfo(Vec<ConvId>),
    /// `tim_conv_get_conversation_list_by_filter`
    GetConversationPage {
        /// Which.
        filter: ConvFilter,
        /// Of the page before; 0 for the first.
        next_seq: u64,
        /// At most so many.
        count: u32,
    },
    /// `tim_conv_create`
    CreateConversation(ConvId),
    /// `tim_conv_set_draft`; none for `tim_conv_cancel_draft`.
    SetDraft(ConvId, Option<Draft>),
    /// `tim_conv_get_total_unread_message_count`
    GetTotalUnread,
    /// `tim_conv_get_unread_message_count_by_filter`
    GetUnreadByFilter(ConvFilter),
    /// `tim_conv_subscribe_unread_message_count_by_filter`
    WatchUnread(ConvFilter),
    /// `tim_conv_unsubscribe_unread_message_count_by_filter`
    UnwatchUnread(ConvFilter),
    /// `tim_conv_clean_conversation_unread_message_count`
    CleanUnread {
        /// A conversation with its prefix, `c2c`, `group`, or empty for all.
        whose: String,
        /// One-to-one: up to this second; 0 for everything.
        time: u64,
        /// Group: up to this message; 0 for everything.
        seq: u64,
    },
    /// `tim_conv_pin_conversation`
    PinConversation(ConvId, bool),
    /// `tim_conv_delete`
    DeleteConversation(ConvId),
    /// `tim_conv_mark_conversation`, `tim_conv_set_conversation_custom_data`,
    /// `tim_conv_delete_conversation_list`: conversations with their prefixes.
    SetConversations(Vec<String>, ConvChange),
    /// `tim_msg_set_c2c_receive_message_opt`: user IDs, a number of [`protocol::receive::opt`].
    SetReceiveOpt(Vec<String>, i32),
    /// `tim_msg_get_c2c_receive_message_opt`
    GetReceiveOpt(Vec<String>),
    /// `tim_msg_set_all_receive_message_opt`, `tim_msg_set_all_receive_message_opt2`
    SetReceiveAll(ReceiveAll),
    /// `tim_msg_get_all_receive_message_opt`
    GetReceiveAll,
    /// `tim_conv_get_conversation_group_list`
    GetConvGroups,
    /// The functions that change conversation groups.
    ChangeConvGroup {
        /// One of [`protocol::conversation::settings::group_action`].
        action: &'static str,
        /// Its name.
        name: String,
        /// Its next name, when it is renamed.
        new_name: String,
        /// Conversations with their prefixes, for an action that has some.
        convs: Option<Vec<String>>,
    },
    /// `tim_group_create`
    CreateGroup(Box<CreateGroupParam>),
    /// `tim_group_join`
    JoinGroup(String),
    /// `tim_group_quit`
    QuitGroup(String),
    /// `tim_group_delete`
    DeleteGroup(String),
    /// `tim_group_invite_member`
    InviteMembers(InviteParam),
    /// `tim_group_get_joined_group_list`
    GetJoinedGroups,
    /// `tim_group_get_member_info_list`
    GetGroupMembers(Box<MembersParam>),
    /// `tim_get_user_status`
    GetUserStatus(Vec<String>),
    /// `tim_set_self_status`
    SetSelfStatus(String),
    /// `tim_subscribe_user_status`
    SubscribeUserStatus(Vec<String>),
    /// `tim_unsubscribe_user_status`; empty means all.
    UnsubscribeUserStatus(Vec<String>),
    /// `tim_profile_get_user_profile_list`
    GetProfiles {
        /// Whose.
        users: Vec<String>,
        /// Ask the server, whatever is remembered.
        force: bool,
    },
    /// `tim_profile_modify_self_user_profile`
    SetProfile(Box<ProfileUpdate>),
    /// `tim_subscribe_user_info`
    SubscribeUserInfo(Vec<String>),
    /// `tim_unsubscribe_user_info`; empty means all.
    UnsubscribeUserInfo(Vec<String>),
    /// `tim_msg_do_background`
    Background,
    /// `tim_msg_do_foreground`: the device may have slept meanwhile.
    Foreground,
    /// A call with a missing key or a value of the wrong type: completed with this error, after
    /// the checks that come first.
    Invalid(Error),
}

/// What one receiver's message has for itself when many get the same.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchMessage {
    /// User ID of the receiver.
    pub user: String,
    /// Made by the facade.
    pub msg_id: String,
    /// Random part of the message's identity.
    pub rand: u32,
}

/// A message to be kept on this device without being sent.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptMessage {
    /// Made by the facade.
    pub msg_id: String,
    /// What.
    pub content: Content,
    /// Stays on this device, as all of it.
    pub local: LocalCustom,
    /// Who is to have sent it, and when.
    pub origin: Origin,
}

/// What a message is to become.
#[derive(Debug, Clone, PartialEq)]
pub struct Modification {
    /// Its conversation.
    pub conv: ConvId,
    /// Which one.
    pub message: MessageRef,
    /// The change that the app has seen last; `None`: the one that this device has.
    pub rev: Option<u64>,
    /// The elements that it shall have.
    pub elems: Vec<Elem>,
    /// The cloud text that it shall have.
    pub cloud_custom: String,
}

impl Command {
    /// The function of the C interface that it comes from.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Login { .. } => "tim_login",
            Command::Logout => "tim_logout",
            Command::OpenStorage(_) => "tim_call_experimental_api",
            Command::Send { .. } => "tim_msg_send_message",
            Command::SendBatch { .. } => "tim_msg_batch_send",
            Command::GetMessages(..) => "tim_msg_get_msg_list",
            Command::ReportRead(..) => "tim_msg_report_readed",
            Command::SetLocalCustom(..) => "tim_msg_set_local_custom_data",
            Command::Revoke(..) => "tim_msg_revoke",
            Command::Modify(_) => "tim_msg_modify_message",
            Command::Delete { .. } => "tim_msg_list_delete",
            Command::CancelSend(..) => "tim_msg_cancel_send",
            Command::ClearHistory(_) => "tim_msg_clear_history_message",
            Command::FindMessages(_) => "tim_msg_find_messages",
            Command::FindByLocators(..) => "tim_msg_find_by_msg_locator_list",
            Command::SearchMessages(_) => "tim_msg_search_local_messages",
            Command::SaveMessage(..) => "tim_msg_save_msg",
            Command::ImportMessages(..) => "tim_msg_import_msg_list",
            Command::GetConversations => "tim_conv_get_conv_list",
            Command::GetConversationInfo(_) => "tim_conv_get_conv_info",
            Command::GetConversationPage { .. } => "tim_conv_get_conversation_list_by_filter",
            Command::CreateConversation(_) => "tim_conv_create",
            Command::SetDraft(_, Some(_)) => "tim_conv_set_draft",
            Command::SetDraft(_, None) => "tim_conv_cancel_draft",
            Command::GetTotalUnread => "tim_conv_get_total_unread_message_count",
            Command::GetUnreadByFilter(_) => "tim_conv_get_unread_message_count_by_filter",
            Command::WatchUnread(_) => "tim_conv_subscribe_unread_message_count_by_filter",
            Command::UnwatchUnread(_) => "tim_conv_unsubscribe_unread_message_count_by_filter",
            Command::CleanUnread { .. } => "tim_conv_clean_conversation_unread_message_count",
            Command::DeleteConversation(_) => "tim_conv_delete",
            Command::PinConversation(..) => "tim_conv_pin_conversation",
            Command::SetConversations(_, change) => match change {
                ConvChange { delete: true, .. } => "tim_conv_delete_conversation_list",
                ConvChange {
                    custom_data: Some(_),
                    ..
                } => "tim_conv_set_conversation_custom_data",
                _ => "tim_conv_mark_conversation",
            },
            Command::SetReceiveOpt(..) => "tim_msg_set_c2c_receive_message_opt",
            Command::GetReceiveOpt(_) => "tim_msg_get_c2c_receive_message_opt",
            Command::SetReceiveAll(all) => match all.start_time {
                0 => "tim_msg_set_all_receive_message_opt",
                _ => "tim_msg_set_all_receive_message_opt2",
            },
            Command::GetReceiveAll => "tim_msg_get_all_receive_message_opt",
            Command::GetConvGroups => "tim_conv_get_conversation_group_list",
            Command::ChangeConvGroup { action, .. } => match *action {
                group_action::CREATE => "tim_conv_create_conversation_group",
                group_action::DELETE => "tim_conv_delete_conversation_group",
                group_action::RENAME => "tim_conv_rename_conversation_group",
                group_action::ADD => "tim_conv_add_conversations_to_group",
                _ => "tim_conv_delete_conversations_from_group",
            },
            Command::CreateGroup(_) => "tim_group_create",
            Command::JoinGroup(_) => "tim_group_join",
            Command::QuitGroup(_) => "tim_group_quit",
            Command::DeleteGroup(_) => "tim_group_delete",
            Command::InviteMembers(_) => "tim_group_invite_member",
            Command::GetJoinedGroups => "tim_group_get_joined_group_list",
            Command::GetGroupMembers(_) => "tim_group_get_member_info_list",
            Command::GetUserStatus(_) => "tim_get_user_status",
            Command::SetSelfStatus(_) => "tim_set_self_status",
            Command::SubscribeUserStatus(_) => "tim_subscribe_user_status",
            Command::UnsubscribeUserStatus(_) => "tim_unsubscribe_user_status",
            Command::GetProfiles { .. } => "tim_profile_get_user_profile_list",
            Command::SetProfile(_) => "tim_profile_modify_self_user_profile",
            Command::SubscribeUserInfo(_) => "tim_subscribe_user_info",
            Command::UnsubscribeUserInfo(_) => "tim_unsubscribe_user_info",
            Command::Background => "tim_msg_do_background",
            Command::Foreground => "tim_msg_do_foreground",
            Command::Invalid(_) => "a call with a wrong value",
        }
    }
}

/// The result of a call that succeeded.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Nothing to tell.
    Empty,
    /// `Message`
    Message(Box<Message>),
    /// `Message[]`
    Messages(Vec<Message>),
    /// `MessageSearchResult`
    Found(Box<MessageSearchResult>),
    /// The call was refused, and this is the `Message` as it stands.
    Refused(Error, Box<Message>),
    /// `MsgBatchSendResult[]`
    BatchSent(Vec<BatchSendResult>),
    /// `ConvInfo[]`
    Conversations(Vec<ConvInfo>),
    /// `ConvInfo`
    Conversation(Box<ConvInfo>),
    /// `TIMConversationListResult`
    ConversationPage(Box<ConvListResult>),
    /// `TIMConversationOperationResult[]`
    ConversationResults(Vec<ConvOperationResult>),
    /// `GetC2CRecvMsgOptResult[]`
    ReceiveOpts(Vec<UserReceiveOpt>),
    /// `TIMReceiveMessageOptInfo`
    ReceiveAll(ReceiveAll),
    /// `string[]`
    Names(Vec<String>),
    /// `GetTotalUnreadNumberResult`
    TotalUnread(u64),
    /// `TIMUserStatus[]`
    UserStatus(Vec<UserStatus>),
    /// `UserProfile[]`
    Profiles(Vec<UserProfile>),
    /// `CreateGroupResult`
    GroupCreated(CreateGroupResult),
    /// `GroupInviteMemberResult[]`
    Invited(Vec<InviteResult>),
    /// `GroupBaseInfo[]`
    JoinedGroups(Vec<GroupBaseInfo>),
    /// `GroupGetMemberInfoListResult`
    Members(Box<MembersResult>),
}

impl Reply {
    /// The JSON of the completion; empty for [`Reply::Empty`].
    pub fn json(&self) -> String {
        match self {
            Reply::Empty => String::new(),
            Reply::Message(message) | Reply::Refused(_, message) => json(message),
            Reply::Messages(messages) => json(messages),
            Reply::Found(found) => json(found),
            Reply::BatchSent(results) => json(results),
            Reply::Conversations(conversations) => json(conversations),
            Reply::Conversation(conversation) => json(conversation),
            Reply::ConversationPage(page) => json(page),
            Reply::ConversationResults(results) => json(results),
            Reply::ReceiveOpts(options) => json(options),
            Reply::ReceiveAll(all) => json(all),
            Reply::Names(names) => json(names),
            Reply::TotalUnread(count) => {
                format!(r#"{{"conv_get_total_unread_message_count_result_unread_count":{count}}}"#)
            }
            Reply::UserStatus(statuses) => json(statuses),
            Reply::Profiles(profiles) => json(profiles),
            Reply::GroupCreated(created) => json(created),
            Reply::Invited(results) => json(results),
            Reply::JoinedGroups(groups) => json(groups),
            Reply::Members(members) => json(members),
        }
    }
}

/// JSON of a type of this crate or of the protocol, none of which can fail to serialise.
pub fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("types of the interface always serialise")
}

/// What happened besides the answers to calls.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `tim_network_status_listener_callback`
    Network(NetworkStatus),
    /// `tim_kicked_offline_callback`
    KickedOffline,
    /// `tim_user_sig_expired_callback`
    UserSigExpired,
    /// `tim_user_status_changed_callback`
    UserStatus(Vec<UserStatus>),
    /// `tim_self_info_updated_callback`
    SelfInfo(Box<UserProfile>),
    /// `tim_user_info_changed_callback`
    UserInfo(Vec<UserProfile>),
    /// `tim_recv_new_msg_callback`
    NewMessages(Vec<Message>),
    /// `tim_msg_revoke_callback`
    Revoked(Vec<RevokedMessage>),
    /// `tim_msg_update_callback`
    Modified(Vec<Message>),
    /// `tim_msg_readed_receipt_callback`
    Receipts(Vec<MessageReceipt>),
    /// `tim_conv_event_callback`: a number of [`protocol::conversation::conv_event`]
    Conversations(i32, Vec<ConvInfo>),
    /// `tim_conv_total_unread_message_count_changed_callback`
    TotalUnread(u64),
    /// `tim_conv_total_unread_message_count_changed_by_filter_callback`
    UnreadByFilter(ConvFilter, u64),
    /// `tim_msg_all_message_receive_option_callback`
    ReceiveAll(ReceiveAll),
    /// The callbacks of conversation groups.
    ConvGroup(ConvGroupEvent),
}

/// The link to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkStatus {
    /// 0: the handshake of the protocol itself succeeded.
    Connected,
    /// 1: an open link was lost.
    Disconnected(Error),
    /// 2: an attempt began.
    Connecting,
    /// 3: an attempt failed.
    ConnectFailed(Error),
}

impl NetworkStatus {
    /// The number of `TIMNetworkStatus`.
    pub fn number(&self) -> i32 {
        match self {
            NetworkStatus::Connected => 0,
            NetworkStatus::Disconnected(_) => 1,
            NetworkStatus::Connecting => 2,
            NetworkStatus::ConnectFailed(_) => 3,
        }
    }
}

/// Numbers of `TIMLoginStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum LoginStatus {
    /// Logged in.
    LoggedIn = 1,
    /// Logging in.
    LoggingIn = 2,
    /// Not logged in.
    LoggedOut = 3,
    /// Logging out.
    LoggingOut = 4,
}
