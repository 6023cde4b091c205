//! What plays Google for the demo (`demo/google`): an `OpenID` provider with made-up accounts and nothing to type.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::dev::{Places, health};
use crate::progress::seconds;
use crate::run::{Job, Running};

const SERVE: &str = "demo/google/serve.mjs";
/// The demo's agent, and the secret of its client there (`demo/google/google.mjs`). It opens nothing but the demo.
const AGENT: &str = "ag_northwind";
const SECRET: &str = "demo-google-secret-that-opens-nothing";
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts it beside the edge.
pub fn start(places: &Places) -> Result<Running> {
    let port = (places.port + 3).to_string();
    Job::new("what plays Google", "node").args([SERVE, "--port", &port, "--edge", &places.edge]).spawn()
}

/// Waits until it answers.
pub fn wait(google: &mut Running, places: &Places) -> Result<()> {
    let begun = Instant::now();
    while health("127.0.0.1", places.port + 3) != Some(200) {
        if let Some(status) = google.ended()? {
            crate::stop::wait_if_ending();
            bail!("what plays Google ended before it answered ({status}); what it said stands above");
        }
        if begun.elapsed() > PATIENCE {
            bail!("{}/health does not answer after {}", places.google, seconds(PATIENCE));
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Gives the edge the client's secret, as a member would in the console. The edge must be up.
pub fn hand_over_secret(places: &Places) -> Result<()> {
    let body = format!("{{\"agent\":\"{AGENT}\",\"name\":\"google_client_secret\",\"value\":\"{SECRET}\"}}");
    let mut stream = TcpStream::connect(("localhost", places.port)).context("cannot reach the edge")?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "POST /dev/secrets HTTP/1.1\r\nhost: localhost:{}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        places.port,
        body.len()
    )?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    ensure!(
        line.split(' ').nth(1) == Some("204"),
        "the edge did not take the secret of what plays Google: {}",
        line.trim()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{SECRET, SERVE};
    use crate::paths;

    #[test]
    fn the_secret_is_that_of_what_plays_google() {
        let google = fs::read_to_string(paths::at("demo/google/google.mjs")).unwrap();
        assert!(google.contains(&format!("secret: \"{SECRET}\"")));
        assert!(paths::at(SERVE).is_file());
    }
}
