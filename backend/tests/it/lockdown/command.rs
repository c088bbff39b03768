//! The switch on the command line: beside running servers, and beside one with its own PostgreSQL.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
};

use reqwest::Method;
use serde_json::{Value, json};

use super::until;
use crate::{
    auth::sign_in,
    harness::{Api, Folder, PASSWORD, SECRET, TestApp},
};

fn care(args: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_care"));
    command
        .args(args)
        .env_clear()
        .envs(settings.iter().copied())
        .stdin(Stdio::null());
    command
}

fn lockdown(settings: &[(&str, &str)], args: &[&str]) -> Output {
    let mut all = vec!["lockdown"];
    all.extend(args);
    care(&all, settings).output().unwrap()
}

fn text(output: &Output) -> String {
    let bytes = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn the_command_line_ends_every_session_and_goes_on_again() {
    let app = TestApp::live().await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let stream = cleo.listens().await;
    let settings = [
        ("DATABASE_URL", app.url.as_str()),
        ("CARE_SECRET", SECRET),
        ("CARE_MAIL", "memory"),
    ];
    let reason = ["--reason", "Somebody walks through our accounts."];
    let done = lockdown(&settings, &["start", reason[0], reason[1]]);
    assert!(done.status.success(), "{}", text(&done));
    assert!(text(&done).contains("care lockdown end"), "{}", text(&done));
    let last = stream.rest().await.pop().unwrap();
    assert_eq!(last.data["reason"], "session_ended");
    for person in [&ann, &cleo] {
        person.get("/me").problem(401).await;
    }
    let anyone = app.anyone();
    until(|| sign_in(&anyone, "ann@example.org", PASSWORD), 503).await;
    let again = lockdown(&settings, &["start", reason[0], reason[1]]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again).contains("already"), "{}", text(&again));
    let done = lockdown(&settings, &["end", "--reason", "It is over."]);
    assert!(done.status.success(), "{}", text(&done));
    until(|| sign_in(&anyone, "ann@example.org", PASSWORD), 200).await;
    let told = app.rows("SELECT kind, actor_id, data->>'reason' AS reason FROM events WHERE kind LIKE 'lockdown.%' ORDER BY id");
    assert_eq!(told.len(), 2);
    assert_eq!(told[1]["reason"], "It is over.");
    assert_eq!(told[1]["actor_id"], Value::Null);
}

#[test]
fn without_a_reason_the_switch_stays() {
    let settings = [
        ("DATABASE_URL", "postgresql://care@127.0.0.1:1/care"),
        ("CARE_SECRET", SECRET),
        ("CARE_MAIL", "memory"),
    ];
    for args in [
        &[][..],
        &["start"],
        &["on", "--reason", "x"],
        &["start", "--reason"],
        &["end", "why"],
    ] {
        let refused = lockdown(&settings, args);
        assert_eq!(refused.status.code(), Some(1), "{args:?}");
        assert!(
            text(&refused).contains("--reason TEXT"),
            "{}",
            text(&refused)
        );
    }
    let refused = lockdown(&settings, &["start", "--reason", " "]);
    assert_eq!(refused.status.code(), Some(1));
}

/// A server process; it stops, with its PostgreSQL, when this is dropped.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.0.id() as i32);
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

/// A server with its own PostgreSQL shares it with the command.
#[tokio::test]
async fn a_server_with_its_own_database_hears_it_too() {
    let folder = Folder::new("own");
    // Free when asked: the listener is gone again with this line.
    let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let address = address.unwrap();
    let listen = address.to_string();
    let settings = [
        ("CARE_DATA", folder.path()),
        ("CARE_SECRET", SECRET),
        ("CARE_MAIL", "memory"),
        ("CARE_METRICS_LISTEN", "off"),
        ("CARE_LISTEN", listen.as_str()),
    ];
    let serving = care(&["serve"], &settings).stderr(Stdio::piped()).spawn();
    let mut serving = Serving(serving.unwrap());
    let mut log = String::new();
    let mut lines = BufReader::new(serving.0.stderr.as_mut().unwrap());
    while !log.contains("ready url=") {
        let more = lines.read_line(&mut log).unwrap();
        assert!(more > 0, "it ended before it was ready: {log}");
    }
    let api = Api::new(address);
    let done = lockdown(&settings, &["start", "--reason", "A drill."]);
    assert!(done.status.success(), "{}", text(&done));
    let body = json!({ "email": "ann@example.org", "password": PASSWORD });
    let ask = || {
        api.call(Method::POST, "/api/v1/auth/sign-in", None)
            .json(&body)
    };
    until(ask, 503).await;
}
