//! What this machine allows: files, memory.

use std::fs;
use std::time::Duration;

use super::Report;
use crate::config::Config;

/// What an idle connection takes, with some room.
const CONNECTION_BYTES: u64 = 24 << 10;
/// What timd takes without any.
const BASE_BYTES: u64 = 64 << 20;
/// Files besides connections of clients and to the database.
const OTHER_FILES: u64 = 64;

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

pub fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

pub fn look(report: &mut Report, config: &Config, pid: Option<u32>) {
    files(report, config, pid);
    memory(report, config);
}

/// timd raises its own limit to the hard one.
fn files(report: &mut Report, config: &Config, pid: Option<u32>) {
    let running = pid.and_then(|pid| fs::read_to_string(format!("/proc/{pid}/limits")).ok());
    let running = running.and_then(|text| files_of(&text));
    let whose = match running {
        Some(_) => "the running timd",
        None => "this shell (a service may have others)",
    };
    let own = || rlimit::Resource::NOFILE.get_hard().ok();
    let Some(hard) = running.or_else(own) else {
        return;
    };
    let needed = config.max_connections as u64 + u64::from(config.database_connections);
    let needed = needed + OTHER_FILES;
    let is_enough = hard >= needed && config.max_connections > 0;
    let shown = match hard {
        u64::MAX => "any number of".to_owned(),
        hard => hard.to_string(),
    };
    let most = match config.max_connections {
        0 => "no limit to connections (max_connections 0)".to_owned(),
        most => format!("max_connections {most}"),
    };
    report.expect(
        is_enough || hard == u64::MAX,
        "limits.files",
        format!("{whose} may have {shown} files open; {most}"),
        "raise LimitNOFILE of the service (or ulimit -Hn) above max_connections, or lower that: \
         beyond it connections fail instead of being turned away",
    );
}

/// `Max open files            1024                 524288               files`
fn files_of(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().nth(1)? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

fn memory(report: &mut Report, config: &Config) {
    let Some(total) = kib_of("/proc/meminfo", "MemTotal:") else {
        return;
    };
    let (room, whose) = match cgroup_limit() {
        Some(limit) if limit < total => (limit, "of the control group"),
        _ => (total, "of the machine"),
    };
    let connections = config.max_connections as u64;
    let needed = BASE_BYTES + connections * CONNECTION_BYTES;
    report.expect(
        needed <= room / 10 * 9,
        "limits.memory",
        format!(
            "{} MiB {whose}; {connections} idle connections take about {} MiB",
            room >> 20,
            needed >> 20
        ),
        "lower max_connections, or give it more memory: the kernel ends a process that takes too \
         much",
    );
}

fn kib_of(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib << 10)
}

/// The tightest limit on the way up, where control groups of version 2 are.
fn cgroup_limit() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = text.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let root = std::path::Path::new("/sys/fs/cgroup");
    let mine = root.join(path);
    let groups = mine.ancestors().take_while(|dir| dir.starts_with(root));
    let limits = groups.filter_map(|dir| {
        let text = fs::read_to_string(dir.join("memory.max")).ok()?;
        text.trim().parse().ok()
    });
    limits.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_a_process() {
        let text = "Limit  Soft Limit  Hard Limit  Units\n\
                    Max processes             10      20      processes\n\
                    Max open files            1024    524288  files\n";
        assert_eq!(files_of(text), Some(524_288));
        let text = text.replace("524288", "unlimited");
        assert_eq!(files_of(&text), Some(u64::MAX));
    }
}
