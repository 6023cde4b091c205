// The mail with the code, as Resend gets it, and what happens when Resend does not take it (M1, R11, R64).
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { codeIn } from "../rig/inbox.mjs";
import { startResend } from "../rig/players/resend.mjs";

let edge;
let resend;
let addresses = 0;

before(async () => {
  resend = await startResend();
  edge = await startEdge({ resend });
});
after(async () => {
  await edge?.stop();
  await resend?.stop();
});
afterEach(() => {
  resend.faults = [];
  resend.always = undefined;
});

function address() {
  addresses += 1;
  return `mail${addresses}@example.com`;
}

async function atCard() {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  const card = await visitor.askForCard(line);
  return { visitor, line, card };
}

const delivery = (line, state) => line.until(`delivery ${state}`, (frame) => frame.type === "card" && frame.card.step.delivery === state);

test("the request is what Resend's own description asks for", async (t) => {
  if (!resend.judged) t.diagnostic("skipped in part: ../shared/vendors/resend/openapi.json is not on this machine");
  const to = address();
  const { visitor, line, card } = await atCard();
  assert.equal((await visitor.start(card, to)).status, 200);
  await delivery(line, "sent");
  const [request] = resend.requests.filter((one) => one.body?.to?.includes(to));
  assert.deepEqual(request.complaints, []);
  assert.deepEqual([request.body.to].flat(), [to]);
  assert.equal(request.headers.authorization, `Bearer ${resend.key}`);
  assert.ok(request.headers["idempotency-key"].length <= 256);
  assert.equal(request.body.from, "Northwind <login@northwind.test>");
  const code = codeIn(request.body.text);
  assert.match(code, /^\d{6}$/);
  assert.ok(!request.headers["idempotency-key"].includes(code));
  assert.equal((await visitor.verify(card, code)).status, 200);
  await visitor.leave();
});

test("login/start is answered before the mail service is", async () => {
  const to = address();
  const { visitor, line, card } = await atCard();
  resend.faults = ["hold"];
  const answer = await visitor.start(card, to);
  assert.equal(answer.status, 200);
  assert.equal(answer.json().card.step.delivery, "sending");
  resend.release();
  await delivery(line, "sent");
  await visitor.leave();
});

describe("when the mail service stumbles, one mail is sent and the visitor is told so", () => {
  for (const [what, faults] of [
    ["an error of its own", [{ status: 500 }]],
    ["a limit with a time to wait", [{ status: 429, retryAfter: 1 }]],
    ["a connection that breaks", ["drop"]],
    ["a mail that was taken without an answer", ["drop_after"]],
    ["two errors in a row", [{ status: 503 }, { status: 500 }]],
  ]) {
    test(what, async () => {
      const to = address();
      const { visitor, line, card } = await atCard();
      const from = resend.requests.length;
      resend.faults = [...faults];
      assert.equal((await visitor.start(card, to)).status, 200);
      await delivery(line, "sent");
      assert.equal(resend.mailsTo(to).length, 1);
      const keys = new Set(resend.requests.slice(from).map((request) => request.headers["idempotency-key"]));
      assert.equal(keys.size, 1, "another key on a later try");
      assert.equal((await visitor.verify(card, codeIn(resend.mailsTo(to)[0].text))).status, 200);
      await visitor.leave();
    });
  }
});

describe("when the mail service is down", () => {
  test("the visitor is told, may try again at once, and is signed in when it is back", async () => {
    const to = address();
    const { visitor, line, card } = await atCard();
    resend.always = { status: 500 };
    const from = resend.requests.length;
    assert.equal((await visitor.start(card, to)).status, 200);
    const failed = await delivery(line, "failed");
    assert.ok(resend.requests.length - from <= 3, `${resend.requests.length - from} tries`);
    assert.ok(Date.parse(failed.card.step.resend_at) <= Date.parse(failed.at) + 1000, "the visitor has to wait");
    resend.always = undefined;
    const again = await visitor.start(card, to);
    assert.equal(again.status, 200, again.text);
    const mail = await resend.mailTo(to);
    assert.equal((await visitor.verify(card, codeIn(mail.text))).status, 200);
    await visitor.leave();
  });

  test("the rest of the chat goes on", async () => {
    const { visitor, line, card } = await atCard();
    resend.always = "drop";
    await visitor.start(card, address());
    const answer = await line.ask("What is your return policy?");
    assert.equal(answer.type, "answer");
    await delivery(line, "failed");
    await visitor.leave();
  });

  test("nothing of its answer reaches the visitor or the log", async () => {
    const to = address();
    const { visitor, line, card } = await atCard();
    resend.always = { status: 422, name: "validation_error" };
    await visitor.start(card, to);
    await delivery(line, "failed");
    assert.ok(!JSON.stringify(line.frames).includes("Scripted fault"));
    assert.ok(!edge.logs().includes(to));
    assert.ok(!edge.logs().includes(resend.key));
    await visitor.leave();
  });

  test("a refusal that no retry can mend is not tried again", async () => {
    const { visitor, line, card } = await atCard();
    const from = resend.requests.length;
    resend.always = { status: 403, name: "invalid_api_key" };
    await visitor.start(card, address());
    await delivery(line, "failed");
    assert.equal(resend.requests.length - from, 1);
    await visitor.leave();
  });
});

test("a second code goes out under a key of its own", async () => {
  const to = address();
  const { visitor, card } = await atCard();
  await visitor.start(card, to);
  await resend.mailTo(to, 1);
  await edge.later(61_000);
  await visitor.start(card, to);
  await resend.mailTo(to, 2);
  const [first, second] = resend.mailsTo(to);
  assert.notEqual(first.key, second.key);
  assert.notEqual(codeIn(first.text), codeIn(second.text));
  await visitor.leave();
});
