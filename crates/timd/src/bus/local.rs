//! A single node.

use super::{Bus, Note};
use crate::repo::NodeId;

/// There are no other nodes.
#[derive(Debug, Default, Clone, Copy)]
pub struct LocalBus;

impl Bus for LocalBus {
    fn is_shared(&self) -> bool {
        false
    }

    fn publish(&self, _: NodeId, _: &Note) {}

    async fn attend(&self, _: NodeId) -> Result<(), String> {
        Ok(())
    }
}
