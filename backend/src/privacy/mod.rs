//! What people may do about what we know of them: take a copy of it, and have it forgotten.
//!
//! Invariant: of somebody whose account was deleted nothing is left that says who it was. What they raised, wrote and
//! did stays, by "Deleted person", so that tickets make sense to the other side, numbers stay right, and the audit trail
//! has no holes.

mod actions;
mod export;
mod forget;
mod model;
mod queries;
mod routes;
mod wire;

pub use actions::keep;
pub use export::{give_up as give_up_export, run as export};
pub use forget::run as forget;
pub use routes::routes;
