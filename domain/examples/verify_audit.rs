//! Verifies an exported trail from standard input: one record of JSON on each line, the whole chain. With an argument, the last
//! record must have that hash. Says how many records hold, or at which the chain is broken.

use std::io::{Error, stdin};

use domain::audit::{Record, verify, verify_to};

fn main() -> Result<(), Error> {
    let lines = stdin().lines().filter(|line| line.as_ref().map_or(true, |line| !line.is_empty()));
    let records = lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Result<Vec<Record>, Error>>()?;
    let verified = match std::env::args().nth(1) {
        Some(head) => verify_to(&records, &head),
        None => verify(&records),
    };
    let count = verified.map_err(Error::other)?;
    let head = records.last().map_or("none", |record| record.hash.as_str());
    println!("{count} records hold; the last has the hash {head}");
    Ok(())
}
