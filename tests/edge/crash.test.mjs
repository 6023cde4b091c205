// After `kill -9` (R60, R61, R3): a small run; `tests/figures/kill9_messages_lost.mjs` is the long one.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Visitor } from "../rig/client.mjs";
import { killAndCount } from "../rig/crash.mjs";
import { startProcess } from "../rig/process.mjs";
import { openChallenge, wrongCodes } from "../rig/race.mjs";
import { until } from "../rig/wait.mjs";

test("every acknowledged message is there once after each of five kills", async () => {
  const { acknowledged, lost, doubled, misplaced, unasked } = await killAndCount({ kills: 5, writers: 3 });
  assert.ok(acknowledged >= 5);
  assert.deepEqual({ lost, doubled, misplaced, unasked }, { lost: 0, doubled: 0, misplaced: 0, unasked: 0 });
});

test("a login goes on after a kill at each of its steps", async () => {
  const edge = await startProcess();
  try {
    const crash = async () => {
      await edge.kill();
      await edge.answers();
    };
    const visitor = new Visitor(edge);
    const line = await visitor.connect();
    const card = await visitor.askForCard(line);
    await crash();
    const code = await visitor.codeFor(card, "ana@example.com");
    await crash();
    assert.equal((await visitor.verify(card, code)).status, 200);
    await crash();
    assert.equal((await visitor.arrive()).state, "authenticated");
    const again = await visitor.connect();
    const end = await again.until("an end of the blocked question", (frame) => ["answer", "interrupted"].includes(frame.type), 70_000);
    if (end.type === "interrupted") {
      again.send({ type: "retry" });
      await again.until("the answer", (frame) => frame.type === "answer");
    }
    await visitor.leave();
  } finally {
    await edge.stop();
  }
});

test("a kill in the middle of a burst of wrong codes gives no further guess", async () => {
  const edge = await startProcess();
  try {
    const { visitor, card, code } = await openChallenge(edge, "burst@example.com");
    const wrong = wrongCodes(code, 60);
    const burst = (from) => Promise.allSettled(wrong.slice(from, from + 30).map((one) => visitor.verify(card, one)));
    const first = burst(0);
    await until("the first guesses", async () => (await edge.evaluated(visitor.conversation)) > 0);
    await edge.kill();
    await first;
    await edge.answers();
    await burst(30);
    assert.equal(await edge.evaluated(visitor.conversation), 5);
    assert.equal((await visitor.verify(card, code)).status, 422);
    await visitor.leave();
  } finally {
    await edge.stop();
  }
});
