//! What admins do with anybody's account: find it, switch it off and on, unlock it, sign it out, require a new password.

mod actions;
mod model;
mod queries;
mod routes;
mod wire;

pub use actions::set_disabled;
pub use queries::{count_other_admins, other_admins};
pub use routes::routes;
