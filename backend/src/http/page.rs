//! Keyset pages: `{items, next}` with an opaque cursor. No offsets, no totals: page 10,000 costs what page 1 costs.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::problem::{FieldCode, Problem};

pub const MAX_LIMIT: i64 = 100;
const DEFAULT_LIMIT: i64 = 50;

/// Where a list goes on: after the row with this time and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub at: DateTime<Utc>,
    pub id: Uuid,
}

impl Cursor {
    /// Microseconds since the epoch, then the id, in base64url.
    pub fn encode(self) -> String {
        let mut bytes = self.at.timestamp_micros().to_be_bytes().to_vec();
        bytes.extend_from_slice(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (at, id) = bytes.split_first_chunk::<8>()?;
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(*at))?;
        Some(Self {
            at,
            id: Uuid::from_slice(id).ok()?,
        })
    }
}

/// The part of a list query that all lists share.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items at most, 1 to 100; 50 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// The `next` of the page before. Opaque; good only for the same filters.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The checked limit and cursor.
    pub fn check(&self) -> Result<(i64, Option<Cursor>), Problem> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Problem::field(
                "?limit",
                FieldCode::OutOfRange,
                "Use a limit from 1 to 100.",
            ));
        }
        let cursor = match &self.cursor {
            None => None,
            Some(text) => Some(Cursor::decode(text).ok_or_else(|| {
                Problem::field(
                    "?cursor",
                    FieldCode::Malformed,
                    "Use the `next` of the page before as it is.",
                )
            })?),
        };
        Ok((limit, cursor))
    }
}

/// One page of a list, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass it as `cursor` to get the next page; null on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page from `limit + 1` rows: the extra row only tells that there is more.
    pub fn of<R>(
        mut rows: Vec<R>,
        limit: i64,
        key: impl Fn(&R) -> Cursor,
        view: impl FnMut(R) -> T,
    ) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| key(row).encode());
        Self {
            items: rows.into_iter().map(view).collect(),
            next,
        }
    }
}

/// Appends a literal LIMIT: as a bind parameter the planner could not see it and would plan every call anew
/// (measured at twice the time of the list itself).
#[derive(Debug, Clone, Copy)]
pub struct Limited<Q> {
    query: Q,
    limit: i64,
}

/// The limit is part of the text, so the statement is cached by its text.
impl<Q> QueryId for Limited<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// `query.literal_limit(n)`.
pub trait LiteralLimit: Sized {
    fn literal_limit(self, limit: i64) -> Limited<Self> {
        Limited { query: self, limit }
    }
}

impl<Q: Query> LiteralLimit for Q {}

impl<Q: Query> Query for Limited<Q> {
    type SqlType = Q::SqlType;
}

/// The next larger of a few round limits: with each limit in a text of its own, a hundred of them would be kept prepared.
/// Lists therefore get some rows more than they asked for; [`Page::of`] leaves them out.
pub fn round_limit(limit: i64) -> i64 {
    let round = [11, 26, 51].into_iter().find(|round| limit <= *round);
    round.unwrap_or(limit.max(MAX_LIMIT + 1))
}

impl<Q> diesel::RunQueryDsl<diesel::PgConnection> for Limited<Q> {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Limited<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {}", round_limit(self.limit)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_survives_the_trip_and_rubbish_is_refused() {
        let cursor = Cursor {
            at: DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(),
            id: Uuid::now_v7(),
        };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        for bad in ["", "x", "AAAA", &"A".repeat(64), "%%%"] {
            assert_eq!(Cursor::decode(bad), None, "{bad}");
        }
    }
}
