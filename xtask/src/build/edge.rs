//! The edge: a Worker in Rust, through worker-build.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::build::{Flavour, inputs};
use crate::progress::{Done, Step};
use crate::run::Job;
use crate::{paths, stamp};

/// Where the release lies.
pub const RELEASE: &str = "dist/release/edge";

impl Flavour {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "edge-dev",
            Self::Release => "edge-release",
        }
    }

    /// Where worker-build writes, from the edge's folder.
    fn out(self) -> &'static str {
        match self {
            Self::Dev => "build",
            Self::Release => "../dist/release/edge",
        }
    }

    /// worker-build's options; what it does not know goes to cargo and has to come last.
    fn options(self) -> &'static [&'static str] {
        match self {
            Self::Dev => &["--profile", "quick", "--no-opt", "--features", "dev"],
            Self::Release => &RELEASE_OPTIONS,
        }
    }
}

/// The release: the standard library is built with it, for size, and without the words and places of panics: 110 KB less
/// (`docs/decisions/0026-room-for-the-console.md`). These settings are not stable; `RUSTC_BOOTSTRAP` lets the stable compiler take them.
const RELEASE_OPTIONS: [&str; 9] = [
    "--release",
    ".",
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "-Zpanic-immediate-abort",
    "--config",
    "profile.release.panic='immediate-abort'",
    "--config",
    "target.wasm32-unknown-unknown.rustflags=['-Zlocation-detail=none']",
];

/// Builds it.
pub fn step(flavour: Flavour) -> Step<'static> {
    let name = match flavour {
        Flavour::Dev => "edge for development",
        Flavour::Release => "edge for release",
    };
    Step::maybe(name, move || build(flavour)).expect("1 to 2 min the first time")
}

fn build(flavour: Flavour) -> Result<Done> {
    let inputs = inputs()?.paths(&["edge", "domain", "shared", "dist/assets.json"])?.finish();
    let outputs = ["index.js", "index_bg.wasm"].map(|file| out(flavour).join(file));
    if stamp::holds(flavour.name(), &inputs, &outputs) {
        return Ok(Done::Unchanged);
    }
    let job = Job::new("worker-build", paths::cargo_bin("worker-build"))
        .dir(paths::at("edge"))
        .args(["--out-dir", flavour.out()])
        .args(flavour.options())
        .env("WASM_BINDGEN_BIN", paths::cargo_bin("wasm-bindgen"))
        .env("WASM_OPT_BIN", paths::npm_bin("wasm-opt"))
        .env("ESBUILD_BIN", paths::npm_bin("esbuild"));
    match flavour {
        Flavour::Dev => job.env("NO_MINIFY", "1"),
        Flavour::Release => job.env("RUSTC_BOOTSTRAP", "1"),
    }
    .stream()?;
    if flavour == Flavour::Release {
        shrink()?;
    }
    stamp::set(flavour.name(), &inputs, &outputs)?;
    Ok(Done::Worked)
}

/// worker-build optimizes with `-O`; once more for size is a tenth less.
fn shrink() -> Result<()> {
    let module = out(Flavour::Release).join("index_bg.wasm");
    let small = out(Flavour::Release).join("small.wasm");
    Job::npm_bin("wasm-opt, for size", "wasm-opt")
        .arg(&module)
        .arg("-o")
        .arg(&small)
        .args(FEATURES.map(|feature| format!("--enable-{feature}")))
        .arg("-Oz")
        .quiet()?;
    fs::rename(small, module)?;
    Ok(())
}

/// What the compiler's output uses.
const FEATURES: [&str; 7] = [
    "bulk-memory",
    "bulk-memory-opt",
    "mutable-globals",
    "sign-ext",
    "nontrapping-float-to-int",
    "reference-types",
    "multivalue",
];

fn out(flavour: Flavour) -> PathBuf {
    match flavour {
        Flavour::Dev => paths::at("edge/build"),
        Flavour::Release => paths::at(RELEASE),
    }
}
