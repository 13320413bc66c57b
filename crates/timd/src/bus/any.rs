//! Whichever bus the settings ask for.

use super::{Bus, LocalBus, NatsBus, Note};
use crate::repo::NodeId;

/// One of the buses.
pub enum AnyBus {
    /// There are no other nodes.
    Local(LocalBus),
    /// They are reached by NATS.
    Nats(NatsBus),
}

impl Bus for AnyBus {
    fn is_shared(&self) -> bool {
        match self {
            Self::Local(bus) => bus.is_shared(),
            Self::Nats(bus) => bus.is_shared(),
        }
    }

    fn is_up(&self) -> bool {
        match self {
            Self::Local(bus) => bus.is_up(),
            Self::Nats(bus) => bus.is_up(),
        }
    }

    fn publish(&self, to: NodeId, note: &Note) {
        match self {
            Self::Local(bus) => bus.publish(to, note),
            Self::Nats(bus) => bus.publish(to, note),
        }
    }

    async fn attend(&self, node: NodeId) -> Result<(), String> {
        match self {
            Self::Local(bus) => bus.attend(node).await,
            Self::Nats(bus) => bus.attend(node).await,
        }
    }

    async fn settle(&self) {
        match self {
            Self::Local(bus) => bus.settle().await,
            Self::Nats(bus) => bus.settle().await,
        }
    }
}
