// The actions of the demo's agent, as they stand in `demo/seed.sql`, against a company that a test has started: what the
// tests prove is what the demo shows.
import { readFileSync } from "node:fs";
import path from "node:path";

import { root } from "./paths.mjs";

/** Where the seed says that the company's API is. */
const SEEDED = "http://127.0.0.1:8789";

/** Every action of the demo, for this company. */
export function demoActions(company) {
  const seed = readFileSync(path.join(root, "demo", "seed.sql"), "utf8");
  const text = /INSERT OR REPLACE INTO agent .*? VALUES \('ag_northwind', '([\s\S]*?)'\);\n/.exec(seed)?.[1];
  if (!text) throw new Error("demo/seed.sql names no agent ag_northwind");
  return JSON.parse(text.replaceAll("''", "'").replaceAll(SEEDED, company.url)).actions;
}

/** The same actions, single ones changed: `changed` maps a name to fields that replace the action's own, or to null. */
export function actionsWith(company, changed = {}) {
  const actions = demoActions(company);
  for (const name of Object.keys(changed)) {
    if (!actions.some((action) => action.name === name)) throw new Error(`the demo has no action ${name}`);
  }
  return actions.filter(({ name }) => changed[name] !== null).map((action) => ({ ...action, ...changed[action.name] }));
}
