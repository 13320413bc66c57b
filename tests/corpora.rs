//! The inputs of `fuzz/corpus` through what the fuzzers run (`make fuzz`): whatever they found once
//! stays found. And every parameter that is JSON is one that they know.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::collections::BTreeSet;
use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
mod targets;

fn replay(name: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut count = 0;
    for file in files {
        let path = file.unwrap().path();
        // The one that panics is the one named last.
        println!("{}", path.display());
        run(&std::fs::read(&path).unwrap());
        count += 1;
    }
    assert!(count > 0, "{} is empty", folder.display());
}

#[test]
fn core() {
    replay("core", targets::core::run);
}

#[test]
fn frames() {
    replay("frames", targets::frames::run);
}

#[test]
fn json() {
    replay("json", targets::json::run);
}

#[test]
fn usersig() {
    replay("usersig", targets::usersig::run);
}

#[test]
fn every_json_parameter_is_fuzzed() {
    let header =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("include/tim.h"))
            .unwrap();
    let mut wanted = BTreeSet::new();
    // Declarations end with a semicolon; the name of a function stands before its first bracket.
    for declaration in header.split(';') {
        let function = declaration
            .rsplit_once("TIM_API")
            .map_or("", |(_, rest)| rest);
        let Some((name, parameters)) = function.split_once('(') else {
            continue;
        };
        if parameters.contains("char *json_") {
            wanted.insert(
                name.split_whitespace()
                    .last()
                    .unwrap()
                    .trim_start_matches('*')
                    .to_owned(),
            );
        }
    }
    assert!(wanted.len() >= 10, "{wanted:?}");
    let known: BTreeSet<String> = targets::json::CALLS
        .iter()
        .map(|(name, _)| (*name).into())
        .collect();
    assert_eq!(known, wanted, "fuzz/src/json.rs has a line for each");
}
