// Random comings and goings against a model of session ends, and forged tokens by HTTP: a small share of what the figures do.
import assert from "node:assert/strict";
import { test } from "node:test";

import { tryForged } from "../rig/forgeries.mjs";
import { walk } from "../rig/traces.mjs";

test("random traces end when the model says so, under each setting", async () => {
  const { judged, checks, ends, wrong } = await walk({ traces: 60, seed: 1 });
  assert.deepEqual(wrong, []);
  assert.ok(judged >= 55 && checks > judged && ends > 30, `${judged} judged, ${checks} checks, ${ends} ends`);
});

test("a model that is wrong is found out", async () => {
  const { wrong } = await walk({ traces: 60, seed: 1, off: 0.6 });
  assert.ok(wrong.length > 0);
});

test("nothing forged or mutated opens anything by HTTP", async () => {
  const { tried, forged, accepted } = await tryForged({ sample: 80 });
  assert.deepEqual(accepted, []);
  assert.ok(forged >= 60 && tried >= forged + 80);
});
