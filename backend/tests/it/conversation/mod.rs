//! Messages and the timeline.

mod messages;
mod race;
mod reads;
mod secrecy;
mod timeline;
