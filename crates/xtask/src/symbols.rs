//! include/symbols.txt, the ledger: one line a function, in the order of the header.
//!
//! Name and domain come from the header and the sources. The other columns are decisions: they are
//! kept as they stand, and a new function gets a line that has to be filled in.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::{Result, emit, parse, path, read};

const FILE: &str = "include/symbols.txt";
const HEAD: &str = "\
# Every exported function; `cargo xtask symbols` adds new ones and checks the rest.
# kind          async: with a callback; get: answers at once; listen: registers a callback;
#               control: starts, stops or runs libtim
# before_init   what a call without tim_init gives: yes: the normal answer; code: the callback gets
#               TIM_ERR_SDK_NOT_INITIALIZED, or the function returns TIM_ERR_SDKUNINIT
# in_callback   yes; deferred: takes effect when the callback returns; no: refused
# name domain kind before_init in_callback since
";
const KINDS: &[&str] = &["async", "get", "listen", "control"];
const BEFORE_INIT: &[&str] = &["yes", "code"];
const IN_CALLBACK: &[&str] = &["yes", "deferred", "no"];

pub(crate) fn run(check: bool) -> Result<()> {
    let header = parse::header(&read("include/tim.h")?)?;
    let old = read(FILE).unwrap_or_default();
    let mut known: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in old.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
        let columns: Vec<&str> = line.split(' ').collect();
        if known.insert(columns[0], columns[1..].to_vec()).is_some() {
            return Err(format!("{FILE}: {} stands there twice", columns[0]));
        }
    }
    let mut text = HEAD.to_owned();
    let mut open = Vec::new();
    for f in &header.functions {
        let domain = domain(&f.name)?;
        let columns = match known.remove(f.name.as_str()) {
            Some(columns) if columns.first() == Some(&domain) => columns[1..].join(" "),
            Some(_) => return Err(format!("{FILE}: {} belongs to {domain}", f.name)),
            None => format!("? ? ? {}", env!("CARGO_PKG_VERSION")),
        };
        let values: Vec<&str> = columns.split(' ').collect();
        let complete = matches!(values[..], [kind, before, inside, since]
            if KINDS.contains(&kind) && BEFORE_INIT.contains(&before)
                && IN_CALLBACK.contains(&inside) && f.doc.contains(&format!("@since {since}\n")));
        if !complete {
            open.push(f.name.clone());
        }
        let _ = writeln!(text, "{} {domain} {columns}", f.name);
    }
    if let Some(gone) = known.keys().next() {
        return Err(format!(
            "{FILE} names {gone}, which the header does not declare"
        ));
    }
    emit(FILE, &text, check, "symbols")?;
    if open.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{FILE}: columns to fill in, or a since that is not the header's: {open:?}"
    ))
}

/// The file of the interface that defines a function.
fn domain(function: &str) -> Result<&'static str> {
    let start = format!("extern \"C\" fn {function}(");
    for domain in [
        "session",
        "user",
        "message",
        "conversation",
        "group",
        "poll",
        "experimental",
        "device",
    ] {
        let mut files = vec![path(&format!("src/ffi/{domain}.rs"))];
        if let Ok(folder) = std::fs::read_dir(path(&format!("src/ffi/{domain}"))) {
            files.extend(folder.flatten().map(|file| file.path()));
        }
        for file in files {
            let source = std::fs::read_to_string(file);
            if source.map_err(|e| e.to_string())?.contains(&start) {
                return Ok(domain);
            }
        }
    }
    Err(format!(
        "{function} is in the header and in no file of src/ffi"
    ))
}
