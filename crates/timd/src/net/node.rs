//! The logic as connections see it, whatever its repo and bus.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::health::Health;
use crate::bus::{Bus, Note};
use crate::logic::{Link, Logic, Outcome, SessionId};
use crate::repo::Repo;
use crate::setup::{now_ms, uptime_ms};

/// See [`Logic`], whose methods these are, with the clock filled in.
pub trait Node: Send + Sync + 'static {
    /// A connection has finished its handshake.
    fn connect(&self, session: SessionId, peer: IpAddr, link: Arc<dyn Link>);
    /// Something that is no request was heard.
    fn heard(&self, session: SessionId);
    /// Whether requests of the session may be handled side by side.
    fn may_pipeline(&self, session: SessionId) -> bool;
    /// A text frame arrived.
    fn handle(self: Arc<Self>, session: SessionId, frame: Bytes) -> BoxFuture<'static, Outcome>;
    /// Lets an outcome out.
    /// True when other users were told something.
    fn apply(&self, session: SessionId, outcome: Outcome) -> bool;
    /// A connection is gone.
    fn disconnected(self: Arc<Self>, session: SessionId) -> BoxFuture<'static, ()>;
    /// Time has passed.
    fn tick(&self);
    /// Another node told something.
    fn receive(&self, note: Note);
    /// How it is.
    fn health(&self) -> Health;
    /// The node lives.
    fn beat(self: Arc<Self>) -> BoxFuture<'static, ()>;
    /// It does what may take long.
    fn keep_house(self: Arc<Self>) -> BoxFuture<'static, ()>;
    /// The node's life is over.
    fn resign(self: Arc<Self>) -> BoxFuture<'static, ()>;
    /// The server stops: so many go now. Gives how many are left.
    fn release(&self, most: usize, retry_after: Duration) -> usize;
}

impl<R: Repo, B: Bus> Node for Logic<R, B> {
    fn connect(&self, session: SessionId, peer: IpAddr, link: Arc<dyn Link>) {
        self.connect(session, now_ms(), peer, link);
    }
    fn heard(&self, session: SessionId) {
        self.heard(session, now_ms());
    }
    fn may_pipeline(&self, session: SessionId) -> bool {
        self.may_pipeline(session)
    }
    fn handle(self: Arc<Self>, session: SessionId, frame: Bytes) -> BoxFuture<'static, Outcome> {
        Box::pin(async move { Logic::handle(&self, session, now_ms(), &frame).await })
    }
    fn apply(&self, session: SessionId, outcome: Outcome) -> bool {
        self.apply(session, outcome)
    }
    fn disconnected(self: Arc<Self>, session: SessionId) -> BoxFuture<'static, ()> {
        Box::pin(async move { Logic::disconnected(&self, session, now_ms()).await })
    }
    fn tick(&self) {
        self.watch_lease(uptime_ms());
        self.tick(now_ms());
    }
    fn receive(&self, note: Note) {
        self.receive(note, now_ms());
    }
    fn health(&self) -> Health {
        let is_alone = !self.bus().is_shared();
        Health {
            is_in: self.is_in(),
            is_outdated: self.is_outdated(),
            is_bus_up: self.bus().is_up(),
            unreachable: if is_alone { self.other_nodes() } else { 0 },
        }
    }
    fn beat(self: Arc<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move { Logic::beat(&self, uptime_ms()).await })
    }
    fn keep_house(self: Arc<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move { Logic::keep_house(&self, now_ms()).await })
    }
    fn resign(self: Arc<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            Logic::resign(&self, now_ms()).await;
            self.bus().settle().await;
        })
    }
    fn release(&self, most: usize, retry_after: Duration) -> usize {
        self.release(most, retry_after)
    }
}
