//! The program; see the library.
#![forbid(unsafe_code)]
// clippy.toml names what the logic must not touch.
#![allow(clippy::disallowed_methods)]

use std::io::Write;
use std::pin::pin;
use std::process::ExitCode;

use clap::Parser;
use futures_util::future::{Either, select};
use timd::Server;
use timd::cli::{self, Cli, Command, Serve};
use timd::config::{Config, LogFormat};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(args) => serve(&args),
        Command::Drain(args) => match timd::drain::run(&args) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Usersig(args) => cli::mint(&args).and_then(|ticket| print(&ticket)),
        Command::Doctor(args) => match timd::doctor::run(&args) {
            Ok((text, true)) => print(&text),
            Ok((text, false)) => {
                let _ = print(&text);
                return ExitCode::FAILURE;
            }
            Err(error) => Err(error),
        },
        Command::Migrate(args) => timd::migrate::run(&args).and_then(|text| print(&text)),
        Command::Capacity(args) => args.run().and_then(|text| print(&text)),
        Command::App { command } => cli::apps(&command).and_then(|text| print(&text)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("timd: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A reader that went away is no reason to panic.
fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|e| format!("cannot print: {e}"))
}

fn serve(args: &Serve) -> Result<(), String> {
    let config = args.settings()?;
    start_log(&config)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start the runtime: {e}"))?;
    // Before the first line of output: whoever reads it may send a signal at once.
    let mut signals = runtime
        .block_on(async { Signals::watch() })
        .map_err(|e| format!("cannot watch for signals: {e}"))?;
    let place = match &config.database {
        Some(_) => "--database …".to_owned(), // it may have a password
        None => {
            let data = std::path::absolute(&config.data).unwrap_or_else(|_| config.data.clone());
            format!("--data '{}'", data.display())
        }
    };
    let mut server = Server::start(config)?;
    print(&welcome(&server, &place))?;
    let over = server.over();
    match runtime.block_on(select(pin!(signals.next()), over)) {
        Either::Left(_) => {}
        Either::Right((reason, _)) => {
            drop(server);
            return Err(reason.unwrap_or_else(|_| "the server ended".into()));
        }
    }
    std::thread::spawn(move || {
        runtime.block_on(signals.next());
        tracing::warn!("told to stop once more: ending at once");
        std::process::exit(1);
    });
    server.stop();
    tracing::info!("stopped");
    Ok(())
}

fn welcome(server: &Server, place: &str) -> String {
    let (url, app_id) = (server.url(), server.app_id());
    let ca = server.ca_path().map(std::path::absolute);
    let ca = ca
        .and_then(Result::ok)
        .map(|path| path.display().to_string());
    let mut lines = vec![
        format!("timd {} serves {url}", env!("CARGO_PKG_VERSION")),
        format!("  app id   {app_id}"),
    ];
    if let Some(ca) = &ca {
        lines.push(format!("  CA file  {ca}"));
    }
    lines.push(format!(
        "  ticket   timd usersig --user alice --expire 7d {place}"
    ));
    let ca = ca.unwrap_or_default();
    lines.push(format!("READY url={url} ca={ca} app_id={app_id}"));
    lines.join("\n")
}

fn start_log(config: &Config) -> Result<(), String> {
    // The bus says itself what is of interest, once.
    let filter = EnvFilter::try_new(format!("async_nats=off,sqlx=warn,{}", config.log))
        .map_err(|e| format!("log: {:?} is no level and no filter: {e}", config.log))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => log.with_ansi(false).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// What tells a server to stop.
#[cfg(unix)]
struct Signals {
    term: tokio::signal::unix::Signal,
    int: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn watch() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        select(pin!(self.term.recv()), pin!(self.int.recv())).await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn watch() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
