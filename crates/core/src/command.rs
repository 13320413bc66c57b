//! What the app asks ([`Command`]), what it gets for it ([`Reply`]), and what it is told besides
//! ([`Event`]).

use protocol::Error;
use protocol::conversation::{ConvId, ConvInfo};
use protocol::message::{
    Content, GetMsgListParam, LocalCustom, Message, MessageReceipt, MessageRef,
};
use protocol::user::UserStatus;
use protocol::user::profile::{ProfileUpdate, UserProfile};

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
    /// `tim_msg_get_msg_list`
    GetMessages(ConvId, GetMsgListParam),
    /// `tim_msg_report_readed`; an empty conversation ID means all of that type.
    ReportRead(ConvId, Option<MessageRef>),
    /// `tim_conv_get_conv_list`
    GetConversations,
    /// `tim_conv_get_conv_info`
    GetConversationInfo(Vec<ConvId>),
    /// `tim_conv_get_total_unread_message_count`
    GetTotalUnread,
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

impl Command {
    /// The function of the C interface that it comes from.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Login { .. } => "tim_login",
            Command::Logout => "tim_logout",
            Command::OpenStorage(_) => "tim_call_experimental_api",
            Command::Send { .. } => "tim_msg_send_message",
            Command::GetMessages(..) => "tim_msg_get_msg_list",
            Command::ReportRead(..) => "tim_msg_report_readed",
            Command::GetConversations => "tim_conv_get_conv_list",
            Command::GetConversationInfo(_) => "tim_conv_get_conv_info",
            Command::GetTotalUnread => "tim_conv_get_total_unread_message_count",
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
    /// `ConvInfo[]`
    Conversations(Vec<ConvInfo>),
    /// `GetTotalUnreadNumberResult`
    TotalUnread(u64),
    /// `TIMUserStatus[]`
    UserStatus(Vec<UserStatus>),
    /// `UserProfile[]`
    Profiles(Vec<UserProfile>),
}

impl Reply {
    /// The JSON of the completion; empty for [`Reply::Empty`].
    pub fn json(&self) -> String {
        match self {
            Reply::Empty => String::new(),
            Reply::Message(message) => json(message),
            Reply::Messages(messages) => json(messages),
            Reply::Conversations(conversations) => json(conversations),
            Reply::TotalUnread(count) => {
                format!(r#"{{"conv_get_total_unread_message_count_result_unread_count":{count}}}"#)
            }
            Reply::UserStatus(statuses) => json(statuses),
            Reply::Profiles(profiles) => json(profiles),
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
    /// `tim_msg_readed_receipt_callback`
    Receipts(Vec<MessageReceipt>),
    /// `tim_conv_event_callback`: a number of [`protocol::conversation::conv_event`]
    Conversations(i32, Vec<ConvInfo>),
    /// `tim_conv_total_unread_message_count_changed_callback`
    TotalUnread(u64),
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
