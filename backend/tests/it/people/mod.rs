//! One's own profile; customers and agents as admins see them.

mod admin;
mod agents;
mod customers;
mod me;
