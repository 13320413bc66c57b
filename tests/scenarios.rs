//! What `bindings/scenarios.txt` lists, in each language of the bindings, against a real server.
//!
//! A language's program gets, in the environment: `TIM_SERVER_URL` and `TIM_SERVER_CA` (which libtim
//! reads itself), `TIM_APP_ID`, `TIM_DIR` (an empty folder for its files), `TIM_USER` and
//! `TIM_USER_SIG` (who to be, never logged in before), `TIM_OTHER` and `TIM_OTHER_SIG` (another one),
//! `TIM_EXPIRED_SIG` (an old ticket of `TIM_USER`), and `TIM_BOT`, the user ID of the [`Bot`].
//!
//! `TIM_SCENARIOS="program with arguments"` and `--ignored named` runs another program.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::bot::{self, Bot};
use timd::policy::{Policy, Together};
use timd::testing::TempDir;

mod support;

/// A program of one language, and the folder that it was built in.
struct Program {
    language: &'static str,
    command: Vec<OsString>,
    folder: TempDir,
}

impl Program {
    fn new(language: &'static str) -> Self {
        Self {
            language,
            command: Vec::new(),
            folder: TempDir::new().unwrap(),
        }
    }

    fn run(&self, argument: &str, environment: &[(&str, String)]) -> Output {
        let mut command = Command::new(&self.command[0]);
        command
            .args(&self.command[1..])
            .arg(argument)
            .env("LD_LIBRARY_PATH", self.folder.path())
            .env("TIM_LIBRARY_PATH", self.folder.path().join("libtim.so.0"))
            .env_remove("TIM_SERVER_URL")
            .env_remove("TIM_SERVER_CA")
            .envs(environment.iter().map(|(name, value)| (name, value)));
        command
            .output()
            .unwrap_or_else(|e| panic!("{command:?}: {e}"))
    }

    /// Puts the library where programs look for it, under the names that they look for.
    fn with_library(self) -> Self {
        support::place_library(self.folder.path());
        self
    }
}

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Names of the list, in its order.
fn scenarios() -> Vec<String> {
    let list = std::fs::read_to_string(workspace("bindings/scenarios.txt")).unwrap();
    let lines = list
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'));
    lines
        .map(|l| l.split(':').next().unwrap().to_owned())
        .collect()
}

/// Runs every scenario; tells all that are missing and all that fail.
fn all(program: &Program) {
    let language = program.language;
    let output = program.run("list", &[]);
    assert!(
        output.status.success(),
        "{language}: {}",
        text(&output.stderr)
    );
    let listed = text(&output.stdout);
    let listed: Vec<&str> = listed.split_whitespace().collect();
    let wanted = scenarios();
    let mut wrong = Vec::new();
    for name in listed
        .iter()
        .filter(|name| !wanted.iter().any(|w| w == *name))
    {
        wrong.push(format!("{language} has {name}, which is not in the list"));
    }
    let server = timd::testing::start_with(|config| config.requests_per_second = 100_000);
    let server = server.unwrap();
    // Another device takes the place of this one, on whatever system that runs.
    let policy = Policy {
        together: Together::Single,
        ..Policy::default()
    };
    server.set_policy(policy).unwrap();
    let _bot = Bot::start(&server);
    for name in &wanted {
        if !listed.contains(&&**name) {
            wrong.push(format!("{language} lacks {name}"));
            continue;
        }
        let folder = TempDir::new().unwrap();
        let user = name.replace('_', "-");
        let output = program.run(name, &bot::environment(&server, folder.path(), &user));
        if !output.status.success() {
            let (out, err) = (text(&output.stdout), text(&output.stderr));
            wrong.push(format!("{language}, {name}: {}\n{out}{err}", output.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs a program that is no list of scenarios, once.
fn once(program: &Program, user: &str) {
    let server = timd::testing::start().unwrap();
    let _bot = Bot::start(&server);
    let folder = TempDir::new().unwrap();
    let output = program.run("", &bot::environment(&server, folder.path(), user));
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{}\n{out}{err}", output.status);
}

/// Compiles a program; the flags come last.
fn compiled(mut program: Program, compiler: &str, source: &str, flags: &[&str]) -> Program {
    let path = program.folder.path().join("scenarios");
    let mut command = Command::new(compiler);
    command
        .args(["-Wall", "-Wextra", "-Werror", "-g", "-I"])
        .arg(workspace("include"))
        .arg(workspace(source))
        .arg("-o")
        .arg(&path)
        .arg("-L")
        .arg(program.folder.path())
        .arg("-ltim")
        .args(flags);
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        output.status.success(),
        "{command:?}\n{}",
        text(&output.stderr)
    );
    program.command.push(path.into());
    program
}

#[test]
fn c() {
    let program = Program::new("C").with_library();
    let flags = ["-std=c99", "-I", "examples/c"];
    all(&compiled(
        program,
        "gcc",
        "tests/scenarios/scenarios.c",
        &flags,
    ));
}

/// Builds the programs in C#; `scripts/setup.sh csharp` installs what that takes.
fn csharp(language: &'static str) -> Program {
    let mut program = Program::new(language).with_library();
    let script = workspace("scripts/csharp.sh");
    let folder = program.folder.path();
    let output = Command::new(script).arg("build").arg(folder).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let scenarios = program.folder.path().join("scenarios.exe");
    program.command = vec!["mono".into(), "--debug".into(), scenarios.into()];
    program
}

#[test]
fn c_sharp() {
    all(&csharp("C#"));
}

/// Mono stops threads with signals for it, those of the library too.
#[test]
fn c_sharp_while_garbage_is_collected() {
    let mut program = csharp("C#");
    let stress = OsString::from("TIM_GC_STRESS=1");
    program.command.splice(0..0, ["env".into(), stress]);
    all(&program);
}

/// What stands in docs/csharp.md.
#[test]
fn c_sharp_documents() {
    let mut program = csharp("C#");
    let programs = std::fs::read_dir(program.folder.path()).unwrap();
    let programs: Vec<PathBuf> = programs.map(|f| f.unwrap().path()).collect();
    let mut run = 0;
    for path in programs {
        let name = path.file_name().unwrap().to_string_lossy();
        if name.ends_with(".exe") && (name.starts_with("program-") || name.starts_with("frag")) {
            *program.command.last_mut().unwrap() = path.clone().into();
            once(&program, "docs");
            run += 1;
        }
    }
    assert!(run >= 2, "{run} programs");
}

/// Play mode begins and ends, the scripts are loaded anew, the game is paused: without Unity, with stand-ins.
#[test]
fn unity_play_mode() {
    let mut program = csharp("Unity");
    let last = program.command.last_mut().unwrap();
    *last = program.folder.path().join("unity.exe").into();
    once(&program, "unity");
}

#[test]
fn cpp() {
    let program = Program::new("C++").with_library();
    let flags = [&CPP[..], &["-std=c++17"]].concat();
    all(&compiled(
        program,
        "g++",
        "bindings/cpp/tests/scenarios.cpp",
        &flags,
    ));
}

const CPP: [&str; 5] = ["-Wshadow", "-pedantic", "-pthread", "-I", "bindings/cpp"];

/// What C++ has besides: without a server, in each way in which it may be compiled.
#[test]
fn cpp_features() {
    for (source, flags) in [
        ("features", &["-std=c++17"][..]),
        ("features", &["-std=c++20"]),
        (
            "no_exceptions",
            &["-std=c++17", "-fno-exceptions", "-fno-rtti"],
        ),
    ] {
        let flags = [&CPP[..], flags].concat();
        let source = format!("bindings/cpp/tests/{source}.cpp");
        let program = compiled(Program::new("C++").with_library(), "g++", &source, &flags);
        let folder = TempDir::new().unwrap();
        let mut environment = vec![("TIM_DIR", folder.path().display().to_string())];
        // A country with a comma in its numbers, where the system can make one.
        let mut locale = Command::new("localedef");
        locale.args(["-i", "de_DE", "-f", "UTF-8"]);
        let made = locale.arg(folder.path().join("de_DE.UTF-8")).output();
        if made.is_ok_and(|made| made.status.success()) {
            environment.push(("LOCPATH", folder.path().display().to_string()));
            environment.push(("TIM_COMMA", "de_DE.UTF-8".into()));
        }
        let output = program.run("", &environment);
        assert!(
            output.status.success(),
            "{flags:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn python() {
    let mut program = Program::new("Python").with_library();
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let path = workspace("bindings/python/tests/scenarios.py");
    program.command = vec![python, path.into()];
    all(&program);
}

/// The plugin for Unreal, without the engine: the scenarios by nodes and events, and what only it has, in one play.
#[test]
fn unreal() {
    let mut program = Program::new("Unreal").with_library();
    let folder = program.folder.path();
    let output = Command::new(workspace("scripts/unreal.sh"))
        .arg("compile")
        .args([folder, &folder.join("libtim.so")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    program.command.push(folder.join("driver").into());
    all(&program);
    once(&program, "unreal");
}

#[test]
#[ignore = "runs what TIM_SCENARIOS names"]
fn named() {
    let named = std::env::var("TIM_SCENARIOS").expect("TIM_SCENARIOS, a program with arguments");
    let mut program = Program::new("the program").with_library();
    program.command = named.split(' ').map(OsString::from).collect();
    all(&program);
}
