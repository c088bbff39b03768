//! Changing one's email address: the password again, a code to the new address, a warning to the old one.
//!
//! Invariant: an account's address is one that somebody signed in to it has proven. The address before can take the
//! change back for a while, because whoever changed it may have been a thief.

mod actions;
mod queries;
mod routes;
mod wire;

pub use routes::routes;
