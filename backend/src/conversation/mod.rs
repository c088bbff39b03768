//! The conversation on a ticket: messages between the customer and the agent who owns it, in one numbered timeline with
//! everything else that happens to the ticket.
//!
//! Invariants: `seq` is taken under the ticket's row lock, so for one ticket the numbers have no gap and commit in order;
//! message text is never shown to admins and never written to an event, a job or a log.

mod actions;
mod model;
mod post;
mod queries;
mod routes;
mod views;
mod wire;

pub use routes::routes;
