//! The step between a right password and a session (A04, A06, B02).

mod guesses;
mod new_device;
