//! Ours beyond the twin interface: running callbacks in the app's own loop, and how libtim is
//! doing.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;
use std::time::Duration;

use protocol::codes;
use serde_json::json;

use super::call::{UserData, fill, guard, guard_code};
use super::enums::{TIM_ERR_PARAM, TIM_ERR_SDKUNINIT, TIM_SUCC};
use super::instance;
use super::types::tim_wakeup_callback;

/// Runs callbacks that wait, in poll mode.
///
/// Waits for the first job for as long as told, then runs what waits, in order, one at a time. A
/// job is a callback, or nothing to be seen when its callback is NULL. In poll mode no callback
/// runs anywhere else, but for the wake-up callback.
///
/// @param max_jobs  At most so many; 0 or less: all that wait.
/// @param timeout_ms  Milliseconds to wait when there is nothing to do; 0: not at all, less: until
///   there is something, or tim_uninit.
/// @return How many jobs ran, 0 or more; TIM_ERR_SDKUNINIT when libtim is not initialised;
///   -TIM_ERR_BUSY when another thread is inside tim_poll; -TIM_ERR_IN_CALLBACK inside a callback;
///   -TIM_ERR_NOT_SUPPORTED in thread mode and in window mode.
/// @note Any thread, one at a time; not inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_poll(max_jobs: i32, timeout_ms: i32) -> i32 {
    guard("tim_poll", TIM_ERR_SDKUNINIT, -codes::INTERNAL, || {
        let Some(client) = instance::current() else {
            return TIM_ERR_SDKUNINIT;
        };
        let max_jobs = usize::try_from(max_jobs).unwrap_or(0);
        let timeout = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
        match client.poll(max_jobs, timeout) {
            Ok(ran) => i32::try_from(ran).unwrap_or(i32::MAX),
            Err(error) => -error.code,
        }
    })
}

/// Gives a descriptor to watch in an event loop, in poll mode.
///
/// It is readable while jobs wait; call tim_poll then. Only watch it: do not read, write or close
/// it. It is gone after tim_uninit.
///
/// @return The descriptor; -1 when libtim is not initialised, in thread mode, and on Windows, whose
///   event loops wait for other things: see tim_set_wakeup_callback.
/// @note Any thread, also inside a callback.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_poll_fd() -> c_int {
    guard("tim_poll_fd", -1, -1, || {
        instance::current().map_or(-1, |client| client.poll_descriptor())
    })
}

/// Sets who is called when jobs begin to wait, in poll mode.
///
/// Called once when the first job comes, and once at the end of each tim_poll that leaves some: an
/// app that calls tim_poll once each time it is called misses nothing. When jobs wait already it is
/// called before this function returns.
///
/// @param cb  Replaces the one before; NULL removes it. It must do nothing but wake the app's
///   loop: no function of libtim may be called in it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0. TIM_ERR_SDKUNINIT in the child of a fork.
/// @note Any thread, at any time. cb runs on any thread, also during a call of the app. A running
///   call of the old callback is waited for.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_wakeup_callback(
    cb: tim_wakeup_callback,
    user_data: *const c_void,
) -> c_int {
    let user_data = UserData(user_data);
    guard_code("tim_set_wakeup_callback", || {
        let wake = cb.map(|cb| -> Arc<dyn Fn() + Send + Sync> {
            // SAFETY: the app's function of this type.
            Arc::new(move || unsafe { cb(user_data.get()) })
        });
        instance::listeners().wakeup.set(wake);
        if cb.is_some()
            && let Some(client) = instance::current()
        {
            client.remind();
        }
        TIM_SUCC
    })
}

/// Gives figures on how libtim is doing, as JSON.
///
/// Keys: initialised; last_init_error (a text, or null); log_lines; log_lines_lost (what the log
/// files lack: they could not be written, or were full); log_file_error (why they cannot be written
/// now, or null); and, while initialised, client with calls_open, jobs_waiting, jobs_run,
/// events_dropped, log_lines_dropped, panics and reactor. Others may come with later versions.
///
/// @param buffer  Gets the text with a NUL when it fits, and an empty text when it does not. NULL
///   is allowed when size is 0.
/// @param size  Bytes of buffer.
/// @return Length of the text without the NUL: it was written when this is less than size.
///   TIM_ERR_PARAM: buffer is NULL and size is not 0. TIM_ERR_SDKUNINIT in the child of a fork.
/// @note Any thread, at any time.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_get_stats(buffer: *mut c_char, size: usize) -> c_int {
    guard("tim_get_stats", TIM_ERR_SDKUNINIT, -codes::INTERNAL, || {
        if buffer.is_null() && size > 0 {
            return TIM_ERR_PARAM;
        }
        let client = instance::current();
        let mut stats = json!({
            "initialised": client.is_some(),
            "last_init_error": instance::trouble(),
            "log_lines": instance::logger().lines(),
            "log_lines_lost": instance::logger().lost(),
            "log_file_error": instance::logger().trouble(),
        });
        if let Some(client) = client {
            let figures = serde_json::to_value(client.stats());
            stats["client"] = figures.unwrap_or_default();
        }
        let text = stats.to_string();
        let shown = if text.len() < size { text.as_str() } else { "" };
        // SAFETY: the header wants room for so many bytes; nothing is written for size 0.
        unsafe { fill(buffer, size, shown) };
        c_int::try_from(text.len()).unwrap_or(-codes::INTERNAL)
    })
}
