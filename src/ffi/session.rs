//! Session: start and stop, login and logout, settings, the link, the log.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use serde_json::{Map, Value};
use tim_core::{Command, Event, LoginStatus};

use super::args::{self, Kind};
use super::call::{
    Needs, UserData, answer_here, c_text, call, fill, guard, guard_code, guard_listen, refuse,
};
use super::enums::{
    TIM_ERR_PARAM, TIM_ERR_SDKUNINIT, TIM_SUCC, tim_log_level, tim_login_status, tim_network_status,
};
use super::instance;
use super::types::{
    tim_comm_callback, tim_kicked_offline_callback, tim_log_callback,
    tim_network_status_listener_callback, tim_user_sig_expired_callback,
};
use crate::sdk::{Listener, LogListener, network_error};
use crate::sys;

/// Bytes that every buffer for an ID must have.
pub(super) const ID_BUFFER: usize = 128;

/// Starts libtim for an app.
///
/// Creates the folders, starts the library's threads and connects once to see whether the server
/// can be reached; the network status callback tells. Logging in is a step of its own. Called
/// again with the same app id and config it changes nothing and returns 0. Called inside a
/// callback, after tim_uninit in that same callback, it is carried out when the callback returns.
///
/// Keys of the config, all optional, unknown ones ignored:
/// - sdk_config_config_file_path: folder of the databases; default $XDG_DATA_HOME/libtim or
///   ~/.local/share/libtim (macOS: ~/Library/Application Support/libtim, Windows:
///   %LOCALAPPDATA%\libtim\data). Created with what is missing above it, for the owner only.
/// - sdk_config_log_file_path: folder of the log files; default $XDG_STATE_HOME/libtim or
///   ~/.local/state/libtim (macOS: ~/Library/Logs/libtim, Windows: %LOCALAPPDATA%\libtim\log).
///   One file a day, tim-20261121.log by UTC, shared by all processes that log there; those of
///   earlier days are compressed (gzip) at init and when the day turns.
/// - sdk_config_log_kept_days: days back from today of which log files are kept, 0 to 36500;
///   default 7. Older ones are removed at init and when the day turns.
/// - sdk_config_log_day_mb: megabytes (1048576 bytes) of a day's log file from which on lines below
///   TIM_LOG_WARN are left out, and from twice that on all; 1 to 1000000, default 64.
/// - sdk_config_callback_mode: "thread": callbacks run on a thread of libtim; "poll": they run inside
///   tim_poll; "window", on Windows only: they run on the thread that calls tim_init, in its message
///   loop. Default: "thread"; on Windows "window" when the calling thread owns a window, or is the
///   first thread of a program without a console, and "thread" otherwise.
/// - sdk_config_server_url: wss://host:port/path; several, separated by commas or as an array, are
///   tried in turn. Default: the environment variable TIM_SERVER_URL.
/// - sdk_config_server_ca_file: PEM file of an issuer to trust besides the usual ones. Default:
///   the environment variable TIM_SERVER_CA.
/// - sdk_config_server_pins: array, or text with commas, of SHA-256 sums of the public keys that
///   the server may have; hexadecimal or base64, "sha256/" may stand before.
/// - sdk_config_connect_timeout_ms, sdk_config_login_timeout_ms, sdk_config_request_timeout_ms:
///   milliseconds; defaults 10000, 30000, 15000.
///
/// @param sdk_app_id  The app's number at the server; not 0.
/// @param json_sdk_config  JSON object, UTF-8. NULL or "" means all defaults.
/// @return 0 when libtim is ready for calls. TIM_ERR_JSON: not a JSON object. TIM_ERR_PARAM: app
///   id 0, a value that cannot be used, a folder that cannot be written, or initialised already
///   with another app id or config; the log callback and tim_get_stats tell which.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_init(sdk_app_id: u64, json_sdk_config: *const c_char) -> c_int {
    guard_code("tim_init", || {
        if sdk_app_id == 0 {
            return instance::fail("the app id must not be 0");
        }
        // SAFETY: the header wants NULL or a NUL-terminated text.
        match unsafe { args::optional_json(json_sdk_config, Kind::Object) } {
            Ok(Some(Value::Object(config))) => instance::init(sdk_app_id, &config),
            Ok(_) => instance::init(sdk_app_id, &Map::new()),
            Err(code) => {
                instance::fail("the config is not a JSON object in UTF-8");
                code
            }
        }
    })
}

/// Stops libtim.
///
/// Calls that are pending are completed with TIM_ERR_SDK_COMM_INTERRUPT, the database is closed
/// and the connection ended; a callback that runs is waited for, and new messages that wait are
/// told. When it returns, nothing of libtim runs any more. In poll mode and in window mode the last
/// callbacks run inside this call. Inside a callback
/// it returns at once, and all this happens when that callback returns; a later tim_uninit or
/// tim_init on another thread waits for it. Registered callbacks stay registered.
///
/// @return 0, also when libtim was not initialised. TIM_ERR_SDKUNINIT in the child of a fork, and on
///   Windows when the process is ending already (DllMain, destructors of global objects in DLLs).
/// @note Any thread, also inside a callback. Do not hold a lock that a callback waits for.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_uninit() -> c_int {
    guard_code("tim_uninit", || {
        instance::uninit();
        TIM_SUCC
    })
}

/// Logs a user in.
///
/// The callback comes when the server has accepted or refused the ticket, at the latest after 30
/// seconds. The first login of a user ID creates the account. From this call on conversations may
/// be asked for; all else needs the login to succeed. libtim reconnects by itself and logs in
/// again with the same ticket. For a user who is logged in already the ticket is renewed over the
/// open connection; another user takes the place of the one logged in, or of a login that is
/// pending, which then ends with TIM_ERR_LOGGED_OUT_BEFORE_LOGIN_FINISHED.
///
/// @param user_id  1 to 32 letters, digits, '_' or '-'. Not NULL, not empty.
/// @param user_sig  Login ticket, made by the app's own server. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is empty. Codes among others:
///   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, TIM_ERR_USER_SIG_EXPIRED, TIM_ERR_DB_IN_USE. Never
///   TIM_ERR_LOGIN_KICKED_OFF_BY_OTHER in this version: a session that another device took, also
///   while this one was away, is told by the kicked-offline callback.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty, too long or not UTF-8.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_login(
    user_id: *const c_char,
    user_sig: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    call("tim_login", Needs::Init, cb, user_data, |_| {
        // SAFETY: the header wants NULL or NUL-terminated texts.
        let (user_id, user_sig) = unsafe { (args::text(user_id)?, args::text(user_sig)?) };
        Ok(Command::Login { user_id, user_sig })
    })
}

/// Logs the user out.
///
/// A login that is pending ends with TIM_ERR_LOGGED_OUT_BEFORE_LOGIN_FINISHED first. Nobody being
/// logged in is a success too. No messages come any more; what is stored on this device stays.
///
/// @param cb  Outcome; NULL allowed. json_params is empty.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_logout(cb: tim_comm_callback, user_data: *const c_void) -> c_int {
    call("tim_logout", Needs::Init, cb, user_data, |_| {
        Ok(Command::Logout)
    })
}

/// Tells where the login stands.
///
/// It is TIM_LOGIN_STATUS_LOGINING as soon as tim_login has returned, and changes at the moment
/// at which the callback that tells of the change starts.
///
/// @return A tim_login_status; TIM_LOGIN_STATUS_UN_LOGINED before tim_init and after tim_uninit.
/// @note Any thread, also inside a callback; takes no lock that is held for long.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_get_login_status() -> tim_login_status {
    let out = tim_login_status(LoginStatus::LoggedOut as i32);
    guard("tim_get_login_status", out, out, || {
        instance::current().map_or(out, |client| tim_login_status(client.login_status() as i32))
    })
}

/// Gives the ID of the user who is logged in.
///
/// @param user_id_buffer  At least 128 bytes; gets the ID with a NUL, or an empty text when
///   nobody is logged in. Not NULL.
/// @return 0. TIM_ERR_PARAM: the buffer is NULL. TIM_ERR_SDKUNINIT: not initialised.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_get_login_user_id(user_id_buffer: *mut c_char) -> c_int {
    guard_code("tim_get_login_user_id", || {
        let Some(client) = instance::current() else {
            return TIM_ERR_SDKUNINIT;
        };
        if user_id_buffer.is_null() {
            return TIM_ERR_PARAM;
        }
        // SAFETY: the header wants a buffer of this size.
        unsafe { fill(user_id_buffer, ID_BUFFER, &client.login_user()) };
        TIM_SUCC
    })
}

/// Gives the version of the library.
///
/// @return A text such as "0.1.0", valid for ever; never NULL.
/// @note Any thread, at any time.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_get_sdk_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Gives the server's clock.
///
/// @return Seconds since 1970. The local clock, corrected by what the last login told; the bare
///   local clock before that.
/// @note Any thread, at any time.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_get_server_time() -> u64 {
    let local = crate::sdk::now_ms() / 1000;
    guard("tim_get_server_time", local, local, || {
        instance::current().map_or(local, |client| client.server_time_ms() / 1000)
    })
}

/// Changes settings, and tells all that are in force.
///
/// Either all given keys are taken or, when one of them is wrong, none. Settings last until the
/// process ends, beyond tim_uninit too.
///
/// Keys, all optional, unknown ones ignored:
/// - set_config_log_level, set_config_callback_log_level: least tim_log_level that is written to
///   the log file, or told to the log callback, each for itself; TIM_LOG_OFF: nothing is. Default
///   of both: TIM_LOG_DEBUG. At once. Lines for the file before tim_init are kept for it, 64 KB at
///   most.
/// - set_config_is_log_output_console: true prints to stderr what goes to the file; default
///   false. At once.
/// - set_config_user_config: object with user_config_is_is_disable_storage; true keeps nothing on
///   disk. From the next tim_init on.
/// - set_config_user_define_data: text of the app, at most 64 bytes, that every login takes to the
///   server, for the app's own server. From the next tim_init on.
/// - set_config_http_proxy_info: object with http_proxy_info_ip, http_proxy_info_port and, if
///   needed, http_proxy_info_username, http_proxy_info_password; for uploads and downloads only,
///   which a later version brings. An empty address with port 0 means none.
/// - set_config_socks5_proxy_info: the same with socks5_proxy_info_ip and so on; name and password
///   at most 255 bytes each. All connections go through it, and it looks up the server's name.
///   From the next tim_init on. TIM_ERR_PROXY_UNREACHABLE, TIM_ERR_PROXY_LOGIN and
///   TIM_ERR_PROXY_FAILED tell the network status callback and a login of trouble with it.
/// - set_config_pac_proxy_info: refused with TIM_ERR_NOT_SUPPORTED.
/// - set_config_is_only_local_dns_source: true or false; names are always resolved by the system.
///
/// @param json_config  JSON object, UTF-8. Not NULL, not empty; {} changes nothing.
/// @param cb  Outcome; NULL allowed. json_params holds all keys with the values in force, without
///   passwords. A wrong value: TIM_ERR_INVALID_PARAMETERS.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_JSON: not a JSON object. TIM_ERR_PARAM: NULL or empty, or cb is
///   NULL and a value is wrong. TIM_ERR_QUEUE_FULL: nothing was taken.
/// @note Any thread, also inside a callback, also before tim_init and after tim_uninit, when cb
///   runs before the call returns.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_set_config(
    json_config: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    let user_data = UserData(user_data);
    if sys::is_cut_off() {
        return refuse(cb, user_data);
    }
    guard_code("tim_set_config", || {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let changes = match unsafe { args::json(json_config, Kind::Object) } {
            Ok(Value::Object(changes)) => changes,
            Ok(_) => return TIM_ERR_PARAM,
            Err(code) => return code,
        };
        answer_here("tim_set_config", cb, user_data, || {
            let mut settings = instance::settings();
            settings.change(&changes)?;
            settings.apply(instance::logger());
            Ok(settings.answer())
        })
    })
}

/// Sets who is told of the link to the server.
///
/// A callback that is set while libtim runs is told the present state first, then every change.
/// TIM_CONNECTED comes only after the server has spoken libtim's protocol.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_network_status_listener_callback(
    cb: tim_network_status_listener_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_network_status_listener_callback", || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            Arc::new(move |told| {
                let Event::Network(status) = told.event() else {
                    return;
                };
                let number = tim_network_status(status.number());
                let error = network_error(status);
                let code = error.map_or(TIM_SUCC, |e| e.code);
                let desc = c_text(error.map_or(String::new(), |e| e.desc.to_string()));
                // SAFETY: the app's function of this type; the text outlives the call.
                unsafe { cb(number, code, desc.as_ptr(), user_data.get()) };
            })
        });
        instance::listeners().network.set(listener);
        if cb.is_some()
            && let Some(client) = instance::current()
        {
            client.tell_network();
        }
    });
}

/// Sets who is told that another login of the same user ended this one.
///
/// Calls that need a login end with TIM_ERR_SDK_NOT_LOGGED_IN from then on. Log in again if the
/// user wants to be here, which ends the other one.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_kicked_offline_callback(
    cb: tim_kicked_offline_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_kicked_offline_callback", || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            // SAFETY: the app's function of this type.
            Arc::new(move |_| unsafe { cb(user_data.get()) })
        });
        instance::listeners().kicked_offline.set(listener);
    });
}

/// Sets who is told that the login ticket ran out while online.
///
/// The session lives on for some minutes. Get a new ticket from the app's server and call
/// tim_login with it.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_user_sig_expired_callback(
    cb: tim_user_sig_expired_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_user_sig_expired_callback", || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            // SAFETY: the app's function of this type.
            Arc::new(move |_| unsafe { cb(user_data.get()) })
        });
        instance::listeners().user_sig_expired.set(listener);
    });
}

/// Sets who is told of the lines of libtim's log.
///
/// Lines below set_config_callback_log_level are left out. When lines come faster than the
/// callback takes them, some are dropped; tim_get_stats counts them.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it. While libtim is not initialised, lines are
///   told on the thread that causes them, so on several at once. Lines that the callback itself
///   causes go to the file only.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_log_callback(cb: tim_log_callback, user_data: *const c_void) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_log_callback", || {
        let listener = cb.map(|cb| -> Arc<LogListener> {
            Arc::new(move |level, line| {
                let (level, line) = (tim_log_level(level as i32), c_text(line.to_owned()));
                // SAFETY: the app's function of this type; the text outlives the call.
                unsafe { cb(level, line.as_ptr(), user_data.get()) };
            })
        });
        instance::listeners().log.set(listener);
    });
}

/// Gives the name of a code.
///
/// @param code  What a function returned or a callback was given.
/// @return The constant's name, such as "TIM_ERR_SDK_NOT_LOGGED_IN", or "unknown code", which is the
///   answer to all codes in the child of a fork; valid for ever, never NULL.
/// @note Any thread, at any time.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_error_name(code: i32) -> *const c_char {
    let unknown = c"unknown code".as_ptr();
    guard("tim_error_name", unknown, unknown, || {
        super::names::name(code).map_or(unknown, |n| n.as_ptr())
    })
}
