//! How a list is read so that its cost is bounded whatever is asked, and known to the planner.
//!
//! The connection plans statements once, without their values. So what comes from a closed set stands in the text, and
//! where the planner could be led to walk a million rows in order to sort none, it is kept from it by OFFSET 0.

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Bool,
};

use crate::{db::schema::tickets, http::page::round_limit};

use super::search::Search;

/// How many of the newest tickets are looked at before the index of words is asked.
const WINDOW: i64 = 2000;

/// How the rows are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Along the index of the order.
    Ordered,
    /// All that the filter lets through, then sorted: for filters that let few through.
    Sorted,
    /// Among the newest few thousand along the index of the order.
    Newest(Search),
    /// Among all that the filter lets through, which is no more than one person's tickets.
    Within(Search),
}

/// The first rows of a list in an order.
pub struct Range<Q> {
    pub list: Q,
    pub way: Way,
    /// Columns of `tickets`, as in SQL.
    pub order: &'static str,
    pub limit: i64,
    /// Whether it is asked often enough to be kept prepared; else many combinations would fill the connections' memory.
    pub frequent: bool,
}

impl<Q: Query> Query for Range<Q> {
    type SqlType = Q::SqlType;
}
impl<Q> diesel::RunQueryDsl<diesel::PgConnection> for Range<Q> {}
impl<Q> QueryId for Range<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Range<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (order, limit) = (self.order, round_limit(self.limit));
        if !self.frequent {
            out.unsafe_to_cache_prepared();
        }
        if self.way != Way::Ordered {
            out.push_sql("SELECT * FROM (");
        }
        self.list.walk_ast(out.reborrow())?;
        match &self.way {
            Way::Ordered => {}
            Way::Sorted => out.push_sql(" OFFSET 0) AS \"tickets\""),
            Way::Newest(search) => {
                out.push_sql(&format!(
                    " ORDER BY {order} LIMIT {WINDOW}) AS \"tickets\" WHERE "
                ));
                search.walk_ast(out.reborrow())?;
            }
            Way::Within(search) => {
                out.push_sql(" OFFSET 0) AS \"tickets\" WHERE ");
                search.walk_ast(out.reborrow())?;
            }
        }
        out.push_sql(&format!(" ORDER BY {order} LIMIT {limit}"));
        Ok(())
    }
}

/// `column IN ('…', …)` with names of a closed set, which need no quoting.
pub struct Among {
    pub column: &'static str,
    pub names: Vec<&'static str>,
}

impl Expression for Among {
    type SqlType = Bool;
}
impl AppearsOnTable<tickets::table> for Among {}
impl SelectableExpression<tickets::table> for Among {}
impl ValidGrouping<()> for Among {
    type IsAggregate = is_aggregate::No;
}
impl QueryId for Among {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl QueryFragment<Pg> for Among {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let names = self.names.join("', '");
        out.push_sql(&format!("\"tickets\".\"{}\" IN ('{names}')", self.column));
        Ok(())
    }
}
