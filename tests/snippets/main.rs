//! Every block of code in README.md, docs/*.md and bindings is what it says: programs are compiled and run
//! against a real server, JSON has keys that exist, commands have the options that they are given.
//!
//! A comment on the line before a block, which readers do not see, says what to do with one that is
//! not a whole program: `<!-- snippet: body -->`, `declarations`, `compile`, `skip: WHY`, which are
//! [`Kind`]s; `c++20` behind it asks for that standard. Programs get the environment of the scenarios
//! (`tests/scenarios.rs`): among others `TIM_APP_ID`, `TIM_USER`, `TIM_USER_SIG`, and `TIM_BOT`, who answers
//! "echo …"; what they are typed is an empty line. `TIM_SNIPPETS=docs/c.md` looks at one page only.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser;
use extract::{Kind, Snippet};
use support::bot::{self, Bot};
use timd::testing::{TempDir, TestServer};

mod extract;
#[path = "../support/mod.rs"]
mod support;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Files below a folder with one of the extensions.
fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extensions));
        } else if extensions
            .iter()
            .any(|e| path.extension() == Some(e.as_ref()))
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The documents by their paths in the tree.
fn pages() -> Vec<(String, String)> {
    let only = std::env::var("TIM_SNIPPETS").ok();
    let mut paths = files(&root().join("docs"), &["md"]);
    paths.push(root().join("README.md"));
    paths.extend(files(&root().join("bindings"), &["md"]));
    let named = paths.into_iter().map(|path| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        (name, read(&path))
    });
    named
        .filter(|(name, _)| only.as_ref().is_none_or(|only| only == name))
        .collect()
}

/// The snippets of all pages in these languages, each with the declarations of its page above it.
fn of(languages: &[&str]) -> Vec<(Snippet, String)> {
    let mut found = Vec::new();
    for (page, text) in pages() {
        let mut declared = String::new();
        for snippet in extract::snippets(&page, &text).unwrap_or_else(|e| panic!("{e}")) {
            if !languages.contains(&&*snippet.language) || snippet.kind == Kind::Skip {
                continue;
            }
            let above = declared.clone();
            if snippet.kind == Kind::Declarations {
                declared += &snippet.code;
            }
            found.push((snippet, above));
        }
    }
    found
}

/// Looks at each; all that are wrong are told at once.
fn each(languages: &[&str], look: impl Fn(&Snippet, &str) -> Result<(), String>) {
    let mut wrong = Vec::new();
    for (snippet, declared) in of(languages) {
        if let Err(error) = look(&snippet, &declared) {
            wrong.push(format!("{}: {error}", snippet.place));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a command printed; when it failed, the command too, without its environment.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    let printed = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy);
    let printed = printed.concat();
    if output.status.success() {
        return Ok(printed);
    }
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    Err(format!("{}: {}\n{printed}", output.status, words.join(" ")))
}

/// Where programs run: a server, the bot, the library in a folder.
struct Stage {
    server: TestServer,
    _bot: Bot,
    folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        let server = timd::testing::start().unwrap();
        let bot = Bot::start(&server);
        let folder = TempDir::new().unwrap();
        support::place_library(folder.path());
        Self {
            server,
            _bot: bot,
            folder,
        }
    }

    fn file(&self, snippet: &Snippet, extension: &str, text: &str) -> PathBuf {
        let name = snippet.place.replace(['/', ':', '.'], "-");
        let path = self.folder.path().join(format!("{name}{extension}"));
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs a program as a user who has never been here before.
    fn run(&self, snippet: &Snippet, program: &[&str]) -> Result<(), String> {
        let user = snippet.place.replace(['/', ':', '.'], "-");
        let home = self.folder.path().join("home").join(&user);
        std::fs::create_dir_all(&home).unwrap();
        let mut command = Command::new("timeout");
        command
            .args(["60"])
            .args(program)
            .current_dir(&home)
            .env("HOME", &home)
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_STATE_HOME")
            .env("LD_LIBRARY_PATH", self.folder.path())
            .env("TIM_LIBRARY_PATH", self.folder.path().join("libtim.so.0"))
            .env("PYTHONPATH", root().join("bindings/python"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(bot::environment(&self.server, &home, &user));
        let line = home.join("typed");
        std::fs::write(&line, "\n").unwrap();
        command.stdin(Stdio::from(std::fs::File::open(line).unwrap()));
        output(&mut command).map(drop)
    }

    /// Compiles C or C++ and runs it when it is meant to be run.
    fn compile(&self, snippet: &Snippet, declared: &str) -> Result<(), String> {
        let is_cpp = snippet.language == "cpp";
        let (compiler, extension) = if is_cpp {
            ("g++", ".cpp")
        } else {
            ("gcc", ".c")
        };
        let (head, main) = match is_cpp {
            true => (CPP_HEAD, CPP_MAIN),
            false => (C_HEAD, C_MAIN),
        };
        let text = match snippet.kind {
            Kind::Body => format!("{head}{declared}{main}{}\nreturn 0;\n}}\n", snippet.code),
            Kind::Declarations => format!("{head}{declared}{}", snippet.code),
            _ => snippet.code.clone(),
        };
        let source = self.file(snippet, extension, &text);
        let program = source.with_extension("");
        let standard = match snippet.notes.contains("c++20") {
            true => "-std=c++20",
            false if is_cpp => "-std=c++17",
            false => "-std=c99",
        };
        let mut command = Command::new(compiler);
        command
            .args([
                standard,
                "-D_POSIX_C_SOURCE=200809L",
                "-Wall",
                "-Wextra",
                "-Werror",
            ])
            .args(["-Wno-unused-parameter", "-Wno-unused-function", "-pthread"])
            .args(
                ["include", "examples/c", "bindings/cpp"]
                    .map(|f| format!("-I{}", root().join(f).display())),
            )
            .arg(&source);
        if snippet.kind == Kind::Declarations {
            return output(command.arg("-fsyntax-only")).map(drop);
        }
        output(
            command
                .arg("-o")
                .arg(&program)
                .arg("-L")
                .arg(self.folder.path())
                .arg("-ltim"),
        )?;
        match snippet.kind {
            Kind::Compile => Ok(()),
            _ => self.run(snippet, &[program.to_str().unwrap()]),
        }
    }
}

/// What cargo made of the library beside this test.
fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().join(name)
}

const C_HEAD: &str =
    "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include \"tim.h\"\n";
const C_MAIN: &str = "int main(void) {\n";
const CPP_HEAD: &str = "#include <cstdlib>\n#include <iostream>\n#include \"tim.hpp\"\n";
/// With a client that is logged in.
const CPP_MAIN: &str = "int main() {\n\
    tim::Client client(std::strtoull(std::getenv(\"TIM_APP_ID\"), nullptr, 10));\n\
    client.login(std::getenv(\"TIM_USER\"), std::getenv(\"TIM_USER_SIG\")).get();\n\
    const std::string bot = std::getenv(\"TIM_BOT\");\n";

#[test]
fn c() {
    let stage = Stage::new();
    each(&["c"], |snippet, declared| stage.compile(snippet, declared));
}

#[test]
fn cpp() {
    let stage = Stage::new();
    each(&["cpp"], |snippet, declared| {
        stage.compile(snippet, declared)
    });
}

#[test]
fn python() {
    let stage = Stage::new();
    each(&["python"], |snippet, declared| {
        let text = match snippet.kind {
            Kind::Body => format!("{declared}\n{}", snippet.code),
            _ => snippet.code.clone(),
        };
        let file = stage.file(snippet, ".py", &text);
        let file = file.to_str().unwrap();
        let is_run = matches!(snippet.kind, Kind::Program | Kind::Body);
        let python = std::env::var("PYTHON").unwrap_or("python3".into());
        match is_run {
            true => stage.run(snippet, &[&python, file]),
            false => output(Command::new(python).args(["-m", "py_compile", file])).map(drop),
        }
    });
}

/// The example at the head of tim.h.
#[test]
fn the_header_shows_a_program() {
    let header = read(&root().join("include/tim.h"));
    let shown: String = header
        .lines()
        .take_while(|line| !line.starts_with(" * CODES"))
        .filter_map(|line| line.strip_prefix(" *       "))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(shown.contains("tim_login("), "{shown}");
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("header.c");
    let text = format!("{C_HEAD}static const char *user_sig = \"\";\n{shown}");
    std::fs::write(&source, text).unwrap();
    let mut command = Command::new("gcc");
    command.args(["-std=c99", "-Wall", "-Werror", "-fsyntax-only", "-I"]);
    output(command.arg(root().join("include")).arg(source)).unwrap();
}

/// Every word that is a key somewhere: of the C interface, of the wire.
fn known_keys() -> HashSet<String> {
    let mut sources = vec![
        root().join("include/tim.h"),
        root().join("crates/xtask/src/objects.txt"),
    ];
    sources.extend(files(&root().join("crates/protocol/src"), &["rs"]));
    sources.extend(files(&root().join("src/ffi/experimental"), &["rs"]));
    let text: String = sources.iter().map(|path| read(path)).collect();
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .map(str::to_owned)
        .collect()
}

fn keys(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, value) in members {
                found.push(key.clone());
                keys(value, found);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

/// Keys of JSON within a program: words in quotes before a colon, with an underscore.
fn quoted_keys(code: &str) -> Vec<String> {
    let parts: Vec<&str> = code.split('"').collect();
    let pairs = parts.windows(2).filter_map(|pair| {
        let word = pair[0].strip_suffix('\\').unwrap_or(pair[0]);
        let is_key =
            word.contains('_') && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (is_key && pair[1].trim_start().starts_with(':')).then(|| word.to_owned())
    });
    pairs.collect()
}

fn all_known(keys: &[String], known: &HashSet<String>) -> Result<(), String> {
    match keys.iter().find(|key| !known.contains(*key)) {
        Some(key) => Err(format!("there is no key {key}")),
        None => Ok(()),
    }
}

#[test]
fn json() {
    let known = known_keys();
    each(&["json"], |snippet, _| {
        let value = serde_json::from_str(&snippet.code).map_err(|e| e.to_string())?;
        let mut found = Vec::new();
        keys(&value, &mut found);
        all_known(&found, &known)
    });
    each(&["c", "cpp", "python", "csharp"], |snippet, _| {
        all_known(&quoted_keys(&snippet.code), &known)
    });
    let wrong = quoted_keys(r#"x("{\"elem_typ\":0}", {"text_elem_content": 1}, a ? "b" : "c")"#);
    assert_eq!(wrong, ["elem_typ", "text_elem_content"]);
    assert!(all_known(&wrong, &known).unwrap_err().ends_with("elem_typ"));
}

/// What is wrong with a line of a shell, as far as it can be told without running it.
fn command_line(line: &str, targets: &HashSet<String>, is_set: bool) -> Result<(), String> {
    let line = line.split(" #").next().unwrap_or("");
    let mut words = line
        .split_whitespace()
        .skip_while(|word| word.contains('='));
    let Some(program) = words.next() else {
        return Ok(());
    };
    let words: Vec<&str> = words.collect();
    if program == "make" {
        for target in words.iter().filter(|word| !word.contains('=')) {
            if !targets.contains(*target) {
                return Err(format!("there is no make {target}"));
            }
        }
    }
    if program == "timd" || program.ends_with("/timd") {
        let parsed = timd::cli::Cli::try_parse_from(std::iter::once(program).chain(words));
        let error = parsed.err();
        let missing = clap::error::ErrorKind::MissingRequiredArgument;
        if let Some(error) = error.filter(|e| !is_set || e.kind() != missing) {
            return Err(error.to_string());
        }
    }
    if program.starts_with("scripts/") && !root().join(program).exists() {
        return Err(format!("there is no {program}"));
    }
    Ok(())
}

#[test]
fn shell() {
    let makefile = read(&root().join("Makefile"));
    let targets: HashSet<String> = makefile
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        .map(|(name, _)| name.to_owned())
        .collect();
    let folder = TempDir::new().unwrap();
    each(&["sh"], |snippet, _| {
        let file = folder.path().join("snippet.sh");
        std::fs::write(&file, &snippet.code).unwrap();
        output(Command::new("bash").arg("-n").arg(&file))?;
        let lines = snippet.code.replace("\\\n", " ");
        // What a command needs may come from the environment.
        let is_set = snippet.code.contains("export TIMD_");
        lines
            .lines()
            .try_for_each(|line| command_line(line, &targets, is_set))
    });
    for wrong in [
        "make tea",
        "FOO=1 make lint tea",
        "timd brew",
        "timd app set --polic multi --app 1",
        "scripts/brew.sh",
    ] {
        assert!(command_line(wrong, &targets, false).is_err(), "{wrong}");
    }
    command_line("FOO=1 make lint test-all ARCH=x # …", &targets, false).unwrap();
}

/// What a setting may need.
const TOML_HEAD: &str = "database = \"postgres://timd@db.example/timd\"\n";

/// The settings of a server.
#[test]
fn toml() {
    let folder = TempDir::new().unwrap();
    let load = |text: &str| {
        let file = folder.path().join("timd.toml");
        std::fs::write(&file, text).unwrap();
        timd::config::Config::load(Some(&file), &[]).map(drop)
    };
    each(&["toml"], |snippet, _| match snippet.kind {
        Kind::Body => load(&format!("{TOML_HEAD}{}", snippet.code)),
        _ => load(&snippet.code),
    });
    assert!(load("lissen = \"x\"").is_err());
}

/// What `make install` leaves is found by the lines for CMake and for compilers.
#[test]
fn builds() {
    let folder = TempDir::new().unwrap();
    let prefix = folder.path().join("prefix");
    let mut install = Command::new(root().join("scripts/install.sh"));
    install.args([built("libtim.so"), built("libtim.a"), prefix.clone()]);
    output(&mut install).unwrap();
    let within = |program: &str| {
        let mut command = Command::new(program);
        command
            .current_dir(folder.path())
            .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
            .env("CMAKE_PREFIX_PATH", &prefix);
        command
    };
    let mut looked_at = 0;
    for (page, text) in pages() {
        let snippets = extract::snippets(&page, &text).unwrap();
        let is_program = |s: &&Snippet| s.language == "c" && s.code.contains("int main(");
        let Some(program) = snippets.iter().find(is_program) else {
            continue;
        };
        std::fs::write(folder.path().join("chat.c"), &program.code).unwrap();
        for snippet in &snippets {
            let lines: Vec<String> = match &*snippet.language {
                "sh" => snippet
                    .code
                    .lines()
                    .filter(|l| l.starts_with("cc "))
                    .map(str::to_owned)
                    .collect(),
                "cmake" => {
                    let head = "cmake_minimum_required(VERSION 3.13)\nproject(chat C)\n";
                    let needed = match snippet.code.contains("add_executable") {
                        true => "",
                        false => "add_executable(chat chat.c)\n",
                    };
                    let text = format!("{head}{needed}{}", snippet.code);
                    std::fs::write(folder.path().join("CMakeLists.txt"), text).unwrap();
                    vec!["rm -rf build && cmake -S . -B build && cmake --build build".into()]
                }
                _ => continue,
            };
            for line in lines {
                looked_at += 1;
                output(within("sh").args(["-ec", &line]))
                    .unwrap_or_else(|e| panic!("{}: {e}", snippet.place));
            }
        }
    }
    assert!(looked_at > 0 || std::env::var("TIM_SNIPPETS").is_ok());
}

/// A language that no test here looks at would be one that nobody looks at.
#[test]
fn every_language_is_known() {
    let known = [
        "c", "cpp", "python", "csharp", "json", "sh", "toml", "cmake", "text", "mermaid",
    ];
    let mut blocks = 0;
    for (page, text) in pages() {
        for snippet in extract::snippets(&page, &text).unwrap() {
            blocks += 1;
            let is_known = known.contains(&&*snippet.language) || snippet.kind == Kind::Skip;
            assert!(is_known, "{}: {}", snippet.place, snippet.language);
        }
    }
    assert!(blocks > 0);
}
