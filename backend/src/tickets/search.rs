//! Finding tickets by number or by words in their subject. What people type is taken literally: no wildcards, no
//! operators; the last word may be the beginning of one.
//!
//! Bounded at a million tickets: one person's tickets are simply read; in larger sets first only the newest few thousand
//! of what the list would show, in order (enough for a common word), and if they do not fill the page, the index of words
//! (quick for a rare one). Both give the same page.

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Nullable, Text},
};

use crate::db::schema::tickets;

/// More words than this narrow nothing down.
const MAX_WORDS: usize = 12;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    number: Option<i64>,
    /// For to_tsquery: quoted words, all of them wanted, the last one a prefix.
    words: String,
}

impl Search {
    pub fn new(number: Option<i64>, typed: &str) -> Self {
        let number = number.or_else(|| {
            let plain =
                (1..=18).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| typed.parse().ok()).flatten()
        });
        // A quoted lexeme is literal but for these two (PostgreSQL manual, 8.11.2).
        let quoted = |w: &str| format!("'{}'", w.replace('\\', "\\\\").replace('\'', "''"));
        let words = typed.split_whitespace().take(MAX_WORDS).map(quoted);
        let mut words = words.collect::<Vec<_>>().join(" & ");
        words.push_str(":*");
        Self { number, words }
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
        out.push_sql("(to_tsvector('simple', \"tickets\".\"subject\") @@ to_tsquery('simple', ");
        out.push_bind_param::<Text, _>(&self.words)?;
        out.push_sql(") OR \"tickets\".\"number\" = ");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.number)?;
        out.push_sql(")");
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
            r"'a' & '&' & 'b:*' & '|' & '!(''c'')' & '\\' & '<->':*"
        );
        assert_eq!(Search::new(None, "1042").number, Some(1042));
        assert_eq!(Search::new(None, "99999999999999999999").number, None);
    }
}
