//! Codes and link tokens, derived when a mail is rendered.

use crate::{app::App, auth::secrets};

pub fn digits(app: &App, salt: &[u8]) -> String {
    secrets::six_digits(
        &secrets::key(&app.config.auth.secret, "one-time code"),
        salt,
    )
}

pub fn token(app: &App, salt: &[u8]) -> String {
    secrets::link_token(
        &secrets::key(&app.config.auth.secret, "one-time code"),
        salt,
    )
}
