//! Conversations.

/// What happened to conversations.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_conv_event(pub i32);
/// Conversations are new in the list.
pub const TIM_CONV_EVENT_ADD: tim_conv_event = tim_conv_event(0);
/// Conversations left the list.
pub const TIM_CONV_EVENT_DEL: tim_conv_event = tim_conv_event(1);
/// Conversations changed: unread count, last message, recall or read state.
pub const TIM_CONV_EVENT_UPDATE: tim_conv_event = tim_conv_event(2);
/// The sync of the list started; the JSON text is empty.
pub const TIM_CONV_EVENT_START: tim_conv_event = tim_conv_event(3);
/// The sync of the list is done; the JSON text is empty.
pub const TIM_CONV_EVENT_FINISH: tim_conv_event = tim_conv_event(4);

/// Marks on a conversation; 64 bits that may be combined. Bits 32 to 63 are the app's own: write
/// them with 64 bits, as in UINT64_C(1) << 32.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_conversation_mark_type(pub u64);
/// A favourite.
pub const TIM_CONVERSATION_MARK_TYPE_STAR: tim_conversation_mark_type =
    tim_conversation_mark_type(1);
/// Shown as unread by the user's wish.
pub const TIM_CONVERSATION_MARK_TYPE_UNREAD: tim_conversation_mark_type =
    tim_conversation_mark_type(2);
/// Folded away.
pub const TIM_CONVERSATION_MARK_TYPE_FOLD: tim_conversation_mark_type =
    tim_conversation_mark_type(4);
/// Hidden from the list.
pub const TIM_CONVERSATION_MARK_TYPE_HIDE: tim_conversation_mark_type =
    tim_conversation_mark_type(8);

/// Whom a mention in a group is meant for.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_group_at_type(pub i32);
/// The user alone.
pub const TIM_GROUP_AT_ME: tim_group_at_type = tim_group_at_type(1);
/// All members.
pub const TIM_GROUP_AT_ALL: tim_group_at_type = tim_group_at_type(2);
/// All members, and the user by name too.
pub const TIM_GROUP_AT_ALL_AT_ME: tim_group_at_type = tim_group_at_type(3);
