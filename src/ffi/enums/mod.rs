//! The enums of the C interface, one file per domain.
//!
//! Each is an open enum: a transparent integer and constants, so that any number that C hands
//! over is legal to receive. cbindgen makes a typedef and defines of them, and reads source text
//! only; hence no macros here. Numbers and names are those of the twin interface.

// The order here is the order in the header; the empty lines keep rustfmt from sorting.
mod common;

mod manager;

mod conversation;

mod message;

mod group;

mod community;

mod friendship;

mod signaling;

mod push;

pub use common::*;
pub use community::*;
pub use conversation::*;
pub use friendship::*;
pub use group::*;
pub use manager::*;
pub use message::*;
pub use push::*;
pub use signaling::*;
