//! The local D1: migrations, and the demo's agent and records.

use std::fs;

use anyhow::{Context, Result};

use crate::dev::{Places, STATE};
use crate::progress::Done;
use crate::run::Job;
use crate::stamp::{self, Inputs};
use crate::{claim, dev, paths};

const SEED: &str = "demo/seed.sql";
/// The seed as it is carried out. Inside the state's folder the note of what was done goes when the state goes.
const FILLED: &str = ".dev/state/seed.sql";
const NOTE: &str = ".dev/state/seeded";
/// The token that makes this machine's first owner.
const CLAIM: &str = ".dev/state/claim";
/// For how long it is good, days: as long as the state lies there.
const CLAIM_DAYS: u64 = 3_650;

/// Applies migrations and seed, unless both are in already.
pub fn prepare(places: &Places) -> Result<Done> {
    let seed = fs::read_to_string(paths::at(SEED)).with_context(|| format!("cannot read {SEED}"))?;
    let standard = Places::new(dev::PORT)?;
    // The seed names the standard addresses: the agent's list of origins, and the API that its actions call.
    let seed = [(&standard.shop, &places.shop), (&standard.edge, &places.edge), (&standard.company, &places.company)]
        .iter()
        .fold(seed, |seed, (from, to)| seed.replace(from.as_str(), to));
    let wanted = Inputs::default().paths(&["edge/migrations"])?.text(&seed).finish();
    if fs::read_to_string(paths::at(NOTE)).is_ok_and(|noted| noted == wanted) {
        return Ok(Done::Unchanged);
    }
    let token = claim::token()?;
    stamp::write(&paths::at(FILLED), format!("{seed}\n{}", claim::statements(&token, CLAIM_DAYS)?).as_bytes())?;
    let d1 = |what: &str, args: &[&str]| {
        let job = Job::npm_bin(what, "wrangler").args(["d1"]).args(args);
        job.args(["--local", "--env", "dev", "--persist-to", STATE]).quiet()
    };
    d1("local migrations", &["migrations", "apply", "DB"])?;
    d1("local seed", &["execute", "DB", "--yes", "--file", FILLED])?;
    stamp::write(&paths::at(CLAIM), token.as_bytes())?;
    stamp::write(&paths::at(NOTE), wanted.as_bytes())?;
    Ok(Done::Worked)
}

/// The link by which somebody becomes the owner of this machine's deployment; it does so once.
pub fn claim(places: &Places) -> Result<String> {
    let token = fs::read_to_string(paths::at(CLAIM)).with_context(|| format!("cannot read {CLAIM}"))?;
    Ok(claim::link(&places.edge, &token))
}
