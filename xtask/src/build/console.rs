//! The console: its WebAssembly, the glue and the style. For development as the compiler leaves it, in seconds after a change;
//! for release as small as the widget's recipe makes it.

use anyhow::Result;

use super::widget::{FEATURES, SHORTEN, SHRINK, STANDARD_LIBRARY};
use crate::build::{Flavour, inputs};
use crate::progress::{Done, Step};
use crate::run::Job;
use crate::{paths, stamp};

/// What wasm-bindgen writes in the folder, and where `console/entry.js` finds the glue.
const GLUE: &str = "console.js";
const MODULE: &str = "console_bg.wasm";

/// The folder that a build writes.
fn folder(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::Dev => "target/console-dev",
        Flavour::Release => "target/console",
    }
}

/// Where the finished module lies.
pub fn wasm(flavour: Flavour) -> String {
    format!("{}/console.wasm", folder(flavour))
}

/// The page's script.
pub fn entry(flavour: Flavour) -> String {
    format!("{}/entry.js", folder(flavour))
}

/// The page's style.
pub fn style(flavour: Flavour) -> String {
    format!("{}/console.css", folder(flavour))
}

/// Builds all three.
pub fn step(flavour: Flavour) -> Step<'static> {
    let (name, time) = match flavour {
        Flavour::Dev => ("console for development", "1 to 2 min the first time"),
        Flavour::Release => ("console for release", "about 3 min after a change"),
    };
    Step::maybe(name, move || build(flavour)).expect(time)
}

fn build(flavour: Flavour) -> Result<Done> {
    let sources = ["console/Cargo.toml", "console/src", "console/entry.js", "console/style", SHORTEN, "shared"];
    let inputs = inputs()?.paths(&sources)?.finish();
    let outputs = [wasm(flavour), entry(flavour), style(flavour)].map(|file| paths::at(&file));
    let stamped = folder(flavour).trim_start_matches("target/");
    if stamp::holds(stamped, &inputs, &outputs) {
        return Ok(Done::Unchanged);
    }
    let profile = match flavour {
        Flavour::Dev => "quick",
        Flavour::Release => "widget",
    };
    let compile = Job::cargo("cargo build of the console")
        .args(["build", "--lib", "--package", "countersign-console"])
        .args(["--target", "wasm32-unknown-unknown", "--profile", profile]);
    match flavour {
        Flavour::Dev => compile,
        Flavour::Release => compile.args(STANDARD_LIBRARY).env("RUSTC_BOOTSTRAP", "1"),
    }
    .stream()?;
    Job::new("wasm-bindgen of the console", paths::cargo_bin("wasm-bindgen"))
        .arg(paths::target().join(format!("wasm32-unknown-unknown/{profile}/console.wasm")))
        .args(["--target", "web", "--no-typescript", "--omit-default-module-path"])
        .args(["--remove-name-section", "--remove-producers-section"])
        .args(["--out-name", "console", "--out-dir", folder(flavour)])
        .quiet()?;
    let [module, glue] = [MODULE, GLUE].map(|file| format!("{}/{file}", folder(flavour)));
    Job::new("the shorter names of the console", "node").args([SHORTEN, &module, &glue, &module, &glue]).quiet()?;
    match flavour {
        Flavour::Dev => std::fs::rename(paths::at(&module), paths::at(&wasm(flavour)))?,
        Flavour::Release => {
            Job::npm_bin("wasm-opt of the console", "wasm-opt")
                .args([module.as_str(), "-o", &wasm(flavour)])
                .args(FEATURES.map(|feature| format!("--enable-{feature}")))
                .args(SHRINK)
                .quiet()?;
        }
    }
    let esbuild = |what: &str| {
        let job = Job::npm_bin(format!("esbuild of {what}"), "esbuild");
        job.args(["--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning"])
    };
    esbuild("the console's entry")
        .args(["console/entry.js", "--format=esm", "--target=es2022"])
        .arg(format!("--alias:glue=./{glue}"))
        .arg(format!("--outfile={}", entry(flavour)))
        .quiet()?;
    esbuild("the console's style")
        .args(["console/style/console.css", "--target=es2022"])
        .arg(format!("--outfile={}", style(flavour)))
        .quiet()?;
    stamp::set(stamped, &inputs, &outputs)?;
    Ok(Done::Worked)
}
