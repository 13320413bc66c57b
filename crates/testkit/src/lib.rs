//! Client cores and the server's logic in one process.
//!
//! [`World`] holds a node of the server and any number of devices. Its clock is a number, its
//! network delays frames, cuts connections at any frame and lets what was under way arrive late,
//! its executor polls the server's futures in any order, and processes die between and within
//! turns: all of it decided by one seed, so that every failure can be run again.
#![forbid(unsafe_code)]

pub mod check;
pub mod device;
pub mod engine;
pub mod network;
pub mod random;
pub mod server;
pub mod world;

pub use network::Faults;
pub use random::Random;
pub use world::World;
