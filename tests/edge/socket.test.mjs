// The conversation over its socket: stored before it is sent, replayed without a gap, never doubled (C2, C3, R37, R60, R61).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, messageId, plain } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { request } from "../rig/http.mjs";
import { until } from "../rig/wait.mjs";

let edge;

before(async () => {
  edge = await startEdge();
});
after(() => edge?.stop());

const RETURNS = "What is your return policy?";
const messages = (frames) => frames.filter((frame) => frame.type === "message");

test("a message is acknowledged with its number and answered", async () => {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  const { id, seq } = await line.say(RETURNS);
  const answer = await line.ending(seq);
  assert.equal(answer.type, "answer");
  assert.match(plain(answer.blocks), /30 days/);
  assert.ok(answer.seq > seq);
  assert.deepEqual(messages(line.numbered).map(({ id: of, seq: at, text }) => ({ of, at, text })), [{ of: id, at: seq, text: RETURNS }]);
  await visitor.leave();
});

test("a reload shows the same conversation, by visit and by socket", async () => {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  await line.ask(RETURNS);
  await line.close();
  const visited = await visitor.arrive();
  const again = await visitor.connect();
  assert.deepEqual(again.numbered, visited.frames);
  assert.deepEqual(again.numbered, line.numbered.length > again.numbered.length ? line.numbered.slice(-again.numbered.length) : line.numbered);
  await visitor.leave();
});

test("numbers rise, and a page that has some gets the rest and no more", async () => {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  await line.ask(RETURNS);
  await line.ask("How long does shipping take?");
  const all = line.numbered;
  const numbers = all.map((frame) => frame.seq);
  assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
  assert.equal(new Set(numbers).size, numbers.length);
  for (const seen of [0, numbers[0], numbers[1], numbers.at(-1)]) {
    const later = await visitor.connect(seen);
    assert.deepEqual(later.numbered, all.filter((frame) => frame.seq > seen), `after ${seen}`);
    assert.equal(later.frames.find((frame) => frame.type === "ready").seq, numbers.at(-1));
    await later.close();
  }
  await visitor.leave();
});

test("what happened while the line was cut is replayed", async () => {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  await line.ask(RETURNS);
  const seen = line.lastSeq;
  await line.cut();
  const elsewhere = await visitor.connect();
  await elsewhere.ask("How long does shipping take?");
  const back = await visitor.connect(seen);
  assert.deepEqual(back.numbered, elsewhere.numbered.filter((frame) => frame.seq > seen));
  assert.ok(messages(back.numbered).length === 1);
  await visitor.leave();
});

test("two tabs see the same frames in the same order", async () => {
  const visitor = new Visitor(edge);
  const left = await visitor.connect();
  const right = await visitor.connect();
  await left.ask("How long does shipping take?");
  const { seq } = await right.ask(RETURNS);
  for (const line of [left, right]) await line.until("the last answer", (frame) => frame.seq === seq);
  assert.deepEqual(left.numbered, right.numbered);
  await visitor.leave();
});

test("a message sent twice is acknowledged twice and stored once", async () => {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  const id = messageId();
  const { seq } = await line.ask(RETURNS, id).then(() => line.say(RETURNS, id));
  await until("the second acknowledgement", () => line.frames.filter((frame) => frame.type === "ack" && frame.id === id).length >= 2);
  const acks = line.frames.filter((frame) => frame.type === "ack" && frame.id === id);
  assert.ok(acks.every((ack) => ack.seq === seq));
  const other = await visitor.connect();
  assert.equal(messages(other.numbered).length, 1);
  await other.say(RETURNS, id);
  await other.ping();
  assert.equal(messages((await visitor.arrive()).frames).length, 1);
  await visitor.leave();
});

test("the same message from many tabs at once is stored once", async () => {
  const visitor = new Visitor(edge);
  await visitor.arrive();
  const lines = await Promise.all(Array.from({ length: 8 }, () => visitor.connect()));
  const id = messageId();
  const acks = await Promise.all(lines.map((line) => line.say(RETURNS, id)));
  assert.equal(new Set(acks.map((ack) => ack.seq)).size, 1);
  assert.equal(messages((await visitor.arrive()).frames).length, 1);
  await visitor.leave();
});

test("a ping is answered", async () => {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  await line.ping();
  await visitor.leave();
});

describe("when the object is thrown out of memory", () => {
  test("an open socket stays open and the conversation goes on", async () => {
    const visitor = new Visitor(edge);
    const line = await visitor.connect();
    await line.ask(RETURNS);
    await edge.evict(visitor.conversation);
    const answer = await line.ask("How long does shipping take?");
    assert.match(plain(answer.blocks), /3 to 5/);
    assert.equal(line.closeCode, undefined);
    assert.equal(messages(line.numbered).length, 2);
    await visitor.leave();
  });

  test("nothing is lost and nothing doubled", async () => {
    const visitor = new Visitor(edge);
    const line = await visitor.connect();
    const ids = [];
    for (let round = 0; round < 4; round += 1) {
      const { id } = await line.say(RETURNS);
      await line.until("an answer", () => line.frames.filter((frame) => frame.type === "answer").length > round);
      ids.push(id);
      await edge.evict(visitor.conversation);
    }
    assert.deepEqual(messages((await visitor.arrive()).frames).map((frame) => frame.id), ids);
    await visitor.leave();
  });

  test("a login card that was open can still be used", async () => {
    const visitor = new Visitor(edge);
    const line = await visitor.connect();
    const card = await visitor.askForCard(line);
    const code = await visitor.codeFor(card, "ana@example.com");
    await edge.evict(visitor.conversation);
    assert.equal((await visitor.verify(card, code)).status, 200);
    assert.equal((await line.closed).code, 4001);
    await visitor.leave();
  });
});

describe("a socket is refused", () => {
  test("without a cookie, with another's, and for a conversation that is not one's own", async () => {
    const owner = new Visitor(edge);
    await owner.arrive();
    const stranger = new Visitor(edge);
    await stranger.arrive();
    for (const [what, attempt] of [
      ["no cookie", () => owner.socket(0, { headers: { cookie: undefined } })],
      ["another's cookie", () => stranger.socket(0, { conversation: owner.conversation })],
      ["a conversation that is none", () => owner.socket(0, { conversation: "ag_northwind.AAAAAAAAAAAAAAAAAAAAAA" })],
      ["a token in the address", () => owner.socket(0, { headers: { cookie: undefined }, path: `${owner.under("socket")}?after=0&token=${owner.token}` })],
    ]) {
      await assert.rejects(attempt, (error) => {
        assert.ok([401, 404].includes(error.status), `${what}: ${error.message}`);
        return true;
      }, what);
    }
  });

  test("when the address asks for nonsense", async () => {
    const visitor = new Visitor(edge);
    await visitor.arrive();
    for (const query of ["?after=-1", "?after=x", "?after=99999999999999999999999999"]) {
      await assert.rejects(() => visitor.socket(0, { path: visitor.under("socket") + query }), { status: 400 }, query);
    }
  });

  test("when it is no upgrade", async () => {
    const visitor = new Visitor(edge);
    await visitor.arrive();
    const response = await request(edge.url + visitor.under("socket"), { headers: visitor.headers() });
    assert.ok([400, 426].includes(response.status), `${response.status} ${response.text}`);
  });
});

test("a page that claims to be ahead is told where the conversation is", async () => {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  await line.ask(RETURNS);
  const ahead = await visitor.connect(1_000_000);
  assert.equal(ahead.frames.find((frame) => frame.type === "ready").seq, line.lastSeq);
  await visitor.leave();
});
