//! The gateway to internal operations: those that mean something here, and an answer for the rest.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;
use std::time::Duration;

use protocol::{Error, codes, user};
use serde::Deserialize;
use serde_json::{Value, json};
use tim_core::Command;

use super::args::{self, Kind};
use super::call::{
    Needs, UserData, answer_here, c_text, call_for, guard_code, guard_listen, refuse,
};
use super::enums::TIM_ERR_PARAM;
use super::instance;
use super::types::{tim_comm_callback, tim_experimental_notify_callback};
use crate::log::Level;
use crate::reactor::ServerUrl;
use crate::sdk::{self, ExperimentalListener, Preset, pin_of_key};
use crate::sys;

/// Carries out an internal operation.
///
/// An operation is chosen by name; docs/experimental.md lists them all, with their parameters and
/// what they do here. Those that are settings work before tim_init and take effect with the next
/// tim_init, whose own keys stand above them.
///
/// Keys:
/// - request_internal_operation: the operation, such as "internal_operation_set_custom_server_info".
/// - the parameter of that operation, as the document names it.
///
/// @param json_param  JSON object, UTF-8. Not NULL, not empty.
/// @param cb  Outcome; NULL allowed. json_params is an object with response_internal_operation and
///   the result, if there is one. TIM_ERR_NOT_SUPPORTED: libtim does not offer this operation.
///   TIM_ERR_INVALID_PARAMETERS: there is no such operation, or its parameter is missing or wrong.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return 0 accepted. TIM_ERR_JSON: not a JSON object. TIM_ERR_PARAM: NULL or empty, or cb is
///   NULL and the operation fails. TIM_ERR_QUEUE_FULL: nothing was done.
/// @note Any thread, also inside a callback, also before tim_init and after tim_uninit, when cb
///   runs before the call returns.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tim_call_experimental_api(
    json_param: *const c_char,
    cb: tim_comm_callback,
    user_data: *const c_void,
) -> c_int {
    const NAME: &str = "tim_call_experimental_api";
    if sys::is_cut_off() {
        return refuse(cb, UserData(user_data));
    }
    guard_code(NAME, || {
        // SAFETY: the header wants NULL or a NUL-terminated text.
        let request = match unsafe { args::json(json_param, Kind::Object) } {
            Ok(request @ Value::Object(_)) => request,
            Ok(_) => return TIM_ERR_PARAM,
            Err(code) => return code,
        };
        match operation(&request) {
            Ok(name @ "internal_operation_init_local_storage") => {
                if instance::current().is_none() {
                    return refuse(cb, UserData(user_data));
                }
                match args::typed(&request) {
                    Ok(StorageUser {
                        request_init_local_storage_user_id_param: user,
                    }) => {
                        let json = response(name, &[]);
                        let command = Command::OpenStorage(user);
                        call_for(NAME, Needs::Init, cb, user_data, json, |_| Ok(command))
                    }
                    Err(error) => answer_here(NAME, cb, UserData(user_data), || Err(error)),
                }
            }
            named => answer_here(NAME, cb, UserData(user_data), || {
                let name = named?;
                if name == "internal_operation_write_log" {
                    write_log(&request)?;
                    return Ok(response(name, &[]));
                }
                let done = carry_out(name, &request, &mut instance::settings().preset)?;
                if done.is_setting && instance::current().is_some() {
                    let text = format_args!("{name} takes effect with the next tim_init");
                    instance::logger().write(Level::Warn, "ffi", text);
                }
                Ok(done.json)
            }),
        }
    })
}

/// Sets who is told of notices of internal operations.
///
/// Nothing is told in this version: no operation that is offered has notices.
///
/// @param cb  Replaces the one before; NULL removes it.
/// @param user_data  Handed to cb as it is; NULL allowed.
/// @return Nothing.
/// @note Any thread, at any time. Takes effect at once; a running call of the old callback is
///   waited for, unless this is called from inside it.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn tim_set_experimental_notify_callback(
    cb: tim_experimental_notify_callback,
    user_data: *const c_void,
) {
    let user_data = UserData(user_data);
    guard_listen("tim_set_experimental_notify_callback", || {
        let listener = cb.map(|cb| -> Arc<ExperimentalListener> {
            Arc::new(move |key, data| {
                let (key, data) = (c_text(key.to_owned()), c_text(data.to_owned()));
                // SAFETY: the app's function of this type; the texts outlive the call.
                unsafe { cb(key.as_ptr(), data.as_ptr(), user_data.get()) };
            })
        });
        instance::listeners().experimental.set(listener);
    });
}

#[derive(Deserialize)]
struct StorageUser {
    request_init_local_storage_user_id_param: String,
}

#[derive(Deserialize)]
struct ServerInfo {
    request_set_custom_server_info_param: CustomServerInfo,
}

#[derive(Deserialize)]
struct CustomServerInfo {
    longconnection_address_array: Vec<ServerAddress>,
    server_public_key: String,
}

#[derive(Deserialize)]
struct ServerAddress {
    server_address_ip: String,
    server_address_port: i32,
    #[serde(default)]
    server_address_is_ipv6: bool,
    #[serde(default)]
    server_address_is_quic: bool,
}

#[derive(Deserialize)]
struct UiPlatform {
    request_set_ui_platform_param: u32,
}

#[derive(Deserialize)]
struct RequestTimeout {
    request_set_packet_request_timeout_param: i64,
}

#[derive(Deserialize)]
struct Ipv6Prior {
    request_set_ipv6_prior_param: bool,
}

#[derive(Deserialize)]
struct Environment {
    request_set_env_param: bool,
}

#[derive(Deserialize)]
struct IgnoreRepeatLogin {
    request_set_ignore_repeat_login_param: bool,
}

#[derive(Deserialize)]
struct ApplicationId {
    request_set_application_id_param: u8,
}

#[derive(Deserialize)]
struct LogLine {
    request_write_log_log_level_param: i32,
    request_write_log_log_content_param: String,
    #[serde(default)]
    request_write_log_file_name_param: String,
    #[serde(default)]
    request_write_log_func_name_param: String,
    #[serde(default)]
    request_write_log_line_number_param: u32,
}

#[derive(Deserialize)]
struct Ability {
    request_is_commercial_ability_enabled_param: u64,
}

/// What [`carry_out`] does not know, and what to tell of it.
const NOT_SUPPORTED: &[(&str, &str)] = &[
    ("sso_data", "the server is asked by the functions of tim.h"),
    ("userid_tinyid", "users have no numbers besides their IDs"),
    ("tinyid_userid", "users have no numbers besides their IDs"),
    (
        "set_max_retry_count",
        "attempts are bounded by time: sdk_config_login_timeout_ms is a login's, and a message \
         waits until it is sent",
    ),
    ("enable_quic_channel", "connections are WebSockets over TLS"),
    ("set_sm4_gcm_callback", "connections are encrypted by TLS"),
    (
        "set_cos_save_region_for_conversation",
        "media are not there yet",
    ),
    (
        "set_database_encrypt_info",
        "databases are not encrypted; they are readable for their owner only",
    ),
    ("set_offline_push_state", "offline push is not there yet"),
    ("get_offline_push_state", "offline push is not there yet"),
    (
        "get_message_revoker",
        "tim_msg_find_messages gives message_revoker_user_id",
    ),
    (
        "clear_local_history_message",
        "tim_msg_clear_history_message deletes them, on all devices of the user",
    ),
    ("update_proxy_info", "use tim_set_config"),
    (
        "send_trtc_custom_data",
        "there are no calls for audio and video",
    ),
    ("send_room_custom_data", "there are no rooms"),
    (
        "get_server_config",
        "the server keeps its settings to itself",
    ),
    ("start_message_long_polling", "there are no chat rooms yet"),
    ("stop_message_long_polling", "there are no chat rooms yet"),
    ("find_merger_messages", "merged messages are not there yet"),
    ("get_brief_group_member_list", "groups are not there yet"),
];

const PREFIX: &str = "internal_operation_";

fn operation(request: &Value) -> Result<&str, Error> {
    const KEY: &str = "request_internal_operation";
    match request.get(KEY) {
        Some(Value::String(name)) => Ok(name),
        Some(_) => Err(wrong(KEY, "expected a string")),
        None => Err(wrong(KEY, "it names the operation and is missing")),
    }
}

/// What came of an operation.
struct Done {
    json: String,
    /// It waits for the next `tim_init`.
    is_setting: bool,
}

/// Carries out what needs neither core nor log.
fn carry_out(name: &str, request: &Value, preset: &mut Preset) -> Result<Done, Error> {
    let mut result = Vec::new();
    let mut is_setting = true;
    match name.strip_prefix(PREFIX).unwrap_or_default() {
        "set_custom_server_info" => {
            let info: ServerInfo = args::typed(request)?;
            let info = info.request_set_custom_server_info_param;
            let (urls, pins) = (urls_of(&info)?, pins_of(&info)?);
            (preset.urls, preset.pins) = (urls, pins);
        }
        "set_ui_platform" => {
            let wanted: UiPlatform = args::typed(request)?;
            let number = i32::try_from(wanted.request_set_ui_platform_param).ok();
            let known = number.filter(|number| user::platform::is_known(*number));
            let what = "expected a number of tim_platform, or 101 to 103";
            let known = known.ok_or_else(|| wrong("request_set_ui_platform_param", what))?;
            preset.platform = Some(known);
        }
        "set_packet_request_timeout" => {
            let wanted: RequestTimeout = args::typed(request)?;
            let seconds = u64::try_from(wanted.request_set_packet_request_timeout_param).ok();
            let seconds = seconds.filter(|seconds| (1..=86_400).contains(seconds));
            let (key, what) = (
                "request_set_packet_request_timeout_param",
                "expected seconds from 1 to 86400",
            );
            let seconds = seconds.ok_or_else(|| wrong(key, what))?;
            preset.request_timeout = Some(Duration::from_secs(seconds));
        }
        "set_ipv6_prior" => {
            let wanted: Ipv6Prior = args::typed(request)?;
            preset.prefers_ipv6 = wanted.request_set_ipv6_prior_param;
        }
        "set_env" => {
            let wanted: Environment = args::typed(request)?;
            if wanted.request_set_env_param {
                return Err(unsupported(
                    name,
                    "a test environment is a server URL of its own",
                ));
            }
            result.push(("response_set_env_res", json!(false)));
            is_setting = false;
        }
        // Here a repeated login never fails for being one.
        "set_ignore_repeat_login" => {
            let wanted: IgnoreRepeatLogin = args::typed(request)?;
            let _ = wanted.request_set_ignore_repeat_login_param;
            is_setting = false;
        }
        // Statistics of the other library, which its UI components ask for at every start. Nothing
        // is counted here, and nobody misses it.
        "set_application_id" => {
            let wanted: ApplicationId = args::typed(request)?;
            let _ = wanted.request_set_application_id_param;
            is_setting = false;
        }
        "report_tuicomponent_usage" => is_setting = false,
        // Nothing here is sold.
        "is_commercial_ability_enabled" => {
            let asked: Ability = args::typed(request)?;
            let _ = asked.request_is_commercial_ability_enabled_param;
            result.push(("commercial_ability_result_enabled", json!(true)));
            is_setting = false;
        }
        short => {
            let known = NOT_SUPPORTED.iter().find(|(known, _)| *known == short);
            return Err(known.map_or_else(
                || wrong("request_internal_operation", "there is no such operation"),
                |(_, why)| unsupported(name, why),
            ));
        }
    }
    Ok(Done {
        json: response(name, &result),
        is_setting,
    })
}

fn write_log(request: &Value) -> Result<(), Error> {
    let line: LogLine = args::typed(request)?;
    sdk::write_log(
        instance::logger(),
        line.request_write_log_log_level_param,
        &line.request_write_log_log_content_param,
        &line.request_write_log_file_name_param,
        &line.request_write_log_func_name_param,
        line.request_write_log_line_number_param,
    )
    .map_err(|error| wrong("request_write_log_log_level_param", &error.desc))
}

/// Addresses of QUIC are left out, as those of short connections are: there is one connection.
fn urls_of(info: &CustomServerInfo) -> Result<Vec<String>, Error> {
    let key = "request_set_custom_server_info_param.longconnection_address_array";
    let mut urls = Vec::new();
    for (index, address) in info.longconnection_address_array.iter().enumerate() {
        if address.server_address_is_quic {
            continue;
        }
        let place = |name: &str| format!("{key}[{index}].{name}");
        let host = address.server_address_ip.trim_matches(['[', ']']);
        let is_ipv6 = host.contains(':');
        if !ServerUrl::is_host(host) || (address.server_address_is_ipv6 && !is_ipv6) {
            let what = "expected an IP address, or the name of a host";
            return Err(wrong(&place("server_address_ip"), what));
        }
        let port = u16::try_from(address.server_address_port).ok();
        let Some(port) = port.filter(|port| *port > 0) else {
            let what = "expected a port from 1 to 65535";
            return Err(wrong(&place("server_address_port"), what));
        };
        urls.push(if is_ipv6 {
            format!("wss://[{host}]:{port}")
        } else {
            format!("wss://{host}:{port}")
        });
    }
    if urls.is_empty() && !info.longconnection_address_array.is_empty() {
        return Err(wrong(
            key,
            "all of them are addresses of QUIC, which is not spoken here",
        ));
    }
    Ok(urls)
}

fn pins_of(info: &CustomServerInfo) -> Result<Vec<[u8; 32]>, Error> {
    if info.server_public_key.is_empty() {
        return Ok(Vec::new());
    }
    let pin = pin_of_key(&info.server_public_key).ok_or_else(|| {
        let what = "expected a public key in PEM or base64, or its SHA-256 sum";
        wrong(
            "request_set_custom_server_info_param.server_public_key",
            what,
        )
    })?;
    Ok(vec![pin])
}

fn response(operation: &str, result: &[(&str, Value)]) -> String {
    let mut response = json!({"response_internal_operation": operation});
    for (key, value) in result {
        response[key] = value.clone();
    }
    response.to_string()
}

fn wrong(key: &str, what: &str) -> Error {
    Error::new(codes::INVALID_PARAMETERS, format!("{key}: {what}"))
}

fn unsupported(operation: &str, why: &str) -> Error {
    Error::new(codes::NOT_SUPPORTED, format!("{operation}: {why}"))
}

#[cfg(test)]
mod tests;
