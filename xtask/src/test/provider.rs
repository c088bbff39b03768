//! Identity providers beside the server whose sign-in pages are tested: a certified one (npm oidc-provider) as Google, and a
//! double with LinkedIn's ways.

use super::log::Log;
use crate::{Outcome, frontend, repo, shell};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};

/// How the server is known there.
const CLIENT_ID: &str = "care";
pub const CLIENT_SECRET: &str = "s3cr3t-of+the/client";

/// The providers' names to the server, and what plays them.
const PROVIDERS: [(&str, &str); 2] = [
    ("google", "oidc-provider.mjs"),
    ("linkedin", "linkedin-double.mjs"),
];

/// Starts them all. They know the server at this address.
pub fn start_all(log: &mut Log, server: SocketAddr) -> Outcome<Vec<Provider>> {
    PROVIDERS
        .iter()
        .map(|(name, script)| Provider::start(log, name, script, server))
        .collect()
}

/// For the server.
pub fn settings(providers: &[Provider]) -> Vec<(String, String)> {
    let all = |of: fn(&Provider) -> &str| providers.iter().map(of).collect::<Vec<_>>().join(",");
    let mut settings = vec![
        ("CARE_OIDC_PROVIDERS".into(), all(|one| one.name)),
        ("CARE_OUTBOUND_ALLOW".into(), all(Provider::host)),
    ];
    for Provider { name, issuer, .. } in providers {
        for (what, value) in [
            ("ISSUER", issuer.as_str()),
            ("CLIENT_ID", CLIENT_ID),
            ("CLIENT_SECRET", CLIENT_SECRET),
        ] {
            settings.push((
                format!("CARE_OIDC_{}_{what}", name.to_uppercase()),
                value.into(),
            ));
        }
    }
    settings
}

pub struct Provider {
    name: &'static str,
    issuer: String,
    child: Child,
}

impl Provider {
    fn start(log: &mut Log, name: &'static str, script: &str, server: SocketAddr) -> Outcome<Self> {
        let tools = repo::tools();
        frontend::npm_ci(&tools, &mut |command| log.run(command))?;
        let mut command = shell::command("node", &tools);
        command
            .args([script, CLIENT_ID, CLIENT_SECRET])
            .arg(format!("http://{server}/callback/{name}"))
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
            name,
            issuer: issuer.unwrap_or_default(),
            child,
        };
        if provider.issuer.is_empty() {
            return Err(format!("The identity provider {script} did not start."));
        }
        Ok(provider)
    }

    fn host(&self) -> &str {
        self.issuer.trim_start_matches("http://")
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
