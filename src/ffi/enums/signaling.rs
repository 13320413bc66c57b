//! Invitations.

/// Step in the life of an invitation, such as a call.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct tim_signaling_action_type(pub i32);
/// Not known.
pub const TIM_SIGNALING_ACTION_TYPE_UNKNOWN: tim_signaling_action_type =
    tim_signaling_action_type(0);
/// Somebody invites.
pub const TIM_SIGNALING_ACTION_TYPE_INVITE: tim_signaling_action_type =
    tim_signaling_action_type(1);
/// The inviter calls it off.
pub const TIM_SIGNALING_ACTION_TYPE_CANCEL_INVITE: tim_signaling_action_type =
    tim_signaling_action_type(2);
/// An invited user agrees.
pub const TIM_SIGNALING_ACTION_TYPE_ACCEPT_INVITE: tim_signaling_action_type =
    tim_signaling_action_type(3);
/// An invited user declines.
pub const TIM_SIGNALING_ACTION_TYPE_REJECT_INVITE: tim_signaling_action_type =
    tim_signaling_action_type(4);
/// Nobody answered in time.
pub const TIM_SIGNALING_ACTION_TYPE_INVITE_TIMEOUT: tim_signaling_action_type =
    tim_signaling_action_type(5);
