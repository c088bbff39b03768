//! schemathesis: thousands of requests made from the API description, valid and not, judged by the same description.

use super::log::Log;
use super::parts;
use crate::{Outcome, http, python, repo, shell};

/// A fixed seed, so that a failure can be seen again; set CARE_TEST_SEED to explore.
const SEED: &str = "20261121";
const EXAMPLES: &str = "8";

/// Where strangers get further than a refusal. That they are refused everywhere else is what the authorization matrix tests.
const PUBLIC: &str = "^/api/v1/(auth/|demo|meta|openapi|services)";

/// What these requests would end: the session that they are made with. And the live stream, which does not end: it has
/// tests of its own. Nor can a schema say what a picture is.
const EXCLUDED: &str = "^/api/v1/(stream|auth/sign-out|me/password|me/avatar)$";

pub fn run(log: &mut Log, roles: &[&str]) -> Outcome {
    python::ensure(&mut |command| log.run(command))?;
    let seed = std::env::var("CARE_TEST_SEED").unwrap_or_else(|_| SEED.to_owned());
    let mut failed = Vec::new();
    // Each role has a server of its own, because an admin may well disable the others.
    for &role in roles {
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
        judge.args(["--exclude-path-regex", EXCLUDED]);
        let token = if role == "nobody" {
            judge.args(["--include-path-regex", PUBLIC]);
            None
        } else {
            let token = server.sign_in(role)?;
            judge.args(["-H", &format!("Authorization: Bearer {token}")]);
            Some(token)
        };
        log.say(&format!("\n======== signed in as {role}"));
        if let Err(message) = log.run(&mut judge) {
            log.say(&message);
            failed.push(role);
        }
        // Or all of it was only about how strangers are refused.
        if token.is_some_and(|token| {
            http::get_as(server.address, "/api/v1/me", &token).is_none_or(|me| me.status != 200)
        }) {
            log.say("The session ended on the way.");
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
