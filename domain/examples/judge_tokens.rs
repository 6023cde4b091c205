//! Judges tokens from standard input with the very functions that the edge calls, for tests that compare them with another
//! library. The first line says how, each further line is a token:
//! `{"kind":"host","now":ms,"agent":…,"keys":[…],"secrets":{…}}` or `{"kind":"session","now":ms,"agent":…,"signing":…,"issuer":…}`.
//! One line comes out for each: `1` where it is accepted, `0` where it is not.

use std::collections::BTreeMap;
use std::io::{BufRead, BufWriter, Error, Write, stdin, stdout};

use domain::agent::HostKey;
use domain::keys::SigningKeys;
use domain::time::Millis;
use domain::{host_token, session};
use serde::Deserialize;
use shared::id::AgentId;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum How {
    Host { now: Millis, agent: AgentId, keys: Vec<HostKey>, secrets: BTreeMap<String, String> },
    Session { now: Millis, agent: AgentId, signing: String, issuer: String },
}

fn main() -> Result<(), Error> {
    let mut lines = stdin().lock().lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let how: How = serde_json::from_str(&first)?;
    let accepted: Box<dyn Fn(&str) -> bool> = match how {
        How::Host { now, agent, keys, secrets } => {
            Box::new(move |token| host_token::verify(token, &keys, &secrets, &agent, now).is_ok())
        }
        How::Session { now, agent, signing, issuer } => {
            let keys = SigningKeys::parse(&signing).map_err(Error::other)?;
            Box::new(move |token| session::verify(token, &keys, &agent, &issuer, now).is_ok())
        }
    };
    let mut out = BufWriter::new(stdout().lock());
    for line in lines {
        // Each line is a JSON text: a token may hold anything.
        let token: String = serde_json::from_str(&line?)?;
        writeln!(out, "{}", u8::from(accepted(&token)))?;
    }
    out.flush()
}
