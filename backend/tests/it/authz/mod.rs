//! Who may do what: every operation of the API, for everybody.

mod matrix;
mod settings;
mod tokens;
