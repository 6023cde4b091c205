// Random comings and goings against a model of session ends: a small share of what the figure does.
import assert from "node:assert/strict";
import { test } from "node:test";

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
