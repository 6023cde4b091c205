// How much anybody may make the edge do: mails by address, conversation and network (R14), messages (R59).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, messageId } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { startResend } from "../rig/players/resend.mjs";
import { assertRefused } from "../rig/refusal.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let edge;
let resend;

before(async () => {
  resend = await startResend();
  edge = await startEdge({ resend });
});
after(async () => {
  await edge?.stop();
  await resend?.stop();
});

/** A visitor with an open card. */
async function atCard(options) {
  const visitor = new Visitor(edge, options);
  const line = await visitor.connect();
  const card = await visitor.askForCard(line);
  return { visitor, line, card };
}

/** Every mail that was promised has reached the player, and no other: asked until both numbers agree. */
async function settled(address, accepted) {
  if (accepted > 0) await resend.mailTo(address, accepted);
  assert.equal(resend.mailsTo(address).length, accepted);
}

describe("mails", () => {
  test("to one address: five in an hour and ten in a day, over all conversations", async () => {
    const to = "flooded@example.com";
    let accepted = 0;
    const attempt = async () => {
      const { visitor, card } = await atCard();
      const answer = await visitor.start(card, to);
      if (answer.status === 200) accepted += 1;
      else assert.ok(assertRefused(answer, 429, "too_often").retry_after_s > 0);
      await visitor.leave();
    };
    for (let round = 0; round < 8; round += 1) {
      await attempt();
      await edge.later(61_000);
    }
    assert.equal(accepted, 5);
    await settled(to, 5);
    await edge.later(HOUR);
    for (let round = 0; round < 8; round += 1) {
      await attempt();
      await edge.later(61_000);
    }
    assert.equal(accepted, 10);
    await edge.later(2 * HOUR);
    await attempt();
    assert.equal(accepted, 10);
    await settled(to, 10);
  });

  test("to one address: one a minute, whoever asks", async () => {
    const to = "minute@example.com";
    const first = await atCard();
    const second = await atCard();
    assert.equal((await first.visitor.start(first.card, to)).status, 200);
    assertRefused(await second.visitor.start(second.card, to), 429, "too_often");
    await settled(to, 1);
    for (const { visitor } of [first, second]) await visitor.leave();
  });

  test("from one conversation: two, then one in five minutes, whatever the addresses", async () => {
    const { visitor, card } = await atCard();
    const statuses = [];
    for (let minute = 0; minute < 13; minute += 1) {
      statuses.push((await visitor.start(card, `hop${minute}@example.com`)).status);
      await edge.later(61_000);
    }
    assert.equal(statuses[0], 200);
    assert.equal(statuses[1], 200);
    const sent = statuses.filter((status) => status === 200).length;
    assert.ok(sent >= 3 && sent <= 2 + Math.floor(13 / 5), `${sent} mails in 13 minutes: ${statuses}`);
    await visitor.leave();
  });

  test("from one network: twenty in an hour, whatever the conversations and addresses", async () => {
    const statuses = [];
    for (let index = 0; index < 24; index += 1) {
      const { visitor, card } = await atCard({ address: "203.0.113.7" });
      statuses.push((await visitor.start(card, `network${index}@example.com`)).status);
      await visitor.leave();
    }
    assert.equal(statuses.filter((status) => status === 200).length, 20);
    assert.ok(statuses.slice(20).every((status) => status === 429), `${statuses}`);
  });

  test("a header that a client can write moves no budget", async () => {
    const statuses = [];
    for (let index = 0; index < 22; index += 1) {
      const { visitor, card } = await atCard({ address: "203.0.113.8" });
      const headers = { "x-forwarded-for": `198.51.100.${index}`, "x-real-ip": `198.51.100.${index}`, forwarded: `for=198.51.100.${index}` };
      statuses.push((await visitor.start(card, `header${index}@example.com`, { headers })).status);
      await visitor.leave();
    }
    assert.equal(statuses.filter((status) => status === 200).length, 20);
  });

  test("IPv6 addresses of one network are one", async () => {
    const statuses = [];
    for (let index = 0; index < 22; index += 1) {
      const { visitor, card } = await atCard({ address: `2001:db8:1:2::${(index + 1).toString(16)}` });
      statuses.push((await visitor.start(card, `six${index}@example.com`)).status);
      await visitor.leave();
    }
    assert.equal(statuses.filter((status) => status === 200).length, 20);
  });

  test("asked for a hundred times at once: one is sent", async () => {
    const to = "burst@example.com";
    const { visitor, card } = await atCard();
    const answers = await Promise.all(Array.from({ length: 100 }, () => visitor.start(card, to)));
    assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
    await settled(to, 1);
    await visitor.leave();
  });

  test("nothing that was refused reached the mail service", () => {
    assert.deepEqual(resend.complaints(), []);
    assert.equal(resend.requests.length, resend.mails.length);
  });
});

describe("messages", () => {
  test("ten at once are taken, more are refused with a time and are taken then", async () => {
    const visitor = new Visitor(edge);
    const line = await visitor.connect();
    const ids = Array.from({ length: 25 }, messageId);
    for (const id of ids) line.send({ type: "message", id, text: "What is your return policy?" });
    await line.until("an answer for each", () => ids.every((id) => line.frames.some((frame) => frame.id === id && ["ack", "refused"].includes(frame.type))));
    const acked = ids.filter((id) => line.frames.some((frame) => frame.type === "ack" && frame.id === id));
    const refused = line.frames.filter((frame) => frame.type === "refused");
    assert.ok(acked.length >= 10 && acked.length <= 13, `${acked.length} taken`);
    assert.ok(refused.every((frame) => frame.code === "too_often" && frame.retry_after_s >= 1));
    assert.deepEqual(line.numbered.filter((frame) => frame.type === "message").map((frame) => frame.id), acked);
    await edge.later(60_000);
    await line.say("What is your return policy?", refused[0].id);
    await visitor.leave();
  });
});
