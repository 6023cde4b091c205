//! schemathesis from `PyPI`, in an environment of its own under `.tools`: it asks the edge whether it does what its description says.
//!
//! Its programs are started by the environment's own python: their first lines name the folder in which they were installed, and
//! the folder may have another name since.

use anyhow::{Result, bail};

use crate::paths;
use crate::progress::Step;
use crate::run::Job;
use crate::tools::exists;

/// The release whose checks the figure is taken with.
const VERSION: &str = "4.32.5";
const HOME: &str = ".tools/schemathesis";

/// Installs it where it is missing or another release.
pub fn schemathesis() -> Option<Step<'static>> {
    let python = paths::at(HOME).join("bin/python");
    if python.is_file() {
        let asked = Job::new("schemathesis", &python).args(["-m", "schemathesis.cli", "--version"]).output();
        let said = asked.map(|output| output.stdout);
        if said.is_ok_and(|said| said.split_whitespace().last() == Some(VERSION)) {
            return None;
        }
    }
    Some(Step::new(format!("schemathesis {VERSION}"), install).expect("about 1 min, once"))
}

fn install() -> Result<()> {
    if !exists("python3") {
        bail!("python3 is missing. Install it (Debian: `apt-get install python3 python3-venv`).");
    }
    Job::new("python3 -m venv", "python3").args(["-m", "venv", "--clear"]).arg(paths::at(HOME)).quiet()?;
    Job::new("pip install schemathesis", paths::at(HOME).join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("schemathesis=={VERSION}"))
        .quiet()?;
    Ok(())
}
