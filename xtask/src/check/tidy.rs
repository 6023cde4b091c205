//! The repository's own rules, applied to every file that is or may be committed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::build::RELEASE;
use crate::check::rules;
use crate::paths;
use crate::run::Job;

const DECISIONS: &str = "docs/decisions/";

/// Applies all rules; says all that is wrong at once.
pub fn check() -> Result<()> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let listed =
        Job::new("git ls-files", "git").args(list).quiet().context("tidy asks git which files there are")?.stdout;
    let mut faults = Vec::new();
    let mut decisions = Vec::new();
    for name in listed.lines() {
        // A file that is deleted and not yet committed, a picture: nothing to read.
        let Ok(text) = fs::read_to_string(paths::at(name)) else { continue };
        let findings = rules::all(name, &text);
        for warning in findings.warnings {
            eprintln!("      {name}: {warning}");
        }
        faults.extend(findings.faults.into_iter().map(|fault| format!("{name}: {fault}")));
        decisions.extend(name.strip_prefix(DECISIONS));
    }
    faults.extend(rules::decisions(&decisions).into_iter().map(|fault| format!("{DECISIONS}{fault}")));
    faults.extend(test_hooks(&paths::at(RELEASE).join("index_bg.wasm")));
    if faults.is_empty() { Ok(()) } else { bail!("\n  {}", faults.join("\n  ")) }
}

/// What only development builds may contain, looked for in the release.
fn test_hooks(wasm: &Path) -> Option<String> {
    let bytes = fs::read(wasm).ok()?;
    let found = rules::HOOKS.iter().find(|hook| bytes.windows(hook.len()).any(|window| window == hook.as_bytes()));
    found.map(|hook| format!("{} contains `{hook}`: a release has no test hooks", paths::shown(wasm)))
}
