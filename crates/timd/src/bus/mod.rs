//! The way of pushes between nodes.

mod local;

pub use local::LocalBus;

use crate::logic::Push;

/// Carries pushes to the other nodes that hold sessions of their user. The sessions of this node
/// are served by the logic itself.
///
/// `publish` runs while the order of a user's events is being decided, so it only puts the push
/// into a queue; it neither blocks nor awaits.
pub trait Bus: Send + Sync + 'static {
    /// Hands a push to the other nodes.
    fn publish(&self, push: &Push);
}
