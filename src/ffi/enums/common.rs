//! Return values, and what several domains share.

/// What a function returns at once, as a plain int. Only after 0 does the callback come, exactly
/// once; after any other value it never does.
///
/// The call was accepted; its callback will tell the outcome.
pub const TIM_SUCC: i32 = 0;
/// libtim is not initialised: call tim_init first.
pub const TIM_ERR_SDKUNINIT: i32 = -1;
/// Nobody is logged in.
pub const TIM_ERR_NOTLOGIN: i32 = -2;
/// The JSON does not parse, is of the wrong kind or is nested too deep.
pub const TIM_ERR_JSON: i32 = -3;
/// A parameter is not usable, such as NULL, empty or invalid UTF-8 text.
pub const TIM_ERR_PARAM: i32 = -4;
/// The conversation ID or type is not valid.
pub const TIM_ERR_CONV: i32 = -5;
/// The group ID is not valid.
pub const TIM_ERR_GROUP: i32 = -6;

/// What kind of conversation is meant.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_conv_type(pub i32);
/// No conversation; in a search, every conversation.
pub const TIM_CONV_INVALID: tim_conv_type = tim_conv_type(0);
/// With one other user.
pub const TIM_CONV_C2C: tim_conv_type = tim_conv_type(1);
/// With a group, or a topic of a community.
pub const TIM_CONV_GROUP: tim_conv_type = tim_conv_type(2);
/// Notices of the system; no longer used.
pub const TIM_CONV_SYSTEM: tim_conv_type = tim_conv_type(3);

/// How messages of a conversation reach the user.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_receive_message_opt(pub i32);
/// Delivered while online, pushed while offline.
pub const TIM_RECV_MSG_OPT_RECEIVE: tim_receive_message_opt = tim_receive_message_opt(0);
/// Kept in the history: neither told as new, nor counted, nor pushed.
pub const TIM_RECV_MSG_OPT_NOT_RECEIVE: tim_receive_message_opt = tim_receive_message_opt(1);
/// Delivered while online, never pushed.
pub const TIM_RECV_MSG_OPT_NOT_NOTIFY: tim_receive_message_opt = tim_receive_message_opt(2);
/// Delivered while online; pushed only when the message mentions the user.
pub const TIM_RECV_MSG_OPT_NOT_NOTIFY_EXCEPT_AT: tim_receive_message_opt =
    tim_receive_message_opt(3);
