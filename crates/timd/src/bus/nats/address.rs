//! Where the bus is: `nats://user:password@host:4222,host2/installation`.

use std::fmt;

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;

/// What the setting `bus` says. Its text form leaves user and password out.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub(super) servers: Vec<ServerAddr>,
    pub(super) credentials: Option<Credentials>,
    pub(super) cluster: String,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    User(String, String),
    Token(String),
}

/// The installation, where the address names none.
const CLUSTER: &str = "timd";
const CLUSTER_LENGTH: usize = 64;

impl Address {
    /// Reads the setting. The error says how to write it, and repeats nothing of it, since it may
    /// hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        const HOW: &str = "write nats://host:4222 or tls://host:4222, with commas between several";
        let scheme = match text.split_once("://") {
            Some((scheme @ ("nats" | "tls"), _)) => scheme,
            _ => return Err(format!("bus: {HOW}")),
        };
        let mut found = Self {
            servers: Vec::new(),
            credentials: None,
            cluster: String::new(),
        };
        for (n, part) in text.split(',').enumerate() {
            let bad = || format!("bus: server {} is no address: {HOW}", n + 1);
            let part = match part.trim() {
                part if part.contains("://") => part.to_owned(),
                part => format!("{scheme}://{part}"),
            };
            let server: ServerAddr = part.parse().map_err(|_| bad())?;
            if !["nats", "tls"].contains(&server.scheme()) || server.host().is_empty() {
                return Err(bad());
            }
            found.take(server)?;
        }
        if found.cluster.is_empty() {
            found.cluster = CLUSTER.to_owned();
        }
        Ok(found)
    }

    /// Credentials and path hold for all servers; they are taken off, so that nothing that prints
    /// an address shows them.
    fn take(&mut self, server: ServerAddr) -> Result<(), String> {
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let credentials = match (server.username(), server.password()) {
            (None, None) => None,
            (Some(token), None) => Some(Credentials::Token(plain(token))),
            (user, password) => Some(Credentials::User(
                plain(user.unwrap_or_default()),
                plain(password.unwrap_or_default()),
            )),
        };
        let mut url = server.into_inner();
        let cluster = url.path().trim_matches('/').to_owned();
        let is_good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !cluster.chars().all(is_good) || cluster.len() > CLUSTER_LENGTH {
            return Err(format!(
                "bus: the name after the slash has at most {CLUSTER_LENGTH} letters, digits, - \
                 and _"
            ));
        }
        if !cluster.is_empty() {
            if !self.cluster.is_empty() && self.cluster != cluster {
                return Err("bus: write the same name after the slash for each server".into());
            }
            self.cluster = cluster;
        }
        if credentials.is_some() {
            if self.credentials.is_some() && self.credentials != credentials {
                return Err("bus: write one user and password, which all servers know".into());
            }
            self.credentials = credentials;
        }
        url.set_path("");
        url.set_query(None);
        url.set_fragment(None);
        let bare = url.set_username("").and_then(|()| url.set_password(None));
        bare.map_err(|()| "bus: a server has no name".to_owned())?;
        let server = ServerAddr::from_url(url).map_err(|e| e.to_string())?;
        self.servers.push(server);
        Ok(())
    }

    /// Whether TLS is asked for.
    pub(super) fn wants_tls(&self) -> bool {
        self.servers.iter().all(ServerAddr::tls_required)
    }

    /// The names of the servers.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.servers.iter().map(ServerAddr::host)
    }

    /// Where notes to a node go.
    pub(super) fn subject(&self, node: impl fmt::Display) -> String {
        format!("timd.{}.node.{node}", self.cluster)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, server) in self.servers.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            let (scheme, host) = (server.scheme(), server.host());
            write!(f, "{comma}{scheme}://{host}:{}", server.port())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_servers_share_credentials_and_name() {
        let text = "tls://chat:p%40ss%2Cword@one.example:5222,two.example,[::1]:4000/prod-1";
        let address = Address::parse(text).unwrap();
        assert_eq!(
            address.to_string(),
            "tls://one.example:5222, tls://two.example:4222, tls://::1:4000"
        );
        assert_eq!(address.subject(7), "timd.prod-1.node.7");
        let user = Credentials::User("chat".into(), "p@ss,word".into());
        assert!(address.credentials == Some(user));
        for server in &address.servers {
            assert!(!server.as_url_str().contains("ss"), "{server:?}");
        }
        let address = Address::parse("nats://s3cret@localhost").unwrap();
        assert!(address.credentials == Some(Credentials::Token("s3cret".into())));
        assert_eq!(format!("{address:?}"), "nats://localhost:4222");
        assert_eq!(address.subject(1), "timd.timd.node.1");
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for text in [
            "",
            "localhost:4222",
            "http://me:s3cret@localhost",
            "ws://me:s3cret@localhost",
            "nats://",
            "nats://me:s3cret@",
            "nats://me:s3cret@host:port",
            "nats://me:s3cret@a,me:0ther@b",
            "nats://me:s3cret@a/x,b/y",
            "nats://me:s3cret@a/x.y",
            "nats://me:s3cret@a/x/y",
            "nats://me:s3cret@a,",
            "nats://me:s3cret@a,http://b",
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(error.starts_with("bus: "), "{text}: {error}");
            assert!(!error.contains("s3cret"), "{text}: {error}");
        }
    }
}
