//! The OpenAPI 3.1 document: what the handlers cannot say themselves (title, security, the problem responses every
//! operation shares).

use utoipa::{
    OpenApi,
    openapi::{
        ContactBuilder, Content, InfoBuilder, LicenseBuilder, OpenApiBuilder, Ref, RefOr,
        ResponseBuilder, Server,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
        tag::TagBuilder,
    },
};

use crate::problem::{Code, FieldCode, FieldError, ProblemBody};

#[derive(OpenApi)]
#[openapi(components(schemas(ProblemBody, FieldError, Code, FieldCode)))]
struct Base;

const TAGS: &[(&str, &str)] = &[
    ("auth", "Registration, sign-in, sessions and passwords."),
    ("me", "The signed-in person."),
    ("services", "The catalogue of what the organisation offers."),
    (
        "tickets",
        "Complaints, questions and requests, and what happens to them.",
    ),
    (
        "conversation",
        "Messages between the customer and the agent, in one numbered timeline.",
    ),
    ("feedback", "How customers rate agents and outcomes."),
    ("people", "Customers and agents, for admins."),
    ("lockdown", "One switch for an attack."),
    ("insight", "Numbers for admins."),
    ("live", "Server-sent events: hints that something changed."),
    ("meta", "About this server."),
    ("demo", "Only in demo mode."),
];

const ABOUT: &str = "\
Customers raise tickets, talk to the agent who owns them, watch the status and rate the outcome; agents work them; \
admins assign and see everything that matters.

**Start here.** `POST /api/v1/auth/sign-in` answers an access token (good for minutes) and a refresh token; \
when it answers 202, `POST /api/v1/auth/challenge` takes one more step. Send \
`Authorization: Bearer <access_token>` with every request; when it runs out, `POST /api/v1/auth/refresh`.

**Errors** are problem details (RFC 9457, `application/problem+json`) with a closed `code` to branch on and, in `errors`, \
a JSON pointer for each field to change. Quote `instance` when you ask for help.

**Lists** are pages `{items, next}`: pass `next` as `cursor` until it is null.

**Retries.** Send an `Idempotency-Key` with creating requests and repeat them freely: the effect happens once, the answer \
is the same. Send `If-Match` with the `ETag` you saw to be told (412) when someone else changed a resource.

**Live.** `GET /api/v1/stream` tells that something changed, never what: fetch it then.";

/// The document without paths.
pub fn base(api_url: &str) -> utoipa::openapi::OpenApi {
    let info = InfoBuilder::new()
        .title("Customer Care Registry")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .contact(Some(
            ContactBuilder::new()
                .name(Some("Customer Care Registry"))
                .build(),
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    let mut components = Base::openapi().components.unwrap_or_default();
    components.add_security_scheme(
        "bearer",
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .description(Some("The `access_token` of a session."))
                .build(),
        ),
    );
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new(api_url)]))
        .tags(Some(TAGS.iter().map(|(name, about)| {
            TagBuilder::new()
                .name(*name)
                .description(Some(*about))
                .build()
        })))
        .components(Some(components))
        .build()
}

/// Adds to every operation the problems it can always answer, so that no handler has to repeat them.
pub fn finish(api: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut api.paths.paths {
        let has_id = path.contains('{');
        for (operation, changes) in [
            (&mut item.get, false),
            (&mut item.post, true),
            (&mut item.put, true),
            (&mut item.patch, true),
            (&mut item.delete, true),
        ] {
            let Some(operation) = operation else { continue };
            // A public operation says so: an empty list.
            let secured = !operation.security.get_or_insert_default().is_empty();
            if secured {
                add(operation, "401", "No valid access token was sent.");
                add(operation, "403", "The role does not allow this.");
            }
            if has_id {
                add(
                    operation,
                    "404",
                    "There is nothing there, or it is not the caller's to see.",
                );
            }
            if operation.request_body.is_some() {
                add(operation, "400", "The body is not well-formed.");
                add(operation, "413", "The body is too large.");
                add(operation, "415", "The body is not application/json.");
                add(operation, "422", "A field has to change; see `errors`.");
            } else if operation.parameters.as_ref().is_some_and(|p| !p.is_empty()) {
                add(operation, "422", "A parameter has to change; see `errors`.");
            }
            let matched = operation.parameters.iter().flatten();
            if matched
                .into_iter()
                .any(|p| matches!(p, RefOr::T(p) if p.name == "If-Match"))
            {
                add(
                    operation,
                    "412",
                    "Someone else changed it since the version in If-Match.",
                );
            }
            if !operation
                .responses
                .responses
                .keys()
                .any(|s| s.starts_with('4'))
            {
                add(operation, "400", "The request is not well-formed.");
            }
            if changes {
                add(
                    operation,
                    "429",
                    "Too often; wait for `Retry-After` seconds.",
                );
            }
            add(operation, "500", "A fault of ours; quote `instance`.");
            add(
                operation,
                "503",
                "Busy, restarting or in a lockdown; repeat after `Retry-After` seconds.",
            );
        }
    }
}

fn add(operation: &mut Operation, status: &str, description: &str) {
    let content = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    let problem = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build();
    operation
        .responses
        .responses
        .entry(status.to_owned())
        .or_insert(RefOr::T(problem));
}
