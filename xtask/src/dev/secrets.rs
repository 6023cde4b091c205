//! `.dev.vars`: secrets of this machine alone, made once and ignored by git.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::paths;
use crate::progress::Done;

const FILE: &str = ".dev.vars";

/// Makes the file unless it is there.
pub fn make() -> Result<Done> {
    let path = paths::at(FILE);
    if path.is_file() {
        return Ok(Done::Unchanged);
    }
    let text = format!(
        "# Made by `cargo xtask dev` for this machine. Delete it to get new ones; sessions end then.\n\
         COUNTERSIGN_MASTER_KEY={}\nCOUNTERSIGN_SIGNING_KEYS=k1:{}\n",
        key()?,
        key()?
    );
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("cannot write {FILE}"))?;
    Ok(Done::Worked)
}

/// 32 random bytes in base64.
fn key() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no randomness: {error}"))?;
    Ok(STANDARD.encode(bytes))
}
