//! What programs read about a deployment: the description of the admin API, and a short text for language models.

use anyhow::Result;

use crate::build::inputs;
use crate::progress::{Done, Step};
use crate::run::Job;
use crate::{paths, stamp};

/// The description, served as `/openapi.json`.
const OPENAPI: &str = "dist/assets/openapi.json";
/// The short text, served as `/llms.txt`.
const LLMS: &str = "dist/assets/llms.txt";
const LLMS_SOURCE: &str = "edge/src/pages/llms.txt";

/// Writes both.
pub fn step() -> Step<'static> {
    Step::maybe("description of the admin API", build).expect("about 1 min the first time")
}

fn build() -> Result<Done> {
    let inputs = inputs()?.paths(&["domain", "shared", LLMS_SOURCE])?.finish();
    let outputs = [OPENAPI, LLMS].map(paths::at);
    if stamp::holds("description", &inputs, &outputs) {
        return Ok(Done::Unchanged);
    }
    let described = Job::cargo("cargo run of the description")
        .args(["run", "--quiet", "--package", "countersign-domain", "--features", "openapi", "--example", "openapi"])
        .quiet()?;
    stamp::write(&paths::at(OPENAPI), described.stdout.as_bytes())?;
    stamp::write(&paths::at(LLMS), &std::fs::read(paths::at(LLMS_SOURCE))?)?;
    stamp::set("description", &inputs, &outputs)?;
    Ok(Done::Worked)
}
