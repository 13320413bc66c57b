//! Two network namespaces with a cable between them: the server is in one, the test in the other.

use std::net::IpAddr;
use std::process::{Command, Output};

use crate::crowd::Crowd;
use crate::server::ServerProcess;

/// The names of both, for the process that is in the second.
const NAMES: &str = "TIM_FAULTS_SPACE";

const SERVER_IP: &str = "10.213.77.1";
const CLIENT_IP: &str = "10.213.77.2";

/// Ports of connections before and after the NAT has forgotten.
const OLD_PORTS: &str = "20000-29999";
const NEW_PORTS: &str = "30000-39999";

pub struct Space {
    server: String,
    client: String,
    is_owner: bool,
}

impl Space {
    /// Runs `inside` in a new namespace: as this test, by name, in a process that is in it. Where the
    /// machine does not permit that the test is skipped, and says so.
    pub fn run(test: &str, inside: impl FnOnce(&Space)) {
        if let Ok(names) = std::env::var(NAMES) {
            let (server, client) = names.split_once(' ').unwrap();
            return inside(&Space {
                server: server.into(),
                client: client.into(),
                is_owner: false,
            });
        }
        let space = match Space::new() {
            Ok(space) => space,
            Err(cause) => return println!("skipped: {test}: {cause}"),
        };
        let status = Command::new("ip")
            .args(["netns", "exec", &space.client])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(NAMES, format!("{} {}", space.server, space.client))
            .status()
            .unwrap();
        assert!(status.success(), "{test} in its namespace: {status}");
    }

    fn new() -> Result<Self, String> {
        run("nft", &["--version"])?;
        let id = std::process::id();
        let space = Self {
            server: format!("tim-{id}-s"),
            client: format!("tim-{id}-c"),
            is_owner: true,
        };
        let (server, client) = (&*space.server, &*space.client);
        run("ip", &["netns", "add", server])?;
        run("ip", &["netns", "add", client])?;
        let cable = [
            "link", "add", "cable", "netns", server, "type", "veth", "peer", "name", "cable",
            "netns", client,
        ];
        run("ip", &cable)?;
        for (name, ip) in [(server, SERVER_IP), (client, CLIENT_IP)] {
            let ip = format!("{ip}/24");
            run("ip", &["-n", name, "addr", "add", &ip, "dev", "cable"])?;
            run("ip", &["-n", name, "link", "set", "cable", "up"])?;
            run("ip", &["-n", name, "link", "set", "lo", "up"])?;
        }
        Ok(space)
    }

    /// A server on the other side, and people on this one who are logged in.
    pub fn crowd(&self, count: usize) -> (ServerProcess, Crowd) {
        self.ports(OLD_PORTS);
        let ip: IpAddr = SERVER_IP.parse().unwrap();
        let server = ServerProcess::start(Some((&self.server, ip)));
        let mut crowd = Crowd::new(count, |config| server.reach(config));
        crowd.login(|user| server.sig(user));
        (server, crowd)
    }

    /// So many packets of a hundred are lost, in each direction.
    pub fn lose(&self, percent: u32) {
        let rule = format!("numgen random mod 100 < {percent} drop");
        self.filter(&rule, &rule);
    }

    /// The server's end of the cable.
    pub fn pull(&self, is_out: bool) {
        let state = if is_out { "down" } else { "up" };
        must("ip", &["-n", &self.server, "link", "set", "cable", state]);
    }

    /// The connections until now get nothing through; new ones do.
    pub fn forget(&self) {
        self.filter(
            &format!("tcp sport {OLD_PORTS} drop"),
            &format!("tcp dport {OLD_PORTS} drop"),
        );
        self.ports(NEW_PORTS);
    }

    /// Where connections from here begin.
    fn ports(&self, range: &str) {
        let file = "/proc/sys/net/ipv4/ip_local_port_range";
        std::fs::write(file, range.replace('-', " ")).unwrap();
    }

    /// What becomes of packets on the client's side, instead of what was said before.
    fn filter(&self, out: &str, come: &str) {
        let rules = format!(
            "table inet faults\n\
             delete table inet faults\n\
             table inet faults {{\n\
               chain out {{ type filter hook output priority 0; {out}; }}\n\
               chain come {{ type filter hook input priority 0; {come}; }}\n\
             }}\n"
        );
        must("nft", &[&rules]);
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        if self.is_owner {
            for name in [&self.server, &self.client] {
                let _ = run("ip", &["netns", "del", name]);
            }
        }
    }
}

fn must(program: &str, words: &[&str]) {
    run(program, words).unwrap_or_else(|cause| panic!("{cause}"));
}

fn run(program: &str, words: &[&str]) -> Result<Output, String> {
    let shown = format!("{program} {}", words.join(" "));
    match Command::new(program).args(words).output() {
        Ok(output) if output.status.success() => Ok(output),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("{shown}: {}", said.trim()))
        }
        Err(error) => Err(format!("{shown}: {error}")),
    }
}
