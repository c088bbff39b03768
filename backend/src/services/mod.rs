//! The catalogue of what the organisation offers: anyone browses it, admins keep it.

mod actions;
mod model;
mod queries;
mod routes;
mod wire;

pub use model::Icon;
pub use queries::{is_offered, refs};
pub use routes::routes;
pub use wire::ServiceRef;
