//! include/tim.h: cbindgen over src/ffi, with the essay, the version and the codes before it.

use std::fmt::Write as _;

use protocol::codes;

use crate::{Result, emit, parse, path, read};

const FILE: &str = "include/tim.h";

/// In the order of the header, which is the order of `src/ffi/mod.rs` and `enums/mod.rs`.
const SOURCES: &[&str] = &[
    "enums/common.rs",
    "enums/manager.rs",
    "enums/conversation.rs",
    "enums/message.rs",
    "enums/group.rs",
    "enums/community.rs",
    "enums/friendship.rs",
    "enums/signaling.rs",
    "enums/push.rs",
    "types.rs",
    "session.rs",
    "user.rs",
    "message.rs",
    "message/send.rs",
    "message/change.rs",
    "message/local.rs",
    "message/receive.rs",
    "message/search.rs",
    "conversation.rs",
    "conversation/unread.rs",
    "conversation/settings.rs",
    "conversation/groups.rs",
    "group.rs",
    "poll.rs",
    "experimental.rs",
    "device.rs",
];

pub(crate) fn run(check: bool) -> Result<()> {
    let text = generate()?;
    complain(&parse::header(&text)?)?;
    emit(FILE, &text, check, "header")
}

fn generate() -> Result<String> {
    let mut config = cbindgen::Config::from_file(path("cbindgen.toml"))?;
    config.header = Some(read("crates/xtask/src/essay.h")?.trim_end().to_owned());
    config.after_includes = Some(preamble());
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(path("src/ffi").join(source));
    }
    let mut bytes = Vec::new();
    builder
        .generate()
        .map_err(|e| e.to_string())?
        .write(&mut bytes);
    let text = String::from_utf8(bytes).map_err(|e| e.to_string())?;
    Ok(text.lines().map(bracket).collect())
}

/// Puts a negative number into brackets, as a macro must.
fn bracket(line: &str) -> String {
    let negative = line
        .strip_prefix("#define ")
        .and_then(|rest| rest.split_once(" -"));
    match negative {
        Some((name, number)) if !name.contains(' ') => format!("#define {name} (-{number})\n"),
        _ => format!("{line}\n"),
    }
}

/// Version, visibility, codes.
fn preamble() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut parts = version.split(['.', '-']);
    let mut part = || parts.next().unwrap_or("0");
    let (major, minor, patch) = (part(), part(), part());
    let mut text = format!(
        r#"
/**
 * Version of this header. tim_get_sdk_version tells the library's.
 */
#define TIM_VERSION "{version}"
#define TIM_VERSION_MAJOR {major}
#define TIM_VERSION_MINOR {minor}
#define TIM_VERSION_PATCH {patch}

#ifndef TIM_API
#if defined(_WIN32) && !defined(TIM_STATIC)
#define TIM_API __declspec(dllimport)
#elif defined(__GNUC__)
#define TIM_API __attribute__((visibility("default")))
#else
#define TIM_API
#endif
#endif

/*
 * Codes of callbacks. tim_error_name gives the name of a number. 120001 to 130000 are left to the
 * app's own webhook.
 */

"#
    );
    for code in codes::TABLE {
        let number = match code.number {
            number if number < 0 => format!("({number})"),
            number => number.to_string(),
        };
        let _ = write!(
            text,
            "/** {} */\n#define {} {number}\n",
            code.text, code.name
        );
    }
    text
}

/// What the comment of a function lacks.
fn complain(header: &parse::Header) -> Result<()> {
    let mut faults = String::new();
    for f in &header.functions {
        for fault in faults_of(f) {
            let _ = writeln!(faults, "{}: {fault}", f.name);
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("incomplete documentation\n{faults}"))
    }
}

/// The fixed shape: one sentence, what happens, every parameter, return, note, since.
fn faults_of(f: &parse::Function) -> Vec<String> {
    let mut faults = Vec::new();
    let first = f.doc.lines().next().unwrap_or_default();
    if !first.ends_with('.') {
        faults.push("does not begin with one sentence on one line".into());
    }
    for param in &f.params {
        let tag = format!("@param {}  ", param.name);
        if !f.doc.contains(&tag) {
            faults.push(format!("no {}", tag.trim_end()));
        }
    }
    for tag in ["@return ", "@note ", "@since "] {
        if !f.doc.contains(tag) {
            faults.push(format!("no {}", tag.trim_end()));
        }
    }
    let callback = f.params.iter().any(|p| p.ty == "tim_comm_callback");
    if callback && !f.doc.contains("json_params") {
        faults.push("does not tell what json_params is".into());
    }
    faults
}
