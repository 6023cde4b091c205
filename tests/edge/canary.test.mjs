// No secret is where it must not be (R71): one small run; `tests/figures/canary_leaks.mjs` is the long one.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { searchForCanaries } from "../rig/canary.mjs";

let run;

before(async () => {
  run = await searchForCanaries({ people: 3 });
});

test("no code, address, password, token, key or hidden field is found outside the places written down for it", () => {
  assert.deepEqual(run.leaks, []);
});

test("the search would have found them: each is in a place where it may be", () => {
  const { places } = run;
  const has = (items, pattern) => items.some(({ text }) => pattern.test(text));
  assert.ok(has(places.mail, /canary-person-0-/), "no address in any mail");
  assert.ok(has(places.model, /NW-77/), "no order at the model");
  assert.ok(has(places.records, /CANARY-HIDDEN-FIELD/), "no record in D1");
  assert.ok(has(places.objects, /return policy/), "no transcript in any object");
  assert.ok(has(places.cookie, /__Host-cs_/), "no cookie");
  assert.ok(has(places.log, /failed/), "no failure in the log");
  assert.ok(has(places.card, /canary-person-0-/), "no address on any card");
  assert.ok(has(places.company, /Canary 0 & \\"sings\\"/) && has(places.company, /Bearer nw_at_/) && has(places.company, /nw_rt_/), "no password or token at the company");
  assert.ok(has(places.model, /being packed/), "no answer of the company's at the model");
});
