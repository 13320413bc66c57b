//! A single node.

use super::Bus;
use crate::logic::Push;

/// There are no other nodes.
#[derive(Default)]
pub struct LocalBus;

impl Bus for LocalBus {
    fn publish(&self, _push: &Push) {}
}
