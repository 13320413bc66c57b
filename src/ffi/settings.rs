//! What `tim_set_config` sets. It outlives the instance.

use protocol::{Error, codes};
use serde_json::{Map, Value, json};

use crate::log::{DEFAULT_LEVEL, Logger};

/// Bytes of `set_config_user_define_data`.
const MAX_USER_DATA: usize = 64;

/// The values in force, by key.
pub(super) struct Settings(Map<String, Value>);

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
        });
        match defaults {
            Value::Object(map) => Self(map),
            _ => Self(Map::new()),
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
            match (self.0.get_mut(key), value) {
                (Some(Value::Object(old)), Value::Object(new)) if key.ends_with("user_config") => {
                    old.extend(new.clone());
                }
                (Some(old), new) => *old = new.clone(),
                (None, _) => {}
            }
        }
        Ok(())
    }

    /// Makes the log follow.
    pub(super) fn apply(&self, logger: &Logger) {
        let level = |key| self.0.get(key).and_then(Value::as_i64).unwrap_or_default() as i32;
        let (file, callback) = (
            level("set_config_log_level"),
            level("set_config_callback_log_level"),
        );
        logger.set_levels(file, callback);
        let console = self
            .0
            .get("set_config_is_log_output_console")
            .and_then(Value::as_bool);
        logger.set_console(console.unwrap_or_default());
    }

    /// The JSON of everything in force, without passwords.
    pub(super) fn answer(&self) -> String {
        let mut shown = self.0.clone();
        for proxy in shown.values_mut().filter_map(Value::as_object_mut) {
            proxy.retain(|key, _| !key.ends_with("_password"));
        }
        Value::Object(shown).to_string()
    }

    /// Whether the next instance keeps its data in memory only.
    pub(super) fn disables_storage(&self) -> bool {
        let user = self.0.get("set_config_user_config");
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
        "set_config_user_define_data" => value.as_str().is_some_and(|s| s.len() <= MAX_USER_DATA),
        "set_config_user_config" => {
            let object = value.as_object();
            let off = |user: &Map<_, _>| user.get("user_config_is_is_disable_storage").cloned();
            object.is_some_and(|user| off(user).is_none_or(|off: Value| off.is_boolean()))
        }
        "set_config_http_proxy_info" => is_proxy(value, "http_proxy_info").is_some(),
        "set_config_socks5_proxy_info" => match is_proxy(value, "socks5_proxy_info") {
            Some(true) => true,
            Some(false) => return Err(unsupported(key)),
            None => false,
        },
        "set_config_pac_proxy_info" => return Err(unsupported(key)),
        _ => true,
    };
    if right {
        return Ok(());
    }
    Err(Error::new(
        codes::INVALID_PARAMETERS,
        format!("{key}: a value of the wrong kind or size"),
    ))
}

/// Going on without the proxy that the app asked for would be worse than refusing it.
fn unsupported(key: &str) -> Error {
    Error::new(
        codes::NOT_SUPPORTED,
        format!("{key}: this kind of proxy is not supported yet"),
    )
}

/// Whether a proxy's values are right, and whether they mean "none": no address and port 0.
fn is_proxy(value: &Value, prefix: &str) -> Option<bool> {
    let proxy = value.as_object()?;
    let get = |name: &str| proxy.get(&format!("{prefix}_{name}"));
    let ip = get("ip")?.as_str()?;
    let port = get("port")?.as_u64()?;
    for name in ["username", "password"] {
        get(name).map_or(Some(""), Value::as_str)?;
    }
    match (ip.is_empty(), port) {
        (true, 0) => Some(true),
        (false, 1..=65_535) => Some(false),
        _ => None,
    }
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
        let socks = json!({"socks5_proxy_info_ip": "1.2.3.4", "socks5_proxy_info_port": 1080});
        let error = change(
            &mut settings,
            json!({"set_config_socks5_proxy_info": socks}),
        )
        .unwrap_err();
        assert_eq!(error.code, codes::NOT_SUPPORTED);
    }

    #[test]
    fn storage_can_be_turned_off() {
        let mut settings = Settings::default();
        assert!(!settings.disables_storage());
        let off = json!({"set_config_user_config": {"user_config_is_is_disable_storage": true}});
        change(&mut settings, off).unwrap();
        assert!(settings.disables_storage());
        assert!(change(&mut settings, json!({"set_config_user_config": {}})).is_ok());
        assert!(settings.disables_storage());
    }
}
