//! The address of a server as the configuration writes it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use protocol::{DEFAULT_PATH, Error, codes};

/// Port when the URL names none.
const TLS_PORT: u16 = 443;
const PLAIN_PORT: u16 = 80;

/// One server URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    /// `wss` rather than `ws`.
    pub is_tls: bool,
    /// A name in lower case or an IP address, without brackets.
    pub host: String,
    /// Never 0.
    pub port: u16,
    /// Begins with `/`; a query belongs to it.
    pub path: String,
}

impl ServerUrl {
    /// Reads `wss://host[:port][/path]`. `ws://` is taken for loopback hosts only, where nobody
    /// can listen.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |what: &str| Err(bad_url(text, what));
        let Some((scheme, rest)) = text.split_once("://") else {
            return bad("it does not begin with wss://");
        };
        let is_tls = match scheme.to_ascii_lowercase().as_str() {
            "wss" => true,
            "ws" => false,
            _ => return bad("its scheme is not wss"),
        };
        let (authority, path) = match rest.find(['/', '?', '#']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return bad("it names a user, which is not supported");
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => match rest.split_once(']') {
                Some((host, after)) if host.parse::<Ipv6Addr>().is_ok() => (host, after),
                _ => return bad("what stands in brackets is no IPv6 address"),
            },
            None => match authority.find(':') {
                Some(at) => authority.split_at(at),
                None => (authority, ""),
            },
        };
        let host = host.to_ascii_lowercase();
        if let Some(what) = host_fault(&host) {
            return bad(what);
        }
        let port = match port.strip_prefix(':') {
            Some(digits) => match digits.parse::<u16>() {
                Ok(port) if port > 0 && !digits.starts_with('+') => port,
                _ => return bad("its port is not a number from 1 to 65535"),
            },
            None if port.is_empty() && is_tls => TLS_PORT,
            None if port.is_empty() => PLAIN_PORT,
            None => return bad("something stands between the host and the port"),
        };
        if path.contains('#') {
            return bad("it has a fragment (#), which is not supported");
        }
        if !path.bytes().all(|b| b.is_ascii_graphic()) {
            return bad("its path holds spaces or characters that must be %-escaped");
        }
        let path = match path {
            "" => DEFAULT_PATH.to_owned(),
            query if query.starts_with('?') => format!("{DEFAULT_PATH}{query}"),
            path => path.to_owned(),
        };
        let url = Self {
            is_tls,
            host,
            port,
            path,
        };
        if !is_tls && !url.is_loopback() {
            return bad("ws:// without TLS is only for localhost; use wss://");
        }
        Ok(url)
    }

    /// Reads several, separated by commas; at least one.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, Error> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let urls: Vec<Self> = parts.map(Self::parse).collect::<Result<_, _>>()?;
        if urls.is_empty() {
            return Err(bad_url(text, "it is empty"));
        }
        Ok(urls)
    }

    /// Whether this is a name or an IP address, without brackets.
    pub fn is_host(text: &str) -> bool {
        host_fault(text).is_none()
    }

    /// Whether the server is on this machine by name.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// The address, when the host is one.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// Host and port for the `Host` header.
    pub(super) fn authority(&self) -> String {
        let host = match self.ip() {
            Some(IpAddr::V6(ip)) => format!("[{ip}]"),
            _ => self.host.clone(),
        };
        let default = if self.is_tls { TLS_PORT } else { PLAIN_PORT };
        if self.port == default {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }
}

impl FromStr for ServerUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "wss" } else { "ws" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

fn host_fault(host: &str) -> Option<&'static str> {
    if host.is_empty() {
        return Some("it has no host");
    }
    if host.parse::<IpAddr>().is_ok() {
        return None;
    }
    if !host.is_ascii() {
        return Some("its host has letters beyond ASCII; write it in its xn-- form");
    }
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if !host.bytes().all(is_plain) || host.starts_with(['-', '.']) || host.contains("..") {
        return Some("its host is not a valid name");
    }
    let is_long = host.len() > 253 || host.split('.').any(|label| label.len() > 63);
    is_long.then_some("its host is too long")
}

fn bad_url(url: &str, what: &str) -> Error {
    let shown: String = without_secrets(url).chars().take(200).collect();
    Error::new(
        codes::BAD_SERVER_URL,
        format!("the server URL \"{shown}\" cannot be used: {what}; write wss://host:port/path"),
    )
}

/// The text is logged: a name and password before the host, and a query, are left out. As the URL
/// is a bad one, whatever stands before the last `@` counts as such, from the scheme on.
fn without_secrets(url: &str) -> String {
    let url = match url.rsplit_once('@') {
        Some((before, rest)) => match before.split_once("://") {
            Some((scheme, _)) => format!("{scheme}://...@{rest}"),
            None => format!("...@{rest}"),
        },
        None => url.to_owned(),
    };
    match url.split_once('?') {
        Some((url, _)) => format!("{url}?..."),
        None => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        ServerUrl::parse(text).unwrap().to_string()
    }

    #[test]
    fn urls_are_read_with_their_defaults() {
        let url = ServerUrl::parse("wss://Chat.Example.com").unwrap();
        assert_eq!((url.host.as_str(), url.port), ("chat.example.com", 443));
        assert_eq!((url.path.as_str(), url.is_tls), ("/v1", true));
        assert_eq!(url.authority(), "chat.example.com");
        assert_eq!(shown("WSS://a:8443"), "wss://a:8443/v1");
        assert_eq!(shown("wss://a:443/"), "wss://a/");
        assert_eq!(shown("wss://a/b/c?d=e"), "wss://a/b/c?d=e");
        assert_eq!(shown("wss://a?d=e"), "wss://a/v1?d=e");
        assert_eq!(shown("wss://[2001:DB8::1]:9/x"), "wss://[2001:db8::1]:9/x");
        assert_eq!(shown("wss://192.0.2.7"), "wss://192.0.2.7/v1");
        assert_eq!(shown("ws://localhost:8080"), "ws://localhost:8080/v1");
        assert_eq!(shown("ws://127.0.0.1"), "ws://127.0.0.1/v1");
        assert_eq!(shown("ws://[::1]:81"), "ws://[::1]:81/v1");
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let urls = ServerUrl::parse_list(" wss://a , wss://b:1/x,").unwrap();
        assert_eq!(urls.len(), 2);
        assert_eq!(urls[1].to_string(), "wss://b:1/x");
        assert!(ServerUrl::parse_list(" , ").is_err());
        assert!(ServerUrl::parse_list("wss://a,http://b").is_err());
    }

    #[test]
    fn bad_urls_say_what_is_wrong() {
        for (text, what) in [
            ("", "does not begin"),
            ("chat.example.com", "does not begin"),
            ("https://a", "scheme"),
            ("wss://", "no host"),
            ("wss://:443", "no host"),
            ("wss://a:0", "port"),
            ("wss://a:70000", "port"),
            ("wss://a:+1", "port"),
            ("wss://a:", "port"),
            ("wss://[::1]x:1", "between"),
            ("wss://[::g]", "brackets"),
            ("wss://[::1", "brackets"),
            ("wss://me@a", "user"),
            ("wss://a/#x", "fragment"),
            ("wss://a/b c", "path"),
            ("wss://münchen.example", "xn--"),
            ("wss://a..b", "not a valid name"),
            ("wss://a b", "not a valid name"),
            ("ws://example.com", "localhost"),
        ] {
            let error = ServerUrl::parse(text).expect_err(text);
            assert_eq!(error.code, codes::BAD_SERVER_URL);
            assert!(error.desc.contains(what), "{text}: {}", error.desc);
        }
        for text in [
            "wss://me:secret@a",
            "wss://me:sec/ret:secret@a/x",
            "http://me:secret@a",
            "me:secret@a",
            "wss://me:se@secret@a",
            "wss://a b?token=secret",
            "wss://a b?secret@a",
            "wss://me:x?secret@a",
        ] {
            let error = ServerUrl::parse(text).expect_err(text);
            assert!(!error.desc.contains("secret"), "{}", error.desc);
            assert!(!error.desc.contains("me:"), "{}", error.desc);
        }
        let long = format!("wss://{}", "a".repeat(64));
        assert!(ServerUrl::parse(&long).is_err());
    }
}
