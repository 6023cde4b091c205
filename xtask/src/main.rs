//! Every command of the repository: `cargo xtask <command>`.
//!
//! What a command finds goes to stdout; progress and the output of children go to stderr.

mod build;
mod check;
mod claim;
mod deploy;
mod dev;
mod figure;
mod paths;
mod progress;
mod run;
mod sizes;
mod stamp;
mod stop;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <command>

  dev [--port N]               build all, start the edge and a demo shop on this machine
  test [domain|wire|edge|browser]
                               run one tier of tests, or all in that order
  check                        everything that a change must pass besides the tests
  sizes [--json]               release build; bytes of every artefact beside its budget
  build [--release]            build the three artefacts, nothing else
  figure NAME [--json]         take one figure and judge it by its bar
  figures                      list the figures
  deploy [--dry-run] [--origin URL] [--mail-from SENDER]
                               release build, database, secrets, upload to Cloudflare
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = stop::prepare().and_then(|()| dispatch(&args));
    stop::wait_if_ending();
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a command; `false` says that it ran and what it judged did not pass.
fn dispatch(args: &[String]) -> Result<bool> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["dev"] => dev::run(dev::PORT),
        ["dev", "--port", port] => match port.parse() {
            Ok(port) => dev::run(port),
            Err(_) => bail!("--port wants a number below 65535, not `{port}`"),
        },
        ["test"] => Ok(test::run(&test::Tier::ALL)),
        ["test", tier] => Ok(test::run(&[test::Tier::parse(tier)?])),
        ["check"] => check::run(),
        ["build"] => build::run(build::Flavour::Dev),
        ["build", "--release"] => build::run(build::Flavour::Release),
        ["sizes"] => sizes::run(false),
        ["sizes", "--json"] => sizes::run(true),
        ["figures"] => {
            figure::list();
            Ok(true)
        }
        ["figure", name] | ["figure", name, "--json"] | ["figure", "--json", name] => figure::run(name),
        ["deploy", options @ ..] => deploy::run(&deploy::Options::parse(options)?),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(true)
        }
        unknown => bail!("there is no `{}`\n\n{HELP}", unknown.join(" ")),
    }
}
