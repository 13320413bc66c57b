//! The server as a whole: started and stopped, in a thread of its own.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::bus::{Address, AnyBus, Incoming, LocalBus, NatsBus};
use crate::config::{Config, Switch};
use crate::drain::PidFile;
use crate::logic::Logic;
use crate::metrics::Metrics;
use crate::net::{Listener, Node, serve};
use crate::repo::{App, Repo, volatile::Volatile};
use crate::setup::{self, DataDir, Database};
use crate::tls;

/// A running server. Dropping it stops it.
pub struct Server {
    addr: SocketAddr,
    plaintext: bool,
    ca: Option<PathBuf>,
    app_id: u64,
    key: String,
    metrics: Arc<Metrics>,
    data: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    over: Option<oneshot::Receiver<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server; when this returns, it accepts connections. The error says what to do.
    pub fn start(config: Config) -> Result<Self, String> {
        config.check()?;
        let _ = rlimit::increase_nofile_limit(u64::MAX);
        let data = DataDir::take(&config.data)?;
        let metrics = Arc::new(Metrics::default());
        let (tls, ca) = match (&config.tls_cert, &config.tls_key) {
            _ if config.plaintext => (None, None),
            (Some(cert), Some(key)) => (Some(tls::from_files(cert, key)?.config), None),
            _ => {
                let tls = tls::local(data.path())?;
                (Some(tls.config), tls.ca)
            }
        };
        let say = |e: std::io::Error| format!("cannot listen on {}: {e}", config.listen);
        let socket = TcpListener::bind(config.listen).map_err(say)?;
        socket.set_nonblocking(true).map_err(say)?;
        let addr = socket.local_addr().map_err(say)?;
        let runtime = runtime(&config)?;
        let (bus, incoming) = runtime.block_on(bus(&config, &metrics))?;
        let (node, app) = match config.database()? {
            Database::Sqlite(path) => {
                let repo = setup::open_database(&path, config.readers, metrics.clone())?;
                match config.storage {
                    Switch::On => node(&runtime, repo, bus, &config, &metrics)?,
                    Switch::Off => node(&runtime, Volatile::new(repo), bus, &config, &metrics)?,
                }
            }
            Database::Postgres(url) => {
                let (most, patience) = (config.database_connections, config.database_timeout);
                let opened = setup::open_postgres(&url, most, patience, metrics.clone());
                let repo = runtime.block_on(opened)?;
                node(&runtime, repo, bus, &config, &metrics)?
            }
        };
        if let Some(incoming) = incoming {
            runtime.spawn(listen(incoming, node.clone()));
        }
        let (stop, stopped) = oneshot::channel();
        let (tell, over) = oneshot::channel();
        let (plaintext, config_data) = (config.plaintext, config.data.clone());
        let stats = metrics.clone();
        let thread = std::thread::Builder::new()
            .name("timd".into())
            .spawn(move || {
                let listener = Listener { socket, tls };
                let served = runtime.block_on(serve(listener, node, &config, stats, stopped));
                let reason = match served {
                    Ok(reason) => reason,
                    Err(error) => Some(format!("the server ended: {error}")),
                };
                // Tasks end with the runtime; with them the node, which closes the database.
                drop(runtime);
                drop(data);
                if let Some(reason) = reason {
                    tracing::error!(reason);
                    let _ = tell.send(reason);
                }
            })
            .map_err(|e| format!("cannot start a thread: {e}"))?;
        Ok(Self {
            addr,
            plaintext,
            ca,
            app_id: app.id,
            key: app.key,
            metrics,
            data: config_data,
            stop: Some(stop),
            over: Some(over),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What clients connect to.
    pub fn url(&self) -> String {
        let scheme = if self.plaintext { "ws" } else { "wss" };
        let (ip, port) = (self.addr.ip(), self.addr.port());
        // The name in the certificate that the server makes.
        if ip.is_loopback() {
            format!("{scheme}://localhost:{port}/v1")
        } else {
            format!("{scheme}://{}/v1", self.addr)
        }
    }

    /// The file with the authority that clients have to trust, when the server made its own.
    pub fn ca_path(&self) -> Option<&std::path::Path> {
        self.ca.as_deref()
    }

    /// Its content.
    pub fn ca_pem(&self) -> Option<String> {
        std::fs::read_to_string(self.ca.as_ref()?).ok()
    }

    /// The first app.
    pub fn app_id(&self) -> u64 {
        self.app_id
    }

    /// Its key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// A ticket of the first app.
    pub fn usersig(&self, user_id: &str, expire_s: u64) -> String {
        let now = setup::now_s();
        protocol::usersig::mint(&self.key, self.app_id, user_id, now, expire_s, None)
    }

    /// The counters.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Why it ended although nobody stopped it; nothing is to be had but once, and not when it was.
    pub fn over(&mut self) -> oneshot::Receiver<String> {
        self.over.take().unwrap_or_else(|| oneshot::channel().1)
    }

    /// Stops gracefully; returns when everything is on disk and no thread is left.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = PidFile::note_stop(&self.data);
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn runtime(config: &Config) -> Result<Runtime, String> {
    let mut builder = Builder::new_multi_thread();
    if config.workers > 0 {
        builder.worker_threads(config.workers);
    }
    builder
        .thread_name("timd-net")
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start the runtime: {e}"))
}

async fn bus(
    config: &Config,
    metrics: &Arc<Metrics>,
) -> Result<(AnyBus, Option<Incoming>), String> {
    let Some(bus) = &config.bus else {
        return Ok((AnyBus::Local(LocalBus), None));
    };
    let name = format!("timd {}", config.listen);
    let (address, ca) = (Address::parse(bus)?, config.bus_ca.as_deref());
    let (bus, incoming) = NatsBus::connect(address, &name, ca, metrics.clone()).await?;
    Ok((AnyBus::Nats(bus), Some(incoming)))
}

/// Hands on what other nodes say.
async fn listen(mut incoming: Incoming, node: Arc<dyn Node>) {
    while let Some(note) = incoming.next().await {
        node.receive(note);
    }
}

fn node<R: Repo>(
    runtime: &Runtime,
    repo: R,
    bus: AnyBus,
    config: &Config,
    metrics: &Arc<Metrics>,
) -> Result<(Arc<dyn Node>, App), String> {
    let app = runtime.block_on(setup::first_app(&repo))?;
    let logic = Logic::new(
        repo,
        bus,
        config.logic(setup::random_u64()?),
        metrics.clone(),
    );
    runtime.block_on(logic.start()).map_err(|e| e.to_string())?;
    Ok((Arc::new(logic), app))
}
