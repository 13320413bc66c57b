//! How the app's code gets to run: a queue of owned jobs, listener slots, and the knowledge of
//! which thread is inside a callback just now.
//!
//! Nothing in here knows what a job does. No lock is held while one runs.

use std::cell::Cell;

mod queue;
mod signal;
mod slots;

pub(crate) use queue::{Queue, Wait};
pub use slots::Slots;

/// Callbacks of one instance that poll another, at most so deep.
const DEEPEST: usize = 8;

thread_local! {
    /// The dispatchers whose jobs this thread is inside of, the innermost last, and how many. More
    /// than one only when a callback of one instance polls another. Nothing here has a destructor, so
    /// that functions which run when a process ends, after those of the thread, find it still.
    static INSIDE: Cell<([usize; DEEPEST], usize)> = const { Cell::new(([0; DEEPEST], 0)) };
}

/// Marks this thread as running jobs of the dispatcher `id` until it is dropped.
pub(crate) struct Inside(());

impl Inside {
    pub(crate) fn enter(id: usize) -> Self {
        let (mut stack, depth) = INSIDE.get();
        if let Some(place) = stack.get_mut(depth) {
            *place = id;
        }
        INSIDE.set((stack, depth + 1));
        Self(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let (stack, depth) = INSIDE.get();
        INSIDE.set((stack, depth - 1));
    }
}

/// Whether the calling thread is inside a job of the dispatcher `id`.
pub(crate) fn is_inside(id: usize) -> bool {
    let (stack, depth) = INSIDE.get();
    stack.iter().take(depth).any(|other| *other == id)
}
