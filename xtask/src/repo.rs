//! Where things are.

use std::path::{Path, PathBuf};

/// The top of the checkout.
pub fn root() -> PathBuf {
    // Set by cargo for the running program; the compiled-in value would be wrong after the checkout was moved.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from("xtask"), PathBuf::from);
    manifest
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

pub fn frontend() -> PathBuf {
    root().join("frontend")
}

/// The built single-page app.
pub fn spa() -> PathBuf {
    frontend().join("build")
}

/// The API description, held against the handlers by `cargo xtask test openapi`.
pub fn openapi() -> PathBuf {
    root().join("openapi/openapi.json")
}

/// Tools of these chores that are not part of the product: the API linter, an identity provider and the Python ones.
pub fn tools() -> PathBuf {
    root().join("xtask/tools")
}

/// Cargo's target directory.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from) {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The server's program of a build profile (`debug`, `release`).
pub fn care(profile: &str) -> PathBuf {
    target().join(profile).join("care")
}
