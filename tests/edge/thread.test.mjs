// One thread for each person (C2, C6; docs/decisions/0005): what is carried into it, and who may still reach what was left.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor, plain } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";

let edge;
let people = 0;

before(async () => {
  edge = await startEdge({ agents: [agent()] });
});
after(() => edge?.stop());

function address() {
  people += 1;
  return `thread${people}@example.com`;
}

/** Far enough from the last mail for the next one. */
const later = () => edge.later(11 * 60_000);

describe("what was said before signing in on another device", () => {
  test("comes into the thread after what stands there, and replaces nothing", async () => {
    const to = address();
    const phone = new Visitor(edge);
    const { line: onPhone } = await phone.signIn(to);
    const first = await onPhone.ask("What is your return policy?");
    await later();
    const laptop = new Visitor(edge);
    const before = await laptop.connect();
    const second = await before.ask("How long does shipping take?");
    const { line } = await laptop.signIn(to, { question: "Where is my order?" });
    await line.until("the question's answer", (frame) => frame.type === "answer" && frame.seq > second.seq && line.frames.some((one) => one.type === "loaded" && one.seq < frame.seq && one.seq > first.seq));
    const answers = line.numbered.filter((frame) => frame.type === "answer");
    const numbers = answers.map((frame) => frame.answer);
    assert.equal(new Set(numbers).size, numbers.length, `two answers have one number: ${numbers}`);
    const texts = answers.map((frame) => plain(frame.blocks));
    for (const said of [first, second]) assert.ok(texts.includes(plain(said.blocks)), "an answer is gone");
    const asked = line.numbered.filter((frame) => frame.type === "message").map((frame) => frame.text);
    assert.deepEqual(asked, ["Where is my order?", "What is your return policy?", "How long does shipping take?", "Where is my order?"]);
    await phone.leave();
    await laptop.leave();
  });

  test("is answered there when it was still waiting", async () => {
    const to = address();
    const phone = new Visitor(edge);
    await phone.signIn(to);
    await later();
    const laptop = new Visitor(edge);
    const before = await laptop.connect();
    const card = await laptop.askForCard(before);
    const code = await laptop.codeFor(card, to);
    // Not waited for: whether it is answered before the login or after it, it is answered once it was acknowledged.
    await before.say("What is your return policy?");
    assert.equal((await laptop.verify(card, code)).status, 200);
    await laptop.arrive();
    const line = await laptop.connect();
    await line.until("both answers", () => {
      const texts = line.numbered.filter((frame) => frame.type === "answer").map((frame) => plain(frame.blocks));
      return texts.some((text) => /60 days|return/i.test(text)) && line.frames.some((frame) => frame.type === "loaded");
    });
    await phone.leave();
    await laptop.leave();
  });
});

test("the conversation that was left opens to nobody, not even to the person's own cookie", async () => {
  const to = address();
  const phone = new Visitor(edge);
  await phone.signIn(to);
  await later();
  const laptop = new Visitor(edge);
  await laptop.arrive();
  const left = laptop.conversation;
  await laptop.signIn(to);
  assert.notEqual(laptop.conversation, left);
  await assert.rejects(() => laptop.socket(0, { conversation: left }), { status: 401 });
  await phone.leave();
  await laptop.leave();
});

test("however a login and its cancel race, the person can sign in elsewhere afterwards", async () => {
  for (let round = 0; round < 6; round += 1) {
    const to = address();
    const first = new Visitor(edge);
    const line = await first.connect();
    const card = await first.askForCard(line);
    const code = await first.codeFor(card, to);
    const order = round % 2 === 0 ? [first.verify(card, code), first.cancel(card)] : [first.cancel(card), first.verify(card, code)];
    await Promise.all(order);
    await later();
    const second = new Visitor(edge);
    const { line: there } = await second.signIn(to);
    assert.equal((await second.arrive()).state, "authenticated");
    await there.until("an answer to the question", (frame) => frame.type === "answer" || frame.type === "loaded");
    await first.leave();
    await second.leave();
  }
});

test("trying again is counted like asking", async () => {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  for (let index = 0; index < 12; index += 1) line.send({ type: "retry" });
  await line.until("a refusal", (frame) => frame.type === "refused" && frame.code === "too_often");
  await visitor.leave();
});
