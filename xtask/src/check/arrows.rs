//! Who may depend on whom: `shared <- domain <- edge`, `shared <- widget`, `shared <- console`, and nothing of a browser under the rules.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::run::Job;

/// Rooms and the rooms that they may depend on; tests and builds included.
const ARROWS: [(&str, &[&str]); 6] = [
    ("countersign-shared", &[]),
    ("countersign-domain", &["countersign-shared"]),
    ("countersign-edge", &["countersign-domain", "countersign-shared"]),
    ("countersign-widget", &["countersign-shared"]),
    ("countersign-console", &["countersign-shared"]),
    ("xtask", &[]),
];

/// Rooms without a runtime.
const PURE: [&str; 2] = ["countersign-shared", "countersign-domain"];
/// What speaks to the Workers runtime or to a browser.
const RUNTIMES: [&str; 6] = ["worker", "worker-sys", "web-sys", "js-sys", "wasm-bindgen", "wasm-bindgen-futures"];
/// Of these, what a library may bring along when the rules are built for wasm: the clock and the randomness of
/// `jsonwebtoken` and `getrandom`, which the rules do not call.
const IN_WASM: [&str; 2] = ["js-sys", "wasm-bindgen"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
    workspace_members: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    dependencies: Vec<Declared>,
}

#[derive(Deserialize)]
struct Declared {
    name: String,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dep>,
}

#[derive(Deserialize)]
struct Dep {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// Nothing for an ordinary dependency.
    kind: Option<String>,
}

/// Asks cargo, for this machine and for wasm.
pub fn check() -> Result<()> {
    let host = crate::tools::rustc_version()?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not name its host")?;
    let mut faults = Vec::new();
    for (platform, tolerated) in [(host, &[][..]), ("wasm32-unknown-unknown", &IN_WASM[..])] {
        let args = ["metadata", "--format-version", "1", "--filter-platform", platform];
        let text = Job::cargo("cargo metadata").args(args).quiet()?.stdout;
        let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata wrote something else")?;
        faults.extend(between_rooms(&metadata));
        faults.extend(under_pure(&metadata, tolerated).into_iter().map(|fault| format!("{fault} (for {platform})")));
    }
    faults.sort();
    faults.dedup();
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("\n")) }
}

/// Arrows between rooms that are not on the list.
fn between_rooms(metadata: &Metadata) -> Vec<String> {
    let members = || metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id));
    let rooms: BTreeSet<&str> = members().map(|package| package.name.as_str()).collect();
    let mut faults = Vec::new();
    for room in members() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room.name) else {
            faults.push(format!("{} is a new room: say in xtask/src/check/arrows.rs what it may depend on", room.name));
            continue;
        };
        for dependency in &room.dependencies {
            let name = dependency.name.as_str();
            if rooms.contains(name) && !allowed.contains(&name) {
                faults.push(format!("{} must not depend on {name}", room.name));
            }
        }
    }
    faults
}

/// Runtimes under the rooms that must not know one.
fn under_pure(metadata: &Metadata, tolerated: &[&str]) -> Vec<String> {
    let names: BTreeMap<&str, &str> =
        metadata.packages.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
    let nodes: BTreeMap<&str, &Node> = metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut faults = Vec::new();
    for room in metadata.packages.iter().filter(|package| PURE.contains(&package.name.as_str())) {
        for declared in &room.dependencies {
            if RUNTIMES.contains(&declared.name.as_str()) {
                faults.push(format!("{} names {}", room.name, declared.name));
            }
        }
        // Every package that is linked into the room, with the one that brings it.
        let mut from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = vec![room.id.as_str()];
        while let Some(id) = open.pop() {
            for dep in nodes.get(id).into_iter().flat_map(|node| &node.deps) {
                let linked = dep.dep_kinds.iter().any(|kind| kind.kind.is_none());
                if linked && !from.contains_key(dep.pkg.as_str()) {
                    from.insert(&dep.pkg, id);
                    open.push(&dep.pkg);
                }
            }
        }
        for (id, by) in &from {
            let name = names.get(id).copied().unwrap_or_default();
            if RUNTIMES.contains(&name) && !tolerated.contains(&name) {
                let by = names.get(by).copied().unwrap_or_default();
                faults.push(format!("{name} is linked into {} by {by}", room.name));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::{Metadata, between_rooms, under_pure};

    fn metadata(domain_needs: &[&str], brings: &str) -> Metadata {
        let package = |name: &str, needs: &[&str]| {
            let needs: Vec<_> = needs.iter().map(|need| serde_json::json!({ "name": need })).collect();
            serde_json::json!({ "id": name, "name": name, "dependencies": needs })
        };
        let dep = |name: &str| serde_json::json!({ "pkg": name, "dep_kinds": [{ "kind": null }] });
        serde_json::from_value(serde_json::json!({
            "packages": [
                package("countersign-shared", &[]), package("countersign-edge", &[]),
                package("countersign-domain", domain_needs), package("middle", &[]), package(brings, &[]),
            ],
            "resolve": { "nodes": [
                { "id": "countersign-domain", "deps": [dep("middle")] },
                { "id": "middle", "deps": [dep(brings)] },
            ] },
            "workspace_members": ["countersign-shared", "countersign-domain", "countersign-edge"],
        }))
        .unwrap()
    }

    #[test]
    fn the_rules_may_know_the_wire_and_not_the_edge() {
        assert_eq!(between_rooms(&metadata(&["countersign-shared", "serde"], "sha2")), Vec::<String>::new());
        assert_eq!(
            between_rooms(&metadata(&["countersign-edge"], "sha2")),
            ["countersign-domain must not depend on countersign-edge"]
        );
    }

    #[test]
    fn a_runtime_is_found_however_deep_it_lies() {
        assert_eq!(under_pure(&metadata(&[], "sha2"), &[]), Vec::<String>::new());
        assert_eq!(under_pure(&metadata(&[], "web-sys"), &[]), ["web-sys is linked into countersign-domain by middle"]);
        assert_eq!(under_pure(&metadata(&["worker"], "sha2"), &[]), ["countersign-domain names worker"]);
    }

    #[test]
    fn what_a_library_brings_for_wasm_is_tolerated_there_alone() {
        let metadata = metadata(&[], "js-sys");
        assert_eq!(under_pure(&metadata, &["js-sys"]), Vec::<String>::new());
        assert_eq!(under_pure(&metadata, &[]).len(), 1);
    }
}
