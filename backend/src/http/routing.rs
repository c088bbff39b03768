//! What to answer when no handler took a path: the OpenAPI document knows which methods would have been right.

use actix_web::{HttpRequest, web::Data};
use utoipa::openapi::{OpenApi, PathItem};

use crate::problem::Problem;

/// 405 with the right methods when the path has some, else 404.
pub fn nothing_here(req: &HttpRequest) -> Problem {
    match allowed_methods(req) {
        allowed if allowed.is_empty() => Problem::not_found(),
        allowed => Problem::method_not_allowed(allowed),
    }
}

/// The same for a path that only a pattern took, with a text that is no id: `/services/order` is a path of its own.
pub fn no_such_id(req: &HttpRequest) -> Problem {
    let literal = req
        .app_data::<Data<OpenApi>>()
        .is_some_and(|document| document.paths.paths.contains_key(req.path()));
    if literal {
        nothing_here(req)
    } else {
        Problem::not_found()
    }
}

/// A path written out wins over a pattern that fits it too.
fn allowed_methods(req: &HttpRequest) -> Vec<&'static str> {
    let Some(document) = req.app_data::<Data<OpenApi>>() else {
        return Vec::new();
    };
    let paths = &document.paths.paths;
    let item = paths.get(req.path()).or_else(|| {
        let fitting = paths.iter().find(|(pattern, _)| fits(pattern, req.path()));
        fitting.map(|(_, item)| item)
    });
    item.map(methods).unwrap_or_default()
}

fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) =
        (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern
            .iter()
            .zip(&path)
            .all(|(p, a)| p.starts_with('{') || p == a)
}

fn methods(item: &PathItem) -> Vec<&'static str> {
    let known = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let there = known.iter().filter(|(_, operation)| operation.is_some());
    there.map(|(name, _)| *name).collect()
}
