//! Suspending: while it lasts no file and no connection is open, and afterwards the session goes on.
//!
//! Another process may work with the same file meanwhile, so that all that was known of it is read
//! anew.

use protocol::{Error, codes};

use crate::command::NetworkStatus;
use crate::session::Account;
use crate::store::{self, Store};
use crate::{Command, Core, Output, ReqId};

/// What is to be taken up again.
#[derive(Debug)]
pub(crate) struct Suspended {
    /// The store of [`Core::owner`] was open.
    has_store: bool,
}

impl Core {
    pub(crate) fn suspend(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let result = self.try_suspend(store);
        let told = result.as_ref().err().map_or(Ok(()), |e| Err(e.error()));
        self.out.push_back(Output::Controlled(told));
        result
    }

    fn try_suspend(&mut self, store: &mut dyn Store) -> store::Result<()> {
        if self.suspended.is_some() {
            return Ok(());
        }
        let error = Error::of(codes::SUSPENDED);
        if self.account.is_leaving() {
            self.finish_logout(store);
        }
        self.tell_link_ends(&error);
        self.drop_link();
        // What the app waits for and the server has not answered.
        for kind in self.requests.take_all() {
            self.on_answer_missing(store, kind, error.clone())?;
        }
        for (_, call) in std::mem::take(&mut self.early_history) {
            self.answer_locally(store, *call)?;
        }
        self.give_up_searches(&error);
        // What this turn has learnt is still written, and told.
        self.settle_sync(store)?;
        self.settle_notices(store)?;
        self.suspended = Some(Suspended {
            has_store: store.is_open(),
        });
        if let Account::In { is_live, .. } = &mut self.account {
            *is_live = false;
        }
        store.close();
        Ok(())
    }

    fn tell_link_ends(&mut self, error: &Error) {
        if self.link.is_open() {
            self.notify_network(NetworkStatus::Disconnected(error.clone()));
        } else if self.link.is_connecting() {
            self.notify_network(NetworkStatus::ConnectFailed(error.clone()));
        }
    }

    pub(crate) fn resume(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let result = self.try_resume(store);
        let told = result.as_ref().err().map_or(Ok(()), |e| Err(e.error()));
        self.out.push_back(Output::Controlled(told));
        // Without its store the session ends.
        result
    }

    fn try_resume(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let Some(suspended) = self.suspended.take() else {
            return Ok(());
        };
        if suspended.has_store {
            let owner = self.owner.clone();
            self.open_store(store, &owner)?;
            self.forget_sync();
            self.forget_conversations();
            self.groups.forget();
            self.load_session(store)?;
            self.check_outbox(store)?;
        }
        let until = self.now.mono + self.config.login_deadline;
        match &mut self.account {
            Account::LoggingIn { deadline, .. } => *deadline = until,
            Account::In { renewal, .. } => {
                if let Some(renewal) = renewal {
                    renewal.deadline = until;
                }
            }
            Account::Out | Account::LoggingOut { .. } => return Ok(()),
        }
        self.want_link();
        Ok(())
    }

    /// Whether it is refused because nothing is open. So is the logout of who is in: neither the file
    /// nor the server could learn that the device gives up its place.
    pub(crate) fn refuse_suspended(&mut self, req: ReqId, command: &Command) -> bool {
        let is_in = self.account.is_in();
        match (&mut self.suspended, command) {
            (Some(suspended), Command::Logout) if !is_in => {
                suspended.has_store = false;
                false
            }
            (Some(_), _) => {
                if matches!(command, Command::Login { .. } | Command::Logout) {
                    self.tell_login_state(req);
                }
                self.complete(req, Err(Error::of(codes::SUSPENDED)));
                true
            }
            (None, _) => false,
        }
    }

    /// Whose store was closed, and is to be opened again.
    pub(crate) fn suspended_owner(&self) -> Option<String> {
        let suspended = self.suspended.as_ref()?;
        suspended.has_store.then(|| self.owner.clone())
    }

    /// The session has ended meanwhile.
    pub(crate) fn forget_suspended_store(&mut self) {
        if let Some(suspended) = &mut self.suspended {
            suspended.has_store = false;
        }
    }
}
