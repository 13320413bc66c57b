//! Users: IDs, status, and [`profile`]s.

use serde::{Deserialize, Serialize};

use crate::{is_default, limits};

pub mod profile;

/// True for a user ID that may register: 1 to 32 bytes of letters, digits, `_` and `-`.
pub fn is_valid_user_id(id: &str) -> bool {
    (1..=limits::USER_ID_BYTES).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Numbers of `TIMUserStatusType`.
pub mod status_type {
    /// Not known.
    pub const UNKNOWN: i32 = 0;
    /// At least one live connection.
    pub const ONLINE: i32 = 1;
    /// The connection went away without a logout.
    pub const OFFLINE: i32 = 2;
    /// Logged out on purpose, or never logged in.
    pub const UNLOGINED: i32 = 3;
}

/// A user's status, as in the C interface and on the wire.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UserStatus {
    /// The user.
    #[serde(rename = "user_status_identifier")]
    pub user_id: String,
    /// One of [`status_type`].
    #[serde(rename = "user_status_status_type")]
    pub status_type: i32,
    /// The text that the user set; empty when none, and when offline.
    #[serde(rename = "user_status_custom_status", default)]
    pub custom_status: String,
    /// Names of the platforms on which the user is online.
    #[serde(rename = "user_status_online_devices", default)]
    pub online_devices: Vec<String>,
}

/// What a device runs on: the numbers of `TIMPlatform`, and from 101 on what it has none for.
pub mod platform {
    /// Any other; counts as Linux.
    pub const OTHER: i32 = 0;
    /// Windows.
    pub const WINDOWS: i32 = 1;
    /// Android.
    pub const ANDROID: i32 = 2;
    /// iOS on a phone.
    pub const IOS: i32 = 3;
    /// macOS.
    pub const MAC: i32 = 4;
    /// The simulator of iOS; counts as a phone.
    pub const SIMULATOR: i32 = 5;
    /// iPad.
    pub const IPAD: i32 = 101;
    /// Linux.
    pub const LINUX: i32 = 102;
    /// A browser.
    pub const WEB: i32 = 103;

    /// Whether this is one of the numbers above.
    pub fn is_known(platform: i32) -> bool {
        (OTHER..=SIMULATOR).contains(&platform) || (IPAD..=WEB).contains(&platform)
    }

    /// The name used in [`super::UserStatus::online_devices`].
    pub fn name(platform: i32) -> &'static str {
        match platform {
            WINDOWS => "Windows",
            ANDROID => "Android",
            IOS | SIMULATOR => "iOS",
            MAC => "Mac",
            IPAD => "iPad",
            LINUX => "Linux",
            WEB => "Web",
            _ => "Other",
        }
    }

    /// The number of `TIMPlatform`, which messages carry.
    pub fn tim_platform(platform: i32) -> i32 {
        match platform {
            OTHER..=SIMULATOR => platform,
            IPAD => IOS,
            _ => OTHER,
        }
    }
}

/// Request of `user.get_status`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GetStatusReq {
    /// At most [`limits::STATUS_QUERY_USERS`].
    pub users: Vec<String>,
}
/// Answer of `user.get_status`, in the order of the request. A name that never registered has
/// the type [`status_type::UNKNOWN`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GetStatusRes {
    /// One entry a user.
    pub statuses: Vec<UserStatus>,
}

/// Request of `user.set_status`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SetStatusReq {
    /// At most [`limits::CUSTOM_STATUS_BYTES`]; empty clears it.
    pub custom_status: String,
}
/// Answer of `user.set_status`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SetStatusRes {}

/// Request of `user.subscribe_status`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SubscribeStatusReq {
    /// At most [`limits::STATUS_SUBSCRIBE_USERS`], not oneself.
    pub users: Vec<String>,
}
/// Answer of `user.subscribe_status`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SubscribeStatusRes {}

/// Request of `user.unsubscribe_status`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UnsubscribeStatusReq {
    /// Whom to leave; empty means all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub users: Vec<String>,
}
/// Answer of `user.unsubscribe_status`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UnsubscribeStatusRes {}

/// Passing event: `UserStatus[]` of subscribed users, or of oneself on the other own devices.
pub const EV_STATUS: &str = "user.status";

#[cfg(test)]
mod tests {
    use super::is_valid_user_id;

    #[test]
    fn user_ids() {
        let longest = "a".repeat(32);
        for good in ["a", "Alice_1-x", "0", &longest] {
            assert!(is_valid_user_id(good), "{good:?}");
        }
        for bad in ["", "a b", "ä", "@TIM#SYSTEM", "a.b", "a\0", &"a".repeat(33)] {
            assert!(!is_valid_user_id(bad), "{bad:?}");
        }
    }
}
