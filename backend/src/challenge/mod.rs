//! The ladder between a right password and a session: a code of the second factor where there is one, else a mailed code
//! when the browser or program was not known before.
//!
//! Invariants: a challenge is no session and opens nothing but itself; only the newest of a person counts, for ten minutes;
//! each guess is counted before it is judged, and after the last one there is no right answer.

mod actions;
mod model;
mod queries;
mod routes;
mod wire;

pub use actions::admit;
pub use model::{Admission, Challenge};
pub use queries::void;
pub use routes::{Admitted, routes};
pub use wire::ChallengeView;
