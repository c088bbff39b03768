//! `cargo xtask run`: from a fresh checkout to a running desk with demo data.

use crate::{Outcome, client, frontend, http, repo, server, shell, tools};
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

const PORT: u16 = 8080;
const METRICS_PORT: u16 = 9464;
/// A release build of everything, and the npm packages.
const FIRST_BUILD_MB: u64 = 4096;
const LATER_BUILD_MB: u64 = 512;

pub fn main(args: &[String]) -> Outcome {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port(args)?));
    // Before the long steps, so that nobody waits minutes for a refusal.
    ensure_free(address)?;
    tools::ensure_to_run()?;
    let program = repo::care("release");
    tools::ensure_space(if program.is_file() {
        LATER_BUILD_MB
    } else {
        FIRST_BUILD_MB
    })?;
    frontend::install(&mut shell::run)?;
    frontend::build(&mut shell::run)?;
    if !program.is_file() {
        shell::step("building the server (a few minutes the first time)");
    }
    shell::run(client::cargo().args(["build", "--release", "--package", "care"]))?;
    ensure_free(address)?;
    announce_later(address)?;

    let mut serve = Command::new(&program);
    serve
        .arg("serve")
        .env("CARE_DEMO", "1")
        .env("CARE_DATA", data_dir())
        .env("CARE_LISTEN", address.to_string())
        .env("CARE_PUBLIC_URL", format!("http://{address}"))
        .env("CARE_SPA_DIR", repo::spa());
    let metrics = SocketAddr::from((Ipv4Addr::LOCALHOST, METRICS_PORT));
    if std::env::var_os("CARE_METRICS_LISTEN").is_none() && !server::is_free(metrics) {
        serve.env("CARE_METRICS_LISTEN", server::free_address()?.to_string());
    }
    // The server takes the place of this program: Ctrl-C and signals reach it directly.
    let error = serve.exec();
    Err(shell::cannot_run("care serve", &error))
}

fn port(args: &[String]) -> Outcome<u16> {
    let value = match args {
        [] => return Ok(PORT),
        [flag, value] if flag == "--port" => value.as_str(),
        [one] if one.starts_with("--port=") => one.trim_start_matches("--port="),
        _ => {
            return Err(format!(
                "Unknown option in {:?}. Usage: cargo xtask run [--port N]",
                args.join(" ")
            ));
        }
    };
    match value.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(format!("{value:?} is not a port number (1 to 65535).")),
    }
}

fn ensure_free(address: SocketAddr) -> Outcome {
    if server::is_free(address) {
        return Ok(());
    }
    let port = address.port();
    let other = (port.saturating_add(1)..=u16::MAX)
        .find(|port| server::is_free(SocketAddr::from((Ipv4Addr::LOCALHOST, *port))))
        .unwrap_or(PORT);
    Err(format!(
        "Port {port} is in use. Stop the program that uses it, or choose another port: cargo xtask run --port {other}"
    ))
}

/// `var` in the checkout, unless PostgreSQL's unprivileged user could not reach it there (as root, below /root).
fn data_dir() -> PathBuf {
    if let Some(dir) = std::env::var_os("CARE_DATA") {
        return PathBuf::from(dir);
    }
    let near = repo::root().join("var");
    if care_postgres::can_live_below(&near) {
        near
    } else {
        PathBuf::from("/var/lib/care-demo")
    }
}

/// Starts the program below beside the server, as a child of nobody: the server would not collect it.
fn announce_later(address: SocketAddr) -> Outcome {
    let me =
        std::env::current_exe().map_err(|error| shell::cannot_run("xtask announce", &error))?;
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "\"$0\" announce \"$@\" &"]).arg(me);
    shell
        .args([address.to_string(), std::process::id().to_string()])
        .stdin(Stdio::null());
    shell::run(&mut shell)
}

/// `xtask announce ADDRESS PID`: waits until the server of that process is ready and says how to get in.
pub fn announce(args: &[String]) -> Outcome {
    let [address, pid] = args else {
        return Err("announce is part of `cargo xtask run`.".into());
    };
    let (Ok(address), Ok(pid)) = (address.parse::<SocketAddr>(), pid.parse()) else {
        return Err("announce is part of `cargo xtask run`.".into());
    };
    loop {
        if kill(Pid::from_raw(pid), None).is_err() {
            return Ok(());
        }
        if http::get(address, "/readyz").is_some_and(|response| response.status == 200) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let demo = http::get_json(address, "/api/v1/demo").unwrap_or_default();
    print!("{}", banner(address, &demo));
    Ok(())
}

fn banner(address: SocketAddr, demo: &serde_json::Value) -> String {
    let mut text = format!(
        "\n  Customer Care Registry is ready (demo data).\n\n    \
         Open     http://{address}/\n    API docs http://{address}/docs/\n"
    );
    let accounts = demo
        .get("accounts")
        .and_then(|accounts| accounts.as_array())
        .cloned()
        .unwrap_or_default();
    if !accounts.is_empty() {
        text.push_str("\n    Sign in as\n");
    }
    for account in accounts {
        let field = |name: &str| {
            account
                .get(name)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        text.push_str(&format!(
            "      {:<9} {:<32} {}\n",
            field("role"),
            field("email"),
            field("password")
        ));
    }
    text.push_str("\n    Ctrl-C stops everything.\n\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        let port = |words: &[&str]| {
            port(
                &words
                    .iter()
                    .map(|word| (*word).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(port(&[]), Ok(8080));
        assert_eq!(port(&["--port", "9000"]), Ok(9000));
        assert_eq!(port(&["--port=9001"]), Ok(9001));
        assert!(port(&["--port", "0"]).is_err());
        assert!(port(&["--prot", "1"]).is_err_and(|message| message.contains("Usage")));
    }

    #[test]
    fn a_port_in_use_names_a_free_one() -> Outcome {
        let listener =
            std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let message = ensure_free(address).err().unwrap_or_default();
        assert!(
            message.starts_with(&format!("Port {} is in use.", address.port())),
            "{message}"
        );
        assert!(message.contains("cargo xtask run --port "), "{message}");
        Ok(())
    }

    #[test]
    fn the_banner_lists_the_accounts() {
        let demo = serde_json::json!({"accounts": [{"role": "agent", "email": "a@example.org", "password": "pw"}]});
        let text = banner(SocketAddr::from(([127, 0, 0, 1], 8080)), &demo);
        assert!(
            text.contains("http://127.0.0.1:8080/")
                && text.contains("a@example.org")
                && text.contains("pw")
        );
    }
}
