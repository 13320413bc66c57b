//! Settings: a TOML file, then the environment (`TIMD_…`), then flags; the last one wins.
//!
//! docs/hosting.md describes each of them.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use protocol::limits;
use serde::{Deserialize, Serialize};

use crate::bus::Address;
use crate::logic::{LEASE_MS, LogicConfig, OfflinePlatforms};
use crate::repo::SCHEMA;
use crate::setup::Database;

/// Everything that can be set. Its `Debug` leaves out where passwords are.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where database, keys and certificates are.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// No TLS. Loopback only, unless `plaintext_anywhere`.
    pub plaintext: bool,
    /// Allows `plaintext` on other addresses, for a proxy that does TLS.
    pub plaintext_anywhere: bool,
    /// PEM file of the certificate chain; without one the server makes its own for localhost.
    pub tls_cert: Option<PathBuf>,
    /// PEM file of its private key.
    pub tls_key: Option<PathBuf>,
    /// Where apps, accounts and messages are kept: `postgres://…`, or `sqlite:///path`; without it
    /// `timd.db` in the data directory.
    pub database: Option<String>,
    /// Connections to PostgreSQL, at most.
    pub database_connections: u32,
    /// How long an operation waits for one of them.
    #[serde(with = "duration_text")]
    pub database_timeout: Duration,
    /// How this node reaches others: the address of NATS servers, `nats://…` or `tls://…`.
    pub bus: Option<String>,
    /// PEM file of the authorities that vouch for them, instead of the system's.
    pub bus_ca: Option<PathBuf>,
    /// How long a node may be without the database before it lets its users go; half as long again
    /// after that, others take it for dead.
    #[serde(with = "duration_text")]
    pub node_lease: Duration,
    /// Whether messages are stored; off only for measuring.
    pub storage: Switch,
    /// Threads that answer queries of the database.
    pub readers: usize,
    /// Threads that serve connections; 0: one a core.
    pub workers: usize,
    /// Level of the log, or a filter such as `info,timd=debug`.
    pub log: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// Who may read `/metrics`.
    pub metrics: Audience,
    /// Connections at a time; 0: no limit.
    pub max_connections: usize,
    /// Connections from one address at a time; 0: no limit.
    pub max_connections_per_address: usize,
    /// TLS and WebSocket handshake together.
    #[serde(with = "duration_text")]
    pub handshake_timeout: Duration,
    /// Login after the handshake.
    #[serde(with = "duration_text")]
    pub login_timeout: Duration,
    /// Silence after which a connection is closed.
    #[serde(with = "duration_text")]
    pub idle_timeout: Duration,
    /// What clients are told to do.
    #[serde(with = "duration_text")]
    pub heartbeat: Duration,
    /// How long a session outlives its ticket.
    #[serde(with = "duration_text")]
    pub ticket_grace: Duration,
    /// Failed logins from one address before it has to wait a minute; 0: no limit.
    pub login_failures: u32,
    /// Logins that are taken on in a second; others are told when to come back; 0: no limit.
    pub logins_per_second: u32,
    /// Whose users count as offline, rather than as logged out, once the connection is gone.
    pub offline_platforms: OfflinePlatforms,
    /// How many days (UTC) they do; 0: they count as logged out at once.
    pub offline_days: u32,
    /// How many members a group may have.
    pub group_members: u32,
    /// How many groups a user may be in.
    pub groups_of_user: u32,
    /// How long a client may take its message back.
    #[serde(with = "duration_text")]
    pub revoke_time: Duration,
    /// Requests a second on one connection, in the long run; 0: no limit.
    pub requests_per_second: u32,
    /// Requests that may come at once.
    pub request_burst: u32,
    /// `generous`, or the rates that the product publishes.
    pub rate_profile: RateProfile,
    /// Requests of one connection that are worked on at the same time.
    pub max_in_flight: usize,
    /// Bytes that may wait for one client before it is closed as a slow reader.
    pub write_queue_bytes: usize,
    /// How long a close waits for the peer to read what was sent, and then to say goodbye.
    #[serde(with = "duration_text")]
    pub close_timeout: Duration,
    /// How long a server that is to stop still takes connections, while it says that it is not ready.
    #[serde(with = "duration_text")]
    pub drain_grace: Duration,
    /// What clients are told when the server stops.
    #[serde(with = "duration_text")]
    pub retry_after: Duration,
    /// How long a stop waits for connections to end.
    #[serde(with = "duration_text")]
    pub shutdown_timeout: Duration,
    /// Which version of the database this node knows; other than its own in tests only.
    #[serde(skip)]
    pub schema: u64,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line of text an event.
    Text,
    /// One object an event.
    Json,
}

/// Who may read something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// This machine.
    Loopback,
    /// Whoever can connect.
    All,
    /// Nobody.
    Off,
}

/// Which rates hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RateProfile {
    /// Only the settings of this file.
    Generous,
    /// The product's published ones on top.
    Product,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: "timd-data".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            plaintext: false,
            plaintext_anywhere: false,
            tls_cert: None,
            tls_key: None,
            database: None,
            database_connections: 16,
            database_timeout: Duration::from_secs(3),
            bus: None,
            bus_ca: None,
            node_lease: Duration::from_millis(LEASE_MS),
            storage: Switch::On,
            readers: 2,
            workers: 0,
            log: "info".into(),
            log_format: LogFormat::Text,
            metrics: Audience::Loopback,
            max_connections: 100_000,
            max_connections_per_address: 4_096,
            handshake_timeout: limits::HANDSHAKE_TIMEOUT,
            login_timeout: limits::LOGIN_TIMEOUT,
            idle_timeout: limits::IDLE_TIMEOUT,
            heartbeat: limits::HEARTBEAT,
            ticket_grace: limits::TICKET_GRACE,
            login_failures: 30,
            logins_per_second: 2_000,
            offline_platforms: OfflinePlatforms::All,
            offline_days: 7,
            group_members: limits::GROUP_MEMBERS,
            groups_of_user: limits::GROUPS_OF_USER,
            revoke_time: limits::REVOKE_TIME,
            requests_per_second: 1_000,
            request_burst: 2_000,
            rate_profile: RateProfile::Generous,
            max_in_flight: limits::CLIENT_IN_FLIGHT,
            write_queue_bytes: limits::WRITE_QUEUE_BYTES,
            close_timeout: Duration::from_secs(1),
            drain_grace: Duration::from_secs(0),
            retry_after: Duration::from_secs(1),
            shutdown_timeout: Duration::from_secs(5),
            schema: SCHEMA,
        }
    }
}

/// Settings that may have a password in them.
const SECRET: [&str; 2] = ["database", "bus"];

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut settings = serde_json::to_value(self).map_err(|_| fmt::Error)?;
        for secret in SECRET {
            if settings[secret].is_string() {
                settings[secret] = "…".into();
            }
        }
        write!(f, "Config {settings}")
    }
}

/// Calls about status within five seconds, as the product publishes them.
const PRODUCT_STATUS_CALLS: u32 = 20;

impl Config {
    /// Reads file, environment and flags. `flags` are pairs of a setting's name and its text.
    pub fn load(file: Option<&Path>, flags: &[(String, String)]) -> Result<Self, String> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            if !file.exists() {
                return Err(format!("there is no configuration file {}", file.display()));
            }
            figment = figment.merge(Toml::file(file));
        }
        figment = figment.merge(Env::prefixed("TIMD_").ignore(&["config"]));
        for (name, text) in flags {
            // As in the environment: numbers and booleans are recognised, all else is text.
            let value: figment::value::Value = text.parse().unwrap_or_else(|e| match e {});
            figment = figment.merge(Serialized::default(name, value));
        }
        let config: Self = figment.extract().map_err(|error| {
            let all: Vec<_> = error.into_iter().map(|e| e.to_string()).collect();
            format!("the configuration is not good: {}", all.join("; "))
        })?;
        config.check()?;
        Ok(config)
    }

    /// What the types cannot say.
    pub fn check(&self) -> Result<(), String> {
        let bad = |text: &str| Err(text.to_owned());
        if self.plaintext && !self.listen.ip().is_loopback() && !self.plaintext_anywhere {
            return bad(
                "plaintext is for loopback addresses; set plaintext_anywhere when a proxy \
                 in front does TLS",
            );
        }
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return bad("tls_cert and tls_key go together: set both or none");
        }
        let is_shared = matches!(self.database()?, Database::Postgres(_));
        if let Some(bus) = &self.bus {
            Address::parse(bus)?;
            if !is_shared {
                return bad(
                    "bus is for several nodes on one PostgreSQL database, and SQLite has one node \
                     only: set database too, or leave bus out",
                );
            }
        }
        if is_shared && self.storage == Switch::Off {
            return bad("storage can be off with SQLite only");
        }
        if self.database_connections == 0 {
            return bad("database_connections is at least 1");
        }
        if self.node_lease < Duration::from_secs(1) {
            return bad("node_lease is at least 1s");
        }
        if self.max_in_flight == 0 || self.write_queue_bytes < 64 * 1024 {
            return bad("max_in_flight is at least 1, write_queue_bytes at least 65536");
        }
        if self.requests_per_second > 0 && self.request_burst == 0 {
            return bad("request_burst is at least 1");
        }
        let shortest = self
            .handshake_timeout
            .min(self.login_timeout)
            .min(self.idle_timeout)
            .min(self.database_timeout)
            .min(self.heartbeat);
        if shortest.is_zero() {
            return bad("timeouts and heartbeat are longer than 0");
        }
        Ok(())
    }

    /// Which database is meant.
    pub fn database(&self) -> Result<Database, String> {
        Database::parse(self.database.as_deref(), &self.data)
    }

    /// The part that the logic looks at.
    pub fn logic(&self, id_seed: u64) -> LogicConfig {
        LogicConfig {
            heartbeat: self.heartbeat,
            login_timeout: self.login_timeout,
            idle_timeout: self.idle_timeout,
            ticket_grace: self.ticket_grace,
            login_failures: self.login_failures,
            logins_per_second: self.logins_per_second,
            offline_platforms: self.offline_platforms,
            offline_days: self.offline_days,
            group_members: self.group_members,
            groups_of_user: self.groups_of_user,
            revoke_time: self.revoke_time,
            status_calls_per_5s: match self.rate_profile {
                RateProfile::Generous => 0,
                RateProfile::Product => PRODUCT_STATUS_CALLS,
            },
            lease: self.node_lease,
            node_name: self.listen.to_string(),
            schema: self.schema,
            id_seed,
        }
    }
}

/// Reads `500ms`, `10s`, `5m`, `2h`, `7d`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => 0,
    };
    let number: Option<u64> = number.parse().ok();
    number
        .filter(|_| unit_ms > 0)
        .and_then(|n| n.checked_mul(unit_ms))
        .map(Duration::from_millis)
        .ok_or_else(|| format!("{text:?} is no duration; write 500ms, 10s, 5m, 2h or 7d"))
}

mod duration_text {
    use super::{Duration, parse_duration};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(d: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}ms", d.as_millis()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_duration(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, ms) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("5m", 300_000),
            ("7d", 604_800_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(ms)));
        }
        for bad in ["", "s", "10", "-1s", "1.5s", "1w", "99999999999999999999s"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn flags_are_typed_and_unknown_ones_refused() {
        let flag = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let config = Config::load(
            None,
            &[
                flag("idle_timeout", "250ms"),
                flag("max_connections", "7"),
                flag("storage", "off"),
                flag("listen", "127.0.0.1:0"),
            ],
        )
        .unwrap();
        assert_eq!(config.idle_timeout, Duration::from_millis(250));
        assert_eq!((config.max_connections, config.storage), (7, Switch::Off));
        let error = Config::load(None, &[flag("no_such", "1")]).unwrap_err();
        assert!(error.contains("no_such"), "{error}");
        let bus = [flag("bus", "nats://me:s3cret@localhost,other/prod")];
        let error = Config::load(None, &bus).unwrap_err();
        assert!(
            error.contains("SQLite") && !error.contains("s3cret"),
            "{error}"
        );
        let database = flag("database", "postgres://me:s3cret@localhost/timd");
        Config::load(None, &[bus[0].clone(), database.clone()]).unwrap();
        assert!(Config::load(None, &[database, flag("storage", "off")]).is_err());
        let error = Config::load(None, &[flag("database", "me:s3cret@localhost")]).unwrap_err();
        assert!(
            error.contains("postgres://") && !error.contains("s3cret"),
            "{error}"
        );
        let both = [
            bus[0].clone(),
            flag("database", "postgres://me:s3cret@localhost/x"),
        ];
        let shown = format!("{:?}", Config::load(None, &both).unwrap());
        assert!(
            !shown.contains("s3cret") && shown.contains("8443"),
            "{shown}"
        );
        let open = [flag("plaintext", "true"), flag("listen", "0.0.0.0:80")];
        assert!(Config::load(None, &open).is_err());
    }
}
