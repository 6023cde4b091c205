//! The tools that the project is built with, each at a pinned version, brought once into git-ignored folders.
//!
//! Every check costs milliseconds when there is nothing to do.

mod cargo_tools;
mod chromium;
mod node;
mod schemathesis;

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

pub use cargo_tools::deny;
pub use chromium::chromium;
pub use node::search_path;
pub use schemathesis::schemathesis;

use crate::paths;
use crate::progress::Step;
use crate::run::Job;

const WASM: &str = "wasm32-unknown-unknown";

/// What is missing for building the three artefacts, as steps.
pub fn missing() -> Result<Vec<Step<'static>>> {
    let mut steps = Vec::new();
    if !has_wasm_target()? {
        steps.push(Step::new(format!("Rust target {WASM}"), add_wasm_target).expect("some seconds, once"));
    }
    if !has_library_source()? {
        steps.push(Step::new("source of Rust's standard library", add_library_source).expect("some seconds, once"));
    }
    if node::packages_differ()? {
        steps.push(
            Step::new("npm packages", node::install_packages).expect("about 20 s, when package-lock.json changed"),
        );
    }
    steps.extend(cargo_tools::missing()?);
    Ok(steps)
}

/// The version of a package in `Cargo.lock`.
pub fn locked_version(package: &str) -> Result<String> {
    let lock = fs::read_to_string(paths::at("Cargo.lock")).context("cannot read Cargo.lock")?;
    let entry = format!("name = \"{package}\"\nversion = \"");
    let version = lock.split(&entry).nth(1).and_then(|rest| rest.split('"').next());
    Ok(version.with_context(|| format!("Cargo.lock has no `{package}`"))?.to_owned())
}

/// What the compiler says about itself: builds by another one are other builds.
pub fn rustc_version() -> Result<String> {
    Ok(Job::new("rustc", "rustc").args(["--version", "--verbose"]).quiet()?.stdout)
}

fn has_wasm_target() -> Result<bool> {
    let dir = Job::new("rustc", "rustc").args(["--print", "target-libdir", "--target", WASM]).quiet()?.stdout;
    Ok(std::path::Path::new(dir.trim()).is_dir())
}

/// The widget is built with a standard library of its own.
fn has_library_source() -> Result<bool> {
    let dir = Job::new("rustc", "rustc").args(["--print", "sysroot"]).quiet()?.stdout;
    Ok(std::path::Path::new(dir.trim()).join("lib/rustlib/src/rust/library/Cargo.lock").is_file())
}

fn add_wasm_target() -> Result<()> {
    rustup(&["target", "add", WASM])
}

fn add_library_source() -> Result<()> {
    rustup(&["component", "add", "rust-src"])
}

fn rustup(args: &[&str]) -> Result<()> {
    if !exists("rustup") {
        bail!("there is no rustup to run `rustup {}`; see https://rustup.rs", args.join(" "));
    }
    Job::new("rustup", "rustup").args(args).quiet().map(drop)
}

/// Whether a program can be started at all.
fn exists(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}
