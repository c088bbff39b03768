//! The project's chores; `cargo xtask` lists them.
//!
//! Every failure ends as one line of cause and remedy on standard error and exit code 1.

mod bench;
mod client;
mod frontend;
mod http;
mod python;
mod repo;
mod run;
mod server;
mod shell;
mod stamp;
mod test;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask run [--port N]      build everything and serve it in demo mode on one port
cargo xtask test [PART…]        run every check, or only the named ones (--list names them)
cargo xtask bench [--help]      a million tickets, measured as ratios to PostgreSQL's own rate
cargo xtask client              write openapi/openapi.json and the SPA's API client anew
";

/// What went wrong and what to do about it, in words for the person at the terminal.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    let outcome = match command {
        "run" => run::main(rest),
        "announce" => run::announce(rest),
        "test" => test::main(rest),
        "client" => client::main(rest),
        "bench" => bench::main(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("There is no chore {other:?}. These exist:\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            if !message.is_empty() {
                eprintln!("{message}");
            }
            ExitCode::FAILURE
        }
    }
}
