//! The device's place among those of its user. The server gives it to a device that logs in, and takes
//! it away when another one logs in that excludes it; the device names it in its logins, so that it
//! learns, once, that it was lost.

use protocol::{Error, codes};

use super::Account;
use crate::store::{self, Store};
use crate::{Core, Event, LogLevel, ReqId};

impl Core {
    pub(super) fn load_place(&mut self, store: &mut dyn Store) -> store::Result<()> {
        let place = store.meta("device_place")?;
        self.device_place = place.and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(())
    }

    /// The device has no place any more: by a logout, or since the app is told that another device
    /// took it. Should it not get stored, the next login tells that once more.
    pub(super) fn forget_place(&mut self, store: &mut dyn Store) {
        let _ = self.set_place(store, 0);
    }

    /// The server gave this device a place among those of its user.
    pub(super) fn set_place(&mut self, store: &mut dyn Store, place: u64) -> store::Result<()> {
        if place != self.device_place {
            self.device_place = place;
            store.set_meta("device_place", &place.to_string())?;
        }
        Ok(())
    }

    /// Another device took the place while this one was away. The app is told once: by the login
    /// that it has made meanwhile, or else as it is told of a kick.
    pub(super) fn on_place_lost(&mut self, store: &mut dyn Store, error: Error) {
        let Account::In { renewal, .. } = &mut self.account else {
            return;
        };
        let waiting = renewal.take().map_or_else(Vec::new, |newer| newer.waiting);
        if waiting.is_empty() {
            self.on_kicked(store);
            return;
        }
        self.log(LogLevel::Warn, format!("login refused: {error}"));
        self.forget_place(store);
        self.drop_link();
        self.account = Account::Out;
        self.complete_login(waiting, Err(error));
        self.abandon(store, &Error::of(codes::SDK_NOT_LOGGED_IN));
    }

    pub(crate) fn on_kicked(&mut self, store: &mut dyn Store) {
        if matches!(self.account, Account::LoggingIn { .. }) {
            // The login had been accepted, and another device's came right after it.
            self.forget_place(store);
            store.close();
            let error = Error::of(codes::LOGIN_KICKED_OFF_BY_OTHER);
            self.fail_login(store, &error, ReqId(0));
        }
        if !self.account.is_in() {
            return;
        }
        self.log(
            LogLevel::Warn,
            "kicked offline by another device of the user",
        );
        self.forget_place(store);
        self.drop_link();
        self.abandon(store, &Error::of(codes::SDK_NOT_LOGGED_IN));
        self.tell_login_state(ReqId(0));
        self.notify(Event::KickedOffline);
    }
}
