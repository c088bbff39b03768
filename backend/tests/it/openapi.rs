//! The OpenAPI document is current and good enough to integrate by.

use std::collections::BTreeSet;

use crate::harness::{
    contract::{DOCUMENT, OPERATIONS, Operation},
    files,
};
use serde_json::Value;

#[test]
fn the_file_is_current() {
    let document = care::app::document("http://127.0.0.1:8080");
    assert!(
        files::read("openapi/openapi.json") == document.to_pretty_json().unwrap() + "\n",
        "openapi/openapi.json is old: cargo run -p care -- openapi --write openapi/openapi.json"
    );
}

/// Collects what is wrong, so that one run tells everything.
fn complain(f: impl Fn(&Operation, &mut Vec<String>)) {
    let mut wrong = Vec::new();
    for operation in OPERATIONS.iter() {
        f(operation, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

#[test]
fn every_operation_is_named_after_its_handler() {
    let sources = files::rust("backend/src");
    let mut seen = BTreeSet::new();
    for Operation { id, path, .. } in OPERATIONS.iter() {
        assert!(seen.insert(id), "two operations are called {id}");
        let handler = format!("async fn {id}(");
        let handlers = sources.iter().filter(|f| f.text.contains(&handler));
        assert_eq!(handlers.count(), 1, "{path}: {id} is no handler, or two");
    }
}

#[test]
fn every_operation_is_described() {
    let tags: Vec<&str> = DOCUMENT["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| text(t, "name"))
        .collect();
    complain(|Operation { id, json, .. }, wrong| {
        let summary = text(json, "summary");
        if summary.is_empty() || summary.len() > 80 || summary.ends_with('.') {
            wrong.push(format!(
                "{id}: a summary is a short line without a full stop, not {summary:?}"
            ));
        }
        if text(json, "description").len() < 20 {
            wrong.push(format!("{id}: has no description"));
        }
        match json["tags"].as_array().map(Vec::as_slice) {
            Some([tag]) if tags.contains(&tag.as_str().unwrap()) => {}
            other => wrong.push(format!("{id}: one known tag wanted, not {other:?}")),
        }
        for parameter in json["parameters"].as_array().into_iter().flatten() {
            if text(parameter, "description").is_empty() {
                wrong.push(format!(
                    "{id}: {} has no description",
                    text(parameter, "name")
                ));
            }
        }
        let body = &json["requestBody"];
        if body.is_object()
            && (body["required"] != true
                || !["application/json", "image/png"]
                    .iter()
                    .any(|media| body["content"][media].is_object()))
        {
            wrong.push(format!(
                "{id}: the body must be required, and JSON or a picture"
            ));
        }
    });
}

#[test]
fn every_operation_declares_its_answers() {
    complain(|operation, wrong| {
        let id = &operation.id;
        let responses = operation.json["responses"].as_object().unwrap();
        if !responses.keys().any(|s| s.starts_with('2')) {
            wrong.push(format!("{id}: has no success"));
        }
        for (status, response) in responses {
            if text(response, "description").is_empty() {
                wrong.push(format!("{id}: {status} has no description"));
            }
            let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
            if status.as_str() >= "400" && problem != "#/components/schemas/Problem" {
                wrong.push(format!("{id}: {status} is no Problem"));
            }
        }
        let mut wanted = vec!["500", "503"];
        if operation.is_protected() {
            wanted.extend(["401", "403"]);
        }
        if operation.path.contains('{') {
            wanted.push("404");
        }
        if operation.json["requestBody"].is_object() {
            wanted.extend(["400", "413", "415", "422"]);
        }
        for status in wanted.iter().filter(|s| !responses.contains_key(**s)) {
            wrong.push(format!("{id}: does not declare {status}"));
        }
    });
}

/// A name in the URL without a declared parameter cannot be called from a generated client, and the other way round.
#[test]
fn path_parameters_are_declared() {
    complain(|Operation { id, path, json, .. }, wrong| {
        let in_path = path
            .split('{')
            .skip(1)
            .map(|p| p.split('}').next().unwrap());
        let declared = json["parameters"].as_array().into_iter().flatten();
        let declared = declared
            .filter(|p| p["in"] == "path")
            .map(|p| text(p, "name"));
        let (in_path, declared): (BTreeSet<_>, BTreeSet<_>) =
            (in_path.collect(), declared.collect());
        if in_path != declared {
            wrong.push(format!("{id}: {path} but {declared:?}"));
        }
    });
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    found.insert(reference.clone());
                }
                map.values().for_each(|v| walk(v, found));
            }
            Value::Array(list) => list.iter().for_each(|v| walk(v, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(&DOCUMENT, &mut found);
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("references stay inside");
        assert!(
            DOCUMENT.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let bare: Vec<_> = schemas
        .iter()
        .filter(|(_, s)| text(s, "description").is_empty())
        .map(|(name, _)| name)
        .collect();
    assert!(bare.is_empty(), "schemas without description: {bare:?}");
}
