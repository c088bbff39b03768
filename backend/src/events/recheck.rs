//! Streams end with the session they were opened by.

use std::collections::HashMap;

use diesel::{PgConnection, QueryResult, prelude::*};

use crate::{
    auth::Role,
    db::{
        ids::{SessionId, UserId},
        schema::{sessions, users},
    },
};

use super::hub::{Bye, Hub};

/// Closes the streams whose session does not hold any more or whose owner has another role now: those of `only`, or all.
/// One query, however many streams there are.
pub fn recheck(conn: &mut PgConnection, hub: &Hub, only: Option<&[UserId]>) -> QueryResult<()> {
    let mut open = hub.sessions();
    if let Some(only) = only {
        open.retain(|(user, ..)| only.contains(user));
    }
    if open.is_empty() {
        return Ok(());
    }
    let ids: Vec<SessionId> = open.iter().map(|(_, session, _)| *session).collect();
    let holding: HashMap<SessionId, Role> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq_any(ids))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(diesel::dsl::now))
        .filter(users::disabled_at.is_null())
        .select((sessions::id, users::role))
        .load::<(SessionId, Role)>(conn)?
        .into_iter()
        .collect();
    for (user, session, role) in open {
        match holding.get(&session) {
            None => hub.end_session(user, session, Bye::SessionEnded),
            Some(now) if *now != role => hub.end_session(user, session, Bye::RoleChanged),
            Some(_) => {}
        }
    }
    Ok(())
}
