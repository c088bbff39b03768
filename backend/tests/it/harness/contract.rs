//! The CONTRACT oracle: every answer of the API is declared by the OpenAPI document and fits its schema.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use jsonschema::{Draft, Registry, Resource, Validator};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, PUBLIC_URL};

/// The document as JSON.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(care::app::document(PUBLIC_URL)).unwrap());

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub method: Method,
    pub path: String,
    pub json: Value,
}

impl Operation {
    /// Whether it needs a token. An empty alternative means that one may be sent.
    pub fn is_protected(&self) -> bool {
        let ways = self.json["security"].as_array();
        ways.is_some_and(|ways| !ways.is_empty() && !ways.contains(&json!({})))
    }

    /// How many segments fit literally, or none when the path is another one.
    pub fn fit(&self, path: &str) -> Option<usize> {
        let (own, asked) = (self.path.split('/'), path.split('/'));
        if own.clone().count() != asked.clone().count() {
            return None;
        }
        let mut literal = 0;
        for (own, asked) in own.zip(asked) {
            if own == asked {
                literal += 1;
            } else if !own.starts_with('{') {
                return None;
            }
        }
        Some(literal)
    }
}

pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().into_iter().flatten() {
        for (method, json) in item.as_object().into_iter().flatten() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            all.push(Operation {
                id: json["operationId"].as_str().unwrap_or_default().to_owned(),
                method,
                path: path.clone(),
                json: json.clone(),
            });
        }
    }
    all
});

/// Checks one answer to a request for `path` (with or without a query).
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    if answer.status == 405 {
        return; // the router's own, for what is no operation
    }
    let fitting = OPERATIONS.iter().filter(|o| o.method == *method);
    let fitting = fitting.filter_map(|o| Some((o.fit(path)?, o)));
    let Some((_, operation)) = fitting.max_by_key(|(literal, _)| *literal) else {
        // No operation: only what the router itself answers.
        let own = *method == Method::OPTIONS;
        assert!(
            own || matches!(answer.status, 404 | 405),
            "CONTRACT: {method} {path} is not in the document but answers {}",
            answer.status
        );
        return;
    };
    let what = format!("CONTRACT: {} {}", operation.id, answer.status);
    let response = &operation.json["responses"][answer.status.to_string()];
    assert!(
        response.is_object(),
        "{what} is not declared: {}",
        answer.text()
    );
    let Some(content) = response["content"].as_object() else {
        assert!(answer.body.is_empty(), "{what}: undeclared body");
        return;
    };
    let media = answer.header("content-type");
    let media = media.split(';').next().unwrap_or_default();
    assert!(
        content.contains_key(media),
        "{what}: undeclared media type {media:?}"
    );
    if !media.ends_with("json") || answer.body.is_empty() {
        return;
    }
    let pointer = format!(
        "/paths/{}/{}/responses/{}/content/{}/schema",
        escaped(&operation.path),
        method.as_str().to_lowercase(),
        answer.status,
        escaped(media)
    );
    let body = answer.json();
    let errors: Vec<String> = validator(&pointer)
        .iter_errors(&body)
        .map(|e| format!("{} {e}", e.instance_path))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{body:#}");
}

/// As one step of a JSON pointer in a URI fragment (RFC 6901 section 6).
fn escaped(step: &str) -> String {
    step.replace('~', "~0")
        .replace('/', "~1")
        .replace('{', "%7B")
        .replace('}', "%7D")
}

/// The validator of one place in the document, compiled once per process.
fn validator(pointer: &str) -> Arc<Validator> {
    static COMPILED: Mutex<Option<HashMap<String, Arc<Validator>>>> = Mutex::new(None);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let compiled = compiled.get_or_insert_default();
    if let Some(known) = compiled.get(pointer) {
        return known.clone();
    }
    const URI: &str = "urn:care:openapi";
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
        let document = Resource::from_contents(closed()).unwrap();
        Registry::try_new(URI, document).unwrap()
    });
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_registry(REGISTRY.clone())
        .should_validate_formats(true)
        .build(&json!({ "$ref": format!("{URI}#{pointer}") }));
    let validator = Arc::new(validator.unwrap_or_else(|e| panic!("{pointer}: {e}")));
    compiled.insert(pointer.to_owned(), validator.clone());
    validator
}

/// The document, read strictly: an object may only have the members that it declares.
fn closed() -> Value {
    let mut parts = BTreeSet::new();
    collect_parts(&DOCUMENT, &mut parts);
    let mut document = DOCUMENT.clone();
    for (name, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
        // A part of an allOf is only closed together with the other parts.
        if !parts.contains(&format!("#/components/schemas/{name}")) {
            close(schema);
        }
    }
    close(&mut document["paths"]);
    document
}

/// What some allOf refers to.
fn collect_parts(value: &Value, parts: &mut BTreeSet<String>) {
    let inner: Vec<&Value> = match value {
        Value::Object(map) => map.values().collect(),
        Value::Array(list) => list.iter().collect(),
        _ => vec![],
    };
    for part in value["allOf"].as_array().into_iter().flatten() {
        parts.extend(part["$ref"].as_str().map(str::to_owned));
    }
    inner.into_iter().for_each(|v| collect_parts(v, parts));
}

fn close(value: &mut Value) {
    match value {
        Value::Object(map) if map.contains_key("allOf") => {
            map.insert("unevaluatedProperties".into(), false.into());
        }
        Value::Object(map) => {
            if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                map.insert("additionalProperties".into(), false.into());
            }
            map.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}
