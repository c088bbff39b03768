//! Pictures of people. Nothing that was uploaded is kept: it is decoded within bounds and drawn anew as a small JPEG, so
//! that neither its metadata nor what hides in it reaches anybody.
//!
//! Who may see a person's picture is who sees the person's name: themselves, admins, staff among each other, and the two
//! sides of a ticket.

mod actions;
mod picture;
mod policy;
mod queries;
mod routes;

pub use picture::Studio;
pub use routes::routes;

use crate::db::ids::UserId;

/// Where a person's picture is, when there is one; another picture has another address.
pub fn address(id: UserId, avatar: Option<&str>) -> Option<String> {
    avatar.map(|tag| format!("/api/v1/people/{id}/avatar?v={tag}"))
}
