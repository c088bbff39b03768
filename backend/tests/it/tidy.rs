//! The shape of the source: what each room of a feature knows, and rules no compiler holds.

use crate::harness::files::{self, File};

const MAX_LINES: usize = 500;

/// A room, and the words its code may not hold: the table in backend/ARCHITECTURE.md.
const ROOMS: &[(&str, &[&str])] = &[
    ("routes", &["diesel", "schema::", "PgConnection", "Role::"]),
    (
        "wire",
        &["diesel", "crate::db::Db", "actix_web", "PgConnection"],
    ),
    (
        "actions",
        &[
            "actix_web",
            "lettre",
            ".transaction(",
            ".write(",
            "Serialize",
        ],
    ),
    ("policy", &["PgConnection", "clock::", "actix_web"]),
    (
        "queries",
        &["serde::", "actix_web", "policy::allows", "emit("],
    ),
    ("model", &["Serialize", "PgConnection", "actix_web"]),
];

/// Layers know no feature. `auth` is the layer of that name: who is asking; its rooms are a feature like any other.
const LAYERS: &[&str] = &["db", "http", "jobs", "mail"];

/// The code without comments, strings stay.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
    lines.map(|l| format!("{l}\n")).collect()
}

fn sources() -> Vec<File> {
    let mut all = files::rust("backend");
    all.extend(files::rust("xtask"));
    all
}

/// The folders of `backend/src` that have rooms.
fn features() -> Vec<String> {
    let all = files::rust("backend/src");
    let rooms = all.iter().filter_map(|f| f.path.strip_suffix("/routes.rs"));
    let names = rooms.map(|f| f.strip_prefix("backend/src/").unwrap().to_owned());
    names.collect()
}

#[test]
fn each_room_knows_only_what_it_may() {
    let mut wrong = Vec::new();
    for file in files::rust("backend/src") {
        let code = code(&file.text);
        let room = file
            .path
            .rsplit('/')
            .next()
            .unwrap()
            .trim_end_matches(".rs");
        let words = ROOMS.iter().find(|(name, _)| *name == room);
        for word in words.into_iter().flat_map(|(_, words)| *words) {
            if code.contains(word) {
                wrong.push(format!("{}: {word}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn layers_know_no_feature() {
    let features = features();
    let mut wrong = Vec::new();
    for file in files::rust("backend/src") {
        let folder = file.path.split('/').nth(2).unwrap();
        if !LAYERS.contains(&folder) {
            continue;
        }
        let code = code(&file.text);
        for feature in features
            .iter()
            .filter(|f| !LAYERS.contains(&f.as_str()) && *f != "auth")
        {
            if code.contains(&format!("crate::{feature}")) {
                wrong.push(format!("{} uses {feature}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn features_meet_only_at_their_front_doors() {
    let mut wrong = Vec::new();
    for file in files::rust("backend/src") {
        let own = file.path.split('/').nth(2).unwrap();
        let code = code(&file.text);
        for feature in features().iter().filter(|f| *f != own) {
            // What a thing is may be known; who asks how it is stored or changed goes through the door.
            for (room, _) in ROOMS.iter().filter(|(room, _)| *room != "model") {
                if code.contains(&format!("{feature}::{room}::")) {
                    wrong.push(format!("{} reaches into {feature}::{room}", file.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_stay_short() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|f| !f.path.ends_with("db/schema.rs"))
        .map(|f| (f.path, f.text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines: {long:?}");
}

#[test]
fn nothing_is_left_for_later() {
    // Written apart, so that this file does not find itself.
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["#[ig", "nore"],
        ["unimple", "mented!"],
    ]
    .map(|w| w.concat());
    let mut wrong = Vec::new();
    for file in sources() {
        for word in words.iter().filter(|w| file.text.contains(*w)) {
            wrong.push(format!("{}: {word}", file.path));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A test that waits for time to pass is slow when it works and wrong when the machine is busy: wait for the thing.
#[test]
fn tests_never_wait_for_time_to_pass() {
    let word = ["sle", "ep("].concat();
    let tests = files::rust("backend/tests/it");
    // The chaos test is about time passing; the harness polls for what another process does.
    let tests = tests
        .iter()
        .filter(|f| !f.path.contains("/chaos/") && !f.path.contains("/harness/"));
    let sleepy: Vec<_> = tests
        .filter(|f| f.text.contains(&word))
        .map(|f| &f.path)
        .collect();
    assert!(sleepy.is_empty(), "{sleepy:?}");
}

/// An invariant is as good as the test that holds it.
#[test]
fn the_tests_that_the_architecture_names_exist() {
    let tests = files::rust("backend/tests/it");
    let areas: Vec<&str> = tests
        .iter()
        .filter_map(|f| {
            f.path
                .strip_prefix("backend/tests/it/")?
                .split(['/', '.'])
                .next()
        })
        .collect();
    let text = files::read("backend/ARCHITECTURE.md");
    let mut named = 0;
    let mut gone = Vec::new();
    let all = files::rust("backend").into_iter().map(|f| f.text + &f.path);
    let all: String = all.collect();
    for name in text.split('`').skip(1).step_by(2) {
        let mut parts = name.split("::");
        if !name.contains("::") || !areas.contains(&parts.next().unwrap()) {
            continue;
        }
        let last = parts.last().unwrap();
        named += 1;
        let as_item = [
            format!("fn {last}("),
            format!("mod {last};"),
            format!("/{last}.rs"),
        ];
        if !as_item.iter().any(|item| all.contains(item.as_str())) {
            gone.push(name);
        }
    }
    assert!(named > 10 && gone.is_empty(), "{gone:#?}");
}

/// H09: what is asked for with GET changes nothing.
#[test]
fn h09_reading_changes_nothing() {
    let mut readers = 0;
    for file in files::rust("backend/src") {
        for handler in file.text.split("\n#[get(").skip(1) {
            let body = handler.split("\n}\n").next().unwrap();
            readers += 1;
            assert!(!body.contains(".write("), "{}: {body}", file.path);
        }
    }
    assert!(readers > 20, "{readers}");
}

/// The rows of the security standard that are due, in backend/SECURITY_TESTS.md.
const DUE: [&str; 22] = [
    "A02", "A03", "A04", "A06", "A07", "A09", "A10", "A11", "A12", "B02", "B03", "B04", "B05",
    "B06", "B07", "B08", "C01", "C03", "D05", "D06", "H09", "N02",
];

/// Each row has tests that exist, or a sentence why there is none.
#[test]
fn every_row_of_the_security_table_has_its_tests() {
    let sources = files::rust("backend");
    let text = files::read("backend/SECURITY_TESTS.md");
    let mut gone = Vec::new();
    let mut rows = std::collections::BTreeMap::new();
    for line in text.lines().filter(|l| l.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, _, held] = cells[..] else {
            panic!("three cells: {line}");
        };
        let names: Vec<&str> = held.split('`').skip(1).step_by(2).collect();
        for name in &names {
            let found = match name.split_once("::") {
                // A file outside, a test of the SPA for example.
                None => files::root().join(name).is_file(),
                Some(_) => {
                    let mut parts: Vec<&str> = name.split("::").collect();
                    let test = format!("fn {}(", parts.pop().unwrap());
                    let place = format!("/{}", parts.join("/"));
                    sources.iter().any(|f| {
                        let path = f.path.trim_end_matches("/mod.rs").trim_end_matches(".rs");
                        path.ends_with(&place) && f.text.contains(&test)
                    })
                }
            };
            if !found {
                gone.push(format!("{id}: {name}"));
            }
        }
        let says = !names.is_empty() || held.len() > 40;
        *rows.entry(id).or_insert(false) |= says;
    }
    assert!(gone.is_empty(), "{gone:#?}");
    for id in DUE {
        assert!(
            rows.get(id) == Some(&true),
            "{id} has neither test nor sentence"
        );
    }
}
