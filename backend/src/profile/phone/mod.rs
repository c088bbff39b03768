//! Proving a telephone number with a code by text message. The number is for being reached; it opens nothing.

mod actions;
mod queries;
mod routes;
mod send;
mod wire;

pub use routes::routes;
pub use send::{give_up, run as send_text};
