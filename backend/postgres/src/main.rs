//! `care-postgres [DIR]`: runs a cluster until its standard input ends. Without a directory the cluster is a throwaway.
//! Prints the database URL and the postmaster's process id.

use care_postgres::{Cluster, Options};
use std::io::Read;
use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match std::env::args_os().nth(1) {
        Some(root) => {
            let mut options = Options::new(root);
            options.bin = std::env::var_os("CARE_PG_BIN").map(Into::into);
            Cluster::start(options)
        }
        None => Cluster::throwaway(),
    };
    match outcome {
        Ok(cluster) => {
            println!(
                "{}\n{}",
                cluster.url("care"),
                cluster.postmaster_pid().unwrap_or_default()
            );
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            cluster.stop();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
