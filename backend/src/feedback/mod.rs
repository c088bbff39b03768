//! How customers rate the outcome and the agent, once per ticket.

mod actions;
mod model;
mod queries;
mod routes;
mod wire;

pub use model::{FeedbackRow, is_editable};
pub use queries::find;
pub use routes::routes;
pub use wire::FeedbackView;
