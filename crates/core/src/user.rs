//! Users: status, one's own and that of others; [`profile`]s are beside it.

use std::fmt::Arguments;

use protocol::user::{
    GetStatusReq, GetStatusRes, SetStatusReq, SubscribeStatusReq, UnsubscribeStatusReq, UserStatus,
    is_valid_user_id,
};
use protocol::{Error, codes, limits, ops, reader};

use crate::request::Kind;
use crate::store;
use crate::{Core, Reply, ReqId};

pub(crate) mod profile;

const LIST: &str = "json_identifier_array";

impl Core {
    pub(crate) fn get_user_status(&mut self, req: ReqId, users: Vec<String>) {
        match check_users(LIST, &users, limits::STATUS_QUERY_USERS) {
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
        match self.check_watched(LIST, &users, limits::STATUS_SUBSCRIBE_USERS) {
            Ok(()) => self.request::<ops::SubscribeStatus>(
                Kind::Plain { req },
                &SubscribeStatusReq { users },
            ),
            Err(error) => self.complete(req, Err(error)),
        }
    }

    pub(crate) fn unsubscribe_status(&mut self, req: ReqId, users: Vec<String>) {
        match check_left(LIST, &users, limits::STATUS_SUBSCRIBE_USERS) {
            Ok(()) => self.request::<ops::UnsubscribeStatus>(
                Kind::Plain { req },
                &UnsubscribeStatusReq { users },
            ),
            Err(error) => self.complete(req, Err(error)),
        }
    }

    /// Whether these can be subscribed to.
    fn check_watched(&self, place: &str, users: &[String], most: usize) -> Result<(), Error> {
        check_users(place, users, most)?;
        if users.iter().any(|user| user == self.account.user_id()) {
            let text = format!("{place}: nobody has to subscribe to himself");
            return Err(Error::new(codes::INVALID_PARAMETERS, text));
        }
        Ok(())
    }

    pub(crate) fn on_status_event(&mut self, body: &str) {
        if let Ok(statuses) = reader::read_text::<Vec<UserStatus>>(body) {
            self.notices.statuses.extend(statuses);
        }
    }
}

/// Whether `id`, which stands in the parameter `place`, can be a user's.
pub(crate) fn check_user_id(place: Arguments<'_>, id: &str) -> Result<(), Error> {
    if is_valid_user_id(id) {
        return Ok(());
    }
    let text = format!("{place}: a user ID is 1 to 32 letters, digits, '_' or '-'");
    Err(Error::new(codes::SDK_COMM_INVALID_IDENTIFIER, text))
}

/// Whether subscriptions to these can be ended; none means all.
fn check_left(place: &str, users: &[String], most: usize) -> Result<(), Error> {
    if users.is_empty() {
        return Ok(());
    }
    check_users(place, users, most)
}

/// Whether `users`, which stand in the parameter or key `place`, are few enough and can be users.
pub(crate) fn check_users(place: &str, users: &[String], most: usize) -> Result<(), Error> {
    if !(1..=most).contains(&users.len()) {
        let text = format!(
            "{place}: {} user IDs, it must have 1 to {most}",
            users.len()
        );
        return Err(Error::new(codes::INVALID_PARAMETERS, text));
    }
    users
        .iter()
        .enumerate()
        .try_for_each(|(at, id)| check_user_id(format_args!("[{at}]"), id))
}
