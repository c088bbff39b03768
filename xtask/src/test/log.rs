//! The log of one part: all output of its commands. The terminal shows that it goes on, and the end of it on failure.

use super::leak;
use crate::{Outcome, shell};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a long command shows a sign of life.
const PULSE: Duration = Duration::from_secs(20);
const TAIL: usize = 60;

pub struct Log {
    path: PathBuf,
    file: File,
    /// What the servers of the part say, in a file of its own.
    servers: PathBuf,
    /// The part passed before, and nothing that it reads has changed.
    pub unchanged: bool,
}

impl Log {
    pub fn create(dir: &Path, part: &str) -> Outcome<Self> {
        let path = dir.join(format!("{part}.log"));
        let servers = dir.join(format!("{part}-servers.log"));
        let made = std::fs::create_dir_all(dir).and_then(|()| {
            let _ = std::fs::remove_file(&servers);
            File::create(&path)
        });
        let file =
            made.map_err(|error| format!("Could not create {}: {error}.", path.display()))?;
        Ok(Self {
            path,
            file,
            servers,
            unchanged: false,
        })
    }

    /// For the output of our servers.
    pub fn servers(&self) -> Outcome<File> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(&self.servers);
        file.map_err(|error| format!("Could not write {}: {error}.", self.servers.display()))
    }

    /// Nothing that our servers said opens a door.
    pub fn keeps_secrets(&self) -> Outcome {
        if !self.servers.exists() {
            return Ok(());
        }
        match leak::find(&text_of(&self.servers)) {
            None => Ok(()),
            Some(found) => Err(format!("{}: {found}", self.servers.display())),
        }
    }

    /// Another handle, for the output of a program.
    pub fn file(&self) -> Outcome<File> {
        self.file
            .try_clone()
            .map_err(|error| format!("Could not write {}: {error}.", self.path.display()))
    }

    pub fn say(&mut self, text: &str) {
        let _ = writeln!(self.file, "{text}");
    }

    /// Runs the command with its output in the log.
    pub fn run(&mut self, command: &mut Command) -> Outcome {
        let shown = shell::show(command);
        self.say(&format!("$ {shown}"));
        command
            .stdin(Stdio::null())
            .stdout(self.file()?)
            .stderr(self.file()?);
        let mut child = command
            .spawn()
            .map_err(|error| shell::cannot_run(&shown, &error))?;
        let start = Instant::now();
        let mut pulse = PULSE;
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("`{shown}` failed ({status}).")),
                Ok(None) => {}
                Err(error) => return Err(shell::cannot_run(&shown, &error)),
            }
            if start.elapsed() >= pulse {
                println!(
                    "  \u{2026} {} {} s, {}",
                    self.path.file_stem().unwrap_or_default().display(),
                    start.elapsed().as_secs(),
                    self.last_line()
                );
                pulse += PULSE;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs the command and gives its standard output; the rest goes to the log.
    pub fn capture(&mut self, command: &mut Command) -> Outcome<String> {
        let shown = shell::show(command);
        self.say(&format!("$ {shown}"));
        command.stdin(Stdio::null()).stderr(self.file()?);
        let output = command
            .output()
            .map_err(|error| shell::cannot_run(&shown, &error))?;
        if !output.status.success() {
            self.say(&String::from_utf8_lossy(&output.stdout));
            return Err(format!("`{shown}` failed ({}).", output.status));
        }
        String::from_utf8(output.stdout)
            .map_err(|_| format!("The output of `{shown}` is not UTF-8."))
    }

    fn last_line(&self) -> String {
        let text = text_of(&self.path);
        let line = text
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default();
        line.chars().filter(|c| !c.is_control()).take(100).collect()
    }

    pub fn show_tail(&self, message: &str) {
        let text = text_of(&self.path);
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(TAIL)..)
            .unwrap_or_default();
        println!("  ---- end of {} ----", self.path.display());
        for line in tail {
            println!("  {line}");
        }
        if self.servers.exists() {
            println!("  ---- what servers said: {}", self.servers.display());
        }
        println!("  ---- {message}");
    }
}

fn text_of(path: &Path) -> String {
    std::fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_whose_server_tells_a_secret_has_failed() -> Outcome {
        let dir = std::env::temp_dir().join(format!("care-log-{}", std::process::id()));
        let log = Log::create(&dir, "some")?;
        assert_eq!(log.keeps_secrets(), Ok(()), "there was no server");
        let mut server = log.servers()?;
        let _ = writeln!(server, "INFO ready");
        assert_eq!(log.keeps_secrets(), Ok(()));
        let _ = writeln!(log.servers()?, "INFO mailed code=042133");
        let message = log.keeps_secrets().err().unwrap_or_default();
        assert!(message.contains("some-servers.log: line 2 holds a one-time code"));
        // The next run begins anew.
        assert_eq!(Log::create(&dir, "some")?.keeps_secrets(), Ok(()));
        let _ = std::fs::remove_dir_all(&dir);
        Ok(())
    }
}
