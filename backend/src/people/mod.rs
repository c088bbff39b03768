//! The people of the desk: one's own profile, and for admins the customers and agents.

mod actions;
mod admin;
mod model;
mod policy;
mod queries;
mod routes;
mod wire;

pub use admin::{NewAdmin, create_admin};
pub use model::User;
pub use queries::{find_user, list_users, lock_user, set_disabled};
pub use routes::routes;
pub use wire::Me;
