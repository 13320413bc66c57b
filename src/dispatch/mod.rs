//! How the app's code gets to run: a queue of owned jobs, listener slots, and the knowledge of
//! which thread is inside a callback just now.
//!
//! Nothing in here knows what a job does. No lock is held while one runs.

use std::cell::RefCell;

mod queue;
mod signal;
mod slots;

pub(crate) use queue::{Queue, Wait};
pub use slots::Slots;

thread_local! {
    /// The dispatchers whose jobs this thread is inside of, the innermost last. More than one
    /// only when a callback of one instance polls another.
    static INSIDE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Marks this thread as running jobs of the dispatcher `id` until it is dropped.
pub(crate) struct Inside(());

impl Inside {
    pub(crate) fn enter(id: usize) -> Self {
        INSIDE.with_borrow_mut(|stack| stack.push(id));
        Self(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.with_borrow_mut(|stack| stack.pop());
    }
}

/// Whether the calling thread is inside a job of the dispatcher `id`.
pub(crate) fn is_inside(id: usize) -> bool {
    INSIDE.with_borrow(|stack| stack.contains(&id))
}
