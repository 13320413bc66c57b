//! What each operation answers.

use super::*;

fn run(settings: &mut Preset, name: &str, params: Value) -> Result<Value, Error> {
    let mut request = params;
    request["request_internal_operation"] = json!(name);
    let answer = carry_out(operation(&request)?, &request, settings)?;
    Ok(serde_json::from_str(&answer.json).unwrap())
}

/// The operations of the reference's table that are not carried out elsewhere.
const DONE: &[(&str, &str)] = &[
    ("set_env", r#"{"request_set_env_param": false}"#),
    (
        "set_ipv6_prior",
        r#"{"request_set_ipv6_prior_param": true}"#,
    ),
    (
        "set_packet_request_timeout",
        r#"{"request_set_packet_request_timeout_param": 20}"#,
    ),
    (
        "set_custom_server_info",
        r#"{"request_set_custom_server_info_param":
            {"longconnection_address_array": [], "server_public_key": ""}}"#,
    ),
    ("set_ui_platform", r#"{"request_set_ui_platform_param": 4}"#),
    (
        "is_commercial_ability_enabled",
        r#"{"request_is_commercial_ability_enabled_param": 7}"#,
    ),
    ("report_tuicomponent_usage", "{}"),
    (
        "set_application_id",
        r#"{"request_set_application_id_param": 3}"#,
    ),
    (
        "set_ignore_repeat_login",
        r#"{"request_set_ignore_repeat_login_param": true}"#,
    ),
];

#[test]
fn every_operation_answers_as_its_document_says() {
    let page = include_str!("../../../docs/experimental.md");
    let mut rows = Vec::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let name = line.split('`').nth(1).unwrap();
        rows.push((name, line.split('|').nth(3).unwrap().trim()));
    }
    let mut settings = Preset::default();
    for (name, outcome) in rows.iter().filter(|(name, _)| *name != "write_log") {
        let full = format!("{PREFIX}{name}");
        let params = DONE.iter().find(|(done, _)| done == name);
        let params = params.map_or(json!({}), |(_, text)| serde_json::from_str(text).unwrap());
        match run(&mut settings, &full, params) {
            Ok(answer) => {
                assert_eq!(answer["response_internal_operation"], full);
                assert_ne!(*outcome, "5033", "{name}");
            }
            Err(error) if error.code == codes::NOT_SUPPORTED => {
                assert_eq!(*outcome, "5033", "{name}");
                assert!(error.desc.starts_with(&full), "{error}");
            }
            // Carried out elsewhere.
            Err(error) => assert_eq!(*outcome, "needs `tim_init`", "{name}: {error}"),
        }
    }
    // The reference knows so many.
    assert_eq!(rows.len(), 31);
    let known = NOT_SUPPORTED.iter().chain(DONE);
    for (name, _) in known {
        assert!(rows.iter().any(|(row, _)| row == name), "{name}");
    }
}

#[test]
fn servers_become_urls_and_the_key_a_pin() {
    let mut settings = Preset::default();
    let pin = "ab".repeat(32);
    let set = |settings: &mut Preset, addresses: Value, key: &str| {
        let info = json!({"longconnection_address_array": addresses,
            "shortconnection_address_array": [{"server_address_ip": "x"}],
            "server_public_key": key});
        let params = json!({"request_set_custom_server_info_param": info});
        run(
            settings,
            "internal_operation_set_custom_server_info",
            params,
        )
    };
    let addresses = json!([
        {"server_address_ip": "192.0.2.7", "server_address_port": 443},
        {"server_address_ip": "2001:db8::1", "server_address_port": 8443,
         "server_address_is_ipv6": true},
        {"server_address_ip": "chat.example.org", "server_address_port": 9,
         "server_address_is_quic": true},
        {"server_address_ip": "chat.example.org", "server_address_port": 10}]);
    set(&mut settings, addresses, &pin).unwrap();
    let preset = settings.clone();
    let urls = [
        "wss://192.0.2.7:443",
        "wss://[2001:db8::1]:8443",
        "wss://chat.example.org:10",
    ];
    assert_eq!(preset.urls, urls);
    assert!(preset.urls.iter().all(|url| ServerUrl::parse(url).is_ok()));
    assert_eq!(preset.pins, [[0xab; 32]]);
    let address =
        |ip: &str, port: i64| json!([{"server_address_ip": ip, "server_address_port": port}]);
    for (addresses, key, named) in [
        (address("a/b", 1), "", "[0].server_address_ip: "),
        (address("", 1), "", "[0].server_address_ip: "),
        (address("a", 0), "", "[0].server_address_port: "),
        (address("a", 65_536), "", "[0].server_address_port: "),
        (address("a", 1 << 40), "", "[0].server_address_port: "),
        (
            json!([{"server_address_ip": 7}]),
            "",
            "[0].server_address_ip: ",
        ),
        (
            json!([{"server_address_ip": "a"}]),
            "",
            "server_address_port`",
        ),
        (
            json!([{"server_address_ip": "1.2.3.4", "server_address_port": 1,
                "server_address_is_ipv6": true}]),
            "",
            "[0].server_address_ip: ",
        ),
        (
            json!([{"server_address_ip": "a", "server_address_port": 1,
                "server_address_is_quic": true}]),
            "",
            "QUIC",
        ),
        (
            json!({}),
            "",
            "longconnection_address_array: expected an array",
        ),
        (address("a", 1), "no key", "server_public_key: "),
    ] {
        let error = set(&mut settings, addresses, key).unwrap_err();
        assert_eq!(error.code, codes::INVALID_PARAMETERS, "{error}");
        assert!(error.desc.contains(named), "{error}");
        assert_eq!(settings, preset);
    }
    set(&mut settings, json!([]), "").unwrap();
    assert_eq!(settings, Preset::default());
}

#[test]
fn settings_reach_the_next_init() {
    let mut settings = Preset::default();
    for (name, params) in DONE {
        let params = serde_json::from_str(params).unwrap();
        run(&mut settings, &format!("{PREFIX}{name}"), params).unwrap();
    }
    let preset = &settings;
    assert_eq!(preset.request_timeout, Some(Duration::from_secs(20)));
    assert_eq!((preset.platform, preset.prefers_ipv6), (Some(4), true));
}

#[test]
fn a_wrong_request_is_named() {
    let mut settings = Preset::default();
    for (name, params, named) in [
        (
            "set_env",
            r#"{"request_set_env_param": 1}"#,
            "request_set_env_param: expected true or false",
        ),
        ("set_env", "{}", "request_set_env_param"),
        (
            "set_ipv6_prior",
            r#"{"request_set_ipv6_prior_param": "1"}"#,
            "request_set_ipv6_prior_param: ",
        ),
        (
            "set_ui_platform",
            r#"{"request_set_ui_platform_param": 99}"#,
            "request_set_ui_platform_param: ",
        ),
        (
            "set_ui_platform",
            r#"{"request_set_ui_platform_param": -1}"#,
            "request_set_ui_platform_param: ",
        ),
        (
            "set_packet_request_timeout",
            r#"{"request_set_packet_request_timeout_param": 0}"#,
            "request_set_packet_request_timeout_param: ",
        ),
        (
            "set_packet_request_timeout",
            r#"{"request_set_packet_request_timeout_param": -1}"#,
            "request_set_packet_request_timeout_param: ",
        ),
        (
            "set_packet_request_timeout",
            r#"{"request_set_packet_request_timeout_param": 1.5}"#,
            "request_set_packet_request_timeout_param: ",
        ),
        (
            "set_application_id",
            r#"{"request_set_application_id_param": 256}"#,
            "request_set_application_id_param: ",
        ),
        (
            "is_commercial_ability_enabled",
            r#"{"request_is_commercial_ability_enabled_param": "x"}"#,
            "request_is_commercial_ability_enabled_param: ",
        ),
        (
            "set_ignore_repeat_login",
            "{}",
            "request_set_ignore_repeat_login_param",
        ),
        (
            "no_such",
            "{}",
            "request_internal_operation: there is no such operation",
        ),
        (
            "",
            "{}",
            "request_internal_operation: there is no such operation",
        ),
    ] {
        let params = serde_json::from_str(params).unwrap();
        let error = run(&mut settings, &format!("{PREFIX}{name}"), params).unwrap_err();
        assert_eq!(error.code, codes::INVALID_PARAMETERS, "{error}");
        assert!(error.desc.contains(named), "{error}");
    }
    for request in [json!({}), json!({"request_internal_operation": 3})] {
        let error = operation(&request).unwrap_err();
        assert!(error.desc.starts_with("request_internal_operation: "));
    }
    let test = run(
        &mut settings,
        "internal_operation_set_env",
        json!({"request_set_env_param": true}),
    );
    assert_eq!(test.unwrap_err().code, codes::NOT_SUPPORTED);
    assert_eq!(settings, Preset::default());
}

#[test]
fn abilities_are_not_sold() {
    let params = json!({"request_is_commercial_ability_enabled_param": u64::MAX});
    let name = "internal_operation_is_commercial_ability_enabled";
    let answer = run(&mut Preset::default(), name, params).unwrap();
    assert_eq!(answer["commercial_ability_result_enabled"], true);
    let env = json!({"request_set_env_param": false});
    let answer = run(&mut Preset::default(), "internal_operation_set_env", env).unwrap();
    assert_eq!(answer["response_set_env_res"], false);
}
