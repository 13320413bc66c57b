//! The connections. They are handed on as they come back: asking each of them whether it still lives
//! would cost a journey an operation, and an operation that finds it dead takes another one.

use std::io::ErrorKind;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Manager, Metrics, RecycleResult, Timeouts};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Error, Executor, PgConnection};

use super::{RepoError, Result};

/// Connections to one database.
pub type Pool = managed::Pool<Connections>;
/// One of them; it goes back when it is dropped.
pub type Pooled = managed::Object<Connections>;

/// How long a statement may take, waiting for locks included, and a transaction may be idle. Then the
/// server gives it up, so that a node that is gone holds nobody up.
const SESSION: &str =
    "SET statement_timeout = 10000; SET idle_in_transaction_session_timeout = 10000";
/// Between two tries to reach the server.
const PAUSE: Duration = Duration::from_millis(50);

/// At most so many connections; `patience`: how long somebody waits for one.
pub fn open(options: PgConnectOptions, connections: u32, patience: Duration) -> Result<Pool> {
    let patience = Timeouts {
        wait: Some(patience),
        create: Some(patience),
        recycle: None,
    };
    Pool::builder(Connections(options))
        .max_size(connections.max(1) as usize)
        .timeouts(patience)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|e| RepoError::Failed(e.to_string()))
}

/// Makes them.
pub struct Connections(PgConnectOptions);

impl Manager for Connections {
    type Type = PgConnection;
    type Error = Error;

    async fn create(&self) -> std::result::Result<PgConnection, Error> {
        loop {
            match self.0.connect().await {
                Ok(mut conn) => {
                    conn.execute(SESSION).await?;
                    return Ok(conn);
                }
                Err(error) if is_passing(&error) => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(error),
            }
        }
    }

    async fn recycle(&self, _: &mut PgConnection, _: &Metrics) -> RecycleResult<Error> {
        Ok(())
    }
}

/// The server is starting, stopping, or full: waiting may help.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::UnexpectedEof
        ),
        Error::Database(answer) => {
            let code = answer.code().unwrap_or_default();
            ["53", "57P"].iter().any(|class| code.starts_with(class))
        }
        _ => false,
    }
}
