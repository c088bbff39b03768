//! One line and one measurement per request, and the request id that ties an answer, its log lines and its events
//! together. Only an allow-list is logged: method, route pattern, status, time; never a query, body or header value.

use std::{cell::RefCell, sync::LazyLock, time::Instant};

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};
use prometheus::{HistogramOpts, HistogramVec, IntGauge, Opts, Registry};

tokio::task_local! {
    static REQUEST_ID: RefCell<String>;
}

/// The id of the request this task answers; empty outside one.
pub fn current_request_id() -> String {
    REQUEST_ID
        .try_with(|id| id.borrow().clone())
        .unwrap_or_default()
}

/// Request id as kept in the request's extensions.
#[derive(Clone)]
pub struct RequestId(pub String);

/// The process's metrics, served on the internal port.
pub static METRICS: LazyLock<Registry> = LazyLock::new(Registry::new);

static SECONDS: LazyLock<Option<HistogramVec>> = LazyLock::new(|| {
    let options = HistogramOpts::new(
        "care_http_request_seconds",
        "Time to answer, by route pattern.",
    )
    .buckets(vec![
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
    ]);
    registered(HistogramVec::new(options, &["method", "route", "status"]))
});

/// Open live streams of this process.
pub static STREAMS: LazyLock<Option<IntGauge>> = LazyLock::new(|| {
    registered(IntGauge::with_opts(Opts::new(
        "care_live_streams",
        "Open live streams.",
    )))
});

/// Adds a measurement to [`METRICS`].
pub fn registered<C: prometheus::core::Collector + Clone + 'static>(
    made: prometheus::Result<C>,
) -> Option<C> {
    let collector = made.ok()?;
    METRICS.register(Box::new(collector.clone())).ok()?;
    Some(collector)
}

/// The middleware: gives the request its id, times it, logs it.
pub async fn log(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = uuid::Uuid::now_v7().simple().to_string();
    req.extensions_mut().insert(RequestId(id.clone()));
    REQUEST_ID
        .scope(RefCell::new(id.clone()), timed(req, next, id))
        .await
}

async fn timed<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
    id: String,
) -> Result<ServiceResponse<B>, Error> {
    let started = Instant::now();
    let method = req.method().as_str().to_owned();
    let result = next.call(req).await;
    let (status, route) = match &result {
        Ok(response) => {
            let route = response
                .request()
                .match_pattern()
                .unwrap_or_else(|| "unmatched".into());
            (response.status().as_u16(), route)
        }
        Err(error) => (
            error.as_response_error().status_code().as_u16(),
            "unmatched".into(),
        ),
    };
    let took = started.elapsed();
    if let Some(seconds) = SECONDS.as_ref() {
        let known = matches!(
            method.as_str(),
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS"
        );
        let labels = [
            if known { &method } else { "other" },
            &route,
            &status.to_string(),
        ];
        seconds
            .with_label_values(&labels)
            .observe(took.as_secs_f64());
    }
    tracing::info!(
        request_id = id,
        method,
        route,
        status,
        ms = took.as_millis() as u64,
        "request"
    );
    let mut response = result?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    Ok(response)
}
