//! Licences, sources and bans of every dependency; advisories where their database can be reached.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::paths;
use crate::run::Job;

/// How long fetching the database may take.
const FETCH: Duration = Duration::from_mins(1);

/// What cargo-deny says when it is the network's fault.
const UNREACHABLE: [&str; 3] = ["failed to fetch advisory database", "failed to clone", "unable to fetch"];

/// Asks cargo-deny.
pub fn check() -> Result<()> {
    let deny =
        |what: &str| Job::new(format!("cargo-deny {what}"), paths::cargo_bin("cargo-deny")).args(["--color", "never"]);
    deny("bans, licences, sources").args(["check", "bans", "licenses", "sources"]).quiet()?;
    let advisories = deny("advisories").args(["check", "advisories"]).limit(FETCH).output()?;
    let unreachable = advisories.status.is_none() || UNREACHABLE.iter().any(|words| advisories.all.contains(words));
    if advisories.success() {
        return Ok(());
    }
    if unreachable {
        eprintln!(
            "      advisories skipped: their database (github.com/rustsec/advisory-db) cannot be reached from here"
        );
        return Ok(());
    }
    bail!("cargo-deny advisories:\n{}", advisories.all.trim_end())
}
