//! The demo's agent is one that could be saved.

use domain::action::address::Allowed;
use domain::action::check::faults;
use domain::agent::Agent;

#[test]
fn the_demos_agent_has_no_faults() {
    let seed = std::fs::read_to_string("../demo/seed.sql").unwrap();
    let (_, after) = seed.split_once("VALUES ('ag_northwind', '").unwrap();
    let (settings, _) = after.split_once("');\n").unwrap();
    let agent: Agent = serde_json::from_str(&settings.replace("''", "'")).unwrap();
    assert!(agent.actions.len() >= 6);
    let faults = faults(&agent, &Allowed { ports: Vec::new(), loopback: true });
    assert!(faults.is_empty(), "{faults:?}");
}
