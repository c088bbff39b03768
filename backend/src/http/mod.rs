//! What every route shares: reading requests, answering them, describing them. Knows no feature.

pub mod etag;
pub mod extract;
pub mod headers;
pub mod idempotency;
pub mod openapi;
pub mod page;
pub mod request_log;
pub mod routing;
pub mod sockets;
pub mod spa;

pub use etag::{IfMatch, Tagged};
pub use extract::{Json, Origin, Path, Query, Upload};
pub use idempotency::IdempotencyKey;
pub use page::{Cursor, Page, PageQuery};
