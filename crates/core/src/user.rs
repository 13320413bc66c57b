//! Users: status, one's own and that of others.

use protocol::user::{
    GetStatusReq, GetStatusRes, SetStatusReq, SubscribeStatusReq, UnsubscribeStatusReq, UserStatus,
};
use protocol::{Error, codes, limits, ops};

use crate::request::Kind;
use crate::store;
use crate::{Core, Reply, ReqId};

impl Core {
    pub(crate) fn get_user_status(&mut self, req: ReqId, users: Vec<String>) {
        match check_users(&users, limits::STATUS_QUERY_USERS) {
            Ok(()) => {
                self.request::<ops::GetStatus>(Kind::GetStatus { req }, &GetStatusReq { users });
            }
            Err(error) => self.complete(req, Err(error)),
        }
    }

    pub(crate) fn on_status_answer(
        &mut self,
        req: ReqId,
        answer: Result<GetStatusRes, Error>,
    ) -> store::Result<()> {
        self.complete(req, answer.map(|answer| Reply::UserStatus(answer.statuses)));
        Ok(())
    }

    pub(crate) fn set_self_status(&mut self, req: ReqId, custom_status: String) {
        if custom_status.len() > limits::CUSTOM_STATUS_BYTES {
            let text = format!(
                "user_status_custom_status: {} bytes, at most {}",
                custom_status.len(),
                limits::CUSTOM_STATUS_BYTES
            );
            self.complete(req, Err(Error::new(codes::INVALID_PARAMETERS, text)));
            return;
        }
        self.request::<ops::SetStatus>(Kind::Plain { req }, &SetStatusReq { custom_status });
    }

    pub(crate) fn subscribe_status(&mut self, req: ReqId, users: Vec<String>) {
        let checked = check_users(&users, limits::STATUS_SUBSCRIBE_USERS).and_then(|()| {
            if users.iter().any(|user| user == self.account.user_id()) {
                let text = "one's own status needs no subscription";
                return Err(Error::new(codes::INVALID_PARAMETERS, text));
            }
            Ok(())
        });
        match checked {
            Ok(()) => self.request::<ops::SubscribeStatus>(
                Kind::Plain { req },
                &SubscribeStatusReq { users },
            ),
            Err(error) => self.complete(req, Err(error)),
        }
    }

    pub(crate) fn unsubscribe_status(&mut self, req: ReqId, users: Vec<String>) {
        let checked = if users.is_empty() {
            Ok(())
        } else {
            check_users(&users, limits::STATUS_SUBSCRIBE_USERS)
        };
        match checked {
            Ok(()) => self.request::<ops::UnsubscribeStatus>(
                Kind::Plain { req },
                &UnsubscribeStatusReq { users },
            ),
            Err(error) => self.complete(req, Err(error)),
        }
    }

    pub(crate) fn on_status_event(&mut self, body: &str) {
        if let Ok(statuses) = serde_json::from_str::<Vec<UserStatus>>(body) {
            self.notices.statuses.extend(statuses);
        }
    }
}

fn check_users(users: &[String], most: usize) -> Result<(), Error> {
    let text = if users.is_empty() {
        "name at least one user ID".to_owned()
    } else if users.len() > most {
        format!("{} user IDs, at most {most} in one call", users.len())
    } else if users.iter().any(String::is_empty) {
        "a user ID is empty".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::new(codes::INVALID_PARAMETERS, text))
}
