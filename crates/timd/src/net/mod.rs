//! Connections: accepting, TLS, HTTP, WebSocket, and the frames between them and the logic.

mod accept;
mod connection;
mod http;
mod node;
mod outbox;

pub use accept::{Listener, serve};
pub use node::Node;
