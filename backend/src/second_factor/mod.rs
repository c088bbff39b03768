//! The second factor: an authenticator app and recovery codes; and the roles that can not do without one.
//!
//! Invariants: a code works once, whoever types it where; guesses are counted before they are judged; whoever has to set
//! one up can do nothing else before (`auth::Actor`).

mod actions;
mod model;
mod queries;
mod recovery;
mod routes;
mod totp;
mod wire;

pub use actions::{accepts, is_due, remove, remove_since};
pub use model::Step;
pub use queries::{is_on, owners};
pub use routes::routes;
