//! The deployment files, judged by the tools that read them. No container engine is needed.

use super::log::Log;
use super::parts;
use crate::{Outcome, http, python, repo, server, shell};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Settings that the compose file demands; it ships none.
const DEMANDED: [&str; 4] = [
    "CARE_PUBLIC_URL",
    "CARE_SECRET",
    "CARE_MAIL_FROM",
    "POSTGRES_PASSWORD",
];

pub fn run(log: &mut Log) -> Outcome {
    python::ensure(&mut |command| log.run(command))?;
    let root = repo::root();
    log.run(shell::command("hadolint", &root).arg("Dockerfile"))?;
    log.run(shell::command("yamllint", &root).args([
        "--strict",
        "-c",
        "xtask/tools/yamllint.yaml",
        "docker-compose.yml",
        ".github",
        "xtask/tools",
    ]))?;
    let compose = || {
        let mut command = Command::new("docker-compose");
        command
            .current_dir(&root)
            .args(["-f", "docker-compose.yml", "config", "--quiet"]);
        for name in DEMANDED {
            command.env_remove(name);
        }
        command
    };
    let with_all = DEMANDED.map(|name| (name, "x"));
    log.run(compose().envs(with_all))?;
    // Each one that is missing must stop it: nothing usable by default.
    for name in DEMANDED {
        if log.run(compose().envs(with_all).env_remove(name)).is_ok() {
            return Err(format!("docker-compose.yml is usable without {name}."));
        }
    }
    Ok(())
}

/// The nginx program: the machine's, or Debian's package unpacked below `target`. Installed, it would start a web server.
fn nginx(log: &mut Log) -> Outcome<PathBuf> {
    let installed = shell::in_path("nginx").or_else(|| Some(PathBuf::from("/usr/sbin/nginx")));
    if let Some(program) = installed.filter(|program| program.is_file()) {
        return Ok(program);
    }
    let dir = repo::target().join("xtask/nginx-package");
    let program = dir.join("usr/sbin/nginx");
    if program.is_file() {
        return Ok(program);
    }
    let help = "Install nginx to test its configuration (Debian: apt-get install nginx-light).";
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir)
        .map_err(|error| format!("Could not create {}: {error}.", dir.display()))?;
    log.run(
        Command::new("apt-get")
            .args(["download", "nginx"])
            .current_dir(&dir),
    )
    .map_err(|error| format!("{error} {help}"))?;
    let unpack = "for package in nginx_*.deb; do dpkg-deb --extract \"$package\" .; done";
    log.run(
        Command::new("/bin/sh")
            .args(["-c", unpack])
            .current_dir(&dir),
    )
    .map_err(|error| format!("{error} {help}"))?;
    if program.is_file() {
        Ok(program)
    } else {
        Err(help.to_owned())
    }
}

/// A running program that is ended with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.0.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let _ = self.0.wait();
    }
}

/// The shipped configuration, with only its placeholders filled in, in front of a server with demo data.
pub fn proxy(log: &mut Log) -> Outcome {
    let server = parts::start(log)?;
    let listen = server::free_address()?;
    let dir = repo::target().join("xtask/nginx");
    let io = |error: std::io::Error| format!("Could not prepare {}: {error}.", dir.display());
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).map_err(io)?;
    let template = repo::frontend().join("nginx.conf");
    let site = std::fs::read_to_string(&template).map_err(io)?;
    let site = site
        .replace("${CARE_UPSTREAM}", &server.address.to_string())
        .replace("${NGINX_PORT}", &listen.to_string())
        .replace("/usr/share/nginx/html", &repo::spa().to_string_lossy());
    std::fs::write(dir.join("site.conf"), site).map_err(io)?;
    std::fs::write(dir.join("nginx.conf"), main_config(&dir)).map_err(io)?;
    let program = nginx(log)?;
    let command = || {
        let mut command = Command::new(&program);
        command
            .arg("-p")
            .arg(&dir)
            .args(["-c", "nginx.conf", "-e", "stderr"]);
        command
    };
    log.run(command().arg("-t"))?;
    let child = command()
        .stdin(Stdio::null())
        .stdout(log.file()?)
        .stderr(log.file()?)
        .spawn()
        .map_err(|error| shell::cannot_run("nginx", &error))?;
    let _running = Running(child);
    for _ in 0..100 {
        if !server::is_free(listen) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let token = server.sign_in("customer")?;
    check_pages(listen, log)?;
    check_stream(listen, &token, log)
}

fn main_config(dir: &Path) -> String {
    let user = if nix::unistd::geteuid().is_root() {
        "user root;\n"
    } else {
        ""
    };
    let dir = dir.display();
    let temp: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("  {name}_temp_path {dir}/{name};\n"))
        .concat();
    format!(
        "daemon off;\n{user}pid {dir}/pid;\nworker_processes 1;\nevents {{}}\nhttp {{\n  access_log off;\n  \
         types {{ text/html html; text/javascript js; text/css css; application/json json; }}\n{temp}  \
         include {dir}/site.conf;\n}}\n"
    )
}

fn check_pages(address: SocketAddr, log: &mut Log) -> Outcome {
    let page = |name: &str| {
        let path = repo::spa().join(name);
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let (home, list, any) = (
        page("index.html")?,
        page("tickets.html")?,
        page("200.html")?,
    );
    // A deep link is a page of the SPA; an address below /api never is.
    for (path, status, wanted) in [
        ("/", 200, home.as_str()),
        ("/tickets", 200, &list),
        ("/tickets/CCR-1", 200, &any),
        (
            "/callback/google?error=access_denied",
            200,
            "<!doctype html",
        ),
        ("/healthz", 200, ""),
        ("/api/v1/meta", 200, "\"demo\":true"),
        ("/api/v1/no-such-thing", 404, "not_found"),
        ("/docs/", 200, "swagger"),
        ("/_app/immutable/no-such-file.js", 404, ""),
        ("/metrics", 200, "<!doctype html"),
    ] {
        let response =
            http::get(address, path).ok_or_else(|| format!("nginx does not answer GET {path}."))?;
        log.say(&format!("GET {path}: {}", response.status));
        let fits = response.body.contains(wanted);
        if response.status != status || !fits {
            let start: String = response.body.chars().take(200).collect();
            return Err(format!(
                "GET {path} through nginx: {} {start:?}, expected {status} {wanted:.100?}.",
                response.status
            ));
        }
    }
    Ok(())
}

/// The first event of the live stream must come through at once although the answer goes on.
fn check_stream(address: SocketAddr, token: &str, log: &mut Log) -> Outcome {
    let failed = |what: &str| format!("The live stream through nginx: {what}.");
    let mut stream = TcpStream::connect(address).map_err(|error| failed(&error.to_string()))?;
    let _ = stream.set_read_timeout(Some(Duration::from_secs(3)));
    let request = format!(
        "GET /api/v1/stream HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Accept: text/event-stream\r\n\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .map_err(|error| failed(&error.to_string()))?;
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains("event: hello") && !text.contains("event:hello") {
        match stream.read(&mut buffer) {
            Ok(0) => return Err(failed(&format!("it ended early: {text:?}"))),
            Ok(n) => text.push_str(&String::from_utf8_lossy(
                buffer.get(..n).unwrap_or_default(),
            )),
            Err(_) => return Err(failed(&format!("no hello within 3 s: {text:?}"))),
        }
    }
    log.say("GET /api/v1/stream: hello at once");
    Ok(())
}
