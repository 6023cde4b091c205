//! Everything that a change must pass besides the tests.

mod arrows;
mod deny;
mod rules;
mod tidy;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::progress::{self, seconds};
use crate::run::Job;
use crate::{build, paths, sizes, tools};

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];
const EDGE: [&str; 2] = ["--package", "countersign-edge"];
const WIDGET: [&str; 2] = ["--package", "countersign-widget"];
const CONSOLE: [&str; 2] = ["--package", "countersign-console"];
/// Everything that is built for this machine; the edge is not.
const HOST: [&str; 3] = ["--workspace", "--exclude", "countersign-edge"];

type Check = (&'static str, fn() -> Result<()>);

/// The release build comes before tidy and sizes: both look at it.
const CHECKS: [Check; 14] = [
    ("format", || cargo(&["fmt", "--all", "--check"], &[])),
    ("clippy, this machine", || clippy(&[&HOST, &["--all-targets"]])),
    ("clippy, widget for wasm", || clippy(&[&WIDGET, &WASM])),
    ("clippy, console for wasm", || clippy(&[&CONSOLE, &WASM])),
    ("clippy, edge for wasm", || clippy(&[&EDGE, &WASM])),
    ("clippy, edge for wasm with `dev`", || clippy(&[&EDGE, &WASM, &["--features", "dev"]])),
    ("rustdoc, this machine", || rustdoc(&[&HOST])),
    ("rustdoc, edge for wasm", || rustdoc(&[&EDGE, &WASM])),
    ("arrows", arrows::check),
    ("deny", deny::check),
    ("TypeScript", typescript),
    ("release build", || progress::run(build::all(build::Flavour::Release))),
    ("tidy", tidy::check),
    ("sizes", measured),
];

/// `cargo xtask check`. All checks are carried out, whatever the ones before them found.
pub fn run() -> Result<bool> {
    let mut steps = tools::missing()?;
    steps.extend(tools::deny());
    progress::run(steps)?;
    let mut results = Vec::new();
    for (index, (name, check)) in CHECKS.iter().enumerate() {
        eprintln!("[{}/{}] {name} …", index + 1, CHECKS.len());
        let begun = Instant::now();
        let outcome = check();
        if let Err(error) = &outcome {
            eprintln!("✗ {name}: {error:#}\n");
        }
        results.push((name, outcome.is_ok(), seconds(begun.elapsed())));
    }
    let failed = results.iter().filter(|(_, pass, _)| !pass).count();
    for (name, pass, time) in &results {
        println!("{} {name:<36}{time:>14}", if *pass { "✓" } else { "✗" });
    }
    println!("check: {} passed, {failed} failed", results.len() - failed);
    Ok(failed == 0)
}

fn cargo(args: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    Job::cargo(format!("cargo {}", args.join(" "))).args(args).envs(variables).quiet().map(drop)
}

fn clippy(parts: &[&[&str]]) -> Result<()> {
    let args = [&["clippy", "--quiet"], parts.concat().as_slice(), &["--", "-D", "warnings"]].concat();
    cargo(&args, &[])
}

fn rustdoc(parts: &[&[&str]]) -> Result<()> {
    let args = [&["doc", "--quiet", "--no-deps"], parts.concat().as_slice()].concat();
    cargo(&args, &[("RUSTDOCFLAGS", "-D warnings")])
}

fn typescript() -> Result<()> {
    let job = Job::npm_bin("tsc of the loader", "tsc");
    if paths::at("widget/loader/tsconfig.json").is_file() {
        return job.args(["--noEmit", "--strict", "--project", "widget/loader"]).quiet().map(drop);
    }
    job.args(["--noEmit", "--strict", "--skipLibCheck", "--target", "es2020", "--lib", "es2020,dom,dom.iterable"])
        .arg("widget/loader/embed.ts")
        .quiet()?;
    // What runs inside the frame may use more of a browser than what runs on the owner's page.
    Job::npm_bin("tsc of the frame's own", "tsc")
        .args(["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--lib", "es2022,dom,dom.iterable"])
        .args(["--module", "es2022", "--moduleResolution", "bundler", "widget/more/more.ts", "widget/more/window.ts"])
        .quiet()?;
    Job::npm_bin("tsc of the preview's own", "tsc")
        .args(["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--lib", "es2023,dom,dom.iterable"])
        .args(["--module", "es2022", "--moduleResolution", "bundler", "console/preview/preview.ts"])
        .quiet()
        .map(drop)
}

fn measured() -> Result<()> {
    if sizes::run(false)? { Ok(()) } else { bail!("over budget") }
}
