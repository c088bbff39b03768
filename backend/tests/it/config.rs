//! Settings and their documentation.

use crate::harness::files;

#[test]
fn the_list_of_settings_is_current() {
    assert!(
        files::read("backend/CONFIG.md") == care::config::as_markdown(),
        "backend/CONFIG.md is old: cargo run -p care -- config > backend/CONFIG.md"
    );
}

/// A setting that nobody reads stops the server, in a container only when it is deployed.
#[test]
fn what_the_containers_set_exists() {
    let compose = files::read("docker-compose.yml");
    let keys = compose.lines().filter_map(|l| l.trim().split_once(": "));
    let dockerfile = files::read("Dockerfile");
    let server = dockerfile.rsplit("\nFROM ").next().unwrap();
    let pairs = server.split_whitespace().filter_map(|w| w.split_once('='));
    let names = keys.chain(pairs).map(|(name, _)| name);
    for name in names.filter(|n| n.starts_with("CARE_")) {
        let known = care::config::VARIABLES.iter().any(|(n, ..)| *n == name);
        assert!(known, "{name} is set for a container but is no setting");
    }
}
