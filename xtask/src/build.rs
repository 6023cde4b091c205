//! The four artefacts: loader, widget, console, edge.

mod assets;
mod console;
mod edge;
mod loader;
mod widget;

use anyhow::Result;

pub use assets::Manifest;
pub use edge::RELEASE;
pub use loader::LOADER;
pub use widget::WASM;

use crate::progress::{self, Step};
use crate::stamp::Inputs;
use crate::tools;

/// Which edge is built, and which console. The two never lie in the same place; loader and widget are the same for both.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// For `dev` and the tests, in `edge/build`: quick, with the feature `dev`; the console as the compiler leaves it.
    Dev,
    /// For Cloudflare and for the sizes, in `dist/release/edge`.
    Release,
}

/// `cargo xtask build`.
pub fn run(flavour: Flavour) -> Result<bool> {
    let mut steps = tools::missing()?;
    steps.extend(all(flavour));
    progress::run(steps)?;
    Ok(true)
}

/// The steps for everything.
pub fn all(flavour: Flavour) -> Vec<Step<'static>> {
    let mut steps = pages(flavour);
    steps.push(edge::step(flavour));
    steps
}

/// The steps for what browsers get.
pub fn pages(flavour: Flavour) -> Vec<Step<'static>> {
    vec![loader::step(), widget::step(), console::step(flavour), assets::step(flavour)]
}

/// What every build reads besides its own sources: compiler, versions, settings and these recipes.
fn inputs() -> Result<Inputs> {
    let common = ["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "package-lock.json", "xtask/src/build"];
    Inputs::default().text(&tools::rustc_version()?).paths(&common)
}
