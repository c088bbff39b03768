//! The one integration-test program: the real application against a real PostgreSQL of its own.
//!
//! `cargo test -p care --test it` runs everything, `… --test it tickets::` one area. The areas mirror the URL tree;
//! `harness` is what they stand on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod accounts;
mod auth;
mod authz;
mod canary;
mod challenge;
mod chaos;
mod cli;
mod config;
mod conversation;
mod demo;
mod feedback;
mod harness;
mod http;
mod insight;
mod jobs;
mod live;
mod lockdown;
mod mail;
mod migrations;
mod oidc;
mod openapi;
mod people;
mod privacy;
mod profile;
mod schema;
mod second_factor;
mod services;
mod sessions;
mod tickets;
mod tidy;
