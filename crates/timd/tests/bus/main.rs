//! The buses: one suite for all, and what NATS brings with it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod memory;
mod nats;
mod suite;

/// Runs to its end, with tasks that work meanwhile.
pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test);
}

#[test]
fn in_memory() {
    run(suite::passes(&memory::Memory::default()));
}
