//! The command line: what it answers, and what it refuses, in words an operator can use.

use std::{
    net::TcpListener,
    process::{Command, Output, Stdio},
};

use crate::harness::{Database, SECRET, files};

/// Runs to its end with these settings only.
fn care(args: &[&str], settings: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_care"))
        .args(args)
        .env_clear()
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", err(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a failed command said: never a panic, never a backtrace.
fn err(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn refusal(args: &[&str], settings: &[(&str, &str)]) -> String {
    let output = care(args, settings);
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    assert!(output.stdout.is_empty());
    err(&output)
}

#[test]
fn b07_without_a_secret_nothing_starts() {
    let text = refusal(&["serve"], &[]);
    for name in ["CARE_SECRET", "CARE_MAIL"] {
        assert!(text.contains(name), "all mistakes at once: {text}");
    }
    for weak in [
        "changeme",
        "secret",
        "0123456789abcdef0123456789abcdef",
        "passwordpasswordpasswordpassword",
    ] {
        let text = refusal(
            &["serve"],
            &[("CARE_SECRET", weak), ("CARE_MAIL", "memory")],
        );
        assert!(
            text.contains("CARE_SECRET") && !text.contains(weak),
            "{text}"
        );
    }
}

/// Nothing in the repository that is no source code holds a secret that a server would take.
#[test]
fn b07_the_samples_hold_no_usable_secret() {
    let mut named = 0;
    for file in files::others() {
        for line in file.text.lines().filter(|l| l.contains("CARE_SECRET")) {
            named += 1;
            let after = line.split("CARE_SECRET").nth(1).unwrap_or_default();
            let value = after.trim_start_matches(['`', '"', '\'', ':', '=', ' ']);
            let value = value.split_whitespace().next().unwrap_or_default();
            let value = value.trim_matches(['`', '"', '\'']);
            let settings = [("CARE_SECRET", value), ("CARE_MAIL", "memory")];
            let settings = settings.map(|(k, v)| (k.to_owned(), v.to_owned()));
            let taken = care::config::Config::from_map(settings.into()).is_ok();
            let made_there = value.starts_with("${") || value.starts_with("$(");
            assert!(made_there || !taken, "{}: {line}", file.path);
        }
    }
    assert!(named > 2, "{named}");
}

/// What needs no secret, a demo, makes one of its own each time.
#[test]
fn b07_no_two_installations_share_a_secret() {
    let secrets = [(); 2].map(|()| {
        let demo = [("CARE_DEMO".to_owned(), "1".to_owned())];
        let config = care::config::Config::from_map(demo.into()).unwrap();
        config.auth.secret.reveal().to_owned()
    });
    assert!(secrets[0].len() >= 32);
    assert_ne!(secrets[0], secrets[1]);
}

#[test]
fn unknown_settings_and_commands_are_named() {
    let text = refusal(&["serve"], &[("CARE_DEMO", "1"), ("CARE_LISTN", "x")]);
    assert!(text.contains("CARE_LISTN"), "{text}");
    let text = refusal(&["serv"], &[]);
    assert!(
        text.contains("unknown command") && text.contains("care serve"),
        "{text}"
    );
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = refusal(&["serve"], &[("CARE_DEMO", "1"), ("CARE_LISTEN", &address)]);
    let port = taken.local_addr().unwrap().port().to_string();
    assert!(
        text.contains(&port) && text.contains("in use") && text.contains("CARE_LISTEN"),
        "{text}"
    );
}

#[test]
fn a_database_out_of_reach_is_named_without_its_password() {
    let settings = [
        ("CARE_SECRET", SECRET),
        ("CARE_MAIL", "memory"),
        ("CARE_LISTEN", "127.0.0.1:0"),
        ("CARE_METRICS_LISTEN", "off"),
        (
            "DATABASE_URL",
            "postgresql://care:hunter2hunter2@127.0.0.1:1/care",
        ),
    ];
    let text = refusal(&["serve"], &settings);
    assert!(
        text.contains("database") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn documents_are_printed() {
    assert!(out(&care(&["openapi"], &[])) == files::read("openapi/openapi.json"));
    assert!(out(&care(&["config"], &[])) == files::read("backend/CONFIG.md"));
    assert!(out(&care(&["help"], &[])).contains("care serve"));
}

#[test]
fn migrating_brings_the_schema_up_to_date() {
    let database = Database::blank();
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("CARE_SECRET", SECRET),
        ("CARE_MAIL", "memory"),
    ];
    for _ in 0..2 {
        assert!(out(&care(&["migrate"], &settings)).contains("up to date"));
    }
}
