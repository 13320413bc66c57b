//! Client cores and the server's logic in one process.
//!
//! A [`World`] holds one or more nodes of the server and any number of devices. Its clock is a number, its
//! network delays frames, cuts connections at any frame and lets what was under way arrive late,
//! its executor polls the server's futures in any order, and processes die between and within
//! turns: all of it decided by one seed. A [`Program`] is what people do in it, from init to
//! uninit, over and over; what must hold is checked all along, and when all has come to rest:
//!
//! | where | what must hold |
//! | --- | --- |
//! | `app` | each call is completed once; the status moves as drawn and agrees with the callbacks; nothing comes of a user who is not in |
//! | `conduct` | the back-off is kept to, logins are bounded, nobody comes back who was sent away |
//! | `device` | nothing after uninit; suspended, nothing is open or due and calls are answered at once; no error in the log |
//! | `sessions` | the server keeps to its policy, and nobody is displaced by himself |
//! | `check` | in the end nothing is lost, doubled or out of order, and each message was told as new: once, and more often only when the process died; counts, read marks and profiles are the server's |
#![forbid(unsafe_code)]

pub mod app;
pub mod bus;
pub mod check;
pub mod conduct;
pub mod device;
pub mod engine;
pub mod network;
pub mod program;
pub mod random;
pub mod scale;
pub mod schedule;
pub mod server;
pub mod step;
pub mod world;

mod sessions;

pub use network::Faults;
pub use program::{Met, Program};
pub use random::Random;
pub use step::{Kind, Step, Ticket};
pub use world::World;
