//! Signing in through identity providers (OpenID Connect Core 1.0, authorization code flow).
//!
//! Who someone is, is (issuer, subject). See `actions` for how an identity comes to an account, `trip` for what ties the
//! way there and back together.

mod actions;
mod model;
mod provider;
mod queries;
mod routes;
mod trip;
mod verify;
mod wire;

use crate::{config::Config, outbound::Outbound, problem::Problem};
use provider::Provider;

pub use queries::unlink_since;
pub use routes::routes;

/// The configured providers.
pub struct Providers(Vec<Provider>);

impl Providers {
    pub fn new(config: &Config, outbound: &Outbound) -> Self {
        let public_url = &config.http.public_url;
        let all = config.oidc.iter().cloned();
        Self(
            all.map(|p| Provider::new(p, public_url, outbound.clone()))
                .collect(),
        )
    }

    fn all(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    fn find(&self, name: &str) -> Result<&Provider, Problem> {
        let found = self.0.iter().find(|p| p.config.name == name);
        found.ok_or_else(Problem::not_found)
    }

    /// The names of all, as identities have them.
    fn names(&self) -> Vec<String> {
        self.0.iter().map(|p| p.config.name.clone()).collect()
    }
}
