//! Mails: who gets which, that they arrive on a real SMTP server, and what happens when that server misbehaves.

mod failures;
mod languages;
mod saboteur;
mod sink;
mod told;
mod walk;

use crate::harness::TestApp;

/// Lets the time pass that a reader has to see a message in the page.
fn nobody_reads(app: &TestApp) {
    app.run_jobs();
    app.sql("UPDATE jobs SET run_at = now() WHERE kind = 'away_mail' AND state = 'ready'");
    app.run_jobs();
}
