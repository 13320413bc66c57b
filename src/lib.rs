//! libtim: a chat SDK behind a C ABI, and the same as a safe Rust facade.
//!
//! [`sdk::Client`] is the facade; [`ffi`] is the C interface and holds the one global instance
//! that it needs. Below both: the reactor thread with the sans-IO core, the dispatcher that runs
//! the app's code, the local store and the log.
#![warn(missing_docs)]
#![deny(unsafe_code)]

#[allow(unsafe_code)]
pub mod dispatch;
#[allow(unsafe_code, non_camel_case_types, clippy::missing_safety_doc)]
pub mod ffi;
pub mod log;
pub mod reactor;
pub mod sdk;
pub mod store;
#[allow(unsafe_code)]
pub mod sys;
#[cfg(test)]
mod testing;
