//! PostgreSQL, near and far, and the nodes on it.

use super::*;

/// What is in a database, but for what its server counts.
fn contents(cluster: &Cluster, url: &str, wanted: &str) {
    let check = format!(
        "DO $$ BEGIN IF {wanted} <> (SELECT COUNT(*) FROM pg_class WHERE relnamespace IN
            (SELECT oid FROM pg_namespace WHERE nspname = 'public' OR nspname LIKE 'pg_temp%'))
         THEN RAISE EXCEPTION 'not so many'; END IF; END $$"
    );
    cluster.run(&check, url).unwrap();
}

#[test]
fn postgres_step_by_step() {
    let cluster = shared();
    let (_dir, data) = dir();
    let url = cluster.database().replace("secret", "s3cret");
    let name = url.rsplit('/').next().unwrap().to_owned();
    let look = || doctor(&data, &[("database", &url)]);
    let seen = look();
    seen.has("ok", "database", "PostgreSQL at 127.0.0.1");
    seen.has("ok", "database.schema", "no tables");
    seen.has("ok", "database.mode", "takes writes");
    seen.has("ok", "database.tls", "on this machine");
    seen.has("ok", "database.round_trip", "ms");
    seen.has("ok", "database.commit", "ms");
    seen.has("ok", "database.connections", "97 allowed");
    seen.has("ok", "database.timeouts", "none");
    seen.has("ok", "clock", "ms");
    // The server of the tests does not wait for the disk.
    seen.has("warn", "database.durable", "fsync off");
    assert_eq!(seen.code, 0);
    contents(&cluster, &url, "0");
    drop(serve(&data, |config| config.database = Some(url.clone())));
    look().has("ok", "database.schema", "as this timd has it");
    fs::write(data.join("timd.db"), "").unwrap();
    look().has("warn", "directory.left", "timd.db");

    let alter = |what: &str| {
        let what = what.replace("DB", &format!("DATABASE {name}"));
        cluster.run(&what, &url).unwrap();
    };
    for (wrong, right, level, check, says) in [
        (
            "ALTER DB SET default_transaction_read_only = on",
            "BEGIN READ WRITE; ALTER DB RESET default_transaction_read_only; COMMIT",
            "fail",
            "database.mode",
            "takes no writes",
        ),
        (
            "ALTER DB SET lock_timeout = 100",
            "ALTER DB RESET lock_timeout",
            "warn",
            "database.timeouts",
            "lock_timeout 100 ms",
        ),
        (
            "ALTER DB CONNECTION LIMIT 10",
            "ALTER DB CONNECTION LIMIT -1",
            "warn",
            "database.connections",
            "10 allowed",
        ),
        (
            "ALTER DB SET synchronous_commit = off",
            "ALTER DB RESET synchronous_commit",
            "warn",
            "database.durable",
            "synchronous_commit off",
        ),
        (
            "UPDATE schema_version SET version = 1000; UPDATE schema_floor SET floor = 1000",
            "UPDATE schema_floor SET floor = 1",
            "fail",
            "database.schema",
            "version 1000",
        ),
        (
            "SELECT 1",
            "UPDATE schema_version SET version = 3",
            "ok",
            "database.schema",
            "version 1000: a newer timd",
        ),
        (
            "SELECT 1",
            "SELECT 1",
            "ok",
            "database.schema",
            "version 3 of",
        ),
        (
            "CREATE TABLE moving (is_checked BIGINT); INSERT INTO moving VALUES (0)",
            "DROP TABLE moving",
            "fail",
            "database.move",
            "timd migrate",
        ),
        (
            "CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
                'SELECT pg_catalog.clock_timestamp() - interval ''1 minute''';
             ALTER DB SET search_path = public, pg_catalog",
            "ALTER DB RESET search_path; DROP FUNCTION public.clock_timestamp()",
            "warn",
            "clock",
            "ms from the clock",
        ),
        (
            "CREATE FUNCTION pg_is_in_recovery() RETURNS bool LANGUAGE sql AS 'SELECT true';
             ALTER DB SET search_path = public, pg_catalog",
            "ALTER DB RESET search_path; DROP FUNCTION public.pg_is_in_recovery()",
            "fail",
            "database.mode",
            "standby",
        ),
    ] {
        alter(wrong);
        look().has(level, check, says);
        alter(right);
    }
    let as_role = |role: &str| {
        let url = url.replace("timd:", &format!("{role}:"));
        doctor(&data, &[("database", &url)])
    };
    alter("CREATE ROLE stranger LOGIN; CREATE ROLE reader LOGIN");
    alter("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader");
    as_role("stranger").has("fail", "database.schema", "permission denied");
    as_role("reader").has("fail", "database.schema", "may not make tables");
    alter("GRANT CREATE ON SCHEMA public TO reader");
    as_role("reader").has("fail", "database.schema", "no right to account, app");
    as_role("nobody").has("fail", "database", "nobody");
    let latin = "CREATE DATABASE doctors_latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'
        TEMPLATE template0";
    cluster.run(latin, "postgres").unwrap();
    let latin = url.replace(&name, "doctors_latin");
    doctor(&data, &[("database", &latin)]).has("fail", "database.encoding", "LATIN1");
    let absent = url.replace(&name, "not_there");
    doctor(&data, &[("database", &absent)]).has("fail", "database", "does not exist");
    let closed = "postgres://timd:s3cret@127.0.0.1:1/timd";
    doctor(&data, &[("database", closed)]).has("fail", "database", "127.0.0.1:1");
    let typo = "postgres://timd:s3cret@127.0.0.1:s3cret/timd";
    doctor(&data, &[("database", typo)]).has("fail", "database", "URL");
    let tls = format!("{url}?sslmode=verify-full");
    doctor(&data, &[("database", &tls)]).has("fail", "database", "TLS");
}

#[test]
fn postgres_with_tls() {
    let cluster = Cluster::start().unwrap();
    let (dir, data) = dir();
    let url = cluster.database();
    let ca = authority("database", -1, 400);
    let (cert, key) = leaf(&ca, &["127.0.0.1"], -1, 90);
    // Next to the data of PostgreSQL, and its own.
    let home = data_directory(&url);
    let owner = fs::metadata(&home).unwrap();
    for (name, text) in [("server.crt", &cert), ("server.key", &key)] {
        let path = home.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    cluster.run("ALTER SYSTEM SET ssl = on", &url).unwrap();
    cluster.run("SELECT pg_reload_conf()", &url).unwrap();
    let file = dir.path().join("ca.pem");
    let look = || {
        let url = format!("{url}?sslmode=verify-full&sslrootcert={}", file.display());
        doctor(&data, &[("database", &url)])
    };
    fs::write(&file, &ca.cert).unwrap();
    let start = std::time::Instant::now();
    // A moment passes until it has read its settings again.
    while look().code != 0 {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{:?}",
            look().checks
        );
    }
    look().has("ok", "database.tls", "is checked");
    fs::write(&file, authority("other", -1, 400).cert).unwrap();
    look().has("fail", "database", "127.0.0.1");
}

fn data_directory(url: &str) -> PathBuf {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    runtime.block_on(async {
        let mut conn = sqlx::PgConnection::connect(url).await.unwrap();
        let asked = sqlx::query_scalar::<_, String>("SHOW data_directory");
        asked.fetch_one(&mut conn).await.unwrap().into()
    })
}

/// Passes bytes on, those of the answers after a while.
fn slow_way(to: SocketAddr, delay: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut server) = (client.unwrap(), TcpStream::connect(to).unwrap());
            let mut asks = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut asks.0, &mut asks.1));
            thread::spawn(move || {
                let mut buffer = [0; 65_536];
                while let Ok(n @ 1..) = server.read(&mut buffer) {
                    thread::sleep(delay);
                    if client.write_all(&buffer[..n]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    addr
}

#[test]
fn a_database_that_is_far_away() {
    let cluster = shared();
    let (_dir, data) = dir();
    let url = cluster.database();
    let port = url.rsplit(':').next().unwrap().split('/').next().unwrap();
    let way = slow_way(
        ([127, 0, 0, 1], port.parse().unwrap()).into(),
        Duration::from_millis(60),
    );
    let url = url.replace(port, &way.port().to_string());
    let seen = doctor(&data, &[("database", &url)]);
    seen.has("warn", "database.round_trip", "a message takes");
    seen.has("warn", "database.commit", "durable");
}

#[test]
fn several_nodes_with_and_without_a_bus() {
    let cluster = shared();
    let (_dir, data) = dir();
    let url = cluster.database();
    let start = |data: &Path| {
        serve(data, |config| {
            config.database = Some(url.clone());
            config.node_lease = Duration::from_secs(4);
        })
    };
    let other = data.with_file_name("other");
    let (one, two) = (start(&data), start(&other));
    // Long since dead, though nobody has said so yet: its beat stands still.
    cluster
        .run(
            "INSERT INTO node (number, name, beat) VALUES (5, 'still', 7)",
            &url,
        )
        .unwrap();
    let settings = [
        ("database", &*url),
        ("node_lease", "4s"),
        ("listen", &one.addr().to_string()),
    ];
    let seen = doctor(&data, &settings);
    seen.has("ok", "nodes", "2 renewing their leases");
    seen.has("warn", "nodes", "1 not renewing their leases: still");
    seen.has("fail", "bus", "none, and 2 nodes");
    let shown = |says: &str| {
        let seen = doctor(&data, &settings);
        seen.has("warn", "ready", says);
    };
    shown("degraded: bus: there is none");
    drop(two);
}

#[test]
fn a_server_that_lost_its_database() {
    let cluster = Cluster::start().unwrap();
    let (_dir, data) = dir();
    let url = cluster.database();
    let server = serve(&data, |config| {
        config.database = Some(url.clone());
        config.node_lease = Duration::from_secs(1);
        config.database_timeout = Duration::from_millis(500);
    });
    cluster.stop();
    let listen = server.addr().to_string();
    let settings = [("database", &*url), ("listen", &*listen)];
    let start = std::time::Instant::now();
    loop {
        let seen = doctor(&data, &settings);
        seen.has("fail", "database", "127.0.0.1");
        seen.has("ok", "port", "a timd answers");
        let ready = seen.checks.iter().find(|check| check["name"] == "ready");
        if ready.unwrap()["level"] == "fail" {
            seen.has("fail", "ready", "not ready: the database");
            break;
        }
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{:?}",
            seen.checks
        );
    }
}
