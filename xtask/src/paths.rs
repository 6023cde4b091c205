//! Where things are in the repository.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The repository's folder.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // `cargo run` says where this crate is; the binary started by hand is looked for from the working folder upwards.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let here = std::env::current_dir().unwrap_or_default();
        let found = manifest.as_deref().unwrap_or(&here).ancestors().find(|dir| dir.join("xtask/Cargo.toml").is_file());
        found.unwrap_or(&here).to_owned()
    })
}

/// A path inside the repository.
pub fn at(relative: &str) -> PathBuf {
    root().join(relative)
}

/// Cargo's output folder.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| at("target"), |dir| root().join(dir))
}

/// A tool that npm installed.
pub fn npm_bin(name: &str) -> PathBuf {
    at("node_modules/.bin").join(name)
}

/// A tool that `cargo install` put into the project's own folder.
pub fn cargo_bin(name: &str) -> PathBuf {
    at(".tools/bin").join(name)
}

/// The path as one reads it: from the repository's folder.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
