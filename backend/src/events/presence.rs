//! Who is there: everyone with a live stream, on whatever replica. Streams keep `users.last_seen_at` fresh; whoever was
//! not seen for [`ONLINE_SECONDS`] is away.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use diesel::{
    PgConnection, QueryResult, RunQueryDsl,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
};

use crate::db::ids::UserId;

use super::live::{Live, Whisper};

/// `last_seen_at > now() - this` means online.
pub const ONLINE_SECONDS: i64 = 45;
/// How often everyone present is written down, in one statement.
const BEAT: Duration = Duration::from_secs(15);

/// What this process has to say about presence, and when.
#[derive(Default)]
pub struct Presence {
    last_beat: Option<Instant>,
    /// Whose last stream here closed, and when that makes them away unless another replica sees them.
    leaving: HashMap<UserId, Instant>,
}

impl Presence {
    /// Called often; does something when somebody came, when somebody is away for good, and at every beat.
    pub fn tend(&mut self, conn: &mut PgConnection, live: &Live) -> QueryResult<()> {
        let hub = live.hub();
        let mut seen = hub.take_arrived();
        let away_after = Duration::from_secs(ONLINE_SECONDS.unsigned_abs() + 1);
        for user in hub.take_left() {
            self.leaving.insert(user, Instant::now() + away_after);
        }
        if self.last_beat.is_none_or(|at| at.elapsed() > BEAT) {
            self.last_beat = Some(Instant::now());
            seen = hub.present();
        }
        if !seen.is_empty() {
            for user in write_down(conn, &seen)? {
                live.whisper(Whisper::presence(user, counterparts(conn, user)?));
            }
        }
        let now = Instant::now();
        let gone: Vec<UserId> = self
            .leaving
            .extract_if(|user, at| hub.has(*user) || *at < now)
            .map(|(user, _)| user)
            .filter(|user| !hub.has(*user))
            .collect();
        for user in gone {
            live.whisper(Whisper::presence(user, counterparts(conn, user)?));
        }
        Ok(())
    }
}

#[derive(diesel::QueryableByName)]
struct Person {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
}

/// Marks them as seen now and returns those who were away until now. A row that somebody holds is left for the next beat.
fn write_down(conn: &mut PgConnection, seen: &[UserId]) -> QueryResult<Vec<UserId>> {
    #[derive(diesel::QueryableByName)]
    struct Seen {
        #[diesel(sql_type = SqlUuid)]
        id: UserId,
        #[diesel(sql_type = diesel::sql_types::Bool)]
        was_away: bool,
    }
    let rows: Vec<Seen> = diesel::sql_query(
        "UPDATE users u SET last_seen_at = now() FROM \
         (SELECT id, last_seen_at FROM users WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) before \
         WHERE u.id = before.id RETURNING u.id, \
         (before.last_seen_at IS NULL OR before.last_seen_at < now() - $2 * interval '1 second') AS was_away",
    )
    .bind::<Array<SqlUuid>, _>(seen)
    .bind::<BigInt, _>(ONLINE_SECONDS)
    .load(conn)?;
    Ok(rows
        .into_iter()
        .filter(|r| r.was_away)
        .map(|r| r.id)
        .collect())
}

/// Those who look at this person in an open conversation, at most 100.
fn counterparts(conn: &mut PgConnection, user: UserId) -> QueryResult<Vec<UserId>> {
    let people: Vec<Person> = diesel::sql_query(
        "SELECT DISTINCT id FROM ( \
         (SELECT assignee_id AS id FROM tickets WHERE customer_id = $1 AND assignee_id IS NOT NULL \
          AND status IN ('open', 'pending', 'on_hold') ORDER BY updated_at DESC LIMIT 50) UNION ALL \
         (SELECT customer_id FROM tickets WHERE assignee_id = $1 \
          AND status IN ('open', 'pending', 'on_hold') ORDER BY updated_at DESC LIMIT 50)) people",
    )
    .bind::<SqlUuid, _>(user)
    .load(conn)?;
    Ok(people.into_iter().map(|p| p.id).collect())
}
