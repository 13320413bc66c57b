//! Connections: accepting, TLS, HTTP, WebSocket, and the frames between them and the logic.

mod accept;
mod connection;
mod health;
mod http;
mod node;
mod outbox;

pub use accept::{Listener, serve};
pub use health::Health;
pub use node::Node;
