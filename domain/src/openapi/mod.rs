//! The description of the admin API (D4): schemas from the types themselves, paths from one table.

mod operation;
mod rows;
mod schemas;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use shared::admin::route::PREFIX;

use self::operation::{operation, parameters, refused};

/// The document.
///
/// # Errors
/// None: what it is made of always serializes.
pub fn document() -> Result<Value, serde_json::Error> {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for row in rows::rows() {
        let item = paths.entry(format!("{PREFIX}{}", row.path)).or_default();
        item.insert(row.verb.as_str().to_lowercase(), operation(row));
        item.entry("parameters").or_insert_with(|| parameters(row.path));
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign admin API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the console does, and what programs do with an API token. Refusals are problem details (RFC 9457); a method \
                            that an address does not take is 405 with `Allow`.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas::schemas()?,
            "responses": refused(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer",
                    "description": "An API token of the agent, made in the console, with the scope that is named."},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-cs_ag_console",
                    "description": "A member's session. Changes also carry `X-Countersign: 1` and the deployment's own `Origin`."},
            },
        },
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use shared::admin::route::{AdminRoute, PREFIX};

    use super::document;
    use super::operation::example;
    use super::rows::rows;

    #[test]
    fn every_row_is_a_route_with_all_its_methods() {
        let mut described: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in rows() {
            assert!(described.entry(row.path).or_default().insert(row.verb.as_str()), "{} twice", row.path);
        }
        for (path, verbs) in described {
            let route = AdminRoute::parse(&format!("{PREFIX}{}", example(path))).expect(path);
            let taken: BTreeSet<_> = route.verbs().iter().map(|verb| verb.as_str()).collect();
            assert_eq!(verbs, taken, "{path}");
        }
    }

    #[test]
    fn the_table_of_rights_has_the_same_rows() {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/admin-api.md")).unwrap();
        let begins = text.find("| path | method |").unwrap();
        let table = text[begins..].lines().skip(2).take_while(|line| line.starts_with('|'));
        let documented: BTreeSet<(String, String)> = table
            .map(|row| {
                let mut cells = row.split('|').skip(1).map(|cell| cell.trim().trim_matches('`').to_owned());
                (cells.next().unwrap(), cells.next().unwrap())
            })
            .collect();
        let described = rows().map(|row| (row.path.to_owned(), row.verb.as_str().to_owned())).collect();
        assert_eq!(documented, described);
    }

    #[test]
    fn every_schema_that_is_named_is_there() {
        let document = document().unwrap();
        let text = document.to_string();
        for named in text.split("#/components/schemas/").skip(1) {
            let name = named.split('"').next().unwrap();
            assert!(document.pointer(&format!("/components/schemas/{name}")).is_some(), "{name}");
        }
        let ids: BTreeSet<_> = rows().map(|row| row.id).collect();
        assert_eq!(ids.len(), rows().count());
    }
}
