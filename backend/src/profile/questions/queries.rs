//! SQL of security questions.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::db::{ids::UserId, schema::security_answers as answers};

use super::model::Question;

pub fn list(conn: &mut PgConnection, user: UserId) -> QueryResult<Vec<Question>> {
    let rows: Vec<(String, String)> = answers::table
        .filter(answers::user_id.eq(user))
        .order(answers::position)
        .select((answers::question, answers::answer_hash))
        .load(conn)?;
    let question = |(question, answer_hash)| Question {
        question,
        answer_hash,
    };
    Ok(rows.into_iter().map(question).collect())
}

/// Takes away what was set from this moment on.
pub fn delete_since(
    conn: &mut PgConnection,
    user: UserId,
    since: DateTime<Utc>,
) -> QueryResult<()> {
    diesel::delete(answers::table)
        .filter(answers::user_id.eq(user))
        .filter(answers::created_at.ge(since))
        .execute(conn)
        .map(drop)
}

/// These instead of those before. The caller holds the person's row lock.
pub fn replace(conn: &mut PgConnection, user: UserId, questions: &[Question]) -> QueryResult<()> {
    diesel::delete(answers::table.filter(answers::user_id.eq(user))).execute(conn)?;
    let rows: Vec<_> = (1_i16..)
        .zip(questions)
        .map(|(position, q)| {
            (
                answers::user_id.eq(user),
                answers::position.eq(position),
                answers::question.eq(&q.question),
                answers::answer_hash.eq(&q.answer_hash),
            )
        })
        .collect();
    diesel::insert_into(answers::table)
        .values(rows)
        .execute(conn)
        .map(drop)
}
