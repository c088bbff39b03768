//! The Python tools of the tests (xtask/tools/requirements.txt), in an environment of their own.

use crate::{Outcome, repo, stamp};
use std::path::PathBuf;
use std::process::Command;

pub fn venv() -> PathBuf {
    repo::target().join("xtask/venv")
}

/// Installs them when the list changed. `run` runs a command in the caller's way.
pub fn ensure(run: &mut dyn FnMut(&mut Command) -> Outcome) -> Outcome {
    let list = repo::tools().join("requirements.txt");
    let stamp = venv().join("stamp");
    let wanted = stamp::fingerprint(std::slice::from_ref(&list), &[]);
    if stamp::is_current(&stamp, &wanted) {
        return Ok(());
    }
    let _ = std::fs::create_dir_all(repo::target());
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(venv()))?;
    let mut pip = Command::new(venv().join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "-r",
    ])
    .arg(list);
    run(&mut pip)?;
    stamp::write(&stamp, &wanted);
    Ok(())
}
