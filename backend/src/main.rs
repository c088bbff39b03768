//! The command line: picks a command, reads the configuration, reports failures in a line each.

use std::process::ExitCode;

use care::{commands, config::Config};

const USAGE: &str = "\
care                     serve (the default)
care serve               migrate, then serve API, documentation and SPA
care migrate             bring the database's schema up to date and stop
care create-admin --name NAME --email EMAIL
                         make an admin; the password is read from standard input
care lockdown start|end --reason TEXT
                         end all sessions and pause sign-ins and changes, or go on
care openapi [--write FILE]
                         print the OpenAPI document, or write it
care config              print every setting with its default (Markdown)
care healthcheck         ask the running server whether it is ready

Settings come from the environment; backend/CONFIG.md lists them.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        [] | ["serve"] => configured(commands::serve),
        ["migrate"] => configured(commands::migrate),
        ["create-admin", rest @ ..] => configured(|config| commands::create_admin(config, rest)),
        ["lockdown", rest @ ..] => configured(|config| commands::lockdown(config, rest)),
        ["openapi", rest @ ..] => commands::openapi(rest),
        ["config"] => {
            print!("{}", care::config::as_markdown());
            Ok(())
        }
        ["healthcheck"] => configured(commands::healthcheck),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("unknown command\n\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => {
            eprintln!("care: {line}");
            ExitCode::FAILURE
        }
    }
}

fn configured(run: impl FnOnce(Config) -> Result<(), String>) -> Result<(), String> {
    run(Config::from_env().map_err(|mistakes| format!("settings:\n  {}", mistakes.join("\n  ")))?)
}
