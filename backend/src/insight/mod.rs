//! Numbers for admins: how much comes in, how much waits, how quick we are and how happy people are.

mod numbers;
mod queries;
mod routes;
mod wire;

pub use routes::routes;
pub use wire::Dashboard;
