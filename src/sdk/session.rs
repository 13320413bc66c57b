//! Who is logged in, as the app sees it: never older than what a callback has told.

use std::sync::atomic::{AtomicI32, Ordering};

use parking_lot::Mutex;
use tim_core::{LoginStatus, ReqId};

/// A new state that takes effect when the callback that tells of it starts.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) status: LoginStatus,
    pub(super) user_id: String,
    /// The newest login or logout that it takes into account.
    pub(super) by: ReqId,
}

/// The state. Reading the status takes no lock.
pub(super) struct Session {
    status: AtomicI32,
    users: Mutex<Users>,
}

struct Users {
    /// Logged in, or logging out; empty otherwise.
    user: String,
    /// Of the newest login, until it fails.
    target: String,
    /// The newest login or logout that was accepted.
    newest: ReqId,
}

impl Default for Session {
    fn default() -> Self {
        let users = Users {
            user: String::new(),
            target: String::new(),
            newest: ReqId(0),
        };
        Self {
            status: AtomicI32::new(LoginStatus::LoggedOut as i32),
            users: Mutex::new(users),
        }
    }
}

impl Session {
    /// A login was accepted.
    pub(super) fn login(&self, req: ReqId, user_id: &str) {
        let mut users = self.users.lock();
        users.newest = req;
        users.target = user_id.to_owned();
        let same = self.status() == LoginStatus::LoggedIn && users.user == user_id;
        if !same {
            users.user.clear();
            self.store(LoginStatus::LoggingIn);
        }
    }

    /// A logout was accepted.
    pub(super) fn logout(&self, req: ReqId) {
        self.users.lock().newest = req;
        self.store(LoginStatus::LoggingOut);
    }

    /// The callback that tells of the change starts. A change that does not know of the newest
    /// login or logout is too old to matter.
    pub(super) fn apply(&self, change: Change) {
        let mut users = self.users.lock();
        if change.by < users.newest {
            return;
        }
        users.user = match change.status {
            LoginStatus::LoggedIn | LoginStatus::LoggingOut => change.user_id,
            LoginStatus::LoggingIn | LoginStatus::LoggedOut => String::new(),
        };
        if change.status == LoginStatus::LoggedIn {
            // The newest login may have been of somebody else, and refused.
            users.target = users.user.clone();
        }
        self.store(change.status);
    }

    /// Nobody is logged in any more.
    pub(super) fn reset(&self) {
        self.users.lock().user.clear();
        self.store(LoginStatus::LoggedOut);
    }

    pub(super) fn status(&self) -> LoginStatus {
        match self.status.load(Ordering::Acquire) {
            1 => LoginStatus::LoggedIn,
            2 => LoginStatus::LoggingIn,
            4 => LoginStatus::LoggingOut,
            _ => LoginStatus::LoggedOut,
        }
    }

    pub(super) fn user(&self) -> String {
        self.users.lock().user.clone()
    }

    /// Who sends: the user of the newest login, whether it is through yet or not.
    pub(super) fn sender(&self) -> String {
        self.users.lock().target.clone()
    }

    fn store(&self, status: LoginStatus) {
        self.status.store(status as i32, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(status: LoginStatus, user: &str, by: u64) -> Change {
        Change {
            status,
            user_id: user.into(),
            by: ReqId(by),
        }
    }

    #[test]
    fn a_change_that_is_too_old_does_not_count() {
        let session = Session::default();
        session.login(ReqId(1), "alice");
        assert_eq!(session.status(), LoginStatus::LoggingIn);
        session.logout(ReqId(2));
        session.apply(change(LoginStatus::LoggedIn, "alice", 1));
        assert_eq!(session.status(), LoginStatus::LoggingOut);
        session.apply(change(LoginStatus::LoggedOut, "", 2));
        assert_eq!(session.status(), LoginStatus::LoggedOut);
    }

    #[test]
    fn a_login_of_the_same_user_keeps_the_session() {
        let session = Session::default();
        session.login(ReqId(1), "alice");
        session.apply(change(LoginStatus::LoggedIn, "alice", 1));
        session.login(ReqId(2), "alice");
        assert_eq!(
            (session.status(), session.user()),
            (LoginStatus::LoggedIn, "alice".into())
        );
        session.login(ReqId(3), "bob");
        assert_eq!(
            (session.status(), session.user()),
            (LoginStatus::LoggingIn, String::new())
        );
        assert_eq!(session.sender(), "bob");
        // The core refuses bob: alice stays, and sends under her own name.
        session.apply(change(LoginStatus::LoggedIn, "alice", 3));
        assert_eq!(
            (session.user(), session.sender()),
            ("alice".into(), "alice".into())
        );
    }
}
