//! The repository's own files, for the tests about its shape.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// A source file: its path from the repository's top, and its text.
pub struct File {
    pub path: String,
    pub text: String,
}

/// All Rust files below a folder, by path.
pub fn rust(folder: &str) -> Vec<File> {
    walk(folder, &|name| name.ends_with(".rs"))
}

/// What is deployed, configured or read: containers, settings, scripts and documents, by path.
pub fn others() -> Vec<File> {
    const ENDS: [&str; 11] = [
        "Dockerfile",
        ".yml",
        ".yaml",
        ".toml",
        ".env",
        ".conf",
        ".sh",
        ".md",
        ".json",
        ".service",
        ".example",
    ];
    walk("", &|name| ENDS.iter().any(|end| name.ends_with(end)))
}

/// The files below a folder whose names are wanted. Neither what was built nor what was fetched.
fn walk(folder: &str, wanted: &dyn Fn(&str) -> bool) -> Vec<File> {
    const MADE: [&str; 6] = [
        "target",
        "node_modules",
        ".git",
        "build",
        ".svelte-kit",
        "test-results",
    ];
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !MADE.iter().any(|made| path.ends_with(made)) {
                    folders.push(path);
                }
            } else if wanted(path.to_str().unwrap()) {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
                found.push(File {
                    path: name.to_owned(),
                    text: read(name),
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// A folder of one's own, deleted with this value. Everybody may enter it: as root, PostgreSQL is another user.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(what: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("care-it-{}-{number}-{what}", std::process::id());
        let path = care_postgres::scratch_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
