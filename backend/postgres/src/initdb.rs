//! Making a new data directory.

use crate::binaries::Binaries;
use crate::layout::{self, Layout};
use crate::process::{self, Runner};
use crate::{Options, StartError};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::process::Stdio;

/// Makes `root/data.new` and, when it is complete, renames it to `root/data`.
pub(crate) fn initialise(
    layout: &Layout,
    binaries: &Binaries,
    runner: &Runner,
    options: &Options,
) -> Result<(), StartError> {
    (options.notify)(&format!(
        "making a new PostgreSQL {} database in {}",
        binaries.major,
        layout.root.display()
    ));
    let (new, data) = (layout.new_data(), layout.data());
    match std::fs::remove_dir_all(&new) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(StartError::io("remove the unfinished", &new)(error)),
    }
    layout::private_dir(&new, runner)?;
    let mut initdb = runner.command(&binaries.initdb());
    initdb
        .args([
            "-U",
            "care",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ])
        .arg("-D")
        .arg(&new);
    if !options.durable {
        initdb.arg("--no-sync");
    }
    let output = initdb
        .output()
        .map_err(StartError::io("run", &binaries.initdb()))?;
    check(layout, &output)?;
    let mut single = runner.command(&binaries.postgres());
    single
        .arg("--single")
        .arg("-D")
        .arg(&new)
        .args(if options.durable { &[][..] } else { &["-F"] })
        .arg("postgres");
    let output = single
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            if let Some(mut stdin) = child.stdin.take() {
                stdin.write_all(b"CREATE DATABASE care\n")?;
            }
            child.wait_with_output()
        })
        .map_err(StartError::io("run", &binaries.postgres()))?;
    check(layout, &output)?;
    let marker = Layout::marker(&new);
    std::fs::write(
        &marker,
        "This PostgreSQL data directory was made by Customer Care Registry, which also runs it.\n",
    )
    .and_then(|()| File::open(&marker)?.sync_all())
    .map_err(StartError::io("write", &marker))?;
    runner.own(&marker)?;
    // Replaces an empty directory, never one with files.
    std::fs::rename(&new, &data)
        .and_then(|()| File::open(&layout.root)?.sync_all())
        .map_err(StartError::io("create", &data))
}

fn check(layout: &Layout, output: &std::process::Output) -> Result<(), StartError> {
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    if text.contains("No space left on device") {
        return Err(StartError::NoSpace {
            path: layout.root.clone(),
            free_mb: None,
            need_mb: 0,
        });
    }
    Err(StartError::Initdb {
        output: process::tail(&text, 8),
    })
}
