//! The way between nodes.

use std::net::IpAddr;
use std::time::Duration;

use super::Report;
use super::machine::millis;
use crate::bus::{Address, probe};
use crate::config::Config;

/// NATS's own setting, which is room enough for every event.
const MAX_PAYLOAD: usize = 1 << 20;
const SLOW: Duration = Duration::from_millis(20);

/// `nodes`: so many live on the database.
pub async fn look(report: &mut Report, config: &Config, nodes: usize) {
    let Some(bus) = &config.bus else {
        if nodes > 1 {
            report.fail(
                "bus",
                format!("none, and {nodes} nodes on the database"),
                "set bus, the same for all nodes: without it they tell each other nothing, and \
                 messages arrive with the next heartbeat",
            );
        } else {
            report.ok("bus", "none: for a single node");
        }
        return;
    };
    let address = match Address::parse(bus) {
        Ok(address) => address,
        Err(error) => return report.fail("bus", error, "correct the setting"),
    };
    let probe = match probe(&address, config.bus_ca.as_deref()).await {
        Ok(probe) => probe,
        Err((saw, todo)) => return report.fail("bus", saw, todo),
    };
    report.ok("bus", format!("NATS {} at {address}", probe.version));
    let is_local =
        |host: &str| host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    report.expect(
        probe.has_tls || address.hosts().all(is_local),
        "bus.tls",
        if probe.has_tls { "TLS" } else { "no TLS" },
        "give the NATS servers certificates and write tls://: messages travel over them, and \
         whoever gets in there can forge events",
    );
    report.expect(
        probe.max_payload >= MAX_PAYLOAD,
        "bus.max_payload",
        format!("{} bytes", probe.max_payload),
        "raise max_payload of the NATS servers to 1 MB, as it is by itself: longer notes get lost, \
         and clients find with a heartbeat what they missed",
    );
    report.expect(
        probe.echo < SLOW,
        "bus.round_trip",
        format!("{} for a message to oneself", millis(probe.echo)),
        "put the NATS servers near the nodes: a message to a user on another node takes this longer",
    );
}
