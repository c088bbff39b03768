//! `cargo xtask bench`: a million tickets in a throw-away cluster on the disk (durable settings on), and how close the
//! server comes to what PostgreSQL itself can do with the same statements. Prints ratios, because machines differ.
//!
//! Every pair is measured interleaved, in many short rounds because a machine's own speed drifts within a minute; the median
//! of the rounds' ratios is shown, and what they and the rates were.

mod fill;
mod hint;
mod load;
mod report;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use care_postgres::{Cluster, Options};

use crate::{Outcome, http, repo, server, shell, tools};
use report::Report;

/// Connections of the server's pool and of pgbench.
const CONNECTIONS: u32 = 8;
/// Requests in flight.
const CLIENTS: u32 = 32;
const ROUNDS: usize = 9;

const HELP: &str = "\
cargo xtask bench [--tickets N] [--seconds S] [--keep]
  --tickets N   how many tickets to fill in (1000000)
  --seconds S   how long each measurement takes (3)
  --keep        keep the filled database under target/bench for the next run
";

struct Settings {
    tickets: u64,
    seconds: u64,
    keep: bool,
}

pub fn main(args: &[String]) -> Outcome {
    let settings = settings(args)?;
    tools::ensure_to_bench()?;
    shell::step("building the server (profile ship: as it is delivered)");
    let mut build = Command::new("cargo");
    build.args(["build", "--profile", "ship", "-p", "care"]);
    shell::run(build.current_dir(repo::root()))?;

    let root = repo::target().join("bench");
    let cluster = cluster(&root)?;
    let url = cluster.url("care");
    fill::fill(&cluster, &url, settings.tickets)?;

    let mut report = Report::new();
    let mut running = Running::start(&url)?;
    let people = load::People::sign_in(&running, &url, &cluster)?;
    let run = load::Run {
        cluster: &cluster,
        url: &url,
        server: &running,
        people: &people,
        tickets: settings.tickets,
        seconds: settings.seconds,
    };
    run.list(&mut report)?;
    run.post(&mut report)?;
    run.depth(&mut report)?;
    hint::measure(&running, &people, &mut report)?;
    report.peak_memory(running.peak_rss_mb());
    running.stop();
    cluster.stop();
    if !settings.keep {
        let _ = std::fs::remove_dir_all(&root);
    }
    report.print(settings.tickets);
    Ok(())
}

fn settings(args: &[String]) -> Outcome<Settings> {
    let mut settings = Settings {
        tickets: 1_000_000,
        seconds: 3,
        keep: false,
    };
    let mut args = args.iter().map(String::as_str);
    while let Some(arg) = args.next() {
        let mut number = || {
            args.next()
                .and_then(|n| n.parse().ok())
                .ok_or_else(|| HELP.to_owned())
        };
        match arg {
            "--tickets" => settings.tickets = number()?,
            "--seconds" => settings.seconds = number()?,
            "--keep" => settings.keep = true,
            _ => return Err(HELP.to_owned()),
        }
    }
    Ok(settings)
}

/// Durable like a real one, with memory for a 24 GB machine.
fn cluster(root: &std::path::Path) -> Outcome<Cluster> {
    let root = if care_postgres::can_live_below(root) {
        root.to_owned()
    } else {
        std::env::temp_dir().join("care-bench")
    };
    let mut options = Options::new(root);
    options.notify = |_| {};
    options.settings = [
        ("shared_buffers", "1GB"),
        ("max_wal_size", "4GB"),
        ("maintenance_work_mem", "512MB"),
        ("checkpoint_timeout", "30min"),
        ("max_connections", "100"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    Cluster::start(options).map_err(|e| e.to_string())
}

/// The server under test.
pub struct Running {
    child: Child,
    pub address: std::net::SocketAddr,
}

impl Running {
    fn start(url: &str) -> Outcome<Self> {
        shell::step("starting the server");
        let address = server::free_address()?;
        let mut command = Command::new(repo::target().join("ship/care"));
        server::without_settings(&mut command)
            .arg("serve")
            .env("DATABASE_URL", url)
            .env("CARE_SECRET", "b3nch-0nly-9f3kD02mvLq8Zt61bWx7Rc5NyPe4")
            .env("CARE_MAIL", "memory")
            .env("CARE_LISTEN", address.to_string())
            .env("CARE_METRICS_LISTEN", "off")
            .env("CARE_PUBLIC_URL", format!("http://{address}"))
            .env("CARE_DB_POOL", CONNECTIONS.to_string())
            .env("CARE_ACCESS_TOKEN_TTL", "900")
            // Whoever signs in again to a kept database has no mailbox for the code.
            .env("CARE_NEW_DEVICE_CODE", "0")
            .env("CARE_IP_SIGN_INS_PER_MINUTE", "1000000")
            .env("CARE_WRITES_PER_MINUTE", "1000000")
            .env("CARE_LOG", "warn")
            .stdin(Stdio::null());
        let child = command
            .spawn()
            .map_err(|e| format!("The server did not start: {e}."))?;
        let running = Self { child, address };
        let start = Instant::now();
        while http::get(address, "/readyz").is_none_or(|r| r.status != 200) {
            if start.elapsed() > Duration::from_secs(60) {
                return Err("The server was not ready after 60 s.".to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(running)
    }

    /// The most memory it ever had, in MB (VmHWM).
    fn peak_rss_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default();
        let line = status
            .lines()
            .find_map(|l| l.strip_prefix("VmHWM:"))
            .unwrap_or_default();
        line.split_whitespace()
            .next()
            .and_then(|kb| kb.parse::<f64>().ok())
            .unwrap_or(f64::NAN)
            / 1024.0
    }

    /// CPU seconds it used so far, user and system.
    pub fn cpu_seconds(&self) -> f64 {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = |i: usize| {
            fields
                .get(i)
                .and_then(|t| t.parse::<f64>().ok())
                .unwrap_or(0.0)
        };
        (ticks(11) + ticks(12)) / 100.0
    }

    fn stop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap_or(0));
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}
