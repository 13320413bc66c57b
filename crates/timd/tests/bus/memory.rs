//! A bus within the process: the suite says nothing that is true of NATS only.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use timd::bus::{Bus, Note};
use timd::repo::NodeId;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::suite::{Inbox, World};

type Listeners = Arc<Mutex<HashMap<NodeId, UnboundedSender<Note>>>>;

#[derive(Default)]
pub struct Memory(Listeners);

pub struct MemoryBus {
    listeners: Listeners,
    inbox: UnboundedSender<Note>,
    node: Mutex<Option<NodeId>>,
}

impl Bus for MemoryBus {
    fn is_shared(&self) -> bool {
        true
    }

    fn publish(&self, to: NodeId, note: &Note) {
        if let Some(inbox) = self.listeners.lock().get(&to) {
            let _ = inbox.send(note.clone());
        }
    }

    async fn attend(&self, node: NodeId) -> Result<(), String> {
        let mut listeners = self.listeners.lock();
        if let Some(before) = self.node.lock().replace(node) {
            listeners.remove(&before);
        }
        listeners.insert(node, self.inbox.clone());
        Ok(())
    }
}

impl Inbox for UnboundedReceiver<Note> {
    async fn next(&mut self) -> Note {
        self.recv().await.unwrap()
    }
}

impl World for Memory {
    type Bus = MemoryBus;
    type Inbox = UnboundedReceiver<Note>;

    async fn join(&self) -> (MemoryBus, UnboundedReceiver<Note>) {
        let (inbox, notes) = unbounded_channel();
        let bus = MemoryBus {
            listeners: self.0.clone(),
            inbox,
            node: Mutex::default(),
        };
        (bus, notes)
    }
}
