//! schemathesis from `PyPI`, in an environment of its own under `.tools`: it asks the edge whether it does what its description says.

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
    let program = paths::at(HOME).join("bin/schemathesis");
    if program.is_file() {
        let said = Job::new("schemathesis", &program).arg("--version").output().map(|output| output.stdout);
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
    Job::new("python3 -m venv", "python3").args(["-m", "venv"]).arg(paths::at(HOME)).quiet()?;
    Job::new("pip install schemathesis", paths::at(HOME).join("bin/pip"))
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("schemathesis=={VERSION}"))
        .quiet()?;
    Ok(())
}
