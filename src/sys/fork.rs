//! Noticing that this process is the child of a fork.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Threads of ours that are alive, and so would be missing in a child.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static FORKED: AtomicBool = AtomicBool::new(false);

/// Whether this process was forked while the library ran in its parent: its threads are not here
/// and its locks may be held for ever. To be asked before any lock is taken.
pub fn forked() -> bool {
    FORKED.load(Ordering::Relaxed)
}

/// As long as one of these exists, a fork makes a child in which [`forked`] is true. A process
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

    /// The exit status of a child that exits with what `forked` tells it.
    fn child_says() -> i32 {
        // SAFETY: the child calls nothing but an atomic load and `_exit`.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            // SAFETY: ends the child without running anything of the test harness.
            unsafe { libc::_exit(i32::from(forked())) };
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
        assert!(!forked());
        drop(live);
    }
}
