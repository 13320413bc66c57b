//! What the device does to the app: background and foreground, sleep, another network.

use std::ffi::{c_int, c_void};

use protocol::{Error, codes};
use tim_core::Command;

use super::call::{Needs, call, guard_code};
use super::enums::{TIM_ERR_SDKUNINIT, TIM_SUCC};
use super::instance;
use super::types::tim_comm_callback;
use crate::sdk::Client;

/// Tells that the app went to the background.
///
/// Everything goes on: the connection stays, and messages come. Offline push, which the server
/// would be told of, is not there yet. On a system that stops apps in the background, call
/// tim_suspend as well.
///
/// @param unread_count  The number that an icon shows; not used in this version.
/// @param cb  Outcome; NULL allowed. json_params is empty.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_NOTLOGIN: cb is NULL and nobody is logged in.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_msg_do_background(
    unread_count: u32,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let _ = unread_count;
    call("tim_msg_do_background", Needs::Login, cb, user_data, |_| {
        Ok(Command::Background)
    })
}

/// Tells that the app came to the foreground.
///
/// The link is looked at as by tim_notify_network_changed, since the device may have slept.
///
/// @param cb  Outcome; NULL allowed. json_params is empty. It does not wait for the link.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_NOTLOGIN: cb is NULL and nobody is logged in.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_msg_do_foreground(cb: tim_comm_callback, user_data: *const c_void) -> c_int {
    call("tim_msg_do_foreground", Needs::Login, cb, user_data, |_| {
        Ok(Command::Foreground)
    })
}

/// Closes the database and the connection, until tim_resume.
///
/// For systems that stop a process, or end it when it holds a file locked. When this returns the
/// file is free and the server knows that the connection has ended; it takes a fifth of a second at
/// most when the network does not. The user stays logged in here, and is offline for others.
///
/// Calls that wait for the server are completed as when it does not answer in time: with what is on
/// the device, or else with TIM_ERR_SUSPENDED. A message that was accepted is sent after tim_resume,
/// and a login goes on; their callbacks come then. Calls that are made meanwhile are completed with
/// TIM_ERR_SUSPENDED; the tim_logout of who is logged in, too, since the server could not be told of
/// it. Callbacks go on running. tim_uninit works as ever.
///
/// @return 0, also when it is suspended already. TIM_ERR_SDKUNINIT: not initialised.
///   TIM_ERR_SDK_COMM_INTERRUPT: tim_uninit came in between. TIM_ERR_INTERNAL: a bug of libtim has
///   ended the session. A code of the database: the last changes could not be written; nothing is
///   open, and the session has ended.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_suspend() -> c_int {
    control("tim_suspend", Client::suspend)
}

/// Opens the database again, and connects at once.
///
/// The session goes on where it was: what was missed comes, what waits is sent. The network status
/// callback tells when the link stands. When another process has the user's database open by now,
/// the session ends: tim_login again.
///
/// @return 0, also when it is not suspended. TIM_ERR_SDKUNINIT: not initialised.
///   TIM_ERR_SDK_COMM_INTERRUPT: tim_uninit came in between. TIM_ERR_DB_IN_USE or another code of
///   the database: it cannot be opened; nobody is logged in any more, and calls that waited have
///   been completed with this code.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_resume() -> c_int {
    control("tim_resume", Client::resume)
}

/// Tells that the device's network changed.
///
/// While connected, the server is asked for a sign of life, and a link that gives none within five
/// seconds counts as lost. While libtim waits before the next attempt to connect, it tries at once;
/// an attempt that is more than a second old is begun anew. Not needed, as libtim notices by itself;
/// with it, it notices sooner.
///
/// @return 0. TIM_ERR_SDKUNINIT: not initialised.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_notify_network_changed() -> c_int {
    guard_code("tim_notify_network_changed", || {
        instance::current().map_or(TIM_ERR_SDKUNINIT, |client| {
            client.network_hint();
            TIM_SUCC
        })
    })
}

fn control(name: &'static str, run: impl FnOnce(&Client) -> Result<(), Error>) -> c_int {
    guard_code(name, || {
        let client = instance::current();
        match client.map_or(Err(Error::of(codes::SDK_NOT_INITIALIZED)), |c| run(&c)) {
            Ok(()) => TIM_SUCC,
            // It was stopped a moment ago, or never started.
            Err(error) if error.code == codes::SDK_NOT_INITIALIZED => TIM_ERR_SDKUNINIT,
            Err(error) => error.code,
        }
    })
}
