//! Security questions: asked besides the mailed code when a password is reset, if the person set some.
//!
//! What they are good for: somebody who reads the person's mail still does not get in. What they are not: proof of
//! anything by themselves. Answers are often known to others or easily found, so they open nothing alone (NIST SP
//! 800-63B-4 section 3.1.1 takes them for no authenticator), guesses are counted by the day, and nobody has to have any.

mod actions;
mod ask;
mod model;
mod queries;
mod routes;
mod wire;

pub use ask::ask;
pub use queries::delete_since;
pub use routes::routes;
