//! What the fuzzers run. Each target is a function of bytes that panics when a promise is broken.
//!
//! The files are built twice: here, by cargo-fuzz, and by `tests/corpora.rs`, which runs the inputs
//! of `fuzz/corpus` through the same functions in `make test`.

pub mod core;
pub mod frames;
pub mod json;
pub mod usersig;

mod bytes;
