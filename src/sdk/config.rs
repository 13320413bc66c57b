//! How a client is configured: by fields in Rust, by JSON in C, by the environment where neither
//! says anything.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use protocol::{Error, codes, limits};
use serde_json::{Map, Value};

use crate::{log, sys};

/// Which thread runs the app's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallbackMode {
    /// One thread of the library.
    #[default]
    Thread,
    /// Whichever thread of the app calls `poll`.
    Poll,
}

/// Calls that may be open at once before new ones are refused with
/// [`QUEUE_FULL`](codes::QUEUE_FULL).
pub const MAX_PENDING: usize = 20_000;

/// What a client is started with.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The app; not 0.
    pub app_id: u64,
    /// Server URLs, tried in turn: `wss://host:port/path`.
    pub urls: Vec<String>,
    /// Certificates of issuers to trust besides the usual ones, PEM.
    pub ca_file: Option<PathBuf>,
    /// SHA-256 of the public keys that the server may have; empty allows all.
    pub pins: Vec<[u8; 32]>,
    /// Folder of the local databases; `None` keeps everything in memory.
    pub data_dir: Option<PathBuf>,
    /// Folder of the log files; `None` writes none.
    pub log_dir: Option<PathBuf>,
    /// Days back from today of which log files are kept; 0 keeps today's only.
    pub log_kept_days: u32,
    /// Bytes of a day's log file from which on lines below warn are left out; from twice that on
    /// all are.
    pub log_day_bytes: u64,
    /// Which thread runs the app's code.
    pub mode: CallbackMode,
    /// Bound of open calls.
    pub max_pending: usize,
    /// Time that one connection attempt may take.
    pub connect_timeout: Duration,
    /// Time that a login may take, whatever happens on the way.
    pub login_timeout: Duration,
    /// Time that one request may take.
    pub request_timeout: Duration,
}

impl Config {
    /// Defaults for an app: no server, the user's own folders, thread mode.
    pub fn new(app_id: u64) -> Self {
        Self {
            app_id,
            urls: Vec::new(),
            ca_file: None,
            pins: Vec::new(),
            data_dir: Some(sys::default_data_dir()),
            log_dir: Some(sys::default_log_dir()),
            log_kept_days: log::KEPT_DAYS,
            log_day_bytes: log::DAY_BYTES,
            mode: CallbackMode::Thread,
            max_pending: MAX_PENDING,
            connect_timeout: limits::HANDSHAKE_TIMEOUT,
            login_timeout: limits::LOGIN_DEADLINE,
            request_timeout: limits::REQUEST_TIMEOUT,
        }
    }

    /// From the object that `tim_init` takes, then `TIM_SERVER_URL` and `TIM_SERVER_CA`. Unknown
    /// keys are ignored; the error names the key that cannot be used.
    pub fn from_json(app_id: u64, json: &Map<String, Value>) -> Result<Self, Error> {
        let mut config = Self::new(app_id);
        let keys = Keys(json);
        if let Some(path) = keys.text("sdk_config_config_file_path")? {
            config.data_dir = Some(path.into());
        }
        if let Some(path) = keys.text("sdk_config_log_file_path")? {
            config.log_dir = Some(path.into());
        }
        if let Some(days) = keys.number("sdk_config_log_kept_days", 0..=36_500)? {
            config.log_kept_days = days;
        }
        if let Some(mb) = keys.number("sdk_config_log_day_mb", 1..=1_000_000)? {
            config.log_day_bytes = u64::from(mb) * 1024 * 1024;
        }
        config.mode = match keys.text("sdk_config_callback_mode")? {
            None | Some("thread") => CallbackMode::Thread,
            Some("poll") => CallbackMode::Poll,
            Some(_) => return Err(bad("sdk_config_callback_mode", "expected thread or poll")),
        };
        if let Some(urls) = keys.list("sdk_config_server_url")? {
            config.urls = urls;
        } else if let Ok(urls) = std::env::var("TIM_SERVER_URL") {
            config.urls = split(&urls);
        }
        if let Some(path) = keys.text("sdk_config_server_ca_file")? {
            config.ca_file = Some(path.into());
        } else if let Some(path) = std::env::var_os("TIM_SERVER_CA").filter(|p| !p.is_empty()) {
            config.ca_file = Some(path.into());
        }
        for pin in keys.list("sdk_config_server_pins")?.unwrap_or_default() {
            let wanted = "expected SHA-256 sums in hexadecimal or base64";
            config
                .pins
                .push(read_pin(&pin).ok_or_else(|| bad("sdk_config_server_pins", wanted))?);
        }
        keys.millis("sdk_config_connect_timeout_ms", &mut config.connect_timeout)?;
        keys.millis("sdk_config_login_timeout_ms", &mut config.login_timeout)?;
        keys.millis("sdk_config_request_timeout_ms", &mut config.request_timeout)?;
        Ok(config)
    }
}

/// The keys of a JSON object, each of a wanted kind.
struct Keys<'a>(&'a Map<String, Value>);

impl<'a> Keys<'a> {
    /// A text; empty counts as missing.
    fn text(&self, key: &'static str) -> Result<Option<&'a str>, Error> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if text.contains('\0') => Err(bad(key, "has a NUL in it")),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|t| !t.is_empty())),
            Some(_) => Err(bad(key, "expected a string")),
        }
    }

    /// An array of texts, or one text with commas; empty counts as missing.
    fn list(&self, key: &'static str) -> Result<Option<Vec<String>>, Error> {
        let Some(Value::Array(items)) = self.0.get(key) else {
            return Ok(self.text(key)?.map(split));
        };
        let item = |v: &Value| v.as_str().map(|s| s.trim().to_owned());
        let items: Option<Vec<_>> = items.iter().map(item).collect();
        let items = items.ok_or_else(|| bad(key, "expected strings"))?;
        Ok(Some(items).filter(|items| !items.is_empty()))
    }

    fn number(&self, key: &'static str, range: RangeInclusive<u32>) -> Result<Option<u32>, Error> {
        let Some(value) = self.0.get(key) else {
            return Ok(None);
        };
        let number = value.as_u64().and_then(|n| u32::try_from(n).ok());
        let number = number.filter(|n| range.contains(n)).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            bad(key, &format!("expected a number from {least} to {most}"))
        })?;
        Ok(Some(number))
    }

    fn millis(&self, key: &'static str, time: &mut Duration) -> Result<(), Error> {
        match self.0.get(key).map(Value::as_u64) {
            None => {}
            Some(Some(ms)) if (1..=86_400_000).contains(&ms) => *time = Duration::from_millis(ms),
            Some(_) => return Err(bad(key, "expected milliseconds from 1 to 86400000")),
        }
        Ok(())
    }
}

fn bad(key: &str, text: &str) -> Error {
    Error::new(codes::INVALID_PARAMETERS, format!("{key}: {text}"))
}

fn split(list: &str) -> Vec<String> {
    let parts = list
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// 64 hexadecimal digits, or base64 with or without its padding; `sha256/` may stand before both.
fn read_pin(pin: &str) -> Option<[u8; 32]> {
    let pin = pin.strip_prefix("sha256/").unwrap_or(pin);
    if pin.len() == 64 && pin.bytes().all(|b| b.is_ascii_hexdigit()) {
        let mut sum = [0; 32];
        for (byte, digits) in sum.iter_mut().zip(pin.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        return Some(sum);
    }
    let sum = STANDARD
        .decode(pin)
        .or_else(|_| STANDARD_NO_PAD.decode(pin))
        .ok()?;
    sum.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: &str) -> Result<Config, Error> {
        Config::from_json(1, &serde_json::from_str(json).unwrap())
    }

    #[test]
    fn keys_are_read_and_unknown_ones_ignored() {
        let config = config(
            r#"{"sdk_config_config_file_path": "/data", "sdk_config_log_file_path": "",
                "sdk_config_callback_mode": "poll", "x": [],
                "sdk_config_server_url": "wss://a:1/v1, wss://b/",
                "sdk_config_login_timeout_ms": 50, "sdk_config_log_kept_days": 0,
                "sdk_config_log_day_mb": 2}"#,
        );
        let config = config.unwrap();
        assert_eq!(config.data_dir, Some("/data".into()));
        assert_eq!(config.log_dir, Some(sys::default_log_dir()));
        assert_eq!(config.mode, CallbackMode::Poll);
        assert_eq!(config.urls, ["wss://a:1/v1", "wss://b/"]);
        assert_eq!(config.login_timeout, Duration::from_millis(50));
        assert_eq!((config.log_kept_days, config.log_day_bytes), (0, 2_097_152));
    }

    #[test]
    fn a_wrong_value_is_named() {
        for json in [
            r#"{"sdk_config_callback_mode": "both"}"#,
            r#"{"sdk_config_callback_mode": 1}"#,
            r#"{"sdk_config_server_url": [1]}"#,
            r#"{"sdk_config_server_pins": "abc"}"#,
            r#"{"sdk_config_config_file_path": "a\u0000b"}"#,
            r#"{"sdk_config_login_timeout_ms": 0.5}"#,
            r#"{"sdk_config_log_kept_days": -1}"#,
            r#"{"sdk_config_log_kept_days": "7"}"#,
            r#"{"sdk_config_log_day_mb": 0}"#,
            r#"{"sdk_config_log_day_mb": 4294967297}"#,
        ] {
            let error = config(json).unwrap_err();
            assert!(error.desc.starts_with("sdk_config_"), "{error}");
        }
    }

    #[test]
    fn pins_in_every_form() {
        let (sum, hex) = ([0xabu8; 32], "ab".repeat(32));
        let padded = STANDARD.encode(sum);
        for pin in [
            &hex,
            &padded,
            padded.trim_end_matches('='),
            &format!("sha256/{padded}"),
        ] {
            assert_eq!(read_pin(pin), Some(sum), "{pin}");
        }
        assert_eq!(read_pin(&"ab".repeat(31)), None);
    }
}
