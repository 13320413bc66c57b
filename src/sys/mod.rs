//! What differs by platform: signals, fork, private files and folders, file locks, staying in
//! memory, the message window of Windows, the certificates that it trusts.
//!
//! Together with `ffi` and `dispatch` the only place of the library that may hold `unsafe`.

mod certificates;
mod files;
mod folders;
mod fork;
mod pin;
mod signals;
#[cfg(windows)]
mod window;

pub use certificates::system_roots;
pub use files::{FileLock, check_writable, create_private_dir, create_private_file, is_unlinked};
pub use folders::{default_data_dir, default_log_dir};
pub use fork::{Live, is_cut_off};
pub use pin::pin;
pub use signals::block_sigpipe;
#[cfg(windows)]
pub use window::{Window, has_message_loop};
