//! What people change about their own account.

mod avatar;
mod choices;
mod email;
mod gateway;
mod phone;
mod questions;
