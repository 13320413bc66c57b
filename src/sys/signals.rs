//! Signals of our own threads.

/// Blocks SIGPIPE on the calling thread, and nothing else.
///
/// rustls writes with `writev`, which knows no `MSG_NOSIGNAL`: a peer that has gone would end the
/// host by SIGPIPE. The process-wide disposition belongs to the host, and so does every other
/// signal (Mono stops threads with signals of its own), so only this thread's mask is touched.
#[cfg(unix)]
pub fn block_sigpipe() {
    let mut set = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `set` is initialised by `sigemptyset` before it is read, lives through the calls,
    // and no previous mask is asked for. None of the calls can fail with a valid set.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut());
    }
}

/// There is no SIGPIPE here.
#[cfg(not(unix))]
pub fn block_sigpipe() {}
