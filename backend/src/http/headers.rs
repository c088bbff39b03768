//! Response headers that protect the browser, set once for everything.

use actix_web::middleware::DefaultHeaders;

/// The SPA's own scripts, styles, fonts and images; connections to itself (and the API's origin); no frames, no plugins.
/// `style-src 'unsafe-inline'` is for the style attributes that positioned popups set. The script hash list is added by
/// [`super::spa`], which knows the page.
pub fn content_security_policy(script_hashes: &str, api_origin: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self'{script_hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'{api_origin}; worker-src 'self'; manifest-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// Headers of every response.
pub fn security(https: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        // Answers are private unless a handler says otherwise.
        .add(("Cache-Control", "no-store"))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("X-Frame-Options", "DENY"))
        .add(("Referrer-Policy", "same-origin"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add((
            "Permissions-Policy",
            "camera=(), geolocation=(), microphone=(), payment=()",
        ))
        .add((
            "Content-Security-Policy",
            "default-src 'none'; frame-ancestors 'none'",
        ));
    if https {
        headers.add((
            "Strict-Transport-Security",
            "max-age=31536000; includeSubDomains",
        ))
    } else {
        headers
    }
}
