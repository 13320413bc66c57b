//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};
use protocol::user::is_valid_user_id;
use protocol::usersig;

use crate::config::{Config, parse_duration};
use crate::doctor::Doctor;
use crate::drain::Drain;
use crate::migrate::Migrate;
use crate::policy::{MOST_INSTANCES, MOST_WEB_INSTANCES, Policy, Together};
use crate::repo::App;
use crate::setup::{self, Apps, Database};

/// timd, the chat server of libtim.
#[derive(Parser)]
#[command(version, about, long_about = None)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Run the server. Without arguments it serves wss://localhost:8443/v1.
    Serve(Serve),
    /// Let the clients of a running server go to other nodes, then end it.
    Drain(Drain),
    /// Print a login ticket.
    Usersig(Usersig),
    /// Look at everything that the server depends on, and say what is wrong and what to do.
    Doctor(Doctor),
    /// Move the database of one machine, SQLite, into an empty PostgreSQL database.
    Migrate(Migrate),
    /// Print how many nodes, and how much of database and bus, so many users take.
    Capacity(crate::capacity::Capacity),
    /// Manage apps: worlds of users, each with a key of its own.
    App {
        /// What to do with them.
        #[command(subcommand)]
        command: AppCommand,
    },
}

/// Options of `timd serve`.
#[derive(Args)]
pub struct Serve {
    /// Settings in a TOML file.
    #[arg(long, env = "TIMD_CONFIG")]
    pub config: Option<PathBuf>,
    /// Directory of database, keys and certificates [default: timd-data].
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8443].
    #[arg(long)]
    pub listen: Option<String>,
    /// PEM file of a certificate chain.
    #[arg(long, requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file of its private key.
    #[arg(long, requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// No TLS; on loopback addresses only.
    #[arg(long)]
    pub plaintext: bool,
    /// With --plaintext: on other addresses too.
    #[arg(long)]
    pub plaintext_anywhere: bool,
    /// Where messages are kept: postgres://…, sqlite:///path [default: timd.db in the data
    /// directory]. A password is better given as TIMD_DATABASE.
    #[arg(long)]
    pub database: Option<String>,
    /// NATS servers by which this node reaches others: nats://host:4222. A password is better
    /// given as TIMD_BUS.
    #[arg(long)]
    pub bus: Option<String>,
    /// Any other setting of docs/hosting.md, as name=value; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

/// Options of `timd usersig`.
#[derive(Args)]
pub struct Usersig {
    /// The user.
    #[arg(long)]
    user: String,
    /// The app [default: the first one].
    #[arg(long)]
    app: Option<u64>,
    /// How long it is valid: 500s, 5m, 2h, 7d.
    #[arg(long, default_value = "180d")]
    expire: String,
    #[command(flatten)]
    data: Data,
}

/// Which data directory.
#[derive(Args)]
pub struct Data {
    /// The server's data directory.
    #[arg(long, env = "TIMD_DATA", default_value = "timd-data")]
    data: PathBuf,
    /// The server's database, when it is not in that directory: postgres://…, sqlite:///path. A
    /// password is better given as TIMD_DATABASE.
    #[arg(long, env = "TIMD_DATABASE", hide_env_values = true)]
    database: Option<String>,
}

impl Data {
    fn apps(&self) -> Result<Apps, String> {
        Apps::open(&Database::parse(self.database.as_deref(), &self.data)?)
    }
}

/// What to do with apps.
#[derive(Subcommand)]
pub enum AppCommand {
    /// Create an app and print its id and key.
    Create {
        /// Its id [default: the highest one plus 1].
        #[arg(long)]
        id: Option<u64>,
        /// A name for the operator.
        #[arg(long, default_value = "")]
        name: String,
        /// Which devices of a user may be online together.
        #[command(flatten)]
        policy: PolicyArgs,
        /// Where.
        #[command(flatten)]
        data: Data,
    },
    /// Change an app's policy: it holds for the logins from then on.
    Set {
        /// The app.
        #[arg(long)]
        app: u64,
        /// What to change.
        #[command(flatten)]
        policy: PolicyArgs,
        /// Where.
        #[command(flatten)]
        data: Data,
    },
    /// List the apps: id, time of creation, policy, instances, instances on the web, name.
    List {
        /// Print the keys too.
        #[arg(long)]
        keys: bool,
        /// Where.
        #[command(flatten)]
        data: Data,
    },
    /// Give an app a new key and print it. Old tickets end; open sessions go on.
    RotateKey {
        /// The app.
        #[arg(long)]
        app: u64,
        /// Where.
        #[command(flatten)]
        data: Data,
    },
}

/// Which devices of a user may be online together; see docs/hosting.md.
#[derive(Args)]
pub struct PolicyArgs {
    /// single, dual, triple, multi or all [default for a new app: multi].
    #[arg(long)]
    policy: Option<Together>,
    /// Instances on each platform but the web, 1 to 3 [default for a new app: 1].
    #[arg(long, value_parser = value_parser!(u32).range(1..=i64::from(MOST_INSTANCES)))]
    instances: Option<u32>,
    /// Instances on the web, 1 to 10 [default for a new app: 1].
    #[arg(long, value_parser = value_parser!(u32).range(1..=i64::from(MOST_WEB_INSTANCES)))]
    web_instances: Option<u32>,
}

impl PolicyArgs {
    /// The policy with what is said here changed.
    fn over(&self, policy: Policy) -> Policy {
        Policy {
            together: self.policy.unwrap_or(policy.together),
            instances: self.instances.unwrap_or(policy.instances),
            web_instances: self.web_instances.unwrap_or(policy.web_instances),
        }
    }
}

impl Serve {
    /// The settings from all sources.
    pub fn settings(&self) -> Result<Config, String> {
        let mut flags = Vec::new();
        let mut flag = |name: &str, text: Option<String>| {
            flags.extend(text.map(|text| (name.to_owned(), text)));
        };
        let path =
            |p: &Option<PathBuf>| p.as_ref().map(|p| format!("{:?}", p.display().to_string()));
        flag("data", path(&self.data));
        flag("listen", self.listen.clone());
        flag("tls_cert", path(&self.tls_cert));
        flag("tls_key", path(&self.tls_key));
        flag("plaintext", self.plaintext.then(|| "true".into()));
        flag(
            "plaintext_anywhere",
            self.plaintext_anywhere.then(|| "true".into()),
        );
        flag("database", self.database.clone());
        flag("bus", self.bus.clone());
        for pair in &self.set {
            let (name, text) = pair
                .split_once('=')
                .ok_or_else(|| format!("--set {pair}: write name=value"))?;
            flag(name, Some(text.to_owned()));
        }
        Config::load(self.config.as_deref(), &flags)
    }
}

/// Ten years.
const LONGEST_S: u64 = 3_650 * 24 * 60 * 60;

/// `timd usersig`: the ticket.
pub fn mint(args: &Usersig) -> Result<String, String> {
    if !is_valid_user_id(&args.user) {
        return Err("--user: a user ID has 1 to 32 letters, digits, _ and -, and no others".into());
    }
    let expire = parse_duration(&args.expire)?.as_secs();
    if !(1..=LONGEST_S).contains(&expire) {
        return Err("--expire: a ticket is valid for 1 s to 3650 days".into());
    }
    let apps = args.data.apps()?.apps()?;
    let app = match args.app {
        Some(id) => apps
            .iter()
            .find(|app| app.id == id)
            .ok_or_else(|| no_app(id))?,
        None => apps.first().ok_or("there is no app yet: timd app create")?,
    };
    let (key, now) = (&app.key, setup::now_s());
    Ok(usersig::mint(key, app.id, &args.user, now, expire, None))
}

fn policy_text(policy: Policy) -> String {
    let (together, instances) = (policy.together, policy.instances);
    format!("{together} {instances} {}", policy.web_instances)
}

fn no_app(id: u64) -> String {
    format!("there is no app {id}: `timd app list` shows those that are")
}

/// `timd app …`: what to print.
pub fn apps(command: &AppCommand) -> Result<String, String> {
    match command {
        AppCommand::Create {
            id,
            name,
            policy,
            data,
        } => {
            let repo = data.apps()?;
            let highest = repo.apps()?.last().map(|app| app.id);
            let next = highest.map_or(setup::DEFAULT_APP, |id| id + 1);
            let app = App {
                id: id.unwrap_or(next),
                key: setup::random_key()?,
                name: name.clone(),
                created_at: setup::now_s(),
                policy: policy.over(Policy::default()),
            };
            if app.id == 0 || app.id > i64::MAX as u64 {
                return Err("an app id is a positive number of 63 bits".into());
            }
            if !repo.create_app(app.clone())? {
                return Err(format!("there is an app {} already", app.id));
            }
            Ok(format!("id  {}\nkey {}", app.id, app.key))
        }
        AppCommand::Set { app, policy, data } => {
            let repo = data.apps()?;
            let apps = repo.apps()?;
            let found = apps.iter().find(|a| a.id == *app);
            let policy = policy.over(found.ok_or_else(|| no_app(*app))?.policy);
            repo.set_policy(*app, policy)?;
            Ok(policy_text(policy))
        }
        AppCommand::List { keys, data } => {
            let apps = data.apps()?.apps()?;
            let lines = apps.iter().map(|app| {
                let key = if *keys { &*app.key } else { "" };
                let (id, created_at, name) = (app.id, app.created_at, &app.name);
                let policy = policy_text(app.policy);
                let line = format!("{id} {created_at} {policy} {name} {key}");
                line.trim_end().to_owned()
            });
            Ok(lines.collect::<Vec<_>>().join("\n"))
        }
        AppCommand::RotateKey { app, data } => {
            let key = setup::random_key()?;
            if !data.apps()?.rotate_key(*app, key.clone())? {
                return Err(no_app(*app));
            }
            Ok(format!("key {key}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_that_nobody_could_use_are_not_minted() {
        let mint = |user: &str, expire: &str| {
            mint(&Usersig {
                user: user.into(),
                app: None,
                expire: expire.into(),
                data: Data {
                    data: "/nonexistent".into(),
                    database: None,
                },
            })
            .unwrap_err()
        };
        for user in ["", "x y", &"x".repeat(33), "zoë"] {
            assert!(mint(user, "7d").starts_with("--user"), "{user}");
        }
        for expire in ["0s", "0d", "99999999999d"] {
            assert!(mint("alice", expire).starts_with("--expire"), "{expire}");
        }
        assert!(mint("alice", "7d").contains("there is no database"));
    }
}
