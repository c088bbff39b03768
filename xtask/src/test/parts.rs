//! The parts, quick and telling ones first.

use super::log::Log;
use super::provider;
use super::{Part, When, containers, contract};
use crate::server::{self, Server};
use crate::{Outcome, client, frontend, python, repo, shell};
use std::net::SocketAddr;

pub const PARTS: [Part; 17] = [
    Part {
        name: "fmt",
        what: "Rust formatting",
        when: When::First,
        run: fmt,
    },
    Part {
        name: "clippy",
        what: "Rust lints",
        when: When::First,
        run: clippy,
    },
    Part {
        name: "rust",
        what: "Rust unit and integration tests on a real PostgreSQL",
        when: When::First,
        run: rust,
    },
    Part {
        name: "openapi",
        what: "the API description: same as the handlers say, and lint-clean",
        when: When::First,
        run: openapi,
    },
    Part {
        name: "client",
        what: "the SPA's API client: same as the API description says",
        when: When::First,
        run: |log| npm(log, &["client:check"]),
    },
    Part {
        name: "size",
        what: "SPA build and the sizes of its pages",
        when: When::First,
        run: size,
    },
    Part {
        name: "types",
        what: "SPA type check",
        when: When::InTurn,
        run: |log| unless_passed(log, "types", &["check"]),
    },
    Part {
        name: "lint",
        what: "SPA lint, formatting and message catalogues",
        when: When::InTurn,
        run: |log| unless_passed(log, "lint", &["lint", "messages:check"]),
    },
    Part {
        name: "unit",
        what: "SPA unit and component tests",
        when: When::InTurn,
        run: |log| npm(log, &["test"]),
    },
    Part {
        name: "e2e",
        what: "the product in Chromium, on a desktop, with identity providers",
        when: When::Shared,
        run: desktop,
    },
    Part {
        name: "pages",
        what: "every page, light and dark, on a desktop and a phone",
        when: When::Shared,
        run: |log| end_to_end(log, "pages"),
    },
    Part {
        name: "contract",
        what: "the running API against its description, signed out and as a customer",
        when: When::Shared,
        run: |log| contract::run(log, &["nobody", "customer"]),
    },
    Part {
        name: "agent",
        what: "the same as an agent",
        when: When::Shared,
        run: |log| contract::run(log, &["agent"]),
    },
    Part {
        name: "admin",
        what: "the same as an admin",
        when: When::Shared,
        run: |log| contract::run(log, &["admin"]),
    },
    Part {
        name: "phone",
        what: "what customers do, on a phone",
        when: When::Shared,
        run: phone,
    },
    Part {
        name: "containers",
        what: "Dockerfile, compose file, workflow and other YAML",
        when: When::Shared,
        run: containers::run,
    },
    Part {
        name: "proxy",
        what: "the SPA's nginx in front of a running server",
        when: When::Shared,
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
    // Most tests wait for PostgreSQL much of the time.
    let threads = 2 * std::thread::available_parallelism().map_or(2, usize::from);
    let mut test = client::cargo();
    test.args(["test", "--workspace"])
        .env("RUST_TEST_THREADS", threads.to_string());
    log.run(&mut test)
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

fn unless_passed(log: &mut Log, part: &str, scripts: &[&str]) -> Outcome {
    frontend::install(&mut |command| log.run(command))?;
    log.unchanged = !frontend::check(part, scripts, &mut |command| log.run(command))?;
    Ok(())
}

fn size(log: &mut Log) -> Outcome {
    frontend::install(&mut |command| log.run(command))?;
    if !frontend::build(&mut |command| log.run(command))? {
        log.say("No input of the build changed; its result is the one that is measured.");
    }
    log.run(&mut frontend::npm_run("size"))
}

/// All that a desktop's browser does.
fn desktop(log: &mut Log) -> Outcome {
    // Which runs `desktop` first.
    end_to_end(log, "last")?;
    // In a demo, nobody is asked for a code only because their browser is new.
    let strict = [("CARE_NEW_DEVICE_CODE", "1")];
    let server = serve(log, server::free_address()?, &strict)?;
    browse(log, "strict", &server)
}

fn phone(log: &mut Log) -> Outcome {
    let server = start(log)?;
    browse(log, "phone", &server)
}

/// A project of the browser tests, against a fresh server with demo data, beside identity providers.
fn end_to_end(log: &mut Log, project: &str) -> Outcome {
    build(log)?;
    let address = server::free_address()?;
    let providers = provider::start_all(log, address)?;
    let settings = provider::settings(&providers);
    let settings: Vec<_> = settings
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let server = serve(log, address, &settings)?;
    browse(log, project, &server)
}

/// A project of the browser tests, against this server.
fn browse(log: &mut Log, project: &str, server: &Server) -> Outcome {
    let output = format!("--output=test-results/{project}");
    let project = format!("--project={project}");
    let mut test = frontend::npm_run_with("test:e2e", &[&project, &output]);
    log.run(test.env("CARE_URL", server.url()))
}

/// A server of the current sources with the current SPA, in demo mode, on a fresh database. What it says is searched for
/// secrets at the end.
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
        // What keeps guessers slow would keep the tests slow; it has tests of its own.
        ("CARE_BCRYPT_COST", "6"),
        ("CARE_ANSWER_BEAT", "0"),
    ];
    settings.extend(more);
    Server::start(&repo::care("debug"), &log.servers()?, address, &settings)
}
