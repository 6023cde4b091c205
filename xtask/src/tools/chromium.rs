//! The browser of the browser tests: the machine's own.

use std::path::PathBuf;

use anyhow::{Result, bail};

const PLACES: [&str; 4] =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

/// Where Chromium is: `$CHROMIUM`, or one of the usual places.
pub fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").filter(|named| !named.is_empty()) {
        let path = PathBuf::from(named);
        if path.is_file() {
            return Ok(path);
        }
        bail!("CHROMIUM names {}, which is not there", path.display());
    }
    match PLACES.iter().map(PathBuf::from).find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!(
            "Chromium is missing. Install it (Debian: `apt-get install chromium`, Ubuntu: `snap install chromium`), \
             or name one with CHROMIUM=/path/to/chrome."
        ),
    }
}
