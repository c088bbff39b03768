//! What people want to hear of. Mails about the safety of an account can not be turned off: a thief would do it first.

mod actions;
mod model;
mod queries;
mod routes;
mod wire;

pub use actions::wants_mail;
pub use routes::routes;
