//! The loader: the script that a site owner pastes.

use anyhow::Result;
use serde_json::json;

use crate::build::inputs;
use crate::progress::{Done, Step};
use crate::run::Job;
use crate::{paths, stamp};

/// Where the built loader lies.
pub const LOADER: &str = "dist/assets/embed.js";

/// Builds it.
pub fn step() -> Step<'static> {
    Step::maybe("loader", build)
}

fn build() -> Result<Done> {
    let inputs = inputs()?.paths(&["widget/loader"])?.finish();
    let outputs = [paths::at(LOADER)];
    if stamp::holds("loader", &inputs, &outputs) {
        return Ok(Done::Unchanged);
    }
    // A style sheet of its own for people; for browsers a string in the one file that they get.
    let css = Job::npm_bin("esbuild of the loader's style", "esbuild")
        .args(["widget/loader/embed.css", "--minify", "--target=es2020", "--charset=utf8", "--log-level=warning"])
        .quiet()?
        .stdout;
    Job::npm_bin("esbuild of the loader", "esbuild")
        .args(["widget/loader/embed.ts", "--bundle", "--minify", "--format=iife", "--target=es2020"])
        .args(["--charset=utf8", "--legal-comments=none", "--log-level=warning"])
        .arg(format!("--define:CSS={}", json!(css.trim())))
        .arg(format!("--outfile={LOADER}"))
        .quiet()?;
    stamp::set("loader", &inputs, &outputs)?;
    Ok(Done::Worked)
}
