// Forged and mutated tokens by HTTP: a small share of what the figure does.
import assert from "node:assert/strict";
import { test } from "node:test";

import { tryForged } from "../rig/forgeries.mjs";

test("nothing forged or mutated opens anything by HTTP", async () => {
  const { tried, forged, accepted } = await tryForged({ sample: 80 });
  assert.deepEqual(accepted, []);
  assert.ok(forged >= 60 && tried >= forged + 80);
});
