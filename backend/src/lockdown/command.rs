//! The switch on the server's command line, for when nobody can or should sign in. Blocks.

use crate::{check::Check, db::Db, http::Origin, problem::Problem};

use super::{actions, wire};

/// Ends every session.
pub fn start_by_command(db: &Db, reason: &str) -> Result<(), Problem> {
    let reason = checked(reason)?;
    db.write_blocking(|tx| actions::start(tx, &Origin::system(), None, &reason))
}

pub fn end_by_command(db: &Db, reason: &str) -> Result<(), Problem> {
    let reason = checked(reason)?;
    db.write_blocking(|tx| actions::end(tx, &Origin::system(), &reason))
}

fn checked(reason: &str) -> Result<String, Problem> {
    let mut check = Check::new();
    let reason = wire::reason(&mut check, reason);
    check.done()?;
    Ok(reason)
}
