//! Signing in through identity providers (OpenID Connect).
pub mod provider;
mod verify;
