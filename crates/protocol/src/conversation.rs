//! Conversations: their state as the server knows it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    group::GroupState,
    is_default,
    message::{Message, NewMessage},
    receive::ReceiveAll,
};

pub mod list;
pub mod settings;

use list::Draft;
use settings::Settings;

/// Numbers of `TIMConvType`.
pub mod conv_type {
    /// One-to-one.
    pub const C2C: i32 = 1;
    /// Group.
    pub const GROUP: i32 = 2;
}

/// A conversation as one of its members sees it: the peer's user ID, or the group's ID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConvId {
    /// One of [`conv_type`].
    #[serde(rename = "conv_type")]
    pub kind: i32,
    /// User ID of the peer, or group ID; no prefix.
    #[serde(rename = "conv_id")]
    pub id: String,
}

impl ConvId {
    /// The one-to-one conversation with a user.
    pub fn c2c(peer: impl Into<String>) -> Self {
        Self {
            kind: conv_type::C2C,
            id: peer.into(),
        }
    }

    /// The conversation of a group.
    pub fn group(id: impl Into<String>) -> Self {
        Self {
            kind: conv_type::GROUP,
            id: id.into(),
        }
    }

    /// Reads the form with a prefix: `c2c_<user>` or `group_<group>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = match text.split_once('_')? {
            ("c2c", id) => (conv_type::C2C, id),
            ("group", id) => (conv_type::GROUP, id),
            _ => return None,
        };
        let id = id.to_owned();
        (!id.is_empty()).then_some(Self { kind, id })
    }
}

/// What the server knows of one conversation of the user.
///
/// Unread is never a counter of its own: it is `peer_ord - read_ord`, the countable messages of
/// the others less those up to the last one read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConvState {
    /// Which one.
    pub conv: ConvId,
    /// Sequence of the newest message.
    #[serde(deserialize_with = "crate::number")]
    pub head_seq: u64,
    /// The newest message that may be a conversation's last message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<NewMessage>,
    /// Countable messages of the peer, or of the other members, so far.
    #[serde(deserialize_with = "crate::number")]
    pub peer_ord: u64,
    /// Of these, how many are read.
    #[serde(deserialize_with = "crate::number")]
    pub read_ord: u64,
    /// The user has read up to this message.
    #[serde(deserialize_with = "crate::number")]
    pub read_seq: u64,
    /// The peer has read up to this message.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub peer_read_seq: u64,
    /// When the peer said so, seconds.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub peer_read_time: u64,
    /// How often a message of it has changed.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "crate::number"
    )]
    pub rev: u64,
    /// What the user has set on it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub settings: Settings,
    /// The group, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Box<GroupState>>,
}

/// Request of `conversation.snapshot`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SnapshotReq {
    /// The token of the previous page; empty for the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub page: String,
    /// At most so many, [`crate::limits::SNAPSHOT_PAGE`] at most.
    pub limit: u32,
}

/// Answer of `conversation.snapshot`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SnapshotRes {
    /// In any order.
    pub conversations: Vec<ConvState>,
    /// Head of the user's stream when this page was read. The cursor after a snapshot is the one
    /// of its first page: what came between the pages is applied once more, harmlessly.
    #[serde(deserialize_with = "crate::number")]
    pub event_seq: u64,
    /// Token of the next page; empty when this is the last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub next: String,
    /// The user has conversation groups.
    #[serde(default, skip_serializing_if = "is_default")]
    pub has_groups: bool,
    /// The receive option for all, as far as the user ever set one; on the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receive_all: Option<ReceiveAll>,
}

/// Numbers of `TIMConvEvent`.
pub mod conv_event {
    /// Appeared.
    pub const ADD: i32 = 0;
    /// Was deleted.
    pub const DEL: i32 = 1;
    /// Changed.
    pub const UPDATE: i32 = 2;
    /// Synchronisation began.
    pub const START: i32 = 3;
    /// Synchronisation ended.
    pub const FINISH: i32 = 4;
}

/// `ConvInfo`: a conversation as the C interface shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConvInfo {
    /// Which one.
    #[serde(flatten)]
    pub conv: ConvId,
    /// The name to show.
    #[serde(rename = "conv_show_name")]
    pub show_name: String,
    /// The avatar to show.
    #[serde(rename = "conv_face_url")]
    pub face_url: String,
    /// Unread messages.
    #[serde(rename = "conv_unread_num")]
    pub unread: u64,
    /// When it last moved, milliseconds since 1970: the order of the list.
    #[serde(rename = "conv_active_time")]
    pub active_time: u64,
    /// Whether there is a last message.
    #[serde(rename = "conv_is_has_lastmsg")]
    pub has_last_msg: bool,
    /// The last message.
    #[serde(rename = "conv_last_msg", skip_serializing_if = "Option::is_none")]
    pub last_msg: Option<Message>,
    /// Whether there is a draft.
    #[serde(rename = "conv_is_has_draft")]
    pub has_draft: bool,
    /// The draft.
    #[serde(rename = "conv_draft", skip_serializing_if = "Option::is_none")]
    pub draft: Option<Arc<Draft>>,
    /// Number of `TIMReceiveMessageOpt`.
    #[serde(rename = "conv_recv_opt")]
    pub recv_opt: i32,
    /// Pinned on top.
    #[serde(rename = "conv_is_pinned")]
    pub is_pinned: bool,
    /// Marks.
    #[serde(rename = "conv_mark_array")]
    pub marks: Vec<u64>,
    /// Text of the app.
    #[serde(rename = "conv_custom_data")]
    pub custom_data: String,
    /// Conversation groups that it is in.
    #[serde(rename = "conv_conversation_group_array")]
    pub groups: Vec<String>,
    /// Server time of the newest message that the user has read, seconds.
    #[serde(rename = "conv_c2c_read_timestamp")]
    pub c2c_read_time: u64,
    /// Number of `TIMGroupType`, of a group.
    #[serde(rename = "conv_group_type", skip_serializing_if = "Option::is_none")]
    pub group_type: Option<i32>,
    /// Newest message of a group that the user has read.
    #[serde(
        rename = "conv_group_read_sequence",
        skip_serializing_if = "Option::is_none"
    )]
    pub group_read_seq: Option<u64>,
}

/// `GetConversationListParam`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct GetConvParam {
    /// User ID or group ID.
    #[serde(rename = "get_conversation_list_param_conv_id")]
    pub conv_id: String,
    /// Number of `TIMConvType`.
    #[serde(rename = "get_conversation_list_param_conv_type")]
    pub conv_type: i32,
}

#[cfg(test)]
mod tests {
    use super::list::{ConvFilter, ConvListResult};
    use super::settings::{
        ChangeGroupReq, ConvChange, ConvOperationResult, ConvResult, SetConvsReq,
    };
    use super::*;

    fn golden(value: &impl Serialize, json: &str) {
        assert_eq!(serde_json::to_string(value).unwrap(), json);
    }

    fn info() -> ConvInfo {
        ConvInfo {
            conv: ConvId::c2c("bob"),
            show_name: "Bob".into(),
            face_url: String::new(),
            unread: 2,
            active_time: 1_700_000_000_000,
            has_last_msg: false,
            last_msg: None,
            has_draft: true,
            draft: Some(Arc::new(Draft {
                message: Some(serde_json::json!({"message_elem_array": []})),
                user_define: "mine".into(),
                edit_time: 1_700_000_000,
            })),
            recv_opt: 0,
            is_pinned: true,
            marks: vec![1, 1 << 63],
            custom_data: "vip".into(),
            groups: vec!["work".into()],
            c2c_read_time: 1_600_000_000,
            group_type: None,
            group_read_seq: None,
        }
    }

    const INFO: &str = concat!(
        r#"{"conv_type":1,"conv_id":"bob","conv_show_name":"Bob","conv_face_url":"","#,
        r#""conv_unread_num":2,"conv_active_time":1700000000000,"conv_is_has_lastmsg":false,"#,
        r#""conv_is_has_draft":true,"conv_draft":{"draft_msg":{"message_elem_array":[]},"#,
        r#""draft_user_define":"mine","draft_edit_time":1700000000},"conv_recv_opt":0,"#,
        r#""conv_is_pinned":true,"conv_mark_array":[1,9223372036854775808],"#,
        r#""conv_custom_data":"vip","conv_conversation_group_array":["work"],"#,
        r#""conv_c2c_read_timestamp":1600000000}"#
    );

    #[test]
    fn conversations_as_the_app_gets_them() {
        golden(&info(), INFO);
        let page = ConvListResult {
            conversations: vec![info()],
            next_seq: u64::MAX >> 1,
            is_finished: false,
        };
        let json = format!(
            concat!(
                r#"{{"conversation_list_result_conv_list":[{}],"#,
                r#""conversation_list_result_next_seq":9223372036854775807,"#,
                r#""conversation_list_result_is_finished":false}}"#
            ),
            INFO
        );
        golden(&page, &json);
        let result = ConvOperationResult {
            conversation_id: "c2c_bob".into(),
            code: 50001,
            info: "why".into(),
        };
        golden(
            &result,
            concat!(
                r#"{"conversation_operation_result_conversation_id":"c2c_bob","#,
                r#""conversation_operation_result_result_code":50001,"#,
                r#""conversation_operation_result_result_info":"why"}"#
            ),
        );
    }

    #[test]
    fn a_filter_says_what_was_asked() {
        let full = concat!(
            r#"{"conversation_list_filter_conv_type":1,"#,
            r#""conversation_list_filter_conversation_group":"","#,
            r#""conversation_list_filter_mark_type":0,"#,
            r#""conversation_list_filter_has_unread_count":false,"#,
            r#""conversation_list_filter_has_group_at_info":true}"#
        );
        for json in ["{}", full] {
            golden(&serde_json::from_str::<ConvFilter>(json).unwrap(), json);
        }
    }

    #[test]
    fn what_is_set_on_the_wire() {
        let settings = Settings {
            version: 7,
            is_pinned: true,
            marks: vec![0, 63],
            custom_data: "vip".into(),
            recv_opt: 2,
            is_bare: true,
            hidden_seq: Some(0),
            hidden_ord: 3,
        };
        let result = ConvResult {
            conv: ConvId::c2c("bob"),
            code: 0,
            settings: Some(settings.clone()),
        };
        let json = concat!(
            r#"{"conv":{"conv_type":1,"conv_id":"bob"},"settings":{"version":7,"is_pinned":true,"#,
            r#""marks":[0,63],"custom_data":"vip","recv_opt":2,"is_bare":true,"hidden_seq":0,"hidden_ord":3}}"#
        );
        golden(&result, json);
        assert_eq!(serde_json::from_str::<ConvResult>(json).unwrap(), result);
        let set = SetConvsReq {
            convs: vec![ConvId::c2c("bob")],
            change: ConvChange {
                pin: Some(false),
                ..ConvChange::default()
            },
        };
        let json = r#"{"convs":[{"conv_type":1,"conv_id":"bob"}],"pin":false}"#;
        golden(&set, json);
        assert_eq!(serde_json::from_str::<SetConvsReq>(json).unwrap(), set);
        let change = ChangeGroupReq {
            action: settings::group_action::RENAME.into(),
            name: "a".into(),
            new_name: "b".into(),
            convs: Vec::new(),
        };
        golden(&change, r#"{"action":"rename","name":"a","new_name":"b"}"#);
    }

    #[test]
    fn a_conversation_has_its_type_before_its_id() {
        assert_eq!(ConvId::parse("c2c_a_b"), Some(ConvId::c2c("a_b")));
        let group = ConvId::parse("group_x").unwrap();
        assert_eq!((group.kind, &*group.id), (conv_type::GROUP, "x"));
        for bad in ["", "bob", "c2c", "c2c_", "C2C_bob", "system_x"] {
            assert_eq!(ConvId::parse(bad), None);
        }
    }
}
