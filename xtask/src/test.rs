//! The tiers of tests, and one line that sums them up.

mod failures;
mod tally;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use self::tally::Tally;
use crate::progress::{self, seconds};
use crate::run::Job;
use crate::{build, paths, stamp, tools};

/// A group of tests, from the inside to the outside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// The rules, natively.
    Domain,
    /// What programs agree on, and the widget's native tests.
    Wire,
    /// The edge in real workerd, by HTTP.
    Edge,
    /// Everything in a real browser.
    Browser,
}

impl Tier {
    /// All, in the order in which they run.
    pub const ALL: [Self; 4] = [Self::Domain, Self::Wire, Self::Edge, Self::Browser];

    /// The tier of a name.
    pub fn parse(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|tier| tier.name() == name);
        found.with_context(|| format!("there is no tier `{name}`: domain, wire, edge, browser"))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Wire => "wire",
            Self::Edge => "edge",
            Self::Browser => "browser",
        }
    }

    /// Runs it; what failed is added to `failed`.
    fn run(self, failed: &mut Vec<String>) -> Result<Tally> {
        match self {
            // The description of the admin API is linked by the build alone, and tested here.
            Self::Domain => cargo_test(&["countersign-domain"], &["openapi"], failed),
            Self::Wire => cargo_test(&["countersign-shared", "countersign-widget", "countersign-console"], &[], failed),
            Self::Edge => node_test(self, &[], failed),
            Self::Browser => {
                let chromium = tools::chromium()?;
                node_test(self, &[("CHROMIUM", chromium)], failed)
            }
        }
    }
}

/// `cargo xtask test`. A tier that cannot run counts as one failure, and the next is run all the same. Last on stdout, what
/// failed is named and the sum is given.
pub fn run(tiers: &[Tier]) -> bool {
    let mut total = Tally::default();
    let mut failed = Vec::new();
    for tier in tiers {
        eprintln!("── {} ──", tier.name());
        let begun = Instant::now();
        let tally = tier.run(&mut failed).unwrap_or_else(|error| {
            eprintln!("✗ {}: {error:#}", tier.name());
            failed.push(format!("the tier {} did not run", tier.name()));
            Tally::FAILED
        });
        eprintln!("── {}: {tally}, {}\n", tier.name(), seconds(begun.elapsed()));
        total.add(tally);
    }
    for test in failed {
        println!("✗ {test}");
    }
    println!("{total}");
    total.failed == 0
}

/// Runs the native tests of some packages, with these features of theirs.
fn cargo_test(packages: &[&str], features: &[&str], failed: &mut Vec<String>) -> Result<Tally> {
    let mut tally = Tally::default();
    let output = Job::cargo("cargo test")
        .args(["test", "--no-fail-fast"])
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .args(features.iter().flat_map(|feature| ["--features", feature]))
        .listen(|line| {
            tally.add(Tally::of_cargo(line));
            failed.extend(failures::of_cargo(line));
        })?;
    Ok(tally.judge(output.success()))
}

/// Builds the edge for development and runs the test files of a tier against it.
fn node_test(tier: Tier, variables: &[(&str, PathBuf)], failed: &mut Vec<String>) -> Result<Tally> {
    let folder = format!("tests/{}", tier.name());
    let mut files = stamp::files(&paths::at(&folder))?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    if files.is_empty() {
        bail!("{folder} has no *.test.mjs");
    }
    let mut steps = tools::missing()?;
    steps.extend(build::all(build::Flavour::Dev));
    progress::run(steps)?;

    // One reporter for people; the other, TAP, ends with numbers for the sum.
    let sum = paths::target().join("xtask").join(format!("{}.tap", tier.name()));
    let destination = |path: &str| format!("--test-reporter-destination={path}");
    // A browser wants the machine for itself; files against workerd each have their own.
    let side_by_side = format!("--test-concurrency={}", if matches!(tier, Tier::Edge) { 2 } else { 1 });
    let mut job = Job::new(format!("node --test {folder}"), "node")
        .args(["--test", &side_by_side, "--test-reporter=spec", &destination("stdout")])
        .args(["--test-reporter=tap", &destination(&sum.to_string_lossy())])
        .args(files);
    for (name, value) in variables {
        job = job.env(name, value);
    }
    let output = job.listen(|_| {})?;
    let tap = std::fs::read_to_string(&sum).with_context(|| format!("the tests did not write {}", sum.display()))?;
    failed.extend(failures::of_tap(&tap));
    Ok(Tally::of_tap(&tap).judge(output.success()))
}
