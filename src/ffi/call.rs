//! What every function of the interface has in common.

use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

use protocol::{Error, codes};
use tim_core::{Command, LoginStatus, Reply};

use super::enums::{TIM_ERR_NOTLOGIN, TIM_ERR_PARAM, TIM_ERR_SDKUNINIT, TIM_SUCC};
use super::instance;
use super::types::tim_comm_callback;
use crate::dispatch::Slots;
use crate::log::Level;
use crate::sdk::{Client, Completion, Listener, Listeners};
use crate::sys;

/// The app's pointer: passed through, never read.
#[derive(Clone, Copy)]
pub(super) struct UserData(pub(super) *const c_void);

// SAFETY: the pointer is never followed here; the header tells the app on which threads its
// callbacks run, so what is behind it is the app's to protect.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl UserData {
    /// The pointer; a method, so that closures capture the whole and stay `Send`.
    pub(super) fn get(self) -> *const c_void {
        self.0
    }
}

/// How far a login must have come for a call without a callback to make sense.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Needs {
    /// Nothing.
    Init,
    /// `tim_login` was called.
    LoginStarted,
    /// Somebody is logged in.
    Login,
}

/// Runs a function of the interface: no panic gets out, and the child of a fork gets `forked`
/// before any lock is touched.
pub(super) fn guard<T>(name: &'static str, forked: T, panicked: T, run: impl FnOnce() -> T) -> T {
    let (mut run, mut result) = (Some(run), panicked);
    let ran = guarded(name, &mut || {
        if let Some(run) = run.take() {
            result = run();
        }
    });
    if ran { result } else { forked }
}

/// What guarding is for all functions, compiled once. False in the child of a fork.
fn guarded(name: &'static str, run: &mut dyn FnMut()) -> bool {
    if sys::is_cut_off() {
        return false;
    }
    if catch_unwind(AssertUnwindSafe(run)).is_err() {
        let told = catch_unwind(|| {
            instance::logger().write(Level::Error, "ffi", format_args!("{name} panicked"));
        });
        drop(told);
    }
    true
}

/// The same for a function that returns one of the codes.
pub(super) fn guard_code(name: &'static str, run: impl FnOnce() -> c_int) -> c_int {
    guard(name, TIM_ERR_SDKUNINIT, codes::INTERNAL, run)
}

/// The same for a function that registers a callback.
pub(super) fn guard_listen(name: &'static str, run: impl FnOnce()) {
    guard(name, (), (), run);
}

/// An asynchronous call. `make` checks the arguments: an `Err` is what the function returns; a
/// value that is wrong for the core is an `Ok(Command::Invalid)`.
pub(super) fn call(
    name: &'static str,
    needs: Needs,
    cb: tim_comm_callback,
    user_data: *const c_void,
    make: impl FnOnce(&Client) -> Result<Command, c_int>,
) -> c_int {
    submit(name, needs, cb, UserData(user_data), &mut once(make), None)
}

/// The same for a call whose success is told with this JSON.
pub(super) fn call_for(
    name: &'static str,
    needs: Needs,
    cb: tim_comm_callback,
    user_data: *const c_void,
    json: String,
    make: impl FnOnce(&Client) -> Result<Command, c_int>,
) -> c_int {
    let json = Some(json);
    submit(name, needs, cb, UserData(user_data), &mut once(make), json)
}

/// For [`submit`], which is compiled once and not for each function.
fn once(
    make: impl FnOnce(&Client) -> Result<Command, c_int>,
) -> impl FnMut(&Client) -> Result<Command, c_int> {
    let mut make = Some(make);
    move |client| match make.take() {
        Some(make) => make(client),
        None => Err(codes::INTERNAL),
    }
}

fn submit(
    name: &'static str,
    needs: Needs,
    cb: tim_comm_callback,
    user_data: UserData,
    make: &mut dyn FnMut(&Client) -> Result<Command, c_int>,
    json: Option<String>,
) -> c_int {
    if sys::is_cut_off() {
        return refuse(cb, user_data);
    }
    let run = || {
        let Some(client) = instance::current() else {
            return refuse(cb, user_data);
        };
        let command = match make(&client) {
            Ok(command) => command,
            Err(code) => return code,
        };
        if cb.is_none() && !is_met(needs, client.login_status()) {
            return TIM_ERR_NOTLOGIN;
        }
        match client.try_submit(command, completion(cb, user_data, json)) {
            Ok(_) => TIM_SUCC,
            // It was stopped a moment ago.
            Err((error, _)) if error.code == codes::SDK_NOT_INITIALIZED => refuse(cb, user_data),
            Err((error, _)) => error.code,
        }
    };
    let code = catch_unwind(AssertUnwindSafe(run)).unwrap_or(codes::INTERNAL);
    let logger = instance::logger();
    // A full queue is met in loops, and is no fault of the call.
    let level = match code {
        TIM_SUCC | codes::QUEUE_FULL => Level::Verbose,
        _ => Level::Debug,
    };
    if logger.wants(level) {
        logger.write(level, "ffi", format_args!("{name} returns {code}"));
    }
    code
}

fn is_met(needs: Needs, status: LoginStatus) -> bool {
    match needs {
        Needs::Init => true,
        Needs::LoginStarted => status != LoginStatus::LoggedOut,
        Needs::Login => status == LoginStatus::LoggedIn,
    }
}

/// Sets, or with NULL removes, the callback of a kind of events that is told their JSON.
pub(super) fn listen_json(
    name: &'static str,
    cb: Option<unsafe extern "C" fn(*const c_char, *const c_void)>,
    user_data: *const c_void,
    slot: fn(&Listeners) -> &Slots<Listener>,
) {
    let user_data = UserData(user_data);
    guard_listen(name, || {
        let listener = cb.map(|cb| -> Arc<Listener> {
            // SAFETY: the app's function of this type; the text outlives the call.
            Arc::new(move |told| unsafe { cb(told.json().as_ptr(), user_data.get()) })
        });
        slot(instance::listeners()).set(listener);
    });
}

/// Not initialised: there is no thread of ours, so the callback runs on the caller's.
pub(super) fn refuse(cb: tim_comm_callback, user_data: UserData) -> c_int {
    if cb.is_none() {
        return TIM_ERR_SDKUNINIT;
    }
    let code = if sys::is_cut_off() {
        codes::FORKED
    } else {
        codes::SDK_NOT_INITIALIZED
    };
    let desc = Error::of(code).desc;
    answer(
        cb,
        user_data,
        Err(Error::new(codes::SDK_NOT_INITIALIZED, desc)),
    );
    TIM_SUCC
}

/// Tells the app the outcome: on success this JSON, or else that of the reply.
fn completion(cb: tim_comm_callback, user_data: UserData, json: Option<String>) -> Completion {
    if cb.is_none() {
        return Box::new(|_| ());
    }
    Box::new(move |result: Result<Reply, Error>| {
        let (result, refusal) = match result {
            Ok(Reply::Refused(error, message)) => {
                (Ok(Reply::Refused(error.clone(), message)), Some(error))
            }
            result => (result, None),
        };
        let told = |reply: Reply| json.unwrap_or_else(|| reply.json());
        let text = catch_unwind(AssertUnwindSafe(|| result.map(told)));
        match (text, refusal) {
            (Ok(Ok(json)), Some(error)) => tell(cb, user_data, error, json),
            (text, _) => answer(
                cb,
                user_data,
                text.unwrap_or_else(|_| Err(Error::of(codes::INTERNAL))),
            ),
        }
    })
}

/// A call that needs no core and works before init as well: `run` carries it out, and gives the
/// JSON of its answer. With a callback it is carried out only when that can be called.
pub(super) fn answer_here(
    name: &'static str,
    cb: tim_comm_callback,
    user_data: UserData,
    run: impl FnOnce() -> Result<String, Error>,
) -> c_int {
    if cb.is_none() {
        return run().map_or(TIM_ERR_PARAM, |_| TIM_SUCC);
    }
    let Some(client) = instance::current() else {
        answer(cb, user_data, run());
        return TIM_SUCC;
    };
    let completed = client.complete(name, || {
        let result = run();
        Box::new(move |_| answer(cb, user_data, result))
    });
    match completed {
        Ok(()) => TIM_SUCC,
        // It was stopped meanwhile. What is told holds all the same.
        Err((error, Some(completion))) => {
            completion(Err(error));
            TIM_SUCC
        }
        Err((error, None)) => error.code,
    }
}

/// Calls the app back with a JSON text, or with an error.
pub(super) fn answer(cb: tim_comm_callback, user_data: UserData, result: Result<String, Error>) {
    match result {
        Ok(json) => tell(cb, user_data, Error::new(TIM_SUCC, ""), json),
        Err(error) => tell(cb, user_data, error, String::new()),
    }
}

/// Calls the app back.
fn tell(cb: tim_comm_callback, user_data: UserData, error: Error, json: String) {
    let Some(cb) = cb else { return };
    let (code, desc, json) = (error.code, c_text(error.desc.into_owned()), c_text(json));
    // SAFETY: the app handed the function in as one of this type; the texts outlive the call.
    unsafe { cb(code, desc.as_ptr(), json.as_ptr(), user_data.get()) };
}

/// For C. What comes after a NUL, which none of our texts has, is cut off.
pub(super) fn c_text(text: String) -> CString {
    CString::new(text).unwrap_or_else(|error| {
        let end = error.nul_position();
        let mut bytes = error.into_vec();
        bytes.truncate(end);
        CString::new(bytes).unwrap_or_default()
    })
}

/// Writes a text into the app's buffer of `size` bytes, cut off at a character's border if need be.
///
/// # Safety
/// `buffer` has room for `size` bytes.
pub(super) unsafe fn fill(buffer: *mut c_char, size: usize, text: &str) {
    if size == 0 {
        return;
    }
    let mut end = text.len().min(size - 1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    // SAFETY: `end` is less than `size`, and Rust's text cannot overlap the app's buffer.
    unsafe {
        ptr::copy_nonoverlapping(text.as_ptr(), buffer.cast(), end);
        *buffer.add(end) = 0;
    }
}
