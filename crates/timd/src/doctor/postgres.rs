//! A PostgreSQL database: reachable, writable, durable, quick, with room for all nodes.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Error, Executor, PgConnection};
use tokio::time::{sleep, timeout};

use super::Report;
use super::machine::{median, millis};
use crate::config::Config;
use crate::migrate;
use crate::repo::migrations;
use crate::setup;

const PATIENCE: Duration = Duration::from_secs(10);
/// A message takes so many round trips.
const TRIPS: u32 = 5;
const SLOW_TRIP: Duration = Duration::from_millis(5);
const SLOW_COMMIT: Duration = Duration::from_millis(50);
const WRONG_CLOCK_MS: u64 = 2_000;

type Found<T> = Result<T, Error>;

/// Gives how many nodes live on it, when that can be told.
pub async fn look(report: &mut Report, config: &Config, url: &str) -> Option<usize> {
    let options: PgConnectOptions = match url.parse() {
        Ok(options) => options,
        Err(error) => {
            let todo = "write postgres://user:password@host:5432/database";
            report.fail("database", format!("the URL is not good: {error}"), todo);
            return None;
        }
    };
    let options = options.application_name("timd doctor");
    let options = options.disable_statement_logging();
    let place = place(&options);
    let mut conn = match timeout(PATIENCE, options.connect()).await {
        Ok(Ok(conn)) => conn,
        Ok(Err(error)) => {
            report.fail("database", format!("{place}: {error}"), way_in(&error));
            return None;
        }
        Err(_) => {
            let todo = "look at host and port, and at firewalls on the way";
            report.fail(
                "database",
                format!("{place} does not answer within 10 s"),
                todo,
            );
            return None;
        }
    };
    let mut nodes = None;
    let looked = timeout(PATIENCE * 3, async {
        everything(report, config, &options, &mut conn, &mut nodes).await
    });
    match looked.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => report.fail(
            "database",
            format!("{place}: {error}"),
            "look at the database and its log, then once more",
        ),
        Err(_) => report.fail(
            "database",
            format!("{place} stopped answering"),
            "look at the load and the locks of the database",
        ),
    }
    if !report.0.iter().any(|found| found.name == "database.move")
        && let Err(error) = migrate::refuse_unfinished(url).await
    {
        report.fail(
            "database.move",
            error,
            "no timd serves this database until then",
        );
    }
    nodes
}

fn place(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => options.get_host().to_owned(),
    };
    let database = options
        .get_database()
        .unwrap_or_else(|| options.get_username());
    format!(
        "PostgreSQL at {host}:{}, database {database}",
        options.get_port()
    )
}

/// What to do about a connection that is refused.
fn way_in(error: &Error) -> &'static str {
    let code = error.as_database_error().and_then(|e| e.code());
    match (code.as_deref(), error) {
        (Some("28P01"), _) => "user and password are not those of the database: see database",
        (Some("28000"), _) => "let this user in from this machine: see pg_hba.conf there",
        (Some("3D000"), _) => "make the database: createdb --owner USER NAME",
        (Some("53300"), _) => {
            "it is full: raise its max_connections, or lower database_connections"
        }
        (Some("57P03"), _) => "it is starting or stopping: look again in a moment",
        (_, Error::Tls(_)) => "see sslmode and sslrootcert in docs/hosting.md, PostgreSQL",
        _ => {
            "does it run there, are host and port right, does a firewall let this machine through?"
        }
    }
}

async fn everything(
    report: &mut Report,
    config: &Config,
    options: &PgConnectOptions,
    conn: &mut PgConnection,
    nodes: &mut Option<usize>,
) -> Found<()> {
    conn.execute("SET statement_timeout = 10000").await?;
    who(report, options, conn).await?;
    let is_writable = mode(report, conn).await?;
    let has_tables = schema(report, conn).await?;
    encoding(report, conn).await?;
    durability(report, conn).await?;
    limits(report, conn).await?;
    trips(report, conn).await?;
    if is_writable {
        commits(report, conn).await?;
    }
    clock(report, conn).await?;
    let mut alive = 0;
    if has_tables {
        alive = lives(report, config, conn).await?;
        *nodes = Some(alive);
    }
    connections(report, config, conn, alive).await
}

async fn number(conn: &mut PgConnection, query: &'static str) -> Found<i64> {
    sqlx::query_scalar(query).fetch_one(conn).await
}

async fn text(conn: &mut PgConnection, query: &'static str) -> Found<String> {
    sqlx::query_scalar(query).fetch_one(conn).await
}

async fn who(
    report: &mut Report,
    options: &PgConnectOptions,
    conn: &mut PgConnection,
) -> Found<()> {
    let version = text(conn, "SHOW server_version").await?;
    let user = text(conn, "SELECT current_user::text").await?;
    report.ok(
        "database",
        format!("{}, user {user}, version {version}", place(options)),
    );
    let number = text(conn, "SHOW server_version_num").await?;
    if number.parse().unwrap_or(0) < 120_000 {
        report.warn(
            "database",
            format!("version {version}"),
            "use PostgreSQL 12 or newer",
        );
    }
    let is_local = options.get_socket().is_some()
        || options.get_host() == "localhost"
        || options
            .get_host()
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    // Poolers and other engines may not tell.
    let tls = "SELECT COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)";
    let has_tls: bool = sqlx::query_scalar(tls)
        .fetch_one(conn)
        .await
        .unwrap_or(false);
    let is_verified = matches!(
        options.get_ssl_mode(),
        PgSslMode::VerifyFull | PgSslMode::VerifyCa
    );
    let (is_good, saw) = way(has_tls, is_verified, is_local);
    report.expect(
        is_good,
        "database.tls",
        saw,
        "add sslmode=verify-full to the URL, and sslrootcert if the authority is your own",
    );
    Ok(())
}

/// Whether others can read what goes to the database.
fn way(has_tls: bool, is_verified: bool, is_local: bool) -> (bool, &'static str) {
    match (has_tls, is_verified) {
        (true, true) => (true, "TLS, and the server's certificate is checked"),
        _ if is_local => (true, "on this machine"),
        (true, false) => (
            false,
            "TLS, but the server's certificate is not checked: whoever is in between reads along",
        ),
        (false, _) => (false, "no TLS: messages and keys travel in the clear"),
    }
}

/// Whether it takes writes.
async fn mode(report: &mut Report, conn: &mut PgConnection) -> Found<bool> {
    let is_standby: bool = sqlx::query_scalar("SELECT pg_is_in_recovery()")
        .fetch_one(&mut *conn)
        .await
        .unwrap_or(false);
    let is_read_only = text(conn, "SHOW transaction_read_only").await? == "on";
    if is_standby {
        let todo = "name the primary in database; messages cannot be stored here";
        report.fail("database.mode", "it is a standby", todo);
    } else if is_read_only {
        report.fail(
            "database.mode",
            "it takes no writes (default_transaction_read_only)",
            "ALTER ROLE or ALTER DATABASE … RESET default_transaction_read_only",
        );
    } else {
        report.ok("database.mode", "it takes writes");
    }
    Ok(!is_standby && !is_read_only)
}

/// Whether its tables are there, as this version knows them.
async fn schema(report: &mut Report, conn: &mut PgConnection) -> Found<bool> {
    let name = "database.schema";
    let version = "SELECT version FROM schema_version WHERE id = 1";
    let version: Found<Option<i64>> = sqlx::query_scalar(version).fetch_optional(&mut *conn).await;
    let version = match version {
        Ok(version) => version.unwrap_or(0),
        Err(error) => {
            let code = error.as_database_error().and_then(|e| e.code());
            match code.as_deref() {
                Some("42P01") => 0,
                Some("42501") => {
                    let todo = "connect as the owner of the tables";
                    report.fail(name, error, todo);
                    return Ok(false);
                }
                _ => return Err(error),
            }
        }
    };
    let newest = migrations::newest();
    let floor = sqlx::query_scalar(migrations::FLOOR);
    let floor: Option<i64> = floor.fetch_optional(&mut *conn).await.unwrap_or_default();
    if !migrations::may_work_on(version, floor) {
        let saw = format!("version {version}, this timd knows {newest}");
        report.fail(name, saw, "start the newer timd");
        return Ok(false);
    }
    let may_create = "SELECT COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false)";
    let may_create: bool = sqlx::query_scalar(may_create).fetch_one(&mut *conn).await?;
    if version < newest && !may_create {
        report.fail(
            name,
            format!("version {version} of {newest}, and the user may not make tables"),
            "ALTER DATABASE … OWNER TO the user, or GRANT CREATE ON SCHEMA public TO it",
        );
        return Ok(version > 0);
    }
    let denied = "SELECT name FROM (
            SELECT tablename::text AS name, (quote_ident(schemaname) || '.' || quote_ident(tablename)) AS t
            FROM pg_tables WHERE schemaname = current_schema()) AS tables
        WHERE NOT (has_table_privilege(t, 'SELECT') AND has_table_privilege(t, 'INSERT')
            AND has_table_privilege(t, 'UPDATE') AND has_table_privilege(t, 'DELETE'))
        ORDER BY name";
    let denied: Vec<String> = sqlx::query_scalar(denied)
        .fetch_all(conn)
        .await
        .unwrap_or_default();
    if !denied.is_empty() {
        report.fail(
            name,
            format!("the user has no right to {}", denied.join(", ")),
            "connect as the owner of the tables",
        );
        return Ok(false);
    }
    let saw = match version {
        0 => format!("no tables: the first start makes those of version {newest}"),
        _ if version < newest => {
            format!("version {version} of {newest}, which the next start brings up to date")
        }
        _ if version > newest => format!(
            "version {version}: a newer timd has worked on it, and this one, which knows {newest}, \
             may, too"
        ),
        _ => format!("version {version}, as this timd has it"),
    };
    report.ok(name, saw);
    Ok(version >= newest)
}

async fn encoding(report: &mut Report, conn: &mut PgConnection) -> Found<()> {
    let encoding = text(conn, "SHOW server_encoding").await?;
    if encoding.eq_ignore_ascii_case("UTF8") {
        return Ok(());
    }
    report.fail(
        "database.encoding",
        format!("text is kept as {encoding}: most messages cannot be"),
        "make a new database: createdb --encoding UTF8 --template template0",
    );
    Ok(())
}

async fn durability(report: &mut Report, conn: &mut PgConnection) -> Found<()> {
    let mut off = Vec::new();
    let mut seen = Vec::new();
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: Option<String> = sqlx::query_scalar("SELECT current_setting($1, true)")
            .bind(setting)
            .fetch_one(&mut *conn)
            .await?;
        let value = value.unwrap_or_else(|| "unknown".into());
        if value == "off" {
            off.push(setting);
        }
        seen.push(format!("{setting} {value}"));
    }
    report.expect(
        off.is_empty(),
        "database.durable",
        seen.join(", "),
        "switch on what is off: a crash of the database may take back messages that clients were \
         told are stored",
    );
    Ok(())
}

/// What the role or the server imposes besides what timd itself sets.
async fn limits(report: &mut Report, conn: &mut PgConnection) -> Found<()> {
    let query = "SELECT name, setting FROM pg_settings WHERE setting <> '0' AND name IN
        ('lock_timeout', 'idle_session_timeout', 'transaction_timeout') ORDER BY name";
    let found: Vec<(String, String)> = sqlx::query_as(query).fetch_all(conn).await?;
    let is_short = |(name, ms): &(String, String)| {
        let least = if name == "idle_session_timeout" {
            60_000
        } else {
            10_000
        };
        ms.parse::<u64>().is_ok_and(|ms| ms < least)
    };
    let shown: Vec<String> = found
        .iter()
        .map(|(name, ms)| format!("{name} {ms} ms"))
        .collect();
    let shown = match shown.is_empty() {
        true => "none besides timd's own".to_owned(),
        false => shown.join(", "),
    };
    report.expect(
        !found.iter().any(is_short),
        "database.timeouts",
        shown,
        "ALTER ROLE … SET it to 0: timd limits statements and idle transactions to 10 s itself, and \
         shorter ones refuse work or end connections for nothing",
    );
    Ok(())
}

async fn trips(report: &mut Report, conn: &mut PgConnection) -> Found<()> {
    let mut times = Vec::new();
    for _ in 0..21 {
        let start = Instant::now();
        number(conn, "SELECT 1::BIGINT").await?;
        times.push(start.elapsed());
    }
    let trip = median(times);
    report.expect(
        trip < SLOW_TRIP,
        "database.round_trip",
        format!(
            "{} a question, so a message takes {} at least",
            millis(trip),
            millis(trip * TRIPS)
        ),
        "put timd and its database next to each other: two users write one message at a time",
    );
    Ok(())
}

/// A transaction that writes to the log and to no table.
async fn commits(report: &mut Report, conn: &mut PgConnection) -> Found<()> {
    let mut times = Vec::new();
    for _ in 0..9 {
        conn.execute("BEGIN").await?;
        let write = "SELECT pg_logical_emit_message(true, 'timd doctor', '')";
        if conn.execute(write).await.is_err() {
            conn.execute("ROLLBACK").await?;
            report.ok(
                "database.commit",
                "not measured: this engine has no message to log",
            );
            return Ok(());
        }
        let start = Instant::now();
        conn.execute("COMMIT").await?;
        times.push(start.elapsed());
    }
    let commit = median(times);
    report.expect(
        commit < SLOW_COMMIT,
        "database.commit",
        format!("{} until a commit is durable", millis(commit)),
        "look at the disk of the database and, if there are any, at its synchronous standbys: each \
         message waits for this",
    );
    Ok(())
}

async fn clock(report: &mut Report, conn: &mut PgConnection) -> Found<()> {
    let before = setup::now_ms();
    let query = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT";
    let there = number(conn, query).await?.cast_unsigned();
    let here = before.midpoint(setup::now_ms());
    let apart = there.abs_diff(here);
    report.expect(
        apart < WRONG_CLOCK_MS,
        "clock",
        format!("{apart} ms from the clock of the database"),
        "let both follow the same time (chrony, systemd-timesyncd): tickets are judged and messages \
         dated by this clock, and other nodes have others",
    );
    Ok(())
}

/// Nodes whose beat moves within the time in which it has to.
async fn lives(report: &mut Report, config: &Config, conn: &mut PgConnection) -> Found<usize> {
    let query = "SELECT number, name, beat FROM node WHERE beat >= 0 ORDER BY number";
    let first: Vec<(i64, String, i64)> = sqlx::query_as(query).fetch_all(&mut *conn).await?;
    let until = Instant::now() + config.node_lease / 4 + Duration::from_secs(1);
    let mut now = first.clone();
    let moves = |now: &[(i64, String, i64)], node: &(i64, String, i64)| {
        now.iter()
            .any(|(number, _, beat)| *number == node.0 && *beat > node.2)
    };
    let gone = |now: &[(i64, String, i64)], node: &(i64, String, i64)| {
        !now.iter().any(|(number, ..)| *number == node.0)
    };
    while Instant::now() < until && !first.iter().all(|n| moves(&now, n) || gone(&now, n)) {
        sleep(Duration::from_millis(100)).await;
        now = sqlx::query_as(query).fetch_all(&mut *conn).await?;
    }
    let (alive, others): (Vec<_>, Vec<_>) = first
        .iter()
        .filter(|node| !gone(&now, node))
        .partition(|node| moves(&now, node));
    let names = |nodes: &[&(i64, String, i64)]| {
        let names: Vec<&str> = nodes.iter().map(|node| &*node.1).collect();
        names.join(", ")
    };
    if alive.is_empty() && others.is_empty() {
        report.ok("nodes", "none is running");
        return Ok(0);
    }
    if !alive.is_empty() {
        report.ok(
            "nodes",
            format!("{} renewing their leases: {}", alive.len(), names(&alive)),
        );
    }
    if !others.is_empty() {
        report.warn(
            "nodes",
            format!("{} not renewing their leases: {}", others.len(), names(&others)),
            "if they run, look at their logs and at /readyz: they do not reach the database in time; \
             node_lease has to be the same for all. If they do not run, the next node that does \
             removes them",
        );
    }
    Ok(alive.len())
}

async fn connections(
    report: &mut Report,
    config: &Config,
    conn: &mut PgConnection,
    alive: usize,
) -> Found<()> {
    let most = "SELECT LEAST(
            current_setting('max_connections')::BIGINT
                - COALESCE(current_setting('superuser_reserved_connections', true)::BIGINT, 0),
            (SELECT NULLIF(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
            (SELECT NULLIF(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user))";
    let most = number(conn, most).await?.cast_unsigned();
    let used = "SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend'";
    let used = number(conn, used).await?;
    let (each, nodes) = (u64::from(config.database_connections), alive.max(1) as u64);
    report.expect(
        each * nodes <= most,
        "database.connections",
        format!(
            "{most} allowed, {used} in use now; {nodes} nodes of {each} may take {}",
            each * nodes
        ),
        "raise max_connections of the database, or the limit of database or role, or lower \
         database_connections: nodes that get none refuse work",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_far_away_needs_tls_that_is_checked() {
        assert!(way(true, true, false).0);
        assert!(!way(true, false, false).0);
        assert!(!way(false, false, false).0);
        assert!(way(false, false, true).0);
        assert!(way(true, true, true).1.contains("checked"));
    }
}
