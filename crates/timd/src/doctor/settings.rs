//! Settings that are allowed and make little sense.

use std::path::Path;

use tracing_subscriber::EnvFilter;

use super::{Report, directory};
use crate::config::{Audience, Config, Switch};
use crate::setup::Database;

pub fn look(report: &mut Report, config: &Config, file: Option<&Path>) {
    let database = match config.database() {
        Ok(Database::Postgres(_)) => "PostgreSQL",
        _ => "SQLite",
    };
    let bus = config.bus.as_ref().map_or("none", |_| "NATS");
    let (data, listen) = (config.data.display(), config.listen);
    let source = file.map(|file| format!("{}; ", file.display()));
    let source = source.unwrap_or_default();
    let saw = format!("{source}data {data}; listen {listen}; database {database}; bus {bus}");
    report.ok("settings", saw);
    if let Some(file) = file {
        secrets_in(report, file);
    }
    let mut warn = |is_odd: bool, saw: String, todo: &str| {
        if is_odd {
            report.warn("settings", saw, todo);
        }
    };
    let (heartbeat, idle) = (config.heartbeat, config.idle_timeout);
    warn(
        heartbeat * 2 >= idle,
        format!("heartbeat {heartbeat:?} and idle_timeout {idle:?}: who misses one is dropped"),
        "set idle_timeout to more than twice the heartbeat",
    );
    let (patience, lease) = (config.database_timeout, config.node_lease);
    warn(
        patience >= lease,
        format!("database_timeout {patience:?} is no shorter than node_lease {lease:?}"),
        "shorten database_timeout: a node would be taken for dead before its operations give up",
    );
    warn(
        config.storage == Switch::Off,
        "storage is off: no message is kept".into(),
        "leave it out, unless you measure",
    );
    warn(
        config.plaintext && config.tls_cert.is_some(),
        "plaintext is on, so tls_cert is not used".into(),
        "leave one of them out",
    );
    warn(
        config.metrics == Audience::All && !config.listen.ip().is_loopback(),
        "whoever reaches the port may read /metrics".into(),
        "metrics = \"loopback\", or let a firewall or proxy see to it",
    );
    let per_address = config.max_connections_per_address;
    warn(
        per_address > 0 && config.plaintext && config.plaintext_anywhere,
        format!("behind a proxy, max_connections_per_address {per_address} holds for everybody"),
        "set it and login_failures to 0, and let the proxy limit",
    );
    if let Err(error) = EnvFilter::try_new(&config.log) {
        report.fail(
            "settings",
            format!("log: {error}"),
            "write a level, such as info",
        );
    }
}

/// A file with passwords is for its owner.
fn secrets_in(report: &mut Report, file: &Path) {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let is_secret = |line: &str| line.contains("://") && line.contains('@');
    if text.lines().any(is_secret) && directory::is_open_to_others(file) {
        report.warn(
            "settings",
            format!("others can read {}, which has passwords", file.display()),
            format!("chmod 600 {}", file.display()),
        );
    }
}
