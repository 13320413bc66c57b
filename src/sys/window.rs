//! A window that nobody sees, by which jobs get into the message loop of the thread that made it.

use std::io;
use std::ptr;
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{
    CloseHandle, FILETIME, HINSTANCE, HWND, INVALID_HANDLE_VALUE, LPARAM, LRESULT, WPARAM,
};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
};
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
    GetModuleHandleExW, GetModuleHandleW,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcessId, GetCurrentThreadId, GetThreadTimes, OpenThread,
    THREAD_QUERY_LIMITED_INFORMATION,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CREATESTRUCTW, CreateWindowExW, DefWindowProcW, DestroyWindow, EnumThreadWindows,
    GWLP_USERDATA, GetQueueStatus, GetWindowLongPtrW, HWND_MESSAGE, KillTimer, PostMessageW,
    QS_INPUT, QS_PAINT, QS_TIMER, RegisterClassExW, SendNotifyMessageW, SetTimer,
    SetWindowLongPtrW, USER_TIMER_MINIMUM, WM_APP, WM_NCCREATE, WM_NCDESTROY, WM_TIMER,
    WNDCLASSEXW,
};
use windows_sys::core::{BOOL, w};

/// Jobs wait.
const RUN: u32 = WM_APP;
/// The same, when there was no room for a message: it is looked after by the timer.
const RUN_LATER: u32 = WM_APP + 1;
/// The window is not wanted any more.
const CLOSE: u32 = WM_APP + 2;
/// The one timer.
const TIMER: usize = 1;

/// Runs some of the jobs that wait, never for long; true when there are more.
pub type Run = dyn Fn() -> bool;

/// The window. It belongs to the thread that made it and goes, some time after this value, when
/// that thread looks at its messages, or with the thread.
#[derive(Debug)]
pub struct Window(HWND);

// SAFETY: all that is done with the handle, posting messages, may be done on any thread.
unsafe impl Send for Window {}
// SAFETY: as above.
unsafe impl Sync for Window {}

impl Window {
    /// Makes it on the calling thread, where `run` is called from then on, by the message loop.
    pub fn new(run: Box<Run>) -> io::Result<Self> {
        let (class, module) = class()?;
        let run = Box::into_raw(Box::new(run));
        // SAFETY: the class is registered; `run` is what its procedure takes as its parameter.
        let window = unsafe {
            CreateWindowExW(
                0,
                class as usize as *const u16,
                w!("libtim"),
                0,
                0,
                0,
                0,
                0,
                HWND_MESSAGE,
                ptr::null_mut(),
                module,
                run.cast(),
            )
        };
        if window.is_null() {
            // Whether it came so far that `run` has been freed again is not told.
            return Err(io::Error::last_os_error());
        }
        Ok(Self(window))
    }

    /// Makes the message loop run jobs. On any thread; never runs one itself.
    pub fn wake(&self) {
        // SAFETY: a window that has gone makes them fail, which is fine: its thread has gone.
        unsafe {
            // The queue of a loop that stands still is full some day.
            if PostMessageW(self.0, RUN, 0, 0) == 0 {
                SendNotifyMessageW(self.0, RUN_LATER, 0, 0);
            }
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // Never at once: this may be inside of a call of its procedure, or on another thread.
        // SAFETY: as above.
        unsafe { PostMessageW(self.0, CLOSE, 0, 0) };
    }
}

/// The class of the windows, and the module that it belongs to: an atom, and what goes with it.
fn class() -> io::Result<(u16, HINSTANCE)> {
    static CLASS: OnceLock<(u16, usize)> = OnceLock::new();
    let (class, module) = CLASS.get_or_init(|| {
        let mut module = ptr::null_mut();
        let flags =
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
        // SAFETY: by the flag the name is an address, which lies in this library; the structure
        // is complete, and the procedure stays, since the library pins itself.
        let class = unsafe {
            GetModuleHandleExW(flags, procedure as *const u16, &mut module);
            RegisterClassExW(&WNDCLASSEXW {
                cbSize: size_of::<WNDCLASSEXW>() as u32,
                lpfnWndProc: Some(procedure),
                hInstance: module,
                lpszClassName: w!("libtim-callbacks"),
                ..Default::default()
            })
        };
        (class, module as usize)
    });
    if *class == 0 {
        return Err(io::Error::other("its class cannot be registered"));
    }
    Ok((*class, *module as HINSTANCE))
}

unsafe extern "system" fn procedure(window: HWND, msg: u32, w: WPARAM, l: LPARAM) -> LRESULT {
    // SAFETY: the system calls this on the window's thread with what belongs to the message. The
    // value of the window is what `Window::new` has made, from its first message to its last.
    unsafe {
        match msg {
            WM_NCCREATE => {
                let create = l as *const CREATESTRUCTW;
                SetWindowLongPtrW(window, GWLP_USERDATA, (*create).lpCreateParams as isize);
            }
            WM_NCDESTROY => {
                let run = SetWindowLongPtrW(window, GWLP_USERDATA, 0) as *mut Box<Run>;
                drop(Box::from_raw(run));
            }
            RUN | WM_TIMER => {
                if msg == WM_TIMER {
                    KillTimer(window, TIMER);
                }
                let run = GetWindowLongPtrW(window, GWLP_USERDATA) as *const Box<Run>;
                if (*run)() {
                    go_on(window);
                }
                return 0;
            }
            RUN_LATER => {
                SetTimer(window, TIMER, USER_TIMER_MINIMUM, None);
                return 0;
            }
            CLOSE => {
                DestroyWindow(window);
                return 0;
            }
            _ => {}
        }
        DefWindowProcW(window, msg, w, l)
    }
}

/// Runs the rest soon. What a loop is posted comes before input and painting, which would starve: when
/// there is some, the rest comes by a timer, which is behind them.
///
/// SAFETY: on the window's thread.
unsafe fn go_on(window: HWND) {
    // SAFETY: as the caller says.
    unsafe {
        let waiting = GetQueueStatus(QS_INPUT | QS_PAINT | QS_TIMER) >> 16;
        if waiting != 0 || PostMessageW(window, RUN, 0, 0) == 0 {
            SetTimer(window, TIMER, USER_TIMER_MINIMUM, None);
        }
    }
}

/// Whether the calling thread is one that looks at its messages, as far as can be told: it owns a
/// window, or it is the first thread of a program without a console.
pub fn has_message_loop() -> bool {
    owns_window() || (is_windowed_program() && is_first_thread())
}

fn owns_window() -> bool {
    unsafe extern "system" fn found(_: HWND, found: LPARAM) -> BOOL {
        // SAFETY: what is handed over below.
        unsafe { *(found as *mut bool) = true };
        0
    }
    let mut has_one = false;
    // SAFETY: the function is called within this call, with the pointer to what outlives it.
    unsafe {
        EnumThreadWindows(
            GetCurrentThreadId(),
            Some(found),
            &raw mut has_one as LPARAM,
        )
    };
    has_one
}

/// The program was linked for the subsystem `WINDOWS`: no console, `WinMain`.
fn is_windowed_program() -> bool {
    const NEW_HEADER_AT: usize = 0x3c;
    const SUBSYSTEM_AT: usize = 4 + 20 + 68;
    const WINDOWS: u16 = 2;
    // SAFETY: the image of the program begins with its headers, which stay in memory.
    unsafe {
        let image = GetModuleHandleW(ptr::null()) as *const u8;
        if image.is_null() {
            return false;
        }
        let header = image.add(NEW_HEADER_AT).cast::<u32>().read_unaligned() as usize;
        let subsystem = image.add(header + SUBSYSTEM_AT).cast::<u16>();
        subsystem.read_unaligned() == WINDOWS
    }
}

/// No thread of the process is older.
fn is_first_thread() -> bool {
    // SAFETY: the structure is complete, and the handle is open until the end.
    unsafe {
        let (process, me) = (GetCurrentProcessId(), GetCurrentThreadId());
        let Some(mine) = birth(me) else {
            return false;
        };
        let all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
        if all == INVALID_HANDLE_VALUE {
            return false;
        }
        let mut entry = THREADENTRY32 {
            dwSize: size_of::<THREADENTRY32>() as u32,
            ..Default::default()
        };
        let mut is_first = true;
        let mut more = Thread32First(all, &mut entry);
        while more != 0 && is_first {
            if entry.th32OwnerProcessID == process && entry.th32ThreadID != me {
                is_first = birth(entry.th32ThreadID).is_none_or(|other| other >= mine);
            }
            more = Thread32Next(all, &mut entry);
        }
        CloseHandle(all);
        is_first
    }
}

/// When a thread began, if it can be told.
fn birth(thread: u32) -> Option<u64> {
    let mut times = [FILETIME::default(); 4];
    let [born, died, in_kernel, in_program] = &mut times;
    // SAFETY: the handle is open until it is closed here, and there is room for the times.
    let known = unsafe {
        let handle = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, 0, thread);
        if handle.is_null() {
            return None;
        }
        let known = GetThreadTimes(handle, born, died, in_kernel, in_program);
        CloseHandle(handle);
        known
    };
    (known != 0).then(|| u64::from(born.dwHighDateTime) << 32 | u64::from(born.dwLowDateTime))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::{Duration, Instant};

    use windows_sys::Win32::UI::WindowsAndMessaging::{
        DispatchMessageW, IsWindow, MSG, MsgWaitForMultipleObjects, PM_REMOVE, PeekMessageW,
        QS_ALLINPUT,
    };

    use super::*;

    /// Looks at messages until it is true.
    fn pump(until: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !until() {
            assert!(Instant::now() < end, "waited in vain");
            let mut message = MSG::default();
            // SAFETY: plain calls of this thread's message queue.
            unsafe {
                MsgWaitForMultipleObjects(0, ptr::null(), 0, 10, QS_ALLINPUT);
                while PeekMessageW(&mut message, ptr::null_mut(), 0, 0, PM_REMOVE) != 0 {
                    DispatchMessageW(&message);
                }
            }
        }
    }

    #[test]
    fn it_runs_on_its_thread_until_nothing_is_left_and_goes() {
        let runs = Rc::new(Cell::new(0));
        let alive = Rc::downgrade(&runs);
        let counter = runs.clone();
        let run = move || {
            counter.set(counter.get() + 1);
            counter.get() % 5 != 0
        };
        let window = Window::new(Box::new(run)).unwrap();
        assert_eq!(runs.get(), 0);
        std::thread::scope(|scope| {
            scope.spawn(|| window.wake());
        });
        assert_eq!(runs.get(), 0, "only the loop runs it");
        pump(|| runs.get() == 5);
        window.wake();
        pump(|| runs.get() == 10);
        let handle = window.0;
        drop(window);
        drop(runs);
        pump(|| alive.strong_count() == 0);
        // SAFETY: takes any number.
        assert_eq!(unsafe { IsWindow(handle) }, 0);
    }

    #[test]
    fn a_full_queue_delays_and_loses_nothing() {
        let runs = Rc::new(Cell::new(0));
        let counter = runs.clone();
        let run = move || {
            counter.set(counter.get() + 1);
            false
        };
        let window = Window::new(Box::new(run)).unwrap();
        // SAFETY: an empty message to this window; it fails when there is no room for one more.
        while unsafe { PostMessageW(window.0, WM_APP + 100, 0, 0) } != 0
            && runs.get() == 0
            && posted_less_than(20_000)
        {}
        window.wake();
        pump(|| runs.get() > 0);
    }

    fn posted_less_than(bound: u32) -> bool {
        thread_local!(static POSTED: Cell<u32> = const { Cell::new(0) });
        POSTED.set(POSTED.get() + 1);
        POSTED.get() < bound
    }

    /// The test program has a console, and its tests run on threads of their own.
    #[test]
    fn a_thread_without_windows_in_a_program_with_a_console_has_no_message_loop() {
        assert!(!is_windowed_program());
        assert!(!is_first_thread());
        assert!(!has_message_loop());
    }
}
