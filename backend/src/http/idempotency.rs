//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a creating request repeated with the same key gets the
//! first answer again instead of a second effect. The answer is stored in the effect's own transaction.

use std::future::ready;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
};
use diesel::prelude::*;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    auth::Actor,
    db::{Db, Tx, schema::idempotency_keys as keys},
    problem::{Code, FieldCode, Problem},
};

use super::extract::after_sign_in;

/// The key a client chose, if it did: 1 to 200 printable ASCII characters.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub Option<String>);

/// How the document shows it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyHeader {
    /// A key of the client's choice, such as a UUID: a repeat with the same key and body gets the first answer again.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 200,
        pattern = "^[ -~]+$"
    )]
    #[allow(dead_code)]
    idempotency_key: Option<String>,
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = req.headers().get("idempotency-key") else {
            return Box::pin(ready(Ok(Self(None))));
        };
        let good = value.to_str().ok().filter(|v| {
            (1..=200).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
        });
        let key = match good {
            Some(key) => Ok(Self(Some(key.to_owned()))),
            None => Err(Problem::field(
                "Idempotency-Key",
                FieldCode::Malformed,
                "An idempotency key has 1 to 200 printable ASCII characters.",
            )),
        };
        after_sign_in(req, ready(key))
    }
}

/// A created resource: 201 with its version when it has one.
pub struct Created {
    status: StatusCode,
    version: Option<i64>,
    body: Value,
}

impl actix_web::Responder for Created {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(version) = self.version {
            response.insert_header((header::ETAG, format!("\"{version}\"")));
        }
        response.json(self.body)
    }
}

/// Creates something once per (actor, route, key). `request` is the decoded body: another body under the same key is
/// refused. Failures are not remembered, so a corrected request may use the key again.
pub async fn create<T, F>(
    db: &Db,
    actor: &Actor,
    route: &'static str,
    key: IdempotencyKey,
    request: &impl Serialize,
    f: F,
) -> Result<Created, Problem>
where
    T: Serialize,
    F: Fn(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
{
    let body_hash =
        Sha256::digest(serde_json::to_vec(request).map_err(Problem::internal)?).to_vec();
    let actor_id = actor.id;
    db.write(move |tx| {
        if let Some(key) = &key.0 {
            let before: Option<(Vec<u8>, i16, Value)> = keys::table
                .find((actor_id, route, key))
                .select((keys::body_hash, keys::status, keys::response))
                .first(&mut **tx)
                .optional()?;
            if let Some((hash, status, body)) = before {
                if hash != body_hash {
                    return Err(Problem::new(
                        Code::IdempotencyMismatch,
                        "This idempotency key was used with another body. Use a new key for a new request.",
                    ));
                }
                let status = StatusCode::from_u16(status as u16).unwrap_or(StatusCode::CREATED);
                return Ok(Created { status, version: version(&body), body });
            }
        }
        let body = serde_json::to_value(f(tx)?).map_err(Problem::internal)?;
        if let Some(key) = &key.0 {
            // Two at once: the second one's insert waits, fails on the key and is run again: it then finds the answer.
            diesel::insert_into(keys::table)
                .values((
                    keys::actor_id.eq(actor_id),
                    keys::route.eq(route),
                    keys::key.eq(key),
                    keys::body_hash.eq(&body_hash),
                    keys::status.eq(StatusCode::CREATED.as_u16() as i16),
                    keys::response.eq(&body),
                ))
                .execute(&mut **tx)?;
        }
        Ok(Created { status: StatusCode::CREATED, version: version(&body), body })
    })
    .await
}

fn version(body: &Value) -> Option<i64> {
    body.get("version").and_then(Value::as_i64)
}
