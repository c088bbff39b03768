//! What the server answers before any feature is asked.

mod bodies;
mod cors;
mod database;
mod framing;
mod headers;
mod overload;
mod races;
mod routing;
