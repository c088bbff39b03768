//! schemathesis: thousands of requests made from the API description, valid and not, judged by the same description.

use super::log::Log;
use super::parts;
use crate::{Outcome, python, repo, shell};

/// A fixed seed, so that a failure can be seen again; set CARE_TEST_SEED to explore.
const SEED: &str = "20261121";
const EXAMPLES: &str = "15";

/// What these requests would end: the session that they are made with. And the live stream, which does not end: it has
/// tests of its own.
const EXCLUDED: [&str; 3] = [
    "^/api/v1/stream$",
    "^/api/v1/auth/sign-out$",
    "^/api/v1/me/password$",
];

pub fn run(log: &mut Log) -> Outcome {
    python::ensure(&mut |command| log.run(command))?;
    let seed = std::env::var("CARE_TEST_SEED").unwrap_or_else(|_| SEED.to_owned());
    let mut failed = Vec::new();
    // Signed out first: it leaves the demo accounts alone. Each role has a server of its own, because an admin may well
    // disable the others.
    for role in ["nobody", "customer", "agent", "admin"] {
        let server = parts::start(log)?;
        let mut judge = shell::command("schemathesis", &repo::target());
        judge
            .arg("--config-file")
            .arg(repo::root().join("xtask/tools/schemathesis.toml"))
            .arg("run")
            .arg(repo::openapi())
            .args(["--url", &server.url()]);
        judge.args([
            "--checks",
            "all",
            "--max-examples",
            EXAMPLES,
            "--seed",
            &seed,
            "--continue-on-failure",
        ]);
        judge.args([
            "--request-timeout",
            "20",
            "--generation-database",
            "none",
            "--no-color",
        ]);
        for path in EXCLUDED {
            judge.args(["--exclude-path-regex", path]);
        }
        if role != "nobody" {
            judge.args([
                "-H",
                &format!("Authorization: Bearer {}", server.sign_in(role)?),
            ]);
        }
        log.say(&format!("\n======== signed in as {role}"));
        if let Err(message) = log.run(&mut judge) {
            log.say(&message);
            failed.push(role);
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "schemathesis found failures as {}.",
            failed.join(", ")
        )),
    }
}
