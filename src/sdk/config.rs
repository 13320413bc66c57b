//! How a client is configured: by fields in Rust, by JSON in C, by the environment where neither
//! says anything.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use protocol::{Error, codes, limits, user};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::reactor::Socks5;
use crate::{log, sys};

/// Which thread runs the app's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallbackMode {
    /// One thread of the library.
    #[default]
    Thread,
    /// Whichever thread of the app calls `poll`.
    Poll,
    /// The thread that starts the client, in its message loop, by a window that nobody sees.
    #[cfg(windows)]
    Window,
    /// [`Window`](Self::Window) on a thread that seems to have a message loop, otherwise
    /// [`Thread`](Self::Thread).
    #[cfg(windows)]
    WindowOrThread,
}

impl CallbackMode {
    /// What the C interface takes when the app does not say.
    #[cfg(not(windows))]
    const UNSAID: Self = Self::Thread;
    #[cfg(windows)]
    const UNSAID: Self = Self::WindowOrThread;

    /// For the log.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Thread => "thread",
            Self::Poll => "poll",
            #[cfg(windows)]
            Self::Window | Self::WindowOrThread => "window",
        }
    }

    /// The mode on the calling thread.
    pub(super) fn here(self) -> Self {
        #[cfg(windows)]
        if self == Self::WindowOrThread {
            return match sys::has_message_loop() {
                true => Self::Window,
                false => Self::Thread,
            };
        }
        self
    }
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
    /// What this runs on, to report: a number of [`protocol::user::platform`]; this machine's
    /// system by default.
    pub platform: i32,
    /// Of a name's addresses, those of IPv6 are tried first.
    pub prefers_ipv6: bool,
    /// The way to the servers; `None` is straight there.
    pub proxy: Option<Socks5>,
    /// Text of the app that every login takes to the server; at most
    /// [`USER_DATA_BYTES`](limits::USER_DATA_BYTES).
    pub user_data: String,
}

/// What the app has said before `tim_init`, by `tim_set_config` and `tim_call_experimental_api`. The
/// object of `tim_init` stands above it, the environment below.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preset {
    /// Server URLs; empty: not said.
    pub urls: Vec<String>,
    /// Pins of the servers in `urls`.
    pub pins: Vec<[u8; 32]>,
    /// See [`Config::platform`].
    pub platform: Option<i32>,
    /// See [`Config::request_timeout`].
    pub request_timeout: Option<Duration>,
    /// See [`Config::prefers_ipv6`].
    pub prefers_ipv6: bool,
    /// See [`Config::proxy`].
    pub proxy: Option<Socks5>,
    /// See [`Config::user_data`].
    pub user_data: String,
    /// Nothing is kept on disk.
    pub in_memory: bool,
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
            platform: platform(),
            prefers_ipv6: false,
            proxy: None,
            user_data: String::new(),
        }
    }

    /// From the object that `tim_init` takes, then what was said before it, then `TIM_SERVER_URL`
    /// and `TIM_SERVER_CA`. Unknown keys are ignored; the error names the key that cannot be used.
    pub fn from_json(
        app_id: u64,
        json: &Map<String, Value>,
        preset: &Preset,
    ) -> Result<Self, Error> {
        let mut config = Self::new(app_id);
        config.platform = preset.platform.unwrap_or(config.platform);
        config.request_timeout = preset.request_timeout.unwrap_or(config.request_timeout);
        config.prefers_ipv6 = preset.prefers_ipv6;
        config.proxy.clone_from(&preset.proxy);
        config.user_data.clone_from(&preset.user_data);
        let keys = Keys(json);
        if let Some(path) = keys.text("sdk_config_config_file_path")? {
            config.data_dir = Some(path.into());
        }
        if preset.in_memory {
            config.data_dir = None;
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
            None => CallbackMode::UNSAID,
            Some("thread") => CallbackMode::Thread,
            Some("poll") => CallbackMode::Poll,
            #[cfg(windows)]
            Some("window") => CallbackMode::Window,
            Some(_) => {
                let wanted = "expected thread or poll, or, on Windows only, window";
                return Err(bad("sdk_config_callback_mode", wanted));
            }
        };
        if let Some(urls) = keys.list("sdk_config_server_url")? {
            config.urls = urls;
        } else if !preset.urls.is_empty() {
            config.urls.clone_from(&preset.urls);
            config.pins.clone_from(&preset.pins);
        } else if let Ok(urls) = std::env::var("TIM_SERVER_URL") {
            config.urls = split(&urls);
        }
        if let Some(path) = keys.text("sdk_config_server_ca_file")? {
            config.ca_file = Some(path.into());
        } else if let Some(path) = std::env::var_os("TIM_SERVER_CA").filter(|p| !p.is_empty()) {
            config.ca_file = Some(path.into());
        }
        if let Some(pins) = keys.list("sdk_config_server_pins")? {
            let pins = pins.iter().map(|pin| read_pin(pin)).collect::<Option<_>>();
            let wanted = "expected SHA-256 sums in hexadecimal or base64";
            config.pins = pins.ok_or_else(|| bad("sdk_config_server_pins", wanted))?;
        }
        keys.millis("sdk_config_connect_timeout_ms", &mut config.connect_timeout)?;
        keys.millis("sdk_config_login_timeout_ms", &mut config.login_timeout)?;
        keys.millis("sdk_config_request_timeout_ms", &mut config.request_timeout)?;
        Ok(config)
    }
}

impl Config {
    /// Its callbacks need the message loop of the thread that starts it.
    pub(crate) fn wants_loop(&self) -> bool {
        #[cfg(windows)]
        return self.mode == CallbackMode::Window;
        #[cfg(not(windows))]
        false
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

/// The pin of a public key: a pin as above, or the key itself (SubjectPublicKeyInfo) in PEM or as
/// base64 of its DER.
pub(crate) fn pin_of_key(key: &str) -> Option<[u8; 32]> {
    let key = key.trim();
    if let Some(pin) = read_pin(key) {
        return Some(pin);
    }
    let body = match key.strip_prefix("-----BEGIN PUBLIC KEY-----") {
        Some(rest) => rest.strip_suffix("-----END PUBLIC KEY-----")?,
        None => key,
    };
    let body: String = body.split_ascii_whitespace().collect();
    let der = STANDARD
        .decode(&body)
        .or_else(|_| STANDARD_NO_PAD.decode(&body))
        .ok()?;
    is_one_sequence(&der).then(|| Sha256::digest(&der).into())
}

/// Whether these bytes are a SEQUENCE of DER from the first to the last, as a public key is. A text
/// that merely happens to be base64 would make a pin that no server has.
fn is_one_sequence(der: &[u8]) -> bool {
    let (header, length) = match der {
        [0x30, 0x81, length, ..] => (3, usize::from(*length)),
        [0x30, 0x82, high, low, ..] => (4, usize::from(*high) << 8 | usize::from(*low)),
        [0x30, length @ ..=0x7f, ..] => (2, usize::from(*length)),
        _ => return false,
    };
    length > 0 && der.len() == header + length
}

fn platform() -> i32 {
    use user::platform;
    if cfg!(target_os = "windows") {
        platform::WINDOWS
    } else if cfg!(target_os = "android") {
        platform::ANDROID
    } else if cfg!(target_os = "ios") {
        platform::IOS
    } else if cfg!(target_os = "macos") {
        platform::MAC
    } else if cfg!(target_os = "linux") {
        platform::LINUX
    } else {
        platform::OTHER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: &str) -> Result<Config, Error> {
        preset(json, &Preset::default())
    }

    fn preset(json: &str, preset: &Preset) -> Result<Config, Error> {
        Config::from_json(1, &serde_json::from_str(json).unwrap(), preset)
    }

    #[test]
    fn what_was_said_before_gives_way_to_the_object() {
        let before = Preset {
            urls: vec!["wss://a".into()],
            pins: vec![[1; 32]],
            request_timeout: Some(Duration::from_secs(7)),
            platform: Some(2),
            user_data: "data".into(),
            in_memory: true,
            ..Preset::default()
        };
        let plain = preset(r#"{"sdk_config_config_file_path": "/data"}"#, &before).unwrap();
        assert_eq!((&plain.urls, &plain.pins), (&before.urls, &before.pins));
        assert_eq!(plain.request_timeout, Duration::from_secs(7));
        assert_eq!((plain.platform, &*plain.user_data), (2, "data"));
        assert_eq!(plain.data_dir, None);
        let said = r#"{"sdk_config_server_url": "wss://b", "sdk_config_request_timeout_ms": 50}"#;
        let said = preset(said, &before).unwrap();
        // The pins are those of the other servers.
        assert_eq!((said.urls, said.pins), (vec!["wss://b".into()], vec![]));
        assert_eq!(said.request_timeout, Duration::from_millis(50));
        let pin = format!(r#"{{"sdk_config_server_pins": "{}"}}"#, "02".repeat(32));
        let pinned = preset(&pin, &before).unwrap();
        assert_eq!((pinned.urls, pinned.pins), (before.urls, vec![[2; 32]]));
    }

    #[test]
    fn public_keys_in_every_form() {
        // An Ed25519 key: 12 bytes of header, 32 of key.
        let der: Vec<u8> = [0x30, 42, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 33, 0]
            .into_iter()
            .chain([7; 32])
            .collect();
        let pin: [u8; 32] = Sha256::digest(&der).into();
        let base64 = STANDARD.encode(&der);
        let (one, two) = base64.split_at(30);
        let pem = |line: &str| {
            format!(
                "-----BEGIN PUBLIC KEY-----{line}{one}{line}{two}{line}-----END PUBLIC KEY-----{line}"
            )
        };
        let hex: String = pin.iter().map(|byte| format!("{byte:02x}")).collect();
        for key in [
            base64.as_str(),
            base64.trim_end_matches('='),
            &pem("\n"),
            &pem("\r\n"),
            &hex,
        ] {
            assert_eq!(pin_of_key(key), Some(pin), "{key}");
        }
        let long = [vec![0x30, 0x82, 1, 0], vec![1; 256]].concat();
        assert!(pin_of_key(&STANDARD.encode(&long)).is_some());
        for wrong in [
            "",
            "abc",
            "0123456789abcdef0123456789abcdef",
            &STANDARD.encode(&der[..43]),
            "-----BEGIN PUBLIC KEY-----\nMCow",
            "-----BEGIN RSA PUBLIC KEY-----\nMCow\n-----END RSA PUBLIC KEY-----",
        ] {
            assert_eq!(pin_of_key(wrong), None, "{wrong}");
        }
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
