//! A server in demo mode on a throwaway database, for the tests that talk to it from outside.

use crate::{Outcome, http, repo};
use care_postgres::Cluster;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Demo data is made at the first start; a debug build on a busy machine takes its time.
const READY_LIMIT: Duration = Duration::from_secs(180);

pub struct Server {
    pub address: SocketAddr,
    child: Child,
    data: PathBuf,
    /// Stopped after the server.
    _cluster: Cluster,
}

impl Server {
    /// At this address. `log` receives the server's output; `settings` are added to its environment.
    pub fn start(
        program: &std::path::Path,
        log: &File,
        address: SocketAddr,
        settings: &[(&str, &str)],
    ) -> Outcome<Self> {
        let cluster = Cluster::throwaway().map_err(|error| error.to_string())?;
        let data = repo::target().join(format!("xtask/server-{}", address.port()));
        std::fs::create_dir_all(&data)
            .map_err(|error| format!("Could not create {}: {error}.", data.display()))?;
        let output = |error| format!("Could not write the server's log: {error}.");
        let mut command = Command::new(program);
        without_settings(&mut command)
            .arg("serve")
            .env("CARE_DEMO", "1")
            .env("DATABASE_URL", cluster.url("care"))
            .env("CARE_DATA", &data)
            .env("CARE_LISTEN", address.to_string())
            .env("CARE_METRICS_LISTEN", free_address()?.to_string())
            .env("CARE_PUBLIC_URL", format!("http://{address}"))
            .env("CARE_SPA_DIR", repo::spa())
            .env("CARE_MAIL", "memory")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(output)?)
            .stderr(log.try_clone().map_err(output)?);
        let child = command
            .spawn()
            .map_err(|error| format!("Could not run {}: {error}.", program.display()))?;
        let mut server = Self {
            address,
            child,
            data,
            _cluster: cluster,
        };
        server.wait_ready()?;
        Ok(server)
    }

    fn wait_ready(&mut self) -> Outcome {
        let start = Instant::now();
        while start.elapsed() < READY_LIMIT {
            if http::get(self.address, "/readyz").is_some_and(|response| response.status == 200) {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("The server ended before it was ready ({status})."));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(format!(
            "The server was not ready after {} s.",
            READY_LIMIT.as_secs()
        ))
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bearer token of the first demo account of that role.
    pub fn sign_in(&self, role: &str) -> Outcome<String> {
        let demo = http::get_json(self.address, "/api/v1/demo")
            .ok_or("The server does not name its demo accounts.")?;
        let accounts = demo
            .get("accounts")
            .and_then(|accounts| accounts.as_array())
            .cloned()
            .unwrap_or_default();
        let account = accounts
            .into_iter()
            .find(|account| account.get("role").is_some_and(|found| found == role))
            .ok_or_else(|| format!("There is no demo account with the role {role}."))?;
        let text = |name: &str| {
            account
                .get(name)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let body = serde_json::json!({ "email": text("email"), "password": text("password") });
        let response = http::post_json(self.address, "/api/v1/auth/sign-in", &body)
            .ok_or("The server does not answer a sign-in.")?;
        let session: serde_json::Value = serde_json::from_str(&response.body).unwrap_or_default();
        match session.get("access_token").and_then(|token| token.as_str()) {
            Some(token) => Ok(token.to_owned()),
            None => Err(format!(
                "Signing in as {role} failed with {}: {}",
                response.status, response.body
            )),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if start.elapsed() > Duration::from_secs(30) {
                let _ = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

/// The developer's own settings must not reach a server under test, which refuses unknown ones.
pub fn without_settings(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARE_") || text == "DATABASE_URL" {
            command.env_remove(&name);
        }
    }
    command
}

/// An address that nothing listens on at the moment.
pub fn free_address() -> Outcome<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| format!("No free port on this machine: {error}."))
}

pub fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok()
}
