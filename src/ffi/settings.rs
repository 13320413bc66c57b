//! What `tim_set_config` sets, and what `tim_call_experimental_api` sets beside it. It outlives the
//! instance.

use protocol::{Error, codes, limits};
use serde_json::{Map, Value, json};

use crate::log::{DEFAULT_LEVEL, Logger};
use crate::reactor::{ServerUrl, Socks5};
use crate::sdk::Preset;

const SOCKS: &str = "socks5_proxy_info";
const HTTP: &str = "http_proxy_info";

/// The values in force, by key.
pub(super) struct Settings {
    values: Map<String, Value>,
    /// What the next `tim_init` makes of them, and of the operations.
    pub(super) preset: Preset,
}

impl Default for Settings {
    fn default() -> Self {
        let defaults = json!({
            "set_config_log_level": DEFAULT_LEVEL,
            "set_config_callback_log_level": DEFAULT_LEVEL,
            "set_config_is_log_output_console": false,
            "set_config_is_only_local_dns_source": false,
            "set_config_user_define_data": "",
            "set_config_user_config": {"user_config_is_is_disable_storage": false},
            "set_config_http_proxy_info": {"http_proxy_info_ip": "", "http_proxy_info_port": 0},
            "set_config_socks5_proxy_info":
                {"socks5_proxy_info_ip": "", "socks5_proxy_info_port": 0},
        });
        let values = match defaults {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Self {
            values,
            preset: Preset::default(),
        }
    }
}

impl Settings {
    /// Takes over the keys of `changes` that it knows: all of them, or none when one is wrong.
    pub(super) fn change(&mut self, changes: &Map<String, Value>) -> Result<(), Error> {
        for (key, value) in changes {
            check(key, value)?;
        }
        for (key, value) in changes {
            match (self.values.get_mut(key), value) {
                (Some(Value::Object(old)), Value::Object(new)) if key.ends_with("user_config") => {
                    old.extend(new.clone());
                }
                (Some(old), new) => *old = new.clone(),
                (None, _) => {}
            }
        }
        self.preset.in_memory = self.disables_storage();
        let data = self.values.get("set_config_user_define_data");
        data.and_then(Value::as_str)
            .unwrap_or_default()
            .clone_into(&mut self.preset.user_data);
        let socks = self.values.get("set_config_socks5_proxy_info");
        self.preset.proxy = socks.map_or(Ok(None), |value| read_proxy(value, SOCKS))?;
        Ok(())
    }

    /// Makes the log follow.
    pub(super) fn apply(&self, logger: &Logger) {
        let level = |key| self.values.get(key).and_then(Value::as_i64);
        let level = |key| level(key).unwrap_or_default() as i32;
        let (file, callback) = (
            level("set_config_log_level"),
            level("set_config_callback_log_level"),
        );
        logger.set_levels(file, callback);
        let console = self
            .values
            .get("set_config_is_log_output_console")
            .and_then(Value::as_bool);
        logger.set_console(console.unwrap_or_default());
    }

    /// The JSON of everything in force, without passwords.
    pub(super) fn answer(&self) -> String {
        let mut shown = self.values.clone();
        for proxy in shown.values_mut().filter_map(Value::as_object_mut) {
            proxy.retain(|key, _| !key.ends_with("_password"));
        }
        Value::Object(shown).to_string()
    }

    fn disables_storage(&self) -> bool {
        let user = self.values.get("set_config_user_config");
        let off = user.and_then(|u| u.get("user_config_is_is_disable_storage"));
        off.and_then(Value::as_bool).unwrap_or_default()
    }
}

fn check(key: &str, value: &Value) -> Result<(), Error> {
    let right = match key {
        "set_config_log_level" | "set_config_callback_log_level" => {
            value.as_u64().is_some_and(|level| level <= 7)
        }
        "set_config_is_log_output_console" | "set_config_is_only_local_dns_source" => {
            value.is_boolean()
        }
        "set_config_user_define_data" => value
            .as_str()
            .is_some_and(|s| s.len() <= limits::USER_DATA_BYTES),
        "set_config_user_config" => {
            let object = value.as_object();
            let off = |user: &Map<_, _>| user.get("user_config_is_is_disable_storage").cloned();
            object.is_some_and(|user| off(user).is_none_or(|off: Value| off.is_boolean()))
        }
        "set_config_http_proxy_info" => return read_proxy(value, HTTP).map(drop),
        "set_config_socks5_proxy_info" => return read_proxy(value, SOCKS).map(drop),
        // Going on without the proxy that the app asked for would be worse than refusing it.
        "set_config_pac_proxy_info" if value.is_object() => {
            let text = format!("{key}: no proxy is chosen by a PAC script here; name it instead");
            return Err(Error::new(codes::NOT_SUPPORTED, text));
        }
        "set_config_pac_proxy_info" => false,
        _ => true,
    };
    if right {
        return Ok(());
    }
    Err(wrong(key, "a value of the wrong kind or size"))
}

fn wrong(key: &str, what: &str) -> Error {
    Error::new(codes::INVALID_PARAMETERS, format!("{key}: {what}"))
}

/// A proxy of either kind; none for no address and port 0. The error names the key.
fn read_proxy(value: &Value, prefix: &str) -> Result<Option<Socks5>, Error> {
    let wrong = |name: &str, what| Err(wrong(&format!("{prefix}_{name}"), what));
    let Some(proxy) = value.as_object() else {
        return wrong_object(prefix);
    };
    let get = |name: &str| proxy.get(&format!("{prefix}_{name}"));
    let Some(host) = get("ip").and_then(Value::as_str) else {
        return wrong("ip", "expected a string");
    };
    let port = get("port").and_then(Value::as_u64);
    let Some(port) = port.and_then(|port| u16::try_from(port).ok()) else {
        return wrong("port", "expected an integer from 0 to 65535");
    };
    let mut login = [""; 2];
    for (text, name) in login.iter_mut().zip(["username", "password"]) {
        *text = match get(name).map_or(Some(""), Value::as_str) {
            Some(value) if value.len() <= Socks5::MAX_LOGIN => value,
            _ => return wrong(name, "expected a string of at most 255 bytes"),
        };
    }
    let [name, password] = login.map(str::to_owned);
    if name.is_empty() && !password.is_empty() {
        return wrong("password", "a password without a username");
    }
    let host = host
        .strip_prefix('[')
        .and_then(|ip| ip.strip_suffix(']'))
        .unwrap_or(host);
    match (host.is_empty(), port) {
        (true, 0) => Ok(None),
        (false, 0) => wrong("port", "0 is no port"),
        _ if !ServerUrl::is_host(host) => wrong("ip", "neither an IP address nor a host name"),
        _ => Ok(Some(Socks5 {
            host: host.to_ascii_lowercase(),
            port,
            login: (!name.is_empty()).then_some((name, password)),
        })),
    }
}

fn wrong_object<T>(prefix: &str) -> Result<T, Error> {
    Err(wrong(&format!("set_config_{prefix}"), "expected an object"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(settings: &mut Settings, json: Value) -> Result<(), Error> {
        settings.change(json.as_object().unwrap())
    }

    #[test]
    fn the_answer_is_what_is_in_force_without_passwords() {
        let mut settings = Settings::default();
        let proxy = json!({"http_proxy_info_ip": "10.0.0.1", "http_proxy_info_port": 80,
            "http_proxy_info_username": "u", "http_proxy_info_password": "secret"});
        let changes =
            json!({"set_config_http_proxy_info": proxy, "set_config_log_level": 6, "x": 1});
        change(&mut settings, changes).unwrap();
        let answer = settings.answer();
        assert!(answer.contains("10.0.0.1") && answer.contains(r#""set_config_log_level":6"#));
        assert!(
            !answer.contains("secret") && !answer.contains(r#""x""#),
            "{answer}"
        );
    }

    #[test]
    fn one_wrong_value_changes_nothing() {
        let mut settings = Settings::default();
        for wrong in [
            json!({"set_config_log_level": 8}),
            json!({"set_config_log_level": "4"}),
            json!({"set_config_is_log_output_console": 1}),
            json!({"set_config_user_define_data": "x".repeat(65)}),
            json!({"set_config_user_config": {"user_config_is_is_disable_storage": 1}}),
            json!({"set_config_http_proxy_info": {"http_proxy_info_ip": "", "http_proxy_info_port": 1}}),
        ] {
            let mut changes = wrong.as_object().unwrap().clone();
            changes.insert("set_config_callback_log_level".into(), json!(1));
            let error = settings.change(&changes).unwrap_err();
            assert_eq!(error.code, codes::INVALID_PARAMETERS, "{error}");
            assert_eq!(settings.answer(), Settings::default().answer());
        }
        let pac = |value| json!({"set_config_pac_proxy_info": value});
        let error = change(&mut settings, pac(json!({"pac_proxy_info_username": "u"})));
        assert_eq!(error.unwrap_err().code, codes::NOT_SUPPORTED);
        let error = change(&mut settings, pac(json!("u")));
        assert_eq!(error.unwrap_err().code, codes::INVALID_PARAMETERS);
    }

    #[test]
    fn a_proxy_is_taken_as_a_whole_and_its_wrong_key_is_named() {
        let socks = |ip: &str, port: u32, name: &str, password: &str| {
            json!({"set_config_socks5_proxy_info": {
                "socks5_proxy_info_ip": ip, "socks5_proxy_info_port": port,
                "socks5_proxy_info_username": name, "socks5_proxy_info_password": password}})
        };
        let mut settings = Settings::default();
        change(&mut settings, socks("[2001:DB8::1]", 1080, "u", "secret")).unwrap();
        let proxy = settings.preset.proxy.clone().unwrap();
        assert_eq!((&*proxy.host, proxy.port), ("2001:db8::1", 1080));
        assert_eq!(proxy.login, Some(("u".into(), "secret".into())));
        assert!(!settings.answer().contains("secret"));
        assert!(!format!("{:?}", settings.preset).contains("secret"));
        let long = "x".repeat(256);
        for (wrong, key) in [
            (socks("a", 0, "", ""), "socks5_proxy_info_port"),
            (socks("a", 65_536, "", ""), "socks5_proxy_info_port"),
            (socks("", 1, "", ""), "socks5_proxy_info_ip"),
            (socks("a b", 1, "", ""), "socks5_proxy_info_ip"),
            (socks("a", 1, "", "p"), "socks5_proxy_info_password"),
            (socks("a", 1, "u", &long), "socks5_proxy_info_password"),
            (socks("a", 1, &long, ""), "socks5_proxy_info_username"),
            (
                json!({"set_config_socks5_proxy_info": 3}),
                "set_config_socks5_proxy_info",
            ),
            (
                json!({"set_config_http_proxy_info": {"http_proxy_info_ip": "a"}}),
                "http_proxy_info_port",
            ),
        ] {
            let error = change(&mut settings, wrong).unwrap_err();
            assert_eq!(error.code, codes::INVALID_PARAMETERS);
            assert!(error.desc.starts_with(&format!("{key}: ")), "{error}");
            assert_eq!(settings.preset.proxy.as_ref(), Some(&proxy));
        }
        change(&mut settings, socks("", 0, "", "")).unwrap();
        assert_eq!(settings.preset.proxy, None);
        // The one for uploads is kept, and taken back in the same way.
        let http = |ip: &str, port: u32| {
            json!({"set_config_http_proxy_info":
                {"http_proxy_info_ip": ip, "http_proxy_info_port": port}})
        };
        change(&mut settings, http("proxy.example", 8080)).unwrap();
        assert!(settings.answer().contains("proxy.example"));
        change(&mut settings, http("", 0)).unwrap();
        assert!(!settings.answer().contains("proxy.example"));
        assert_eq!(settings.preset.proxy, None);
    }

    #[test]
    fn user_data_is_kept_for_the_next_init() {
        let mut settings = Settings::default();
        let data = "x".repeat(limits::USER_DATA_BYTES);
        change(&mut settings, json!({"set_config_user_define_data": data})).unwrap();
        assert_eq!(settings.preset.user_data, data);
    }

    #[test]
    fn storage_can_be_turned_off() {
        let mut settings = Settings::default();
        assert!(!settings.preset.in_memory);
        let off = json!({"set_config_user_config": {"user_config_is_is_disable_storage": true}});
        change(&mut settings, off).unwrap();
        assert!(settings.preset.in_memory);
        assert!(change(&mut settings, json!({"set_config_user_config": {}})).is_ok());
        assert!(settings.preset.in_memory);
    }
}
