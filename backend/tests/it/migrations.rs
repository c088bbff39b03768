//! The schema's steps go up, down and up again, once, whoever runs them.

use std::process::Command;

use care::db::migrate;
use diesel_migrations::MigrationHarness;

use crate::harness::{Database, rows};

/// The schema as `pg_dump` writes it.
fn dump(database: &Database) -> String {
    let program = Database::programs().join("pg_dump");
    let output = Command::new(&program)
        .args(["--schema-only", "--no-owner", "--dbname"])
        .arg(&database.url)
        .output()
        .unwrap_or_else(|e| panic!("{}: {e} (apt-get install postgresql)", program.display()));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "pg_dump: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    // Newer versions guard the file with a random word.
    let lines = text.lines().filter(|l| !l.contains("restrict "));
    lines.map(|l| format!("{l}\n")).collect()
}

#[test]
fn up_down_up_gives_the_same_schema() {
    let database = Database::blank();
    let steps = migrate::run(&database.url).unwrap();
    assert!(!steps.is_empty());
    let first = dump(&database);
    assert!(first.contains("CREATE TABLE public.tickets"));

    let conn = &mut database.connect();
    conn.revert_all_migrations(migrate::STEPS).unwrap();
    let left = rows(
        conn,
        "SELECT relname::text AS name FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_\\_diesel%'
         UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    );
    assert!(left.is_empty(), "the way down leaves {left:?}");

    assert_eq!(migrate::run(&database.url).unwrap(), steps);
    assert_eq!(dump(&database), first);
    assert_eq!(migrate::run(&database.url).unwrap(), Vec::<String>::new());
}

#[test]
fn servers_that_start_together_migrate_once() {
    let database = Database::blank();
    let url = database.url.as_str();
    let done: Vec<usize> = std::thread::scope(|scope| {
        let servers = [(); 4].map(|()| scope.spawn(move || migrate::run(url).unwrap().len()));
        servers.map(|server| server.join().unwrap()).into()
    });
    assert_eq!(done.iter().filter(|steps| **steps > 0).count(), 1);
}

#[test]
fn a_newer_schema_is_refused() {
    let database = Database::new();
    let conn = &mut database.connect();
    diesel::connection::SimpleConnection::batch_execute(
        conn,
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')",
    )
    .unwrap();
    let refusal = migrate::run(&database.url).unwrap_err();
    assert!(refusal.contains("99991231000000"), "{refusal}");
}
