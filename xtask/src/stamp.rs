//! Doing a slow step again only when its inputs changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A fingerprint of the contents of files and folders. Folders are walked, except for the names in `skip`.
pub fn fingerprint(inputs: &[PathBuf], skip: &[&str]) -> String {
    let mut files = Vec::new();
    for input in inputs {
        walk(input, skip, &mut files);
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file).unwrap_or_default().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

fn walk(path: &Path, skip: &[&str], files: &mut Vec<PathBuf>) {
    if path
        .file_name()
        .is_some_and(|name| skip.iter().any(|skipped| *skipped == name))
    {
        return;
    }
    let Ok(entries) = fs::read_dir(path) else {
        if path.is_file() {
            files.push(path.to_path_buf());
        }
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        walk(&entry.path(), skip, files);
    }
}

pub fn is_current(stamp: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text.trim() == fingerprint)
}

/// A stamp that cannot be written only costs time at the next run.
pub fn write(stamp: &Path, fingerprint: &str) {
    if let Some(parent) = stamp.parent() {
        let _ = fs::create_dir_all(parent);
    }
    let _ = fs::write(stamp, fingerprint);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_and_names_count_and_skipped_folders_do_not() -> std::io::Result<()> {
        let dir = std::env::temp_dir().join(format!("care-stamp-{}", std::process::id()));
        fs::create_dir_all(dir.join("src"))?;
        fs::create_dir_all(dir.join("build"))?;
        fs::write(dir.join("src/a"), "one")?;
        let now = || fingerprint(std::slice::from_ref(&dir), &["build"]);
        let first = now();
        fs::write(dir.join("build/out"), "x")?;
        assert_eq!(now(), first);
        fs::write(dir.join("src/a"), "two")?;
        let second = now();
        assert_ne!(second, first);
        fs::rename(dir.join("src/a"), dir.join("src/b"))?;
        assert_ne!(now(), second);
        let stamp = dir.join("build/stamp");
        assert!(!is_current(&stamp, &second));
        write(&stamp, &second);
        assert!(is_current(&stamp, &second));
        fs::remove_dir_all(dir)
    }
}
