//! Demo mode: an empty database is filled with people, services and tickets made from real, public-domain complaints, and
//! a page shows the mails. Nothing of it exists unless `CARE_DEMO=1`.

mod fixture;
mod routes;
mod rows;
mod seed;
mod story;
mod wire;

use crate::{app::App, auth::Role, problem::Problem};

pub use routes::routes;

/// An account anybody may use.
struct Account {
    role: Role,
    name: &'static str,
    email: &'static str,
}

/// Everybody's password in the demo; it obeys the rules for new ones.
const PASSWORD: &str = "kind words for everyone";

/// The accounts of the demo. The first two agents share the work.
const ACCOUNTS: [Account; 4] = [
    Account {
        role: Role::Customer,
        name: "Maya Fernando",
        email: "customer@demo.example",
    },
    Account {
        role: Role::Agent,
        name: "Ravi Kumar",
        email: "agent@demo.example",
    },
    Account {
        role: Role::Agent,
        name: "Elena Sousa",
        email: "agent2@demo.example",
    },
    Account {
        role: Role::Admin,
        name: "Grace Okafor",
        email: "admin@demo.example",
    },
];

/// Fills a database in which nobody has an account yet; whether it did. Of two servers that start at once one does it.
pub async fn fill_when_empty(app: &App) -> Result<bool, Problem> {
    if !app.config.demo {
        return Ok(false);
    }
    // Everybody knows this password: a cheap hash protects it as well as a dear one.
    let hash = bcrypt::hash(PASSWORD, 6).map_err(Problem::internal)?;
    let fixture = fixture::load().map_err(Problem::internal)?;
    let (reopen_days, domain) = (app.config.reopen_days, app.mailer.domain().to_owned());
    let filled = app
        .jobs
        .write(move |tx| {
            if !seed::take_turn(tx)? {
                return Ok(None);
            }
            let now = seed::now(tx)?;
            let mut rows = rows::build(&fixture, &hash, now, reopen_days, &domain);
            seed::number(tx, &mut rows)?;
            seed::insert(tx, &rows)?;
            Ok(Some(rows.tickets.len()))
        })
        .await?;
    if let Some(tickets) = filled {
        tracing::info!(tickets, "filled the empty database with demo data");
    }
    Ok(filled.is_some())
}
