//! The C interface: thin functions, one file per domain, and what they share.
//!
//! The doc comments of functions, types and constants in here are the header's text and are
//! written for its readers. cbindgen reads source text only: every function is written out.

// The order here is the order in the header; the empty lines keep rustfmt from sorting.
mod enums;

mod types;

mod session;

mod user;

mod message;

mod conversation;

mod group;

mod poll;

mod experimental;

mod device;

mod args;
mod call;
mod instance;
mod names;
mod settings;
#[allow(
    non_snake_case,
    unused_imports,
    unused_unsafe,
    clippy::missing_safety_doc
)]
mod vendor;

pub use conversation::*;
pub use device::*;
pub use enums::*;
pub use experimental::*;
pub use group::*;
pub use message::*;
pub use poll::*;
pub use session::*;
pub use types::*;
pub use user::*;
pub use vendor::*;
