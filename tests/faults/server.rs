//! timd in a process of its own, which can be killed: this test program, started once more.

use std::io::{BufRead, BufReader};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use protocol::usersig;
use rcgen::{CertificateParams, KeyPair};
use tim::sdk::Config;
use timd::testing::TempDir;

/// The folder of the server's data; set for the process that is to be one.
const FOLDER: &str = "TIM_FAULTS_SERVER";
/// Where it listens.
const LISTEN: &str = "TIM_FAULTS_LISTEN";
/// Its other settings, a `name=value` a line.
const SETTINGS: &str = "TIM_FAULTS_SETTINGS";
/// What it says when it listens, followed by the port, the app and the key.
const READY: &str = "server is ready:";

pub struct ServerProcess {
    child: Child,
    folder: TempDir,
    /// The network namespace that it is in.
    space: Option<String>,
    listen: SocketAddr,
    environment: Vec<(String, String)>,
    app_id: u64,
    key: String,
}

impl ServerProcess {
    /// On loopback, or at an address of another network namespace.
    pub fn start(space: Option<(&str, IpAddr)>) -> Self {
        Self::start_with(space, &[], &[])
    }

    /// One of several, with these settings and in this environment, on loopback and without TLS.
    pub fn node(settings: &[String], environment: &[(&str, &str)]) -> Self {
        let mut all = vec!["plaintext=true".to_owned()];
        all.extend_from_slice(settings);
        Self::start_with(None, &all, environment)
    }

    fn start_with(
        space: Option<(&str, IpAddr)>,
        settings: &[String],
        environment: &[(&str, &str)],
    ) -> Self {
        let folder = TempDir::new().unwrap();
        let ip = space.map_or([127, 0, 0, 1].into(), |(_, ip)| ip);
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".into(), ip.to_string()];
        let certificate = CertificateParams::new(names).unwrap();
        let certificate = certificate.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("cert.pem"), certificate.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
        let space = space.map(|(name, _)| name.to_owned());
        let mut listen = SocketAddr::new(ip, 0);
        let mut own = vec![(SETTINGS.to_owned(), settings.join("\n"))];
        own.extend(environment.iter().map(|(k, v)| ((*k).into(), (*v).into())));
        let (child, words) = spawn(&folder, space.as_deref(), listen, &own);
        let [port, app_id, key] = &words[..] else {
            panic!("{words:?}");
        };
        listen.set_port(port.parse().unwrap());
        Self {
            child,
            folder,
            space,
            listen,
            environment: own,
            app_id: app_id.parse().unwrap(),
            key: key.clone(),
        }
    }

    pub fn reach(&self, config: &mut Config) {
        config.app_id = self.app_id;
        config.urls = vec![format!("wss://{}", self.listen)];
        config.ca_file = Some(self.certificate());
    }

    pub fn sig(&self, user: &str) -> String {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        usersig::mint(&self.key, self.app_id, user, now.as_secs(), 3600, None)
    }

    /// SIGKILL: it has no time for anything.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// On the same data and port.
    pub fn restart(&mut self) {
        let space = self.space.as_deref();
        self.child = spawn(&self.folder, space, self.listen, &self.environment).0;
    }

    /// As SIGTERM does; until it has ended.
    pub fn stop(&mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }

    pub fn addr(&self) -> SocketAddr {
        self.listen
    }

    pub fn app_id(&self) -> u64 {
        self.app_id
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(
    folder: &TempDir,
    space: Option<&str>,
    listen: SocketAddr,
    environment: &[(String, String)],
) -> (Child, Vec<String>) {
    let program = std::env::current_exe().unwrap();
    let mut command = match space {
        Some(space) => {
            let mut command = Command::new("ip");
            command.args(["netns", "exec", space]).arg(program);
            command
        }
        None => Command::new(program),
    };
    let mut child = command
        .args(["--exact", "server_process", "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .env(LISTEN, listen.to_string())
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        if let Some((_, words)) = line.split_once(READY) {
            let words = words.split_whitespace().map(str::to_owned).collect();
            // The test program has more to say, and ends when nobody listens.
            std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
            return (child, words);
        }
    }
    panic!("the server did not start: {:?}", child.wait());
}

/// The server itself, in the process that was started for it; it runs until its input ends.
pub fn serve_if_asked() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let settings = std::env::var(SETTINGS).unwrap();
    let pairs = settings.lines().map(|line| line.split_once('=').unwrap());
    let pairs: Vec<_> = pairs
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    let config = timd::Config {
        data: folder.join("data"),
        listen: std::env::var(LISTEN).unwrap().parse().unwrap(),
        tls_cert: Some(folder.join("cert.pem")),
        tls_key: Some(folder.join("key.pem")),
        ..timd::Config::load(None, &pairs).unwrap()
    };
    let server = timd::Server::start(config).unwrap();
    let (port, app, key) = (server.addr().port(), server.app_id(), server.key());
    println!("{READY} {port} {app} {key}");
    // It ends with whoever started it, too.
    let mut asked = String::new();
    let _ = std::io::stdin().read_line(&mut asked);
    server.stop();
}
