//! `cargo run --release -p fuzz --example fuzz -- [--seconds N] [--seed S] [TARGET ..]`

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use fuzz::{TARGETS, Target, run};

/// Damages good files and gives them to every loader: none may panic, hang, or take much memory.
#[derive(Debug, Parser)]
struct Arguments {
    /// Which loaders [default: all]
    targets: Vec<String>,
    /// For how long, each
    #[arg(long, value_name = "N", default_value_t = 30)]
    seconds: u64,
    /// Seed of the damages
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Only this case, whose files then stay in the folder that is printed
    #[arg(long, value_name = "N")]
    case: Option<u64>,
    /// Print the names of the loaders
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        return ExitCode::SUCCESS;
    }
    if let Some(unknown) =
        arguments.targets.iter().find(|name| TARGETS.iter().all(|target| target.name != **name))
    {
        eprintln!("fuzz: there is no loader {unknown}; --list lists them");
        return ExitCode::from(2);
    }
    let chosen = |target: &&Target| {
        arguments.targets.is_empty() || arguments.targets.iter().any(|name| name == target.name)
    };
    // A panic is a fault that is told with its case; its backtrace is not.
    std::panic::set_hook(Box::new(|_| ()));
    let mut faults = 0;
    for target in TARGETS.iter().filter(chosen) {
        if let Some(case) = arguments.case {
            let folder = PathBuf::from(format!("fuzz-{}-{}-{case}", target.name, arguments.seed));
            println!("{}: {:?}", folder.display(), run(target, arguments.seed, case, &folder));
            continue;
        }
        let end = Instant::now() + Duration::from_secs(arguments.seconds);
        let mut case = 0;
        while Instant::now() < end {
            let folder = tempfile::tempdir().expect("a folder for a case");
            if let Some(fault) = run(target, arguments.seed, case, folder.path()) {
                faults += 1;
                let again = format!("--seed {} --case {case} {}", arguments.seed, target.name);
                println!("{}: {}: {} ({again})", fault.target, fault.file, fault.what);
            }
            case += 1;
        }
        println!("{}: {case} cases", target.name);
    }
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
