//! The one error type: problem details for HTTP APIs (RFC 9457) with a closed `code` and field errors.
//!
//! `detail` is written for the client; `source` is only for the log. What is not foreseen becomes an opaque 500 whose
//! `instance` is the request id, so that an operator finds the log line.

use std::{borrow::Cow, fmt, time::Duration};

use actix_web::{
    Error, HttpResponse, HttpResponseBuilder, ResponseError,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MEDIA_TYPE: &str = "application/problem+json";

/// What went wrong, as a closed set that a program may branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    BadRequest,
    Unauthenticated,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    Conflict,
    IllegalMove,
    StaleVersion,
    PayloadTooLarge,
    UnsupportedMediaType,
    Invalid,
    IdempotencyMismatch,
    RateLimited,
    Internal,
    Unavailable,
    WrongCredentials,
    EmailUnconfirmed,
    PasswordChangeRequired,
    CodeWrongOrExpired,
    ChallengeOver,
    SecondFactorDue,
    ReopenWindowOver,
    SessionEnded,
    Lockdown,
    ProviderRefused,
}

impl Code {
    /// Status and title are fixed by the code.
    fn parts(self) -> (StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadRequest => (S::BAD_REQUEST, "The request could not be understood"),
            Self::Unauthenticated => (S::UNAUTHORIZED, "Sign in first"),
            Self::Forbidden => (S::FORBIDDEN, "Not allowed"),
            Self::NotFound => (S::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "Method not allowed"),
            Self::NotAcceptable => (S::NOT_ACCEPTABLE, "Not acceptable"),
            Self::Conflict => (S::CONFLICT, "Conflict"),
            Self::IllegalMove => (S::CONFLICT, "That move is not possible now"),
            Self::StaleVersion => (S::PRECONDITION_FAILED, "Changed by someone else"),
            Self::PayloadTooLarge => (S::PAYLOAD_TOO_LARGE, "Too large"),
            Self::UnsupportedMediaType => (S::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"),
            Self::Invalid => (S::UNPROCESSABLE_ENTITY, "Please check the marked fields"),
            Self::IdempotencyMismatch => (
                S::UNPROCESSABLE_ENTITY,
                "Idempotency key used for another request",
            ),
            Self::RateLimited => (S::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "Something went wrong on our side"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "Temporarily unavailable"),
            Self::WrongCredentials => (S::UNAUTHORIZED, "Email or password is not right"),
            Self::PasswordChangeRequired => (S::FORBIDDEN, "Choose a new password first"),
            Self::EmailUnconfirmed => (S::FORBIDDEN, "Confirm your email address first"),
            Self::CodeWrongOrExpired => {
                (S::UNPROCESSABLE_ENTITY, "That code is wrong or has expired")
            }
            Self::ChallengeOver => (S::UNAUTHORIZED, "Please sign in again"),
            Self::SecondFactorDue => (S::FORBIDDEN, "Set up a second factor first"),
            Self::ReopenWindowOver => (S::CONFLICT, "The time to reopen is over"),
            Self::Lockdown => (S::SERVICE_UNAVAILABLE, "Closed for the moment"),
            Self::SessionEnded => (S::UNAUTHORIZED, "Your session has ended"),
            Self::ProviderRefused => (S::UNPROCESSABLE_ENTITY, "The provider did not sign you in"),
        }
    }

    pub fn status(self) -> StatusCode {
        self.parts().0
    }
}

/// What is wrong with one field, as a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldCode {
    Required,
    TooShort,
    TooLong,
    Malformed,
    TooCommon,
    ContainsPersonal,
    Mismatch,
    OutOfRange,
    NotAllowed,
    Taken,
    Unknown,
}

/// One field that has to be changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the request body, or `?name` for a query parameter.
    #[schema(example = "/subject")]
    pub pointer: String,
    pub code: FieldCode,
    /// A sentence for a person.
    #[schema(example = "Give it a subject of at least 3 characters.")]
    pub detail: String,
}

/// Problem details (RFC 9457): the body of every error this API answers, as `application/problem+json`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// A stable URI for the kind of problem; always `about:blank`, the `code` says which it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: String,
    #[schema(example = "Please check the marked fields")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What to do about it, for a person.
    pub detail: String,
    /// The request id, to quote when asking for help.
    #[schema(example = "urn:request:019c7a54c7f07d10")]
    pub instance: String,
    pub code: Code,
    /// The fields to change, when the problem is in the request body or query.
    pub errors: Vec<FieldError>,
}

/// An error on its way to the client.
pub struct Problem {
    pub code: Code,
    pub detail: Cow<'static, str>,
    pub fields: Vec<FieldError>,
    pub retry_after: Option<Duration>,
    /// The methods that are possible, for the `Allow` header of a 405.
    pub allow: Vec<&'static str>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            fields: Vec::new(),
            retry_after: None,
            allow: Vec::new(),
            source: None,
        }
    }

    /// 404, also for what exists but may not be known to the caller.
    pub fn not_found() -> Self {
        Self::new(
            Code::NotFound,
            "There is nothing here, or it is not yours to see.",
        )
    }

    pub fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Forbidden, detail)
    }

    pub fn unauthenticated() -> Self {
        Self::new(
            Code::Unauthenticated,
            "Send a valid access token in the Authorization header.",
        )
    }

    pub fn conflict(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Conflict, detail)
    }

    pub fn method_not_allowed(possible: Vec<&'static str>) -> Self {
        Self {
            allow: possible,
            ..Self::new(Code::MethodNotAllowed, "This method is not possible here.")
        }
    }

    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let detail = match fields.as_slice() {
            [one] => Cow::Owned(one.detail.clone()),
            _ => Cow::Borrowed("Some fields need a change."),
        };
        Self {
            fields,
            ..Self::new(Code::Invalid, detail)
        }
    }

    pub fn field(pointer: &str, code: FieldCode, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }])
    }

    /// 409: a value that only one may have.
    pub fn taken(pointer: &str, detail: &str) -> Self {
        Self {
            code: Code::Conflict,
            ..Self::field(pointer, FieldCode::Taken, detail)
        }
    }

    /// 429, and when to try again: some budgets are a minute's, some a day's.
    pub fn rate_limited(retry_after: Duration) -> Self {
        let detail = format!(
            "That was often. Please try again in {}.",
            in_words(retry_after)
        );
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Code::RateLimited, detail)
        }
    }

    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            retry_after: Some(Duration::from_secs(2)),
            source: Some(source.into()),
            ..Self::new(
                Code::Unavailable,
                "We are busy or restarting. Please try again shortly.",
            )
        }
    }

    /// 503 while a lockdown is on.
    pub fn lockdown() -> Self {
        Self {
            retry_after: Some(Duration::from_secs(60)),
            ..Self::new(
                Code::Lockdown,
                "We have paused sign-ins and changes to keep your data safe. Nothing is lost. Please come back later.",
            )
        }
    }

    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(
                Code::Internal,
                "It is not your fault. Quote the instance if you ask us.",
            )
        }
    }

    /// The cause, for the log only.
    pub fn source(&self) -> Option<&(dyn std::error::Error + Send + Sync)> {
        self.source.as_deref()
    }

    /// Whether running the same transaction again may succeed (SQLSTATE 40001, 40P01).
    pub fn is_retryable(&self) -> bool {
        self.source
            .as_ref()
            .and_then(|s| s.downcast_ref::<DieselError>())
            .is_some_and(|e| match e {
                DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
                DieselError::DatabaseError(kind, info) => {
                    matches!(kind, DatabaseErrorKind::UniqueViolation)
                        && info.constraint_name() == Some("idempotency_keys_pkey")
                        || info.message().contains("deadlock detected")
                }
                _ => false,
            })
    }

    /// Whether the database connection is gone.
    pub fn is_disconnect(&self) -> bool {
        self.source
            .as_ref()
            .and_then(|s| s.downcast_ref::<DieselError>())
            .is_some_and(is_disconnect)
    }
}

/// A wait for a person, never shorter than it is: "40 seconds", "3 hours".
fn in_words(wait: Duration) -> String {
    let seconds = wait.as_secs().max(1);
    let (count, unit) = match seconds {
        0..=120 => (seconds, "second"),
        121..=7200 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{s}")
}

/// What PostgreSQL says before it hangs up (57P01 to 57P03), and libpq when it has found that out (its fe-misc.c and
/// fe-exec.c). diesel tells only some of these apart.
const GONE: &[&str] = &[
    "terminating connection",
    "the database system is",
    "server closed the connection",
    "no connection to the server",
    "could not receive data from server",
    "could not send data to server",
    "SSL SYSCALL error",
    "SSL connection has been closed",
];

fn is_disconnect(error: &DieselError) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    match error {
        DieselError::BrokenTransactionManager => true,
        DieselError::DatabaseError(ClosedConnection | UnableToSendCommand, _) => true,
        DieselError::DatabaseError(_, info) => GONE.iter().any(|m| info.message().contains(m)),
        _ => false,
    }
}

/// A unique constraint by name, and what its violation means to a person.
const TAKEN: &[(&str, &str, &str)] = &[
    (
        "users_email_key",
        "/email",
        "Someone already uses this email address.",
    ),
    (
        "services_name_key",
        "/name",
        "A service with this name exists already.",
    ),
];

impl From<DieselError> for Problem {
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind as K;
        match &error {
            DieselError::NotFound => Self::not_found(),
            _ if is_disconnect(&error) => Self::unavailable(error),
            DieselError::DatabaseError(K::UniqueViolation, info) => {
                let known = TAKEN
                    .iter()
                    .find(|(name, ..)| info.constraint_name() == Some(*name))
                    .copied();
                match known {
                    Some((_, pointer, detail)) => Self::taken(pointer, detail),
                    None => Self {
                        source: Some(Box::new(error)),
                        ..Self::conflict("That exists already.")
                    },
                }
            }
            DieselError::DatabaseError(K::ForeignKeyViolation | K::CheckViolation, _) => Self {
                source: Some(Box::new(error)),
                ..Self::new(
                    Code::Invalid,
                    "A value is out of its range or refers to nothing.",
                )
            },
            DieselError::DatabaseError(_, info)
                if info.message().contains("canceling statement due to")
                    || info.message().contains("remaining connection slots")
                    || info.message().contains("too many clients") =>
            {
                Self::unavailable(error)
            }
            DieselError::DatabaseError(K::SerializationFailure, _) => Self::unavailable(error),
            _ => Self::internal(error),
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.code, self.detail)?;
        for field in &self.fields {
            write!(f, "; {} {}", field.pointer, field.detail)?;
        }
        self.source.as_ref().map_or(Ok(()), |s| write!(f, " ({s})"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        let request_id = crate::http::request_log::current_request_id();
        if let Some(source) = &self.source {
            // Display, not Debug: Debug of database errors may repeat values.
            tracing::error!(request_id, code = ?self.code, source = %source, "request failed");
        }
        let (status, title) = self.code.parts();
        let mut response = HttpResponseBuilder::new(status);
        if let Some(after) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, after.as_secs().max(1).to_string()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if !self.allow.is_empty() {
            response.insert_header((header::ALLOW, self.allow.join(", ")));
        }
        let body = ProblemBody {
            kind: "about:blank".into(),
            title: title.into(),
            status: status.as_u16(),
            detail: self.detail.to_string(),
            instance: format!("urn:request:{request_id}"),
            code: self.code,
            errors: self.fields.clone(),
        };
        response
            .content_type(MEDIA_TYPE)
            .body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

/// The middleware that gives the framework's own rejections, such as a refused preflight, the shape of all others.
pub async fn reshape<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let response = next.call(req).await?;
    let status = response.status();
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|v| v != MEDIA_TYPE);
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return Ok(response.map_into_left_body());
    }
    let problem = match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        s if s.is_server_error() => Problem::internal(format!("the framework answered {s}")),
        _ => Problem::new(Code::BadRequest, "This request is not possible here."),
    };
    let (req, _) = response.into_parts();
    let reshaped = problem.error_response().map_into_right_body();
    Ok(ServiceResponse::new(req, reshaped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_too_often_hears_how_long_to_wait() {
        let waits = [
            (0, "1 second"),
            (1, "1 second"),
            (120, "120 seconds"),
            (121, "3 minutes"),
            (7200, "120 minutes"),
            (7201, "3 hours"),
            (86_400, "24 hours"),
        ];
        for (seconds, words) in waits {
            let problem = Problem::rate_limited(Duration::from_secs(seconds));
            let detail = format!("That was often. Please try again in {words}.");
            assert_eq!(problem.detail, detail);
        }
    }
}
