//! What the command line can do. Everything here may block; [`serve`] starts the async runtime.

use std::{
    io::{IsTerminal, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use actix_web::{HttpResponse, HttpServer, web};
use care_postgres::{Cluster, Options};
use tracing_subscriber::EnvFilter;

use crate::{
    app::{self, App},
    background,
    config::{Config, Secret},
    db::{Db, migrate},
    events::bell::Bell,
    http::request_log,
    lockdown,
    people::{self, NewAdmin},
};

/// A database to work on: the configured one, or our own private one, which stops when this is dropped.
struct Database {
    url: String,
    _cluster: Option<Cluster>,
}

impl Database {
    fn open(config: &Config) -> Result<Self, String> {
        if let Some(url) = &config.database.url {
            return Ok(Self {
                url: url.reveal().to_owned(),
                _cluster: None,
            });
        }
        let mut options = Options::new(config.database.data.join("postgres"));
        options.bin.clone_from(&config.database.pg_bin);
        options.notify = |line| tracing::info!("{line}");
        let cluster = Cluster::start(options).map_err(|e| e.to_string())?;
        let url = cluster.url("care");
        Ok(Self {
            url,
            _cluster: Some(cluster),
        })
    }

    /// For a command beside a running server: its private PostgreSQL is taken as it is.
    fn join(config: &Config) -> Result<Self, String> {
        let root = config.database.data.join("postgres");
        match &config.database.url {
            None => match care_postgres::running(&root, "care") {
                Some(url) => Ok(Self {
                    url,
                    _cluster: None,
                }),
                None => Self::open(config),
            },
            Some(_) => Self::open(config),
        }
    }

    fn migrated(config: &Config) -> Result<Self, String> {
        let database = Self::open(config)?;
        for step in migrate::run(&database.url)? {
            tracing::info!(step, "migrated");
        }
        Ok(database)
    }
}

/// Log lines to standard error, so that standard output stays for answers.
fn start_log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = if config.log_json {
        log.json().try_init()
    } else {
        log.with_target(false).try_init()
    };
    // A second start in one process keeps the first log.
    drop(started);
}

/// Migrates, then serves until SIGINT or SIGTERM; running requests get their time to finish.
pub fn serve(config: Config) -> Result<(), String> {
    start_log(&config);
    // Taken before the database starts, so that a second copy fails at once and names the port.
    let listener = listen(config.http.listen)?;
    let metrics = config.http.metrics_listen.map(listen).transpose()?;
    let database = Database::migrated(&config)?;
    actix_web::rt::System::new().block_on(run(config, &database.url, listener, metrics))
}

fn listen(address: SocketAddr) -> Result<std::net::TcpListener, String> {
    std::net::TcpListener::bind(address).map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "port {} is in use: stop the other program or choose another address with CARE_LISTEN (or CARE_METRICS_LISTEN)",
            address.port()
        ),
        _ => format!("cannot listen on {address}: {e}"),
    })
}

async fn run(
    config: Config,
    url: &str,
    listener: std::net::TcpListener,
    metrics: Option<std::net::TcpListener>,
) -> Result<(), String> {
    let io = |e: std::io::Error| e.to_string();
    let (bell, ear) = Bell::new();
    let http = config.http.clone();
    let app = web::Data::new(App::new(config, url, bell)?);
    crate::demo::fill_when_empty(&app)
        .await
        .map_err(|e| format!("the demo could not be filled: {e}"))?;
    let background = background::start(&app, ear)?;
    let server = app::server(&app, listener).map_err(io)?;
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    if let Some(listener) = metrics {
        let app = app.clone();
        let server = HttpServer::new(move || {
            let route = web::get().to(scrape);
            actix_web::App::new()
                .app_data(app.clone())
                .route("/metrics", route)
        });
        actix_web::rt::spawn(
            server
                .workers(1)
                .disable_signals()
                .listen(listener)
                .map_err(io)?
                .run(),
        );
    }
    tracing::info!(url = http.public_url, listen = %http.listen, "ready");
    stop_signal().await?;
    tracing::info!("stopping: no new requests, running ones finish");
    app.live.shut();
    handle.stop(true).await;
    background.stop();
    serving.await.map_err(|e| e.to_string())?.map_err(io)
}

async fn stop_signal() -> Result<(), String> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    Ok(())
}

/// Prometheus text format 0.0.4.
async fn scrape(app: web::Data<App>) -> HttpResponse {
    if let Err(problem) = crate::jobs::gauges::refresh(&app).await {
        tracing::warn!(%problem, "the queue could not be measured");
    }
    let mut text = String::new();
    let families = request_log::METRICS.gather();
    match prometheus::TextEncoder::new().encode_utf8(&families, &mut text) {
        Ok(()) => HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4")
            .body(text),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

pub fn migrate(config: Config) -> Result<(), String> {
    start_log(&config);
    Database::migrated(&config).map(|_| println!("the schema is up to date"))
}

/// Makes an admin; the password comes from standard input, never from the command line, where others could read it.
pub fn create_admin(config: Config, args: &[&str]) -> Result<(), String> {
    let (name, email) = match args {
        ["--name", name, "--email", email] | ["--email", email, "--name", name] => (*name, *email),
        _ => {
            return Err(
                "create-admin --name NAME --email EMAIL (the password is read from standard input)"
                    .into(),
            );
        }
    };
    start_log(&config);
    let database = Database::migrated(&config)?;
    if std::io::stdin().is_terminal() {
        eprint!("Password for {email}: ");
        std::io::stderr().flush().map_err(|e| e.to_string())?;
    }
    let mut password = String::new();
    std::io::stdin()
        .read_line(&mut password)
        .map_err(|e| e.to_string())?;
    let new = NewAdmin {
        name: name.to_owned(),
        email: email.to_owned(),
        password: Secret::new(password.trim_end_matches(['\r', '\n'])),
    };
    let db = Db::open(
        &database.url,
        "cli",
        1,
        config.database.settings,
        Bell::silent(),
    )?;
    people::create_admin(&db, &config, &new).map_err(|problem| problem.to_string())?;
    println!("{email} can sign in as an admin now");
    Ok(())
}

/// Ends all sessions and pauses sign-ins and changes on every server, or lets them go on. Works beside running servers and
/// changes no schema.
pub fn lockdown(config: Config, args: &[&str]) -> Result<(), String> {
    let (start, reason) = match args {
        ["start", "--reason", reason] => (true, reason),
        ["end", "--reason", reason] => (false, reason),
        _ => return Err("lockdown start|end --reason TEXT".into()),
    };
    start_log(&config);
    let database = Database::join(&config)?;
    let db = Db::open(
        &database.url,
        "cli",
        1,
        config.database.settings,
        Bell::silent(),
    )?;
    let done = if start {
        lockdown::start_by_command(&db, reason).map_err(|problem| problem.to_string())?;
        "all sessions have ended; sign-ins and changes are paused until `care lockdown end`"
    } else {
        lockdown::end_by_command(&db, reason).map_err(|problem| problem.to_string())?;
        "people can sign in again"
    };
    println!("{done}");
    Ok(())
}

pub fn openapi(args: &[&str]) -> Result<(), String> {
    let document = app::document("http://127.0.0.1:8080");
    let json = document.to_pretty_json().map_err(|e| e.to_string())? + "\n";
    match args {
        [] => {
            print!("{json}");
            Ok(())
        }
        ["--write", file] => {
            std::fs::write(file, json).map_err(|e| format!("cannot write {file}: {e}"))
        }
        _ => Err("openapi [--write FILE]".into()),
    }
}

/// For container health checks: exit status 0 when /readyz answers 200.
pub fn healthcheck(config: Config) -> Result<(), String> {
    let mut address = config.http.listen;
    if address.ip().is_unspecified() {
        address.set_ip([127, 0, 0, 1].into());
    }
    let limit = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, limit).map_err(|e| e.to_string())?;
    stream
        .set_read_timeout(Some(limit))
        .map_err(|e| e.to_string())?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .map_err(|e| e.to_string())?;
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .map_err(|e| e.to_string())?;
    match answer.lines().next() {
        Some(line) if line.contains(" 200 ") => Ok(()),
        line => Err(format!("not ready: {}", line.unwrap_or("no answer"))),
    }
}
