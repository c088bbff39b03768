//! Customer Care Registry: the service behind the desk.
//!
//! Features are folders for what we offer (`tickets`, `conversation`, …); layers (`db`, `http`, `jobs`, `mail`) know no
//! feature. `backend/ARCHITECTURE.md` says what must stay true and which test holds it.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)
)]

pub mod accounts;
pub mod app;
pub mod auth;
pub mod background;
pub mod challenge;
pub mod check;
pub mod clock;
pub mod commands;
pub mod config;
pub mod conversation;
pub mod costly;
pub mod db;
pub mod demo;
pub mod events;
pub mod feedback;
pub mod http;
pub mod insight;
pub mod jobs;
pub mod locale;
pub mod lockdown;
pub mod mail;
pub mod markdown;
pub mod meta;
pub mod oidc;
pub mod outbound;
pub mod people;
pub mod places;
pub mod privacy;
pub mod problem;
pub mod profile;
pub mod second_factor;
pub mod services;
pub mod sessions;
pub mod sms;
pub mod tickets;
