//! Tells an app that polls that jobs wait: a descriptor to watch, and a callback.

use std::sync::Arc;

use super::Slots;

/// Wakes the app's loop. Runs on any thread, so it must do nothing else.
pub type Wake = dyn Fn() + Send + Sync;

/// Readable while jobs wait.
pub(super) struct Signal {
    wake: Arc<Slots<Wake>>,
    fd: Fd,
}

impl Signal {
    pub(super) fn new(wake: Arc<Slots<Wake>>) -> std::io::Result<Self> {
        Ok(Self {
            wake,
            fd: Fd::new()?,
        })
    }

    /// Makes the descriptor readable.
    pub(super) fn raise(&self) {
        self.fd.raise();
    }

    /// Calls the app. Not to be called with a lock held.
    pub(super) fn call(&self) {
        self.wake.for_each(|wake| wake());
    }

    /// Makes the descriptor unreadable.
    pub(super) fn clear(&self) {
        self.fd.clear();
    }

    /// The descriptor; -1 where there are none.
    pub(super) fn descriptor(&self) -> i32 {
        self.fd.number()
    }
}

#[cfg(unix)]
use unix::Fd;

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Read, Write};
    use std::os::fd::{AsRawFd, FromRawFd};

    /// An eventfd, or a pipe where there is none; `write` is `None` when both ends are one.
    pub(super) struct Fd {
        read: File,
        write: Option<File>,
    }

    impl Fd {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        pub(super) fn new() -> io::Result<Self> {
            // SAFETY: no pointers; the result is checked before it is used.
            let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: the descriptor was made above and has no other owner.
            let read = unsafe { File::from_raw_fd(fd) };
            Ok(Self { read, write: None })
        }

        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        pub(super) fn new() -> io::Result<Self> {
            let mut ends = [0; 2];
            // SAFETY: `ends` has room for the two descriptors.
            if unsafe { libc::pipe(ends.as_mut_ptr()) } < 0 {
                return Err(io::Error::last_os_error());
            }
            for fd in ends {
                // SAFETY: plain flags on descriptors made above.
                unsafe {
                    libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC);
                    libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK);
                }
            }
            // SAFETY: both descriptors were made above and have no other owner.
            unsafe {
                Ok(Self {
                    read: File::from_raw_fd(ends[0]),
                    write: Some(File::from_raw_fd(ends[1])),
                })
            }
        }

        pub(super) fn raise(&self) {
            let mut end = self.write.as_ref().unwrap_or(&self.read);
            // Eight bytes are what an eventfd takes. It can only fail when it is readable already.
            while let Err(e) = end.write(&1u64.to_ne_bytes()) {
                if e.kind() != io::ErrorKind::Interrupted {
                    return;
                }
            }
        }

        pub(super) fn clear(&self) {
            let mut end = &self.read;
            let mut sink = [0; 64];
            loop {
                match end.read(&mut sink) {
                    Ok(n) if n == sink.len() => {}
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    _ => return,
                }
            }
        }

        pub(super) fn number(&self) -> i32 {
            self.read.as_raw_fd()
        }
    }
}

#[cfg(not(unix))]
struct Fd;

#[cfg(not(unix))]
impl Fd {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }
    fn raise(&self) {}
    fn clear(&self) {}
    fn number(&self) -> i32 {
        -1
    }
}
