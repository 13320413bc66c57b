//! Checks on what C hands over, in the order that the header promises: pointers and lengths, then
//! JSON syntax; keys and values are looked at only after the login state, in the core.

use std::ffi::{c_char, c_int};

use protocol::{Error, codes, reader};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::enums::{TIM_ERR_JSON, TIM_ERR_PARAM};

/// Longest plain text, such as an ID or a ticket.
const MAX_TEXT: usize = 64 * 1024;
/// Longest JSON text.
const MAX_JSON: usize = 8 * 1024 * 1024;

/// What a JSON text must be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Object,
    Array,
}

/// A text that must be there.
///
/// # Safety
/// `ptr` is NULL or points to a NUL-terminated text.
pub(super) unsafe fn text(ptr: *const c_char) -> Result<String, c_int> {
    // SAFETY: as promised by the caller.
    unsafe { optional_text(ptr) }?.ok_or(TIM_ERR_PARAM)
}

/// A text that may be NULL or empty.
///
/// # Safety
/// `ptr` is NULL or points to a NUL-terminated text.
pub(super) unsafe fn optional_text(ptr: *const c_char) -> Result<Option<String>, c_int> {
    // SAFETY: as promised by the caller.
    let Some(bytes) = (unsafe { bytes(ptr, MAX_TEXT) })? else {
        return Ok(None);
    };
    let text = std::str::from_utf8(bytes).map_err(|_| TIM_ERR_PARAM)?;
    Ok(Some(text.to_owned()))
}

/// JSON that must be there.
///
/// # Safety
/// `ptr` is NULL or points to a NUL-terminated text.
pub(super) unsafe fn json(ptr: *const c_char, kind: Kind) -> Result<Value, c_int> {
    // SAFETY: as promised by the caller.
    unsafe { optional_json(ptr, kind) }?.ok_or(TIM_ERR_PARAM)
}

/// JSON that may be NULL or empty.
///
/// # Safety
/// `ptr` is NULL or points to a NUL-terminated text.
pub(super) unsafe fn optional_json(ptr: *const c_char, kind: Kind) -> Result<Option<Value>, c_int> {
    // SAFETY: as promised by the caller.
    let Some(bytes) = (unsafe { bytes(ptr, MAX_JSON) })? else {
        return Ok(None);
    };
    // Of a key that comes twice the last value stays; nesting is limited to 128.
    let value: Value = serde_json::from_slice(bytes).map_err(|_| TIM_ERR_JSON)?;
    match (kind, &value) {
        (Kind::Object, Value::Object(_)) | (Kind::Array, Value::Array(_)) => Ok(Some(value)),
        _ => Err(TIM_ERR_JSON),
    }
}

/// The bytes before the NUL; none for NULL and for an empty text.
///
/// # Safety
/// `ptr` is NULL or points to a NUL-terminated text that outlives the result.
unsafe fn bytes<'a>(ptr: *const c_char, max: usize) -> Result<Option<&'a [u8]>, c_int> {
    if ptr.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; nothing behind the NUL is read, nor more than one byte beyond the limit.
    let length = unsafe { libc::strnlen(ptr, max + 1) };
    match length {
        0 => Ok(None),
        length if length > max => Err(TIM_ERR_PARAM),
        // SAFETY: so many bytes were just read.
        length => Ok(Some(unsafe {
            std::slice::from_raw_parts(ptr.cast(), length)
        })),
    }
}

/// Reads keys and values; the error names the key that is missing or wrong, and never a value.
pub(super) fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    reader::read(value).map_err(|fault| Error::new(codes::INVALID_PARAMETERS, fault.to_string()))
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use protocol::conversation::GetConvParam;
    use protocol::message::{Content, GetMsgListParam, LocalCustom};

    use super::*;

    fn parse(text: &[u8], kind: Kind) -> Result<Option<Value>, c_int> {
        let text = CString::new(text).unwrap();
        // SAFETY: a CString is NUL-terminated.
        unsafe { optional_json(text.as_ptr(), kind) }
    }

    #[test]
    fn json_syntax() {
        assert_eq!(parse(b"", Kind::Object), Ok(None));
        for bad in [
            &b"{"[..],
            b"[]",
            b"3",
            b"{} x",
            b"{\"a\":1,}",
            b"{\"a\":\"\xff\"}",
            b"null",
        ] {
            assert_eq!(parse(bad, Kind::Object), Err(TIM_ERR_JSON), "{bad:?}");
        }
        let twice = parse(br#"{"a":1,"a":2}"#, Kind::Object).unwrap().unwrap();
        assert_eq!(twice["a"], 2);
        let emoji = parse(br#"["\ud83d\ude00"]"#, Kind::Array).unwrap().unwrap();
        assert_eq!(emoji[0], "😀");
        let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(parse(&nested(127), Kind::Array).is_ok());
        assert_eq!(parse(&nested(10_000), Kind::Array), Err(TIM_ERR_JSON));
        assert_eq!(
            parse(&vec![b' '; MAX_JSON + 1], Kind::Array),
            Err(TIM_ERR_PARAM)
        );
    }

    #[test]
    fn texts() {
        let parse = |text: &[u8]| {
            let text = CString::new(text).unwrap();
            // SAFETY: a CString is NUL-terminated.
            unsafe { super::text(text.as_ptr()) }
        };
        assert_eq!(parse("hé".as_bytes()), Ok("hé".into()));
        for bad in [&b""[..], b"\xc3\x28", &[b'a'; MAX_TEXT + 1]] {
            assert_eq!(parse(bad), Err(TIM_ERR_PARAM));
        }
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { super::text(std::ptr::null()) }, Err(TIM_ERR_PARAM));
    }

    #[test]
    fn a_wrong_value_is_named_and_not_quoted() {
        let error =
            |json: &str| typed::<Content>(&serde_json::from_str(json).unwrap()).unwrap_err();
        assert_eq!(error("{}").desc, "missing field `message_elem_array`");
        let number =
            error(r#"{"message_elem_array": [{"elem_type": 0, "text_elem_content": 77}]}"#);
        assert_eq!(
            number.desc,
            "message_elem_array[0].text_elem_content: expected a string"
        );
        assert_eq!(number.code, codes::INVALID_PARAMETERS);
        let key = error(r#"{"message_elem_array": [{"elem_type": 0}]}"#);
        assert!(key.desc.contains("text_elem_content"), "{}", key.desc);
        let text = error(r#"{"message_elem_array": "my, expected secret"}"#);
        assert_eq!(text.desc, "message_elem_array: expected an array");
    }

    #[test]
    fn what_is_expected_is_said_in_the_words_of_json() {
        fn wrong<T: DeserializeOwned>(json: &str, wanted: &str) {
            let error = typed::<T>(&serde_json::from_str(json).unwrap());
            let text = error.err().expect(json).desc;
            assert_eq!(text.rsplit_once(": ").map_or(&*text, |(_, t)| t), wanted);
        }
        let message = |rest: &str| format!(r#"{{"message_elem_array": [], {rest}}}"#);
        let elem = |rest: &str| format!(r#"{{"message_elem_array": [{rest}]}}"#);
        wrong::<Content>(&elem("3"), "expected an object");
        wrong::<Content>(&elem("[0]"), "expected an object");
        wrong::<Content>(&elem("null"), "expected an object");
        let i32 = "expected an integer from -2147483648 to 2147483647";
        wrong::<Content>(&elem(r#"{"elem_type": "0"}"#), i32);
        wrong::<Content>(&elem(r#"{"elem_type": 3000000000}"#), i32);
        let place = |at: &str| elem(&format!(r#"{{"elem_type": 7, "{at}": "x"}}"#));
        wrong::<Content>(&place("location_elem_latitude"), "expected a number");
        wrong::<Content>(
            &message(r#""message_is_online_msg": 1"#),
            "expected true or false",
        );
        let (u32, u64) = (
            "expected an integer from 0 to 4294967295",
            "expected an integer that is not negative",
        );
        let param =
            |key: &str, value: &str| format!(r#"{{"msg_getmsglist_param_{key}": {value}}}"#);
        wrong::<GetMsgListParam>(&param("count", "-1"), u32);
        wrong::<GetMsgListParam>(&param("count", "\"many\""), u32);
        wrong::<GetMsgListParam>(&param("time_begin", "-1"), u64);
        wrong::<GetMsgListParam>(&param("last_msg", "3"), "expected an object");
        wrong::<GetMsgListParam>(&param("message_type_array", "3"), "expected an array");
        wrong::<Vec<String>>("[7]", "expected a string");
        wrong::<Vec<GetConvParam>>("[3]", "expected an object");
        wrong::<Vec<GetConvParam>>("[[]]", "expected an object");
        wrong::<LocalCustom>(r#"{"message_custom_int": 0.5}"#, u32);
    }
}
