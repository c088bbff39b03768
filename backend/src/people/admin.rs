//! The first admin, and further ones: made on the server's command line, by whoever may run it there.

use serde_json::json;

use crate::{
    auth,
    check::Check,
    config::{Config, Secret},
    db::{Db, ids::UserId},
    events::{self, Event, EventKind},
    http::Origin,
    problem::Problem,
};

use super::queries;

/// What the command line asks for.
pub struct NewAdmin {
    pub name: String,
    pub email: String,
    pub password: Secret,
}

/// Makes an admin who can sign in at once. Fails with the fields to change: a weak password, a taken address.
/// Blocks: for the command line.
pub fn create_admin(db: &Db, config: &Config, new: &NewAdmin) -> Result<UserId, Problem> {
    let mut check = Check::new();
    let name = check.line("/name", &new.name, 1, 200);
    let email = check.email("/email", &new.email);
    check.done()?;
    auth::check_password(&new.password, &new.password, &[&email, &name, &config.name])?;
    let hash = auth::password::hash(&new.password, config.auth.bcrypt_cost)?;
    db.write_blocking(|tx| {
        let id = queries::insert_admin(tx, &name, &email, &hash)?;
        let event = Event::about_user(EventKind::AdminCreated, id, json!({}));
        events::emit(tx, &Origin::system(), event)?;
        Ok(id)
    })
}
