//! The surface of the library: header, ledger, exported symbols and Python declarations agree,
//! every function is documented in the fixed shape, and the header compiles everywhere.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

#[allow(dead_code)]
#[path = "../crates/xtask/src/parse.rs"]
mod parse;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn header() -> parse::Header {
    parse::header(&read("include/tim.h")).unwrap()
}

fn library() -> PathBuf {
    std::env::current_exe()
        .unwrap()
        .parent()
        .unwrap()
        .join("libtim.so")
}

fn output(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn declared() -> BTreeSet<String> {
    header().functions.into_iter().map(|f| f.name).collect()
}

#[test]
fn the_ledger_is_the_header() {
    let ledger = read("include/symbols.txt");
    let lines = ledger.lines().filter(|l| !l.starts_with('#'));
    let names: Vec<String> = lines
        .map(|l| l.split(' ').next().unwrap().to_owned())
        .collect();
    let unique: BTreeSet<String> = names.iter().cloned().collect();
    assert_eq!(unique.len(), names.len(), "a name stands there twice");
    assert_eq!(unique, declared());
}

/// The functions by their names in the other library.
fn vendor() -> BTreeSet<String> {
    let header = parse::header(&read("include/tim_vendor.h")).unwrap();
    header.functions.into_iter().map(|f| f.name).collect()
}

#[test]
fn every_function_has_its_name_in_the_other_library() {
    let text = read("crates/xtask/src/vendor.txt");
    let mut names = BTreeSet::new();
    let mut expected = BTreeSet::new();
    let declared = declared();
    for line in text.lines().filter(|l| l.starts_with("function ")) {
        let columns: Vec<&str> = line.split(' ').collect();
        assert!(names.insert(columns[1]), "{line} stands there twice");
        if declared.contains(columns[2]) {
            expected.insert(columns[1].to_owned());
        }
    }
    assert_eq!(names.len(), 247);
    assert_eq!(vendor(), expected);
}

#[test]
fn the_library_exports_what_the_header_declares() {
    let symbols = output(
        Command::new("nm")
            .args(["-D", "--defined-only"])
            .arg(library()),
    );
    let exported = symbols
        .lines()
        .map(|l| l.rsplit(' ').next().unwrap().to_owned())
        .collect();
    let mut all = declared();
    all.extend(vendor());
    assert_eq!(all, exported);
}

#[test]
fn the_library_has_its_name_and_stays_in_memory() {
    let dynamic = output(Command::new("readelf").arg("-d").arg(library()));
    assert!(dynamic.contains("[libtim.so.0]"), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
}

#[test]
fn python_declares_the_same() {
    let python = read("bindings/python/tim/_native.py");
    let functions = python
        .split_once("FUNCTIONS: dict[str, list[Any]] = {")
        .unwrap()
        .1
        .split_once("\n}")
        .unwrap()
        .0;
    let names = functions
        .lines()
        .filter_map(|l| Some(l.split('"').nth(1)?.to_owned()))
        .collect();
    assert_eq!(declared(), names);
    for (name, value) in header().constants {
        assert!(python.contains(&format!("\n{name} = {value}\n")), "{name}");
    }
}

#[test]
fn the_cpp_header_has_every_function() {
    let cpp = read("bindings/cpp/tim.hpp");
    for name in declared() {
        let is_called = cpp.contains(&format!("{name}("));
        assert!(is_called, "nothing in tim.hpp calls {name}");
    }
}

#[test]
fn c_sharp_declares_the_same() {
    let native = read("bindings/csharp/Tim.Client/NativeMethods.g.cs");
    let names = native
        .lines()
        .filter_map(|l| l.trim().strip_prefix("public static extern "))
        .filter_map(|l| Some(l.split_once('(')?.0.rsplit(' ').next()?.to_owned()))
        .collect();
    assert_eq!(declared(), names);
}

#[test]
fn every_function_is_documented_in_the_fixed_shape() {
    for f in header().functions {
        let first = f.doc.lines().next().unwrap();
        assert!(first.ends_with('.'), "{}: one sentence first", f.name);
        for param in &f.params {
            let tag = format!("@param {}  ", param.name);
            let at = f
                .doc
                .find(&tag)
                .unwrap_or_else(|| panic!("{}: no {tag}", f.name));
            let text = f.doc[at..].split("\n@").next().unwrap();
            if param.ty.ends_with('*') || param.ty.ends_with("_callback") {
                let says = text.contains("NULL") || text.contains("same function");
                assert!(says, "{}: is {} allowed to be NULL?", f.name, param.name);
            }
        }
        for tag in ["@return ", "@note ", "@since "] {
            assert!(f.doc.contains(tag), "{}: no {tag}", f.name);
        }
        if f.params.iter().any(|p| p.ty == "tim_comm_callback") {
            assert!(
                f.doc.contains("json_params"),
                "{}: what does the callback get?",
                f.name
            );
        }
    }
}

#[test]
fn the_codes_are_those_of_the_table() {
    let constants = header().constants;
    for code in protocol::codes::TABLE {
        let wanted = (code.name.to_owned(), code.number.to_string());
        assert!(constants.contains(&wanted), "{wanted:?}");
    }
    let names: BTreeSet<_> = constants.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), constants.len(), "a constant is defined twice");
}

#[test]
fn the_header_compiles_alone_in_c_and_cpp() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("header");
    std::fs::create_dir_all(&folder).unwrap();
    let text = "#include \"tim.h\"\n#include \"tim.h\"\nint use(void);\n\
                int use(void) { return tim_init(1, 0) + (int)TIM_ERR_PARAM; }\n";
    let theirs = "#include \"tim_vendor.h\"\n#include \"tim_vendor.h\"\nint other(void);\n\
                  int other(void) { return TIMInit(1, 0) + (int)kTIMConv_C2C; }\n";
    let text = format!("{text}{theirs}");
    for (compiler, standard, name) in [
        ("gcc", "c99", "a.c"),
        ("gcc", "c11", "b.c"),
        ("gcc", "c17", "c.c"),
        ("g++", "c++11", "d.cpp"),
        ("g++", "c++17", "e.cpp"),
    ] {
        let file = folder.join(name);
        std::fs::write(&file, &text).unwrap();
        output(
            Command::new(compiler)
                .arg(format!("-std={standard}"))
                .args([
                    "-Wall",
                    "-Wextra",
                    "-pedantic",
                    "-Werror",
                    "-fsyntax-only",
                    "-I",
                ])
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"))
                .arg(&file),
        );
    }
}
