//! Offline push.

/// Which service issued a push token.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_offline_push_token_type(pub i32);
/// The service of the device's maker.
pub const TIM_OFFLINE_PUSH_TOKEN_TYPE_DEFAULT: tim_offline_push_token_type =
    tim_offline_push_token_type(0);
/// TPNS, which is on its way out.
pub const TIM_OFFLINE_PUSH_TOKEN_TYPE_TPNS: tim_offline_push_token_type =
    tim_offline_push_token_type(1);
/// The VoIP service of iOS.
pub const TIM_OFFLINE_PUSH_TOKEN_TYPE_VOIP: tim_offline_push_token_type =
    tim_offline_push_token_type(2);

/// How an iOS device is woken.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_ios_offline_push_type(pub i32);
/// By a normal notification.
pub const TIM_IOS_OFFLINE_PUSH_TYPE_APNS: tim_ios_offline_push_type = tim_ios_offline_push_type(0);
/// By a VoIP push, as for a call.
pub const TIM_IOS_OFFLINE_PUSH_TYPE_VOIP: tim_ios_offline_push_type = tim_ios_offline_push_type(1);

/// What a tap on an Android notification does.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_android_offline_push_notify_mode(pub i32);
/// Opens the app, which is told nothing.
pub const TIM_ANDROID_OFFLINE_PUSH_NOTIFY_MODE_NORMAL: tim_android_offline_push_notify_mode =
    tim_android_offline_push_notify_mode(0);
/// Lets the app handle the tap.
pub const TIM_ANDROID_OFFLINE_PUSH_NOTIFY_MODE_CUSTOM: tim_android_offline_push_notify_mode =
    tim_android_offline_push_notify_mode(1);

/// Whether a message is pushed to users who are offline.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_offline_push_flag(pub i32);
/// As the settings of the receiver say.
pub const TIM_OFFLINE_PUSH_FLAG_DEFAULT: tim_offline_push_flag = tim_offline_push_flag(0);
/// Never.
pub const TIM_OFFLINE_PUSH_FLAG_NO_PUSH: tim_offline_push_flag = tim_offline_push_flag(1);
