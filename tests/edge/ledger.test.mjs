// The audit trail: every step of a login stands in it, in a chain that anybody can check, and it names nobody (R71, R72).
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";

import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { openChallenge, wrongCodes } from "../rig/race.mjs";
import { claimsOf } from "../rig/token.mjs";
import { until } from "../rig/wait.mjs";

let edge;

before(async () => {
  edge = await startEdge();
});
after(() => edge?.stop());

/** The records of one conversation, once the last of them is of this kind. */
function recordsOf(conversation, last) {
  return until(`a record ${last}`, async () => {
    const records = (await edge.ledger("ag_northwind")).filter((record) => record.conversation === conversation);
    return records.some((record) => record.kind === last) && records;
  });
}

/** The hash of a record by the words of domain/src/audit.rs, computed apart from it. */
function hashOf({ seq, at, id, kind, conversation, person, detail, previous }) {
  return createHash("sha256").update("countersign/audit/v1\n").update(JSON.stringify([seq, at, id, kind, conversation, person, detail, previous])).digest("hex");
}

test("a login from question to sign-out stands in it, step by step", async () => {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  const card = await visitor.askForCard(line);
  const code = await visitor.codeFor(card, "ana@example.com");
  await visitor.verify(card, wrongCodes(code, 1)[0]);
  await visitor.verify(card, code);
  await line.closed;
  const { sub } = claimsOf(visitor.token);
  const { conversation } = await visitor.arrive();
  const again = await visitor.connect();
  await again.until("what was loaded", (frame) => frame.type === "loaded");
  await visitor.signOut();
  const records = await recordsOf(conversation, "signed_out");
  const steps = ["login_requested", "code_sent", "code_refused", "login_succeeded", "data_read", "signed_out"];
  // The data is read for the visitor's line and again for each answer; every reading stands in it.
  const kinds = records.map((record) => record.kind).filter((kind) => steps.includes(kind));
  assert.deepEqual(kinds.filter((kind, index) => kind !== kinds[index - 1]), steps);
  assert.equal(records.find((record) => record.kind === "code_refused").detail.why, "wrong");
  assert.equal(records.find((record) => record.kind === "login_succeeded").person, sub);
  assert.equal(records.find((record) => record.kind === "data_read").person, sub);
  await visitor.leave();
});

test("a lock-out, a closed card and a limit that was met stand in it", async () => {
  const { visitor, card, code } = await openChallenge(edge, "locked@example.com");
  for (const wrong of wrongCodes(code, 6)) await visitor.verify(card, wrong);
  await visitor.start(card, "locked@example.com");
  await visitor.cancel(card);
  const records = await recordsOf(visitor.conversation, "login_cancelled");
  assert.deepEqual(records.filter((record) => record.kind === "code_refused").map((record) => record.detail.why), [...Array(5).fill("wrong"), "locked"]);
  await visitor.leave();
});

test("its chain holds, link by link, computed apart from the edge", async () => {
  const records = await edge.ledger("ag_northwind");
  assert.ok(records.length > 5);
  let previous = "0".repeat(64);
  for (const [index, record] of records.entries()) {
    assert.equal(record.seq, index + 1);
    assert.equal(record.previous, previous);
    assert.equal(record.hash, hashOf(record), `record ${record.seq}`);
    previous = record.hash;
  }
});

test("it holds no address, code or token", async () => {
  const visitor = new Visitor(edge);
  const { code } = await visitor.signIn("canary-ledger@example.com");
  await recordsOf(visitor.conversation, "login_succeeded");
  const text = JSON.stringify(await edge.ledger("ag_northwind"));
  for (const secret of ["canary-ledger", "example.com", visitor.token.split(".")[2]]) assert.ok(!text.includes(secret), secret);
  assert.ok(!new RegExp(`"[^"]*\\b${code}\\b[^"]*"`).test(text), "the code");
  await visitor.leave();
});
