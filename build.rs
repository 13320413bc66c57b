//! What the linker has to know of the shared library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if os == "linux" || os == "android" {
        let major = std::env::var("CARGO_PKG_VERSION_MAJOR").unwrap_or_default();
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libtim.so.{major}");
        // Thread-local state with destructors does not survive an unload.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
