//! What people change about their own account.

mod email;
