//! The demo company's own API (`demo/company`): what the demo agent's actions call.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::dev::{Places, health};
use crate::progress::seconds;
use crate::run::{Job, Running};

/// The log-in that the demo names, one of those in `demo/company/stock.mjs`.
pub const USER_NAME: &str = "ben";
/// Its password. It opens nothing but the demo.
pub const PASSWORD: &str = "ben-demo-2026";

const SERVE: &str = "demo/company/serve.mjs";
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts it beside the edge.
pub fn start(places: &Places) -> Result<Running> {
    Job::new("the company's API", "node").args([SERVE, "--port", &(places.port + 2).to_string()]).spawn()
}

/// Waits until it answers that it is well.
pub fn wait(company: &mut Running, places: &Places) -> Result<()> {
    let begun = Instant::now();
    while health("127.0.0.1", places.port + 2) != Some(200) {
        if let Some(status) = company.ended()? {
            crate::stop::wait_if_ending();
            bail!("the company's API ended before it answered ({status}); what it said stands above");
        }
        if begun.elapsed() > PATIENCE {
            bail!("{}/health does not answer after {}", places.company, seconds(PATIENCE));
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{PASSWORD, SERVE, USER_NAME};
    use crate::paths;

    #[test]
    fn the_log_in_that_is_named_is_one_of_the_companys() {
        let stock = fs::read_to_string(paths::at("demo/company/stock.mjs")).unwrap();
        assert!(stock.contains(&format!("user_name: \"{USER_NAME}\", password: \"{PASSWORD}\"")));
        assert!(paths::at(SERVE).is_file());
    }
}
