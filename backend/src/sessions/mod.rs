//! Where people are signed in, and how they came in: the list of sessions with ways to end them, the history of sign-ins,
//! and the browsers and countries that are known.

mod actions;
mod agent;
mod device;
mod model;
mod queries;
mod routes;
mod wire;

pub use actions::{Entry, is_far, is_strange, note, recognise};
pub use agent::Agent;
pub use device::Device;
pub use model::{SignInMethod, SignInOutcome};
pub use routes::routes;
