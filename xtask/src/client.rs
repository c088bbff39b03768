//! `cargo xtask client`: what is generated from the handlers, written anew.

use crate::{Outcome, frontend, repo, shell};
use std::process::Command;

pub fn main(args: &[String]) -> Outcome {
    if let Some(extra) = args.first() {
        return Err(format!("cargo xtask client takes no {extra:?}."));
    }
    shell::step("writing openapi/openapi.json");
    shell::run(openapi().arg("--write").arg(repo::openapi()))?;
    shell::step("writing frontend/src/lib/api/schema.gen.ts");
    frontend::install(&mut shell::run)?;
    shell::run(&mut frontend::npm_run("client"))
}

/// The server, asked for its API description.
pub fn openapi() -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "care", "--", "openapi"]);
    command
}

/// The cargo that runs this program.
pub fn cargo() -> Command {
    shell::command(
        std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
        &repo::root(),
    )
}
