//! The console: its WebAssembly, the glue and the style.

use anyhow::Result;

use super::widget::{FEATURES, STANDARD_LIBRARY};
use crate::build::inputs;
use crate::progress::{Done, Step};
use crate::run::Job;
use crate::{paths, stamp};

/// Where the finished module lies.
pub const WASM: &str = "target/console/console.wasm";
/// The page's script.
pub const ENTRY: &str = "target/console/entry.js";
/// The page's style.
pub const STYLE: &str = "target/console/console.css";
/// Where wasm-bindgen writes, and where `console/entry.js` finds the glue.
const OUT: &str = "target/console";

/// Builds all three.
pub fn step() -> Step<'static> {
    Step::maybe("console", build).expect("about 2 min after a change")
}

fn build() -> Result<Done> {
    let sources = ["console/Cargo.toml", "console/src", "console/entry.js", "console/style", "shared"];
    let inputs = inputs()?.paths(&sources)?.finish();
    let outputs = [paths::at(WASM), paths::at(ENTRY), paths::at(STYLE)];
    if stamp::holds("console", &inputs, &outputs) {
        return Ok(Done::Unchanged);
    }
    Job::cargo("cargo build of the console")
        .args(["build", "--lib", "--package", "countersign-console"])
        .args(["--target", "wasm32-unknown-unknown", "--profile", "widget"])
        .args(STANDARD_LIBRARY)
        .env("RUSTC_BOOTSTRAP", "1")
        .stream()?;
    Job::new("wasm-bindgen of the console", paths::cargo_bin("wasm-bindgen"))
        .arg(paths::target().join("wasm32-unknown-unknown/widget/console.wasm"))
        .args(["--target", "web", "--no-typescript", "--omit-default-module-path"])
        .args(["--remove-name-section", "--remove-producers-section", "--out-name", "console", "--out-dir", OUT])
        .quiet()?;
    Job::npm_bin("wasm-opt of the console", "wasm-opt")
        .args(["target/console/console_bg.wasm", "-o", WASM])
        .args(FEATURES.map(|feature| format!("--enable-{feature}")))
        .args(["-Oz", "--strip-target-features"])
        .quiet()?;
    let esbuild = |what: &str| {
        let job = Job::npm_bin(format!("esbuild of {what}"), "esbuild");
        job.args(["--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning"])
    };
    esbuild("the console's entry")
        .args(["console/entry.js", "--format=esm", "--target=es2022"])
        .arg(format!("--outfile={ENTRY}"))
        .quiet()?;
    esbuild("the console's style")
        .args(["console/style/console.css", "--target=es2022"])
        .arg(format!("--outfile={STYLE}"))
        .quiet()?;
    stamp::set("console", &inputs, &outputs)?;
    Ok(Done::Worked)
}
