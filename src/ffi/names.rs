//! Names of codes, for C.

use std::ffi::{CStr, CString};
use std::sync::OnceLock;

use protocol::codes;

/// What functions return; what callbacks are given is in [`codes::TABLE`].
const RETURNED: [(i32, &CStr); 6] = [
    (super::TIM_ERR_SDKUNINIT, c"TIM_ERR_SDKUNINIT"),
    (super::TIM_ERR_NOTLOGIN, c"TIM_ERR_NOTLOGIN"),
    (super::TIM_ERR_JSON, c"TIM_ERR_JSON"),
    (super::TIM_ERR_PARAM, c"TIM_ERR_PARAM"),
    (super::TIM_ERR_CONV, c"TIM_ERR_CONV"),
    (super::TIM_ERR_GROUP, c"TIM_ERR_GROUP"),
];

/// The name of a constant.
pub(super) fn name(code: i32) -> Option<&'static CStr> {
    static NAMES: OnceLock<Vec<CString>> = OnceLock::new();
    if let Some((_, name)) = RETURNED.iter().find(|(number, _)| *number == code) {
        return Some(name);
    }
    let at = codes::TABLE
        .binary_search_by_key(&code, |c| c.number)
        .ok()?;
    let names = NAMES.get_or_init(|| {
        codes::TABLE
            .iter()
            .map(|c| CString::new(c.name).unwrap_or_default())
            .collect()
    });
    names.get(at).map(CString::as_c_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_name() {
        for code in codes::TABLE {
            assert_eq!(name(code.number).unwrap().to_str().unwrap(), code.name);
        }
        assert_eq!(name(-4), Some(c"TIM_ERR_PARAM"));
        assert_eq!(name(1), None);
    }
}
