//! What differs by platform: signals, fork, private files and folders, file locks.
//!
//! Together with `ffi` and `dispatch` the only place of the library that may hold `unsafe`.

mod files;
mod folders;
mod fork;
mod signals;

pub use files::{FileLock, check_writable, create_private_dir, create_private_file};
pub use folders::{default_data_dir, default_log_dir};
pub use fork::{Live, forked};
pub use signals::block_sigpipe;
