//! The parts, quick and telling ones first.

use super::log::Log;
use super::provider::Provider;
use super::{Part, containers, contract};
use crate::server::{self, Server};
use crate::{Outcome, client, frontend, python, repo, shell};
use std::net::SocketAddr;

pub const PARTS: [Part; 13] = [
    Part {
        name: "fmt",
        what: "Rust formatting",
        run: fmt,
    },
    Part {
        name: "clippy",
        what: "Rust lints",
        run: clippy,
    },
    Part {
        name: "rust",
        what: "Rust unit and integration tests on a real PostgreSQL",
        run: rust,
    },
    Part {
        name: "openapi",
        what: "the API description: same as the handlers say, and lint-clean",
        run: openapi,
    },
    Part {
        name: "client",
        what: "the SPA's API client: same as the API description says",
        run: |log| npm(log, &["client:check"]),
    },
    Part {
        name: "types",
        what: "SPA type check",
        run: |log| npm(log, &["check"]),
    },
    Part {
        name: "lint",
        what: "SPA lint, formatting and message catalogues",
        run: |log| npm(log, &["lint", "messages:check"]),
    },
    Part {
        name: "unit",
        what: "SPA unit and component tests",
        run: |log| npm(log, &["test"]),
    },
    Part {
        name: "size",
        what: "SPA build and the sizes of its pages",
        run: size,
    },
    Part {
        name: "e2e",
        what: "the whole product in Chromium",
        run: |log| against_server(log, "test:e2e"),
    },
    Part {
        name: "contract",
        what: "the running API against its description, as each role",
        run: contract::run,
    },
    Part {
        name: "containers",
        what: "Dockerfile, compose file, workflow and other YAML",
        run: containers::run,
    },
    Part {
        name: "proxy",
        what: "the SPA's nginx in front of a running server",
        run: containers::proxy,
    },
];

fn fmt(log: &mut Log) -> Outcome {
    log.run(client::cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(log: &mut Log) -> Outcome {
    log.run(client::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn rust(log: &mut Log) -> Outcome {
    // A real SMTP server for the mail tests.
    python::ensure(&mut |command| log.run(command))?;
    // A real identity provider for those of signing in, and the Node it runs on.
    frontend::install(&mut |command| log.run(command))?;
    frontend::npm_ci(&repo::tools(), &mut |command| log.run(command))?;
    log.run(client::cargo().args(["test", "--workspace"]))
}

fn openapi(log: &mut Log) -> Outcome {
    let now = log.capture(&mut client::openapi())?;
    let path = repo::openapi();
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if now.trim_end() != committed.trim_end() {
        let line = now
            .lines()
            .zip(committed.lines())
            .position(|(now, then)| now != then);
        let line = line.unwrap_or_else(|| now.lines().count().min(committed.lines().count())) + 1;
        return Err(format!(
            "openapi/openapi.json is not what the handlers say (first at line {line}). Run `cargo xtask client` and commit \
             the result."
        ));
    }
    let tools = repo::tools();
    frontend::install(&mut |command| log.run(command))?;
    frontend::npm_ci(&tools, &mut |command| log.run(command))?;
    let mut lint = shell::command(tools.join("node_modules/.bin/redocly"), &tools);
    lint.arg("lint")
        .arg(&path)
        .args(["--config", "redocly.yaml", "--max-problems", "1000"]);
    log.run(&mut lint)
}

fn npm(log: &mut Log, scripts: &[&str]) -> Outcome {
    frontend::install(&mut |command| log.run(command))?;
    for script in scripts {
        log.run(&mut frontend::npm_run(script))?;
    }
    Ok(())
}

fn size(log: &mut Log) -> Outcome {
    frontend::install(&mut |command| log.run(command))?;
    if !frontend::build(&mut |command| log.run(command))? {
        log.say("No input of the build changed; its result is the one that is measured.");
    }
    log.run(&mut frontend::npm_run("size"))
}

/// Runs a script of the SPA that drives a browser against a fresh server with demo data, beside an identity provider.
fn against_server(log: &mut Log, script: &str) -> Outcome {
    build(log)?;
    let address = server::free_address()?;
    let provider = Provider::start(log, address)?;
    let settings = provider.settings();
    let settings: Vec<_> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let server = serve(log, address, &settings)?;
    let mut test = frontend::npm_run(script);
    test.env("CARE_URL", server.url())
        .env("CARE_BASE_URL", server.url());
    log.run(&mut test)
}

/// A server of the current sources with the current SPA, in demo mode, on a fresh database. Its output is in the log.
pub fn start(log: &mut Log) -> Outcome<Server> {
    build(log)?;
    serve(log, server::free_address()?, &[])
}

fn build(log: &mut Log) -> Outcome {
    frontend::install(&mut |command| log.run(command))?;
    frontend::build(&mut |command| log.run(command))?;
    log.run(client::cargo().args(["build", "--package", "care"]))
}

fn serve(log: &mut Log, address: SocketAddr, more: &[(&str, &str)]) -> Outcome<Server> {
    // Many tests share one address and are quicker than people.
    let mut settings = vec![
        ("CARE_IP_SIGN_INS_PER_MINUTE", "1000000"),
        ("CARE_WRITES_PER_MINUTE", "1000000"),
        ("CARE_CODE_RESEND_WAIT", "0"),
    ];
    settings.extend(more);
    Server::start(&repo::care("debug"), &log.file()?, address, &settings)
}
