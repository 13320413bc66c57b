//! timd, the server of libtim.
//!
//! - [`logic`]: what the server does, without sockets, clock, threads or randomness;
//! - [`policy`]: which devices of a user may be online together;
//! - [`repo`]: what it remembers; [`bus`]: how nodes reach each other;
//! - [`net`]: connections; [`Server`]: all of it together.
#![warn(missing_docs)]
#![forbid(unsafe_code)]
// clippy.toml names what the logic must not touch; the rest of the server may.
#![allow(clippy::disallowed_methods)]

pub mod bus;
pub mod capacity;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod drain;
#[warn(clippy::disallowed_methods)]
pub mod logic;
pub mod metrics;
pub mod migrate;
pub mod net;
#[warn(clippy::disallowed_methods)]
pub mod policy;
pub mod repo;
pub mod server;
pub mod setup;
pub mod testing;
mod tls;

pub use config::Config;
pub use server::Server;
