//! SQL of choices.

use diesel::{dsl::now, prelude::*};

use crate::db::{ids::UserId, schema::notification_choices as choices};

use super::model::{Choice, NoticeChannel, Topic};

/// What the person chose; everything else is on.
pub fn list(conn: &mut PgConnection, user: UserId) -> QueryResult<Vec<Choice>> {
    let rows: Vec<(Topic, NoticeChannel, bool)> = choices::table
        .filter(choices::user_id.eq(user))
        .select((choices::topic, choices::channel, choices::enabled))
        .load(conn)?;
    let choice = |(topic, channel, enabled)| Choice {
        topic,
        channel,
        enabled,
    };
    Ok(rows.into_iter().map(choice).collect())
}

/// Whether the person turned this off.
pub fn is_off(
    conn: &mut PgConnection,
    user: UserId,
    topic: Topic,
    channel: NoticeChannel,
) -> QueryResult<bool> {
    let enabled: Option<bool> = choices::table
        .find((user, topic, channel))
        .select(choices::enabled)
        .first(conn)
        .optional()?;
    Ok(enabled == Some(false))
}

pub fn save(conn: &mut PgConnection, user: UserId, choice: Choice) -> QueryResult<()> {
    let enabled = choices::enabled.eq(choice.enabled);
    diesel::insert_into(choices::table)
        .values((
            choices::user_id.eq(user),
            choices::topic.eq(choice.topic),
            choices::channel.eq(choice.channel),
            enabled,
        ))
        .on_conflict((choices::user_id, choices::topic, choices::channel))
        .do_update()
        .set((enabled, choices::updated_at.eq(now)))
        .execute(conn)
        .map(drop)
}
