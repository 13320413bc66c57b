//! Noticing that the library's threads are gone without having ended: in the child of a fork, and on
//! Windows at the end of the process.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Threads of ours that are alive, and so would be missing in a child.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static FORKED: AtomicBool = AtomicBool::new(false);

/// Whether the library's threads are gone and its locks may be held for ever: this process was
/// forked while the library ran in its parent, or it is one of Windows that ends, where only the
/// thread that ends it is left when libraries are told. To be asked before any lock is taken.
pub fn is_cut_off() -> bool {
    FORKED.load(Ordering::Relaxed) || is_ending()
}

#[cfg(windows)]
fn is_ending() -> bool {
    #[link(name = "ntdll")]
    unsafe extern "system" {
        fn RtlDllShutdownInProgress() -> u8;
    }
    // SAFETY: looks at a flag of the process, whatever state that is in.
    unsafe { RtlDllShutdownInProgress() != 0 }
}

#[cfg(not(windows))]
fn is_ending() -> bool {
    false
}

/// As long as one of these exists, a fork makes a child in which [`is_cut_off`] is true. A process
/// that forks before the first or after the last of them has a child that may use the library.
pub struct Live(());

impl Live {
    /// From now on.
    pub fn new() -> Self {
        install();
        LIVE.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(unix)]
fn install() {
    static ONCE: std::sync::Once = std::sync::Once::new();

    extern "C" fn in_child() {
        if LIVE.load(Ordering::SeqCst) > 0 {
            FORKED.store(true, Ordering::Relaxed);
        }
    }
    // SAFETY: the handler only touches atomics, which is allowed between fork and exec. It stays
    // valid for ever because the library pins itself and is never unloaded.
    ONCE.call_once(|| unsafe {
        libc::pthread_atfork(None, None, Some(in_child));
    });
}

#[cfg(not(unix))]
fn install() {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// The exit status of a child that exits with what `is_cut_off` tells it.
    fn child_says() -> i32 {
        // SAFETY: the child calls nothing but an atomic load and `_exit`.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            // SAFETY: ends the child without running anything of the test harness.
            unsafe { libc::_exit(i32::from(is_cut_off())) };
        }
        let mut status = 0;
        // SAFETY: `pid` is our child and `status` lives through the call.
        while unsafe { libc::waitpid(pid, &mut status, 0) } < 0 {}
        libc::WEXITSTATUS(status)
    }

    #[test]
    fn a_child_knows_that_it_was_forked_while_we_ran() {
        let live = Live::new();
        assert_eq!(child_says(), 1);
        assert!(!is_cut_off());
        drop(live);
    }
}
