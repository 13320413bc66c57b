//! Staying in memory.

/// Keeps the library in memory for good: it has thread-local state with destructors, which
/// unloading would leave behind. The linker's flag does the same; this covers a library that was
/// linked anew without it.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn pin() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
        let address: fn() = pin;
        // SAFETY: `info` has room for the answer and is read only after success. The name that it
        // holds belongs to the loader. RTLD_NOLOAD loads nothing anew.
        unsafe {
            if libc::dladdr(address as *const libc::c_void, info.as_mut_ptr()) != 0 {
                let name = info.assume_init().dli_fname;
                let flags = libc::RTLD_NOLOAD | libc::RTLD_NODELETE | libc::RTLD_LAZY;
                libc::dlopen(name, flags);
            }
        }
    });
}

/// The same.
#[cfg(windows)]
pub fn pin() {
    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
    };
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let mut module = std::ptr::null_mut();
        let address: fn() = pin;
        let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
        // SAFETY: by the flag the name is an address, which lies in this library; `module` has room
        // for the answer.
        unsafe { GetModuleHandleExW(flags, address as *const u16, &mut module) };
    });
}

/// Nothing is known to be needed.
#[cfg(not(any(target_os = "linux", target_os = "android", windows)))]
pub fn pin() {}
