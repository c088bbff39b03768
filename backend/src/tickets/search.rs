//! Finding tickets by number or by words in their subject. What people type is taken literally: no wildcards, no
//! operators; each word may be the beginning of one.
//!
//! Bounded at a million tickets by trying two ways: first only the newest few thousand of what the list would show, in
//! order (enough for a common word); if they do not fill the page, the index of words (quick for a rare one). Both give
//! the same page.

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Nullable, Text},
};

use crate::db::schema::tickets;

/// How many of the newest tickets are looked at before the index of words is asked.
const WINDOW: i64 = 2000;

/// More words than this narrow nothing down.
const MAX_WORDS: usize = 12;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    number: Option<i64>,
    /// For to_tsquery: quoted words, each a prefix, all of them wanted.
    words: String,
}

impl Search {
    pub fn new(number: Option<i64>, typed: &str) -> Self {
        let number = number.or_else(|| {
            let plain =
                (1..=18).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| typed.parse().ok()).flatten()
        });
        let words = typed.split_whitespace().take(MAX_WORDS);
        // A quoted lexeme is literal but for these two (PostgreSQL manual, 8.11.2).
        let words = words.map(|w| format!("'{}':*", w.replace('\\', "\\\\").replace('\'', "''")));
        Self {
            number,
            words: words.collect::<Vec<_>>().join(" & "),
        }
    }

    fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(to_tsvector('simple', \"tickets\".\"subject\") @@ to_tsquery('simple', ");
        out.push_bind_param::<Text, _>(&self.words)?;
        out.push_sql(") OR \"tickets\".\"number\" = ");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.number)?;
        out.push_sql(")");
        Ok(())
    }
}

/// The condition itself, where `tickets` is in reach.
impl Expression for Search {
    type SqlType = Bool;
}
impl AppearsOnTable<tickets::table> for Search {}
impl SelectableExpression<tickets::table> for Search {}
impl ValidGrouping<()> for Search {
    type IsAggregate = diesel::expression::is_aggregate::No;
}
impl QueryId for Search {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}
impl QueryFragment<Pg> for Search {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.walk(&mut out)
    }
}

/// The newest few thousand rows of an ordered list, and of those the ones that match.
pub struct Newest<Q> {
    pub list: Q,
    pub search: Search,
    /// The order of the list, again.
    pub order: &'static str,
    pub limit: i64,
}

impl<Q: Query> Query for Newest<Q> {
    type SqlType = Q::SqlType;
}
impl<Q> diesel::RunQueryDsl<diesel::PgConnection> for Newest<Q> {}
impl<Q> QueryId for Newest<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Newest<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT * FROM (");
        self.list.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {WINDOW}) AS \"tickets\" WHERE "));
        self.search.walk(&mut out)?;
        out.push_sql(&format!(" ORDER BY {} LIMIT {}", self.order, self.limit));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_words() {
        let search = Search::new(None, "a & b:* | !('c') \\ <->");
        assert_eq!(
            search.words,
            r"'a':* & '&':* & 'b:*':* & '|':* & '!(''c'')':* & '\\':* & '<->':*"
        );
        assert_eq!(Search::new(None, "1042").number, Some(1042));
        assert_eq!(Search::new(None, "99999999999999999999").number, None);
    }
}
