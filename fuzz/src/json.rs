//! Every JSON that an app hands over, through the exported functions themselves.
//!
//! An instance in poll mode, without a server and without a database: a call is accepted or refused,
//! and an accepted one is completed once, with JSON or with an error. What values mean to somebody
//! who is logged in is the core's part: `core`. The first byte says which function it is.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicI32, Ordering};

use protocol::codes;
use tim::ffi::*;
use tim::reactor::ServerUrl;
use tim::sdk::{Config, Preset};

/// A function with its JSON; the pointer goes to the callback.
type Call = unsafe fn(*const c_char, *const c_void) -> c_int;

/// All functions of the header with a parameter `json_…`; a test compares the two.
pub const CALLS: &[(&str, Call)] = &[
    ("tim_init", |json, _| {
        // SAFETY: all texts here are NUL-terminated.
        read_config(unsafe { CStr::from_ptr(json) })
    }),
    ("tim_set_config", |json, data| {
        // SAFETY: the caller gives a NUL-terminated text, and data that `told` can use.
        unsafe { tim_set_config(json, Some(told), data) }
    }),
    ("tim_get_user_status", |json, data| {
        // SAFETY: as above.
        unsafe { tim_get_user_status(json, Some(told), data) }
    }),
    ("tim_set_self_status", |json, data| {
        // SAFETY: as above.
        unsafe { tim_set_self_status(json, Some(told), data) }
    }),
    ("tim_subscribe_user_status", |json, data| {
        // SAFETY: as above.
        unsafe { tim_subscribe_user_status(json, Some(told), data) }
    }),
    ("tim_unsubscribe_user_status", |json, data| {
        // SAFETY: as above.
        unsafe { tim_unsubscribe_user_status(json, Some(told), data) }
    }),
    ("tim_msg_send_message", |json, data| {
        let mut id = [0; 128];
        // SAFETY: as above; the buffer has the size that the header wants.
        unsafe {
            tim_msg_send_message(
                c"bob".as_ptr(),
                tim_conv_type(1),
                json,
                id.as_mut_ptr(),
                Some(told),
                data,
            )
        }
    }),
    ("tim_msg_get_msg_list", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_get_msg_list(c"bob".as_ptr(), tim_conv_type(1), json, Some(told), data) }
    }),
    ("tim_msg_report_readed", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_report_readed(c"bob".as_ptr(), tim_conv_type(1), json, Some(told), data) }
    }),
    ("tim_msg_batch_send", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_batch_send(json, Some(told), data) }
    }),
    ("tim_msg_send_new_msg", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_send_new_msg(c"bob".as_ptr(), tim_conv_type(1), json, Some(told), data) }
    }),
    ("tim_msg_set_local_custom_data", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_set_local_custom_data(json, Some(told), data) }
    }),
    ("tim_msg_find_messages", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_find_messages(json, Some(told), data) }
    }),
    ("tim_msg_set_c2c_receive_message_opt", |json, data| {
        let opt = tim_receive_message_opt(2);
        // SAFETY: as above.
        unsafe { tim_msg_set_c2c_receive_message_opt(json, opt, Some(told), data) }
    }),
    ("tim_msg_get_c2c_receive_message_opt", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_get_c2c_receive_message_opt(json, Some(told), data) }
    }),
    ("tim_msg_find_by_msg_locator_list", |json, data| {
        let (conv, kind) = (c"bob".as_ptr(), tim_conv_type(1));
        // SAFETY: as above.
        unsafe { tim_msg_find_by_msg_locator_list(conv, kind, json, Some(told), data) }
    }),
    ("tim_msg_search_local_messages", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_search_local_messages(json, Some(told), data) }
    }),
    ("tim_msg_save_msg", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_save_msg(c"bob".as_ptr(), tim_conv_type(1), json, Some(told), data) }
    }),
    ("tim_msg_import_msg_list", |json, data| {
        let (conv, kind) = (c"bob".as_ptr(), tim_conv_type(1));
        // SAFETY: as above.
        unsafe { tim_msg_import_msg_list(conv, kind, json, Some(told), data) }
    }),
    ("tim_msg_send_new_msg_ex", |json, data| {
        let (conv, kind) = (c"bob".as_ptr(), tim_conv_type(1));
        // SAFETY: as above.
        unsafe { tim_msg_send_new_msg_ex(conv, kind, json, None, Some(told), data) }
    }),
    ("tim_msg_revoke", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_revoke(c"bob".as_ptr(), tim_conv_type(1), json, Some(told), data) }
    }),
    ("tim_msg_modify_message", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_modify_message(json, Some(told), data) }
    }),
    ("tim_group_create", |json, data| {
        // SAFETY: as above.
        unsafe { tim_group_create(json, Some(told), data) }
    }),
    ("tim_group_get_member_info_list", |json, data| {
        // SAFETY: as above.
        unsafe { tim_group_get_member_info_list(json, Some(told), data) }
    }),
    ("tim_group_invite_member", |json, data| {
        // SAFETY: as above.
        unsafe { tim_group_invite_member(json, Some(told), data) }
    }),
    ("tim_msg_delete", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_delete(c"bob".as_ptr(), tim_conv_type(1), json, Some(told), data) }
    }),
    ("tim_msg_list_delete", |json, data| {
        // SAFETY: as above.
        unsafe { tim_msg_list_delete(c"bob".as_ptr(), tim_conv_type(1), json, Some(told), data) }
    }),
    ("tim_conv_get_conv_info", |json, data| {
        // SAFETY: as above.
        unsafe { tim_conv_get_conv_info(json, Some(told), data) }
    }),
    // Nobody is logged in: it is refused after it was read.
    ("tim_conv_set_draft", |json, _| {
        // SAFETY: as above.
        unsafe { tim_conv_set_draft(c"bob".as_ptr(), tim_conv_type(1), json) }
    }),
    ("tim_profile_get_user_profile_list", |json, data| {
        // SAFETY: as above.
        unsafe { tim_profile_get_user_profile_list(json, Some(told), data) }
    }),
    ("tim_profile_modify_self_user_profile", |json, data| {
        // SAFETY: as above.
        unsafe { tim_profile_modify_self_user_profile(json, Some(told), data) }
    }),
    ("tim_subscribe_user_info", |json, data| {
        // SAFETY: as above.
        unsafe { tim_subscribe_user_info(json, Some(told), data) }
    }),
    ("tim_unsubscribe_user_info", |json, data| {
        // SAFETY: as above.
        unsafe { tim_unsubscribe_user_info(json, Some(told), data) }
    }),
    ("tim_call_experimental_api", |json, data| {
        // SAFETY: as above.
        unsafe { tim_call_experimental_api(json, Some(told), data) }
    }),
];

/// What every input starts from, whatever the one before has set.
const SETTINGS: &CStr = cr#"{"set_config_log_level":0,"set_config_callback_log_level":0,
    "set_config_is_log_output_console":false}"#;

pub fn run(data: &[u8]) {
    static STARTED: Once = Once::new();
    STARTED.call_once(start);
    let Some((&which, json)) = data.split_first() else {
        return;
    };
    let Ok(json) = CString::new(json) else {
        return;
    };
    let (name, call) = CALLS[usize::from(which) % CALLS.len()];
    ask(name, call, &json);
    if name == "tim_set_config" {
        ask(name, call, SETTINGS);
    }
}

fn ask(name: &str, call: Call, json: &CStr) {
    let told = AtomicI32::new(0);
    // SAFETY: the text is NUL-terminated, and `told` outlives the callback, which is waited for.
    let code = unsafe { call(json.as_ptr(), ptr::from_ref(&told).cast()) };
    assert_ne!(code, codes::INTERNAL, "{name} panicked");
    let wanted = i32::from(code == 0 && name != "tim_init");
    while told.load(Ordering::Relaxed) < wanted {
        assert!(tim_poll(0, 10_000) > 0, "{name} is never completed");
    }
    while tim_poll(0, 0) > 0 {}
    assert_eq!(
        told.load(Ordering::Relaxed),
        wanted,
        "{name} returned {code}"
    );
}

/// Where an instance without a server keeps its log, of which nothing is kept.
fn start() {
    let folder = std::env::temp_dir().join(format!("tim-fuzz-{}", std::process::id()));
    let folder = folder.display();
    let config = format!(
        r#"{{"sdk_config_config_file_path":"{folder}","sdk_config_log_file_path":"{folder}",
            "sdk_config_callback_mode":"poll"}}"#
    );
    let config = CString::new(config).expect("a path without NUL");
    let storage_off = cr#"{"set_config_user_config":{"user_config_is_is_disable_storage":true}}"#;
    // SAFETY: the texts are NUL-terminated; NULL is allowed for the rest.
    unsafe {
        for settings in [SETTINGS, storage_off] {
            assert_eq!(tim_set_config(settings.as_ptr(), None, ptr::null()), 0);
        }
        assert_eq!(tim_init(7, config.as_ptr()), 0);
    }
}

/// The keys of `tim_init` are read, and nothing is made of them: they name folders.
fn read_config(json: &CStr) -> c_int {
    if let Ok(json) = serde_json::from_slice(json.to_bytes())
        && let Ok(config) = Config::from_json(1, &json, &Preset::default())
    {
        for url in &config.urls {
            let Ok(urls) = ServerUrl::parse_list(url) else {
                continue;
            };
            for url in urls {
                let again = ServerUrl::parse(&url.to_string());
                assert_eq!(again.as_ref(), Ok(&url), "it is shown as it is read");
            }
        }
    }
    0
}

unsafe extern "C" fn told(
    code: i32,
    desc: *const c_char,
    json: *const c_char,
    told: *const c_void,
) {
    // SAFETY: both are NUL-terminated texts of the library.
    let (desc, json) = unsafe { (CStr::from_ptr(desc), CStr::from_ptr(json)) };
    assert_ne!(code, codes::INTERNAL);
    assert_eq!(code == 0, desc.is_empty(), "{code} {desc:?}");
    assert!(desc.to_str().is_ok(), "{desc:?}");
    assert!(code == 0 || json.is_empty());
    if !json.is_empty() {
        let value = serde_json::from_slice::<serde_json::Value>(json.to_bytes());
        assert!(value.is_ok(), "not JSON: {json:?}");
    }
    // SAFETY: `ask` waits for this call with the number at hand.
    unsafe { &*told.cast::<AtomicI32>() }.fetch_add(1, Ordering::Relaxed);
}
