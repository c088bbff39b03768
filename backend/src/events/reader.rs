//! Reading events in an order that late commits can not upset.

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl,
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
#[derive(Debug, QueryableByName)]
pub struct Happened {
    #[diesel(sql_type = BigInt)]
    xid: i64,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Bool)]
    settled: bool,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub ticket_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub seq: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub version: Option<i64>,
    #[diesel(sql_type = Array<Nullable<SqlUuid>>)]
    pub audience: Vec<Option<Uuid>>,
    #[diesel(sql_type = Bool)]
    pub to_agents: bool,
    #[diesel(sql_type = Bool)]
    pub to_admins: bool,
    #[diesel(sql_type = Bool)]
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
    let mut events: Vec<Happened> = diesel::sql_query(
        "SELECT xid::text::bigint AS xid, id, xid < pg_snapshot_xmin(pg_current_snapshot()) AS settled, kind, ticket_id, \
         user_id, seq, CASE WHEN jsonb_typeof(data->'version') = 'number' THEN (data->>'version')::bigint END AS version, \
         audience, to_agents, to_admins, to_everyone \
         FROM events WHERE (events.xid, events.id) > ($1::text::xid8, $2) ORDER BY events.xid, events.id LIMIT 500",
    )
    .bind::<Text, _>(cursor.xid.to_string())
    .bind::<BigInt, _>(cursor.id)
    .load(conn)?;
    let found = events.len();
    let settled = events.iter().take_while(|e| e.settled).count();
    events.truncate(settled);
    Ok(Batch {
        events,
        more: settled < found || found as i64 == BATCH,
    })
}
