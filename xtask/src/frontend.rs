//! Installing the SPA's packages and building it, only when something changed.

use crate::{Outcome, repo, shell, stamp};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Whoever comes second finds the work of the first done.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Not inputs of the build: made by it, or by the tests.
const NOT_INPUTS: [&str; 12] = [
    "node_modules",
    "build",
    ".svelte-kit",
    "paraglide",
    "cache",
    ".meta.json",
    ".gitignore",
    "README.md",
    "tests",
    "test-results",
    "playwright-report",
    ".vitest-attachments",
];

/// `npm ci`, when the lock file is not the one that `node_modules` was made from.
pub fn install(run: &mut dyn FnMut(&mut Command) -> Outcome) -> Outcome {
    npm_ci(&repo::frontend(), run)
}

pub fn npm_ci(dir: &Path, run: &mut dyn FnMut(&mut Command) -> Outcome) -> Outcome {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    // Beside the packages, so that it goes when they go.
    let stamp = dir.join("node_modules/.installed-from");
    let wanted = stamp::fingerprint(
        &[dir.join("package.json"), dir.join("package-lock.json")],
        &[],
    );
    if stamp::is_current(&stamp, &wanted) {
        return Ok(());
    }
    let where_to = dir
        .strip_prefix(repo::root())
        .unwrap_or(dir)
        .display()
        .to_string();
    shell::step(&format!("installing the npm packages of {where_to}"));
    // Not through `shell::command`: npm must run on the machine's own Node while it replaces the pinned one.
    run(Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(dir))?;
    stamp::write(&stamp, &wanted);
    Ok(())
}

/// `npm run build`, when an input changed or the result is gone. Says whether it built.
pub fn build(run: &mut dyn FnMut(&mut Command) -> Outcome) -> Outcome<bool> {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = repo::frontend();
    let stamp: PathBuf = repo::target().join("xtask/spa.stamp");
    let wanted = stamp::fingerprint(std::slice::from_ref(&dir), &NOT_INPUTS);
    if repo::spa().join("200.html").is_file() && stamp::is_current(&stamp, &wanted) {
        return Ok(false);
    }
    shell::step("building the SPA");
    run(&mut npm_run("build"))?;
    stamp::write(&stamp, &wanted);
    Ok(true)
}

/// Scripts whose outcome follows from the sources, tests and packages alone: again only when one of those changed since they
/// passed. Says whether they ran.
pub fn check(
    name: &str,
    scripts: &[&str],
    run: &mut dyn FnMut(&mut Command) -> Outcome,
) -> Outcome<bool> {
    let stamp = repo::target().join(format!("xtask/{name}.stamp"));
    let not_inputs: Vec<&str> = NOT_INPUTS
        .into_iter()
        .filter(|name| *name != "tests")
        .collect();
    let wanted = stamp::fingerprint(&[repo::frontend(), repo::openapi()], &not_inputs);
    if stamp::is_current(&stamp, &wanted) {
        return Ok(false);
    }
    for script in scripts {
        run(&mut npm_run(script))?;
    }
    stamp::write(&stamp, &wanted);
    Ok(true)
}

pub fn npm_run(script: &str) -> Command {
    npm_run_with(script, &[])
}

/// With arguments for the script.
pub fn npm_run_with(script: &str, args: &[&str]) -> Command {
    let mut command = shell::command("npm", &repo::frontend());
    command.args(["run", script, "--"]).args(args);
    command
}
