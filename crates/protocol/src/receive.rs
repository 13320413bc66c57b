//! Receive options: of a conversation, which is one of its settings, and for all, with a quiet time.

use serde::{Deserialize, Serialize};

use crate::{Error, codes};

/// Event in the user's own stream: the option for all changed; [`ReceiveAll`] as it stands.
pub const EV_RECEIVE_ALL: &str = "user.receive_all";

/// Numbers of `TIMReceiveMessageOpt`.
pub mod opt {
    /// Received, and notified of.
    pub const RECEIVE: i32 = 0;
    /// Kept in the history, and nothing else: not told as new, never unread.
    pub const NOT_RECEIVE: i32 = 1;
    /// Received; no notification.
    pub const NOT_NOTIFY: i32 = 2;
    /// Received; a notification for who is named in it.
    pub const NOT_NOTIFY_EXCEPT_AT: i32 = 3;
}

/// True for a number of [`opt`].
pub fn is_opt(opt: i32) -> bool {
    (opt::RECEIVE..=opt::NOT_NOTIFY_EXCEPT_AT).contains(&opt)
}

/// `GetC2CRecvMsgOptResult`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserReceiveOpt {
    /// Whose messages.
    #[serde(rename = "msg_recv_msg_opt_result_identifier")]
    pub user_id: String,
    /// One of [`opt`].
    #[serde(rename = "msg_recv_msg_opt_result_opt")]
    pub opt: i32,
}

/// `TIMReceiveMessageOptInfo`, in the C interface and on the wire: what the user wants of all
/// messages in a quiet time. Neither side acts on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReceiveAll {
    /// 0 to 23, of the clock that the user sees.
    #[serde(rename = "msg_all_recv_msg_opt_start_hour")]
    pub start_hour: u32,
    /// 0 to 59.
    #[serde(rename = "msg_all_recv_msg_opt_start_minute")]
    pub start_minute: u32,
    /// 0 to 59.
    #[serde(rename = "msg_all_recv_msg_opt_start_second")]
    pub start_second: u32,
    /// Seconds since 1970 when the quiet time begins; 0: it begins at the hour, minute and second.
    #[serde(rename = "msg_all_recv_msg_opt_start_time_stamp")]
    pub start_time: u32,
    /// Seconds. From an hour on: less than a day comes again each day, a day or more lasts for ever.
    #[serde(rename = "msg_all_recv_msg_duration")]
    pub duration: u32,
    /// One of [`opt`] but [`opt::NOT_RECEIVE`].
    #[serde(rename = "msg_all_recv_msg_opt_level")]
    pub opt: i32,
}

impl ReceiveAll {
    /// Whether it can be set; the error names the parameter of the C interface.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = if !is_opt(self.opt) || self.opt == opt::NOT_RECEIVE {
            "opt: 0, 2 or 3"
        } else if self.start_hour > 23 {
            "start_hour: 0 to 23"
        } else if self.start_minute > 59 {
            "start_minute: 0 to 59"
        } else if self.start_second > 59 {
            "start_second: 0 to 59"
        } else {
            return Ok(());
        };
        Err(Error::new(codes::INVALID_PARAMETERS, wrong))
    }
}

/// Answer of `user.set_receive_all`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetReceiveAllRes {}

/// Request of `user.get_receive_all`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetReceiveAllReq {}

#[cfg(test)]
mod tests {
    use super::*;

    const DAILY: ReceiveAll = ReceiveAll {
        start_hour: 22,
        start_minute: 30,
        start_second: 1,
        start_time: 0,
        duration: 28_800,
        opt: opt::NOT_NOTIFY,
    };

    #[test]
    fn both_options_as_the_app_gets_them() {
        let json = concat!(
            r#"{"msg_all_recv_msg_opt_start_hour":22,"msg_all_recv_msg_opt_start_minute":30,"#,
            r#""msg_all_recv_msg_opt_start_second":1,"msg_all_recv_msg_opt_start_time_stamp":0,"#,
            r#""msg_all_recv_msg_duration":28800,"msg_all_recv_msg_opt_level":2}"#
        );
        assert_eq!(serde_json::to_string(&DAILY).unwrap(), json);
        assert_eq!(serde_json::from_str::<ReceiveAll>(json).unwrap(), DAILY);
        assert_eq!(
            serde_json::from_str::<ReceiveAll>("{}").unwrap(),
            ReceiveAll::default()
        );
        let bob = UserReceiveOpt {
            user_id: "bob".into(),
            opt: opt::NOT_NOTIFY_EXCEPT_AT,
        };
        let json =
            r#"{"msg_recv_msg_opt_result_identifier":"bob","msg_recv_msg_opt_result_opt":3}"#;
        assert_eq!(serde_json::to_string(&bob).unwrap(), json);
    }

    #[test]
    fn a_quiet_time_is_a_time_of_day_and_not_receiving_is_none_of_its_options() {
        assert!(DAILY.check().is_ok());
        assert!(ReceiveAll::default().check().is_ok());
        let last = ReceiveAll {
            start_hour: 23,
            start_minute: 59,
            start_second: 59,
            duration: u32::MAX,
            ..DAILY
        };
        assert!(last.check().is_ok());
        let bad = [
            ReceiveAll {
                start_hour: 24,
                ..DAILY
            },
            ReceiveAll {
                start_minute: 60,
                ..DAILY
            },
            ReceiveAll {
                start_second: u32::MAX,
                ..DAILY
            },
            ReceiveAll {
                opt: opt::NOT_RECEIVE,
                ..DAILY
            },
            ReceiveAll { opt: 4, ..DAILY },
            ReceiveAll { opt: -1, ..DAILY },
        ];
        for bad in bad {
            assert_eq!(bad.check().unwrap_err().code, codes::INVALID_PARAMETERS);
        }
    }
}
