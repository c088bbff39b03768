//! A certified identity provider (npm oidc-provider), beside the server whose sign-in pages are tested.

use super::log::Log;
use crate::{Outcome, frontend, repo, shell};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};

/// How the server is known there.
const CLIENT_ID: &str = "care";
pub const CLIENT_SECRET: &str = "s3cr3t-of+the/client";

pub struct Provider {
    issuer: String,
    child: Child,
}

impl Provider {
    /// It knows the server at this address, which knows it as Google.
    pub fn start(log: &mut Log, server: SocketAddr) -> Outcome<Self> {
        let tools = repo::tools();
        frontend::npm_ci(&tools, &mut |command| log.run(command))?;
        let mut command = shell::command("node", &tools);
        command
            .args(["oidc-provider.mjs", CLIENT_ID, CLIENT_SECRET])
            .arg(format!("http://{server}/callback/google"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.file()?);
        let shown = shell::show(&command);
        log.say(&format!("$ {shown}"));
        let mut child = command
            .spawn()
            .map_err(|error| shell::cannot_run(&shown, &error))?;
        let lines = child.stdout.take().map(|out| BufReader::new(out).lines());
        let mut lines = lines.into_iter().flatten().map_while(Result::ok);
        let issuer = lines.find(|line| line.starts_with("http://127.0.0.1:"));
        let provider = Self {
            issuer: issuer.unwrap_or_default(),
            child,
        };
        if provider.issuer.is_empty() {
            return Err("The identity provider did not start.".into());
        }
        Ok(provider)
    }

    /// For the server.
    pub fn settings(&self) -> [(&'static str, String); 5] {
        let host = self.issuer.trim_start_matches("http://");
        [
            ("CARE_OIDC_PROVIDERS", "google".into()),
            ("CARE_OIDC_GOOGLE_ISSUER", self.issuer.clone()),
            ("CARE_OIDC_GOOGLE_CLIENT_ID", CLIENT_ID.into()),
            ("CARE_OIDC_GOOGLE_CLIENT_SECRET", CLIENT_SECRET.into()),
            ("CARE_OUTBOUND_ALLOW", host.into()),
        ]
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
