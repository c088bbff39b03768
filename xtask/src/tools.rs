//! What must be on the machine, and installing it where that is allowed.

use crate::{Outcome, repo, shell};
use std::path::Path;
use std::process::Command;

/// A Debian package and how to see that what it brings is there already, from wherever.
struct Package {
    name: &'static str,
    is_there: fn() -> bool,
}

/// For building and running the product.
const TO_RUN: [Package; 4] = [
    Package {
        name: "pkg-config",
        is_there: || shell::in_path("pkg-config").is_some(),
    },
    Package {
        name: "libpq-dev",
        is_there: || shell::succeeds("pkg-config", &["--exists", "libpq"]),
    },
    Package {
        name: "postgresql",
        is_there: has_postgres,
    },
    Package {
        name: "npm",
        is_there: || shell::in_path("npm").is_some(),
    },
];

/// Besides, for testing it.
const TO_TEST: [Package; 4] = [
    Package {
        name: "chromium-headless-shell",
        is_there: || {
            std::env::var_os("CHROMIUM").is_some()
                || shell::in_path("chromium-headless-shell").is_some()
        },
    },
    // Tamil needs a font with its letters.
    Package {
        name: "fonts-noto-core",
        is_there: || Path::new("/usr/share/fonts/truetype/noto").is_dir(),
    },
    Package {
        name: "python3-venv",
        is_there: || shell::succeeds("python3", &["-c", "import ensurepip, venv"]),
    },
    Package {
        name: "docker-compose",
        is_there: || shell::in_path("docker-compose").is_some(),
    },
];

/// Besides, for the benchmark; pgbench comes with the database.
const TO_BENCH: [Package; 1] = [Package {
    name: "wrk",
    is_there: || shell::in_path("wrk").is_some(),
}];

/// Packages that bring far more than is needed with their recommendations are installed without them.
const INSTALL: [&str; 3] = ["install", "-y", "--no-install-recommends"];

fn has_postgres() -> bool {
    let bin = std::env::var_os("CARE_PG_BIN").map(std::path::PathBuf::from);
    std::env::var_os("DATABASE_URL").is_some()
        || care_postgres::installed_major(bin.as_deref()).is_ok()
}

pub fn ensure_to_run() -> Outcome {
    ensure(&TO_RUN)
}

pub fn ensure_to_test() -> Outcome {
    ensure(&TO_RUN)?;
    ensure(&TO_TEST)
}

pub fn ensure_to_bench() -> Outcome {
    ensure(&TO_RUN)?;
    ensure(&TO_BENCH)
}

fn ensure(packages: &[Package]) -> Outcome {
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if shell::in_path("apt-get").is_none() {
        return Err(format!(
            "Missing on this machine: {names} (names of Debian packages). Install them with your package manager and run \
             this again."
        ));
    }
    let by_hand = format!("apt-get {} {names}", INSTALL.join(" "));
    let Some(root) = as_root() else {
        return Err(format!(
            "Missing on this machine: {names}. Install with this command, then run this again:\n  sudo {by_hand}"
        ));
    };
    shell::step(&format!("installing {names}"));
    let apt = |args: &[&str]| {
        let mut words =
            root.iter()
                .copied()
                .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        let mut command = Command::new(words.next().unwrap_or("env"));
        command.args(words).args(args);
        shell::run(&mut command)
    };
    let install: Vec<&str> = INSTALL
        .iter()
        .copied()
        .chain(missing.iter().copied())
        .collect();
    // A fresh machine has no package lists yet, an old one stale ones.
    if apt(&install).is_err() {
        apt(&["update"])?;
        apt(&install)?;
    }
    let still = self::missing(packages);
    if still.is_empty() {
        return Ok(());
    }
    Err(format!(
        "Installed, yet not usable: {}. See the output of apt-get above.",
        still.join(" ")
    ))
}

fn missing(packages: &[Package]) -> Vec<&'static str> {
    packages
        .iter()
        .filter(|package| !(package.is_there)())
        .map(|package| package.name)
        .collect()
}

/// How to run a command as root without a question: not at all, or through sudo.
fn as_root() -> Option<Vec<&'static str>> {
    if nix::unistd::geteuid().is_root() {
        return Some(Vec::new());
    }
    shell::succeeds("sudo", &["-n", "true"]).then(|| vec!["sudo", "-n"])
}

/// Fails early rather than in the middle of a build.
pub fn ensure_space(need_mb: u64) -> Outcome {
    let root = repo::root();
    let Ok(stat) = nix::sys::statvfs::statvfs(&root) else {
        return Ok(());
    };
    #[allow(
        clippy::useless_conversion,
        reason = "these types differ between platforms"
    )]
    let free_mb = u64::from(stat.blocks_available())
        .saturating_mul(u64::from(stat.fragment_size()))
        / (1024 * 1024);
    if free_mb < need_mb {
        return Err(format!(
            "Only {free_mb} MB are free at {}; building needs about {need_mb} MB. Free some space, or set CARGO_TARGET_DIR \
             to a directory on another disk.",
            root.display()
        ));
    }
    Ok(())
}
