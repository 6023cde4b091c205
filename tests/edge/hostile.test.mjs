// A hostile model changes nothing (R46, R47): a small run; `tests/figures/hostile_model_foreign.mjs` is the long one.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { letLoose } from "../rig/hostile.mjs";

describe("four thousand random calls", () => {
  let report;

  before(async () => {
    report = await letLoose({ calls: 4_000, testers: 16, atOnce: 8, seed: 7 });
  }, { timeout: 180_000 });

  test("reach nobody else's record", () => assert.deepEqual(report.foreign, []));

  test("send nothing to the company that policy forbids", () => assert.deepEqual(report.forbidden, []));

  test("leave every request to the model as its API takes it", () => assert.deepEqual(report.complaints, []));

  test("had the power to do what is allowed: own records were read", () => {
    assert.ok(report.tried >= 4_000);
    assert.ok(report.own > 10, `${report.own} own records`);
    assert.ok(report.upstream > 100, `${report.upstream} requests`);
    assert.ok(report.confirmations > 0 && report.cards > 0);
  });
});

test("what is searched for would be found: at a company that gives anybody any order, with an action that forgot its role", { timeout: 120_000 }, async () => {
  const report = await letLoose({ calls: 1_500, testers: 12, atOnce: 6, seed: 7, careless: true });
  assert.ok(report.foreign.length > 0, "no foreign record was seen");
  assert.ok(report.forbidden.some((one) => one.startsWith("a call for staff")), "no forbidden call was seen");
});
