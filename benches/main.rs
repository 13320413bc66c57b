//! `make bench`: what libtim and timd cost, beside floors measured in the same run.
//!
//! `cargo bench --bench bench -- [NAME…]` runs the measurements whose names contain one of the
//! words. The server is the release build of timd in a process of its own; the clients are real
//! instances of the library, in this process or in one of their own.

mod connections;
mod floor;
mod library;
mod local;
mod messages;
mod nodes;
mod receiver;
mod report;
mod setup;
mod wrappers;

use report::Report;

fn main() {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    if let Some(role) = std::env::var_os(setup::ROLE) {
        return setup::play(&role.to_string_lossy(), &args);
    }
    let mut report = Report::new(args);
    library::local(&mut report);
    library::lines(&mut report);
    library::idle(&mut report);
    library::size(&mut report);
    local::conversations(&mut report);
    local::messages(&mut report);
    messages::login(&mut report);
    messages::one_way(&mut report);
    messages::throughput(&mut report);
    connections::memory(&mut report);
    connections::storm(&mut report);
    nodes::costs(&mut report);
    wrappers::messages(&mut report);
    report.finish();
}
