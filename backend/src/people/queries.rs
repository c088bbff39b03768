//! SQL of people. Lists take two round trips: the page, then everything counted about those on it.

use std::{
    collections::{HashMap, HashSet},
    sync::OnceLock,
};

use diesel::{
    dsl::{IntervalDsl, avg, count_star, now},
    pg::Pg,
    prelude::*,
    sql_types::{Interval, Nullable, Numeric, Record, Text, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    auth::Role,
    db::{
        ids::UserId,
        schema::{events, feedback, mails, one_time_codes as codes, tickets, users},
    },
    events::presence::ONLINE_SECONDS,
    http::{
        Cursor,
        page::{Limited, LiteralLimit},
    },
    locale::Locale,
};

use super::model::{AgentRow, CustomerRow, Invitation, ProfileChanges, User};

diesel::define_sql_function! {
    fn lower(text: Text) -> Text;
}
diesel::define_sql_function! {
    fn float8(number: Nullable<Numeric>) -> Nullable<Double>;
}

pub fn find_user(conn: &mut PgConnection, id: UserId) -> QueryResult<Option<User>> {
    users::table
        .find(id)
        .select(User::as_select())
        .first(conn)
        .optional()
}

/// The person, locked until the transaction ends.
pub fn lock_user(conn: &mut PgConnection, id: UserId) -> QueryResult<Option<User>> {
    users::table
        .find(id)
        .select(User::as_select())
        .for_no_key_update()
        .first(conn)
        .optional()
}

pub fn change_profile(
    conn: &mut PgConnection,
    id: UserId,
    changes: &ProfileChanges,
) -> QueryResult<User> {
    // Another number is not proven.
    if let Some(phone) = &changes.phone {
        diesel::update(users::table.find(id))
            .filter(users::phone.is_distinct_from(phone))
            .set(users::phone_confirmed_at.eq(None::<chrono::DateTime<chrono::Utc>>))
            .execute(conn)?;
    }
    diesel::update(users::table.find(id))
        .set((
            changes,
            users::updated_at.eq(now),
            users::version.eq(users::version + 1),
        ))
        .returning(User::as_returning())
        .get_result(conn)
}

/// Whether the database knows the time zone by this name. Its list comes with its installation, and reading it takes a tenth of
/// a second: once is enough.
pub fn is_time_zone(conn: &mut PgConnection, name: &str) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Zone {
        #[diesel(sql_type = Text)]
        name: String,
    }
    static KNOWN: OnceLock<HashSet<String>> = OnceLock::new();
    if let Some(known) = KNOWN.get() {
        return Ok(known.contains(name));
    }
    let zones = diesel::sql_query("SELECT name FROM pg_timezone_names").load::<Zone>(conn)?;
    let known = KNOWN.get_or_init(|| zones.into_iter().map(|zone| zone.name).collect());
    Ok(known.contains(name))
}

/// Switches an account off or on.
pub fn set_disabled(conn: &mut PgConnection, id: UserId, disabled: bool) -> QueryResult<()> {
    let at = disabled.then_some(now);
    let changed = diesel::update(users::table.find(id));
    match at {
        Some(at) => changed
            .set((
                users::disabled_at.eq(at.into_sql::<Timestamptz>().nullable()),
                users::updated_at.eq(now),
                users::version.eq(users::version + 1),
            ))
            .execute(conn),
        None => changed
            .set((
                users::disabled_at.eq(None::<chrono::DateTime<chrono::Utc>>),
                users::updated_at.eq(now),
                users::version.eq(users::version + 1),
            ))
            .execute(conn),
    }
    .map(drop)
}

/// A new agent without a password. An address that somebody registered but never proved is taken over: such an account
/// can do nothing, and must not keep the agent out.
pub fn insert_agent(
    conn: &mut PgConnection,
    name: &str,
    email: &str,
    locale: Locale,
) -> QueryResult<Option<UserId>> {
    let taken_over = diesel::update(
        users::table
            .filter(lower(users::email).eq(lower(email)))
            .filter(users::role.eq(Role::Customer))
            .filter(users::email_confirmed_at.is_null())
            .filter(users::disabled_at.is_null()),
    )
    .set((
        users::role.eq(Role::Agent),
        users::name.eq(name),
        users::email.eq(email),
        users::password_hash.eq(None::<String>),
        users::updated_at.eq(now),
        users::version.eq(users::version + 1),
    ))
    .returning(users::id)
    .get_result(conn)
    .optional()?;
    if taken_over.is_some() {
        return Ok(taken_over);
    }
    diesel::insert_into(users::table)
        .values((
            users::id.eq(UserId::new()),
            users::role.eq(Role::Agent),
            users::name.eq(name),
            users::email.eq(email),
            users::locale.eq(locale),
        ))
        .on_conflict_do_nothing()
        .returning(users::id)
        .get_result(conn)
        .optional()
}

pub fn insert_admin(
    conn: &mut PgConnection,
    name: &str,
    email: &str,
    password_hash: &str,
) -> QueryResult<UserId> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(UserId::new()),
            users::role.eq(Role::Admin),
            users::name.eq(name),
            users::email.eq(email),
            users::email_confirmed_at.eq(now),
            users::password_hash.eq(password_hash),
        ))
        .returning(users::id)
        .get_result(conn)
}

/// One page of the people, or of those of a role, newest first, plus one row that tells whether there is more.
pub fn list_users(
    conn: &mut PgConnection,
    role: Option<Role>,
    q: Option<&str>,
    cursor: Option<Cursor>,
    limit: i64,
) -> QueryResult<Vec<User>> {
    let mut page = users::table
        .filter(users::anonymised_at.is_null())
        .select(User::as_select())
        .into_boxed::<Pg>();
    if let Some(role) = role {
        page = page.filter(users::role.eq(role));
    }
    if let Some(q) = q {
        let begin = format!("{}%", literal(q));
        let word = format!("% {begin}");
        page = page.filter(
            lower(users::email)
                .like(lower(begin.clone()))
                .or(lower(users::name).like(lower(begin)))
                .or(lower(users::name).like(lower(word))),
        );
    }
    if let Some(cursor) = cursor {
        let here = (users::created_at, users::id).into_sql::<Record<(Timestamptz, SqlUuid)>>();
        page = page.filter(here.lt((cursor.at, cursor.id)));
    }
    let page: Limited<_> = page
        .order((users::created_at.desc(), users::id.desc()))
        .literal_limit(limit + 1);
    page.load(conn)
}

/// The text with LIKE's signs taken literally.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

fn ids(people: &[User]) -> Vec<UserId> {
    people.iter().map(|p| p.id).collect()
}

const FINISHED: [&str; 2] = ["resolved", "closed"];
const UNFINISHED: [&str; 3] = ["open", "pending", "on_hold"];

fn sum(of: Option<&Vec<(String, i64)>>, statuses: Option<&[&str]>) -> i64 {
    of.into_iter()
        .flatten()
        .filter(|(status, _)| statuses.is_none_or(|s| s.contains(&status.as_str())))
        .map(|(_, n)| n)
        .sum()
}

/// person -> how many tickets in which status
type Tally = HashMap<UserId, Vec<(String, i64)>>;

fn tally(rows: Vec<(UserId, String, i64)>) -> Tally {
    let mut tally = Tally::new();
    for (person, status, n) in rows {
        tally.entry(person).or_default().push((status, n));
    }
    tally
}

pub fn count_customers(
    conn: &mut PgConnection,
    people: Vec<User>,
) -> QueryResult<Vec<CustomerRow>> {
    let ids = ids(&people);
    let raised = tally(
        tickets::table
            .filter(tickets::customer_id.eq_any(&ids))
            .group_by((tickets::customer_id, tickets::status))
            .select((tickets::customer_id, tickets::status, count_star()))
            .load(conn)?,
    );
    let notified: HashMap<UserId, i64> = mails::table
        .filter(mails::user_id.eq_any(&ids))
        .filter(mails::state.eq("sent"))
        .group_by(mails::user_id)
        .select((mails::user_id.assume_not_null(), count_star()))
        .load::<(UserId, i64)>(conn)?
        .into_iter()
        .collect();
    let rows = people.into_iter().map(|user| CustomerRow {
        raised: sum(raised.get(&user.id), None),
        resolved: sum(raised.get(&user.id), Some(&FINISHED)),
        notified: notified.get(&user.id).copied().unwrap_or_default(),
        user,
    });
    Ok(rows.collect())
}

pub fn count_agents(conn: &mut PgConnection, people: Vec<User>) -> QueryResult<Vec<AgentRow>> {
    let ids = ids(&people);
    let assigned = tally(
        tickets::table
            .filter(tickets::assignee_id.eq_any(&ids))
            .group_by((tickets::assignee_id, tickets::status))
            .select((
                tickets::assignee_id.assume_not_null(),
                tickets::status,
                count_star(),
            ))
            .load(conn)?,
    );
    let ratings: HashMap<UserId, Option<f64>> = feedback::table
        .filter(feedback::agent_id.eq_any(&ids))
        .filter(feedback::agent_rating.is_not_null())
        .group_by(feedback::agent_id)
        .select((
            feedback::agent_id.assume_not_null(),
            float8(avg(feedback::agent_rating)),
        ))
        .load::<(UserId, Option<f64>)>(conn)?
        .into_iter()
        .collect();
    // Codes are swept away in time, events are not.
    let invited: Vec<Option<UserId>> = events::table
        .filter(events::user_id.eq_any(&ids))
        .filter(events::kind.eq("agent.invited"))
        .select(events::user_id)
        .distinct()
        .load(conn)?;
    let pending: Vec<UserId> = codes::table
        .filter(codes::user_id.eq_any(&ids))
        .filter(codes::purpose.eq("invitation"))
        .filter(codes::used_at.is_null())
        .filter(codes::voided_at.is_null())
        .filter(codes::expires_at.gt(now))
        .select(codes::user_id)
        .load(conn)?;
    let invitation = |user: &User| match user.is_confirmed() {
        true if invited.contains(&Some(user.id)) => Invitation::Accepted,
        true => Invitation::None,
        false if pending.contains(&user.id) => Invitation::Pending,
        false => Invitation::Expired,
    };
    let online: Vec<UserId> = users::table
        .filter(users::id.eq_any(&ids))
        .filter(
            users::last_seen_at.gt((now.into_sql::<Timestamptz>()
                - ONLINE_SECONDS.seconds().into_sql::<Interval>())
            .nullable()),
        )
        .select(users::id)
        .load(conn)?;
    let rows = people.into_iter().map(|user| AgentRow {
        invitation: invitation(&user),
        open: sum(assigned.get(&user.id), Some(&UNFINISHED)),
        resolved: sum(assigned.get(&user.id), Some(&FINISHED)),
        rating: ratings.get(&user.id).copied().flatten(),
        online: online.contains(&user.id),
        user,
    });
    Ok(rows.collect())
}
