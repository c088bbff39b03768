//! Tickets: raising, moving, giving and finding them.

mod assign;
mod change;
mod lists;
mod moves;
mod raise;
mod rules;
mod search;
