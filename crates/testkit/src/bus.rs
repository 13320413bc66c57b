//! The way between the nodes of a world.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use timd::bus::{Bus, Note};
use timd::repo::NodeId;

/// What was handed to the bus, and who listens there.
#[derive(Default)]
pub(crate) struct Wires {
    sent: Vec<(usize, NodeId, Note)>,
    /// Which life of which machine a node is.
    listeners: BTreeMap<NodeId, (usize, u32)>,
}

impl Wires {
    /// What was sent since the last call, from which machine to which life of which.
    pub fn take(&mut self) -> Vec<(usize, (usize, u32), Note)> {
        let sent = std::mem::take(&mut self.sent);
        let addressed = sent.into_iter().filter_map(|(from, to, note)| {
            let to = *self.listeners.get(&to)?;
            Some((from, to, note))
        });
        addressed.collect()
    }
}

/// The end of the bus at one machine in one of its lives.
pub struct SimBus {
    pub(crate) machine: usize,
    pub(crate) life: u32,
    pub(crate) is_shared: bool,
    pub(crate) wires: Arc<Mutex<Wires>>,
}

impl Bus for SimBus {
    fn is_shared(&self) -> bool {
        self.is_shared
    }

    fn publish(&self, to: NodeId, note: &Note) {
        // As it goes over a real one.
        let note = Note::from_bytes(&note.to_bytes().into()).expect("a note of this version");
        self.wires.lock().sent.push((self.machine, to, note));
    }

    async fn attend(&self, node: NodeId) -> Result<(), String> {
        let mut wires = self.wires.lock();
        let here = (self.machine, self.life);
        wires.listeners.retain(|_, there| *there != here);
        wires.listeners.insert(node, here);
        Ok(())
    }
}
