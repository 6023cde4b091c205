//! The widget's WebAssembly and its glue.

use anyhow::Result;

use crate::build::inputs;
use crate::progress::{Done, Step};
use crate::run::Job;
use crate::{paths, stamp};

/// Where the finished module lies.
pub const WASM: &str = "target/widget/widget.wasm";
/// Where wasm-bindgen writes, and where `widget/src/entry.js` finds the glue.
const OUT: &str = "target/widget";
const GLUE: &str = "target/widget/widget.js";
const SHORT: &str = "target/widget/short.wasm";
/// Gives imports and exports short names.
pub const SHORTEN: &str = "xtask/shorten.mjs";

/// Builds both.
pub fn step() -> Step<'static> {
    Step::maybe("widget", build).expect("about 1 min after a change")
}

fn build() -> Result<Done> {
    let inputs = inputs()?.paths(&["widget/Cargo.toml", "widget/src", SHORTEN, "shared"])?.finish();
    let outputs = [paths::at(WASM), paths::at(GLUE)];
    if stamp::holds("widget", &inputs, &outputs) {
        return Ok(Done::Unchanged);
    }
    Job::cargo("cargo build of the widget")
        .args(["build", "--lib", "--package", "countersign-widget"])
        .args(["--target", "wasm32-unknown-unknown", "--profile", "widget"])
        .args(STANDARD_LIBRARY)
        .env("RUSTC_BOOTSTRAP", "1")
        .stream()?;
    // Without the default path the glue does not look for a file beside itself: the frame page names the module.
    Job::new("wasm-bindgen", paths::cargo_bin("wasm-bindgen"))
        .arg(paths::target().join("wasm32-unknown-unknown/widget/widget.wasm"))
        .args(["--target", "web", "--no-typescript", "--omit-default-module-path"])
        .args(["--remove-name-section", "--remove-producers-section", "--out-name", "widget", "--out-dir", OUT])
        .quiet()?;
    Job::new("the shorter names of the widget", "node")
        .args([SHORTEN, "target/widget/widget_bg.wasm", GLUE, SHORT, GLUE])
        .quiet()?;
    Job::npm_bin("wasm-opt", "wasm-opt")
        .args([SHORT, "-o", WASM])
        .args(FEATURES.map(|feature| format!("--enable-{feature}")))
        .args(SHRINK)
        .quiet()?;
    stamp::set("widget", &inputs, &outputs)?;
    Ok(Done::Worked)
}

/// The standard library is built with the widget, for size and without the words of panics, which nobody reads there:
/// 5.6 KB less (`docs/decisions/0010-widget-build-std.md`). These settings are not stable; `RUSTC_BOOTSTRAP` lets the
/// stable compiler take them.
pub const STANDARD_LIBRARY: [&str; 7] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "-Zpanic-immediate-abort",
    "--config",
    "profile.widget.panic='immediate-abort'",
    "--config",
    "target.wasm32-unknown-unknown.rustflags=['-Zfmt-debug=none', '-Zlocation-detail=none']",
];

/// Passes in order, chosen by what travels (brotli): plain `-Oz` left 52,210 bytes of one build of the widget, these 49,870;
/// `-Oz --converge` 399,651 of the console, these 361,445. Functions with one caller stay functions unless they are tiny, for
/// bodies that stay alike compress better than merged ones. The lowest kilobyte of memory is the far end of the stack
/// (`--stack-first`), where nothing is ever addressed.
pub const SHRINK: [&str; 7] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--one-caller-inline-max-function-size=20",
    "--low-memory-unused",
    "--strip-target-features",
];

/// What the compiler's output may use; browsers of the last years have all of it.
pub const FEATURES: [&str; 10] = [
    "bulk-memory",
    "bulk-memory-opt",
    "mutable-globals",
    "sign-ext",
    "nontrapping-float-to-int",
    "reference-types",
    "multivalue",
    "simd",
    "extended-const",
    "exception-handling",
];
