//! SQL of pictures.

use diesel::{
    dsl::{exists, now, select},
    prelude::*,
};

use crate::{
    auth::{Actor, Role},
    db::{
        ids::UserId,
        schema::{avatars, messages, moves, tickets, users},
    },
    people::User,
    tickets::visible_to,
};

/// A person's role, and the tag and bytes of the picture.
type Wearer = (Role, Option<String>, Vec<u8>);

pub fn find(conn: &mut PgConnection, id: UserId) -> QueryResult<Option<Wearer>> {
    users::table
        .inner_join(avatars::table)
        .filter(users::id.eq(id))
        .select((users::role, users::avatar, avatars::bytes))
        .first(conn)
        .optional()
}

/// Whether the actor sees a ticket of this customer.
pub fn sees_ticket_of(
    conn: &mut PgConnection,
    actor: &Actor,
    customer: UserId,
) -> QueryResult<bool> {
    select(exists(
        tickets::table
            .filter(tickets::customer_id.eq(customer))
            .filter(visible_to(actor)),
    ))
    .get_result(conn)
}

/// Whether the person owns, wrote in or moved a ticket of this customer.
pub fn worked_for(conn: &mut PgConnection, person: UserId, customer: UserId) -> QueryResult<bool> {
    let wrote = exists(
        messages::table
            .filter(messages::ticket_id.eq(tickets::id))
            .filter(messages::author_id.eq(person)),
    );
    let moved = exists(
        moves::table
            .filter(moves::ticket_id.eq(tickets::id))
            .filter(moves::actor_id.is_not_distinct_from(person)),
    );
    select(exists(
        tickets::table
            .filter(tickets::customer_id.eq(customer))
            .filter(
                tickets::assignee_id
                    .is_not_distinct_from(person)
                    .or(wrote)
                    .or(moved),
            ),
    ))
    .get_result(conn)
}

pub fn save(conn: &mut PgConnection, id: UserId, tag: &str, bytes: &[u8]) -> QueryResult<User> {
    diesel::insert_into(avatars::table)
        .values((avatars::user_id.eq(id), avatars::bytes.eq(bytes)))
        .on_conflict(avatars::user_id)
        .do_update()
        .set((avatars::bytes.eq(bytes), avatars::created_at.eq(now)))
        .execute(conn)?;
    set_tag(conn, id, Some(tag))
}

pub fn delete(conn: &mut PgConnection, id: UserId) -> QueryResult<User> {
    diesel::delete(avatars::table.find(id)).execute(conn)?;
    set_tag(conn, id, None)
}

fn set_tag(conn: &mut PgConnection, id: UserId, tag: Option<&str>) -> QueryResult<User> {
    diesel::update(users::table.find(id))
        .set((
            users::avatar.eq(tag),
            users::updated_at.eq(now),
            users::version.eq(users::version + 1),
        ))
        .returning(User::as_returning())
        .get_result(conn)
}
