//! Finding `initdb` and `postgres`. Debian keeps them out of `PATH`, so the usual places are searched as well.

use crate::StartError;
use crate::process::Runner;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest major version that the product supports.
const OLDEST: u32 = 14;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) dir: PathBuf,
    pub(crate) major: u32,
}

impl Binaries {
    pub(crate) fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }
}

/// The binaries for a data directory of major version `wanted`, or the newest ones for a directory still to be made.
/// `given` (`CARE_PG_BIN`) is the only place looked at when it is set.
pub(crate) fn find(
    given: Option<&Path>,
    wanted: Option<(u32, &Path)>,
    runner: &Runner,
) -> Result<Binaries, StartError> {
    let places = given.map_or_else(usual_places, |dir| vec![dir.to_path_buf()]);
    choose(&places, wanted, |postgres| version(postgres, runner))
}

fn choose(
    places: &[PathBuf],
    wanted: Option<(u32, &Path)>,
    major_of: impl Fn(&Path) -> Option<u32>,
) -> Result<Binaries, StartError> {
    let mut found: Vec<Binaries> = Vec::new();
    for place in places {
        // Through symbolic links: the same installation may be reached in several ways.
        let Some(dir) = real_dir(place) else { continue };
        if found.iter().any(|known| known.dir == dir) {
            continue;
        }
        if let Some(major) = major_of(&dir.join("postgres")) {
            found.push(Binaries { dir, major });
        }
    }
    // The first of equals wins: places are in order of preference.
    found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
    if let Some((wanted, data)) = wanted {
        let majors = found.iter().map(|binaries| binaries.major).collect();
        let mut fitting = found
            .into_iter()
            .filter(|binaries| binaries.major == wanted);
        return fitting.next().ok_or_else(|| StartError::WrongMajor {
            data: data.to_path_buf(),
            wanted,
            found: majors,
        });
    }
    match found.into_iter().next() {
        Some(newest) if newest.major < OLDEST => Err(StartError::TooOld {
            major: newest.major,
            bin: newest.dir,
        }),
        Some(newest) => Ok(newest),
        None => {
            let mut looked_in: Vec<String> = places
                .iter()
                .map(|place| place.display().to_string())
                .collect();
            looked_in.dedup();
            Err(StartError::NotFound { looked_in })
        }
    }
}

/// The directory that really holds both programs.
fn real_dir(place: &Path) -> Option<PathBuf> {
    let postgres = place.join("postgres").canonicalize().ok()?;
    let dir = postgres.parent()?.to_path_buf();
    (postgres.file_name() == Some(OsStr::new("postgres")) && dir.join("initdb").is_file())
        .then_some(dir)
}

fn usual_places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    places.retain(|place| place.is_absolute());
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output()
        && output.status.success()
    {
        places.push(PathBuf::from(
            String::from_utf8_lossy(&output.stdout).trim(),
        ));
    }
    // Debian and Ubuntu; PGDG packages on Fedora and RHEL; Homebrew on ARM and Intel; Postgres.app.
    for (parent, prefix, bin) in [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql", "bin"),
        ("/usr/local/opt", "postgresql", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ] {
        places.extend(
            versions_below(Path::new(parent), prefix)
                .into_iter()
                .map(|dir| dir.join(bin)),
        );
    }
    places.extend(
        [
            "/usr/local/pgsql/bin",
            "/usr/bin",
            "/usr/local/bin",
            "/opt/homebrew/bin",
        ]
        .map(PathBuf::from),
    );
    let mut seen = Vec::new();
    places.retain(|place| {
        !seen.contains(place) && {
            seen.push(place.clone());
            true
        }
    });
    // Only Debian's place is worth naming in a message when it is absent; the rest is noise.
    places.retain(|place| place.is_dir());
    if !places
        .iter()
        .any(|place| place.starts_with("/usr/lib/postgresql"))
    {
        places.push(PathBuf::from("/usr/lib/postgresql/*/bin"));
    }
    places
}

fn versions_below(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect()
}

/// Asked as the user that will run it, so that binaries which that user cannot execute are not chosen.
fn version(postgres: &Path, runner: &Runner) -> Option<u32> {
    let output = runner.command(postgres).arg("--version").output().ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → 15; `… 18beta2` → 18.
fn parse_version(text: &str) -> Option<u32> {
    let number = text.split_once("(PostgreSQL) ")?.1;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn installation(parent: &Path, name: &str) -> PathBuf {
        let dir = parent.join(name);
        std::fs::create_dir_all(&dir).unwrap();
        for program in ["initdb", "postgres"] {
            std::fs::write(dir.join(program), name).unwrap();
        }
        dir.canonicalize().unwrap()
    }

    fn folder(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("care-binaries-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        dir
    }

    /// The fake programs hold their own version as text.
    fn major_in_file(postgres: &Path) -> Option<u32> {
        std::fs::read_to_string(postgres).ok()?.parse().ok()
    }

    #[test]
    fn reads_the_major_version() {
        assert_eq!(
            parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta2"), Some(18));
        assert_eq!(parse_version("something else 12"), None);
    }

    #[test]
    fn a_new_directory_gets_the_newest_and_an_old_one_its_own() {
        let dir = folder("choice");
        let places = ["15", "18", "16"].map(|name| installation(&dir, name));
        let newest = choose(&places, None, major_in_file).unwrap();
        assert_eq!(
            (newest.major, newest.dir),
            (18, dir.canonicalize().unwrap().join("18"))
        );
        let data = Path::new("/data");
        assert_eq!(
            choose(&places, Some((15, data)), major_in_file)
                .unwrap()
                .major,
            15
        );
        let error = choose(&places, Some((13, data)), major_in_file)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("made by PostgreSQL 13, but only 18, 16, 15 is installed"),
            "{error}"
        );
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn says_where_it_looked_and_what_is_too_old() {
        let dir = folder("none");
        let error = choose(std::slice::from_ref(&dir), None, major_in_file)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&dir.display().to_string())
                && error.contains("apt-get install postgresql"),
            "{error}"
        );
        let places = [installation(&dir, "12")];
        let error = choose(&places, None, major_in_file)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("PostgreSQL 12 in ") && error.contains("too old"),
            "{error}"
        );
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_link_in_path_leads_to_the_real_directory() {
        let dir = folder("links");
        let real = installation(&dir, "17");
        let links = dir.join("links");
        std::fs::create_dir(&links).unwrap();
        for program in ["initdb", "postgres"] {
            std::os::unix::fs::symlink(real.join(program), links.join(program)).unwrap();
        }
        let found = choose(&[links, real.clone()], None, major_in_file).unwrap();
        assert_eq!(
            found,
            Binaries {
                dir: real,
                major: 17
            }
        );
        std::fs::remove_dir_all(dir).unwrap();
    }
}
