//! Reading events in an order that late commits can not upset.

use diesel::{
    PgConnection, QueryResult, Queryable, QueryableByName, RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid},
};
use uuid::Uuid;

/// Events read at a time.
const BATCH: i64 = 500;

/// A place in the order (transaction, id). Transaction ids are 64-bit here, so they never wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    xid: i64,
    id: i64,
}

/// An event as far as live hints need it.
#[derive(Debug, Queryable)]
pub struct Happened {
    xid: i64,
    id: i64,
    settled: bool,
    pub kind: String,
    pub ticket_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub seq: Option<i32>,
    pub version: Option<i64>,
    pub audience: Vec<Option<Uuid>>,
    pub to_agents: bool,
    pub to_admins: bool,
    pub to_everyone: bool,
}

impl Happened {
    pub fn cursor(&self) -> Cursor {
        Cursor {
            xid: self.xid,
            id: self.id,
        }
    }
}

impl Cursor {
    /// Behind everything that was committed before the oldest transaction that still runs.
    pub fn now(conn: &mut PgConnection) -> QueryResult<Self> {
        #[derive(QueryableByName)]
        struct Horizon {
            #[diesel(sql_type = BigInt)]
            xid: i64,
        }
        let horizon: Horizon = diesel::sql_query(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xid",
        )
        .get_result(conn)?;
        Ok(Self {
            xid: horizon.xid,
            id: 0,
        })
    }

    /// Whether this place can not be of the cluster whose present is `now`.
    pub fn is_ahead_of(&self, now: &Self) -> bool {
        self.xid > now.xid
    }
}

/// What may be told now.
#[derive(Debug)]
pub struct Batch {
    pub events: Vec<Happened>,
    /// There is more: either it is too much for one batch, or it has to wait for a transaction that still runs.
    pub more: bool,
}

/// The events after the cursor, in order, up to the first that a running transaction could still get in front of. Every
/// transaction below `pg_snapshot_xmin` has ended, so nothing can appear before what is returned here.
pub fn read(conn: &mut PgConnection, cursor: &Cursor) -> QueryResult<Batch> {
    let after = After {
        xid: cursor.xid.to_string(),
        id: cursor.id,
    };
    let mut events: Vec<Happened> = after.load(conn)?;
    let found = events.len();
    let settled = events.iter().take_while(|e| e.settled).count();
    events.truncate(settled);
    Ok(Batch {
        events,
        more: settled < found || found as i64 == BATCH,
    })
}

/// The statement of [`read`]. It runs after every commit, so the connection keeps it prepared: its text never changes.
struct After {
    xid: String,
    id: i64,
}

impl Query for After {
    type SqlType = (
        BigInt,
        BigInt,
        Bool,
        Text,
        Nullable<SqlUuid>,
        Nullable<SqlUuid>,
        Nullable<Integer>,
        Nullable<BigInt>,
        Array<Nullable<SqlUuid>>,
        Bool,
        Bool,
        Bool,
    );
}

impl RunQueryDsl<PgConnection> for After {}

impl QueryId for After {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for After {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT xid::text::bigint, id, xid < pg_snapshot_xmin(pg_current_snapshot()), kind, ticket_id, user_id, seq, \
             CASE WHEN jsonb_typeof(data->'version') = 'number' THEN (data->>'version')::bigint END, \
             audience, to_agents, to_admins, to_everyone FROM events WHERE (events.xid, events.id) > (",
        );
        out.push_bind_param::<Text, _>(&self.xid)?;
        out.push_sql("::text::xid8, ");
        out.push_bind_param::<BigInt, _>(&self.id)?;
        out.push_sql(") ORDER BY events.xid, events.id LIMIT 500");
        Ok(())
    }
}
