//! Tools from crates.io, installed into `.tools`.

use anyhow::Result;

use crate::paths;
use crate::progress::Step;
use crate::run::Job;
use crate::tools::locked_version;

/// The release of cargo-deny that judges `deny.toml`.
const DENY: &str = "0.20.2";

/// They run for seconds and are compiled once: that should be quick too.
const PROFILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// wasm-bindgen-cli and worker-build at the versions of the crates that they belong to.
pub fn missing() -> Result<Vec<Step<'static>>> {
    let mut steps = Vec::new();
    steps.extend(tool("wasm-bindgen-cli", "wasm-bindgen", &locked_version("wasm-bindgen")?, "about 2 min, once"));
    steps.extend(tool("worker-build", "worker-build", &locked_version("worker")?, "about 3 min, once"));
    Ok(steps)
}

/// cargo-deny, for `check` alone.
pub fn deny() -> Option<Step<'static>> {
    tool("cargo-deny", "cargo-deny", DENY, "about 3 min, once")
}

fn tool(package: &'static str, binary: &str, version: &str, expect: &str) -> Option<Step<'static>> {
    let program = paths::cargo_bin(binary);
    if program.is_file() {
        let said = Job::new(binary, &program).arg("--version").output().map(|output| output.stdout);
        if said.is_ok_and(|said| said.split_whitespace().last() == Some(version)) {
            return None;
        }
    }
    let wanted = version.to_owned();
    Some(Step::new(format!("{package} {version}"), move || install(package, &wanted)).expect(expect))
}

fn install(package: &str, version: &str) -> Result<()> {
    let job = |locked: &[&str]| {
        Job::cargo(format!("cargo install {package}"))
            .args(["install", package, "--version", version, "--force"])
            .arg("--root")
            .arg(paths::at(".tools"))
            // One folder for all of them: what they have in common is compiled once.
            .arg("--target-dir")
            .arg(paths::target().join("tools"))
            .args(locked)
            .envs(&PROFILE)
    };
    // A lock file may name a dependency that a registry's mirror does not have yet; then what is compatible serves.
    if job(&["--locked"]).output()?.success() {
        return Ok(());
    }
    eprintln!("      cargo install {package} with its own lock file failed; once more with compatible versions");
    job(&[]).quiet().map(drop)
}
