//! Versions as entity tags (RFC 9110 section 8.8): `ETag: "7"` on a resource, `If-Match: "7"` on a change to it.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::{StatusCode, header},
};
use serde::Serialize;

use crate::problem::{Code, Problem};

/// What the caller believes the version to be; `None` when they do not care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i32>);

/// How the document shows it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatchHeader {
    /// The `ETag` the change is based on; when someone else changed the resource meanwhile the answer is 412.
    #[param(rename = "If-Match", example = "\"7\"")]
    #[allow(dead_code)]
    if_match: Option<String>,
}

impl IfMatch {
    /// Fails with 412 when the resource has moved on.
    pub fn check(self, version: i32) -> Result<(), Problem> {
        match self.0 {
            Some(expected) if expected != version => Err(Problem::new(
                Code::StaleVersion,
                "Someone changed this in the meantime. Load it again and repeat your change.",
            )),
            _ => Ok(()),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = req.headers().get(header::IF_MATCH) else {
            return ready(Ok(Self(None)));
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return ready(Ok(Self(None)));
        }
        let version = text
            .strip_prefix('"')
            .and_then(|t| t.strip_suffix('"'))
            .and_then(|t| t.parse().ok());
        ready(match version {
            Some(version) => Ok(Self(Some(version))),
            // A tag we never gave out matches nothing.
            None => Ok(Self(Some(-1))),
        })
    }
}

/// A resource with its version in the `ETag` header.
pub struct Tagged<T> {
    pub status: StatusCode,
    pub version: i32,
    pub body: T,
}

impl<T: Serialize> Tagged<T> {
    pub fn ok(version: i32, body: T) -> Self {
        Self {
            status: StatusCode::OK,
            version,
            body,
        }
    }
}

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::build(self.status)
            .insert_header((header::ETAG, format!("\"{}\"", self.version)))
            .json(self.body)
    }
}
