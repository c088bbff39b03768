//! One switch for an attack: all sessions end but the one of the admin who turns it, nobody signs in, nothing is changed.
//! Reading what is public, health and metrics go on; the switch, refreshing and signing out do too.
//!
//! Invariant: from the commit that starts it until the one that ends it no session begins (`refuse`), and no server lets a
//! change in for longer than a second and a half (`guard`): half a second while its live thread follows the database.

mod actions;
mod command;
mod guard;
mod model;
mod queries;
mod routes;
mod wire;

pub use actions::refuse;
pub use command::{end_by_command, start_by_command};
pub use guard::{Watch, guard};
pub use routes::routes;
