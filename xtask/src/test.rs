//! `cargo xtask test`: every check of the project. What builds goes first, one part after the other; three workers then share
//! the rest, because a browser waits half of the time. No part stops the rest; the end says what failed and how long each
//! took. The SPA's type check and linters keep their verdict while nothing that they read changes, as clippy does; every test
//! is run every time.

mod containers;
mod contract;
mod leak;
mod log;
mod parts;
mod provider;

use log::Log;

use crate::{Outcome, repo, shell, tools};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A part of the whole: its name, what it checks, when, and how.
struct Part {
    name: &'static str,
    what: &'static str,
    when: When,
    run: fn(&mut Log) -> Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// Alone, in order.
    First,
    /// One after the other, beside what is shared: they generate the same files.
    InTurn,
    /// By whichever worker is free, in order: the longest come first.
    Shared,
}

pub fn main(args: &[String]) -> Outcome {
    if args == ["--list"] {
        for part in &parts::PARTS {
            println!("{:<11} {}", part.name, part.what);
        }
        return Ok(());
    }
    let start = Instant::now();
    let chosen = choose(args)?;
    tools::ensure_to_test()?;
    tools::ensure_space(2048)?;
    let those = |when| chosen.iter().copied().filter(move |part| part.when == when);
    let mut results = those(When::First)
        .map(finish)
        .collect::<Outcome<Vec<_>>>()?;
    let shared = Mutex::new(those(When::Shared));
    let next = || shared.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = |own: Vec<&'static Part>| {
        let parts = own.into_iter().chain(std::iter::from_fn(next));
        parts.map(finish).collect::<Outcome<Vec<_>>>()
    };
    let workers = std::thread::scope(|scope| {
        [those(When::InTurn).collect(), vec![], vec![]]
            .map(|own| scope.spawn(move || work(own)))
            .map(|worker| {
                let done = worker.join();
                done.unwrap_or_else(|_| Err("A worker of the tests panicked.".to_owned()))
            })
    });
    for results_of in workers {
        results.extend(results_of?);
    }
    let took = start.elapsed().as_secs_f64();
    print!("{}", summary(&results, took));
    if results.iter().all(|result| result.passed) {
        return Ok(());
    }
    // Everything is said already.
    Err(String::new())
}

fn finish(part: &Part) -> Outcome<Finished> {
    shell::step(&format!("{:<11} {}", part.name, part.what));
    let start = Instant::now();
    let mut log = Log::create(&repo::target().join("test-logs"), part.name)?;
    let outcome = (part.run)(&mut log).and_then(|()| log.keeps_secrets());
    let seconds = start.elapsed().as_secs_f64();
    if let Err(message) = &outcome {
        log.show_tail(message);
    }
    Ok(Finished {
        name: part.name,
        passed: outcome.is_ok(),
        unchanged: log.unchanged,
        seconds,
    })
}

struct Finished {
    name: &'static str,
    passed: bool,
    unchanged: bool,
    seconds: f64,
}

fn choose(names: &[String]) -> Outcome<Vec<&'static Part>> {
    if names.is_empty() {
        return Ok(parts::PARTS.iter().collect());
    }
    let find = |name: &String| {
        parts::PARTS
            .iter()
            .find(|part| part.name == name)
            .ok_or_else(|| {
                let all: Vec<&str> = parts::PARTS.iter().map(|part| part.name).collect();
                format!("There is no part {name:?}. These exist: {}", all.join(" "))
            })
    };
    names.iter().map(find).collect()
}

fn summary(results: &[Finished], took: f64) -> String {
    let mut text = String::from("\n");
    for result in results {
        let verdict = if result.passed { "passed" } else { "FAILED" };
        let when = if result.unchanged {
            "  before; nothing it reads has changed"
        } else {
            ""
        };
        text.push_str(&format!(
            "  {:<11} {verdict} {:>7.1} s{when}\n",
            result.name, result.seconds
        ));
    }
    text.push_str(&format!("  {:<11}        {took:>7.1} s\n", "together"));
    let failed: Vec<&str> = results
        .iter()
        .filter(|result| !result.passed)
        .map(|result| result.name)
        .collect();
    if !failed.is_empty() {
        text.push_str(&format!(
            "\nFailed: {} (logs in target/test-logs)\n",
            failed.join(", ")
        ));
    }
    text.push_str(&format!(
        "\n{} passed, {} failed\n",
        results.len() - failed.len(),
        failed.len()
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names_of_their_own_and_unknown_ones_are_refused() {
        let all = choose(&[]).unwrap_or_default();
        let mut names: Vec<&str> = all.iter().map(|part| part.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
        assert!(choose(&["fmt".into()]).is_ok_and(|parts| parts.len() == 1));
        assert!(
            choose(&["nonsense".into()]).is_err_and(|message| message.contains("These exist: "))
        );
    }

    #[test]
    fn the_last_line_counts_parts() {
        let result = |name, passed| Finished {
            name,
            passed,
            unchanged: name == "lint",
            seconds: 1.0,
        };
        let text = summary(
            &[
                result("fmt", true),
                result("rust", false),
                result("lint", true),
            ],
            3.0,
        );
        assert!(text.ends_with("\n2 passed, 1 failed\n"), "{text}");
        assert!(text.contains("Failed: rust "), "{text}");
        assert!(text.contains(" s  before; nothing it reads has changed\n\u{20}\u{20}together"));
    }
}
